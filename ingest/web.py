"""How we ask servers of the web: one request at a time, at a pace, and with patience.

Of the network we need one request at a time, so the standard library's client will do: it
knows proxies and redirects, and we spare every user a dependency.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPMessage, HTTPResponse
from importlib.metadata import version
from typing import IO, Any, TypeVar
from urllib import request
from urllib.error import HTTPError
from urllib.parse import urlsplit

CHUNK = 1 << 16
"""Bytes that are taken from a connection at once."""

_ADDRESS = re.compile(
    r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[!\"$->@-~]*)?"
)
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which it makes sense to ask again."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pace:
    """How we behave toward a server; times are in seconds."""

    between: float = 0.5  # from one request to the next
    timeout: float = 30  # for the server to say anything
    tries: int = 5  # in a row that bring nothing
    wait: float = 1  # before the second try; doubled for each further one
    longest: float = 120  # that we wait if the server asks us to


class TryAgain(Exception):
    """An attempt that failed, and perhaps not the next.

    `reached` says whether the server answered at all, `after` how many seconds it asks us to stay
    away.
    """

    def __init__(self, reason: str, *, reached: bool = True, after: float | None = None) -> None:
        super().__init__(reason)
        self.reached = reached
        self.after = after


class AskedToWait(TryAgain):
    """A server that asks to stay away for longer than we wait."""


def is_address(text: str) -> bool:
    """Say whether a text is an address of the web, without a query."""
    return _ADDRESS.fullmatch(text) is not None


class Visitor:
    """What asks a server at a pace."""

    def __init__(
        self,
        pace: Pace,
        sleep: Callable[[float], None] = time.sleep,
        handlers: Iterable[request.BaseHandler] = (),
    ) -> None:
        self.pace, self.sleep = pace, sleep
        self._opener = _opener(handlers)
        self._asked = 0.0

    def ask(
        self,
        url: str,
        headers: Mapping[str, str],
        data: bytes | None = None,
        method: str | None = None,
    ) -> HTTPResponse:
        """Ask once, no sooner than the pace allows, and return the answer, not yet read.

        Data is sent with POST, if no other method is named.

        Raises TryAgain if the server is busy or cannot be reached, HTTPError if it refuses.
        """
        self.sleep(max(0.0, self._asked + self.pace.between - time.monotonic()))
        try:
            asked = request.Request(url, data, dict(headers), method=method)
            answer: HTTPResponse = self._opener.open(asked, timeout=self.pace.timeout)
            return answer
        except HTTPError as error:
            if error.code not in _BUSY:
                raise
            with error:
                raise TryAgain(refusal(error), after=retry_after(error.headers)) from None
        except (OSError, HTTPException, OverflowError) as error:  # the last: no such port
            raise TryAgain(reason(error), reached=False) from None
        finally:
            self._asked = time.monotonic()

    def insist(self, attempt: Callable[[], T]) -> T:
        """Return what an attempt brings, which is repeated with patience.

        Raises the last TryAgain if several attempts in a row failed, or AskedToWait.
        """
        failures = 0
        while True:
            try:
                return attempt()
            except TryAgain as error:
                failures += 1
                if failures >= self.pace.tries:
                    raise
                seconds = self.patience(error, failures)
                if seconds is None:
                    raise AskedToWait(str(error), after=error.after) from error
                self.sleep(seconds)

    def patience(self, error: TryAgain, failures: int) -> float | None:
        """Return the seconds to wait after so many failures; None if the server asks for more."""
        if error.after is None:
            return min(self.pace.wait * 2.0 ** max(0, failures - 1), self.pace.longest)
        return error.after if error.after <= self.pace.longest else None


def chunks(response: HTTPResponse) -> Iterator[bytes]:
    """Yield what comes, as it comes: when the connection breaks, nothing is lost.

    Raises TryAgain when it does.
    """
    while True:
        try:
            chunk = response.read1(CHUNK)
        except (OSError, HTTPException) as error:
            raise TryAgain(reason(error)) from None
        if not chunk:
            return
        yield chunk


def refusal(error: HTTPError) -> str:
    """Say what a server answers instead of what it was asked for."""
    return f"the server answers {error.code} {error.reason}"


def reason(error: Exception) -> str:
    """Return the reason of a network error, without the names of the classes around it."""
    cause = getattr(error, "reason", error)
    words = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return str(words)


def retry_after(headers: Message) -> float | None:
    """Return the seconds that a server asks to wait, which it gives as a number or a time."""
    value = (headers.get("Retry-After") or "").strip()
    if re.fullmatch("[0-9]{1,9}", value):
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


class _Redirects(request.HTTPRedirectHandler):
    """Follows a server to another address, but not from an encrypted to an open one.

    What is sent to a server stays there: data is carried nowhere else.
    """

    def redirect_request(
        self,
        req: request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> request.Request | None:
        """Return what to ask for instead."""
        wanted, given = urlsplit(req.full_url).scheme, urlsplit(newurl).scheme
        if given not in ("https", wanted) or req.get_method() not in ("GET", "HEAD"):
            raise HTTPError(newurl, code, f"and leads to {newurl}", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(more: Iterable[request.BaseHandler]) -> request.OpenerDirector:
    """Make a client of HTTP and nothing else: a redirect must not lead to a file of this disk."""
    opener = request.OpenerDirector()
    handlers: tuple[Any, ...] = (
        request.ProxyHandler,
        request.HTTPHandler,
        request.HTTPSHandler,
        request.HTTPDefaultErrorHandler,
        request.HTTPErrorProcessor,
        request.UnknownHandler,
        _Redirects,
    )
    for handler in handlers:
        opener.add_handler(handler())
    for each in more:
        opener.add_handler(each)
    opener.addheaders = [
        ("User-Agent", f"cablegraph/{version('cablegraph')} (+https://w3id.org/cablegraph/)")
    ]
    return opener
