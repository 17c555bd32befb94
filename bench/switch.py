"""Put a new data set under a running server again and again, while clients ask.

    python -m bench.switch STORE OTHER [--minutes 10] [--every 60] [--clients 8]

STORE and OTHER are data sets of `cablegraph build`. Each is served alone first, to learn what its
answers are. Then one server has the one and the other in turn, and every answer must be, byte
for byte, that of the version that it names. The memory of answers is off, so that each is found.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

from bench.servers import OURS, Server, running
from ontology.names import TERMS
from server.dataset import find_data_set

OPTIONS = ("--cache-bytes", "0", "--client-seconds", "0")
PREFIX = f"PREFIX cg: <{TERMS}> "
QUERIES = (
    "ASK { ?document a cg:Telegram }",
    "SELECT (COUNT(*) AS ?n) { ?volume a cg:Volume }",
    "SELECT * { <document/frus1945Malta/d256> ?p ?o } ORDER BY ?p ?o",
    'SELECT (COUNT(*) AS ?n) { ?document cg:matches "Petropavlovsk" }',
)
ADDRESSES = (
    *(f"/sparql?{urlencode({'query': PREFIX + query})}" for query in QUERIES),
    "/api/statistics",
    "/api/volumes",
    "/api/documents?limit=20",
    "/api/entities?limit=20",
    "/api/search?q=agreement",
    "/documents",
    "/document/frus1945Malta/d256",
)
"""What clients ask: of the store, of the side file and of both. None is long: no queue is full."""

PATIENCE = 60
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "longest": 1.0}


@dataclass
class Seen:
    """What came of the requests: how many there were of each outcome, and how long they took."""

    outcomes: Counter[str] = field(default_factory=Counter)
    versions: set[str] = field(default_factory=set)
    times: list[float] = field(default_factory=list)


class Client:
    """Asks on one connection."""

    def __init__(self, server: Server) -> None:
        self._connection = HTTPConnection(*server.place, timeout=PATIENCE)

    def ask(self, address: str) -> tuple[str, int, bytes]:
        """Return the version, the status and the body of an answer; the status 0 if none came."""
        try:
            self._connection.request("GET", address)
            answer = self._connection.getresponse()
            body = answer.read()
        except (OSError, HTTPException):
            self._connection.close()
            return "", 0, b""
        return answer.headers.get("X-Dataset-Version", ""), answer.status, body


def learn(data_set: Path) -> dict[tuple[str, str], bytes]:
    """Give the answers of a data set that is served alone, by version and address."""
    with running(OURS, data_set, None, *OPTIONS) as server:
        assert server is not None
        client, known = Client(server), {}
        for address in ADDRESSES:
            version, status, body = client.ask(address)
            # What one of them has not is answered by the same problem each time.
            assert status in (200, 404), f"{address}: {status}"
            known[version, address] = body
        return known


def load(server: Server, known: dict[tuple[str, str], bytes], end: float, seen: Seen) -> None:
    """Ask until the end, and judge each answer."""
    client = Client(server)
    for address in itertools.cycle(ADDRESSES):
        if (start := time.monotonic()) > end:
            return
        version, status, body = client.ask(address)
        seen.times.append(time.monotonic() - start)
        seen.versions.add(version)
        seen.outcomes[_judged(known.get((version, address)), status, body)] += 1


def _judged(expected: bytes | None, status: int, body: bytes) -> str:
    if status not in (200, 404):
        return f"failed ({status})"
    return "right" if body == expected else "mixed"


def turns(root: Path, versions: tuple[Path, Path], every: float, end: float) -> Iterator[str]:
    """Let `current` lead to each version in turn, as a build does; name each."""
    for number in itertools.count(1):
        time.sleep(max(0.0, min(every, end - time.monotonic())))
        if time.monotonic() >= end:
            return
        version = versions[number % 2]
        link = root / "next"
        link.symlink_to(version)
        link.replace(root / "current")
        yield version.name


def under_load(
    versions: tuple[Path, Path], known: dict[tuple[str, str], bytes], given: argparse.Namespace
) -> list[Seen]:
    """Switch while clients ask; give what each of them saw."""
    seen = [Seen() for _ in range(given.clients)]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "current").symlink_to(versions[0])
        with running(OURS, root, None, *OPTIONS) as server:
            assert server is not None
            end = time.monotonic() + 60 * given.minutes
            clients = [Thread(target=load, args=(server, known, end, one)) for one in seen]
            for client in clients:
                client.start()
            for version in turns(root, versions, given.every, end):
                print(f"{version}; {server.memory:.0f} MiB", flush=True)
            for client in clients:
                client.join()
    return seen


def told(seen: list[Seen]) -> str:
    """Sum up what all clients saw."""
    outcomes = sum((one.outcomes for one in seen), Counter[str]())
    versions = set().union(*(one.versions for one in seen))
    times = sorted(itertools.chain.from_iterable(one.times for one in seen))
    shares = {name: times[int(share * (len(times) - 1))] for name, share in SHARES.items()}
    words = ", ".join(f"{name} {1000 * value:.0f} ms" for name, value in shares.items())
    return f"{dict(outcomes)}; {len(versions)} versions answered; {words}"


def main() -> None:
    """Switch under load, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("other", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--clients", type=int, default=8)
    given = parser.parse_args()
    known = learn(given.store) | learn(given.other)
    versions = (find_data_set(given.store).folder, find_data_set(given.other).folder)
    print(told(under_load(versions, known, given)))


if __name__ == "__main__":
    main()
