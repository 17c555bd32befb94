"""The W3C's tests of the protocol: requests, and what must come back, as a manifest has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
from pyoxigraph import Literal

from tests.w3c.suites import MF, Graph, Node, text

HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"

FORMATS = {
    "boolean": "application/sparql-results+json",
    "tabular": "application/sparql-results+json",
    "RDF": "text/turtle",
}
"""What this service gives to a client that accepts anything."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, and what must come back."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    statuses: set[str]
    format: str | None
    boolean: bool | None


def exchanges(manifest: Graph, action: Node) -> Iterator[Exchange]:
    """Read the requests of one test."""
    for request in manifest.objects(action, f"{HT}requests"):
        yield _exchange(manifest, request)


def fault(client: httpx.Client, exchange: Exchange) -> str:
    """Make a request; say what is wrong with the answer, or nothing."""
    answer = client.request(
        exchange.method, exchange.path, headers=exchange.headers, content=exchange.body
    )
    if f"{answer.status_code // 100}xx" not in exchange.statuses:
        return f"the status is {answer.status_code}: {answer.text[:200]}"
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    if exchange.format is not None and media_type != FORMATS[exchange.format]:
        return f"the format is {media_type}"
    if exchange.boolean is not None and answer.json()["boolean"] is not exchange.boolean:
        return f"the answer is {answer.text}"
    return ""


def _exchange(manifest: Graph, request: Node) -> Exchange:
    response = manifest.objects(request, f"{HT}resp")[0]
    boolean = manifest.one(response, f"{MF}expectedBoolean")
    statuses = map(text, manifest.objects(response, f"{MF}expectedStatus"))
    return Exchange(
        method=text(manifest.one(request, f"{HT}methodName")),
        path=text(manifest.one(request, f"{HT}absolutePath")).replace("/sparql/", "/sparql", 1),
        headers=dict(_headers(manifest, request)),
        body=_body(manifest, request),
        statuses={status.rpartition("StatusCode")[2] for status in statuses},
        format=text(manifest.one(response, f"{MF}expectedFormat")) or None,
        boolean=None if boolean is None else boolean == Literal(True),
    )


def _headers(manifest: Graph, request: Node) -> Iterator[tuple[str, str]]:
    for header in manifest.objects(request, f"{HT}headers"):
        name, value = (manifest.one(header, f"{HT}field{part}") for part in ("Name", "Value"))
        yield text(name), text(value)


def _body(manifest: Graph, request: Node) -> bytes:
    body = manifest.one(request, f"{HT}body")
    if body is None:
        return b""
    encoding = text(manifest.one(body, f"{CNT}characterEncoding"))
    return text(manifest.one(body, f"{CNT}chars")).encode(encoding)
