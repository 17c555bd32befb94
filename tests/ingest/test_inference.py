"""What is materialised is what owlrl itself concludes from the same data, no more and no less."""

from pathlib import Path

import pytest
from owlrl import DeductiveClosure, OWLRL_Semantics  # type: ignore[import-untyped]
from pyoxigraph import NamedNode, RdfFormat, Store
from rdflib import RDF, Graph, URIRef
from rdflib.term import Node

import ontology
from ingest.build import build
from ontology.names import DATA, TERMS
from tests.ingest.folders import copied


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inference")
    outcome = build(copied(folder), folder / "graph", jobs=1)
    return Store.read_only(str(Path(outcome.folder) / "store"))


def graphs(store: Store) -> tuple[Graph, Graph]:
    """Return what is stated in all graphs together, and what is inferred."""
    stated, inferred = Graph(), Graph()
    for name in store.named_graphs():
        into = inferred if name == NamedNode(f"{DATA}graph/inferred") else stated
        into.parse(data=store.dump(format=RdfFormat.N_TRIPLES, from_graph=name), format="nt")
    return stated, inferred


def closed(graph: Graph) -> Graph:
    """Close a graph under OWL 2 RL by owlrl and under our own rules, until nothing is new."""
    size = 0
    while size != len(graph):
        size = len(graph)
        DeductiveClosure(OWLRL_Semantics).expand(graph)
        for rule in ontology.rules():
            graph += graph.query(rule.text).graph or Graph()
    return graph


def _is_our_class(predicate: Node, value: Node) -> bool:
    return predicate == RDF.type and str(value).startswith(TERMS)


def in_our_terms(graph: Graph) -> set[tuple[str, str, str]]:
    """Return the triples about our things in our terms, as N-Triples writes them."""
    return {
        (subject.n3(), predicate.n3(), value.n3())
        for subject, predicate, value in graph
        if isinstance(subject, URIRef)
        and subject.startswith(DATA)
        and not subject.startswith(TERMS)
        and (str(predicate).startswith(TERMS) or _is_our_class(predicate, value))
    }


def test_the_materialised_graph_equals_owlrl_s_closure_in_our_terms(store):
    stated, inferred = graphs(store)
    concluded = in_our_terms(closed(stated + ontology.ontology())) - in_our_terms(stated)
    assert in_our_terms(inferred) == concluded
    assert len(concluded) > 100


def test_nothing_is_inferred_outside_our_terms(store):
    _, inferred = graphs(store)
    assert in_our_terms(inferred) == {tuple(node.n3() for node in triple) for triple in inferred}
