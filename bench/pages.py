"""Measure the pages: on the server, one client, and in a browser that has nothing of them yet.

    python -m bench.pages STORE [--seconds S]

STORE is a data set of `cablegraph build`. Each page is asked for S seconds, of all its things in
turn, without the memory of answers. A browser then loads it with nothing kept, for three things.
What is printed is a table for bench/RESULTS.md: p50 and p95 on the server, and the longest time
until the browser has loaded all of it, in ms.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser

from bench.routes import asks, things
from bench.serve import OPTIONS, Asks, measure
from bench.servers import OURS, Server, running
from tests.browser.conftest import chromium, until

SIDES = "state/united-states", "state/soviet-union"
PAGES = (
    "/",
    "/search",
    "/search?q=agreement&volume={volume}",
    "/search?kind=request&entity={entity}",
    "/document/{document}.html",
    "/{entity}.html",
    "/fact/{fact}.html",
    "/volume/{volume}.html",
    "/documents?volume={volume}",
    "/entities?type=person&page={page}",
    "/compare?a={}&b={}".format(*SIDES),
    "/ledger?debtor={}&creditor={}".format(*SIDES),
    "/network?entity={entity}",
    "/map?entity={entity}",
    "/queries/acts-of?actor={entity}",
    "/data",
)
LOADED = "() => performance.getEntriesByType('navigation')[0].loadEventEnd"
VISITS = 3


def visited(browser: Browser, server: Server, address: Asks) -> float:
    """Give the longest time in ms until a page is loaded, with nothing of it kept before."""
    times = []
    for number in range(VISITS):
        with browser.new_context() as context:
            page = context.new_page()
            host, port = server.place
            page.goto(f"http://{host}:{port}{address(number)}", wait_until="load")
            until(page, partial(page.evaluate, LOADED))
            times.append(float(page.evaluate(LOADED)))
    return max(times)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--seconds", type=float, default=2)
    given = parser.parse_args()
    print("| page | p50 / p95 on the server | loaded in the browser |\n|---|---|---|")
    options = (*OPTIONS, "--cache-bytes", "0")
    with running(OURS, given.store, None, *options) as server, chromium() as browser:
        assert server is not None
        known = things(server)
        for page in PAGES:
            address = asks(page, known)
            measure(server, address, 1, 0.1)  # The first fills its template.
            once = measure(server, address, 1, given.seconds)
            assert not once.failed, f"{page}: {once.failed} were not answered"
            loaded = visited(browser, server, address)
            print(f"| `{page}` | {once.at(0.5):.0f} / {once.at(0.95):.0f} | {loaded:.0f} |")


if __name__ == "__main__":
    main()
