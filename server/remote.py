"""Ask another server: what a worker process does with a job where the store is remote.

The query is sent by the SPARQL 1.1 protocol, and the answer is read and written anew as it comes,
by the engine's parsers: so each format that this service offers can be had, whatever the other
server offers, and nothing is passed on that is no result. An answer that breaks off, holds an
error in the midst of its rows, or is said to be only a part, ends in an error.

Only SPARQL 1.1 is sent. The query is read before, as it is where the store is here, so that the
extensions of an engine which read files, call other servers, run SQL or change the graph are
out of reach, and errors of syntax are told in one way. For that it is put to an empty store, in a
thread that can open no socket (Linux), for this process can.

Nothing is sent on to another address than that which was named.
"""

from __future__ import annotations

import gc
import io
import re
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import httpx2
from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)

from server import patterns, sandbox
from server.errors import (
    AppError,
    Busy,
    StoreAnswerTooLong,
    StoreCut,
    StoreFailed,
    StoreLogin,
    StoreTimeout,
    StoreUnreachable,
)
from server.inscribing import with_terms
from server.jobs import Endpoint, Job
from server.local import Result, failure
from server.syntax import syntax_error

ROWS = "application/sparql-results+json, application/sparql-results+xml;q=0.5"
TRIPLES = "application/n-triples, text/turtle;q=0.5, application/rdf+xml;q=0.4"
"""What the other server is asked for: what is quick to read, and what it may have instead."""

CONNECTING = 10.0
"""Seconds for a connection; for the answer the worker's deadline counts."""

PIECE = 65_536
"""Bytes that are taken from the connection at once."""

SHOWN = 300
"""Characters of what the other server says of a query that are passed on."""


_OUT_OF_TIME = re.compile(r"\bS1T00\b|\btime(?:d)?[ -]?out\b", re.IGNORECASE)
"""What is said of a query that took too long, with whatever status: by Virtuoso, by Fuseki."""


class RemoteStore:
    """The SPARQL endpoint of another server."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Raise StoreLogin if the file with the login cannot be used."""
        self._endpoint = endpoint
        self._client = httpx2.Client(
            auth=_login(endpoint.login),
            headers={"Accept-Encoding": "gzip", "User-Agent": "cablegraph"},
            timeout=httpx2.Timeout(None, connect=CONNECTING),
        )
        self._reader = ThreadPoolExecutor(1, initializer=sandbox.forbid_sockets)

    @contextmanager
    def ask(self, job: Job) -> Iterator[Result]:
        """Give what the other server finds, as it is read."""
        text = as_text(job)
        with _garbage_left():
            kind = self._reader.submit(_kind, text, job).result()
        try:
            with self._send(text, job, kind) as response:
                _check(response)
                yield _read(kind, response, self._body(response))
        except (SyntaxError, ValueError) as error:
            raise StoreFailed(
                "The answer of the store breaks off, or is no result of a query."
            ) from error
        except httpx2.RequestError as error:
            raise _unreachable(error) from error

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()
        self._reader.shutdown()

    def _send(self, text: str, job: Job, kind: type[Result]) -> Any:
        default, named = _graphs(text, job)
        fields = {"query": text, "default-graph-uri": default, "named-graph-uri": named}
        accept = TRIPLES if kind is QueryTriples else ROWS
        address = self._endpoint.address
        return self._client.stream("POST", address, data=fields, headers={"Accept": accept})

    def _body(self, response: httpx2.Response) -> IO[bytes]:
        raw = _Body(response.iter_bytes(PIECE), self._endpoint.most_bytes)
        return cast(IO[bytes], io.BufferedReader(raw, PIECE))


@contextmanager
def _garbage_left() -> Iterator[None]:
    """Let no other thread collect what this one has left: the engine's results must not move."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def as_text(job: Job) -> str:
    """Write all of a job that does not go beside it: its terms, and the base of its addresses."""
    text = with_terms(job.query, job.substitutions)
    return text if job.base is None else f"BASE <{job.base}>\n{text}"


def _graphs(text: str, job: Job) -> tuple[Sequence[str], Sequence[str]]:
    """Give the graphs that are asked: those of the request before those that the query names.

    These are sent beside the query, too: Oxigraph does not heed `FROM` where the default graph is
    the union of all.
    """
    if job.union or job.default_graphs or job.named_graphs:
        return job.default_graphs, job.named_graphs
    return patterns.graphs(text)


def _kind(text: str, job: Job) -> type[Result]:
    """Say what a query gives, if it is SPARQL 1.1."""
    try:
        return type(Store().query(text))
    except SyntaxError:
        raise syntax_error(job.written or job.query, job.base) from None
    except (OSError, RuntimeError, ValueError) as error:
        raise failure(error) from error


def _read(kind: type[Result], response: httpx2.Response, body: IO[bytes]) -> Result:
    media_type = response.headers.get("Content-Type", "")
    if kind is QueryTriples:
        into = RdfFormat.from_media_type(media_type)
        if into is not None:
            return parse(body, into)
    elif (rows := QueryResultsFormat.from_media_type(media_type)) is not None:
        found = parse_query_results(body, rows)
        return _truth(found) if kind is QueryBoolean else found
    raise StoreFailed(f'The store answers in a format that was not asked for: "{media_type[:80]}".')


def _truth(found: QuerySolutions | QueryBoolean) -> QueryBoolean:
    """Give a truth value; Virtuoso writes it as rows: one if it is true, and none if not."""
    if isinstance(found, QueryBoolean):
        return found
    is_true = next(iter(found), None) is not None
    written = f'{{"head": {{}}, "boolean": {str(is_true).lower()}}}'
    return cast(QueryBoolean, parse_query_results(written, QueryResultsFormat.JSON))


def _check(response: httpx2.Response) -> None:
    """Refuse an answer that is none, or not the whole."""
    headers = response.headers
    if response.status_code == httpx2.codes.PARTIAL_CONTENT or "X-SQL-State" in headers:
        raise StoreTimeout("The store has a time limit of its own and found only a part.")
    if most := headers.get("X-SPARQL-MaxRows"):  # Virtuoso: it has more.
        raise StoreCut(
            f"The store gives no more than {most[:20]} rows of an answer.",
            hint="Ask for fewer with LIMIT, and for the others with OFFSET.",
        )
    if response.status_code != httpx2.codes.OK:
        raise _refusal(response)
    if "Content-Length" not in headers and "Transfer-Encoding" not in headers:
        raise StoreFailed("The store does not say where its answer ends; it may be cut.")


def _refusal(response: httpx2.Response) -> AppError:
    code, said = response.status_code, _said(response)
    if code in (408, 504) or _OUT_OF_TIME.search(said):
        return StoreTimeout("The store has a time limit of its own and stopped the query.")
    if code in (429, 503):
        return Busy("The store has too much to do.")
    if code in (401, 403):
        return StoreFailed(f"The store answers {code}: it does not know this service.")
    if response.is_redirect:
        return StoreFailed(f"The store answers {code} and leads to another address.")
    return StoreFailed(f"The store answers {code}{f': {said}' if said else ''}.")


def _said(response: httpx2.Response) -> str:
    """Give the first line of what the server says in plain text; a page is not shown."""
    if not response.headers.get("Content-Type", "").startswith("text/plain"):
        return ""
    first = next(response.iter_bytes(4 * SHOWN), b"").decode(errors="replace")
    return " ".join(first.strip().partition("\n")[0].split())[:SHOWN].rstrip(".")


def _unreachable(error: httpx2.RequestError) -> AppError:
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError):
        return StoreUnreachable("The store that has the graph cannot be reached.")
    return StoreFailed("The connection to the store broke off.")


class _Body(io.RawIOBase):
    """The body of an answer as a file, no longer than so many bytes."""

    def __init__(self, parts: Iterator[bytes], most: int) -> None:
        self._parts = parts
        self._most = most
        self._read = 0
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what is there, and wait only if nothing is."""
        while not self._rest:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._count(len(part))
            self._rest = memoryview(part)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def _count(self, size: int) -> None:
        self._read += size
        if self._read > self._most:
            raise StoreAnswerTooLong(
                f"The answer of the store is longer than {self._most} bytes.",
                hint="Ask for less: a LIMIT, or fewer columns.",
                limit=self._most,
            )


def _login(file: Path | None) -> httpx2.Auth | None:
    """Read who asks: a line `Bearer TOKEN`, or `NAME:PASSWORD`."""
    if file is None:
        return None
    try:
        line = file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise StoreLogin(f"{file} cannot be read: {type(error).__name__}.") from None
    kind, _, token = line.partition(" ")
    if kind.lower() == "bearer" and token:
        return _Token(token.strip())
    name, colon, password = line.partition(":")
    if not (name and colon) or "\n" in line:
        raise StoreLogin(f"{file} must have one line: NAME:PASSWORD, or Bearer TOKEN.")
    return _Password(name, password)


Flow = Generator[httpx2.Request, httpx2.Response, None]


class _Token(httpx2.Auth):
    """Shows a token."""

    def __init__(self, token: str) -> None:
        self._header = f"Bearer {token}"

    def auth_flow(self, request: httpx2.Request) -> Flow:
        """Send the request with it."""
        request.headers["Authorization"] = self._header
        yield request


class _Password(httpx2.Auth):
    """Shows a name and a password in the way that the server asks for, once it does."""

    def __init__(self, name: str, password: str) -> None:
        self._ways: dict[str, httpx2.Auth] = {
            "basic": httpx2.BasicAuth(name, password),
            "digest": httpx2.DigestAuth(name, password),
        }
        self._way: httpx2.Auth | None = None

    def auth_flow(self, request: httpx2.Request) -> Flow:
        """Send the request, and again with the login if that is wanted."""
        if self._way is None:
            response = yield request
            wanted = response.headers.get("WWW-Authenticate", "").partition(" ")[0].lower()
            if response.status_code != httpx2.codes.UNAUTHORIZED or wanted not in self._ways:
                return
            self._way = self._ways[wanted]
        yield from self._way.auth_flow(request)
