"""A finished build is served without a restart; each answer is of one version, and none fails."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from dataset import new_version, publish
from server.dataset import hold
from server.errors import DataSetUnreadable, Stopping
from server.jobs import Job
from server.settings import Settings
from server.usage import Usage
from server.versions import Version, Versions
from tests.conftest import served, write_version

LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
LABELS = f"SELECT DISTINCT ?label {{ ?thing {LABEL} ?label }}"


def make(root: Path, version: str) -> None:
    """Build a version as `cablegraph build` does; its store, side file and description name it."""
    root.mkdir(exist_ok=True)
    with new_version(root) as folder:
        graphs = (f'GRAPH <graph:{n}> {{ <thing:{n}> {LABEL} "{version}" }}' for n in range(50))
        write_version(folder, "\n".join(graphs), version)
        with closing(sqlite3.connect(folder / "side.sqlite")) as side, side:
            side.execute("INSERT INTO volume VALUES ('v', ?, '', '', '', '', 0)", [version])
        (folder / "void.ttl").write_text(f'<thing:v> {LABEL} "{version}" .')
        publish(root, folder, version)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with one version."""
    make(tmp_path / "graph", "edition-0")
    return tmp_path / "graph"


def wait_for(version: str, client: httpx.Client) -> None:
    """Wait until a version is served."""
    deadline = time.monotonic() + 60
    while client.get("/health").json()["version"] != version:
        assert time.monotonic() < deadline, f"{version} is not served"
        time.sleep(0.02)


# Under load

ASKED = [
    ("/sparql", {"query": LABELS, "format": "csv"}, "text/csv"),
    ("/sparql", {"query": f"CONSTRUCT WHERE {{ ?s {LABEL} ?o }}"}, "text/turtle"),
    ("/api/volumes", {}, "application/json"),
    ("/volume/v", {}, "text/html"),
    ("/.well-known/void", {}, "text/turtle"),
]


def test_versions_change_under_load_without_a_failure_or_a_mixture(root: Path) -> None:
    """Each answer names in all of its parts the one version that its header names."""
    done = threading.Event()
    seen: set[tuple[int, str, frozenset[str]]] = set()

    def ask(address: str, number: int) -> None:
        with httpx.Client(base_url=address, timeout=60) as client:
            while not done.is_set():
                path, query, accept = ASKED[number % len(ASKED)]
                answer = client.get(path, params=query, headers={"Accept": accept})
                named = frozenset(re.findall(r"edition-\d+", answer.text))
                seen.add((answer.status_code, answer.headers["x-dataset-version"], named))
                number += 1

    words = ("--store", str(root), "--workers", "1", "--look-seconds", "0.02")
    with served(*words, "--queue-seconds", "60") as (_, lines), ThreadPoolExecutor() as threads:
        assert lines[0] == f"Version edition-0 of {root} is served at"
        address = lines[1].split()[0]
        asking = [threads.submit(ask, address, number) for number in range(3)]
        try:
            for number in range(4):
                if number > 0:
                    make(root, f"edition-{number}")
                while f"edition-{number}" not in {version for _, version, _ in set(seen)}:
                    assert not any(each.done() for each in asking)
                    time.sleep(0.02)
        finally:
            done.set()
        for each in asking:
            each.result()
    assert seen == {(200, f"edition-{n}", frozenset({f"edition-{n}"})) for n in range(4)}


# One by one


@asynccontextmanager
async def started(root: Path, **settings: Any) -> AsyncIterator[Versions]:
    """Run versions without a service, and without looking for new ones unless it is told."""
    values = {"look_seconds": 0, "workers": 1, "queue_seconds": 20, **settings}
    own = Settings(store=root, **values)
    versions = Versions(own, Usage.of(own))
    await versions.start()
    try:
        yield versions
    finally:
        await versions.stop()


async def changed(versions: Versions, name: str) -> None:
    """Let the service look, and wait until it serves this version."""
    versions.look_now()
    async with asyncio.timeout(60):
        while versions.current.name != name:
            await asyncio.sleep(0.01)


async def labels(version: Version) -> bytes:
    """Ask which version the store names."""
    return await version.pool.answer(Job(LABELS, rows="text/csv"))


def test_request_ends_on_the_version_that_it_began_with(root: Path) -> None:
    """Even when builds have long removed what nobody else reads, and a worker must be replaced."""

    async def scenario() -> None:
        async with started(root) as versions:
            with versions.use() as first:
                for number in (1, 2, 3):
                    make(root, f"edition-{number}")
                await changed(versions, "edition-3")
                [pid] = first.pool.pids
                os.kill(pid, signal.SIGKILL)
                while pid in first.pool.pids:
                    await asyncio.sleep(0.01)
                assert await labels(first) == b"label\r\nedition-0\r\n"
                assert [volume.title for volume in first.side.volumes.values()] == ["edition-0"]
                assert first.data_set.void.is_file()
            assert await labels(versions.current) == b"label\r\nedition-3\r\n"

    asyncio.run(scenario())


def test_version_is_let_go_with_its_last_request(root: Path) -> None:
    async def scenario() -> None:
        async with started(root) as versions:
            with versions.use() as one, versions.use() as other:
                make(root, "edition-1")
                await changed(versions, "edition-1")
                workers = one.pool.pids
                assert other is one
            async with asyncio.timeout(60):
                while one.pool.pids:
                    await asyncio.sleep(0.01)
            assert workers.isdisjoint(versions.current.pool.pids)
        # Nobody holds it: the next builds may remove it.
        for number in (2, 3):
            make(root, f"edition-{number}")
        left = sorted(path.name for path in (root / "versions").iterdir())
        assert left == ["edition-2", "edition-3"]

    asyncio.run(scenario())


def test_version_that_is_built_again_is_the_one_that_is_served(root: Path) -> None:
    """Two builds of the same input: the folder that is being read is not replaced."""

    async def scenario() -> None:
        async with started(root) as versions:
            first = versions.current
            make(root, "edition-1")
            await changed(versions, "edition-1")
            make(root, "edition-0")
            await changed(versions, "edition-0")
            assert versions.current is not first
            assert await labels(versions.current) == b"label\r\nedition-0\r\n"

    asyncio.run(scenario())


BROKEN = {
    "manifest.json": "manifest.json cannot be read",
    "side.sqlite": "not a side file",
    "store/CURRENT": "the store cannot be read",
}
"""Files of a version, and what is said if they hold nothing of use."""


def test_version_that_cannot_be_opened_leaves_the_one_before(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log tells it once, /health as long as it lasts; the next good build is served."""

    async def scenario() -> None:
        async with started(root, look_seconds=0.01) as versions:
            for number, (file, problem) in enumerate(BROKEN.items()):
                with new_version(root) as folder:
                    write_version(folder, version=f"broken-{number}")
                    (folder / file).write_text("nothing")
                    publish(root, folder, f"broken-{number}")
                async with asyncio.timeout(60):
                    while problem not in (versions.problem or ""):
                        await asyncio.sleep(0.01)
                versions.look_now()
                await asyncio.sleep(0.05)
                assert versions.problem
                assert await labels(versions.current) == b"label\r\nedition-0\r\n"
            make(root, "edition-1")
            await changed(versions, "edition-1")
            assert versions.problem is None

    with caplog.at_level(logging.INFO, "server.versions"):
        asyncio.run(scenario())
    *errors, change = [each.message for each in caplog.records if each.name == "server.versions"]
    for error, problem in zip(errors, BROKEN.values(), strict=True):
        assert error.startswith("the new version cannot be served, edition-0 stays: ")
        assert problem in error
    assert change == "version edition-1 is served in place of edition-0"


def test_query_that_runs_when_the_service_stops_is_told_so(
    root: Path, product: Callable[[str, int], str]
) -> None:
    async def scenario() -> None:
        async with started(root) as versions:
            pool = versions.current.pool
            query = asyncio.create_task(pool.answer(Job(product("SELECT (COUNT(*) AS ?n)", 10))))
            while not pool.lent:
                await asyncio.sleep(0.01)
            versions.abandon()
            with pytest.raises(Stopping):
                await query

    asyncio.run(scenario())


def test_link_that_leads_nowhere_leaves_the_version(root: Path) -> None:
    async def scenario() -> str | None:
        async with started(root) as versions:
            (root / "current").unlink()
            versions.look_now()
            async with asyncio.timeout(60):
                while versions.problem is None:
                    await asyncio.sleep(0.01)
            assert await labels(versions.current) == b"label\r\nedition-0\r\n"
            return versions.problem

    assert "there is no data set here" in (asyncio.run(scenario()) or "")


def test_folder_that_is_gone_cannot_be_held(tmp_path: Path) -> None:
    with pytest.raises(DataSetUnreadable, match="the version is gone"):
        hold(tmp_path / "gone")


# The service


def test_health_names_the_version(client: httpx.Client) -> None:
    assert client.get("/health").json() == {
        "version": "2026-01-01-test",
        "built": "2026-01-01T00:00:00Z",
        "updates": 0,
        "problem": None,
    }


def test_signal_makes_the_service_look_for_a_new_version(root: Path) -> None:
    words = ("--store", str(root), "--workers", "1", "--look-seconds", "0")
    with (
        served(*words) as (process, lines),
        httpx.Client(base_url=lines[1].split()[0], timeout=60) as client,
    ):
        make(root, "edition-1")
        assert client.get("/health").json()["version"] == "edition-0"
        process.send_signal(signal.SIGHUP)
        wait_for("edition-1", client)
