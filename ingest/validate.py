"""Is everything as it must be: the sources, and the data set that was built from them.

The sources are read as a build reads them, and every problem is told. Of the data set every
quote is compared with the text it was taken from; the shapes of the ontology are checked on
the graphs of some documents, because SHACL is a thousand times slower than reading.
"""

import random
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Store
from pyshacl import validate as shacl
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, SH

import dataset
import ontology
from ingest.build import Sources, find_volumes, read_context
from ingest.model import Document, Problem
from ingest.quads import AUTHORITY, LINKS
from ingest.readers import read_source
from ingest.volume import facts_of
from ontology.names import DATA


@dataclass(frozen=True, slots=True)
class Findings:
    """What a validation looked at, and what is wrong."""

    documents: int
    facts: int
    quotes: int
    shaped: int
    problems: tuple[Problem, ...]


def validate(sources: Sources, store: Path, *, sample: int | None, seed: int = 0) -> Findings:
    """Check the sources and, if one was built, the data set.

    `sample` is the number of documents whose graphs are held against the shapes; None for all.
    """
    documents, facts, problems = _sources(sources)
    folder = dataset.current(store)
    if folder is None:
        return Findings(documents, facts, 0, 0, tuple(problems))
    quotes, wrong = _quotes(folder / "side.sqlite")
    shaped, broken = _shapes(folder, sample, seed)
    return Findings(documents, facts, quotes, shaped, (*problems, *wrong, *broken))


def _sources(sources: Sources) -> tuple[int, int, list[Problem]]:
    context, problems = read_context(sources)
    volumes, found = find_volumes(sources.paths)
    problems += found
    documents = facts = 0
    for path in volumes:
        for item in read_source(path):
            if isinstance(item, Problem):
                problems.append(item)
            elif isinstance(item, Document):
                made, wrong = facts_of(item, context)
                documents, facts = documents + 1, facts + len(made)
                problems += wrong
    return documents, facts, problems


_PASSAGES = """
SELECT fact.id, fact.quote, substr(document.text, quote_start + 1, quote_end - quote_start)
FROM fact JOIN document ON document.id = fact.document
UNION ALL
SELECT fact.id, json_extract(passage.value, '$[0]'),
    substr(document.text, json_extract(passage.value, '$[1]') + 1,
        json_extract(passage.value, '$[2]') - json_extract(passage.value, '$[1]'))
FROM fact JOIN document ON document.id = fact.document, json_each(fact.support) AS passage
"""


def _quotes(side: Path) -> tuple[int, list[Problem]]:
    """Compare every quote of the data set with the text at its place."""
    count, problems = 0, []
    with closing(sqlite3.connect(f"file:{side}?mode=ro", uri=True)) as db:
        for fact, quote, passage in db.execute(_PASSAGES):
            count += 1
            if quote != passage:
                message = f'fact {fact}: the quote "{quote}" stands as "{passage}"; build again'
                problems.append(Problem(str(side), None, message, "altered-quote"))
    return count, problems


_BATCH = 50
"""Documents that are checked together: SHACL has a fixed cost for each call."""


def _shapes(folder: Path, sample: int | None, seed: int) -> tuple[int, list[Problem]]:
    """Hold entities, links and the graphs of sampled documents against the shapes."""
    store = Store.read_only(str(folder / "store"))
    rules = (ontology.shapes(), ontology.ontology())
    names = _sampled(folder / "side.sqlite", sample, seed)
    shared = _graph(store, [AUTHORITY, LINKS])
    problems = {*_broken(shared, *rules, str(folder))}
    for start in range(0, len(names), _BATCH):
        batch = names[start : start + _BATCH]
        graphs = sorted({part for name in batch for part in (name, name.split("/")[0])})
        data = _graph(store, [f"<{DATA}graph/{name}>" for name in graphs])
        problems.update(_broken(data + shared, *rules, str(folder)))
    return len(names), sorted(problems, key=str)


def _sampled(side: Path, sample: int | None, seed: int) -> list[str]:
    with closing(sqlite3.connect(f"file:{side}?mode=ro", uri=True)) as db:
        names = [row[0] for row in db.execute("SELECT id FROM document ORDER BY number")]
    if sample is None or sample >= len(names):
        return names
    return sorted(random.Random(seed).sample(names, sample))


def _graph(store: Store, names: Iterable[str]) -> Graph:
    """Return named graphs of a store, by their terms, as one rdflib graph."""
    graph = Graph()
    for name in names:
        data = store.dump(format=RdfFormat.N_TRIPLES, from_graph=NamedNode(name.strip("<>")))
        graph.parse(data=data, format="nt")
    return graph


def _broken(data: Graph, shapes: Graph, terms: Graph, folder: str) -> Iterator[Problem]:
    """Yield each breach of the shapes, by the thing that it concerns."""
    conforms, results, _ = shacl(data, shacl_graph=shapes, ont_graph=terms)
    if conforms:
        return
    for result in results.subjects(RDF.type, SH.ValidationResult):
        node = results.value(result, SH.focusNode)
        name = str(node).removeprefix(DATA) if isinstance(node, URIRef) else str(node)
        message = f"{name}: {results.value(result, SH.resultMessage)}"
        yield Problem(folder, None, message, "shape")
