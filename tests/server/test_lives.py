"""The page of an entity: what it did and was asked, when, and whom it met where."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest
from lxml import html

from tests.server.test_finding import data
from tests.server.test_pages import read, words

STALIN = "/person/stalin-joseph"


def entries(page: html.HtmlElement) -> list[tuple[str, str]]:
    """What the timeline tells: the part, and who with what."""
    return [
        (words(item.xpath("span[starts-with(@class, 'kind')]")[0]), words(item.xpath("span")[-1]))
        for item in page.xpath("//ol[@class='timeline']/li")
    ]


def test_the_timeline_says_what_was_done_and_what_was_asked(api: httpx.Client) -> None:
    told = entries(read(api, STALIN))
    assert len(told) == 14
    assert ("Asked", "Joseph Stalin → United States Navy: help from the Navy") in [
        (part, what.replace(" to ", " → ")) for part, what in told
    ]
    asked = "Joint Chiefs of Staff → Joseph Stalin: suggestions for the Russian role in the war"
    assert ("Was asked", asked) in told


@pytest.mark.parametrize("query", ["", "?kind=request", "?year=1944", "?kind=offer&year=1944"])
def test_each_choice_of_the_timeline_leaves_as_many_as_it_says(
    api: httpx.Client, query: str
) -> None:
    for choice in read(api, STALIN + query).xpath("//nav[@class='choices']//li[span]"):
        [link] = choice.xpath("a")
        chosen = read(api, f"{STALIN}?{urlsplit(link.get('href')).query}")
        told = int(words(choice.xpath("span")[0]))
        assert (words(link), len(entries(chosen))) == (words(link), told)


@pytest.mark.parametrize("query", ["", "?kind=request", "?kind=commitment&year=1944"])
def test_the_timeline_goes_on_as_data_with_the_same_facts(api: httpx.Client, query: str) -> None:
    page = read(api, STALIN + query)
    shown = page.xpath("//ol[@class='timeline']//span[@class='what']/a/@href")
    [(as_json, sparql)] = [each for each in data(page) if "/api/facts" in each[0]]
    items = api.get(as_json).json()["items"]
    assert [path.lstrip("/") for path in shown] == [item["id"] for item in items]
    rows = api.get(sparql, headers={"Accept": "application/sparql-results+json"}).json()
    found = {row["fact"]["value"] for row in rows["results"]["bindings"]}
    assert found == {item["iri"] for item in items}


def test_meetings_say_when_where_and_with_whom(api: httpx.Client) -> None:
    rows = read(api, STALIN).xpath("//table[@class='meetings']/tbody/tr")
    assert [[words(cell) for cell in row.xpath("td")] for row in rows] == [
        [
            "17 October 1944",
            "Moscow",
            "W. Averell Harriman, John R. Deane, Aleksei Antonov",
            "detailed planning for Soviet participation and cooperation in the Pacific war",
        ],
        [
            "between 16 November 1944 and 30 November 1944",
            "not said",
            "Franklin D. Roosevelt",
            "to come to a definite agreement, political and military proposed",
        ],
    ]


@pytest.mark.parametrize(
    ("query", "status"), [("kind=wish", 422), ("year=soon", 422), ("page=9", 404)]
)
def test_a_timeline_cannot_be_narrowed_by_anything_else(
    api: httpx.Client, query: str, status: int
) -> None:
    read(api, f"{STALIN}?{query}", status)
