"""Long answers come in the coding that the client wants, whole, and a cut one is seen to be cut."""

from __future__ import annotations

import os
import signal
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as some

from server.encoding import CODINGS, choose_coding, encode, encoder
from server.settings import Settings

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Product = Callable[[str, int], str]
ALL = {"query": "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }"}


def decode(content: bytes, coding: str | None) -> bytes:
    """Decode a content; one that has no proper end raises an error."""
    if coding == "gzip":
        gzip = zlib.decompressobj(16 + zlib.MAX_WBITS)
        decoded = gzip.decompress(content)
        if not gzip.eof:
            raise EOFError
        return decoded
    if coding == "br":
        br = brotli.Decompressor()
        decoded = br.process(content)
        if not br.is_finished():
            raise EOFError
        return bytes(decoded)
    return zstd.decompress(content) if coding == "zstd" else content


def raw(client: httpx.Client, url: str, coding: str, **more: Any) -> tuple[httpx.Headers, bytes]:
    """Get an answer as it is sent."""
    headers = {"Accept-Encoding": coding, **more.pop("headers", {})}
    with client.stream("GET", url, headers=headers, **more) as answer:
        return answer.headers, b"".join(answer.iter_raw())


# Which one


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, ""),
        ("", ""),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZip;Q=0.5", "gzip"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.5, gzip", "gzip"),
        ("*", "zstd"),
        ("*;q=0.5, zstd;q=0", "br"),
        ("gzip;q=0", ""),
        ("gzip;q=0.5, identity", ""),
        ("gzip, identity", "gzip"),
        ("identity;q=0, *;q=0", ""),
        ("deflate, compress", ""),
        ("gzip;q=much, br;q=0.1", "br"),
    ],
)
def test_coding_that_is_wanted_most_is_chosen(accepted: str | None, coding: str) -> None:
    assert choose_coding(accepted) == coding


@given(some.text())
def test_any_header_is_read(header: str) -> None:
    assert choose_coding(header) in {"", *CODINGS}


@pytest.mark.parametrize("coding", ["", *CODINGS])
@given(some.lists(some.binary(max_size=50)))
def test_what_was_encoded_is_decoded(coding: str, pieces: list[bytes]) -> None:
    into = encoder(coding)
    content = b"".join(map(into.feed, pieces)) + into.finish()
    assert decode(content, coding) == b"".join(pieces)
    assert decode(encode(b"".join(pieces), coding), coding) == b"".join(pieces)


# Over HTTP


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize(
    ("url", "more"),
    [
        ("/sparql", {"params": ALL}),
        ("/sparql", {"params": {**ALL, "format": "nt"}}),
        ("/", {"headers": {"Accept": "text/html"}}),
        ("/openapi.json", {}),
        ("/graph/frus1945Malta/d256.nt", {}),
        ("/document/frus1945Malta/d256.ttl", {}),
        ("/static/site.css", {}),
        ("/static/docs/swagger-ui-bundle.js", {}),
    ],
    ids=["turtle", "triples", "page", "json", "graph", "thing", "file", "script"],
)
def test_answer_is_the_same_in_each_coding(
    client: httpx.Client, coding: str, url: str, more: dict[str, Any]
) -> None:
    plain, content = raw(client, url, "identity", **more)
    headers, encoded = raw(client, url, coding, **more)
    assert "content-encoding" not in plain
    assert (headers["content-encoding"], headers["content-type"]) == (coding, plain["content-type"])
    assert decode(encoded, coding) == content
    assert len(encoded) < len(content)
    assert [each["vary"].lower().count("accept-encoding") for each in (headers, plain)] == [1, 1]


@pytest.mark.parametrize("coding", CODINGS)
def test_long_answer_is_encoded_while_it_is_found(
    client: httpx.Client, product: Product, coding: str
) -> None:
    query = {"query": product("SELECT *", 2), "format": "csv"}
    _, content = raw(client, "/sparql", "identity", params=query)
    headers, encoded = raw(client, "/sparql", coding, params=query)
    assert decode(encoded, coding) == content
    assert (headers["content-encoding"], len(content) > 500_000) == (coding, True)


def test_answer_that_is_cut_has_no_end_in_any_coding(
    serve: Callable[[Settings], Any], data_set: Path, product: Product
) -> None:
    service = serve(Settings(store=data_set, workers=1, queue_seconds=20))
    query = {"query": product("SELECT *", 10)}
    for coding in CODINGS:
        headers = {"Accept-Encoding": coding}
        with service.client.stream("GET", "/sparql", params=query, headers=headers) as answer:
            parts = answer.iter_raw()
            received = [next(parts)]
            for pid in service.app.state.versions.current.pool.pids:
                os.kill(pid, signal.SIGKILL)
            with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
                received.extend(parts)
        assert answer.headers["content-encoding"] == coding
        with pytest.raises((EOFError, zstd.ZstdError)):
            decode(b"".join(received), coding)


def test_short_answer_stays_as_it_is(client: httpx.Client) -> None:
    for url in ("/sparql?query=ASK{}", "/health"):
        headers, content = raw(client, url, "gzip")
        assert "content-encoding" not in headers
        assert headers["content-length"] == str(len(content))


def test_picture_stays_as_it_is(client: httpx.Client) -> None:
    headers, _ = raw(client, "/static/vendor/source-serif-4-latin-400-normal.woff2", "gzip")
    assert "content-encoding" not in headers


def test_part_of_a_file_stays_as_it_is(client: httpx.Client) -> None:
    headers, content = raw(client, "/static/site.css", "gzip", headers={"Range": "bytes=0-2000"})
    assert "content-encoding" not in headers
    assert (len(content), headers["content-range"].partition("/")[0]) == (2001, "bytes 0-2000")


def test_strong_tag_becomes_a_weak_one(client: httpx.Client) -> None:
    """The bytes differ, and by the weak tag the client still knows the file."""
    plain, _ = raw(client, "/static/site.css", "identity")
    headers, _ = raw(client, "/static/site.css", "gzip")
    assert headers["etag"] == f"W/{plain['etag']}"
    for coding in ("gzip", "identity"):
        known = {"Accept-Encoding": coding, "If-None-Match": headers["etag"]}
        assert client.get("/static/site.css", headers=known).status_code == 304


def test_weak_tag_is_the_same_in_each_coding(client: httpx.Client) -> None:
    tags = {raw(client, "/sparql", coding, params=ALL)[0]["etag"] for coding in ("", *CODINGS)}
    assert len(tags) == 1


@pytest.mark.parametrize("url", ["/", "/static/site.css", "/sparql?query=ASK{}"])
def test_head_tells_the_coding(client: httpx.Client, url: str) -> None:
    headers = {"Accept-Encoding": "gzip", "Accept": "text/html;q=0.1, */*"}
    get, head = [client.request(method, url, headers=headers) for method in ("GET", "HEAD")]
    names = ("content-encoding", "etag", "vary", "content-type")
    assert [get.headers.get(name) for name in names] == [head.headers.get(name) for name in names]
    length = head.headers.get("content-length")
    assert length in (None, get.headers.get("content-length"))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_request_must_not_be_encoded(client: httpx.Client, method: str) -> None:
    """A few bytes could unpack to more than there is memory for."""
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/sparql-query"}
    content = encode(b"ASK {}" + b" " * 10**6, "gzip")
    answer = client.request(method, "/sparql", content=content, headers=headers)
    assert (answer.status_code, answer.headers["accept-encoding"], answer.json()) == (
        415,
        "identity",
        {
            "type": "/problems/unsupported-media-type",
            "title": "Unsupported media type",
            "status": 415,
            "detail": "The body of the request is encoded.",
            "hint": "Send it without Content-Encoding.",
        },
    )
