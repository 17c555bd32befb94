"""What an entity's item may be, beside the link: in RDF, in JSON and on the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from lxml import html
from rdflib import Graph, Literal, URIRef

from ingest.build import Sources, build
from ingest.model import Alternative, Entity, WikidataLink
from ingest.sssom import write_links
from server.settings import Settings
from tests.conftest import ROOT, running
from tests.server.test_pages import HTML, found, words

DEANE, ANTONOV = "person/deane-john-r", "person/antonov-aleksei"
SON = Alternative("Q2", "John <b>Deane</b> Jr.", 0.25, "Born 1919.")
NAMESAKE = Alternative("Q3", "Aleksei Antonov", 0.1, "Born 1912, painter.")
LINK = WikidataLink("linked", "Q1", False, 0.6, "Born 1896.", manual=False, alternatives=(SON,))
NONE = WikidataLink("none-found", manual=False, alternatives=(NAMESAKE,))


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of the service over the sample with links of our own."""
    data, folder = ROOT / "data", Path(tmp_path_factory.mktemp("links"))
    links = [(Entity(DEANE, "Deane"), LINK), (Entity(ANTONOV, "Antonov"), NONE)]
    write_links(folder / "links" / "persons.sssom.tsv", links)
    sources = Sources((data / "sample",), data / "authority", data / "curated")
    build(replace(sources, links=folder / "links"), folder / "graph", jobs=1)
    with running(Settings(store=folder / "graph", port=0, workers=1)) as service:
        yield service.client


def test_an_entity_tells_which_other_items_it_may_be(api: httpx.Client) -> None:
    link = api.get(f"/api/entities/{DEANE}").json()["link"]
    assert (link["state"], link["item"], link["exact"]) == ("linked", "Q1", False)
    assert link["alternatives"] == [
        {
            "item": "Q2",
            "iri": "http://www.wikidata.org/entity/Q2",
            "page": "https://www.wikidata.org/wiki/Q2",
            "label": "John <b>Deane</b> Jr.",
            "confidence": 0.25,
            "evidence": "Born 1919.",
        }
    ]
    assert api.get("/api/entities/person/stalin-joseph").json()["link"]["alternatives"] == []


def test_an_item_that_is_too_unlikely_is_shown_and_is_no_link(api: httpx.Client) -> None:
    link = api.get(f"/api/entities/{ANTONOV}").json()["link"]
    assert (link["state"], link["item"]) == ("none-found", None)
    assert [one["item"] for one in link["alternatives"]] == ["Q3"]


@pytest.mark.parametrize(
    ("id", "shown", "label"),
    [
        (DEANE, "Less likely: John <b>Deane</b> Jr., 25 %Born 1919.", SON.label),
        (
            ANTONOV,
            "Perhaps, but not likely: Aleksei Antonov, 10 %Born 1912, painter.",
            NAMESAKE.label,
        ),
    ],
)
def test_the_page_shows_them_under_the_link(
    api: httpx.Client, id: str, shown: str, label: str
) -> None:
    page = html.fromstring(api.get(f"/{id}", headers=HTML).text)
    [row] = found(page, "//div[dt='Wikidata']")
    assert shown in words(row)
    assert found(row, ".//li/a/text()") == [label]
    [address] = found(row, ".//li/a/@href")
    assert address.startswith("https://www.wikidata.org/wiki/Q")


def test_the_graph_has_each_as_a_mapping_and_no_match(api: httpx.Client) -> None:
    graph = Graph().parse(data=api.get(f"/link/{DEANE}/Q2.ttl").text)
    told = {
        str(predicate).rpartition("/")[2].rpartition("#")[2]: value
        for predicate, value in graph.predicate_objects()
    }
    assert told == {
        "type": URIRef("http://www.w3.org/2002/07/owl#Axiom"),
        "annotatedSource": URIRef(f"https://w3id.org/cablegraph/{DEANE}"),
        "annotatedProperty": URIRef("https://w3id.org/cablegraph/ontology#possibleMatch"),
        "annotatedTarget": URIRef("http://www.wikidata.org/entity/Q2"),
        "object_label": Literal("John <b>Deane</b> Jr."),
        "mapping_justification": URIRef("https://w3id.org/semapv/vocab/CompositeMatching"),
        "confidence": Literal(Decimal("0.25")),
        "comment": Literal("Born 1919.", lang="en"),
    }
    turtle = api.get(f"/{ANTONOV}.ttl").text
    assert "possibleMatch" in turtle
    assert "exactMatch" not in turtle
    assert "closeMatch" not in turtle
