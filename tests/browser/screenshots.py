"""Take pictures of all pages of a running service, narrow and wide, in the light and in the dark.

python tests/browser/screenshots.py http://127.0.0.1:8000 screenshots
"""

from __future__ import annotations

import shutil
import sys
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu"]
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
    "facts": "/search?type=fact",
    "compare": "/compare?a=soviet-union&b=united-states",
    "queries": "/queries",
    "query": "/queries/acts-of?actor=stalin-joseph",
    "sparql": "/sparql",
    "ontology": "/ontology",
    "api": "/docs",
    "about": "/about",
    "data": "/data",
    "accuracy": "/accuracy",
    "methods": "/methods",
    "missing": "/nowhere",
}
WIDTHS = (390, 1440)
SCHEMES = ("light", "dark")


def main(address: str, folder: Path) -> None:
    """Write one PNG for each page, width and scheme."""
    folder.mkdir(parents=True, exist_ok=True)
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        for width, scheme in product(WIDTHS, SCHEMES):
            take(browser, address, folder, width, scheme)
        browser.close()


def take(browser: Browser, address: str, folder: Path, width: int, scheme: str) -> None:
    """Take the pictures of one width and scheme."""
    window = browser.new_page(viewport={"width": width, "height": 900})
    window.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for name, path in PAGES.items():
        window.goto(address + path, wait_until="networkidle")
        window.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), Path(sys.argv[2]))
