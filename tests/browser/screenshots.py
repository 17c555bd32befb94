"""Take pictures of all pages, narrow and wide, in the light and in the dark.

python -m tests.browser.screenshots FOLDER [STORE]
"""

from __future__ import annotations

import re
import sys
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.conftest import chromium
from tests.conftest import served

PAGES = {
    "start": "/",
    "search": "/search?q=Petropavlovsk",
    "documents": "/documents",
    "document": "/document/frus1945Malta/d256",
    "volume": "/volume/frus1945Malta",
    "entities": "/entities",
    "person": "/person/stalin-joseph",
    "state": "/state/united-states",
    "place": "/place/petropavlovsk-kamchatsky",
    "organization": "/organization/joint-chiefs-of-staff",
    "office": "/position/president-of-the-united-states",
    "facts": "/search?type=fact",
    "fact": "/fact/frus1945Malta/d256/f624bc8a",
    "compare": "/compare?a=soviet-union&b=united-states",
    "ledger": "/ledger?debtor=united-states&creditor=soviet-union",
    "network": "/network?entity=person/stalin-joseph",
    "map": "/map",
    "queries": "/queries",
    "query": "/queries/acts-of?actor=stalin-joseph",
    "line": "/queries/acts-of?actor=stalin-joseph&view=line",
    "bars": "/queries/most-met?from=1944-01-01&to=1944-12-31&view=bars",
    "sparql": "/sparql",
    "ontology": "/ontology",
    "api": "/docs",
    "about": "/about",
    "data": "/data",
    "accuracy": "/accuracy",
    "answers": "/answers",
    "methods": "/methods",
    "missing": "/nowhere",
}
WIDTHS = (390, 1440)
SCHEMES = ("light", "dark")


def main(folder: Path, store: Path) -> None:
    """Serve a data set, and write one PNG for each page, width and scheme."""
    folder.mkdir(parents=True, exist_ok=True)
    with served("--store", str(store)) as (_, said), chromium() as browser:
        [address] = re.findall(r"(http://[\w.]+:\d+)/sparql", "\n".join(said))
        for width, scheme in product(WIDTHS, SCHEMES):
            take(browser, address, folder, width, scheme)


def take(browser: Browser, address: str, folder: Path, width: int, scheme: str) -> None:
    """Take the pictures of one width and scheme."""
    window = browser.new_page(viewport={"width": width, "height": 900})
    window.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for name, path in PAGES.items():
        window.goto(address + path, wait_until="networkidle")
        window.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2] if sys.argv[2:] else "data/graph"))
