"""Write graphs to another server by the SPARQL 1.1 Graph Store Protocol, and ask what it has.

A server that is busy is asked again; one that refuses is believed, and the error says what the
refusal means and what helps. Name and password are sent in the way that the server asks for,
Basic or Digest (Virtuoso refuses Basic). They stand in no message, and nothing is sent on to
another address.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.client import HTTPMessage
from typing import IO, Any
from urllib import request
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit

from ingest.web import Pace, TryAgain, Visitor, chunks, is_address

PACE = Pace(between=0, timeout=300)
"""Of a server that is there for us: a request follows the other, and a large one takes its time."""

MOST_BYTES = 64 << 20
"""Longest answer that is read."""

AT_ONCE = 200
"""Graphs that one query counts."""

PAGE = 5000
"""Names of graphs that one query asks for: Virtuoso gives no more than 10,000 rows."""

NTRIPLES, NQUADS = "application/n-triples", "application/n-quads"
RESULTS = "application/sparql-results+json"

LAYOUTS = {
    "/store": "/query",  # Oxigraph
    "/data": "/sparql",  # Fuseki
    "/rdf-graphs/service": "",  # GraphDB, RDF4J
    "/statements": "",  # the same, for N-Quads
    "/sparql-graph-crud-auth": "/sparql",  # Virtuoso
    "/sparql-graph-crud": "/sparql",
}
"""How the address of a graph store ends, and how that of its SPARQL endpoint does."""

WHY = {
    401: "it wants to know who you are: set CABLEGRAPH_LOAD_USER and CABLEGRAPH_LOAD_PASSWORD, "
    "or CABLEGRAPH_LOAD_TOKEN",
    403: "you may not write there",
    404: "there is nothing at this address; that of its graph store is needed",
    405: "it takes no changes at this address",
    413: "a batch is too large for it; choose a smaller one with --batch",
    415: "it does not read this format here",
    501: "it does not speak the Graph Store Protocol in full",
    507: "it has no room left",
}
"""What a refusal means. A user who has shown a password and is answered 401 is told so instead."""


class LoadError(Exception):
    """A load that cannot be done, or not to its end."""


class BadAddress(LoadError):
    """An address that is none, or whose SPARQL endpoint cannot be guessed."""


class Refused(LoadError):
    """The server does not do what it is asked to."""


class NotReached(LoadError):
    """The server does not answer, or is busy for too long."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who writes: a name and a password, or a token."""

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @property
    def basic(self) -> str:
        """The name and the password as a header has them."""
        return f"Basic {base64.b64encode(f'{self.user}:{self.password}'.encode()).decode()}"


class GraphStore:
    """The graph store of a server, and its SPARQL endpoint."""

    def __init__(
        self,
        address: str,
        endpoint: str | None = None,
        login: Login | None = None,
        *,
        pace: Pace = PACE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Raise BadAddress if one of the addresses cannot be used."""
        self.address = _checked(address)
        self._endpoint = _checked(endpoint or _endpoint_of(address))
        self._login = login or Login()
        token = self._login.token
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._visitor = Visitor(pace, sleep, self._handlers())

    def put(self, graph: str, triples: bytes) -> None:
        """Make N-Triples the whole of a graph."""
        self._ask(self._of(graph), "PUT", NTRIPLES, triples)

    def add(self, graph: str, triples: bytes) -> None:
        """Add N-Triples to a graph."""
        self._ask(self._of(graph), "POST", NTRIPLES, triples)

    def add_quads(self, quads: bytes) -> None:
        """Add N-Quads, which name their graphs."""
        self._ask(self.address, "POST", NQUADS, quads)

    def remove(self, graph: str) -> None:
        """Remove a graph."""
        self._ask(self._of(graph), "DELETE")

    def counts(self, graphs: Sequence[str]) -> Iterator[tuple[str, int]]:
        """Yield how many triples there are in each of the graphs that are not empty."""
        for start in range(0, len(graphs), AT_ONCE):
            names = " ".join(f"<{graph}>" for graph in graphs[start : start + AT_ONCE])
            pattern = f"VALUES ?g {{ {names} }} GRAPH ?g {{ ?s ?p ?o }}"
            for row in self._rows(f"SELECT ?g (COUNT(*) AS ?n) {{ {pattern} }} GROUP BY ?g"):
                yield row["g"], int(row["n"])

    def graphs(self, start: str) -> Iterator[str]:
        """Yield the names of the graphs that begin so, in their order."""
        last = ""
        while True:
            text = (
                "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } "
                f'FILTER(STRSTARTS(STR(?g), "{start}") && STR(?g) > "{last}") }} '
                f"ORDER BY STR(?g) LIMIT {PAGE}"
            )
            names = [row["g"] for row in self._rows(text)]
            if any(not name.startswith(start) or name <= last for name in names):
                raise Refused(f"{self._endpoint}: it names other graphs than it is asked for")
            yield from names
            if len(names) < PAGE:
                return
            last = names[-1]

    def _rows(self, text: str) -> list[dict[str, str]]:
        form = urlencode({"query": text}).encode()
        kind = "application/x-www-form-urlencoded"
        answer = self._ask(self._endpoint, "POST", kind, form, Accept=RESULTS)
        try:
            bindings: list[dict[str, Any]] = json.loads(answer)["results"]["bindings"]
            return [{name: term["value"] for name, term in row.items()} for row in bindings]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refused(f"{self._endpoint}: the answer is no result of a query") from None

    def _of(self, graph: str) -> str:
        return f"{self.address}?graph={quote(graph, safe='')}"

    def _ask(
        self, url: str, method: str, kind: str = "", data: bytes | None = None, **headers: str
    ) -> bytes:
        """Ask until there is an answer. What is asked here may be asked twice: it sets or adds."""
        sent = {**headers, **({"Content-Type": kind} if kind else {})}
        try:
            return self._visitor.insist(lambda: self._once(url, method, sent, data))
        except TryAgain as error:
            raise NotReached(f"{_plain(url)}: {error}") from None

    def _once(self, url: str, method: str, headers: dict[str, str], data: bytes | None) -> bytes:
        try:
            with self._visitor.ask(url, headers | self._headers, data, method) as answer:
                return _limited(chunks(answer), url)
        except HTTPError as error:
            with error:
                if method == "DELETE" and error.code == 404:  # It is gone already.
                    return b""
                if self._may_show_password(error):
                    return self._once(url, method, headers, data)
                raise Refused(f"{_plain(url)}: {self._why(error)}") from None

    def _may_show_password(self, error: HTTPError) -> bool:
        """Show name and password from now on, if the server asks for it and has not seen them."""
        kind = error.headers.get("WWW-Authenticate", "").split(" ")[0].lower()
        if error.code != 401 or kind != "basic" or not self._login.user or self._headers:
            return False
        self._headers = {"Authorization": self._login.basic}
        return True

    def _why(self, error: HTTPError) -> str:
        answer = f"the server answers {error.code} {error.reason}"
        if error.code == 401 and self._login != Login():
            return f"{answer}: it does not know this name and password, or this token"
        said = WHY.get(error.code) or " ".join(error.read(1000).decode(errors="replace").split())
        return f"{answer}: {said[:300]}" if said else answer

    def _handlers(self) -> list[request.BaseHandler]:
        if not self._login.user:
            return []
        known = request.HTTPPasswordMgrWithDefaultRealm()
        for url in (self.address, self._endpoint):
            known.add_password(None, urlsplit(url).netloc, self._login.user, self._login.password)
        return [_Digest(known)]


class _Digest(request.HTTPDigestAuthHandler):
    """Logs in where the server asks for Digest, and leaves every other wish to the caller."""

    def http_error_401(
        self, req: request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage
    ) -> Any:
        """Return the answer to the request with the login, or None."""
        if not headers.get("WWW-Authenticate", "").lower().startswith("digest "):
            return None
        fp.close()
        return super().http_error_401(req, fp, code, msg, headers)


def _checked(address: str) -> str:
    """Return an address if it is one; the error does not show it, for it may have a password."""
    if not is_address(address):
        raise BadAddress(
            "the address must be like http://localhost:7878/store, without a query; name and "
            "password come from CABLEGRAPH_LOAD_USER and CABLEGRAPH_LOAD_PASSWORD"
        )
    return address


def _endpoint_of(address: str) -> str:
    for end, other in LAYOUTS.items():
        if address.endswith(end):
            return address.removesuffix(end) + other
    raise BadAddress(
        "where this server answers queries is not known; name its SPARQL endpoint with --query"
    )


def _plain(url: str) -> str:
    return url.partition("?")[0]


def _limited(parts: Iterator[bytes], url: str) -> bytes:
    content = bytearray()
    for part in parts:
        content += part
        if len(content) > MOST_BYTES:
            raise Refused(f"{_plain(url)}: the answer is longer than {MOST_BYTES >> 20} MB")
    return bytes(content)
