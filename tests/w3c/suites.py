"""Read the manifests of the W3C's test suites: what there is to pass.

An entry is known by the folder of its manifest and the end of its IRI, `sparql11/bind/bind01`.
Files are named by IRIs below `BASE`, their address on the web.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from tests.conftest import SHARED

SUITES = SHARED / "w3c" / "sparql"
BASE = "https://w3c.github.io/rdf-tests/sparql/"

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

NIL = NamedNode(f"{RDF}nil")

Node = NamedNode | BlankNode | Literal | Triple


@dataclass(frozen=True, slots=True)
class Entry:
    """A test: its kind is the name of its class, `QueryEvaluationTest`. Files are IRIs."""

    name: str
    kind: str
    query: str | None
    data: tuple[str, ...]
    graphs: tuple[str, ...]
    result: str | None
    lax: bool


def entries() -> list[Entry]:
    """Return the entries of all manifests, in their order; none where the suites are missing."""
    found = {entry.name: entry for path in manifests() for entry in _entries(path)}
    return list(found.values())


def node_of(entry: Entry) -> tuple[Graph, Node]:
    """Return the manifest of an entry, and what it is there."""
    folder, _, name = entry.name.rpartition("/")
    return next(
        (manifest, node)
        for manifest in map(graph, sorted((SUITES / folder).glob("manifest*.ttl")))
        for node in manifest.subjects(f"{MF}name")
        if text(node).rpartition("#")[2] == name
    )


def manifests() -> list[Path]:
    """Return the manifests of versions 1.0 and 1.1."""
    return sorted(SUITES.glob("sparql1[01]/*/manifest*.ttl"))


def file(iri: str) -> Path:
    """Return the file that an IRI names."""
    return SUITES / iri.removeprefix(BASE)


def quads(path: Path) -> list[Quad]:
    """Read a file of RDF, as if it came from its address on the web."""
    kind = RdfFormat.from_extension(path.suffix[1:])
    return list(parse(path=str(path), format=kind, base_iri=iri_of(path)))


def iri_of(path: Path) -> str:
    """Return the IRI that names a file."""
    return BASE + path.relative_to(SUITES).as_posix()


@cache
def graph(path: Path) -> Graph:
    """Read a file of RDF to look things up in it."""
    return Graph(quads(path))


class Graph:
    """Triples to look things up in."""

    def __init__(self, found: Iterable[Quad]) -> None:
        self._objects: dict[tuple[Node, str], list[Node]] = {}
        for quad in found:
            self._objects.setdefault((quad.subject, quad.predicate.value), []).append(quad.object)

    def objects(self, subject: Node, predicate: str) -> list[Node]:
        """Return the objects of a property, those of a list one after the other."""
        return [item for each in self._of(subject, predicate) for item in self._items(each)]

    def one(self, subject: Node, predicate: str) -> Node | None:
        """Return the first object of a property."""
        return next(iter(self.objects(subject, predicate)), None)

    def subjects(self, predicate: str) -> list[Node]:
        """Return what has a property."""
        return [subject for subject, name in self._objects if name == predicate]

    def _of(self, subject: Node, predicate: str) -> list[Node]:
        return self._objects.get((subject, predicate), [])

    def _items(self, node: Node) -> list[Node]:
        if node == NIL:
            return []
        first, rest = self._of(node, f"{RDF}first"), self._of(node, f"{RDF}rest")
        return [*first, *self._items(rest[0])] if rest else [node]


def _entries(path: Path) -> Iterator[Entry]:
    manifest = graph(path)
    for lists in manifest.subjects(f"{MF}entries"):
        for node in manifest.objects(lists, f"{MF}entries"):
            yield _entry(manifest, path, node)


def _entry(manifest: Graph, path: Path, node: Node) -> Entry:
    action = manifest.objects(node, f"{MF}action")
    queries = [text(each) for each in action if isinstance(each, NamedNode)]
    queries += [text(each) for it in action for each in manifest.objects(it, f"{QT}query")]
    return Entry(
        name=f"{path.parent.relative_to(SUITES).as_posix()}/{text(node).rpartition('#')[2]}",
        kind=_kind(manifest, node, queries),
        query=next(iter(queries), None),
        data=_files(manifest, action, "data"),
        graphs=_files(manifest, action, "graphData"),
        result=next(
            (text(it) for it in manifest.objects(node, f"{MF}result") if isinstance(it, NamedNode)),
            None,
        ),
        lax=manifest.one(node, f"{MF}resultCardinality") is not None,
    )


def _kind(manifest: Graph, node: Node, queries: list[str]) -> str:
    """Name the kind of an entry: some tests of updates are put among those of queries."""
    types = (text(each) for each in manifest.objects(node, f"{RDF}type"))
    [kind] = [type_.removeprefix(MF) for type_ in types if type_.startswith(MF)]
    is_update = any(query.endswith(".ru") for query in queries)
    return (
        kind.replace("SyntaxTest", "UpdateSyntaxTest")
        if is_update and "Update" not in kind
        else kind
    )


def _files(manifest: Graph, action: list[Node], name: str) -> tuple[str, ...]:
    return tuple(text(file) for it in action for file in manifest.objects(it, f"{QT}{name}"))


def text(node: Node | None) -> str:
    """Return what an IRI or literal says; nothing if there is none."""
    return node.value if isinstance(node, NamedNode | BlankNode | Literal) else ""
