"""The pages in a real browser, over the data set of the first telegram.

The service is the command that a user types, as a process of its own.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).parent.parent.parent
COMMAND = (sys.executable, str(ROOT / "cablegraph.py"))
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

Open = Callable[..., Page]

# A machine that is busy takes long.
expect.set_options(timeout=60_000)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set built of the first telegram."""
    folder = tmp_path_factory.mktemp("graph")
    subprocess.run([*COMMAND, "build", "--store", str(folder)], check=True, cwd=ROOT)
    return folder


@pytest.fixture(scope="session")
def address(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the service runs."""
    log = tmp_path_factory.mktemp("log") / "serve.log"
    command = [*COMMAND, "serve", "--store", str(store), "--port", "0"]
    with (
        log.open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as service,
    ):
        try:
            yield _told(service) or pytest.fail(log.read_text())
        finally:
            service.terminate()


def _told(service: subprocess.Popen[str]) -> str | None:
    """Wait until the service says where it listens; None if it ends before that."""
    assert service.stdout is not None
    found = (re.search(r"(http://[\w.]+:\d+)/sparql", line) for line in service.stdout)
    return next((match[1] for match in found if match), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a Chromium that is installed on this machine."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.fail(f"no browser is on the path; one of {', '.join(BROWSERS)} is needed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of a file.

    It ends with the file: while Playwright runs, no other test could run an event loop.
    """
    with chromium() as started:
        yield started


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Open]:
    """Open a path in a window of its own; requests to other hosts, and errors, are faults."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(path: str, *, width: int = 1440, **options: Any) -> Page:
        context = browser.new_context(
            base_url=address, viewport={"width": width, "height": 900}, **options
        )
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda it: faults.extend(_foreign(it.url, address)))
        page.on("console", lambda it: faults.extend([it.text] if it.type == "error" else []))
        page.on("pageerror", lambda it: faults.append(str(it)))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def _foreign(url: str, address: str) -> list[str]:
    return [] if url.startswith((address, "data:", "blob:")) else [url]


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait for up to a minute until something holds.

    Playwright's own `wait_for_function` evaluates words in the page, which our policy forbids.
    """
    for _ in range(600):
        if holds():
            return
        page.wait_for_timeout(100)
    raise TimeoutError("it did not come to hold within a minute")
