"""The JSON routes give whole answers, say what they are, and never fail on what is asked."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, get_args
from urllib.parse import parse_qsl, quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from rdflib import Graph, URIRef

import ontology
import queries
from server import answers
from server import api as routes
from tests.server.side_fixture import Built

# rdflib's own reader of JSON-LD uses what rdflib has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")

DATA = "https://w3id.org/cablegraph/"
STALIN = {"id": "person/stalin-joseph", "iri": f"{DATA}person/stalin-joseph"} | {
    "label": "Joseph Stalin"
}
OFFER = {
    "id": "fact/frus1945Malta/d256/18310a3a",
    "iri": f"{DATA}fact/frus1945Malta/d256/18310a3a",
    "kind": "offer",
    "status": "made",
    "force": None,
    "content": "the use of Petropavlovsk as a base",
    "actors": [STALIN],
    "acting_states": [
        {
            "id": "state/soviet-union",
            "iri": f"{DATA}state/soviet-union",
            "label": "Soviet Union",
        }
    ],
    "addressees": [
        {
            "id": "state/united-states",
            "iri": f"{DATA}state/united-states",
            "label": "United States",
        }
    ],
    "participants": [],
    "presented_by": [],
    "reported_by": [
        {
            "id": "person/harriman-w-averell",
            "iri": f"{DATA}person/harriman-w-averell",
            "label": "W. Averell Harriman",
        }
    ],
    "about": [
        {
            "id": "place/petropavlovsk-kamchatsky",
            "iri": f"{DATA}place/petropavlovsk-kamchatsky",
            "label": "Petropavlovsk-Kamchatsky",
        }
    ],
    "location": None,
    "date": {
        "edtf": "1944-10-17",
        "earliest": "1944-10-17",
        "latest": "1944-10-17",
        "text": "17 October 1944",
    },
    "condition": None,
    "deadline": None,
    "quantity": None,
    "evidence": [
        {
            "exact": "specifically offered us the use of Petropavlovsk as a base.",
            "start": 1513,
            "end": 1572,
        }
    ],
    "trigger": "offered",
    "document": {
        "id": "document/frus1945Malta/d256",
        "iri": f"{DATA}document/frus1945Malta/d256",
        "label": "The Ambassador in the Soviet Union (Harriman) to the President",
    },
    "document_date": {
        "edtf": "1944-10-17",
        "earliest": "1944-10-17",
        "latest": "1944-10-17",
        "text": "17 October 1944",
    },
    "citation": "The Ambassador in the Soviet Union (Harriman) to the President, 17 October 1944, "
    "in Foreign Relations of the United States: Diplomatic Papers, Conferences at Malta and Yalta, "
    "1945 (Washington: Government Printing Office, 1955), document 256, "
    "history.state.gov/historicaldocuments/frus1945Malta/d256.",
    "voice": "telegram",
    "confidence": 1.0,
    "origin": "curation/frus1945Malta/d256",
    "curated": True,
    "links": [],
    "possible_links": [],
}


def contents(answer: httpx.Response) -> list[str]:
    """Give what the facts of a list say, in short."""
    assert answer.status_code == 200, answer.text
    return [item["content"][:30] for item in answer.json()["items"]]


# Facts


def test_fact_is_given_with_its_words_and_where_they_stand(api: httpx.Client) -> None:
    assert api.get("/api/facts/frus1945Malta/d256/18310a3a").json() == OFFER


def test_evidence_stands_in_the_text_at_its_offsets(api: httpx.Client) -> None:
    text = api.get("/api/documents/frus1945Malta/d256").json()["text"]
    facts = api.get("/api/facts").json()["items"]
    evidence = [words for fact in facts for words in fact["evidence"]]
    assert [text[words["start"] : words["end"]] for words in evidence] == [
        words["exact"] for words in evidence
    ]


def test_stalin_made_three_requests(api: httpx.Client) -> None:
    answer = api.get("/api/facts?kind=request&actor=stalin")
    assert contents(answer) == [
        "urgent consideration of cooper",
        "help from the Navy",
        "secrecy; no premature arousing",
    ]
    assert (answer.json()["total"], answer.json()["next"]) == (3, None)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 18),
        ("kind=request&kind=offer", 6),
        ("kind=request&actor=stalin&addressee=united-states-navy", 1),
        ("actor=stalin&actor=deane", 12),
        ("participant=stalin", 2),
        ("about=petropavlovsk", 1),
        ("acting_state=soviet-union", 11),
        ("location=moscow", 1),
        ("reported_by=harriman", 18),
        ("entity=gromyko", 1),
        ("document=frus1945Malta/d256&volume=frus1945Malta", 18),
        ("document=https://w3id.org/cablegraph/document/frus1945Malta/d256", 18),
        ("status=proposed", 1),
        ("force=agree", 3),
        ("from=1944-11&to=1944-12", 1),
        ("to=1943", 1),
        ("q=%22Break+Japan%22", 1),
        ("min_confidence=1", 18),
    ],
)
def test_facts_are_filtered(api: httpx.Client, query: str, count: int) -> None:
    assert api.get(f"/api/facts?{query}").json()["total"] == count


def test_answer_and_request_are_linked_both_ways(api: httpx.Client) -> None:
    facts = api.get("/api/facts").json()["items"]
    links = [(fact["id"], link) for fact in facts for link in fact["links"]]
    how = ("relation", "manner", "confidence", "reason", "origin")
    curated = (1.0, "as a person read it", "curation/frus1945Malta/d256")
    assert [tuple(link[key] for key in how) for _, link in links] == [
        ("responds_to", "accept", *curated),
        ("answered_by", "accept", *curated),
    ]
    assert [link["content"][:20] for _, link in links] == [
        "suggestions for the ",
        "generally approved t",
    ]
    assert {id for id, _ in links} == {link["id"] for _, link in links}


def test_timeline_says_which_part_the_entity_has(api: httpx.Client) -> None:
    items = api.get("/api/timeline?entity=deane").json()["items"]
    assert [(item["roles"], item["fact"]["kind"]) for item in items] == [
        (["participant"], "meeting"),
        (["actor"], "commitment"),
        (["presented_by"], "request"),
    ]


# Paging


def test_next_leads_through_the_whole_list(api: httpx.Client) -> None:
    whole = api.get("/api/facts?reported_by=harriman").json()["items"]
    found, address = [], "/api/facts?reported_by=harriman&limit=5"
    while address:
        page = api.get(address).json()
        found += page["items"]
        address = page["next"]
    assert found == whole


def test_page_beyond_the_end_is_not_found(api: httpx.Client) -> None:
    assert api.get("/api/facts?page=5&limit=5").json() == {
        "type": "/problems/not-found",
        "title": "Not found",
        "status": 404,
        "detail": "There is no page 5: 18 items make 4 of 5.",
        "hint": "Ask for page 4 or one before it.",
    }


@pytest.mark.parametrize(
    ("filters", "types"),
    [
        ("", ["entity", "fact", "document"]),
        ("&volume=frus1945Malta&form=Telegram&form=Letter", ["fact", "document"]),
        ("&from=1944-10&to=1944&type=document", ["document"]),
        ("&form=Letter", []),
        ("&to=1943", []),
    ],
)
def test_search_is_narrowed_by_volume_form_and_date(
    api: httpx.Client, filters: str, types: list[str]
) -> None:
    answer = api.get(f"/api/search?q=petropavlovsk{filters}").json()
    assert [item["type"] for item in answer["items"]] == types
    assert answer["total"] == len(types)


# What is refused


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/api/facts?kinds=request", 400, "Did you mean kind?"),
        ("/api/statistics?volume=x", 400, "It has no parameters."),
        ("/api/queries/met?persan=stalin", 400, "Did you mean person?"),
        ("/api/facts?actor=stallin", 404, "Did you mean person/stalin-joseph?"),
        (
            "/api/timeline?entity=stallin",
            404,
            "Did you mean person/stalin-joseph or place/stalingrad?",
        ),
        ("/api/facts?kind=requests", 422, "'meeting', 'request', 'offer'"),
        ("/api/facts?limit=1001", 422, "1000"),
        ("/api/facts?limit=1&limit=2", 422, "limit is given twice"),
        ("/api/facts?from=17+October", 422, "Write 1944-10-17, 1944-10 or 1944."),
        ("/api/facts?from=1945&to=1944", 422, "Exchange the two."),
        ("/api/facts?volume=frus1945Yalta", 404, "GET /api/volumes lists every volume."),
        ("/api/facts?document=frus1945Malta/d1", 404, "GET /api/documents"),
        ("/api/facts?q=%21", 400, "words with letters or digits"),
        ("/api/timeline", 422, "entity"),
        ("/api/search", 422, "q"),
        ("/api/search?q=base&volume=frus1945Yalta", 404, "GET /api/volumes lists every volume."),
        ("/api/search?q=base&form=Cable", 422, "'Telegram', 'Airgram'"),
        ("/api/documents/frus1945Malta/d1", 404, "GET /api/documents"),
        ("/api/facts/frus1945Malta/d256/nothing", 404, "GET /api/facts"),
        ("/api/entities/person/nobody", 404, "GET /api/complete?q="),
        ("/api/entities/animal/bear", 404, "person, organization, state"),
        ("/api/volumes/nothing", 404, "GET /api/volumes"),
        ("/api/queries/nothing", 404, "GET /api/queries"),
        ("/api/queries/meetings-between?one=stalin", 422, "other"),
        ("/api/nothing", 404, "/api/nothing"),
    ],
)
def test_what_cannot_be_answered_says_why(
    api: httpx.Client, path: str, status: int, words: str
) -> None:
    answer = api.get(path)
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"]) == (status, status)
    assert words in f"{problem['detail']} {problem.get('hint')}"


def test_format_that_cannot_be_given_is_not_acceptable(api: httpx.Client) -> None:
    assert api.get("/api/facts", headers={"Accept": "image/png"}).status_code == 406


# Formats and headers


def test_list_comes_as_csv(api: httpx.Client) -> None:
    by_name = api.get("/api/facts?kind=offer&limit=1&format=csv")
    by_header = api.get("/api/facts?kind=offer&limit=1", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(by_name.text)))
    assert by_name.text == by_header.text
    assert by_name.headers["content-type"] == "text/csv; charset=utf-8"
    assert by_name.links["next"]["url"] == "/api/facts?kind=offer&limit=1&format=csv&page=2"
    assert [(row["kind"], row["actors"], row["date"], row["location"]) for row in rows] == [
        ("offer", "person/stalin-joseph", "1944-10-17", "")
    ]


def test_rows_of_a_query_come_as_csv(api: httpx.Client) -> None:
    answer = api.get("/api/queries/coverage?format=csv")
    assert answer.text == (
        "volume,year,documents,facts\r\n"
        "https://w3id.org/cablegraph/volume/frus1945Malta,1944,1,18\r\n"
    )


def test_client_that_has_the_answer_is_told_so(api: httpx.Client) -> None:
    first = api.get("/api/facts")
    tag = first.headers["etag"]
    again = api.get("/api/facts", headers={"If-None-Match": f'"other", {tag}'})
    other = api.get("/api/facts?kind=offer", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert other.status_code == 200


def test_tag_names_the_version_of_the_data_set(api: httpx.Client, built: Built) -> None:
    answer = api.get("/api/statistics")
    assert answer.headers["etag"].startswith(f'W/"{built.data_set.version}-')
    assert answer.json()["version"] == built.data_set.version


def test_head_gives_the_headers_of_get(api: httpx.Client) -> None:
    answers = [api.request(method, "/api/facts") for method in ("GET", "HEAD")]
    headers = [{**answer.headers, "date": ""} for answer in answers]
    assert headers[0] == headers[1]
    assert answers[1].content == b""


def test_page_of_another_site_may_ask(api: httpx.Client) -> None:
    answer = api.get("/api/facts", headers={"Origin": "https://example.org"})
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "path",
    [
        "facts/frus1945Malta/d256/18310a3a",
        "documents/frus1945Malta/d256",
        "entities/person/stalin-joseph",
    ],
)
def test_json_ld_is_asked_for_in_three_ways(api: httpx.Client, path: str) -> None:
    answers = [
        api.get(f"/api/{path}", headers={"Accept": "application/ld+json"}),
        api.get(f"/api/{path}?format=jsonld"),
        api.get(f"/api/{path}.jsonld"),
    ]
    assert {answer.headers["content-type"] for answer in answers} == {"application/ld+json"}
    assert answers[0].content == answers[1].content == answers[2].content
    assert len(Graph().parse(data=answers[0].text, format="json-ld")) > 20


@pytest.mark.parametrize(
    "path",
    [
        "/api/facts",
        "/api/facts/frus1945Malta/d256/18310a3a",
        "/api/documents",
        "/api/documents/frus1945Malta/d256",
        "/api/entities",
        "/api/entities/person/stalin-joseph",
        "/api/volumes/frus1945Malta",
        "/person/stalin-joseph.json",
    ],
)
def test_plain_json_read_with_its_context_states_what_the_store_states(
    api: httpx.Client, built: Built, path: str
) -> None:
    answer = api.get(path)
    context = answer.links["http://www.w3.org/ns/json-ld#context"]["url"]
    words = api.get(context).json()["@context"]
    graph = Graph().parse(data=answer.text, format="json-ld", context=words)
    stated = Graph()
    for quad in built.store:
        line = f"{quad.triple.subject} {quad.triple.predicate} {quad.triple.object} ."
        stated.parse(data=line, format="nt")
    assert len(graph) > 2
    assert set(graph) - set(stated) == set()
    assert any(isinstance(subject, URIRef) for subject in graph.subjects())


# The description


def operations(client: httpx.Client) -> dict[str, dict[str, Any]]:
    """Give the description of each JSON route, by its path."""
    paths = client.get("/openapi.json").json()["paths"]
    return {path: said["get"] for path, said in paths.items() if path.startswith("/api")}


NONE_IN_SAMPLE = {"/api/threads", "/api/encounters"}
"""One telegram is no thread, and nobody else tells of its meetings."""


def test_every_example_has_an_answer(api: httpx.Client) -> None:
    for path, said in operations(api).items():
        answer = api.get(said["x-example"])
        assert answer.status_code == 200, (path, answer.text)
        assert answer.json().get("items", "no list") != [] or path in NONE_IN_SAMPLE, path


def test_every_parameter_is_described_and_its_example_has_an_answer(api: httpx.Client) -> None:
    for path, said in operations(api).items():
        address, _, given = said["x-example"].partition("?")
        for parameter in said.get("parameters", []):
            schema = parameter["schema"]
            assert parameter.get("description") or schema.get("description"), (path, parameter)
            if parameter["in"] == "path":
                continue
            example = schema["examples"][0]
            values = example if isinstance(example, list) else [example]
            name = parameter["name"]
            rest = [(key, value) for key, value in parse_qsl(given) if key != name]
            own = [(name, str(value)) for value in values]
            answer = api.get(f"{address}?{urlencode([*rest, *own])}")
            assert answer.status_code == 200, (path, own, answer.text)


def test_every_field_is_described(api: httpx.Client) -> None:
    schemas = api.get("/openapi.json").json()["components"]["schemas"]
    bare = [name for name, schema in schemas.items() if not schema.get("description")]
    assert [name for name in bare if not name.startswith(("Page_", "HTTP", "Validation"))] == []


def values(value: object) -> Iterator[tuple[type, str, object]]:
    """Give each field of an answer and of those in it: the class, the name, the value."""
    if isinstance(value, BaseModel):
        for name, field in value:
            yield type(value), name, field
            yield from values(field)
    elif isinstance(value, list):
        for each in value:
            yield from values(each)


def test_every_example_of_a_field_occurs(built: Built) -> None:
    from server import reading
    from server.side import DocumentFilter, EntityFilter, FactFilter, RelationFilter

    side, span = built.side, reading.Span()
    given = [
        reading.facts(side, FactFilter(), span),
        reading.documents(side, DocumentFilter(), span),
        reading.document(side, "frus1945Malta/d256"),
        reading.entities(side, EntityFilter(), span),
        reading.entity(side, "person/stalin-joseph"),
        reading.relations(side, RelationFilter("person/stalin-joseph"), span),
        reading.timeline(side, "person/harriman-w-averell", span),
        reading.volumes(side),
        reading.complete(side, "sta"),
    ]
    found = [(kind, name, value) for answer in given for kind, name, value in values(answer)]
    kinds = {kind for kind, _, _ in found if issubclass(kind, answers.Answer)}
    missing = [
        (kind.__name__, name, example)
        for kind in kinds
        for name, field in kind.model_fields.items()
        for example in field.examples or []
        if not any((kind, name, example) == each for each in found)
    ]
    assert missing == []


def test_index_lists_every_route(api: httpx.Client) -> None:
    listed = {route["path"]: route["example"] for route in api.get("/api").json()["routes"]}
    assert listed == {path: said["x-example"] for path, said in operations(api).items()}


def test_choices_are_the_terms_of_the_ontology() -> None:
    """What a filter may say is what the ontology has a name for."""
    choices = (*get_args(routes.Kind), *get_args(routes.Status), *get_args(routes.Force))
    names = [*(choice.capitalize() for choice in choices), *get_args(routes.Form)]
    assert set(names) <= {str(term).partition("#")[2] for term in ontology.terms()}


def test_every_query_runs_with_its_example(api: httpx.Client) -> None:
    for name in queries.names():
        query = queries.load(name)
        answer = api.get(f"/api/queries/{name}", params=query.examples)
        assert answer.status_code == 200, answer.text
        assert list(answer.json()["columns"]) == list(query.columns)


def test_query_without_its_values_is_described(api: httpx.Client) -> None:
    answer = api.get("/api/queries/met").json()
    query = queries.load("met")
    assert (answer["title"], answer["text"], answer["parameters"]) == (
        query.title,
        query.text,
        {"person": {"type": "iri", "example": "person/stalin-joseph", "description": ""}},
    )


def test_statistics_count_what_there_is(api: httpx.Client) -> None:
    answer = api.get("/api/statistics").json()
    totals = answer["totals"]
    assert totals | {"quads": 0} == {
        "documents": 1,
        "entities": sum(answer["entities_by_type"].values()),
        "facts": 18,
        "links": answer["links_by_state"]["linked"],
        "quads": 0,
        "volumes": 1,
    }
    assert answer["facts_by_kind"] == {"commitment": 9, "meeting": 3, "offer": 2, "request": 4}
    assert answer["documents_by_volume"] == {"frus1945Malta": 1}


# Whatever is asked

ANYTHING = st.text(max_size=30) | st.sampled_from(["stalin", "1944", "request", "1", "-1", "a/b"])
NAMES = st.sampled_from(
    "kind actor addressee about volume document from to q min_confidence limit page format"
    " entity type linked predicate role sort x".split()
)
PATHS = st.sampled_from(
    "facts documents entities timeline relations search complete queries queries/met"
    " queries/coverage statistics volumes".split()
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(path=PATHS, asked=st.lists(st.tuples(NAMES, ANYTHING), max_size=4))
def test_nothing_asked_fails_the_service(
    api: httpx.Client, path: str, asked: list[tuple[str, str]]
) -> None:
    answer = api.get(f"/api/{path}?{urlencode(asked)}")
    assert answer.status_code < 500, answer.text
    if answer.status_code != 200:
        assert answer.json()["status"] == answer.status_code


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(
    type_=st.sampled_from(["person", "document", "fact", "volume", "graph", "tenure", "api/facts"]),
    rest=st.text(min_size=1, max_size=30),
    suffix=st.sampled_from(["", ".ttl", ".html", ".json", ".jsonld"]),
)
def test_no_path_fails_the_service(api: httpx.Client, type_: str, rest: str, suffix: str) -> None:
    answer = api.get(f"/{type_}/{quote(rest, safe='')}{suffix}")
    assert answer.status_code < 500, answer.text
