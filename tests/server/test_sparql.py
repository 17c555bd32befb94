"""The SPARQL endpoint speaks the protocol, in every format, and says what is wrong."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyoxigraph import (
    NamedNode,
    Quad,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)
from rdflib import RDF

from server.settings import Settings

DATA = "https://w3id.org/cablegraph/"
SD = "http://www.w3.org/ns/sparql-service-description#"
LABELS = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?label { <state/soviet-union> rdfs:label ?label }
"""


def get(client: httpx.Client, query: str, accept: str = "*/*", **more: Any) -> httpx.Response:
    """Ask a query by GET."""
    return client.get("/sparql", params={"query": query, **more}, headers={"Accept": accept})


# Ways to ask


def test_query_may_come_by_get_by_form_and_as_body(client: httpx.Client) -> None:
    query = {"Content-Type": "application/sparql-query; charset=UTF-8"}
    answers = [
        client.get("/sparql", params={"query": LABELS}),
        client.post("/sparql", data={"query": LABELS}),
        client.post("/sparql", content=LABELS, headers=query),
    ]
    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (
            200,
            {
                "head": {"vars": ["label"]},
                "results": {
                    "bindings": [
                        {"label": {"type": "literal", "value": "Soviet Union", "xml:lang": "en"}}
                    ]
                },
            },
        )
    ] * 3


def test_head_gives_the_headers_of_get(client: httpx.Client) -> None:
    answers = [client.request(method, "/sparql?query=ASK{}") for method in ("GET", "HEAD")]
    [one, other] = [{**answer.headers, "date": ""} for answer in answers]
    assert one == other
    assert answers[1].content == b""


@pytest.mark.parametrize(
    ("graphs", "count"),
    [
        ({}, 50),
        ({"default-graph-uri": f"{DATA}graph/frus1945Malta"}, 2),
        (
            {"default-graph-uri": [f"{DATA}graph/frus1945Malta", f"{DATA}graph/authority"]},
            15,
        ),
        ({"default-graph-uri": f"{DATA}graph/none"}, 0),
        ({"named-graph-uri": f"{DATA}graph/frus1945Malta"}, 0),
    ],
)
def test_request_may_name_the_graphs(
    client: httpx.Client, graphs: dict[str, Any], count: int
) -> None:
    """Without names the default graph is the union of all."""
    answer = get(client, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv", **graphs)
    assert answer.text.split() == ["n", str(count)]


def test_query_may_name_the_graphs(client: httpx.Client) -> None:
    query = f"SELECT (COUNT(*) AS ?n) FROM <{DATA}graph/frus1945Malta> {{ ?s ?p ?o }}"
    assert get(client, query, "text/csv").text.split() == ["n", "2"]


def test_graph_gives_the_document_that_says_so(client: httpx.Client) -> None:
    query = "SELECT ?g { GRAPH ?g { ?fact a <ontology#Offer> } }"
    assert get(client, query, "text/csv").text.split() == ["g", f"{DATA}graph/frus1945Malta/d256"]


# Formats


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/sparql-results+json"),
        ("application/sparql-results+json", "application/sparql-results+json"),
        ("application/json", "application/json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv;q=0.5, application/sparql-results+xml;q=0.4", "text/csv; charset=utf-8"),
        ("text/*", "text/xml; charset=utf-8"),
        ("text/*, text/xml;q=0", "text/csv; charset=utf-8"),
        ("TEXT/Tab-Separated-Values ; Q=1", "text/tab-separated-values; charset=utf-8"),
        ("image/png, */*;q=0.1", "application/sparql-results+json"),
    ],
)
def test_rows_come_in_the_format_that_is_wanted_most(
    client: httpx.Client, accept: str, media_type: str
) -> None:
    answer = get(client, LABELS, accept)
    assert (answer.headers["content-type"], answer.headers["vary"].split(",")[0]) == (
        media_type,
        "Accept",
    )
    assert b"Soviet Union" in answer.content


@pytest.mark.parametrize("media_type", ["application/sparql-results+xml", "text/xml"])
def test_formats_of_rows_say_the_same(client: httpx.Client, media_type: str) -> None:
    query = "SELECT ?s ?o { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?o } ORDER BY ?s"
    expected = rows(get(client, query))
    assert rows(get(client, query, media_type)) == expected
    assert len(expected) == 7


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    """Read rows in any format that keeps the kinds of terms."""
    kind = QueryResultsFormat.from_media_type(answer.headers["content-type"])
    found = parse_query_results(answer.content, format=kind)
    assert isinstance(found, QuerySolutions)
    names = [variable.value for variable in found.variables]
    return [{name: str(row[name]) for name in names} for row in found]


TRIPLES = [
    "text/turtle",
    "application/n-triples",
    "application/rdf+xml",
    "application/ld+json",
    "application/n-quads",
    "application/trig",
]


def triples(content: bytes, media_type: str) -> set[Quad]:
    """Read RDF in any format."""
    return set(parse(io.BytesIO(content), format=RdfFormat.from_media_type(media_type)))


@pytest.mark.parametrize("media_type", TRIPLES)
def test_formats_of_triples_say_the_same(client: httpx.Client, media_type: str) -> None:
    query = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <graph/frus1945Malta/d256> { ?s ?p ?o } }"
    answer = get(client, query, media_type)
    assert answer.headers["content-type"].partition(";")[0] == media_type
    expected = triples(get(client, query, "application/n-triples").content, "application/n-triples")
    assert triples(answer.content, media_type) == expected
    assert len(expected) == 35


@pytest.mark.parametrize(
    ("name", "query", "media_type"),
    [
        ("json", "ASK {}", "application/sparql-results+json"),
        ("json", "CONSTRUCT WHERE {?s ?p ?o}", "application/ld+json"),
        ("csv", "ASK {}", "text/csv; charset=utf-8"),
        ("ttl", "DESCRIBE <state/soviet-union>", "text/turtle; charset=utf-8"),
    ],
)
def test_format_goes_before_accept(
    client: httpx.Client, name: str, query: str, media_type: str
) -> None:
    answer = get(client, query, "text/html", format=name)
    assert answer.headers["content-type"] == media_type


# Errors


def problem(answer: httpx.Response) -> dict[str, Any]:
    """Give the problem document, after a look at what must be true of all of them."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    content: dict[str, Any] = answer.json()
    assert content["status"] == answer.status_code
    return content


def test_syntax_error_says_where(client: httpx.Client) -> None:
    assert problem(get(client, "SELECT * {\n  ?s ?p\n}")) == {
        "type": "/problems/query-syntax",
        "title": "Syntax error in the query",
        "status": 400,
        "detail": 'Line 2, column 3: unexpected "?s".',
        "line": 2,
        "column": 3,
    }


def test_syntax_error_says_why_if_the_parser_does(client: httpx.Client) -> None:
    found = problem(get(client, "SELECT * { ?s foo:bar ?o }"))
    assert found["detail"] == "Line 1, column 22: Prefix not found."


@pytest.mark.parametrize(
    ("request_", "status", "slug"),
    [
        (
            {"params": {"query": "ASK {}"}, "headers": {"Accept": "image/png"}},
            406,
            "not-acceptable",
        ),
        ({"params": {"query": "ASK {}", "format": "pdf"}}, 406, "not-acceptable"),
        (
            {"params": {"query": "ASK {}"}, "headers": {"Accept": "text/turtle"}},
            406,
            "not-acceptable",
        ),
        ({"params": {"query": "ASK {}", "timeout": "soon"}}, 400, "bad-request"),
        ({"params": {"query": "ASK {}", "timeout": "nan"}}, 400, "bad-request"),
        ({"params": {"query": ["ASK {}", "ASK {}"]}}, 400, "bad-request"),
        ({"params": {"query": "ASK {}", "default-graph-uri": "x y"}}, 400, "bad-request"),
        ({"params": {"update": "CLEAR ALL"}}, 403, "update-forbidden"),
        ({"params": {"query": "CLEAR ALL"}}, 403, "update-forbidden"),
        ({"params": {"query": "SELECT * {SERVICE <http://h/> {}}"}}, 403, "service-forbidden"),
        ({"params": {"query": "ASK {" + "?s ?p ?o." * 400 + "}"}}, 400, "query-too-complex"),
        ({"method": "POST", "data": {"update": "CLEAR ALL"}}, 403, "update-forbidden"),
        ({"method": "POST", "data": {"a": "b"}}, 400, "bad-request"),
        ({"method": "POST", "data": {"query": "x" * 300_000}}, 413, "body-too-large"),
        ({"method": "POST", "content": b"query=%FF"}, 415, "unsupported-media-type"),
        ({"method": "POST", "json": {"query": "ASK {}"}}, 415, "unsupported-media-type"),
        ({"method": "PUT", "content": "ASK {}"}, 405, "method-not-allowed"),
    ],
)
def test_request_that_cannot_be_answered_is_explained(
    client: httpx.Client, request_: dict[str, Any], status: int, slug: str
) -> None:
    answer = client.request(url="/sparql", **{"method": "GET", **request_})
    found = problem(answer)
    assert (answer.status_code, found["type"]) == (status, f"/problems/{slug}")
    explained = client.get(found["type"]).json()
    assert {**explained, "description": ""} == {
        "type": found["type"],
        "title": found["title"],
        "status": status,
        "description": "",
    }


def test_function_that_is_not_known_is_named(client: httpx.Client) -> None:
    """It might mean anything: to leave its value out would be a wrong answer without a sound."""
    found = problem(get(client, "SELECT (<http://example.org/double>(1) AS ?x) {}"))
    assert (found["type"], found["status"], found["detail"]) == (
        "/problems/unknown-function",
        400,
        "There is no function <http://example.org/double>.",
    )


@pytest.mark.parametrize("content", [b"ASK {} # \xff", b"\xff\xfeA\x00S\x00K\x00"])
def test_body_that_is_not_utf_8_is_refused(client: httpx.Client, content: bytes) -> None:
    headers = {"Content-Type": "application/sparql-query"}
    answer = client.post("/sparql", content=content, headers=headers)
    assert problem(answer)["detail"] == "The body is not UTF-8."


def test_unknown_address_is_a_problem_too(client: httpx.Client) -> None:
    assert problem(client.get("/nowhere")) == {
        "type": "/problems/not-found",
        "title": "Not found",
        "status": 404,
        "detail": "There is nothing at /nowhere.",
    }


def test_who_prefers_pages_gets_the_problem_as_a_page(client: httpx.Client) -> None:
    answer = client.get("/nowhere", headers={"Accept": "text/html, */*;q=0.1"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is nothing at /nowhere." in answer.text


# Caching, other sites


def test_answer_is_known_by_its_tag(client: httpx.Client) -> None:
    """The data set of a version never changes: the same question has the same answer."""
    first = get(client, LABELS)
    assert (first.headers["x-dataset-version"], first.headers["cache-control"]) == (
        "2026-01-01-test",
        "public, max-age=300",
    )
    again = client.get(
        "/sparql", params={"query": LABELS}, headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert get(client, LABELS, "text/csv").headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize("call", ["NOW()", "rand()", "UUID()"])
def test_answer_that_changes_is_not_kept(client: httpx.Client, call: str) -> None:
    answer = get(client, f"SELECT ({call} AS ?x) {{}}")
    assert (answer.headers["cache-control"], "etag" in answer.headers) == ("no-store", False)


def test_pages_of_other_sites_may_ask(client: httpx.Client) -> None:
    origin = {"Origin": "https://example.org"}
    answer = client.get("/sparql", params={"query": "ASK {}"}, headers=origin)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "X-Dataset-Version" in answer.headers["access-control-expose-headers"]
    preflight = client.options(
        "/sparql",
        headers={
            **origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
    )
    assert (preflight.status_code, preflight.headers["access-control-max-age"]) == (200, "86400")


# Descriptions


@pytest.mark.parametrize("accept", ["*/*", *TRIPLES])
def test_endpoint_describes_itself(client: httpx.Client, accept: str) -> None:
    """In each format of RDF, with the address at which it was asked."""
    answer = client.get("/sparql", headers={"Accept": accept})
    found = triples(answer.content, answer.headers["content-type"])
    endpoint = NamedNode(f"{str(client.base_url).rstrip('/')}/sparql")
    assert [each.object for each in found if each.predicate == sd("endpoint")] == [endpoint]
    kinds = {each.object for each in found if each.predicate.value == str(RDF.type)}
    assert kinds == {sd("Service"), sd("Dataset"), sd("Graph")}
    terms = {each.predicate for each in found if each.predicate.value.startswith(SD)}
    assert terms == {
        sd("endpoint"),
        sd("supportedLanguage"),
        sd("feature"),
        sd("propertyFeature"),
        sd("resultFormat"),
        sd("defaultDataset"),
        sd("defaultGraph"),
    }


def sd(name: str) -> NamedNode:
    """Give a term of the vocabulary for service descriptions."""
    return NamedNode(SD + name)


def test_description_names_the_public_address(
    serve: Callable[[Settings], Any], data_set: Path
) -> None:
    service = serve(Settings(store=data_set, workers=1, public_url="https://example.org/cg/"))
    assert "sd:endpoint <https://example.org/cg/sparql>" in service.client.get("/sparql").text


def test_data_set_is_described_where_it_is_looked_for(client: httpx.Client) -> None:
    turtle = client.get("/.well-known/void")
    other = client.get("/.well-known/void", headers={"Accept": "application/ld+json"})
    assert triples(turtle.content, "text/turtle") == triples(other.content, "application/ld+json")
    assert len(triples(turtle.content, "text/turtle")) == 3


def test_who_prefers_pages_gets_a_form(client: httpx.Client) -> None:
    answer = client.get("/sparql", headers={"Accept": "text/html, */*;q=0.8"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<textarea" in answer.text


@pytest.mark.parametrize(
    ("query", "status", "shown"),
    [
        (LABELS, 200, "Soviet Union"),
        ("DESCRIBE <state/soviet-union>", 200, "Soviet Union"),
        ("SELECT * {", 400, "Line 1, column 11: unexpected end of the query."),
    ],
)
def test_form_shows_what_came_of_the_query(
    client: httpx.Client, query: str, status: int, shown: str
) -> None:
    answer = get(client, query, "text/html, */*;q=0.8")
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "text/html; charset=utf-8",
    )
    assert shown in answer.text
