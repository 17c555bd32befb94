"""Measure the service beside its peers, on the same data in the same run.

    python -m bench.serve STORE [--peers ENVIRONMENT] [--seconds S]

STORE is a data set of `cablegraph build`. Each measurement lasts S seconds and is taken of each
server in turn; what is printed are tables for bench/RESULTS.md. A peer that is not installed
has empty columns (`bench.servers` says how). All servers are asked the same SPARQL; the lists,
facets and searches of the JSON API are compared with the same in SPARQL. Clients and servers
share the cores of the machine.
"""

from __future__ import annotations

import argparse
import itertools
import math
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

from pyoxigraph import QuerySolutions, Store

import queries
from bench.servers import OURS, OXIGRAPH, RDFLIB, Server, running
from ontology.names import DATA, TERMS
from tests.server.hostile import attacks, send

SERVERS = (OURS, OXIGRAPH, RDFLIB)
CLIENTS = (1, 8, 32)
OPTIONS = "--query-seconds 120 --proxies 127.0.0.1 --client-seconds 0".split()
"""Of our service: a dump of all takes longer than half a minute on a busy machine."""
NOT_ATTACKER = {"X-Forwarded-For": "192.0.2.1"}
"""Makes our service see two clients: those who attack, and all others."""
PATIENCE = 12
"""Seconds that a client waits for the next bytes."""
NONE = "–"
"""What stands for a request that was not answered in that time."""
SLOW = 3.0
"""Seconds from which on a request is not repeated to find a median."""
ACCEPT = "application/sparql-results+json, application/n-triples;q=0.9, */*;q=0.8"
HOSTILE = 2
"""Clients that attack."""
PREFIXES = f"PREFIX cg: <{TERMS}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "

Asks = Callable[[int], str]
"""Makes the address of the request of this number."""


def sparql(query: str, **more: str) -> str:
    """Give the address of a query."""
    return f"/sparql?{urlencode({'query': query, **more})}"


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of some requests: seconds of each in order, and how many were not answered."""

    times: list[float]
    failed: int
    seconds: float

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.times) / self.seconds

    def at(self, share: float) -> float:
        """The time in ms within which this share of the answers came."""
        return 1000 * self.times[int(share * (len(self.times) - 1))] if self.times else float("nan")


NUMBERS = itertools.count()
"""Numbers of requests: none comes twice in a run, so that only what is repeated is remembered."""


class Client:
    """Asks one request after the other on one connection."""

    def __init__(self, server: Server) -> None:
        self._place = server.place
        self._connection = HTTPConnection(*self._place, timeout=PATIENCE)

    def ask(self, address: str, accept: str = ACCEPT) -> float | None:
        """Return the seconds until the whole answer was there, or None if it was none."""
        start = time.perf_counter()
        try:
            self._connection.request("GET", address, headers={"Accept": accept} | NOT_ATTACKER)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            self._connection.close()
            return None
        return time.perf_counter() - start if answer.status == 200 else None

    def first_byte(self, address: str, accept: str) -> tuple[float, float, int]:
        """Return the seconds until the first and the last byte, and how many bytes came."""
        start, size = time.perf_counter(), 0
        with suppress(OSError, HTTPException):
            self._connection.request("GET", address, headers={"Accept": accept} | NOT_ATTACKER)
            answer = self._connection.getresponse()
            size = len(answer.read(1))
            first = time.perf_counter() - start
            while part := answer.read(2**20):
                size += len(part)
            return first, time.perf_counter() - start, size
        self._connection.close()
        return float("nan"), float("nan"), size


def measure(server: Server, asks: Asks, clients: int, seconds: float) -> Measured:
    """Let so many clients ask for so many seconds."""
    Client(server).ask("/api")  # The first request of ours waits for its own description.
    end = time.perf_counter() + seconds

    def ask() -> list[float | None]:
        client = Client(server)
        found = []
        while time.perf_counter() < end:
            found.append(client.ask(asks(next(NUMBERS))))
        return found

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        jobs = [pool.submit(ask) for _ in range(clients)]
        found = [each for job in jobs for each in job.result()]
    times = sorted(each for each in found if each is not None)
    return Measured(times, len(found) - len(times), time.perf_counter() - start)


# What is asked


def short(data_set: Path) -> dict[str, Asks]:
    """Give short requests, each different from the one before, and one that is repeated."""
    found = persons(data_set)

    def person(number: int) -> str:
        return found[number % len(found)]

    def row(number: int) -> str:
        text = f"SELECT ?name {{ <{person(number)}> rdfs:label ?name }} # {number}"
        return sparql(PREFIXES + text)

    def rows(number: int) -> str:
        return sparql(
            f"{PREFIXES}SELECT * {{ ?x a cg:Person ; rdfs:label ?name }} LIMIT 100 #{number}"
        )

    asks: dict[str, Asks] = {
        "ASK": lambda number: sparql(f"ASK {{ <{person(number)}> ?p {number} }}"),
        "one row": row,
        "100 rows": rows,
        "DESCRIBE": lambda number: sparql(f"DESCRIBE <{person(number)}> #{number}"),
    }
    kinds = list(asks.values())
    return asks | {
        "all four in turn": lambda number: kinds[number % 4](number),
        "100 rows, repeated": lambda _: rows(0),
    }


def persons(data_set: Path) -> list[str]:
    """Give the IRIs of persons."""
    store = Store.read_only(str(data_set / "current" / "store"))
    query = f"{PREFIXES}SELECT ?x {{ GRAPH ?g {{ ?x a cg:Person }} }} LIMIT 5000"
    found = store.query(query)
    assert isinstance(found, QuerySolutions)
    return [row["x"].value for row in found]


def written_out(query: queries.Query) -> str:
    """Give a named query as plain SPARQL, with the values of its example in place."""
    text = "\n".join(line for line in query.text.splitlines() if not line.startswith("#+"))
    for name, parameter in query.parameters.items():
        variable = re.compile(rf"[$?]{name}\b")
        heads = re.split(r"((?:SELECT\b[^{]*\{|GROUP BY[^\n]*\n))", text)
        # A constant is neither selected nor grouped by, which SPARQL does not allow.
        text = "".join(
            variable.sub("", part)
            if part.startswith(("SELECT", "GROUP"))
            else variable.sub(_term(parameter), part)
            for part in heads
        )
    return f"PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n{text}"


def _term(parameter: queries.Parameter) -> str:
    if parameter.type == "iri":
        return f"<{DATA}{str(parameter.example).removeprefix(DATA)}>"
    return f'"{parameter.example}"' + ("^^xsd:date" if parameter.type == "date" else "")


def questions() -> Iterator[tuple[str, Asks]]:
    """Give the named queries that any SPARQL engine can answer."""
    for name in queries.names():
        text = written_out(queries.load(name))
        if "cg:matches" not in text:
            yield name, lambda number, text=text: sparql(f"{text} # {number}")  # type: ignore[misc]


LISTS = {
    "documents by date": (
        "/api/documents?limit=50&page=NUMBER",
        "SELECT ?d ?t { ?d a cg:Document ; rdfs:label ?t ; cg:earliest ?e }"
        " ORDER BY ?e ?d LIMIT 50 OFFSET NUMBER",
    ),
    "persons by name": (
        "/api/entities?type=person&limit=50&page=NUMBER",
        "SELECT ?x ?n { ?x a cg:Person ; rdfs:label ?n } ORDER BY ?n LIMIT 50 OFFSET NUMBER",
    ),
    "counts by volume": (
        "/api/volumes",
        "SELECT ?v (COUNT(DISTINCT ?d) AS ?n) { ?d a cg:Document ; cg:partOf ?v }"
        " GROUP BY ?v ORDER BY ?v LIMIT NUMBER",
    ),
    "search in titles": (
        "/api/search?q=agreement&limit=NUMBER",
        "SELECT ?d ?t { ?d a cg:Document ; rdfs:label ?t FILTER(CONTAINS(LCASE(?t), 'agreement')) }"
        " LIMIT NUMBER",
    ),
    "completion of a name": (
        "/api/complete?q=sta&limit=NUMBER",
        "SELECT ?x ?n { ?x a cg:Person ; rdfs:label ?n FILTER(STRSTARTS(LCASE(?n), 'sta')) }"
        " LIMIT NUMBER",
    ),
}


# The tables


@dataclass(frozen=True, slots=True)
class Bench:
    """What is measured, on what, for how long."""

    data_set: Path
    peers: Path | None
    seconds: float

    def each(self, make: Callable[[Server], list[list[str]]]) -> list[list[list[str]]]:
        """Run the servers one after the other, and give what was found of each that there is."""
        found = []
        for name in SERVERS:
            with running(name, self.data_set, self.peers, *OPTIONS) as server:
                found.append([] if server is None else make(server))
        return found

    def throughput(self) -> None:
        """Print short requests by clients."""
        asks = short(self.data_set)

        def of(server: Server) -> list[list[str]]:
            cells = []
            for kind, clients in itertools.product(asks, CLIENTS):
                found = measure(server, asks[kind], clients, self.seconds)
                cells.append([f"{found.rate:,.0f}", *(f"{found.at(s):.1f}" for s in SHARES)])
            return [*cells, [f"{server.memory:.0f} MiB", "", "", ""]]

        names = [f"{kind}, {n} clients" for kind in asks for n in CLIENTS] + [
            "memory after it (PSS)"
        ]
        table("answers/s, p50, p95, p99 in ms", names, self.each(of), 4)

    def heavy(self) -> None:
        """Print the named queries, one client."""
        asked = dict(questions())
        table("named queries, p50 in ms of three", list(asked), self.one_by_one(asked, asked), 1)

    def lists(self) -> None:
        """Print lists by the JSON API, and the same in SPARQL."""
        ours = {name: _pages(address, 1) for name, (address, _) in LISTS.items()}
        peers = {name: _pages(sparql(PREFIXES + query), 50) for name, (_, query) in LISTS.items()}
        table("JSON here, SPARQL there, p50 in ms", list(LISTS), self.one_by_one(ours, peers), 1)

    def one_by_one(self, ours: dict[str, Asks], peers: dict[str, Asks]) -> list[list[list[str]]]:
        """Ask each server each question three times; one that does not answer is started again."""
        found = []
        for name in SERVERS:
            todo, cells = list((ours if name == OURS else peers).values()), []
            while todo:
                with running(name, self.data_set, self.peers) as server:
                    if server is None:
                        break
                    Client(server).ask("/api")
                    answers = True
                    while todo and answers:
                        cells.append([in_ms(median_of_three(server, todo.pop(0)))])
                        answers = cells[-1] != [NONE]
            found.append(cells)
        return found

    def large(self) -> None:
        """Print the first byte of a large result, and a full dump."""
        rows = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 200000"
        all_ = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"

        def of(server: Server) -> list[list[str]]:
            found = []
            for query, accept in (
                (rows, "application/sparql-results+json"),
                (all_, "application/n-triples"),
            ):
                first, last, size = Client(server).first_byte(sparql(query), accept)
                found += [[f"{in_ms(first)} ms"], [f"{in_ms(last)} ms, {size / 1e6:.0f} MB"]]
            return [*found, [f"{server.memory:.0f} MiB"]]

        names = ["200,000 rows, first byte", "the same, whole", "all triples, first byte"]
        table("large", [*names, "the same, whole", "memory after it (PSS)"], self.each(of), 1)

    def beside_attackers(self) -> None:
        """Print what eight clients see while two others attack."""
        asks = short(self.data_set)["all four in turn"]

        def of(server: Server) -> list[list[str]]:
            quiet = measure(server, asks, 8, self.seconds)
            is_over = threading.Event()
            with ThreadPoolExecutor(HOSTILE) as pool:
                for number in range(HOSTILE):
                    pool.submit(attack, server, number, is_over)
                found = measure(server, asks, 8, 3 * self.seconds)
                is_over.set()
                lived = server.lives
                server.process.kill()  # Nothing else ends what the attackers began.
            return [
                [f"{each.rate:,.0f}", *(f"{each.at(s):.1f}" for s in SHARES), str(each.failed)]
                for each in (quiet, found)
            ] + [["lives" if lived else "has ended", "", "", "", ""]]

        names = ["quiet", f"beside {HOSTILE} attackers", "the server"]
        table("answers/s, p50, p95, p99 in ms, failed", names, self.each(of), 5)


SHARES = (0.5, 0.95, 0.99)


def _pages(address: str, step: int) -> Asks:
    """Ask for another page each time: by its number, or the number of its first row."""
    return lambda number: address.replace("NUMBER", str(step * (number + 40)))


def in_ms(seconds: float) -> str:
    """Write a time, if there is one."""
    return NONE if math.isnan(seconds) else f"{1000 * seconds:,.{0 if seconds > 0.1 else 1}f}"


def median_of_three(server: Server, asks: Asks) -> float:
    """Return the median of three requests in seconds; of one, where that took seconds."""
    client, found = Client(server), []
    for number in range(3):
        seconds = client.ask(asks(number))
        if seconds is None:
            return float("nan")
        found.append(seconds)
        if seconds > SLOW:
            break
    return sorted(found)[len(found) // 2]


def attack(server: Server, number: int, is_over: threading.Event) -> None:
    """Send attacks that take all the time there is, until it is over or the server has ended."""
    slow = [each for each in attacks(9) if each.is_slow][number::HOSTILE]
    for each in itertools.cycle(slow):
        if is_over.is_set() or not server.lives:
            break
        with suppress(OSError):
            send(server.place, each, PATIENCE)


def table(title: str, rows: Sequence[str], found: Sequence[list[list[str]]], width: int) -> None:
    """Print a table: a row for each name, and columns for each server."""
    print(f"| {title} | {' | '.join(SERVERS)} |")
    print(f"|{'---|' * (1 + len(SERVERS))}")
    for number, name in enumerate(rows):
        cells = [
            " / ".join(filter(None, each[number])) if each else "not installed" for each in found
        ]
        print(f"| {name} | {' | '.join(cells)} |")
    print(flush=True)


def main() -> None:
    """Print all tables, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--seconds", type=float, default=5)
    tables = ("throughput", "heavy", "lists", "large", "beside_attackers")
    parser.add_argument("--only", choices=tables, nargs="+", default=tables)
    given = parser.parse_args()
    bench = Bench(given.store, given.peers, given.seconds)
    for name in given.only:
        getattr(bench, name)()


if __name__ == "__main__":
    main()
