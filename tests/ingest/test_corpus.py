"""Real volumes become a graph with no document missing, and with all that follows."""

import gzip
import os
import random
from pathlib import Path

import pytest
from lxml import etree
from pyoxigraph import NamedNode, RdfFormat, Store
from rdflib import Graph

import ontology
from ingest.build import Outcome, Sources, build
from ingest.validate import validate
from ontology.names import DATA
from tests.ingest.folders import DATA as SAMPLE
from tests.ingest.test_inference import closed, in_our_terms

SHARED = Path(os.environ.get("CABLEGRAPH_SHARED", SAMPLE.parents[1] / "shared"))
VOLUMES = ("frus1955-57v13", "frus1943China", "frus1969-76v22")

pytestmark = pytest.mark.skipif(
    not (SHARED / "corpus").exists(),
    reason="needs volumes in corpus/ of the folder that CABLEGRAPH_SHARED names",
)


@pytest.fixture(scope="module")
def sources() -> Sources:
    paths = tuple(SHARED / "corpus" / f"{name}.xml.gz" for name in VOLUMES)
    return Sources(paths, SAMPLE / "authority", SAMPLE / "curated")


@pytest.fixture(scope="module")
def built(sources, tmp_path_factory) -> Outcome:
    return build(sources, tmp_path_factory.mktemp("corpus") / "graph")


@pytest.fixture(scope="module")
def store(built) -> Store:
    return Store.read_only(str(built.folder / "store"))


def documents_in(path: Path) -> int:
    """Count the documents of a volume as plainly as can be."""
    with gzip.open(path) as file:
        tree = etree.fromstring(file.read())
    found = tree.xpath("count(//*[local-name() = 'div'][@type = 'document'])")
    assert isinstance(found, float)
    return int(found)


def test_every_document_of_three_volumes_is_in_the_graph(sources, built):
    in_files = {name: documents_in(path) for name, path in zip(VOLUMES, sources.paths, strict=True)}
    assert {report.volume: report.documents for report in built.reports} == in_files
    assert built.totals["documents"] == sum(in_files.values())


def test_a_sample_of_the_graph_has_the_shapes_of_the_ontology(sources, built):
    """The 1,000 documents of a release are checked by `cablegraph validate`."""
    empty = Sources((), sources.authority, sources.curated)
    found = validate(empty, built.folder.parents[1], sample=100)
    assert (found.shaped, found.problems) == (100, ())


def graph(store: Store, *names: str) -> Graph:
    found = Graph()
    for name in names:
        node = NamedNode(f"{DATA}graph/{name}")
        found.parse(data=store.dump(format=RdfFormat.N_TRIPLES, from_graph=node), format="nt")
    return found


def about(graph: Graph, things: set[str]) -> set[tuple[str, str, str]]:
    """Return the triples in our terms that name one of some things."""
    return {t for t in in_our_terms(graph) if things.intersection((t[0], t[2]))}


@pytest.mark.slow
def test_what_follows_for_twenty_documents_is_what_owlrl_concludes(store, built):
    keys = [
        name.value.removeprefix(f"{DATA}graph/")
        for name in store.named_graphs()
        if isinstance(name, NamedNode) and name.value.count("/d") == 1
    ]
    sample = random.Random(20).sample(sorted(keys), 20)
    volumes = sorted({key.split("/")[0] for key in sample})
    stated = graph(store, *sample, *volumes, "authority")
    concluded = closed(stated + ontology.ontology())
    things = {f"<{DATA}document/{key}>" for key in sample}
    inferred = about(graph(store, "inferred"), things)
    assert inferred == about(concluded, things) - about(stated, things)
    assert len(inferred) > 100
