"""Attack a server with all that tests/server/hostile.py has, round after round.

    python -m bench.attack STORE [--peers ENVIRONMENT] [--rounds 10] [--deadline 2]

For each round it prints how many attacks had no proper answer, how many had it later than a
second after the deadline, and the memory of all processes of the server (PSS); at last, whether
the listener saw a call. Two attack at a time, as many as there are workers: none waits in the
queue. With --peers the Oxigraph server has one round, and is started again when it has ended.
"""

from __future__ import annotations

import argparse
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench.servers import OURS, OXIGRAPH, Server, running
from tests.server.hostile import Attack, attacks, send

ATTACKERS = 2
ENDED = "ended it"
GRACE = 1.0
"""Seconds after the deadline within which an answer is in time."""


@contextmanager
def canary() -> Iterator[socket.socket]:
    """Listen on this machine for a call that must not come."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def calls(listener: socket.socket) -> int:
    """Count who has called since the last time."""
    found = 0
    while True:
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            return found
        found += 1


def judge(server: Server, attack: Attack, deadline: float) -> str:
    """Send an attack and say what came of it: `proper`, `late`, `wrong` or `none`."""
    try:
        outcome = send(server.place, attack, deadline + 10)
    except OSError:
        return "none"
    # Peers have errors of other shapes.
    if not (outcome.is_proper(attack) if server.name == OURS else outcome.status):
        return "wrong"
    return "late" if outcome.seconds > deadline + GRACE else "proper"


def once(server: Server, todo: list[Attack], deadline: float) -> Counter[str]:
    """Send all attacks and count what came of them."""
    with ThreadPoolExecutor(ATTACKERS) as pool:
        return Counter(pool.map(lambda attack: judge(server, attack, deadline), todo))


def ours(data_set: Path, rounds: int, deadline: float) -> None:
    """Attack our service."""
    options = ("--query-seconds", str(deadline), "--failure-seconds", "0")
    with canary() as listener, running(OURS, data_set, None, *options) as server:
        assert server is not None
        todo = attacks(listener.getsockname()[1])
        print(f"{OURS}: {len(todo)} attacks, {deadline:g} s each at most")
        for number in range(rounds):
            found = once(server, todo, deadline)
            time.sleep(1)
            print(f"round {number + 1}: {_words(found)}; {server.memory:.0f} MiB", flush=True)
        print(f"{'lives' if server.lives else 'has ended'}; {calls(listener)} calls seen")


def oxigraph(data_set: Path, peers: Path, deadline: float) -> None:
    """Attack the Oxigraph server with what does not stop it, and count what ends it."""
    found: Counter[str] = Counter()
    with canary() as listener:
        todo = [each for each in attacks(listener.getsockname()[1]) if not each.is_slow]
        number = len(todo)
        while todo:
            with running(OXIGRAPH, data_set, peers) as server:
                if server is None:
                    return
                judged = ""
                # One that runs on would slow down all that follow.
                while todo and judged not in (ENDED, "none"):
                    judged = judge(server, todo.pop(), deadline)
                    time.sleep(0.01)
                    judged = judged if server.lives else ENDED
                    found[judged] += 1
        print(f"{OXIGRAPH}: {number} attacks that end at once here: {_words(found)};", end=" ")
        print(f"{calls(listener)} calls seen")


def _words(found: Counter[str]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(found.items()))


def main() -> None:
    """Attack our service, and the Oxigraph server if it is installed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--deadline", type=float, default=2)
    given = parser.parse_args()
    ours(given.store, given.rounds, given.deadline)
    if given.peers:
        oxigraph(given.store, given.peers, given.deadline)


if __name__ == "__main__":
    main()
