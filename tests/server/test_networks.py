"""Networks and places over HTTP: as data, and as the tables of their pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from server.ties import KINDS
from tests.server.test_pages import found, read, words

STALIN, CHIEFS = "person/stalin-joseph", "organization/joint-chiefs-of-staff"
WORDS = {kind: relation for relation, kind in KINDS.items()}

Tie = tuple[str, str, str, int]


def network(api: httpx.Client, **asked: Any) -> dict[str, Any]:
    """Ask for a network."""
    answer = api.get("/api/network", params=asked)
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


def ties(content: dict[str, Any]) -> list[Tie]:
    """Give the ties of a network."""
    return [(it["subject"], it["kind"], it["object"], it["count"]) for it in content["ties"]]


def test_a_network_has_those_of_most_facts_and_what_is_among_them(api: httpx.Client) -> None:
    content = network(api, entity="stalin", nodes=3)
    assert [(node["id"], node["type"], node["count"]) for node in content["nodes"]] == [
        (STALIN, "person", 14),
        ("state/united-states", "state", 9),
        (CHIEFS, "organization", 2),
    ]
    assert ties(content) == [
        (STALIN, "commitment", "state/united-states", 5),
        (STALIN, "request", "state/united-states", 2),
        (STALIN, "offer", "state/united-states", 2),
        (STALIN, "commitment", CHIEFS, 1),
        (CHIEFS, "request", STALIN, 1),
    ]
    assert (content["neighbours"], content["left_out"]) == (6, 0)


@pytest.mark.parametrize("entity", [STALIN, "person/harriman-w-averell", "state/united-states"])
def test_what_an_entity_did_itself_is_what_its_relations_are(
    api: httpx.Client, entity: str
) -> None:
    relations = api.get("/api/relations", params={"entity": entity}).json()["items"]

    def unordered(subject: str, kind: str, object_: str, count: int) -> Tie:
        ends = sorted((subject, object_)) if kind == "meeting" else (subject, object_)
        return ends[0], kind, ends[1], count

    own = {tie for tie in ties(network(api, entity=entity)) if entity in (tie[0], tie[2])}
    assert {unordered(*tie) for tie in own} == {
        unordered(it["subject"]["id"], KINDS[it["predicate"]], it["object"]["id"], it["count"])
        for it in relations
    }


def test_a_network_can_be_narrowed_by_kind_and_time(api: httpx.Client) -> None:
    kinds = {kind for _, kind, _, _ in ties(network(api, entity="stalin", kind="offer"))}
    assert kinds == {"offer"}
    assert ties(network(api, entity="stalin", to="1943")) == []
    assert ties(network(api, entity="stalin", **{"from": "1944-10", "to": "1944-10"})) == ties(
        network(api, entity="stalin")
    )


def test_a_topic_did_nothing_and_stands_alone(api: httpx.Client) -> None:
    content = network(api, entity="pacific-war")
    assert ([node["id"] for node in content["nodes"]], content["ties"]) == (
        ["topic/pacific-war"],
        [],
    )


def test_the_table_has_every_tie_with_the_facts_behind_it(api: httpx.Client) -> None:
    """Each link of the table leads to as many facts as it says."""
    page = read(api, "/network?entity=stalin")
    told = []
    for link in found(page, "//td/a[starts-with(@class, 'p-')]"):
        asked = parse_qs(urlsplit(link.get("href")).query)
        said, count = words(link).rsplit(" ", 1)
        behind = read(api, link.get("href"))
        assert words(found(behind, "//p[@role='status']")[0]).startswith(f"{count} fact")
        told.append((asked["entity"][0], said, asked["other"][0], int(count)))
    assert sorted(told) == sorted(
        (subject, WORDS[kind], object_, count)
        if order[subject] < order[object_]
        else (object_, f"was {WORDS[kind]}" if kind != "meeting" else "met", subject, count)
        for order in [_order(api)]
        for subject, kind, object_, count in ties(network(api, entity="stalin"))
    )


def _order(api: httpx.Client) -> dict[str, int]:
    nodes = network(api, entity="stalin")["nodes"]
    return {node["id"]: at for at, node in enumerate(nodes)}


@pytest.mark.parametrize(
    ("path", "status", "problem"),
    [
        ("/network?entity=nobody", 200, "Unknown name"),
        ("/network?entity=stalin&other=stalin", 200, "one and the same"),
        ("/network?entity=stalin&from=someday", 200, "Invalid request"),
        ("/network?entity=stalin&nodes=501", 422, "Invalid request"),
        ("/network?entity=stalin&page=9", 404, "no page 9"),
        ("/network?entity=stalin&other=harriman&page=9", 404, "no page 9"),
        ("/map?entity=nobody", 200, "Unknown name"),
        ("/map?kind=wish", 422, "Invalid request"),
    ],
)
def test_what_is_wrong_is_told(api: httpx.Client, path: str, status: int, problem: str) -> None:
    assert problem in words(read(api, path, status))


def test_ties_among_the_others_go_on_from_page_to_page(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = "//details[@id='others']"
    whole = found(read(api, "/network?entity=stalin"), f"{others}//td/a/@href")
    monkeypatch.setattr("server.pages.PER_TABLE", 2)
    address, listed, pages = f"/network?entity={STALIN}", [], 0
    while address:
        page = read(api, address)
        assert len(found(page, f"{others}//tbody/tr")) <= 2
        assert bool(found(page, f"{others}/@open")) == (pages > 0)
        listed += found(page, f"{others}//td/a/@href")
        address = next(iter(found(page, f"{others}//a[@rel='next']/@href")), "").partition("#")[0]
        pages += 1
    assert pages > 1
    assert listed == whole


def test_those_who_had_nothing_to_do_with_each_other_are_told_so(api: httpx.Client) -> None:
    page = read(api, f"/network?entity={CHIEFS}&other=state/japan")
    assert words(found(page, "//p[@role='status']")[0]) == "0 facts between them"


# Places


def test_places_are_where_facts_took_place_and_what_they_concern(api: httpx.Client) -> None:
    items = api.get("/api/places").json()["items"]
    assert [(it["id"], it["located"], it["about"]) for it in items] == [
        ("place/far-east", 0, 2),
        ("place/pacific", 0, 2),
        ("place/moscow", 1, 0),
        ("place/petropavlovsk-kamchatsky", 0, 1),
        ("place/washington", 0, 1),
    ]
    assert (items[3]["latitude"], items[3]["longitude"]) == (53.06, 158.62)


def test_places_can_be_those_of_somebody(api: httpx.Client) -> None:
    found = api.get("/api/places?entity=stalin&kind=request").json()["items"]
    assert [it["id"] for it in found] == ["place/far-east", "place/pacific"]


@pytest.mark.parametrize("asked", ["", "?entity=stalin", "?kind=offer&from=1944&to=1944"])
def test_the_table_of_places_leads_to_the_facts_that_it_counts(
    api: httpx.Client, asked: str
) -> None:
    page = read(api, f"/map{asked}")
    links = found(page, "//td[@class='number']/a")
    assert links
    for link in links:
        behind = found(read(api, link.get("href")), "//p[@role='status']")[0]
        assert words(behind).startswith(f"{words(link)} of 18 facts")


def test_a_place_has_a_map_of_where_it_lies_and_a_person_of_the_meetings(
    api: httpx.Client,
) -> None:
    def spots(path: str) -> list[tuple[str, str]]:
        page = read(api, path)
        links = found(page, "//*[contains(@class, 'map') and contains(@class, 'wide')]//a")
        return [(words(link.find("title")), link.get("href").partition("?")[0]) for link in links]

    assert spots("/place/moscow") == [("Moscow", "/place/moscow")]
    assert spots("/person/stalin-joseph") == [("Moscow: 1 fact", "/search")]
    assert spots("/topic/pacific-war") == []


# Terms


def test_terms_are_those_of_the_ontology_and_of_others_in_the_data(api: httpx.Client) -> None:
    answer = api.get("/api/terms").json()
    by_name = {term["name"]: term for term in answer["terms"]}
    actor = by_name["cg:actor"]
    assert (actor["kind"], actor["label"], actor["uses"] > 0) == ("property", "actor", True)
    assert by_name["cg:Request"]["kind"] == "class"
    assert by_name["rdfs:label"] == {
        "name": "rdfs:label",
        "kind": "",
        "label": "",
        "definition": "",
        "uses": by_name["rdfs:label"]["uses"],
    }
    assert {name.partition(":")[0] for name in by_name} <= answer["prefixes"].keys()
