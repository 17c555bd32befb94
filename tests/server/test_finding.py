"""The search: counts that hold, an address that says all, the same answer in JSON and SPARQL."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest
from lxml import html

from server.finding import FEATURES, question
from server.side import Side
from tests.server.test_pages import read, words

STALIN = "person/stalin-joseph"
QUESTIONS = (
    "",
    "q=petropavlovsk",
    'q="as a base"',
    "q=the&type=fact",
    "kind=request&actor=stalin&from=1944-10&to=1944-10",
    "kind=request&kind=offer&acting_state=soviet-union&q=supplies",
    "entity=harriman&min_confidence=0.9&status=made",
    "participant=stalin&form=Telegram&volume=frus1945Malta",
    "about=petropavlovsk&force=propose",
    "location=moscow&to=1945",
    "presented_by=deane&reported_by=harriman",
    "sender=harriman&recipient=roosevelt&q=base",
    "type=document&form=Telegram&volume=frus1945Malta&from=1944&to=1944",
    "type=document&form=Document&form=Memorandum",
    "type=fact&form=Memorandum",
    "q=atlantis",
)

each = pytest.mark.parametrize("asked", QUESTIONS)


def search(api: httpx.Client, query: str) -> html.HtmlElement:
    """Read the page of a search."""
    return read(api, f"/search?{query}")


def status(page: html.HtmlElement) -> str:
    """What is said of how much was found."""
    return words(page.xpath("//p[@role='status']")[0])


def totals(page: html.HtmlElement) -> int:
    """How many facts and documents are found."""
    return sum(map(int, re.findall(r"([0-9]+) of", status(page))))


def data(page: html.HtmlElement) -> Iterator[tuple[str, str]]:
    """The addresses of the same answer in JSON, and in SPARQL."""
    for line in page.xpath("//p[@class='formats'][a[text()='This query in SPARQL']]"):
        _, as_json, sparql = line.xpath("a/@href")
        yield as_json, sparql


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("", "18 of 18 facts · 1 of 1 document read"),
        ("q=petropavlovsk", "1 of 18 facts · 1 of 1 document read · 1 name with petropavlovsk"),
        ("q=petropavlovsk&type=entity", "1 name with petropavlovsk"),
        (
            "q=petropavlovsk&volume=frus1945Malta",
            "1 of 18 facts · 1 of 1 document read with petropavlovsk",
        ),
        ("kind=request&actor=stalin&from=1944-10&to=1944-10", "3 of 18 facts"),
        ("q=base&kind=offer", "1 of 18 facts with base"),
        ("q=base&sender=harriman", "1 of 1 document read with base"),
        ("q=atlantis", "0 of 18 facts · 0 of 1 document read · 0 names with atlantis"),
    ],
)
def test_what_was_found_is_told_with_what_it_was_found_in(
    api: httpx.Client, asked: str, said: str
) -> None:
    """What only facts have leaves documents and names out, and is told so."""
    assert status(search(api, asked)) == said


@each
def test_the_number_beside_a_choice_is_what_it_alone_would_leave(
    api: httpx.Client, asked: str
) -> None:
    page = search(api, asked)
    told = {
        words(link): (alone(asked, link.get("href")), count(link.getnext()))
        for link in page.xpath("//aside[@id='narrow']//li/a[not(@aria-current)]")
    }
    found = {label: (query, totals(search(api, query))) for label, (query, _) in told.items()}
    assert told == found


def alone(asked: str, address: str) -> str:
    """The query that an option leads to, without other values of the feature that it adds to."""
    before, after = parse_qsl(asked), parse_qsl(urlsplit(address).query)
    [*_, (feature, value)] = after
    kept = [(name, each) for name, each in after if name != feature]
    assert {name for name, _ in before} <= {name for name, _ in after}
    return urlencode([*kept, (feature, value)])


def count(node: html.HtmlElement) -> int:
    """The number beside an option."""
    return int(words(node).replace(",", ""))


@each
def test_the_same_question_has_the_same_answer_in_json_and_sparql(
    api: httpx.Client, asked: str
) -> None:
    page = search(api, asked)
    for as_json, sparql in data(page):
        items = {item["iri"] for item in api.get(as_json).json()["items"]}
        rows = api.get(sparql, headers={"Accept": "application/sparql-results+json"}).json()
        name = rows["head"]["vars"][0]
        assert {row[name]["value"] for row in rows["results"]["bindings"]} == items
    assert totals(page) == sum(api.get(as_json).json()["total"] for as_json, _ in data(page))


@each
def test_the_form_holds_the_whole_question(api: httpx.Client, side: Side, asked: str) -> None:
    """Other words for the same choices need nothing but to be typed."""
    form = search(api, asked).xpath("//main//form")[0]
    fields = [(field.get("name"), field.value) for field in form.xpath(".//*[@name]")]
    kept = [(name, value) for name, value in fields if value]
    assert question(side, kept) == question(side, parse_qsl(asked))


def test_what_was_chosen_can_be_taken_away(api: httpx.Client) -> None:
    page = search(api, "q=base&kind=offer&actor=stalin&from=1944&to=1944")
    links = page.xpath("//ul[@aria-label='Chosen']//a")
    assert [link.get("aria-label") for link in links[:-1]] == [
        "Take away Kind of fact: Offer",
        "Take away Who: Joseph Stalin",
        "Take away When: 1944",
    ]
    assert parse_qs(urlsplit(links[0].get("href")).query) == {
        "q": ["base"],
        "actor": [STALIN],
        "from": ["1944"],
        "to": ["1944"],
    }
    assert links[-1].get("href").endswith("/search?q=base")


def test_a_second_value_of_a_feature_widens_and_choosing_it_again_narrows(
    api: httpx.Client,
) -> None:
    page = search(api, "kind=offer")
    [request] = page.xpath("//section[@aria-labelledby='by-kind']//a[text()='Request']")
    both = search(api, urlsplit(request.get("href")).query)
    assert status(both) == "6 of 18 facts"
    [_, offer] = both.xpath("//section[@aria-labelledby='by-kind']//a[@aria-current]")
    assert status(search(api, urlsplit(offer.get("href")).query)) == "4 of 18 facts"


def test_words_are_marked_in_content_quote_and_passage(api: httpx.Client) -> None:
    page = search(api, "q=petropavlovsk")
    assert [words(mark) for mark in page.xpath("//main//mark")] == ["Petropavlovsk"] * 3


def test_facts_come_best_first_or_in_the_order_of_time(api: httpx.Client) -> None:
    def contents(query: str) -> list[str]:
        items = search(api, query).xpath("//ol[@class='facts-list']//p[@class='what']")
        return [words(item) for item in items]

    best, timely = contents("q=the&type=fact"), contents("q=the&type=fact&sort=time")
    assert sorted(best) == sorted(timely)
    in_time = api.get("/api/facts?q=the").json()["items"]
    assert timely == [" ".join(item["content"].split()) for item in in_time]


def test_the_table_to_take_along_has_words_and_citations(api: httpx.Client) -> None:
    page = search(api, "kind=request&actor=stalin&from=1944-10&to=1944-10")
    [address] = page.xpath("//p[@class='formats']/a[text()='CSV']/@href")
    rows = list(csv.DictReader(io.StringIO(api.get(address).text)))
    assert [row["evidence"].partition(";")[0] for row in rows][
        1
    ] == "He hopes for help from our Navy"
    assert all("document 256, history.state.gov/" in row["citation"] for row in rows)


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("q=base&from=soon", "is not a date of the calendar"),
        ("from=1945&to=1944", "from=1945 is later than to=1944."),
        ("q=...", "There are no words to search for."),
    ],
)
def test_what_cannot_be_asked_is_a_problem_on_the_page(
    api: httpx.Client, query: str, problem: str
) -> None:
    [alert] = search(api, query).xpath("//div[@role='alert']")
    assert problem in words(alert)


@pytest.mark.parametrize("name", [name for name in FEATURES if name not in ("kind",)])
def test_no_value_breaks_the_page(api: httpx.Client, name: str) -> None:
    answer = api.get(
        "/search", params={name: "<x> y", "q": "base"}, headers={"Accept": "text/html"}
    )
    assert answer.status_code in (404, 422)
    assert "<x>" not in answer.text


# Two sides


BETWEEN = "a=soviet-union&b=united-states"


def test_two_sides_are_compared_by_who_speaks_for_them(api: httpx.Client) -> None:
    found = api.get(f"/api/compare?{BETWEEN}&from=1944-10&to=1944-10").json()
    acts = Counter((item["actors"][0]["label"], item["kind"]) for item in found["items"])
    assert acts == {
        ("Joseph Stalin", "request"): 3,
        ("Joseph Stalin", "offer"): 2,
        ("Joseph Stalin", "commitment"): 6,
        ("Joint Chiefs of Staff", "request"): 1,
    }
    assert {(item["by"]["id"], item["towards"]["id"]) for item in found["items"]} == {
        ("state/soviet-union", "state/united-states"),
        ("state/united-states", "state/soviet-union"),
    }


def test_two_sides_are_the_same_from_either_side(api: httpx.Client) -> None:
    found = [
        api.get(f"/api/compare?a={a}&b={b}").json()["items"]
        for a, b in (("soviet-union", "united-states"), ("united-states", "soviet-union"))
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "asked",
    [BETWEEN, f"{BETWEEN}&kind=request", f"{BETWEEN}&from=1944-10&to=1944-10",
     "a=stalin&b=united-states-navy", "a=joint-chiefs-of-staff&b=soviet-union",
     "a=united-states&b=united-kingdom"],
)  # fmt: skip
def test_the_page_of_two_sides_has_the_acts_of_json_and_sparql(
    api: httpx.Client, asked: str
) -> None:
    items = api.get(f"/api/compare?{asked}").json()["items"]
    page = read(api, f"/compare?{asked}")
    acts = page.xpath("//li[contains(@class, 'act ')]//p[@class='what']/a/@href")
    assert [path.lstrip("/") for path in acts] == [item["id"] for item in items]
    for _, sparql in data(page):
        rows = api.get(sparql, headers={"Accept": "application/sparql-results+json"}).json()
        found = {(row["fact"]["value"], row["by"]["value"]) for row in rows["results"]["bindings"]}
        assert found == {(item["iri"], item["by"]["iri"]) for item in items}


def test_each_act_stands_on_the_side_that_acts(api: httpx.Client) -> None:
    acts = read(api, f"/compare?{BETWEEN}").xpath("//li[contains(@class, 'act ')]")
    shown = [act.get("class").split()[1] for act in acts]
    items = api.get(f"/api/compare?{BETWEEN}").json()["items"]
    by = {"state/soviet-union": "one", "state/united-states": "other"}
    assert shown == [by[item["by"]["id"]] for item in items]
    assert set(shown) == {"one", "other"}


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ("a=japan&b=japan", "japan and japan are the same."),
        ("a=nobody&b=japan", "No entity is named"),
        (f"{BETWEEN}&from=1945&to=1944", "is later than"),
    ],
)
def test_what_cannot_be_compared_says_why(api: httpx.Client, asked: str, problem: str) -> None:
    [alert] = read(api, f"/compare?{asked}").xpath("//div[@role='alert']")
    assert problem in words(alert)
    assert api.get(f"/api/compare?{asked}").status_code in (404, 422)
