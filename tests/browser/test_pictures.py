"""Networks, maps and rows as pictures: what a reader sees in them and can do, with keys as well."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import until

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

script = pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])

NETWORK = "/network?entity=person/stalin-joseph"
TOGETHER = """
PREFIX cg: <https://w3id.org/cablegraph/ontology#>
SELECT ?one ?other (COUNT(*) AS ?facts) {
  ?fact cg:actor ?one ; cg:addressee ?other .
} GROUP BY ?one ?other ORDER BY DESC(?facts) ?one ?other
"""


def asked(page: Page) -> dict[str, list[str]]:
    """What the address bar holds."""
    return parse_qs(urlsplit(page.url).query)


def drawn(open_page: Open, path: str, **options: Any) -> Page:
    """Open a page, and wait until its network is drawn and nothing moves it any more."""
    page = open_page(path, **options)
    page.wait_for_load_state("networkidle")
    expect(page.locator("figure.network[data-drawn]")).to_be_visible()
    return page


def places(page: Page) -> dict[str, list[int]]:
    """Where each node lies in the picture."""
    found: dict[str, list[int]] = page.locator("figure.network").evaluate(
        """it => Object.fromEntries(it.cy.nodes().map((node) => {
          const { x, y } = node.renderedPosition();
          return [node.id(), [Math.round(x), Math.round(y)]];
        }))"""
    )
    return found


def point_at(page: Page, x: float, y: float) -> None:
    """Move the mouse over a point of the picture, once the page has scrolled there.

    A move in the same frame as the scrolling would reach the picture before it has learnt that
    it lies elsewhere now.
    """
    picture = page.locator(".picture")
    picture.scroll_into_view_if_needed()
    for _ in range(2):
        page.evaluate("() => new Promise(requestAnimationFrame)")
    picture.hover(position={"x": x, "y": y})


def test_a_network_is_the_same_picture_at_every_visit(open_page: Open) -> None:
    one, other = (places(drawn(open_page, NETWORK)) for _ in range(2))
    assert len(one) > 3
    assert one == other


def test_pointing_at_somebody_tells_who_and_a_click_walks_there(open_page: Open) -> None:
    page = drawn(open_page, f"{NETWORK}&from=1944")
    x, y = places(page)["person/harriman-w-averell"]
    point_at(page, x, y)
    expect(page.locator(".told")).to_have_text(
        re.compile(r"W\. Averell Harriman: \d+ facts? with Joseph Stalin")
    )
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url(re.compile("harriman"))
    assert asked(page) == {"entity": ["person/harriman-w-averell"], "from": ["1944"]}
    expect(page.get_by_role("heading", level=1)).to_have_text("Network of W. Averell Harriman")


def test_a_line_tells_what_there_is_between_two_and_leads_to_the_facts(open_page: Open) -> None:
    page = drawn(open_page, NETWORK)
    x, y = page.locator("figure.network").evaluate(
        """it => {
          const { x, y } = it.cy.edges()[0].renderedMidpoint();
          return [x, y];
        }"""
    )
    point_at(page, x, y)
    told = page.locator(".told")
    expect(told).to_have_text(re.compile(r"^.+ and .+: .+ [0-9]+$"))
    names = told.inner_text().partition(":")[0].split(" and ")
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url(re.compile("other="))
    assert sorted(page.get_by_role("heading", level=1).inner_text().split(" and ")) == sorted(names)
    expect(page.locator(".facts-list > li").first).to_be_visible()


def test_a_network_needs_no_mouse(open_page: Open) -> None:
    page = drawn(open_page, NETWORK)
    page.get_by_role("button", name="All").focus()
    page.keyboard.press("Tab")
    told = page.locator(".told")
    expect(told).to_have_text("Joseph Stalin, in the middle")
    around = places(page)
    centre = around.pop("person/stalin-joseph")
    x, y = next(iter(around.values()))
    across = abs(x - centre[0]) >= abs(y - centre[1])
    key = ("Right" if x > centre[0] else "Left") if across else ("Down" if y > centre[1] else "Up")
    page.keyboard.press(f"Arrow{key}")
    expect(told).to_have_text(re.compile("with Joseph Stalin$"))
    name = told.inner_text().partition(":")[0]
    page.keyboard.press("+")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Network of {name}")


def test_the_wheel_moves_the_page_and_only_a_chosen_picture(open_page: Open) -> None:
    page = drawn(open_page, NETWORK)

    def zoom() -> float:
        found: float = page.locator("figure.network").evaluate("it => it.cy.zoom()")
        return found

    before = zoom()
    point_at(page, 5, 5)
    page.mouse.wheel(0, 200)
    until(page, lambda: bool(page.evaluate("scrollY > 0")))
    assert zoom() == before
    page.get_by_role("button", name="Nearer").click()
    assert zoom() > before


def test_colours_of_a_network_follow_the_scheme(open_page: Open) -> None:
    def ink(page: Page) -> str:
        found: str = page.locator("figure.network").evaluate(
            "it => it.cy.nodes()[0].style('color')"
        )
        return found

    page = drawn(open_page, NETWORK, color_scheme="light")
    light = ink(page)
    page.emulate_media(color_scheme="dark")
    until(page, lambda: ink(page) != light)


@script
def test_the_tables_say_what_the_network_shows(open_page: Open, script: bool) -> None:
    page = open_page(NETWORK, java_script_enabled=script)
    table = page.get_by_role("region", name="Table of ties of Joseph Stalin")
    row = table.get_by_role("row", name=re.compile("Harriman"))
    expect(row).to_contain_text("met")
    row.get_by_role("link", name=re.compile("^met")).click()
    assert asked(page)["kind"] == ["meeting"]
    expect(page.get_by_role("heading", level=1)).to_contain_text("Joseph Stalin and ")
    expect(page.locator(".facts-list > li.k-meeting").first).to_be_visible()


def test_without_script_no_empty_picture_is_shown(open_page: Open) -> None:
    page = open_page(NETWORK, java_script_enabled=False)
    expect(page.locator(".picture")).to_be_hidden()
    expect(page.get_by_text("The picture needs script")).to_be_visible()


@script
def test_a_map_leads_to_what_took_place_there(open_page: Open, script: bool) -> None:
    page = open_page("/map", java_script_enabled=script)
    page.locator("svg.map.wide a", has_text="Petropavlovsk").click()
    assert asked(page)["about"] == ["place/petropavlovsk-kamchatsky"]
    expect(page.get_by_role("status")).to_contain_text("of 18 facts")


@script
def test_a_map_can_be_narrowed_and_its_table_says_the_same(open_page: Open, script: bool) -> None:
    page = open_page("/map", java_script_enabled=script)
    page.get_by_label("Kind").select_option("Offers")
    page.get_by_role("button", name="Show").click()
    assert asked(page)["kind"] == ["offer"]
    rows = page.get_by_role("region", name="Table of places").locator("tbody tr")
    names = rows.locator("td:first-child").all_inner_texts()
    assert names == ["Petropavlovsk-Kamchatsky"]
    expect(page.locator("svg.map.wide text")).to_have_text(names)


def test_the_coasts_are_there_in_both_schemes(open_page: Open) -> None:
    """The picture of the coasts has colours of its own, for each scheme."""

    def sheet(scheme: str) -> bytes:
        page = open_page("/place/petropavlovsk-kamchatsky", color_scheme=scheme)
        page.wait_for_load_state("networkidle")
        return page.locator("svg.map.wide").screenshot()

    assert sheet("light") != sheet("dark")


@script
def test_rows_are_shown_as_bars_and_the_address_says_so(open_page: Open, script: bool) -> None:
    page = open_page(f"/sparql?query={quote(TOGETHER)}", java_script_enabled=script)
    page.get_by_role("navigation", name="How the rows are shown").get_by_role(
        "link", name="Bars"
    ).click()
    assert asked(page)["view"] == ["bars"]
    expect(page.locator("table.bars tr").first).to_be_visible()
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("table.bars tr").first).to_be_visible()


def test_rows_are_shown_as_a_network_that_leads_to_pages(open_page: Open) -> None:
    page = drawn(open_page, f"/sparql?view=network&query={quote(TOGETHER)}")
    x, y = places(page)["person/stalin-joseph"]
    point_at(page, x, y)
    expect(page.locator(".told")).to_have_text("Joseph Stalin")
    page.mouse.down()
    page.mouse.up()
    expect(page.get_by_role("heading", level=1)).to_have_text("Joseph Stalin")


def test_a_named_question_is_shown_over_time(open_page: Open) -> None:
    page = open_page("/queries/acts-of?actor=stalin&view=line")
    expect(page.get_by_role("img", name=re.compile("Rows by year of date"))).to_be_visible()


def test_only_pages_with_a_network_load_what_draws_it(open_page: Open) -> None:
    def scripts(path: str) -> set[str]:
        page = open_page(path)
        page.wait_for_load_state("networkidle")
        loaded: list[str] = page.evaluate(
            "performance.getEntriesByType('resource').map((it) => it.name)"
        )
        return {name.rpartition("/")[2].partition("?")[0] for name in loaded if ".js" in name}

    assert scripts(NETWORK) == {"site.js", "network.js"}
    assert scripts("/network") == scripts("/map") == scripts("/person/stalin-joseph") == {"site.js"}


# The editor


def accept(page: Page, offered: str) -> None:
    """Take what is offered first: CodeMirror does not in the moment in which it appears."""
    expect(page.locator(".cm-tooltip-autocomplete [aria-selected]")).to_contain_text(offered)
    page.wait_for_timeout(200)
    page.keyboard.press("Enter")


def test_the_editor_completes_terms_and_declares_their_prefix(open_page: Open) -> None:
    page = open_page("/sparql")
    content = page.locator(".cm-content")
    content.press("Control+A")
    page.keyboard.type("SELECT * { ?request cg:addressee")
    accept(page, "cg:addressee")
    expect(content).to_contain_text("PREFIX cg: <https://w3id.org/cablegraph/ontology#>")
    page.keyboard.type(" ?re")
    expect(page.get_by_role("option", name=re.compile(r"\?request"))).to_be_visible()
    page.keyboard.press("Escape")
    assert page.locator("textarea[name=query]").input_value().endswith("cg:addressee ?re")


def test_the_editor_completes_things_by_name(open_page: Open) -> None:
    page = open_page("/sparql")
    page.locator(".cm-content").press("Control+A")
    page.keyboard.type("SELECT * { ?fact ?role <person/stal")
    accept(page, "Joseph Stalin")
    assert page.locator("textarea[name=query]").input_value().endswith("<person/stalin-joseph>")
