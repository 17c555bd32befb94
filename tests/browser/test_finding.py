"""From the start page to the words, what came in return, and a table to take along."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Open = Callable[..., Page]
STALIN = {
    "kind": ["request"],
    "actor": ["person/stalin-joseph"],
    "from": ["1944-10"],
    "to": ["1944-10"],
}

script = pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])


def asked(page: Page) -> dict[str, list[str]]:
    """What the address bar holds."""
    return parse_qs(urlsplit(page.url).query)


def tab_to(page: Page, name: str | re.Pattern[str], most: int = 120) -> None:
    """Press Tab until a link or button of this name has the focus."""
    wanted = page.get_by_role("link", name=name).or_(page.get_by_role("button", name=name)).first
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.evaluate("it => it === document.activeElement"):
            return
    pytest.fail(f"Tab does not lead to {name}")


@script
def test_what_stalin_asked_for_is_three_clicks_from_a_table_with_citations(
    open_page: Open, script: bool
) -> None:
    page = open_page("/", java_script_enabled=script)
    page.get_by_role("link", name="All of them, to narrow and to take along").click()
    assert asked(page) == STALIN
    expect(page.get_by_role("status")).to_have_text("3 of 18 facts")
    expect(page.get_by_text("He hopes for help from our Navy")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    table = Path(download.value.path()).read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["content"] for row in rows][1:2] == ["help from the Navy"]
    assert "document 256, history.state.gov" in rows[0]["citation"]


@script
def test_what_was_promised_in_return_is_one_click_from_the_start(
    open_page: Open, script: bool
) -> None:
    page = open_page("/", java_script_enabled=script)
    page.get_by_role("link", name="What was promised in return").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Soviet Union and United States")
    expect(page.get_by_role("status")).to_have_text(
        "12 acts between them: 11 by the Soviet Union, 1 by the United States"
    )
    commitment = page.locator(".act.k-commitment", has_text="built up for use only in the Far East")
    expect(commitment.get_by_role("blockquote")).to_contain_text("He unqualifiedly asserted")
    commitment.get_by_role("link", name="The Ambassador in the Soviet Union").click()
    expect(page.locator(":target")).to_contain_text("He unqualifiedly asserted")


@script
def test_choices_narrow_and_are_taken_away(open_page: Open, script: bool) -> None:
    page = open_page("/search", java_script_enabled=script)
    narrow = page.get_by_role("complementary", name="Narrow")
    kinds = narrow.get_by_role("region", name="Kind of fact")
    expect(kinds.get_by_role("listitem")).to_have_text(
        [
            re.compile(f"{kind}\\s*{count}")
            for kind, count in (("Commitment", 9), ("Request", 4), ("Meeting", 3), ("Offer", 2))
        ]
    )
    kinds.get_by_role("link", name="Request").click()
    expect(page.get_by_role("status")).to_have_text("4 of 18 facts")
    expect(kinds.get_by_role("link", name="Request")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="Take away Kind of fact: Request").click()
    assert asked(page) == {}


def test_the_search_needs_no_mouse(open_page: Open) -> None:
    page = open_page("/search")
    page.get_by_label("Words to search for").focus()
    page.keyboard.type("base")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("with base")
    tab_to(page, "Offer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("1 of 18 facts with base")
    assert asked(page) == {"q": ["base"], "kind": ["offer"]}
    tab_to(page, "Take away Kind of fact: Offer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("1 of 1 document read")


def test_going_back_brings_the_question_back(open_page: Open) -> None:
    page = open_page("/search?q=supplies")
    page.get_by_role("complementary").get_by_role("link", name="Request").click()
    expect(page.get_by_role("status")).to_have_text("1 of 18 facts with supplies")
    page.go_back()
    expect(page.get_by_role("status")).to_contain_text("1 of 1 document read")


def test_a_narrow_screen_shows_results_first_and_leads_to_the_choices(open_page: Open) -> None:
    page = open_page("/search?q=base", width=390)
    page.get_by_role("link", name="Narrow by kind, who, year and more").click()
    expect(page.get_by_role("heading", name="Narrow")).to_be_in_viewport()
    page.get_by_role("link", name="Back to the results").click()
    expect(page.get_by_role("status")).to_be_in_viewport()


def test_this_query_in_sparql_finds_the_same(open_page: Open) -> None:
    page = open_page("/search?kind=request&actor=stalin&from=1944-10&to=1944-10")
    page.get_by_role("link", name="This query in SPARQL").click()
    expect(page.get_by_role("heading", name="3 rows")).to_be_visible()


@script
def test_two_sides_are_chosen_by_name(open_page: Open, script: bool) -> None:
    page = open_page("/compare", java_script_enabled=script)
    page.get_by_label("One side", exact=True).fill("stalin")
    page.get_by_label("The other side").fill("United States Navy")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("status")).to_contain_text("1 act between them")
    assert asked(page)["b"] == ["United States Navy"]


def test_sides_stand_beside_each_other_on_wide_screens(open_page: Open) -> None:
    def columns(width: int) -> set[float]:
        page = open_page("/compare?a=soviet-union&b=united-states", width=width)
        boxes = [act.bounding_box() for act in page.locator(".act").all()]
        return {box["x"] for box in boxes if box}

    assert (len(columns(1440)), len(columns(390))) == (2, 1)


@script
def test_what_a_side_owed_by_a_month_is_asked_and_turned_round(
    open_page: Open, script: bool
) -> None:
    page = open_page("/ledger", java_script_enabled=script)
    page.get_by_label("Who owes").fill("soviet-union")
    page.get_by_label("To whom").fill("united-states")
    page.get_by_label("By the end of").fill("1944-10")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("status")).to_contain_text("9 obligations")
    expect(page.locator(".act strong").first).to_have_text("Open")
    page.get_by_role("link", name="What the United States owes the Soviet Union").click()
    expect(page.get_by_role("status")).to_contain_text("3 obligations")
    assert asked(page)["at"] == ["1944-10"]


# The life of an entity


@script
def test_a_timeline_is_narrowed_by_kind_and_year(open_page: Open, script: bool) -> None:
    page = open_page("/person/stalin-joseph", java_script_enabled=script)
    kinds = page.get_by_role("navigation", name="Kind of fact")
    kinds.get_by_role("link", name="Offers").click()
    expect(page.get_by_role("status")).to_have_text("2 facts of 14")
    expect(page.locator(".timeline .kind")).to_have_text(["Offered", "Offered"])
    expect(page.get_by_role("heading", name="In order of time")).to_be_in_viewport()
    kinds.get_by_role("link", name="All kinds").click()
    expect(page.get_by_role("status")).to_have_text("14 facts")


def test_the_timeline_needs_no_mouse(open_page: Open) -> None:
    page = open_page("/person/stalin-joseph#timeline")
    page.get_by_role("link", name="All kinds").focus()
    tab_to(page, "Requests")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("4 facts of 14")
    with page.expect_download():
        tab_to(page, "CSV")
        page.keyboard.press("Enter")


# Citations


def test_a_citation_is_copied_and_said_to_be(open_page: Open) -> None:
    page = open_page(
        "/document/frus1945Malta/d256", permissions=["clipboard-read", "clipboard-write"]
    )
    page.locator(".citation a").focus()
    tab_to(page, "Copy")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Copied")).to_be_focused()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("The Ambassador in the Soviet Union (Harriman) to the President, 17")
    assert copied.endswith(
        "document 256, history.state.gov/historicaldocuments/frus1945Malta/d256."
    )


@script
def test_references_are_files(open_page: Open, script: bool) -> None:
    page = open_page("/document/frus1945Malta/d256", java_script_enabled=script)
    for name, start in (("BibTeX", "@incollection"), ("RIS", "TY  - CHAP"), ("CSL-JSON", "[")):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.suggested_filename.startswith("frus1945Malta-d256.")
        assert Path(download.value.path()).read_text(encoding="utf-8").startswith(start)
    copy = page.get_by_role("button", name="Copy")
    expect(copy).to_have_count(int(script))


def test_a_fact_is_cited_with_its_words(open_page: Open) -> None:
    page = open_page("/search?q=base&kind=offer")
    page.get_by_role("link", name="The use of Petropavlovsk as a base").click()
    expect(page.locator(".citation")).to_contain_text(
        "“specifically offered us the use of Petropavlovsk as a base,” The Ambassador in"
    )
