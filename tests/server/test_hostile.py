"""Whatever is sent, each request has its answer, the service lives, and others notice nothing.

All attacks that end at once are sent, and some of those that take all the time there is.
`bench.attack` sends the others as well, many times over, and measures time and memory.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.conftest import served
from tests.server.hostile import HALF_OPEN, Attack, attacks, send
from tests.server.test_cli import children

PATIENCE = 30
"""Seconds after which an attack that was not answered has brought something to a halt."""

IDLE = "cablegraph_workers_busy 0.0"

SETTINGS = {
    "--query-seconds": "0.3",
    "--queue-seconds": "20",
    "--workers": "2",
    "--worker-memory": "300",
    "--failure-seconds": "0",
    "--access-log": "off",
    # The client beside the attackers is another one.
    "--proxies": "127.0.0.1",
    "--client-seconds": "0",
}


@dataclass
class Beside:
    """What a client saw who asked while others attacked."""

    answers: list[tuple[int, bytes]] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def ask(self, address: str) -> None:
        """Ask again and again, each time something that no memory has."""
        head = {"X-Forwarded-For": "192.0.2.1"}
        with httpx.Client(base_url=address, headers=head, timeout=PATIENCE) as client:
            while not self.is_over.wait(0.02):
                query = f"ASK {{ ?s ?p {len(self.answers)}0000 }}"
                answer = client.get("/sparql", params={"query": query, "format": "csv"})
                self.answers.append((answer.status_code, answer.content))


@contextmanager
def canary() -> Iterator[list[socket.socket]]:
    """Listen on one port of this machine, under each of its own addresses."""
    with ExitStack() as stack:
        first = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        found = [first]
        with contextlib.suppress(OSError):  # Not each machine has IPv6.
            address = ("::1", first.getsockname()[1])
            found.append(stack.enter_context(socket.create_server(address, family=socket.AF_INET6)))
        yield found


def called(listener: socket.socket) -> bool:
    """Say whether anybody has connected."""
    listener.setblocking(False)
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


@contextmanager
def half_open(address: tuple[str, int]) -> Iterator[None]:
    """Hold requests that do not go on."""
    with ExitStack() as stack:
        for start in HALF_OPEN * 4:
            stack.enter_context(socket.create_connection(address)).sendall(start)
        yield


def chosen(port: int) -> list[Attack]:
    """Give the attacks that end at once, and every sixth of the others, spread among them."""
    all_ = attacks(port)
    slow = [attack for attack in all_ if attack.is_slow][::6]
    quick = [attack for attack in all_ if not attack.is_slow]
    step = len(quick) // len(slow)
    return [each for n, one in enumerate(slow) for each in (one, *quick[n * step :][:step])] + [
        *quick[len(slow) * step :]
    ]


@dataclass
class Siege:
    """What was seen while the service was attacked, and what was left of it."""

    wrong: list[str]
    beside: Beside
    calls: list[bool]
    lived: bool
    workers: tuple[int, int]
    metrics: str


def besiege(process: subprocess.Popen[str], address: str) -> Siege:
    """Attack the service from several sides at once."""
    where = httpx.URL(address)
    place, beside = (where.host, where.port or 80), Beside()

    def attack(each: Attack) -> str | None:
        try:
            outcome = send(place, each, PATIENCE)
        except TimeoutError:
            return f"{each.name}: no answer"
        return None if outcome.is_proper(each) else f"{each.name}: {outcome}"

    settle(process, address)
    before = len(children(process.pid))
    with canary() as listeners, half_open(place), ThreadPoolExecutor(4) as pool:
        client = pool.submit(beside.ask, address)
        try:
            todo = chosen(listeners[0].getsockname()[1])
            wrong = [found for found in pool.map(attack, todo) if found]
        finally:
            beside.is_over.set()
        client.result()
        calls = [called(listener) for listener in listeners]
    settle(process, address)
    metrics = httpx.get(f"{address}metrics", timeout=PATIENCE).text
    workers = before, len(children(process.pid))
    return Siege(wrong, beside, calls, process.poll() is None, workers, metrics)


def settle(process: subprocess.Popen[str], address: str) -> None:
    """Wait, if need be, until the last worker that was ended has been replaced."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        metrics = httpx.get(f"{address}metrics", timeout=PATIENCE).text
        if IDLE in metrics and len(children(process.pid)) == 2:
            break
        time.sleep(0.05)


@pytest.fixture(scope="module")
def siege(data_set: Path) -> Siege:
    """A service in a process of its own, after it was attacked."""
    options = [word for pair in SETTINGS.items() for word in pair]
    with served("--store", str(data_set), *options) as (process, lines):
        return besiege(process, lines[1].split()[0])


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc tells the workers")


def test_there_are_many_attacks_and_none_twice() -> None:
    all_ = attacks(65_000)
    assert len({attack.request for attack in all_}) == len(all_) > 400
    assert len({attack.name for attack in all_}) == len(all_)


def test_every_attack_has_an_answer_or_a_problem(siege: Siege) -> None:
    assert siege.wrong == []


def test_nothing_calls_another_server(siege: Siege) -> None:
    assert not any(siege.calls)


def test_service_lives_with_as_many_workers_as_before(siege: Siege) -> None:
    assert siege.lived
    assert siege.workers == (2, 2)
    assert IDLE in siege.metrics


def test_a_client_beside_has_all_its_answers(siege: Siege) -> None:
    assert len(siege.beside.answers) > 10
    assert set(siege.beside.answers) == {(200, b"false")}
