"""The W3C's tests of updates: what is there, what is to be done, and what must be there then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import httpx
from pyoxigraph import (
    BlankNode,
    Dataset,
    DefaultGraph,
    NamedNode,
    Quad,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
    serialize,
)

from tests.w3c.comparing import triples
from tests.w3c.suites import MF, Entry, Graph, Node, file, iri_of, node_of, text

UT = "http://www.w3.org/2009/sparql/tests/test-update#"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
UNNAMED = "urn:x-arq:DefaultGraph"

ALL = {
    "SELECT ?s ?p ?o { ?s ?p ?o }": {"default-graph-uri": UNNAMED},
    "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }": {},
}
"""The queries that give all statements, each in its graph."""


def fault(client: httpx.Client, entry: Entry) -> str:
    """Make an update; say what is wrong with what is there then, or nothing."""
    manifest, node = node_of(entry)
    [action] = manifest.objects(node, f"{MF}action")
    [result] = manifest.objects(node, f"{MF}result")
    fill(client, _state(manifest, action))
    request = text(manifest.one(action, f"{UT}request"))
    written = file(request).read_text(encoding="utf-8")
    answer = client.post("/sparql", data={"update": f"BASE <{request}> {written}"})
    if answer.status_code != 204:
        return answer.text
    expected, found = graphs(_state(manifest, result)), graphs(everything(client))
    return "" if expected == found else f"expected {expected}, found {found}"


def fill(client: httpx.Client, quads: Iterable[Quad]) -> None:
    """Let these statements be all that there is."""
    blocks = (
        f"GRAPH {graph} {{ {_written(group)} }}"
        if isinstance(graph, NamedNode)
        else _written(group)
        for graph, group in _by_graph(quads).items()
    )
    update = f"DROP ALL ; INSERT DATA {{ {' '.join(blocks)} }}"
    answer = client.post("/sparql", data={"update": update})
    assert answer.status_code == 204, answer.text


def everything(client: httpx.Client) -> Iterator[Quad]:
    """Ask for all statements."""
    for query, graphs in ALL.items():
        answer = client.get("/sparql", params={"query": query, "format": "json", **graphs})
        rows = parse_query_results(answer.content, format=QueryResultsFormat.JSON)
        assert isinstance(rows, QuerySolutions)
        for row in rows:
            graph = DefaultGraph() if graphs else row["g"]
            subject, predicate, value = row["s"], row["p"], row["o"]
            assert isinstance(graph, NamedNode | DefaultGraph)
            assert isinstance(subject, NamedNode | BlankNode)
            assert isinstance(predicate, NamedNode)
            assert value is not None
            yield Quad(subject, predicate, value, graph)


def graphs(quads: Iterable[Quad]) -> dict[str, Dataset]:
    """Make statements comparable, graph by graph; a graph without any is as one that is not."""
    groups = _by_graph(quads).items()
    return {str(graph): triples(Quad(*triple) for triple in group) for graph, group in groups}


def _by_graph(quads: Iterable[Quad]) -> dict[NamedNode | DefaultGraph, list[Triple]]:
    groups: dict[NamedNode | DefaultGraph, list[Triple]] = {}
    for quad in quads:
        assert not isinstance(quad.graph_name, BlankNode)
        groups.setdefault(quad.graph_name, []).append(quad.triple)
    return groups


def read(path: Path, graph: NamedNode | DefaultGraph) -> Iterator[Quad]:
    """Read a file as statements of one graph; no other file has its blank nodes."""
    kind = RdfFormat.from_extension(path.suffix[1:])
    for quad in parse(path=str(path), format=kind, base_iri=iri_of(path), rename_blank_nodes=True):
        yield Quad(quad.subject, quad.predicate, quad.object, graph)


def _state(manifest: Graph, node: Node) -> Iterator[Quad]:
    for data in manifest.objects(node, f"{UT}data"):
        yield from read(file(text(data)), DefaultGraph())
    for of in manifest.objects(node, f"{UT}graphData"):
        name = NamedNode(text(manifest.one(of, LABEL)))
        for data in [*manifest.objects(of, f"{UT}graph"), *manifest.objects(of, f"{UT}data")]:
            yield from read(file(text(data)), name)


def _written(group: list[Triple]) -> str:
    return (serialize(group, format=RdfFormat.N_TRIPLES) or b"").decode()
