"""Ask the API of a MediaWiki, such as Wikidata's, politely, and believe only whole answers.

A wiki that is busy says so in the status, or in an error inside of an answer that is otherwise in
order (`maxlag`, `ratelimited`). Both are waited for, as is what breaks off or makes no sense; after
several attempts the question has no answer, which is all that can be said.
"""

import time
import zlib
from collections.abc import Callable
from http.client import HTTPResponse
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.parse import urlencode

import orjson

from ingest.link import Unanswered
from ingest.web import AskedToWait, TryAgain, Visitor, chunks, is_address, refusal, retry_after

EXAMPLE = "https://www.wikidata.org"
MOST_BYTES = 32 << 20
"""Bytes of an answer, before and after it is unpacked."""
MAX_LAG = 5
"""Seconds that the wiki's databases may lag behind before it has no time for programs."""
SLOW = 4
"""How many times the time-out it may take for an answer to come as a whole."""

Json = dict[str, Any]
T = TypeVar("T")


class NoWiki(Exception):
    """An address at which no wiki can be."""


class TooLarge(Unanswered):
    """An answer that is larger than any that we can use."""


class MediaWiki:
    """A wiki that is asked one question at a time."""

    def __init__(self, address: str, visitor: Visitor) -> None:
        """Ask the wiki at an address; raises NoWiki."""
        if not is_address(address):
            message = f'"{address}" is no address of a wiki; give one such as {EXAMPLE}'
            raise NoWiki(message)
        self._api, self._visitor = f"{address.rstrip('/')}/w/api.php", visitor

    def ask(self, question: dict[str, str], read: Callable[[Json], T]) -> T:
        """Return what `read` makes of the answer; what it cannot read is no answer.

        Raises Unanswered, or TooLarge.
        """
        url = f"{self._api}?{urlencode({**question, 'format': 'json', 'maxlag': str(MAX_LAG)})}"
        try:
            return self._visitor.insist(lambda: self._attempt(url, read))
        except AskedToWait as error:
            message = f"{self._api}: {error}, and asks to wait {error.after:.0f} s; try again then"
            raise Unanswered(message, final=True) from None
        except TryAgain as error:
            said = "" if error.reached else "cannot be reached: "
            raise Unanswered(f"{self._api}: {said}{error}") from None

    def _attempt(self, url: str, read: Callable[[Json], T]) -> T:
        try:
            with self._visitor.ask(url, {"Accept-Encoding": "gzip"}) as response:
                answer = self._json(response)
        except HTTPError as error:  # A wiki that refuses one question would refuse all.
            with error:
                raise Unanswered(f"{self._api}: {refusal(error)}", final=True) from None
        try:
            return read(answer)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise TryAgain("the server answers something else than it was asked for") from error

    def _json(self, response: HTTPResponse) -> Json:
        """Return the answer, if it is one. Raises TryAgain, or TooLarge."""
        try:
            answer = orjson.loads(self._body(response))
        except (ValueError, zlib.error):
            raise TryAgain("the server answers with something that is no JSON") from None
        if not isinstance(answer, dict):
            raise TryAgain("the server answers with JSON that is no object")
        if error := answer.get("error"):
            code = error.get("code") if isinstance(error, dict) else error
            said = f"the server answers with the error {str(code)[:100]}"
            raise TryAgain(said, after=retry_after(response.headers))
        return answer

    def _body(self, response: HTTPResponse) -> bytes:
        body, started = bytearray(), time.monotonic()
        for chunk in chunks(response):
            body += chunk
            if len(body) > MOST_BYTES:
                raise TooLarge(f"{self._api}: more than {MOST_BYTES >> 20} MB; no such answer")
            if time.monotonic() - started > SLOW * self._visitor.pace.timeout:
                raise TryAgain("the answer comes too slowly")
        packed = response.headers.get("Content-Encoding", "").lower() == "gzip"
        return self._unpacked(bytes(body)) if packed else bytes(body)

    def _unpacked(self, body: bytes) -> bytes:
        unpacking = zlib.decompressobj(wbits=31)
        text = unpacking.decompress(body, MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise TooLarge(f"{self._api}: more than {MOST_BYTES >> 20} MB; no such answer")
        if not unpacking.eof:
            raise TryAgain("the answer breaks off")
        return text
