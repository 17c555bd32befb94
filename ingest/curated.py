"""Curated facts: what a person found in a document, checked against its words.

One YAML file a document. Every quote must stand in the text letter by letter; an entry
whose quote does not is refused with the nearest passage, because a fact without its words
is what this project exists to avoid. The other entries of the file are kept.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ingest.authority import Authority
from ingest.entries import as_written, checked, mappings, read_yaml
from ingest.model import Agent, Curation, Document, Fact, Kind, Moment, Problem, Quote
from ingest.moments import moment

_STATUSES = {
    Kind.MEETING: ("held", "planned", "proposed", "cancelled"),
    **dict.fromkeys(
        (Kind.REQUEST, Kind.OFFER, Kind.COMMITMENT, Kind.REFUSAL),
        ("made", "instructed", "hypothetical"),
    ),
}


_LONGEST_GIST = 300


def _many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


_Entities = Annotated[list[str], BeforeValidator(_many)]
_Edtf = Annotated[Moment, BeforeValidator(lambda value: moment(str(value)))]
_Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
_Words = Annotated[str, Field(min_length=1)]


class _FactEntry(BaseModel):
    """One fact as a historian writes it. `occurrence` tells equal passages apart, from 1."""

    model_config = ConfigDict(extra="forbid")

    key: str = ""
    kind: Kind
    quote: _Words
    occurrence: Annotated[int, Field(ge=1)] | None = None
    support: list[_Words] = []
    trigger: _Words | None = None
    content: _Words
    actor: _Entities = []
    addressee: _Entities = []
    participants: _Entities = []
    presented_by: _Entities = []
    about: _Entities = []
    force: (
        Literal[
            "ask", "urge", "demand", "propose", "instruct", "recommend",
            "promise", "agree", "assure", "decide", "intend",
        ]
        | None
    ) = None  # fmt: skip
    date: _Edtf | None = None
    location: str | None = None
    status: str
    condition: _Words | None = None
    deadline: _Day | None = None
    quantity: _Words | None = None
    responds_to: _Entities = []
    fulfils: _Entities = []

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "_FactEntry":
        allowed = _STATUSES[self.kind]
        if self.status not in allowed:
            raise ValueError(f"status of a {self.kind} is one of {', '.join(allowed)}")
        if self.kind is Kind.MEETING and (self.actor or self.addressee or not self.participants):
            raise ValueError("a meeting has participants, and neither actor nor addressee")
        if self.kind is not Kind.MEETING and self.participants:
            raise ValueError(f"a {self.kind} has an actor and an addressee, not participants")
        return self


class _PassageEntry(BaseModel):
    """Words in which a program may find a fact, and what a historian makes of that.

    `reason` is for readers of the file.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    quote: _Words
    occurrence: Annotated[int, Field(ge=1)] | None = None
    reason: str = ""


_Read = TypeVar("_Read", bound=BaseModel)


class _FileEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    document: Annotated[str, Field(pattern=r"^[^/\s]+/[^/\s]+$")]
    curator: _Words
    complete: bool = False
    reported_by: _Entities = []
    facts: list[dict[str, Any]]
    accepted: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []


@dataclass(frozen=True, slots=True)
class CuratedFile:
    """A curated file whose entries have been read but not yet met their document."""

    curation: Curation
    reported_by: tuple[str, ...]
    facts: tuple[tuple[int, _FactEntry], ...]
    problems: tuple[Problem, ...]
    accepted: tuple[tuple[int, _PassageEntry], ...] = ()
    rejected: tuple[tuple[int, _PassageEntry], ...] = ()


def read_curated(path: Path) -> CuratedFile | Problem:
    """Read one file; entries that cannot be used are among its problems."""
    value = read_yaml(path)
    if isinstance(value, Problem):
        return value
    if not isinstance(value, dict):
        message = "not curated facts; begin with `document: VOLUME/ID`"
        return Problem(str(path), 1, message, "bad-yaml")
    written = as_written(value)
    entry = checked(_FileEntry, written, path, "file")
    if isinstance(entry, Problem):
        return entry
    problems: list[Problem] = []

    def read(name: str, kind: type[_Read]) -> list[tuple[int, int, _Read]]:
        items = [*_entries(value.get(name, []), path, written.line, name, kind)]
        problems.extend(item for item in items if isinstance(item, Problem))
        return [item for item in items if isinstance(item, tuple)]

    return CuratedFile(
        Curation(entry.document, entry.curator, entry.complete, str(path)),
        tuple(entry.reported_by),
        tuple((line, _named(fact, number)) for number, line, fact in read("facts", _FactEntry)),
        accepted=tuple(item[1:] for item in read("accepted", _PassageEntry)),
        rejected=tuple(item[1:] for item in read("rejected", _PassageEntry)),
        problems=tuple(problems),
    )


def _entries(
    value: list[Any], path: Path, line: int, part: str, kind: type[_Read]
) -> Iterator[tuple[int, int, _Read] | Problem]:
    """Yield each entry with its number in the list and its line."""
    for number, written in enumerate(mappings(value, path, line), start=1):
        if isinstance(written, Problem):
            yield written
            continue
        name = str(written.fields.get("key") or f"{part.removesuffix('s')} {number}")
        entry = checked(kind, written, path, name)
        yield entry if isinstance(entry, Problem) else (number, written.line, entry)


def _named(entry: _FactEntry, number: int) -> _FactEntry:
    return entry if entry.key else entry.model_copy(update={"key": f"fact {number}"})


def curated_facts(
    file: CuratedFile, document: Document, authority: Authority
) -> tuple[list[Fact], list[Problem]]:
    """Return the facts of a file whose words stand in the document, and what is wrong."""
    facts: dict[str, Fact] = {}
    problems: list[Problem] = []
    ids: dict[str, str] = {}
    for line, entry in file.facts:
        made = _fact(entry, file, document)
        faults = [made] if isinstance(made, str) else [*_unknown(entry, file, authority)]
        if isinstance(made, Fact) and made.id in facts:
            faults.append("the same kind with the same words stands twice; quote other words")
        problems += [
            Problem(file.curation.file, line, f"{entry.key}: {fault}", "bad-fact")
            for fault in faults
        ]
        if isinstance(made, Fact) and not faults:
            facts[made.id] = made
            ids[entry.key] = made.id
    return _linked(facts, ids, file, problems), problems


def _linked(
    facts: dict[str, Fact], ids: dict[str, str], file: CuratedFile, problems: list[Problem]
) -> list[Fact]:
    """Return the facts with their links by id instead of key; a broken link is a problem."""
    keys = {id: key for key, id in ids.items()}
    entries = {entry.key: (line, entry) for line, entry in file.facts}
    linked = []
    for id, fact in facts.items():
        line, entry = entries[keys[id]]
        for other in (*entry.responds_to, *entry.fulfils):
            if other not in ids:
                message = f'{entry.key}: no fact of this file has the key "{other}"'
                problems.append(Problem(file.curation.file, line, message, "bad-fact", False))
        linked.append(
            replace(
                fact,
                responds_to=tuple(ids[key] for key in entry.responds_to if key in ids),
                fulfils=tuple(ids[key] for key in entry.fulfils if key in ids),
            )
        )
    return linked


def _fact(entry: _FactEntry, file: CuratedFile, document: Document) -> Fact | str:
    """Return the fact that an entry states, or what is wrong with its words."""
    quote = find_quote(document.text, entry.quote, entry.occurrence)
    support = [find_quote(document.text, words) for words in entry.support]
    faults = [found for found in (quote, *support) if isinstance(found, str)]
    if faults or isinstance(quote, str):
        return faults[0]
    offset = quote.exact.find(entry.trigger) if entry.trigger else 0
    if offset < 0:
        return f'the trigger "{entry.trigger}" is not in the quote "{quote.exact}"'
    start = quote.start + offset
    return Fact(
        id=f"{document.key}/{fact_hash(entry.kind, quote, offset, document.text)}",
        document=document.key,
        kind=entry.kind,
        quote=quote,
        support=tuple(found for found in support if isinstance(found, Quote)),
        trigger=(
            Quote(entry.trigger, start, start + len(entry.trigger)) if entry.trigger else None
        ),
        content=entry.content,
        status=entry.status,
        origin=f"curation/{document.key}",
        actors=_agents(entry.actor),
        addressees=_agents(entry.addressee),
        participants=_agents(entry.participants),
        presented_by=_agents(entry.presented_by),
        reported_by=_agents(file.reported_by),
        about=tuple(entry.about),
        force=entry.force,
        date=entry.date,
        location=entry.location,
        condition=entry.condition,
        deadline=entry.deadline,
        quantity=entry.quantity,
    )


_Passage = tuple[int, _PassageEntry, Quote]
"""The line of a decision, the decision, and where its words stand."""


def decided(
    file: CuratedFile, found: Sequence[Fact], document: Document
) -> tuple[list[Fact], list[Problem]]:
    """Return what a historian leaves of the facts that programs found, and what is wrong.

    A rejected one is left out; of an accepted one nobody doubts any longer. That words which were
    decided about are no longer there, or that nothing is found in accepted ones, is a problem.
    """
    problems: list[Problem] = []

    def passages(entries: Iterable[tuple[int, _PassageEntry]]) -> Iterator[_Passage]:
        for line, entry in entries:
            quote = find_quote(document.text, entry.quote, entry.occurrence)
            if isinstance(quote, Quote):
                yield line, entry, quote
            else:
                problems.append(Problem(file.curation.file, line, quote, "bad-fact"))

    left = [*found]
    for _, entry, quote in passages(file.rejected):
        left = [fact for fact in left if not _tells(fact, entry.kind, quote)]
    for line, entry, quote in passages(file.accepted):
        if not any(_tells(fact, entry.kind, quote) for fact in left):
            message = (
                f'no program finds the accepted {entry.kind} "{entry.quote}"; write it as a fact'
            )
            problems.append(Problem(file.curation.file, line, message, "bad-fact"))
        left = [
            replace(fact, confidence=1.0) if _tells(fact, entry.kind, quote) else fact
            for fact in left
        ]
    return left, problems


def is_told(fact: Fact, facts: Iterable[Fact]) -> bool:
    """Whether others tell a fact of that kind in the same words."""
    return any(_tells(other, fact.kind, fact.quote) for other in facts)


def _tells(fact: Fact, kind: Kind, quote: Quote) -> bool:
    return fact.kind is kind and shares(fact.quote, quote)


def shares(one: Quote, other: Quote) -> bool:
    """Whether two quotes share at least half of the shorter: so annotations are compared, too."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared > 0 and 2 * shared >= min(len(one.exact), len(other.exact))


def gist(words: str) -> str:
    """Return words as the content of a fact, cut where they are too many."""
    return words if len(words) <= _LONGEST_GIST else words[: _LONGEST_GIST - 1].rstrip() + "…"


def fact_hash(kind: Kind, quote: Quote, trigger: int, text: str) -> str:
    """Return the last part of a fact's IRI: the same for the same kind in the same words.

    `trigger` is the offset of the trigger in the quote. Words that stand several times in the
    text count by their number, not by their offset: the name of a fact does not change when
    another part of the document is read differently.
    """
    number = text.count(quote.exact, 0, quote.start)
    place = f"{kind}\0{quote.exact}\0{number}\0{trigger}"
    return hashlib.sha256(place.encode()).hexdigest()[:8]


def _agents(entities: Iterable[str]) -> tuple[Agent, ...]:
    return tuple(Agent(entity) for entity in entities)


def _unknown(entry: _FactEntry, file: CuratedFile, authority: Authority) -> Iterator[str]:
    named = [
        *(("actor", id) for id in entry.actor),
        *(("addressee", id) for id in entry.addressee),
        *(("participants", id) for id in entry.participants),
        *(("presented_by", id) for id in entry.presented_by),
        *(("about", id) for id in entry.about),
        *(("reported_by", id) for id in file.reported_by),
        *([("location", entry.location)] if entry.location else []),
    ]
    for field, id in named:
        if id not in authority:
            yield f"{field}: {id} is not in the authority files; add it there, or mend the id"


def find_quote(text: str, words: str, occurrence: int | None = None) -> Quote | str:
    """Return where words stand in a text, or why that cannot be said.

    Words that stand several times need `occurrence`, counted from 1.
    """
    starts = _starts(text, words)
    if not starts:
        return f'the quote "{words}" is not in the text; nearest is "{nearest(text, words)}"'
    if occurrence is None and len(starts) > 1:
        return f'the quote "{words}" stands {len(starts)} times; add `occurrence: 1` (or later)'
    if (occurrence or 1) > len(starts):
        return f'the quote "{words}" stands only {len(starts)} times, not {occurrence}'
    start = starts[(occurrence or 1) - 1]
    return Quote(words, start, start + len(words))


def _starts(text: str, words: str) -> list[int]:
    starts = [text.find(words)]
    while starts[-1] >= 0:
        starts.append(text.find(words, starts[-1] + 1))
    return starts[:-1]


def nearest(text: str, words: str) -> str:
    """Return the passage of a text, as long as some words, that shares most of them in a row."""
    common = SequenceMatcher(None, text, words, autojunk=False).find_longest_match()
    start = max(0, min(common.a - common.b, len(text) - len(words)))
    return text[start : start + len(words)]
