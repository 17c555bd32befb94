"""What is to be asked at Wikidata is SPARQL, and about the items that were found here."""

from __future__ import annotations

import re
from urllib.parse import unquote

import httpx
import pytest
from lxml import html
from pyoxigraph import QuerySolutions, Store
from rdflib.plugins.sparql import prepareQuery

from queries import load, names
from queries.wikidata import FILES, MOST_ITEMS, further, items
from tests.server.side_fixture import Built, api, built

__all__ = ["api", "built"]

HTML = {"Accept": "text/html, */*;q=0.8"}
WIKIDATA = "http://www.wikidata.org/entity/"


def values(text: str) -> list[str]:
    """Give the items that a query asks about."""
    [block] = re.findall(r"VALUES \?item \{([^}]*)\}", text)
    return [name.removeprefix("wd:") for name in block.split()]


def addresses(client: httpx.Client, path: str) -> list[str]:
    """Give the queries that a page fills in at Wikidata."""
    page = html.fromstring(client.get(path, headers=HTML).text)
    links = [str(link.get("href")) for link in page.iter("a")]
    there = [link for link in links if link.startswith("https://query.wikidata.org/")]
    return [unquote(link.partition("#")[2]) for link in there]


@pytest.mark.parametrize("name", names(FILES))
def test_file_is_a_query_with_a_true_header(name: str) -> None:
    """Two parsers read it; the names that Wikidata takes for granted are written out."""
    query = load(name, FILES)
    prepareQuery(query.text)
    assert columns(query.text.replace("SERVICE", "SERVICE SILENT")) == list(query.columns)


def columns(query: str) -> list[str]:
    """Give what a query selects.

    The answer must not live where rdflib's parser was called: exceptions that the parser keeps
    hold that frame, and an answer may not be freed by whatever thread collects them.
    """
    found = Store().query(query)
    assert isinstance(found, QuerySolutions)
    return [each.value for each in found.variables]


def test_items_give_way_to_those_of_the_answer_and_nothing_else_changes() -> None:
    for example, asked in zip(further(), further(["Q1", "Q2"]), strict=True):
        assert values(example.text) == ["Q855", "Q345531"]
        assert asked.text == example.text.replace("wd:Q855 wd:Q345531", "wd:Q1 wd:Q2")
        assert asked.address.startswith("https://query.wikidata.org/#")
        assert re.fullmatch(r"[\w.~%-]+", asked.address.partition("#")[2])
        assert unquote(asked.address.partition("#")[2]) == asked.text
        prepareQuery(asked.text)


def test_only_items_are_taken_each_once_and_not_too_many() -> None:
    given = [
        f"{WIKIDATA}Q2",
        "Q3",
        f"{WIKIDATA}P31",
        f"{WIKIDATA}Q1",
        f"{WIKIDATA}Q2",
        f"{WIKIDATA}Q7 }} DROP ALL",
        "https://w3id.org/cablegraph/person/stalin-joseph",
    ]
    assert items(given) == ["Q2", "Q1"]
    asked = further([f"Q{n}" for n in range(1, 2000)])[0]
    assert len(values(asked.text)) == MOST_ITEMS
    assert len(asked.address) < 8000


def test_page_of_a_question_goes_on_with_the_items_of_the_store(
    api: httpx.Client, built: Built
) -> None:
    query = load("met-on-wikidata").text.replace("$person ", "?person ", 1)
    found = built.store.query(query, use_default_graph_as_union=True)
    assert isinstance(found, QuerySolutions)
    stalin = "https://w3id.org/cablegraph/person/stalin-joseph"
    expected = items(row["item"].value for row in found if row["person"].value == stalin)
    asked = addresses(api, "/queries/met-on-wikidata?person=stalin-joseph")
    assert [values(text) for text in asked] == [expected] * len(names(FILES))
    assert expected == ["Q345531"]
    assert addresses(api, "/queries/met?person=stalin-joseph") == []


def test_form_for_sparql_goes_on_with_the_items_of_its_rows(api: httpx.Client) -> None:
    """Without any it shows the examples."""
    everyone = load("persons-on-wikidata").text
    rows = api.get("/sparql", params={"query": everyone}).json()["results"]["bindings"]
    expected = items(row["item"]["value"] for row in rows)
    asked = addresses(api, str(httpx.URL("/sparql", params={"query": everyone})))
    assert [values(text) for text in asked] == [expected] * len(names(FILES))
    examples = [example.text for example in further()]
    assert addresses(api, "/sparql") == examples
    assert addresses(api, "/sparql?query=ASK%7B%7D") == examples


def test_this_service_refuses_what_calls_another(api: httpx.Client) -> None:
    answers = [api.post("/sparql", data={"query": each.text}) for each in further()]
    assert {answer.json()["type"] for answer in answers} == {"/problems/service-forbidden"}
