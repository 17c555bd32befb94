"""Measure the questions of negotiations, each as a named query through `/sparql`.

    python -m bench.questions STORE [--times N]

STORE is a data set of `cablegraph build` or of `python -m bench.crowd`. Each query is asked N times
by one client, of the two powers, a busy year and a large volume, without the memory of answers;
what is printed is a table for bench/RESULTS.md: rows, and the median and longest time in ms.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import queries
from bench.serve import OPTIONS, sparql, written_out
from bench.servers import OURS, Server, running

QUESTIONS = {
    "1": "granted-between",
    "2": "unanswered-between",
    "3": "refused-then-granted",
    "4": "commitments-on",
    "5": "offers-on-condition",
    "6": "instructed-not-conveyed",
    "8": "meetings-disagreeing",
    "14": "deadlines",
    "16": "once-reported",
    "17": "reply-chains",
    "18": "cited-not-printed",
    "20": "reply-times",
}
"""The queries by the number of the question that they answer."""
ASKED = {
    "from": "1961-01-01",
    "to": "1961-12-31",
    "at": "1965-12-31",
    "post": "vietnam",
    "volume": "volume/frus1958-60v08",
}
"""Values in place of those of the examples, of which few documents are."""
SIDES = {"state/united-states", "state/soviet-union"}


def asked(query: queries.Query) -> Iterator[str]:
    """Yield a query as SPARQL: of the sides as in its example, then the other way round."""
    found = {
        name: replace(each, example=ASKED.get(name, each.example))
        for name, each in query.parameters.items()
    }
    yield written_out(replace(query, parameters=found))
    if SIDES & {each.example for each in found.values()}:
        turned = {
            name: replace(each, example=(SIDES - {each.example}).pop())
            if each.example in SIDES
            else each
            for name, each in found.items()
        }
        yield written_out(replace(query, parameters=turned))


def took(server: Server, text: str) -> tuple[int, float]:
    """Return how many rows a query has, and the ms until all were there."""
    connection = HTTPConnection(*server.place, timeout=120)
    start = time.perf_counter()
    connection.request("GET", sparql(text), headers={"Accept": "text/csv"})
    answer = connection.getresponse()
    body = answer.read()
    seconds = time.perf_counter() - start
    assert answer.status == 200, body[:500]
    return body.count(b"\n") - 1, 1000 * seconds


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    print("| question | query | rows | median | longest |\n|---|---|---|---|---|")
    with running(OURS, given.store, None, *OPTIONS, "--cache-bytes", "0") as server:
        assert server is not None
        for number, name in QUESTIONS.items():
            for text in asked(queries.load(name)):
                found = [took(server, f"{text} # {time}") for time in range(given.times)]
                times = [ms for _, ms in found]
                cells = f"{statistics.median(times):,.0f} | {max(times):,.0f}"
                print(f"| {number} | `{name}` | {found[0][0]:,} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
