"""One volume, from its file to a finished part: quads, side rows and a report.

A part is made in one pass, a document at a time, so that memory does not depend on the
size of the volume. It is written beside its place and renamed into it: a part that exists
is complete.
"""

import json
import shutil
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from ingest import chains, nquads
from ingest.authority import Authority
from ingest.curated import CuratedFile, curated_facts, decided, is_told
from ingest.extract import Extractor
from ingest.meetings import introduced, recorded_meeting
from ingest.model import (
    Division,
    Document,
    Fact,
    ListedPerson,
    ListedTerm,
    Problem,
    Response,
    Volume,
)
from ingest.officers import Officers
from ingest.offices import Offices
from ingest.parties import Reader, files_of
from ingest.people import doubts, listed_entity, resolved
from ingest.quads import (
    INFERRED,
    curation_quads,
    division_quads,
    document_quads,
    fact_quads,
    listed_quads,
    response_quads,
    volume_quads,
)
from ingest.readers import read_source
from ingest.reason import Reasoner
from ingest.remembered import Remembered
from ingest.responses import within
from ingest.side import Part
from ingest.tagger import Settings, Tagger
from ingest.terms import Quad, Triple, term, thing
from ingest.trees import Trees
from ontology.names import DATA

GRAPH = "graph.nq.gz"
"""The file of a part with its quads."""


@dataclass(frozen=True, slots=True)
class Context:
    """What documents are read with: the same for all volumes."""

    authority: Authority
    curated: Mapping[str, CuratedFile]  # by document
    model: Path | None = None  # what finds facts in the text; None: nothing is looked for there
    memory: Path | None = None  # where it is kept what was found
    persons: Mapping[str, str] = field(default_factory=dict)  # by VOLUME#ID of the lists
    officers: Officers = field(default_factory=Officers)

    def complete(self) -> "Context":
        """Return the same with the officers among what the authority knows."""
        own = {
            one.key: self.authority.listed(one.volume, one.id) or listed_entity(one).id
            for one in self.officers.persons
        }
        officers = self.officers.known(self.persons or own)
        return replace(self, authority=self.authority.with_others(officers))


@dataclass(slots=True)
class Report:
    """What became of a volume: how much is in the graph, and what is not, with the reason."""

    file: str
    volume: str | None = None
    documents: int = 0
    facts: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    bridges: list[Triple] = field(default_factory=list)

    def count(self, document: Document, listed: Container[str]) -> None:
        """Count a document, and what is not known of it.

        `listed` are the ids of the volume's lists, to which its tags should point.
        """
        self.documents += 1
        targets = [mention.target for mention in document.mentions if mention.target]
        self.counts += Counter(
            {
                f"form {document.form}": 1,
                "words": document.words,
                "without date": document.sent is None,
                "without sender": document.sender is None,
                "without recipient": document.recipient is None,
                "mentions": len(document.mentions),
                "mentions of no entry": sum(target not in listed for target in targets),
                "references": len(document.references),
                "references to no document": len(document.references) - len(document.cited),
            }
        )

    def count_facts(self, facts: Iterable[Fact]) -> None:
        """Count the facts of a document, by kind."""
        kinds = Counter(fact.kind.value for fact in facts)
        self.facts += kinds.total()
        self.counts += kinds

    def to_json(self) -> str:
        """Return the report as it is kept in a part."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        values["problems"] = [asdict(problem) for problem in self.problems]
        return json.dumps(values, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Report":
        """Return a report as it was kept."""
        kept: dict[str, Any] = json.loads(text)
        kept["counts"] = Counter(kept["counts"])
        kept["problems"] = [Problem(**problem) for problem in kept["problems"]]
        kept["bridges"] = [tuple(triple) for triple in kept["bridges"]]
        return cls(**kept)


def facts_of(document: Document, context: Context) -> tuple[list[Fact], list[Problem]]:
    """Return the facts of a document, in the order of the text, and what is wrong with them.

    What a curator decided comes first; a program adds to it unless it is complete.
    """
    file = context.curated.get(document.key)
    if file is None:
        return _ordered(found_facts(document, context)), []
    facts, problems = curated_facts(file, document, context.authority)
    if not file.curation.complete:
        left, wrong = decided(file, found_facts(document, context), document)
        facts += [fact for fact in left if not is_told(fact, facts)]
        problems += wrong
    return _ordered(facts), problems


def _ordered(facts: list[Fact]) -> list[Fact]:
    return sorted(facts, key=lambda fact: (fact.quote.start, fact.id))


def found_facts(document: Document, context: Context) -> list[Fact]:
    """Return the facts that programs find in a document."""
    if context.model is None:
        return with_recorded_meeting(document, [])
    finder = extractor(context.model, context.memory)
    return with_recorded_meeting(document, finder.facts(document, context.authority))


def with_recorded_meeting(document: Document, facts: list[Fact]) -> list[Fact]:
    """Put the meeting that a document records before the facts of its text, once."""
    meeting = recorded_meeting(document)
    if meeting is None:
        return facts
    whole = introduced(meeting, facts, document)
    return [whole, *(fact for fact in facts if fact.id != whole.id)]


@cache
def extractor(model: Path, memory: Path | None = None) -> Extractor:
    """Return what finds facts in the text; to load it takes a second, once a process."""
    acts, settings, trees = files_of(model)
    reader = Reader(Tagger(acts), Trees(trees), Settings.read(settings))
    return Extractor(Remembered(reader, model, memory) if memory else reader)


def make_part(source: Path, folder: Path, context: Context, reasoner: Reasoner) -> Report:
    """Read a volume and leave its part in a folder that does not exist yet.

    The part has `graph.nq.gz`, `side.sqlite`, `letters.jsonl` and `report.json`. A volume of which
    nothing can be read leaves no part; its report says why. `reasoner` knows the authority.
    """
    making = folder.with_name(f"{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    report = Report(str(source))
    with (
        nquads.writing(making / GRAPH) as out,
        (making / chains.FILE).open("wb") as letters,
        Part(making / "side.sqlite") as part,
    ):
        _Making(out, letters, part, context, reasoner, report).read(source)
    if report.volume is None:
        shutil.rmtree(making)
        return report
    (making / "report.json").write_text(report.to_json(), encoding="utf-8")
    making.rename(folder)
    return report


@dataclass(slots=True)
class _Making:
    """A part while it is made: what was read of the volume so far, and where it goes."""

    out: TextIO
    letters: BinaryIO
    part: Part
    context: Context
    reasoner: Reasoner
    report: Report
    volume: Volume | None = None
    structure: list[Triple] = field(default_factory=list)
    listed: dict[str, str] = field(default_factory=dict)
    informed: Reasoner = field(init=False)  # knows the structure so far
    offices: Offices = field(init=False)

    def __post_init__(self) -> None:
        self.informed = self.reasoner
        self.offices = Offices(self.context.authority)

    def read(self, source: Path) -> None:
        """Add all that a volume holds, in the order of the file."""
        for item in read_source(source):
            match item:
                case Problem():
                    self.report.problems.append(item)
                case Document():
                    self._add(item)
                case ListedPerson() | ListedTerm():
                    self._list(item)
                case Division():
                    self._state(division_quads(item), item.id)
                    self.part.add_division(item)
                case Volume():
                    self.volume, self.report.volume = item, item.id
                    self._state(volume_quads(item), item.id)
        if self.volume:
            self.part.add_volume(self.volume)

    def _state(self, quads: Iterable[Quad], name: str) -> None:
        """Write what a volume or division says; all documents after it know it."""
        ordered = sorted(quads)
        self._write(ordered)
        stated = [quad[:3] for quad in ordered]
        self._conclude(stated, name)
        self.structure += stated
        self.informed = self.reasoner.knowing(self.structure)

    def _list(self, item: ListedPerson | ListedTerm) -> None:
        """Make an entry of a list an entity, unless it is known already."""
        entity = listed_entity(item)
        known = self.context.persons.get(item.key) or self.context.authority.listed(
            item.volume, item.id
        )
        self.listed[item.id] = known or entity.id
        if known is None:
            quads = sorted(listed_quads(entity, item.volume))
            self._write(quads)
            self._conclude([quad[:3] for quad in quads], entity.id)
            self.part.add_entity(entity)

    def _add(self, printed: Document) -> None:
        document = resolved(printed, self.offices, self.listed)
        self.report.count(document, self.listed)
        self._tell("other-holder", doubts(printed, self.offices, self.listed))
        facts, problems = facts_of(document, self.context)
        responses = within(document, facts)
        quads = sorted({*document_and_facts(document, facts, responses, self.context)})
        stated = [quad[:3] for quad in quads]
        self._write(quads)
        inferred = self._conclude(stated, document.key)
        self.part.add_document(document, facts, acting_states(inferred), responses)
        if letter := chains.letter(printed):
            self.letters.write(letter.to_json())
        own = (thing(f"fact/{document.key}/")[:-1], thing(f"document/{document.key}"))
        self.report.bridges += self.informed.bridges([*stated, *inferred], own)
        self.report.count_facts(facts)
        self.report.problems += problems

    def _conclude(self, stated: list[Triple], name: str) -> list[Triple]:
        """Write what follows from some triples; a contradiction among them is a problem."""
        inferred, faults = self.informed.conclude(stated)
        self._write(Quad(*triple, INFERRED) for triple in inferred)
        self._tell("contradiction", (f"{name}: {fault}" for fault in faults))
        return inferred

    def _tell(self, category: str, faults: Iterable[str]) -> None:
        self.report.problems += [
            Problem(self.report.file, None, fault, category, fatal=False) for fault in faults
        ]

    def _write(self, quads: Iterable[Quad]) -> None:
        nquads.write(self.out, quads)


def document_and_facts(
    document: Document, facts: Iterable[Fact], responses: Iterable[Response], context: Context
) -> Iterator[Quad]:
    """Yield all that is stated in the graph of one document."""
    yield from document_quads(document)
    for fact in facts:
        yield from fact_quads(fact, document)
    for response in responses:
        yield from response_quads(response)
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
