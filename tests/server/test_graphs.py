"""Each graph can be read by the Graph Store Protocol; each address says how it can be asked."""

from __future__ import annotations

import io

import httpx
import pytest
from pyoxigraph import Quad, RdfFormat, parse

AUTHORITY = "https://w3id.org/cablegraph/graph/authority"


def triples(answer: httpx.Response) -> set[Quad]:
    """Read an answer in RDF."""
    kind = RdfFormat.from_media_type(answer.headers["content-type"])
    return set(parse(io.BytesIO(answer.content), format=kind))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"graph": AUTHORITY}, 13),
        ({"graph": "graph/authority"}, 13),
        ({"graph": "https://w3id.org/cablegraph/graph/frus1945Malta"}, 2),
        ({"default": ""}, 50),
    ],
)
@pytest.mark.parametrize("accept", ["*/*", "application/n-triples", "application/ld+json"])
def test_graph_is_given_whole(
    client: httpx.Client, query: dict[str, str], count: int, accept: str
) -> None:
    answer = client.get("/graphs", params=query, headers={"Accept": accept})
    assert (answer.status_code, len(triples(answer))) == (200, count)


def test_graph_is_the_same_at_its_own_address(client: httpx.Client) -> None:
    answers = [
        client.get(url, headers={"Accept": "application/n-triples"})
        for url in (f"/graphs?graph={AUTHORITY}", "/graph/authority")
    ]
    assert triples(answers[0]) == triples(answers[1])


def test_head_tells_what_get_would(client: httpx.Client) -> None:
    get, head = [client.request(method, "/graphs?default") for method in ("GET", "HEAD")]
    assert {**get.headers, "date": ""} == {**head.headers, "date": ""}
    assert (head.status_code, head.content) == (200, b"")


def test_graph_is_known_by_its_tag(client: httpx.Client) -> None:
    tag = client.get("/graphs?default").headers["etag"]
    assert client.get("/graphs?default", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("method", "url", "status", "slug"),
    [
        ("GET", "/graphs?graph=graph:none", 404, "not-found"),
        ("HEAD", "/graphs?graph=graph:none", 404, "not-found"),
        ("GET", "/graphs", 400, "bad-request"),
        ("GET", "/graphs?default&graph=graph/authority", 400, "bad-request"),
        ("GET", "/graphs?graph=graph/authority&graph=graph/authority", 400, "bad-request"),
        ("GET", "/graphs?graph=http://a b", 422, "invalid-request"),
        ("PUT", "/graphs?graph=graph/authority", 405, "method-not-allowed"),
        ("DELETE", "/graphs?default", 405, "method-not-allowed"),
    ],
)
def test_what_cannot_be_given_is_a_problem(
    client: httpx.Client, method: str, url: str, status: int, slug: str
) -> None:
    answer = client.request(method, url)
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    if method != "HEAD":
        assert answer.json()["type"] == f"/problems/{slug}"


def test_format_that_cannot_hold_a_graph_is_refused(client: httpx.Client) -> None:
    answer = client.get("/graphs?default", headers={"Accept": "text/csv"})
    assert answer.json()["type"] == "/problems/not-acceptable"


@pytest.mark.parametrize(
    ("url", "methods"),
    [
        ("/sparql", "OPTIONS, GET, HEAD, POST"),
        ("/graphs", "OPTIONS, GET, HEAD"),
        ("/api/facts", "OPTIONS, GET, HEAD"),
        ("/person/stalin-joseph", "OPTIONS, GET, HEAD"),
        ("/", "OPTIONS, GET, HEAD"),
        ("/static/site.css", "OPTIONS, GET, HEAD"),
    ],
)
def test_address_says_which_methods_it_answers_to(
    client: httpx.Client, url: str, methods: str
) -> None:
    asked, refused = client.options(url), client.delete(url)
    assert (asked.status_code, asked.content, asked.headers["allow"]) == (204, b"", methods)
    assert (refused.status_code, refused.headers["allow"]) == (405, methods)


def test_address_that_is_not_there_has_no_methods(client: httpx.Client) -> None:
    assert client.options("/nowhere/at/all").status_code == 404
