"""Measure every list and thing of the JSON API with eight clients, on a large and a small graph.

    python -m bench.routes STORE SMALLER [--seconds S]

STORE and SMALLER are data sets of `cablegraph build`, such as of 95 volumes and of 10. Each route
is asked for S seconds, of all its things in turn: first without a memory of answers, so that each
is made, then with it. What is printed is a table for bench/RESULTS.md: p50 and p95 in ms.
"""

from __future__ import annotations

import argparse
import json
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from bench.serve import OPTIONS, Asks, measure
from bench.servers import OURS, Server, running

CLIENTS = 8
MOST = 200
"""Things of a kind that are asked for in turn."""

LISTS = (
    "/api/volumes",
    "/api/documents?volume={volume}",
    "/api/facts?volume={volume}",
    "/api/entities?type=person&page={page}",
    "/api/documents/{document}/facts",
    "/api/timeline?entity={entity}",
    "/api/relations?entity={entity}",
    "/api/network?entity={entity}",
    "/api/places?entity={entity}",
    "/api/search?q=agreement&volume={volume}",
    "/api/complete?q={start}",
    "/api/statistics",
)
THINGS = (
    "/api/volumes/{volume}",
    "/api/documents/{document}",
    "/api/facts/{fact}",
    "/api/entities/{entity}",
)


def answer(server: Server, address: str) -> Any:
    """Return what a route answers."""
    connection = HTTPConnection(*server.place, timeout=60)
    connection.request("GET", address)
    return json.loads(connection.getresponse().read())


def things(server: Server) -> dict[str, list[str]]:
    """Give what routes are asked for: ids of each kind, as the routes themselves list them."""

    def ids(route: str) -> list[str]:
        items = answer(server, f"{route}limit={MOST}")["items"]
        return [item["id"].partition("/")[2] for item in items]

    entities = [f"person/{id}" for id in ids("/api/entities?type=person&")]
    return {
        "volume": [
            item["id"].rpartition("/")[2] for item in answer(server, "/api/volumes")["items"]
        ],
        "document": ids("/api/documents?"),
        "fact": ids("/api/facts?"),
        "entity": entities,
        "start": sorted({id.partition("/")[2][:3] for id in entities}),
        "page": [str(number) for number in range(1, 5)],
    }


def asks(route: str, known: dict[str, list[str]]) -> Asks:
    """Ask a route for its things in turn."""

    def address(number: int) -> str:
        return route.format(**{name: ids[number % len(ids)] for name, ids in known.items()})

    return address


def measured(data_set: Path, seconds: float, *more: str) -> dict[str, tuple[float, float]]:
    """Give p50 and p95 of each route in ms."""
    with running(OURS, data_set, None, *OPTIONS, *more) as server:
        assert server is not None
        known = things(server)
        found = {}
        for route in (*LISTS, *THINGS):
            once = measure(server, asks(route, known), CLIENTS, seconds)
            assert not once.failed, f"{route}: {once.failed} were not answered"
            found[route] = once.at(0.5), once.at(0.95)
        return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("smaller", type=Path)
    parser.add_argument("--seconds", type=float, default=2)
    given = parser.parse_args()
    columns = (
        measured(given.store, given.seconds, "--cache-bytes", "0"),
        measured(given.smaller, given.seconds, "--cache-bytes", "0"),
        measured(given.store, given.seconds),
    )
    print("| p50 / p95 in ms | made anew | the same, smaller graph | with memory |")
    print("|---|---|---|---|")
    for route in columns[0]:
        cells = (f"{p50:.1f} / {p95:.1f}" for p50, p95 in (column[route] for column in columns))
        print(f"| `{route}` | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
