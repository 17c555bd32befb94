"""The W3C's tests of both protocols: requests, and what must come back, as a manifest has them.

What a graph must hold in the end is told by the body of a response. `$LOCATION$` stands for the
address that the response before has named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import httpx
from pyoxigraph import Literal, RdfFormat, parse

from tests.w3c.comparing import triples
from tests.w3c.suites import MF, Entry, Graph, Node, node_of, text

HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"

FORMATS = {
    "boolean": "application/sparql-results+json",
    "tabular": "application/sparql-results+json",
    "RDF": "text/turtle",
}
"""What this service gives to a client that accepts anything."""

STATUSES = {"OK": "200", "Created": "201", "NoContent": "204", "NotFound": "404"}
PLACES = {"/sparql/": "/sparql", "/gsp": "/graphs"}
"""Where the tests have the service, and where it is."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, and what must come back: a status is `201`, or a class of them, `2xx`."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    statuses: set[str]
    format: str | None = None
    boolean: bool | None = None
    turtle: bytes = b""


def exchanges(entry: Entry) -> Iterator[Exchange]:
    """Read the requests of one test."""
    manifest, node = node_of(entry)
    for action in manifest.objects(node, f"{MF}action"):
        for request in manifest.objects(action, f"{HT}requests"):
            yield _exchange(manifest, request)


def first_fault(client: httpx.Client, all_: Iterator[Exchange]) -> str:
    """Make requests one after the other; say what is wrong with the first wrong answer."""
    location = ""
    for exchange in all_:
        exchange = replace(exchange, path=exchange.path.replace("$LOCATION$", location))
        answer = client.request(
            exchange.method, exchange.path, headers=exchange.headers, content=exchange.body
        )
        if wrong := fault(answer, exchange):
            return f"{exchange.method} {exchange.path}: {wrong}"
        location = answer.headers.get("location", location)
    return ""


def fault(answer: httpx.Response, exchange: Exchange) -> str:
    """Say what is wrong with an answer, or nothing."""
    status = str(answer.status_code)
    if exchange.statuses.isdisjoint((status, f"{status[0]}xx")):
        return f"the status is {status}: {answer.text[:200]}"
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    if exchange.format is not None and media_type != FORMATS[exchange.format]:
        return f"the format is {media_type}"
    if exchange.boolean is not None and answer.json()["boolean"] is not exchange.boolean:
        return f"the answer is {answer.text}"
    if exchange.turtle and _triples(answer.content) != _triples(exchange.turtle):
        return f"the graph is {answer.text}"
    return ""


def _triples(turtle: bytes) -> object:
    return triples(parse(turtle, format=RdfFormat.TURTLE))


def _exchange(manifest: Graph, request: Node) -> Exchange:
    response = manifest.objects(request, f"{HT}resp")[0]
    boolean = manifest.one(response, f"{MF}expectedBoolean")
    return Exchange(
        method=text(manifest.one(request, f"{HT}methodName")),
        path=_path(text(manifest.one(request, f"{HT}absolutePath"))),
        headers=dict(_headers(manifest, request)),
        body=_body(manifest, request),
        statuses=set(map(_status, manifest.objects(response, f"{MF}expectedStatus"))),
        format=text(manifest.one(response, f"{MF}expectedFormat")) or None,
        boolean=None if boolean is None else boolean == Literal(True),
        turtle=_body(manifest, response),
    )


def _path(path: str) -> str:
    for there, here in PLACES.items():
        if path.startswith(there):
            return here + path.removeprefix(there)
    return path


def _status(node: Node) -> str:
    name = re.split("[/#]", text(node))[-1]
    return STATUSES.get(name, name.removeprefix("StatusCode"))


def _headers(manifest: Graph, request: Node) -> Iterator[tuple[str, str]]:
    for header in manifest.objects(request, f"{HT}headers"):
        name, value = (manifest.one(header, f"{HT}field{part}") for part in ("Name", "Value"))
        yield text(name), text(value)


def _body(manifest: Graph, message: Node) -> bytes:
    body = manifest.one(message, f"{HT}body")
    if body is None:
        return b""
    encoding = text(manifest.one(body, f"{CNT}characterEncoding"))
    return text(manifest.one(body, f"{CNT}chars")).encode(encoding)


# The tests of the Graph Store Protocol that were replaced: HTTP in the words of a comment

_MESSAGE = re.compile(r"#### (?:Request|Response)\n(.*?)(?=####|\Z)", re.DOTALL)


def written_exchange(entry: Entry, host: str, location: str) -> Exchange:
    """Read the request of one of them from its comment, which has a response as well.

    Where such a test wants 200 for a change, the tests that replace it want 200 or 204.
    """
    manifest, node = node_of(entry)
    comment = "".join(
        map(text, manifest.objects(node, "http://www.w3.org/2000/01/rdf-schema#comment"))
    )
    names = {"/$GRAPHSTORE$": "/graphs", "$GRAPHSTORE$": "/graphs", "$HOST$": host}
    for name, value in {**names, "$NEWPATH$": location}.items():
        comment = comment.replace(name, value)
    request, response = (_plain(found) for found in _MESSAGE.findall(comment))
    first, headers, body = request
    method, path, _ = first.split(" ")
    status = response[0].split(" ")[0]
    is_change = method in ("PUT", "POST", "DELETE")
    statuses = {status, "204"} if is_change and status == "200" else {status}
    return Exchange(method, path, headers, body, statuses, turtle=response[2])


def _plain(message: str) -> tuple[str, dict[str, str], bytes]:
    """Take a message apart: its first line, its headers, its body."""
    lines = [line.removeprefix("    ") for line in message.strip("\n").splitlines()]
    head, _, body = "\n".join(lines).strip("\n").partition("\n\n")
    first, *fields = head.splitlines()
    headers = dict(field.split(": ", 1) for field in fields)
    kept = {name: it for name, it in headers.items() if name in ("Accept", "Content-Type")}
    return first, kept, body.replace("\n", "\r\n").encode()
