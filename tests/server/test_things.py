"""Our IRIs answer at their paths, in the format that is asked for, with what the store says."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, RDFS, SKOS

from tests.server.side_fixture import Built

# rdflib's own reader of JSON-LD uses what rdflib has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")

DATA = "https://w3id.org/cablegraph/"
CG = "https://w3id.org/cablegraph/ontology#"
WD = "http://www.wikidata.org/entity/"
STALIN = URIRef(f"{DATA}person/stalin-joseph")
OFFER = "fact/frus1945Malta/d256/18310a3a"
TELEGRAM = "document/frus1945Malta/d256"
FORMATS = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "rdf": "xml"}

Term = NamedNode | BlankNode | Literal
Triples = set[tuple[str, str, str]]


def read(client: httpx.Client, path: str, accept: str = "text/turtle") -> Graph:
    """Read what a path answers, as RDF."""
    answer = client.get(path, headers={"Accept": accept})
    assert answer.status_code == 200, answer.text
    return Graph().parse(data=answer.text, format=accept)


def triples(client: httpx.Client, path: str) -> Triples:
    """Give the triples that a path answers as N-Triples."""
    answer = client.get(f"{path}.nt")
    assert answer.status_code == 200, answer.text
    read = parse(answer.content, format=RdfFormat.N_TRIPLES)
    return {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in read}


def stated(built: Built, *, subject: str | None = None, graph: str | None = None) -> Triples:
    """Give the triples of the store with this subject, or in this graph."""
    one = None if subject is None else NamedNode(subject)
    where = None if graph is None else NamedNode(graph)
    quads = built.store.quads_for_pattern(one, None, None, where)
    return {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads}


# What is said


def test_person_in_turtle_has_the_link_to_wikidata(api: httpx.Client) -> None:
    graph = read(api, "/person/stalin-joseph")
    assert set(graph.objects(STALIN, SKOS.exactMatch)) == {URIRef(f"{WD}Q855")}
    assert [str(label) for label in graph.objects(STALIN, RDFS.label)] == ["Joseph Stalin"]


def test_telegram_in_turtle_has_the_names_and_links_of_all_that_it_names(
    api: httpx.Client,
) -> None:
    graph = read(api, f"/{TELEGRAM}")
    links = {
        str(subject).removeprefix(DATA): str(item).removeprefix(WD)
        for subject, item in graph.subject_objects(SKOS.exactMatch)
    }
    assert links == {
        "person/gromyko-andrei": "Q184267",
        "person/harriman-w-averell": "Q345531",
        "person/hopkins-harry-l": "Q450615",
        "person/roosevelt-franklin-d": "Q8007",
        "person/stalin-joseph": "Q855",
        "place/moscow": "Q649",
        "place/petropavlovsk-kamchatsky": "Q7951",
        "place/washington": "Q61",
        "state/japan": "Q17",
        "state/united-states": "Q30",
        "topic/pacific-war": "Q184425",
    }
    assert set(links) <= {str(each).removeprefix(DATA) for each in graph.subjects(RDFS.label)}


def test_fact_has_its_words_and_no_blank_node(api: httpx.Client, built: Built) -> None:
    own = [f"{DATA}{OFFER}{part}" for part in ("", "#evidence", "#quote", "#position")]
    expected = set().union(*(stated(built, subject=subject) for subject in own))
    found = triples(api, f"/{OFFER}")
    assert {triple for triple in found if triple[0] in {f"<{iri}>" for iri in own}} == expected
    assert [triple for triple in found if triple[0].startswith("_:")] == []


@pytest.mark.parametrize("name", ["frus1945Malta/d256", "frus1945Malta", "links", "authority"])
def test_named_graph_gives_all_of_its_triples(api: httpx.Client, built: Built, name: str) -> None:
    assert triples(api, f"/graph/{name}") == stated(built, graph=f"{DATA}graph/{name}")


@pytest.mark.parametrize("path", ["person/stalin-joseph", TELEGRAM, OFFER, "volume/frus1945Malta"])
def test_every_format_says_the_same(api: httpx.Client, path: str) -> None:
    graphs = [
        set(Graph().parse(data=api.get(f"/{path}.{suffix}").text, format=name))
        for suffix, name in FORMATS.items()
    ]
    assert len(graphs[0]) > 5
    assert [len(graph ^ graphs[0]) for graph in graphs] == [0] * len(FORMATS)


def test_every_iri_of_ours_in_the_store_answers(api: httpx.Client, built: Built) -> None:
    """A link never leads nowhere: each thing that something is said about has an address."""
    paths = {iri.removeprefix(DATA).partition("#")[0] for iri in ours(built)}
    turtle = {"Accept": "text/turtle"}
    lost = [path for path in sorted(paths) if api.get(f"/{path}", headers=turtle).is_error]
    assert lost == []


def ours(built: Built) -> Iterator[str]:
    """Give the IRIs of ours in the store, terms of the ontology included."""
    terms = {
        term.value
        for quad in built.store
        for term in (quad.subject, quad.object, quad.graph_name)
        if isinstance(term, NamedNode)
    }
    return (iri for iri in terms if iri.startswith(DATA) and "genid" not in iri)


def test_json_ld_begins_with_the_thing_itself(api: httpx.Client) -> None:
    nodes = json.loads(api.get(f"/{OFFER}.jsonld").text)["@graph"]
    first = nodes[0]
    assert (first["id"], first["actor"], first["content"], first["date"]) == (
        f"{DATA}{OFFER}",
        [str(STALIN)],
        "the use of Petropavlovsk as a base",
        "1944-10-17",
    )


def test_turtle_is_short_and_begins_with_the_thing_itself(api: httpx.Client) -> None:
    lines = api.get("/person/stalin-joseph.ttl").text.splitlines()
    body = [line for line in lines if not line.startswith("@prefix")]
    assert body[0].startswith("person:stalin-joseph a ")
    assert "skos:exactMatch wd:Q855" in "\n".join(body)


# How it is asked for


@pytest.mark.parametrize(
    ("accept", "type_"),
    [
        ("*/*", "text/turtle; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("text/turtle", "text/turtle; charset=utf-8"),
        ("application/ld+json", "application/ld+json"),
        ("application/n-triples", "application/n-triples"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/json", "application/json"),
        ("text/turtle;q=0.1, application/json", "application/json"),
    ],
)
@pytest.mark.parametrize("path", ["person/stalin-joseph", TELEGRAM, OFFER, "ontology"])
def test_accept_header_chooses_the_format(
    api: httpx.Client, path: str, accept: str, type_: str
) -> None:
    answer = api.get(f"/{path}", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, type_)
    assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/person/stalin-joseph", "/api/entities/person/stalin-joseph"),
        (f"/{TELEGRAM}", "/api/documents/frus1945Malta/d256"),
        (f"/{OFFER}", "/api/facts/frus1945Malta/d256/18310a3a"),
        ("/volume/frus1945Malta", "/api/volumes/frus1945Malta"),
    ],
)
def test_json_is_that_of_the_json_routes(api: httpx.Client, path: str, route: str) -> None:
    assert api.get(f"{path}.json").json() == api.get(route).json()


def test_suffix_counts_more_than_the_header(api: httpx.Client) -> None:
    answer = api.get("/person/stalin-joseph.nt", headers={"Accept": "text/html"})
    assert answer.headers["content-type"] == "application/n-triples"


def test_other_formats_are_named_with_their_addresses(api: httpx.Client) -> None:
    answer = api.get("/person/stalin-joseph.ttl")
    for part in answer.headers["link"].split(", "):
        address = part.partition(">")[0].removeprefix("<")
        if "alternate" in part:
            type_ = part.rpartition('type="')[2].rstrip('"')
            assert api.get(address).headers["content-type"].startswith(type_), part
    assert f'<{STALIN}>; rel="describes"' in answer.headers["link"]


def test_what_has_no_page_comes_as_turtle_to_a_browser(api: httpx.Client) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for path in ("curation/frus1945Malta/d256", "link/person/stalin-joseph", "graph/links"):
        answer = api.get(f"/{path}", headers=browser)
        assert (answer.status_code, answer.headers["content-type"]) == (
            200,
            "text/turtle; charset=utf-8",
        )


@pytest.mark.parametrize(
    "path",
    [
        "/person/nobody.ttl",
        "/person/nobody.html",
        "/person/nobody.json",
        "/person/.ttl",
        "/document/frus1945Malta/d999",
        "/graph/nothing",
        "/ontology.txt",
        "/ontology/person",
    ],
)
def test_what_is_not_known_is_not_found(api: httpx.Client, path: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.json()["status"]) == (404, 404)


def test_format_that_cannot_be_given_is_not_acceptable(api: httpx.Client) -> None:
    answer = api.get("/person/stalin-joseph", headers={"Accept": "image/png"})
    assert (answer.status_code, answer.json()["title"]) == (406, "Not acceptable")


def test_name_that_is_no_iri_is_refused(api: httpx.Client) -> None:
    assert api.get("/person/%3Cx%3E.ttl").status_code == 422


def test_client_that_has_the_answer_is_told_so(api: httpx.Client) -> None:
    first = api.get(f"/{TELEGRAM}", headers={"Accept": "text/turtle"})
    asked = {"Accept": "text/turtle", "If-None-Match": first.headers["etag"]}
    assert api.get(f"/{TELEGRAM}", headers=asked).status_code == 304
    assert api.get(f"/{TELEGRAM}", headers=asked | {"Accept": "text/html"}).status_code == 200


def test_head_gives_the_headers_of_get(api: httpx.Client) -> None:
    answers = [api.request(method, f"/{OFFER}.ttl") for method in ("GET", "HEAD")]
    headers = [{**answer.headers, "date": ""} for answer in answers]
    assert headers[0] == headers[1]


# The ontology


def test_ontology_is_given_whole(api: httpx.Client) -> None:
    graph = read(api, "/ontology")
    assert (URIRef(f"{CG}Request"), RDF.type, None) in graph
    assert len(graph) == len(read(api, "/ontology.jsonld", "application/ld+json"))


def test_ontology_has_a_page_in_which_each_term_has_its_place(api: httpx.Client) -> None:
    page = api.get("/ontology", headers={"Accept": "text/html"})
    assert 'id="Request"' in page.text
