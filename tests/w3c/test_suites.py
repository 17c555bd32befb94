"""The SPARQL 1.0 and 1.1 suites of the W3C, over HTTP: one test for each entry of a manifest.

What queries are put to lies in one store, each file as a graph of its own. A request names those of
its entry (`default-graph-uri`, `named-graph-uri`), so that every query goes through the whole
service: HTTP, guard, worker. What changes the graph, and the tests of the protocols, have another
service, whose graphs are replaced before each entry.

`not_passed.tsv` lists what is not passed, with the reason; an entry that is passed after all has to
be taken off the list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from server.settings import Settings
from tests.conftest import folder_in_memory, running, write_data_set
from tests.server.changing import changing
from tests.w3c import comparing, protocol, updates
from tests.w3c.suites import BASE, SUITES, Entry, entries, file

LIST = Path(__file__).with_name("not_passed.tsv")
NOT_PASSED = dict(line.split("\t") for line in LIST.read_text(encoding="utf-8").splitlines())
"""The reason why an entry is not passed, by its name."""

NOTHING = "urn:nothing"
"""A graph without triples: the default graph of an entry without data."""

SD = "http://www.w3.org/ns/sparql-service-description#"
SD_TERMS = {
    f"{SD}{name}"
    for name in (
        "endpoint feature defaultEntailmentRegime entailmentRegime supportedEntailmentProfile"
        " defaultSupportedEntailmentProfile extensionFunction extensionAggregate languageExtension"
        " supportedLanguage propertyFeature defaultDataset availableGraphs resultFormat inputFormat"
        " defaultGraph namedGraph name graph"
    ).split()
}
"""The properties of the vocabulary for service descriptions."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a service over the data of all entries."""
    root = write_data_set(tmp_path_factory.mktemp("w3c") / "graph", "")
    store = Store(str(root / "current" / "store"))
    for iri, path in graphs().items():
        kind = RdfFormat.from_extension(path.suffix[1:])
        store.load(path=str(path), format=kind, base_iri=iri, to_graph=NamedNode(iri))
    store.flush()
    del store
    with running(Settings(store=root, port=0, workers=1, worker_queries=10_000)) as service:
        yield service.client


@pytest.fixture(scope="module")
def writer() -> Iterator[httpx.Client]:
    """A client of a service whose graph it may change."""
    with (
        folder_in_memory() as folder,
        changing(folder, worker_queries=10_000) as found,
    ):
        yield found.client


def graphs() -> dict[str, Path]:
    """The files of all entries by the names of their graphs."""
    return {
        iri: file(iri) for entry in ENTRIES for iri in (*entry.data, *entry.graphs)
    } | from_clauses()


def from_clauses() -> dict[str, Path]:
    """The files that queries name themselves, as files beside them."""
    queries = [entry.query for entry in TRIED if entry.query and entry.kind in EVALUATED]
    named = {
        urljoin(query, iri)
        for query in queries
        for iri in re.findall(r"\bFROM\s+(?:NAMED\s+)?<([^>]+)>", file(query).read_text("utf-8"))
    }
    return {iri: file(iri) for iri in named if iri.startswith(BASE)}


# How an entry is tried: what is wrong is told, nothing if it is passed


def evaluate(client: httpx.Client, entry: Entry) -> str:
    """Ask the query and compare the result."""
    assert entry.query
    assert entry.result
    query = file(entry.query).read_text(encoding="utf-8")
    answer = client.post(
        "/sparql",
        # What the query names by relative IRIs lies beside it.
        content=f"BASE <{entry.query}> {query}".encode(),
        params=data_set(entry, query),
        headers={
            "Content-Type": "application/sparql-query",
            "Accept": comparing.accept(entry.result),
        },
    )
    if answer.status_code != 200:
        return answer.text
    path = file(entry.result)
    found = comparing.found(answer.content, answer.headers["content-type"].partition(";")[0])
    expected = comparing.expected(path)
    ordered = comparing.is_ordered(path)
    same = comparing.same(expected, found, ordered=ordered, lax=entry.lax)
    return "" if same else f"expected {expected}, found {found}"


def data_set(entry: Entry, query: str) -> dict[str, tuple[str, ...]]:
    """Name the graphs of an entry, unless its query does."""
    if re.search(r"\bFROM\b", query):
        return {}
    return {"default-graph-uri": entry.data or (NOTHING,), "named-graph-uri": entry.graphs}


def accept(client: httpx.Client, entry: Entry) -> str:
    """Ask a query that is SPARQL. It may call a function that nobody has."""
    answer = ask(client, entry)
    is_read = answer.status_code == 200 or answer.json()["type"] == "/problems/unknown-function"
    return "" if is_read else answer.text


def refuse(client: httpx.Client, entry: Entry) -> str:
    """Ask a query that is not SPARQL."""
    return unrefused(ask(client, entry))


def unrefused(answer: httpx.Response) -> str:
    """Say what was answered, if that is not where the syntax is wrong."""
    is_refused = answer.status_code == 400 and answer.json()["type"] == "/problems/query-syntax"
    return "" if is_refused else f"{answer.status_code}: {answer.text[:200]}"


def ask(client: httpx.Client, entry: Entry) -> httpx.Response:
    """Ask the query as it is, of no data."""
    assert entry.query
    return client.post(
        "/sparql",
        content=file(entry.query).read_bytes(),
        params={"default-graph-uri": NOTHING},
        headers={"Content-Type": "application/sparql-query"},
    )


def exchange(client: httpx.Client, entry: Entry) -> str:
    """Make the requests of a test of the protocol."""
    folder = SUITES / "sparql11" / "protocol"
    named = {f"http://kasei.us/2009/09/sparql/data/data{n}.rdf": n for n in (1, 2, 3)}
    files = (updates.read(folder / f"data{n}.nt", NamedNode(iri)) for iri, n in named.items())
    updates.fill(client, chain.from_iterable(files))
    return protocol.first_fault(client, protocol.exchanges(entry))


def store_graphs(client: httpx.Client, entry: Entry) -> str:
    """Make the requests of a test of the Graph Store Protocol."""
    updates.fill(client, [])
    if entry.name.startswith("sparql11/http-rdf-update/"):
        return store_graphs_one_after_the_other(client, entry)
    return protocol.first_fault(client, protocol.exchanges(entry))


def store_graphs_one_after_the_other(client: httpx.Client, entry: Entry) -> str:
    """Make the request of a test that begins where those before it in the manifest have ended."""
    location, folder = "", entry.name.rpartition("/")[0]
    for each in (each for each in ENTRIES if each.name.startswith(f"{folder}/")):
        exchange = protocol.written_exchange(each, client.base_url.netloc.decode(), location)
        answer = client.request(
            exchange.method, exchange.path, headers=exchange.headers, content=exchange.body
        )
        location = answer.headers.get("location", location)
        if each == entry:
            return protocol.fault(answer, exchange)
    raise AssertionError(f"{folder} has no {entry.name}")


def accept_update(client: httpx.Client, entry: Entry) -> str:
    """Make an update that is SPARQL. It may name a graph that is not there, or one to load."""
    answer = update(client, entry)
    others = ("/problems/update-failed", "/problems/load-forbidden")
    is_read = answer.status_code == 204 or answer.json()["type"] in others
    return "" if is_read else answer.text


def refuse_update(client: httpx.Client, entry: Entry) -> str:
    """Make an update that is not SPARQL."""
    return unrefused(update(client, entry))


def update(client: httpx.Client, entry: Entry) -> httpx.Response:
    """Make the update as it is."""
    assert entry.query
    kind = {"Content-Type": "application/sparql-update"}
    return client.post("/sparql", content=file(entry.query).read_bytes(), headers=kind)


def describe(client: httpx.Client, entry: Entry) -> str:
    """Look at the service description."""
    answer = client.get("/sparql", headers={"Accept": "text/turtle"})
    triples = list(parse(answer.content, format=RdfFormat.TURTLE))
    endpoint = NamedNode(f"{str(client.base_url).rstrip('/')}/sparql")
    used = {triple.predicate.value for triple in triples if SD in triple.predicate.value}
    holds = {
        "returns-rdf": bool(triples),
        "has-endpoint-triple": [NamedNode(f"{SD}endpoint"), endpoint]
        in [[triple.predicate, triple.object] for triple in triples],
        "conforms-to-schema": used <= SD_TERMS,
    }
    return "" if holds[entry.name.rpartition("/")[2]] else answer.text


TRIES: dict[str, Callable[[httpx.Client, Entry], str]] = {
    "QueryEvaluationTest": evaluate,
    "CSVResultFormatTest": evaluate,
    "PositiveSyntaxTest": accept,
    "PositiveSyntaxTest11": accept,
    "NegativeSyntaxTest": refuse,
    "NegativeSyntaxTest11": refuse,
    "ServiceDescriptionTest": describe,
}
"""How an entry of a kind is tried that only asks."""

CHANGES: dict[str, Callable[[httpx.Client, Entry], str]] = {
    "UpdateEvaluationTest": updates.fault,
    "PositiveUpdateSyntaxTest11": accept_update,
    "NegativeUpdateSyntaxTest11": refuse_update,
    "ProtocolTest": exchange,
    "GraphStoreProtocolTest": store_graphs,
}
"""How one is tried that changes the graph, or may."""

EVALUATED = ("QueryEvaluationTest", "CSVResultFormatTest")
ENTRIES = entries()
TRIED = [entry for entry in ENTRIES if entry.kind in TRIES]
CHANGING = [entry for entry in ENTRIES if entry.kind in CHANGES]


@pytest.mark.parametrize("entry", TRIED, ids=lambda entry: entry.name)
def test_entry_is_passed_or_on_the_list(client: httpx.Client, entry: Entry) -> None:
    check(entry, TRIES[entry.kind](client, entry))


@pytest.mark.parametrize("entry", CHANGING, ids=lambda entry: entry.name)
def test_entry_that_changes_the_graph_is_passed_or_on_the_list(
    writer: httpx.Client, entry: Entry
) -> None:
    check(entry, CHANGES[entry.kind](writer, entry))


def check(entry: Entry, wrong: str) -> None:
    """Compare what is wrong with an entry with the list."""
    if entry.name in NOT_PASSED:
        assert wrong, "It is passed: take it off the list."
    else:
        assert wrong == ""


def test_what_is_not_tried_is_on_the_list(shared: Path) -> None:
    """And nothing is on it that is no entry, or that has no reason."""
    if not SUITES.is_dir():
        pytest.skip(f"{shared} has no w3c/sparql, the test suites of the W3C")
    names = {entry.name for entry in ENTRIES}
    not_tried = names - {entry.name for entry in (*TRIED, *CHANGING)}
    assert not_tried - NOT_PASSED.keys() == set()
    assert NOT_PASSED.keys() - names == set()
    assert [name for name, reason in NOT_PASSED.items() if not reason.strip()] == []
