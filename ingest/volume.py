"""One volume, from its file to a finished part: quads, side rows and a report.

A part is made in one pass, a document at a time, so that memory does not depend on the
size of the volume. It is written beside its place and renamed into it: a part that exists
is complete.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TextIO

from ingest.authority import Authority
from ingest.curated import CuratedFile, curated_facts
from ingest.model import Document, Fact, Problem, Volume
from ingest.people import resolved
from ingest.quads import (
    INFERRED,
    curation_quads,
    document_quads,
    fact_quads,
    volume_quads,
)
from ingest.reason import Reasoner
from ingest.side import Part
from ingest.tei import read_volume
from ingest.terms import Quad, Triple, line, term, thing
from ontology.names import DATA


@dataclass(frozen=True, slots=True)
class Context:
    """What documents are read with: the same for all volumes."""

    authority: Authority
    curated: Mapping[str, CuratedFile]  # by document


@dataclass(slots=True)
class Report:
    """What became of a volume: how much is in the graph, and what is not, with the reason."""

    file: str
    volume: str | None = None
    documents: int = 0
    facts: int = 0
    problems: list[Problem] = field(default_factory=list)
    bridges: list[Triple] = field(default_factory=list)

    def to_json(self) -> str:
        """Return the report as it is kept in a part."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        values["problems"] = [asdict(problem) for problem in self.problems]
        return json.dumps(values, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Report":
        """Return a report as it was kept."""
        kept: dict[str, Any] = json.loads(text)
        kept["problems"] = [Problem(**problem) for problem in kept["problems"]]
        kept["bridges"] = [tuple(triple) for triple in kept["bridges"]]
        return cls(**kept)


def facts_of(document: Document, context: Context) -> tuple[list[Fact], list[Problem]]:
    """Return the facts of a document, in the order of the text, and what is wrong with them."""
    file = context.curated.get(document.key)
    if file is None:
        return [], []
    facts, problems = curated_facts(file, document, context.authority)
    return sorted(facts, key=lambda fact: (fact.quote.start, fact.id)), problems


def make_part(source: Path, folder: Path, context: Context, reasoner: Reasoner) -> Report:
    """Read a volume and leave its part in a folder that does not exist yet.

    The part has `graph.nq`, `side.sqlite` and `report.json`. A volume of which nothing can
    be read leaves no part; its report says why. `reasoner` knows the authority.
    """
    making = folder.with_name(f"{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    report = Report(str(source))
    with (
        (making / "graph.nq").open("w", encoding="utf-8", newline="\n") as out,
        Part(making / "side.sqlite") as part,
    ):
        _Making(out, part, context, reasoner, report).read(source)
    if report.volume is None:
        shutil.rmtree(making)
        return report
    (making / "report.json").write_text(report.to_json(), encoding="utf-8")
    making.rename(folder)
    return report


@dataclass(slots=True)
class _Making:
    """A part while it is made."""

    out: TextIO
    part: Part
    context: Context
    reasoner: Reasoner
    report: Report

    def read(self, source: Path) -> None:
        """Add all that a volume holds, in the order of the file."""
        volume: Volume | None = None
        for item in read_volume(source):
            if isinstance(item, Problem):
                self.report.problems.append(item)
            elif isinstance(item, Document):
                self._add(resolved(item, self.context.authority))
            elif isinstance(item, Volume):
                volume = item
                self._begin(item)
        if volume:
            self.part.add_volume(volume)

    def _begin(self, volume: Volume) -> None:
        quads = sorted(volume_quads(volume))
        self.report.volume = volume.id
        self._write(quads)
        stated = [quad[:3] for quad in quads]
        self._conclude(stated, volume.id)
        self.reasoner = self.reasoner.knowing(stated)

    def _add(self, document: Document) -> None:
        facts, problems = facts_of(document, self.context)
        quads = sorted({*document_and_facts(document, facts, self.context)})
        stated = [quad[:3] for quad in quads]
        self._write(quads)
        inferred = self._conclude(stated, document.key)
        self.part.add_document(document, facts, acting_states(inferred))
        own = (thing(f"fact/{document.key}/")[:-1], thing(f"document/{document.key}"))
        self.report.bridges += self.reasoner.bridges([*stated, *inferred], own)
        self.report.documents += 1
        self.report.facts += len(facts)
        self.report.problems += problems

    def _conclude(self, stated: list[Triple], name: str) -> list[Triple]:
        """Write what follows from some triples; a contradiction among them is a problem."""
        inferred, faults = self.reasoner.conclude(stated)
        self._write(Quad(*triple, INFERRED) for triple in inferred)
        self.report.problems += [
            Problem(self.report.file, None, f"{name}: {fault}", "contradiction", fatal=False)
            for fault in faults
        ]
        return inferred

    def _write(self, quads: Iterable[Quad]) -> None:
        self.out.writelines(line(quad) + "\n" for quad in quads)


def document_and_facts(
    document: Document, facts: Iterable[Fact], context: Context
) -> Iterator[Quad]:
    """Yield all that is stated in the graph of one document."""
    yield from document_quads(document)
    for fact in facts:
        yield from fact_quads(fact, document)
    if file := context.curated.get(document.key):
        yield from curation_quads(file.curation)


def acting_states(inferred: Iterable[Triple]) -> dict[str, list[str]]:
    """Return the states that act in each fact, by the id of the fact."""
    states: dict[str, list[str]] = {}
    start = len(thing("fact/")) - 1
    for subject, predicate, value in inferred:
        if predicate == term("actingState"):
            states.setdefault(subject[start:-1], []).append(value[len(DATA) + 1 : -1])
    return states
