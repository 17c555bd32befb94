"""Compare the results of queries with those that the W3C expects.

Two results are the same if one can be had from the other by other names for blank nodes. The
lexical forms of literals do not count: the store writes each value in one form ("01" as "1"), so
what is expected is put through a store as well before it is compared.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)

from tests.w3c.suites import Graph, Node, quads, text

RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"

Row = frozenset[tuple[str, Node]]
Result = bool | list[Row] | Dataset
"""A truth value, rows in their order, or triples."""

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
TSV, CSV = "text/tab-separated-values", "text/csv"
NTRIPLES = "application/n-triples"
ACCEPTED = {".srj": JSON, ".srx": XML, ".tsv": TSV, ".csv": CSV}
"""The format to ask for, so that what is written in it is tested too."""


def accept(result: str) -> str:
    """Return the formats to ask for: that of the file, or rows and triples."""
    return ACCEPTED.get(Path(result).suffix, f"{XML}, {NTRIPLES}")


def is_ordered(path: Path) -> bool:
    """Whether what is expected says in which order."""
    return path.suffix in (".rdf", ".ttl") and f"{RS}index" in {
        quad.predicate.value for quad in quads(path)
    }


def expected(path: Path) -> Result:
    """Read what is expected."""
    if path.suffix == ".csv":
        return _table(path.read_text(encoding="utf-8"))
    if kind := ACCEPTED.get(path.suffix):
        return _rows(path.read_bytes(), kind)
    graph = Graph(quads(path))
    [*sets] = graph.subjects(f"{RS}resultVariable") or graph.subjects(f"{RS}solution")
    if truth := graph.subjects(f"{RS}boolean"):
        return graph.one(truth[0], f"{RS}boolean") == Literal(True)
    is_set = sets or any(quad.object == NamedNode(f"{RS}ResultSet") for quad in quads(path))
    return _solutions(graph, sets) if is_set else triples(quads(path))


def found(content: bytes, media_type: str) -> Result:
    """Read what came."""
    if media_type == CSV:
        return _table(content.decode())
    if media_type == NTRIPLES:
        return triples(parse(content, format=RdfFormat.N_TRIPLES))
    return _rows(content, media_type)


def same(one: Result, other: Result, *, ordered: bool = False, lax: bool = False) -> bool:
    """Whether two results are the same; `lax` if it does not matter how often a row comes."""
    if isinstance(one, list) and isinstance(other, list):
        if ordered:
            return _numbered(one) == _numbered(other)
        return _counted(one, lax) == _counted(other, lax)
    return one == other


def _counted(rows: list[Row], lax: bool) -> Dataset:
    counts = Counter(rows)
    return _dataset((row, 1 if lax else number) for row, number in counts.items())


def _numbered(rows: list[Row]) -> Dataset:
    return _dataset((row, number) for number, row in enumerate(rows))


def _dataset(rows: Iterable[tuple[Row, int]]) -> Dataset:
    """Make rows a graph, so that blank nodes can be compared: a node for each, with its number."""
    return triples(quad for row, number in rows for quad in _described(row, number))


def _described(row: Row, number: int) -> Iterator[Quad]:
    node = BlankNode()
    yield Quad(node, NamedNode("urn:number"), Literal(number))
    for name, value in row:
        yield Quad(node, NamedNode(f"urn:variable:{name}"), value)


def triples(found: Iterable[Quad]) -> Dataset:
    """Make statements comparable, whatever their blank nodes are called."""
    stored = (Quad(it.subject, it.predicate, _stored(it.object), it.graph_name) for it in found)
    dataset = Dataset(stored)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return dataset


@cache
def _stored(term: Node) -> Node:
    """Return a term as the store writes it."""
    if not isinstance(term, Literal):
        return term
    store = Store()
    store.add(Quad(NamedNode("urn:x"), NamedNode("urn:x"), term))
    quad: Quad = next(iter(store))
    return quad.object


def _rows(content: bytes, media_type: str) -> Result:
    kind = QueryResultsFormat.from_media_type(media_type)
    result = parse_query_results(content, format=kind)
    if isinstance(result, QueryBoolean):
        return bool(result)
    assert isinstance(result, QuerySolutions)
    names = [variable.value for variable in result.variables]
    return [
        frozenset((name, _stored(row[name])) for name in names if row[name] is not None)
        for row in result
    ]


def _solutions(graph: Graph, sets: list[Node]) -> list[Row]:
    nodes = [node for each in sets for node in graph.objects(each, f"{RS}solution")]
    nodes.sort(key=lambda node: int(getattr(graph.one(node, f"{RS}index"), "value", 0)))
    return [_solution(graph, node) for node in nodes]


def _solution(graph: Graph, node: Node) -> Row:
    bindings = graph.objects(node, f"{RS}binding")
    names = (graph.one(each, f"{RS}variable") for each in bindings)
    values = (graph.one(each, f"{RS}value") for each in bindings)
    return frozenset(
        (text(name), _stored(value))
        for name, value in zip(names, values, strict=True)
        if name and value
    )


def _table(text: str) -> list[Row]:
    """Read CSV: of a blank node it has only a name, of a literal only the words."""
    names, *rows = csv.reader(io.StringIO(text))
    return [
        frozenset((name, _word(cell)) for name, cell in zip(names, row, strict=True))
        for row in rows
    ]


def _word(cell: str) -> Node:
    return BlankNode(cell[2:]) if cell.startswith("_:") else Literal(cell)
