"""The description of a data set in VoID: how much it holds, of which classes, in which words."""

from collections.abc import Mapping

from pyoxigraph import QuerySolutions, Store
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, FOAF, RDF, VOID, XSD

from ontology.names import DATA, TERMS

LICENCE = URIRef("https://creativecommons.org/publicdomain/zero/1.0/")


_CLASSES = (
    "SELECT ?name (COUNT(DISTINCT ?s) AS ?n) WHERE { GRAPH ?g { ?s a ?name } } GROUP BY ?name"
)
_PROPERTIES = "SELECT ?name (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?name ?o } } GROUP BY ?name"


def description(store: Store, version: str, built: str, totals: Mapping[str, int]) -> str:
    """Return a data set's VoID description as Turtle; `built` is an ISO 8601 time."""
    graph, subject = _head(version, built)
    graph.add((subject, VOID.triples, Literal(totals["quads"])))
    graph.add((subject, VOID.entities, Literal(totals["entities"])))
    graph.add((subject, VOID.documents, Literal(totals["documents"])))
    _partition(graph, subject, "class", VOID.entities, _counts(store, _CLASSES))
    _partition(graph, subject, "property", VOID.triples, _counts(store, _PROPERTIES))
    return graph.serialize(format="turtle")


def _counts(store: Store, query: str) -> dict[str, int]:
    found = store.query(query)
    assert isinstance(found, QuerySolutions)
    return {row["name"].value: int(row["n"].value) for row in found}


def _head(version: str, built: str) -> tuple[Graph, URIRef]:
    graph, subject = Graph(), URIRef(f"{DATA}void")
    for prefix, name in {"void": VOID, "dcterms": DCTERMS, "cg": Namespace(TERMS)}.items():
        graph.bind(prefix, name)
    title = Literal("cablegraph: what diplomatic telegrams report", lang="en")
    for predicate, value in {
        RDF.type: VOID.Dataset,
        DCTERMS.title: title,
        DCTERMS.license: LICENCE,
        DCTERMS.hasVersion: Literal(version),
        DCTERMS.modified: Literal(built, datatype=XSD.dateTime),
        FOAF.homepage: URIRef(DATA),
        VOID.uriSpace: Literal(DATA),
        VOID.vocabulary: URIRef(TERMS),
        VOID.exampleResource: URIRef(f"{DATA}document/frus1945Malta/d256"),
        VOID.sparqlEndpoint: URIRef(f"{DATA}sparql"),
    }.items():
        graph.add((subject, predicate, value))
    return graph, subject


def _partition(
    graph: Graph, subject: URIRef, kind: str, count: URIRef, counts: dict[str, int]
) -> None:
    """Add one partition for each class or property, named by a number in their order."""
    for number, (name, value) in enumerate(sorted(counts.items()), start=1):
        part = URIRef(f"{subject}#{kind}-{number}")
        graph.add((subject, VOID[f"{kind}Partition"], part))
        graph.add((part, VOID[kind], URIRef(name)))
        graph.add((part, count, Literal(value)))
