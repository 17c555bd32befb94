"""Several processes take requests from one socket."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from server.metrics import Metrics
from server.processes import _Watcher
from server.settings import Settings
from tests.conftest import served
from tests.server.test_cli import alive, children, run
from tests.server.test_versions import make

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def fronts(pid: int) -> set[int]:
    """Give the processes that take requests: the service's own children that are alive."""
    return {each for each in children(pid) if alive(each)}


def get(address: str, path: str) -> httpx.Response:
    """Ask on a connection of its own, which any of the processes may take."""
    return httpx.get(address + path, timeout=60)


def test_processes_take_requests_together_and_are_replaced_and_stopped(tmp_path: Path) -> None:
    """One service for all of it, since each start takes seconds."""
    make(tmp_path / "graph", "edition-0")
    words = ("--store", str(tmp_path / "graph"), "--workers", "1", "--look-seconds", "0")
    with served(*words, "--processes", "2") as (service, lines):
        address = lines[1].split()[0]
        first = fronts(service.pid)
        workers = {worker for front in first for worker in children(front)}
        assert (len(first), len(workers)) == (2, 2)

        # The numbers are those of both.
        asked = sum(get(address, "health/live").status_code == 200 for _ in range(8))
        until(lambda: counted(get(address, "metrics").text, "/health/live") == (asked, {"0", "1"}))

        # A new version is seen by both.
        make(tmp_path / "graph", "edition-1")
        service.send_signal(signal.SIGHUP)
        until(lambda: set(versions(get(address, "metrics").text)) == {"edition-1"})

        # One that dies is replaced, and so are its workers.
        os.kill(min(first), signal.SIGKILL)
        until(lambda: len(fronts(service.pid) - {min(first)}) == 2)
        until(lambda: not any(alive(worker) for worker in workers - set(children(max(first)))))
        assert get(address, "health/ready").json()["status"] == "ready"

        last = fronts(service.pid)
        service.send_signal(signal.SIGTERM)
        assert service.wait(timeout=60) == 0
        assert [pid for pid in first | last if alive(pid)] == []


def counted(text: str, route: str) -> tuple[float, set[str]]:
    """Give how many requests to a route were counted, and by which processes numbers were given."""
    samples = [
        sample for family in text_string_to_metric_families(text) for sample in family.samples
    ]
    counts = (
        sample.value
        for sample in samples
        if sample.name == "cablegraph_request_seconds_count" and sample.labels["route"] == route
    )
    return sum(counts), {sample.labels["process"] for sample in samples}


def versions(text: str) -> Iterator[str]:
    """Give the version that each process serves."""
    for family in text_string_to_metric_families(text):
        if family.name == "cablegraph_data_set":
            yield from (sample.labels["version"] for sample in family.samples)


def test_processes_end_with_the_one_that_started_them(data_set: Path) -> None:
    words = ("--store", str(data_set), "--workers", "1", "--processes", "2")
    with served(*words) as (service, _):
        started = fronts(service.pid)
        service.kill()
        service.wait()
        until(lambda: not any(alive(pid) for pid in started))
    assert len(started) == 2


def test_service_ends_if_a_process_cannot_start(
    data_set: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "sitecustomize.py"
    broken.write_text("import sys\nif 'server.processes' in sys.orig_argv: sys.exit(3)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with contextlib.ExitStack() as stack:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            stack.callback(signal.signal, number, signal.getsignal(number))
        result = run("serve", "--store", str(data_set), "--port", "0", "--processes", "2")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (
        1,
        "Error: A process of the service cannot start; the lines above say why.",
    )


def test_numbers_of_all_processes_are_joined(tmp_path: Path) -> None:
    both = [Metrics(), Metrics()]
    for number, metrics in enumerate(both):
        metrics.share(tmp_path, number)
        metrics.sent_bytes.inc(number + 1)
        metrics.write()
    found = [
        (sample.labels["process"], sample.value)
        for family in text_string_to_metric_families(both[1].text().decode())
        for sample in family.samples
        if sample.name == "cablegraph_sent_bytes_total"
    ]
    assert found == [("0", 1), ("1", 2)]


def test_process_that_does_not_end_is_killed(data_set: Path) -> None:
    words = ("--store", str(data_set), "--workers", "1", "--stop-seconds", "0")
    with served(*words, "--processes", "2") as (service, _):
        started = fronts(service.pid)
        os.kill(min(started), signal.SIGSTOP)
        service.send_signal(signal.SIGTERM)
        assert service.wait(timeout=60) == 0
        until(lambda: not any(alive(pid) for pid in started))


def test_service_that_is_stopped_while_it_starts_is_never_ready(
    data_set: Path, tmp_path: Path
) -> None:
    async def scenario(listener: socket.socket) -> None:
        watcher = _Watcher(Settings(store=data_set, processes=2, workers=1), listener, tmp_path)
        watcher._stop()
        await watcher.run(lambda: pytest.fail("it is ready"))

    before = fronts(os.getpid())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        asyncio.run(scenario(listener))
    assert fronts(os.getpid()) - before == set()
