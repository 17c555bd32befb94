"""What must hold of every page: room on a phone, contrast, nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

PAGES = (
    "/",
    "/search?q=Petropavlovsk",
    "/search?q=atlantis",
    "/documents",
    "/document/frus1945Malta/d256",
    "/volume/frus1945Malta",
    "/entities",
    "/entities?type=person&name=sta",
    "/person/stalin-joseph",
    "/person/stalin-joseph?kind=request&year=1944",
    "/organization/joint-chiefs-of-staff",
    "/state/soviet-union",
    "/place/petropavlovsk-kamchatsky",
    "/position/ambassador-in-the-soviet-union",
    "/topic/pacific-war",
    "/search",
    "/search?kind=request&actor=person/stalin-joseph&from=1944-10&to=1944-10",
    "/compare",
    "/compare?a=soviet-union&b=united-states",
    "/ledger",
    "/ledger?debtor=soviet-union&creditor=united-states&at=1944-12",
    "/fact/",
    "/network",
    "/network?entity=person/stalin-joseph",
    "/network?entity=person/stalin-joseph&other=person/harriman-w-averell",
    "/map",
    "/map?entity=person/stalin-joseph",
    "/queries",
    "/queries/acts-of",
    "/queries/acts-of?actor=stalin-joseph",
    "/queries/acts-of?actor=stalin-joseph&view=line",
    "/queries/most-met?from=1944-01-01&to=1944-12-31&view=bars",
    "/queries/most-met?from=1944-01-01&to=1944-12-31&view=network",
    "/sparql",
    "/sparql?query=SELECT%20*%20%7B%3Fs%20a%20%3Fo%7D%20LIMIT%2020",
    "/ontology",
    "/docs",
    "/about",
    "/data",
    "/accuracy",
    "/answers",
    "/methods",
    "/reconcile/preview?id=person/harriman-w-averell",
)

every_page = pytest.mark.parametrize("path", PAGES)


@pytest.fixture
def show(open_page: Open, address: str) -> Open:
    """Open a page; "/fact/" is that of the first offer, whose name the build decides."""

    def shown(path: str, **options: Any) -> Page:
        if path == "/fact/":
            offers = httpx.get(f"{address}/api/facts?kind=offer").json()["items"]
            path = f"/{offers[0]['id']}"
        page = open_page(path, **options)
        page.wait_for_load_state("networkidle")
        return page

    return shown


MORE_TERMS = ".entity:nth-of-type(n+6)"


@every_page
def test_everybody_can_use_it(show: Open, path: str) -> None:
    """What a program can check of WCAG 2 at AA (axe-core), in the light and in the dark."""
    page = show(path)
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    faults = found(page, rules)
    page.emulate_media(color_scheme="dark")
    assert (
        json.dumps(faults + found(page, ["color-contrast", "link-in-text-block"]), indent=1) == "[]"
    )


def found(page: Page, rules: list[str]) -> list[tuple[str, list[str]]]:
    """Run axe-core; what Swagger UI makes is not ours to mend.

    The terms of the ontology are all made in one way: the first of each kind stand for them.
    """
    options = {"runOnly": rules}
    result = Axe().run(page, context={"exclude": [["#swagger"], [MORE_TERMS]]}, options=options)
    return [
        (fault["id"], [node["html"][:120] for node in fault["nodes"]][:3])
        for fault in result.response["violations"]
    ]


@every_page
def test_a_phone_shows_it_whole(show: Open, path: str) -> None:
    """It never scrolls sideways, and has one main heading and a title."""
    page = show(path, width=390)
    assert (
        page.evaluate("document.documentElement.scrollWidth"),
        page.locator("h1:not(#swagger h1)").count(),
        page.title().endswith(" · Cablegraph"),
    ) == (390, 1, True)


PICTURES = ("/vendor/editor.js", "/vendor/network.js", "/vendor/land-", "/static/docs/")
"""What pictures, the editor and the trial of the API need beside the page."""

WEIGHED = """() => [...performance.getEntriesByType("navigation"),
    ...performance.getEntriesByType("resource")].map((each) => [each.name, each.transferSize])"""


@every_page
def test_its_first_view_is_under_a_hundred_kilobytes(show: Open, path: str) -> None:
    """As it comes over the wire: the page, its styles and scripts, and the letters it needs."""
    sizes = dict(show(path).evaluate(WEIGHED))
    own = {name: size for name, size in sizes.items() if not any(each in name for each in PICTURES)}
    assert 5_000 < sum(own.values()) < 100_000, own


SHIFTED = """() => new Promise((told) => new PerformanceObserver((list) => told(
    list.getEntries().reduce((sum, each) => sum + (each.hadRecentInput ? 0 : each.value), 0)
)).observe({ type: "layout-shift", buffered: true }) || setTimeout(() => told(0), 300))"""


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/docs"])
def test_nothing_moves_while_it_loads(show: Open, path: str) -> None:
    """Cumulative layout shift; what is under a tenth counts as good (Core Web Vitals).

    Swagger UI builds its page while it loads.
    """
    assert show(path).evaluate(SHIFTED) < 0.1


def test_dark_pages_are_dark(open_page: Open) -> None:
    def lightness(scheme: str) -> float:
        page = open_page("/about", color_scheme=scheme)
        colour = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        return sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(","))) / 765

    assert lightness("dark") < 0.2 < 0.8 < lightness("light")
