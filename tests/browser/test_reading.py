"""What a reader sees and can do, in a browser, with script and without."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

DOCUMENT = "/document/frus1945Malta/d256"
OFFER = "the use of Petropavlovsk as a base"
Open = Callable[..., Page]

script = pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])


@script
def test_a_reader_goes_from_a_word_to_the_telegram_and_on_to_who_said_it(
    open_page: Open, script: bool
) -> None:
    """The way that the whole is made for: a name, the words, the person, the relations."""
    page = open_page("/", java_script_enabled=script)
    page.get_by_label("Search names, facts and documents").fill("Petropavlovsk")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("status")).to_have_text(
        "1 of 18 facts · 1 of 1 document read · 1 name with Petropavlovsk"
    )
    expect(page.locator(".snippet mark").first).to_have_text("Petropavlovsk")

    page.get_by_role("link", name="The Ambassador in the Soviet Union (Harriman)").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("The Ambassador in the Soviet")
    evidence = page.locator("p.b-paragraph mark.k-offer").first
    expect(evidence).to_have_text("specifically offered us the use of Petropavlovsk as a base.")

    page.locator(".card.k-offer").first.get_by_role("link", name="Joseph Stalin").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Joseph Stalin")
    offered = page.get_by_role("region", name="Offered")
    expect(offered.get_by_role("listitem").first).to_contain_text(OFFER)
    relations = page.get_by_role("table", name="Relations of Joseph Stalin")
    expect(
        relations.get_by_role("row", name="Joseph Stalin offered United States 2")
    ).to_be_visible()
    expect(page.get_by_role("group", name="Relations of Joseph Stalin")).to_be_visible()


@script
def test_a_fact_and_its_words_lead_to_each_other(open_page: Open, script: bool) -> None:
    page = open_page(DOCUMENT, java_script_enabled=script)
    page.get_by_role("link", name="Fact 8: offer").click()
    card = page.locator(":target")
    expect(card).to_contain_text(OFFER)
    card.get_by_role("link", name="To the words of fact 8").click()
    expect(page.locator(":target")).to_contain_text("specifically offered us")


def test_words_and_fact_light_up_together(open_page: Open) -> None:
    page = open_page(DOCUMENT)
    page.locator(".card.k-offer").first.hover()
    expect(page.locator("mark.lit")).to_have_text(
        "specifically offered us the use of Petropavlovsk as a base."
    )
    page.get_by_role("heading", level=1).hover()
    expect(page.locator(".lit")).to_have_count(0)


def test_overlapping_evidence_is_marked_for_both_facts(open_page: Open) -> None:
    """The suggestions of the Chiefs of Staff stand within the words that approve them."""
    page = open_page(DOCUMENT)
    both = page.locator("mark.k-commitment > mark.k-request").first
    expect(both).to_have_text("our Chiefs of Staff’s suggestions presented by ")
    approval = "".join(page.locator('p mark.k-commitment[data-fact="15"]').all_inner_texts())
    assert approval.startswith("He generally approved our Chiefs of Staff’s suggestions")
    assert approval.endswith("emphasis on the action of his ground forces.")


@script
def test_facts_can_be_hidden_to_read_the_words_alone(open_page: Open, script: bool) -> None:
    page = open_page(DOCUMENT, java_script_enabled=script)
    page.get_by_role("checkbox").uncheck()
    expect(page.locator(".card").first).to_be_hidden()
    expect(page.get_by_role("link", name="Fact 8: offer")).to_be_hidden()
    page.get_by_role("checkbox").check()
    expect(page.locator(".card").first).to_be_visible()


def test_notes_and_text_lead_to_each_other(open_page: Open) -> None:
    page = open_page(DOCUMENT)
    page.get_by_role("link", name="Note 3 by the editors").click()
    note = page.locator(":target")
    expect(note).to_have_text(re.compile(r"3\s+Harry L\. Hopkins\."))
    note.get_by_role("link").click()
    expect(page.locator(":target")).to_have_text("3")


def test_facts_stand_beside_the_text_on_wide_screens_and_below_on_narrow_ones(
    open_page: Open,
) -> None:
    def places(width: int) -> tuple[float, float]:
        page = open_page(DOCUMENT, width=width)
        words = page.locator("p.b-paragraph").nth(1).bounding_box()
        card = page.locator(".card").first.bounding_box()
        assert words
        assert card
        return card["x"] - words["x"] - words["width"], card["y"] - words["y"] - words["height"]

    assert places(1440)[0] > 0
    assert places(390)[1] > 0


def test_names_complete_themselves(open_page: Open) -> None:
    page = open_page("/")
    page.get_by_label("Search names, facts and documents").press_sequentially("Joseph S")
    expect(page.locator("#names option")).to_have_text(["Joseph Stalin"])


@script
def test_a_named_question_takes_a_name_and_gives_a_table(open_page: Open, script: bool) -> None:
    page = open_page("/queries/acts-of", java_script_enabled=script)
    page.get_by_label("Actor").fill("Stalin")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("heading", name="12 rows")).to_be_visible()
    expect(page.get_by_role("cell", name=OFFER, exact=True)).to_be_visible()


@script
def test_a_query_can_be_written_and_its_rows_lead_to_pages(open_page: Open, script: bool) -> None:
    page = open_page("/sparql", java_script_enabled=script)
    text = "SELECT ?fact { ?fact a <ontology#Offer> } ORDER BY ?fact"
    if script:
        page.locator(".cm-content").press("Control+A")
        page.keyboard.type(text)
    else:
        page.get_by_label("Query").fill(text)
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("heading", name="2 rows")).to_be_visible()
    page.get_by_role("cell").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_an_example_can_be_chosen_and_asked_with_the_keyboard(open_page: Open) -> None:
    page = open_page("/sparql")
    page.get_by_label("Example").select_option("Whom a person met")
    expect(page.locator(".cm-content")).to_contain_text("cg:metWith")
    page.locator(".cm-content").press("Control+Enter")
    expect(page.get_by_role("columnheader", name="other")).to_be_visible()


def test_a_fault_in_a_query_is_shown_where_it_is(open_page: Open, address: str) -> None:
    page = open_page("/")
    answer = page.request.get(f"{address}/sparql?query=SELECT", headers={"accept": "text/html"})
    assert (answer.status, "data-line" in answer.text()) == (400, True)


def test_the_description_of_the_interface_is_shown(open_page: Open) -> None:
    page = open_page("/docs")
    expect(page.locator(".opblock-summary-path").first).to_be_visible()


def test_the_relations_lead_to_other_pages(open_page: Open) -> None:
    page = open_page("/person/stalin-joseph")
    page.locator("svg.wide a", has_text="United States Navy").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("United States Navy")


def test_the_first_step_of_the_keyboard_leads_past_the_head(open_page: Open) -> None:
    page = open_page(DOCUMENT)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_paper_has_the_words_and_not_the_menus(open_page: Open) -> None:
    page = open_page(DOCUMENT)
    page.emulate_media(media="print")
    expect(page.get_by_text("Break Japan’s spine").first).to_be_visible()
    expect(page.locator("header.site nav")).to_be_hidden()
