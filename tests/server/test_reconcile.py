"""The reconciliation service speaks the protocol, and calls nothing certain that is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server import reconcile
from server.matching import likeness
from server.properties import PROPERTIES
from server.protocol import MOST_QUERIES, MOST_ROWS
from server.settings import Settings
from tests.server.side_fixture import Built

STALIN, HARRIMAN = "person/stalin-joseph", "person/harriman-w-averell"
EMBASSY = "position/ambassador-in-the-soviet-union"
DATA = "https://w3id.org/cablegraph/"

PERSON = {"id": "Person", "name": "Person"}
TYPES = [
    PERSON,
    {"id": "Organization", "name": "Organization"},
    {"id": "State", "name": "State"},
    {"id": "Place", "name": "Place"},
    {"id": "Position", "name": "Office"},
    {"id": "Topic", "name": "Topic"},
]


def problem(answer: httpx.Response) -> tuple[int, str, str]:
    """Give what is wrong: the status, the kind and the words."""
    content = answer.json()
    assert content["status"] == answer.status_code
    return answer.status_code, content["type"], content["detail"]


def ask(client: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    """Ask one query, and give its candidates."""
    answer = client.post("/reconcile", data={"queries": json.dumps({"q0": query})})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["q0"]["result"]
    return found


def match(client: httpx.Client, *conditions: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    """Ask one query of the draft, and give its candidates."""
    batch = {"queries": [{"conditions": conditions, **more}]}
    answer = client.post("/reconcile/draft/match", json=batch)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"][0]["candidates"]
    return found


def extend(client: httpx.Client, ids: list[str], *properties: str) -> dict[str, Any]:
    """Ask for properties of entities."""
    query = {"ids": ids, "properties": [{"id": id} for id in properties]}
    answer = client.post("/reconcile", data={"extend": json.dumps(query)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def certain(found: list[dict[str, Any]]) -> list[str]:
    """Give the ids of those that are certain."""
    return [each["id"] for each in found if each["match"]]


# What the service says of itself


def test_manifest_tells_what_clients_of_version_0_2_need(
    serve: Callable[[Settings], Any], built: Built
) -> None:
    store = built.data_set.folder.parents[1]
    service = serve(Settings(store=store, workers=1, public_url="https://example.org/cg/"))
    address = "https://example.org/cg"

    def suggest(kind: str) -> dict[str, str]:
        return {
            "service_url": address,
            "service_path": f"/reconcile/suggest/{kind}",
            "flyout_service_path": f"/reconcile/flyout/{kind}?id=${{id}}",
        }

    answer = service.client.get("/reconcile")
    version = service.app.version
    assert answer.json() == {
        "versions": ["0.1", "0.2"],
        "name": "Cablegraph",
        "documentation": f"{address}/about#reconcile",
        "logo": f"{address}/static/icon.svg",
        "serviceVersion": version,
        "defaultTypes": TYPES,
        "batchSize": 50,
        "identifierSpace": DATA,
        "schemaSpace": f"{DATA}ontology#",
        "view": {"url": f"{address}/{{{{id}}}}"},
        "preview": {
            "url": f"{address}/reconcile/preview?id={{{{id}}}}",
            "width": 420,
            "height": 260,
        },
        "suggest": {kind: suggest(kind) for kind in ("entity", "type", "property")},
        "extend": {
            "propose_properties": {
                "service_url": address,
                "service_path": "/reconcile/properties",
            },
            "property_settings": [],
        },
    }
    assert service.client.get("/reconcile/draft").json() == {
        "versions": ["1.0-draft"],
        "name": "Cablegraph",
        "documentation": f"{address}/about#reconcile",
        "logo": f"{address}/static/icon.svg",
        "serviceVersion": version,
        "defaultTypes": TYPES,
        "batchSize": 50,
        "view": {"url": f"{address}/{{+id}}"},
        "preview": {"width": 420, "height": 260},
        "suggest": {"entity": True, "type": True, "property": True},
        "extend": {"proposeProperties": True, "propertySettings": []},
        "standardizedScore": True,
        "lang": "en",
    }


def test_addresses_of_the_manifest_lead_somewhere(api: httpx.Client) -> None:
    """With the id encoded as a part of an address, as the protocol has it."""
    manifest = api.get("/reconcile").json()
    id = quote(STALIN, safe="")
    suggested = manifest["suggest"]["entity"]
    addresses = [
        manifest["logo"],
        manifest["documentation"],
        manifest["view"]["url"].replace("{{id}}", id),
        manifest["preview"]["url"].replace("{{id}}", id),
        suggested["service_url"] + suggested["service_path"] + "?prefix=sta",
        suggested["service_url"] + suggested["flyout_service_path"].replace("${id}", id),
    ]
    assert [api.get(each).status_code for each in addresses] == [200] * 6


# Candidates

STALIN_FOUND = {
    "id": STALIN,
    "name": "Joseph Stalin",
    "description": "Marshal of the Soviet Union; Chairman of the Council of People's Commissars.",
    "type": [PERSON],
    "score": 100.0,
    "features": [{"id": "likeness", "name": "Likeness of the name", "value": 1.0}],
    "match": True,
}


def test_batch_may_come_by_form_and_by_address(api: httpx.Client) -> None:
    """Each query is answered under the name that the client gave it."""
    queries = {"a": {"query": "Joseph Stalin", "limit": 1}, "b": {"query": "nobody of that name"}}
    batch = {"queries": json.dumps(queries)}
    answers = [api.post("/reconcile", data=batch), api.get("/reconcile", params=batch)]
    assert [answer.json() for answer in answers] == [
        {"a": {"result": [STALIN_FOUND]}, "b": {"result": []}}
    ] * 2


def test_draft_asks_and_answers_in_lists(api: httpx.Client) -> None:
    asked = [
        {"conditions": [{"matchType": "name", "propertyValue": "Joseph Stalin"}], "limit": 1},
        {"conditions": [{"matchType": "name", "propertyValue": "nobody of that name"}]},
    ]
    answer = api.post("/reconcile/draft/match", json={"queries": asked})
    assert answer.json() == {"results": [{"candidates": [STALIN_FOUND]}, {"candidates": []}]}


@pytest.mark.parametrize(
    "text",
    [
        STALIN,
        f"{DATA}{STALIN}",
        "Q855",
        " http://www.wikidata.org/entity/Q855 ",
        "https://www.wikidata.org/wiki/Q855",
    ],
)
def test_identifier_leads_to_its_entity(api: httpx.Client, text: str) -> None:
    assert ask(api, query=text) == [STALIN_FOUND]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Joseph Stalin", [STALIN]),
        ("STALIN, Josef", [STALIN]),
        ("Stalin", []),
        ("Joseph Stalln", []),
        ("Averell Harriman", [HARRIMAN]),
        ("W. A. Harriman", []),
        ("Moscow", ["place/moscow"]),
        ("Roosevelt, Franklin, President", []),
        ("", []),
        ("…", []),
    ],
)
def test_only_a_name_of_ones_own_is_certain(
    api: httpx.Client, query: str, expected: list[str]
) -> None:
    """A surname may be another's, and what is spelt otherwise has to be looked at."""
    assert certain(ask(api, query=query)) == expected


@pytest.mark.parametrize(
    ("property", "value", "agrees"),
    [
        ("represents", "Soviet Union", 1.0),
        ("represents", "USSR", 1.0),
        ("represents", {"id": "state/soviet-union", "name": "the Soviets"}, 1.0),
        ("represents", {"id": "state/united-states"}, 0.0),
        ("represents", "United States", 0.0),
        ("represents", ["Japan", "Soviet Union"], 1.0),
        ("wikidata", "Q855", 1.0),
        ("wikidata", "Q345531", 0.0),
        ("office", "Council of People's Commissars", 1.0),
        ("office", "Chairman of the board", 0.75),
        ("name", "Josef", 1.0),
        ("description", "marshal", 1.0),
        ("in_office", "1944", None),
        ("facts", 14, None),
        ("professionOrOccupation", "Politik*", None),
    ],
)
def test_what_else_is_known_of_a_row_counts(
    api: httpx.Client, property: str, value: object, agrees: float | None
) -> None:
    """With it a surname can be certain; what nothing is known of says neither yes nor no."""
    found = ask(api, query="Stalin", properties=[{"pid": property, "v": value}])
    [stalin] = [each for each in found if each["id"] == STALIN]
    told = {each["id"]: each["value"] for each in stalin["features"]}
    assert told == {"likeness": 1.0} | ({} if agrees is None else {property: agrees})
    score = 100.0 if agrees is None else round(100 * (2 + agrees) / 3, 1)
    assert (stalin["score"], stalin["match"]) == (score, agrees == 1.0)


@pytest.mark.parametrize(
    ("when", "agrees"),
    [
        ("1944-10-17", 1.0),
        ("1943", 1.0),
        ("1946-02", 0.0),
        ("1940/1943", 1.0),
        ("../1942", 0.0),
        ("1946/..", 1.0),
        ("1943?", 1.0),
        (1944, 1.0),
        (1944.0, 1.0),
    ],
)
def test_time_agrees_where_periods_touch(
    api: httpx.Client, when: str | float, agrees: float
) -> None:
    found = ask(api, query="Averell Harriman", properties=[{"pid": "in_office", "v": when}])
    assert found[0]["features"][1] == {"id": "in_office", "name": "Time in office", "value": agrees}


@pytest.mark.parametrize(
    ("property", "value"),
    [
        ("in_office", "17 October 1944"),
        ("in_office", 10**400),
        ("in_office", True),
        ("wikidata", "the great one"),
        ("latitude", "north"),
    ],
)
def test_what_cannot_be_compared_is_no_evidence(
    api: httpx.Client, property: str, value: object
) -> None:
    """A column that is written in another way must not speak against every row."""
    query = "Petropavlovsk" if property == "latitude" else "Averell Harriman"
    [first, *_] = ask(api, query=query, properties=[{"pid": property, "v": value}])
    assert [each["id"] for each in first["features"]] == ["likeness"]
    assert first["match"] is True


@pytest.mark.parametrize(("degrees", "agrees"), [(53.07, 1.0), ("52", 0.0)])
def test_coordinates_agree_where_they_are_near(
    api: httpx.Client, degrees: float | str, agrees: float
) -> None:
    found = ask(api, query="Petropavlovsk", properties=[{"pid": "latitude", "v": degrees}])
    assert found[0]["features"][1]["value"] == agrees


def test_item_finds_what_the_name_does_not(api: httpx.Client) -> None:
    """But if the name is another, one of the two is wrong."""
    item = {"pid": "wikidata", "v": "Q855"}
    assert certain(ask(api, properties=[item])) == [STALIN]
    assert certain(ask(api, query="Stalin", properties=[item])) == [STALIN]
    assert certain(ask(api, query="Dzhugashvili", properties=[item])) == []
    assert [each["id"] for each in ask(api, query="Dzhugashvili", properties=[item])] == [STALIN]


def test_words_are_looked_for_beyond_exact_names(api: httpx.Client) -> None:
    """By initials, by other spellings and in any order, the likest first."""
    names = ("Harriman W A", "Gromiko, Andrei", "ambassador to the Soviet Union", "Roosevelt F")
    assert [ask(api, query=name, limit=1)[0]["id"] for name in names] == [
        HARRIMAN,
        "person/gromyko-andrei",
        EMBASSY,
        "person/roosevelt-franklin-d",
    ]


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("Position", {"Position"}),
        (["Position", "State"], {"Position", "State"}),
        (f"{DATA}ontology#State", {"State"}),
        ("DifferentiatedPerson", set()),
        ([], {"Position", "State", "Organization", "Person"}),
    ],
)
def test_type_is_a_condition(api: httpx.Client, type_: object, expected: set[str]) -> None:
    found = ask(api, query="Soviet Union", type=type_, limit=50)
    assert {each["type"][0]["id"] for each in found} == expected


def test_two_who_bear_a_name_are_both_proposed(api: httpx.Client) -> None:
    """The scores are equal, and who is in more facts comes first."""
    found = ask(api, query="United States", limit=1000, type_strict="should")
    assert found[0]["id"] == "state/united-states"
    assert [each["score"] for each in found] == sorted(
        (each["score"] for each in found), reverse=True
    )


# Conditions of the draft

NAMED = {"matchType": "name", "propertyValue": "Harriman"}


@pytest.mark.parametrize(
    ("values", "quantifier", "agrees"),
    [
        (["Japan", "United States"], "any", 1.0),
        (["Japan", "United States"], "all", 0.0),
        (["Japan", "Soviet Union"], "none", 1.0),
        ("United States", "none", 0.0),
    ],
)
def test_condition_says_how_many_of_its_values_count(
    api: httpx.Client, values: object, quantifier: str, agrees: float
) -> None:
    condition = {"matchType": "property", "propertyId": "represents", "propertyValue": values}
    [found] = match(api, NAMED, {**condition, "matchQuantifier": quantifier})
    assert found["features"][1]["value"] == agrees


@pytest.mark.parametrize(
    ("property", "value", "quantifier", "found"),
    [
        ("represents", "United States", "any", [HARRIMAN]),
        ("represents", "Japan", "any", []),
        ("represents", "United States", "none", []),
        ("member_of", "Joint Chiefs of Staff", "any", []),
        ("member_of", "Joint Chiefs of Staff", "none", [HARRIMAN]),
    ],
)
def test_required_condition_keeps_others_out(
    api: httpx.Client, property: str, value: str, quantifier: str, found: list[str]
) -> None:
    """What is not known does not meet a condition, unless it is that something is not so."""
    condition = {
        "matchType": "property",
        "propertyId": property,
        "propertyValue": value,
        "matchQuantifier": quantifier,
        "matchQualifier": "ExactMatch",
        "required": True,
    }
    assert [each["id"] for each in match(api, NAMED, condition)] == found


def test_two_conditions_on_one_property_must_both_hold(api: httpx.Client) -> None:
    conditions = [
        {"matchType": "property", "propertyId": "represents", "propertyValue": state}
        for state in ("United States", "Japan")
    ]
    [found] = match(api, NAMED, *conditions, type="Person", lang="en", dir="ltr")
    assert found["features"][1] == {"id": "represents", "name": "State represented", "value": 0.0}


# Columns


def test_columns_are_filled_with_what_is_known(api: httpx.Client) -> None:
    """An item of Wikidata belongs to another service, which is named."""
    properties = ["wikidata", "office", "in_office", "represents", "member_of", "facts"]
    found = extend(api, [HARRIMAN, f"{DATA}state/soviet-union", "person/nobody"], *properties)
    assert found["meta"] == [
        {
            "id": "wikidata",
            "name": "Wikidata item",
            "service": "https://wikidata.reconci.link/en/api",
        },
        {"id": "office", "name": "Office held", "type": {"id": "Position", "name": "Office"}},
        {"id": "in_office", "name": "Time in office"},
        {"id": "represents", "name": "State represented", "type": {"id": "State", "name": "State"}},
        {"id": "member_of", "name": "Member of", "type": TYPES[1]},
        {"id": "facts", "name": "Facts"},
    ]
    nothing: dict[str, list[Any]] = {name: [] for name in properties}
    assert found["rows"] == {
        HARRIMAN: {
            "wikidata": [{"id": "Q345531", "name": "Q345531"}],
            "office": [{"id": EMBASSY, "name": "Ambassador in the Soviet Union"}],
            "in_office": [{"str": "1943-10-23/1946-01-24"}],
            "represents": [{"id": "state/united-states", "name": "United States"}],
            "member_of": [],
            "facts": [{"int": 18}],
        },
        f"{DATA}state/soviet-union": nothing
        | {
            "wikidata": [{"id": "Q15180", "name": "Q15180"}],
            "facts": [{"int": 11}],
        },
        "person/nobody": nothing,
    }


def test_draft_gives_the_same_columns_in_lists(api: httpx.Client) -> None:
    ids = ["place/petropavlovsk-kamchatsky"]
    found = extend(api, ids, "latitude")
    asked = {"ids": ids, "properties": [{"id": "latitude"}]}
    answer = api.post("/reconcile/draft/extend", json=asked).json()
    [value] = found["rows"]["place/petropavlovsk-kamchatsky"]["latitude"]
    assert list(value) == ["float"]
    assert answer == {
        "meta": found["meta"],
        "rows": [
            {
                "id": "place/petropavlovsk-kamchatsky",
                "properties": [{"id": "latitude", "values": [value]}],
            }
        ],
    }


@pytest.mark.parametrize("path", ["/reconcile/properties", "/reconcile/draft/extend/propose"])
def test_properties_are_proposed_by_type(api: httpx.Client, path: str) -> None:
    assert api.get(path, params={"type": "State", "limit": 2}).json() == {
        "type": "State",
        "limit": 2,
        "properties": [
            {"id": "wikidata", "name": "Wikidata item"},
            {"id": "close_match", "name": "Wikidata item, not certain"},
        ],
    }
    listed = api.get(path, params={"type": "Person"}).json()["properties"]
    assert "latitude" not in {each["id"] for each in listed}
    assert len(api.get(path).json()["properties"]) == len(PROPERTIES)


def test_every_property_can_be_read_of_everything(api: httpx.Client) -> None:
    ids = [each["id"] for each in api.get("/api/entities?limit=1000").json()["items"]]
    rows = extend(api, ids, *PROPERTIES)["rows"]
    filled = {name for row in rows.values() for name, values in row.items() if values}
    assert filled == set(PROPERTIES) - {"close_match"}


# Suggestions and small views


def test_names_are_suggested_as_they_are_typed(api: httpx.Client) -> None:
    """The second page goes on where the first ended."""
    entity = "/reconcile/suggest/entity"
    assert api.get(entity, params={"prefix": "joseph stal"}).json() == {
        "result": [
            {
                "id": STALIN,
                "name": "Joseph Stalin",
                "description": STALIN_FOUND["description"],
                "notable": [PERSON],
            }
        ]
    }
    assert api.get(entity, params={"prefix": "Q855"}).json()["result"][0]["id"] == STALIN
    everything = [
        each["id"]
        for cursor in (0, 20, 40)
        for each in api.get(entity, params={"cursor": cursor}).json()["result"]
    ]
    assert len(everything) == len(set(everything)) == 60
    places = api.get(entity, params={"prefix": "p", "type": "Place"}).json()["result"]
    assert {each["notable"][0]["id"] for each in places} == {"Place"}


@pytest.mark.parametrize(
    ("kind", "prefix", "found"),
    [
        ("type", "off", ["Position"]),
        ("type", "posi", ["Position"]),
        ("type", "", ["Person", "Organization", "State", "Place", "Position", "Topic"]),
        ("property", "item", ["wikidata", "close_match"]),
        ("property", "in_off", ["in_office"]),
        ("property", "none such", []),
    ],
)
@pytest.mark.parametrize("root", ["/reconcile", "/reconcile/draft"])
def test_types_and_properties_are_suggested(
    api: httpx.Client, root: str, kind: str, prefix: str, found: list[str]
) -> None:
    answer = api.get(f"{root}/suggest/{kind}", params={"prefix": prefix}).json()
    assert [each["id"] for each in answer["result"]] == found
    assert all(each["description"] and "notable" not in each for each in answer["result"])


@pytest.mark.parametrize(
    ("kind", "id", "shown"),
    [
        (
            "entity",
            STALIN,
            "<p><strong>Joseph Stalin</strong></p><p>Marshal of the Soviet Union; Chairman of the"
            " Council of People&#39;s Commissars.</p>",
        ),
        ("type", "Person", "<p><strong>Person</strong></p><p>An individual human being.</p>"),
        ("property", "facts", "<p><strong>Facts</strong></p><p>How many facts name it.</p>"),
    ],
)
def test_small_view_is_html_without_markup_of_others(
    api: httpx.Client, kind: str, id: str, shown: str
) -> None:
    answer = api.get(f"/reconcile/flyout/{kind}", params={"id": id})
    assert answer.json() == {"id": id, "html": shown}
    missing = api.get(f"/reconcile/flyout/{kind}", params={"id": "<b>"})
    assert problem(missing) == (404, "/problems/not-found", f'There is no {kind} "<b>".')


@pytest.mark.parametrize("path", ["/reconcile/preview", "/reconcile/draft/preview"])
def test_preview_may_be_shown_in_a_frame_and_no_other_page(api: httpx.Client, path: str) -> None:
    page = api.get(path, params={"id": HARRIMAN})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].endswith("frame-ancestors *")
    assert "script" not in page.headers["content-security-policy"] + page.text
    for words in ("W. Averell Harriman", "23 October 1943", "Q345531", "18 facts"):
        assert words in page.text
    other = api.get(f"/{HARRIMAN}", headers={"Accept": "text/html"})
    assert other.headers["content-security-policy"].endswith("frame-ancestors 'none'")


def test_preview_of_what_is_not_known_is_a_problem(api: httpx.Client) -> None:
    answer = api.get("/reconcile/preview", params={"id": "person/nobody"})
    assert problem(answer)[:2] == (404, "/problems/unknown-name")


# Other sites


def test_pages_of_other_sites_may_ask(api: httpx.Client) -> None:
    origin = {"Origin": "https://example.org"}
    answers = [
        api.get("/reconcile", headers=origin),
        api.post("/reconcile", data={"queries": "{}"}, headers=origin),
        api.options(
            "/reconcile/draft/match",
            headers={
                **origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type",
            },
        ),
    ]
    assert [each.headers["access-control-allow-origin"] for each in answers] == ["*"] * 3


def test_answer_may_be_a_call_of_a_function(api: httpx.Client) -> None:
    path = "/reconcile/suggest/type?prefix=place"
    plain, called = api.get(path), api.get(f"{path}&callback=jQuery34_1.$done")
    assert called.text == f"/**/jQuery34_1.$done({plain.text});"
    assert (called.headers["content-type"], called.headers["x-content-type-options"]) == (
        "text/javascript; charset=utf-8",
        "nosniff",
    )


@pytest.mark.parametrize(
    "callback", ["", "alert(1)//", "a b", "1a", "a..b", "a\n", "ä", "a.b.c.d.e.f", "a" * 65]
)
def test_what_is_no_name_of_a_function_is_refused(api: httpx.Client, callback: str) -> None:
    answer = api.get("/reconcile", params={"callback": callback})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == 422


# What cannot be answered


def form(name: str, value: object) -> dict[str, Any]:
    """Give a request with one field in its form."""
    return {"data": {name: value if isinstance(value, str) else json.dumps(value)}}


MANY: dict[str, Any] = {f"q{n}": {"query": "x"} for n in range(MOST_QUERIES + 1)}
LONG = "x" * 501
ROWS = {"ids": ["x"] * (MOST_ROWS + 1), "properties": []}
UNKNOWN = {"ids": ["x"], "properties": [{"id": "born"}]}


@pytest.mark.parametrize(
    ("request_", "status", "slug", "words"),
    [
        (form("queries", MANY), 413, "too-many-rows", "The request has 51 rows; 50 are allowed."),
        (form("extend", ROWS), 413, "too-many-rows", "The request has 1001 rows; 1000 are allowed"),
        (form("queries", "{"), 422, "invalid-request", ": Invalid JSON: "),
        (form("queries", [1]), 422, "invalid-request", ": Input should be an object"),
        (form("queries", {"a": {}}), 422, "invalid-request", "a: Value error, it needs a query"),
        (form("queries", {"a": {"query": LONG}}), 422, "invalid-request", "a.query: String should"),
        (
            form("queries", {"a": {"query": "x", "props": []}}),
            422,
            "invalid-request",
            "a.props: Extra inputs are not permitted",
        ),
        (
            form("queries", {"a": {"query": "x", "limit": 0}}),
            422,
            "invalid-request",
            "a.limit: Input should be greater than or equal to 1",
        ),
        (form("extend", UNKNOWN), 422, "invalid-request", 'There is no property "born".'),
        (form("other", "x"), 400, "bad-request", "The form has neither the field `queries` nor"),
        (form("queries", "x" * 1_100_000), 413, "body-too-large", "The body is longer than"),
        ({"json": {"queries": {}}}, 415, "unsupported-media-type", "The body has the type"),
    ],
)
def test_request_that_cannot_be_answered_is_explained(
    api: httpx.Client, request_: dict[str, Any], status: int, slug: str, words: str
) -> None:
    found = problem(api.post("/reconcile", **request_))
    assert found[:2] == (status, f"/problems/{slug}")
    assert words in found[2]


@pytest.mark.parametrize(
    ("batch", "words"),
    [
        ({"queries": [{"conditions": []}]}, "queries.0.conditions: List should have at least 1"),
        ({"queries": [{"props": []}]}, "queries.0.conditions: Field required"),
        ({"queries": [{"conditions": [{"propertyValue": "x"}]}]}, "matchType: Field required"),
        (
            {"queries": [{"conditions": [{"matchType": "property", "propertyValue": "x"}]}]},
            "it needs a propertyId",
        ),
        (
            {"queries": [{"conditions": [{"matchType": "name", "propertyValue": ["x"] * 6}]}]},
            "it has 6 names; 5 are allowed",
        ),
        ({}, "queries: Field required"),
    ],
)
def test_batch_of_the_draft_that_is_not_one_is_refused(
    api: httpx.Client, batch: dict[str, Any], words: str
) -> None:
    """Among them the examples of what is invalid in the draft itself."""
    status, _, detail = problem(api.post("/reconcile/draft/match", json=batch))
    assert status == 422
    assert words in detail


def test_rows_that_take_too_long_are_left(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "SECONDS", 0.0)
    answer = api.post("/reconcile", data={"queries": json.dumps({"a": {"query": "Stalin"}})})
    assert problem(answer) == (
        503,
        "/problems/query-timeout",
        "The rows took longer than 0 seconds.",
    )


def test_faults_of_a_message_are_told_up_to_a_number(api: httpx.Client) -> None:
    batch: dict[str, Any] = {f"q{n}": {} for n in range(40)}
    answer = api.get("/reconcile", params={"queries": json.dumps(batch)})
    assert len(answer.json()["errors"]) == 10


# Whatever is asked

ANYTHING = st.text(max_size=20) | st.sampled_from(["stalin", "Q855", "1944", "a/b", '"', "*", ","])
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANYTHING,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANYTHING, inner, max_size=3),
    max_leaves=6,
)
QUERY = st.fixed_dictionaries(
    {"query": ANYTHING},
    optional={
        "type": ANYTHING | st.sampled_from(["Person", "Place"]),
        "limit": VALUE,
        "properties": st.lists(
            st.fixed_dictionaries({"pid": st.sampled_from([*PROPERTIES, "x"]), "v": VALUE}),
            max_size=3,
        ),
    },
)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(batch=st.dictionaries(ANYTHING, QUERY | VALUE, max_size=3))
def test_no_batch_fails_the_service(api: httpx.Client, batch: dict[str, Any]) -> None:
    answer = api.post("/reconcile", data={"queries": json.dumps(batch)})
    assert answer.status_code in (200, 422), answer.text
    if answer.status_code == 200:
        scores = [each["score"] for it in answer.json().values() for each in it["result"]]
        assert all(0 <= score <= 100 for score in scores)


@settings(max_examples=100)
@given(
    one=st.lists(st.text("abc", min_size=1, max_size=4), max_size=4).map(" ".join),
    other=st.lists(st.text("abc", min_size=1, max_size=4), max_size=4).map(" ".join),
)
def test_names_are_alike_from_nought_to_one(one: str, other: str) -> None:
    assert likeness(one, one) == 1.0
    assert 0.0 <= likeness(one, other) <= (1.0 if one == other else 0.99)
