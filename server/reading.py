"""Assemble answers from the side file: what the JSON routes send and the pages show.

Each function takes the side file and typed arguments and gives back a model of
`server.answers`. One page of a list costs a handful of statements, however many items it has:
what belongs to the items is fetched for all of them at once. All of this blocks: call it from
a thread, never from the event loop.
"""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

import numpy as np

from ontology.names import DATA, fold
from server import citing
from server.answers import (
    AccountAnswer,
    Alternative,
    Block,
    CitationAnswer,
    ComparedFact,
    Completion,
    Completions,
    Date,
    DatedName,
    DivisionAnswer,
    DocumentAnswer,
    DocumentSummary,
    EncounterAnswer,
    EntityAnswer,
    EntitySummary,
    Evidence,
    FactAnswer,
    FactLink,
    Holder,
    Holding,
    Mention,
    Name,
    NoteAnswer,
    Page,
    PageBreak,
    ReferenceAnswer,
    RelationAnswer,
    SearchHit,
    Statistics,
    ThreadAnswer,
    ThreadStep,
    ThreadSummary,
    TimelineEntry,
    VolumeAnswer,
    VolumeSummary,
    Wikidata,
)
from server.dataset import DataSet
from server.edtf import written_out
from server.errors import InvalidRequest, NotFound
from server.facets import Chosen
from server.side import (
    AGENTS,
    EVERYTHING,
    MARK,
    ROLES,
    UNMARK,
    CitationRow,
    CompletionRow,
    DocumentFilter,
    DocumentRow,
    EncounterRow,
    EntityFilter,
    EntityRow,
    FactFilter,
    FactRow,
    FoundRow,
    LinkRow,
    RelationFilter,
    RelationRow,
    RoleRow,
    SearchFilter,
    Side,
    VolumeRow,
)

WIKIDATA = "http://www.wikidata.org/entity/"
WIKIDATA_PAGE = "https://www.wikidata.org/wiki/"
MOST_FACTS_OF_A_RELATION = 20
MOST_RELATIONS_OF_AN_ENTITY = 50
MOST_OF_A_THREAD = 500
"""Documents of a thread, and citations of a document, that are shown."""
SEARCHED = ("entity", "fact", "document")
"""What a search finds, in the order of its answer."""


_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Span:
    """Which part of a list: `number` is that of the page, from 1.

    `address` is the path and query that was asked for; that of the next page is made of it.
    """

    limit: int = 50
    number: int = 1
    address: str = ""

    @property
    def offset(self) -> int:
        """How many items come before this page."""
        return self.limit * (self.number - 1)

    def check(self, total: int) -> None:
        """Raise NotFound if the list ends before this page; the first one is always there."""
        if self.number > 1 and self.offset >= total:
            pages = max(1, -(-total // self.limit))
            raise NotFound(
                f"There is no page {self.number}: {total} items make {pages} of {self.limit}.",
                hint=f"Ask for page {pages} or one before it.",
            )

    def part(self, items: Sequence[_Item]) -> Sequence[_Item]:
        """Return the items of this page, of a list that is all there; it is checked."""
        self.check(len(items))
        return items[self.offset : self.offset + self.limit]

    def next(self, total: int) -> str | None:
        """Return the address of the next page."""
        if self.offset + self.limit >= total:
            return None
        path, _, query = self.address.partition("?")
        kept = [(name, value) for name, value in parse_qsl(query) if name != "page"]
        return f"{path}?{urlencode([*kept, ('page', self.number + 1)])}"


# Names and dates


@lru_cache(20_000)
def name(id: str | None, label: str) -> Name:
    """Return a name to link to; the same few stand in most of the facts of a page."""
    return Name(id=id, iri=DATA + id if id else None, label=label)


def _names(ids: Iterable[str], labels: dict[str, str]) -> list[Name]:
    return [name(id, labels.get(id, id)) for id in ids]


def _maybe(id: str | None, labels: dict[str, str]) -> Name | None:
    return name(id, labels.get(id, id)) if id else None


@lru_cache(20_000)
def _date(
    edtf: str | None, earliest: str | None, latest: str | None, printed: str | None = None
) -> Date | None:
    if edtf is None:
        return None
    return Date(edtf=edtf, earliest=earliest, latest=latest, text=printed or written_out(edtf))


def _sent(row: DocumentRow) -> Date | None:
    return _date(row.sent, row.earliest, row.latest, row.sent_printed)


# Volumes


def volumes(side: Side) -> Page[VolumeSummary]:
    """Return all volumes."""
    items = [VolumeSummary(**_volume(row)) for row in side.volumes.values()]
    return Page[VolumeSummary](items=items, total=len(items), next=None)


def volume(side: Side, id: str) -> VolumeAnswer:
    """Return one volume with its parts."""
    row = side.volumes.get(id)
    if row is None:
        raise NotFound(f'There is no volume "{id}".', hint="GET /api/volumes lists every volume.")
    divisions = [
        DivisionAnswer(id=part.id, kind=part.kind, head=part.head, parent=part.parent)
        for part in side.divisions(id)
    ]
    return VolumeAnswer(**_volume(row), divisions=divisions)


def _volume(row: VolumeRow) -> dict[str, Any]:
    return {
        "id": f"volume/{row.id}",
        "iri": f"{DATA}volume/{row.id}",
        "title": row.title,
        "subseries": row.subseries,
        "number": row.number,
        "published": row.published,
        "documents": row.documents,
        "public_page": row.page,
    }


# Documents


def documents(
    side: Side, which: DocumentFilter, span: Span, by_date: bool = False
) -> Page[DocumentSummary]:
    """Return a page of documents, in the order of print or of their dates."""
    total = side.count_documents(which)
    span.check(total)
    rows = side.documents(which, span.limit, span.offset, by_date)
    return Page[DocumentSummary](
        items=document_summaries(side, rows), total=total, next=span.next(total)
    )


def document(side: Side, id: str) -> DocumentAnswer:
    """Return one document, `frus1945Malta/d256`, with its words and notes."""
    row = find_document(side, id)
    text, layout = side.words(id)
    return DocumentAnswer(
        **_summary_fields(side, [row])[0],
        **_layout(side, layout),
        **_parties(side, id),
        **_neighbours(side, row),
        text=text,
        entities=_mentioned(side, layout),
        words=row.words,
        received=row.received,
        telegram_number=row.telegram_number,
        classification=row.classification,
        precedence=row.precedence,
        source=row.source,
        first_page=row.first_page,
        last_page=row.last_page,
        public_page=row.page,
    )


def find_document(side: Side, id: str) -> DocumentRow:
    """Return a document's row, or raise NotFound."""
    row = side.document(id)
    if row is None:
        hint = "GET /api/documents lists every document."
        raise NotFound(f'There is no document "{id}".', hint=hint)
    return row


def source(side: Side, path: str) -> citing.Source:
    """Return a document or fact, `document/frus1945Malta/d256`, as something to be cited."""
    type_, _, id = path.partition("/")
    return fact_source(side, fact(side, id)) if type_ == "fact" else document_source(side, id)


def document_source(side: Side, id: str) -> citing.Source:
    """Return a document as something to be cited."""
    row = find_document(side, id)
    return citing.source(row, side.volumes[row.volume])


def document_summaries(side: Side, rows: Sequence[DocumentRow]) -> list[DocumentSummary]:
    """Return documents as they stand in a list."""
    return [DocumentSummary(**found) for found in _summary_fields(side, rows)]


def _summary_fields(side: Side, rows: Sequence[DocumentRow]) -> list[dict[str, Any]]:
    counts = side.fact_counts(row.id for row in rows)
    return [_summary(row, side.volumes[row.volume], counts.get(row.id, 0)) for row in rows]


def _summary(row: DocumentRow, volume: VolumeRow, facts: int) -> dict[str, Any]:
    return {
        "id": f"document/{row.id}",
        "iri": f"{DATA}document/{row.id}",
        "volume": name(f"volume/{row.volume}", volume.title),
        "form": row.form,
        "number": row.printed_number,
        "title": row.head,
        "date": _sent(row),
        "sender": row.sender,
        "recipient": row.recipient,
        "place": row.place,
        "facts": facts,
        "citation": citing.chicago(citing.source(row, volume)),
    }


def _layout(side: Side, layout: dict[str, Any]) -> dict[str, Any]:
    labels = side.labels(found["entity"] for found in layout["mentions"] if found["entity"])
    return {
        "blocks": [Block(**block) for block in layout["blocks"]],
        "pages": [PageBreak(**page) for page in layout["pages"]],
        "notes": [NoteAnswer(**note) for note in layout["notes"]],
        "mentions": [
            Mention(**(found | {"entity": _maybe(found["entity"], labels)}))
            for found in layout["mentions"]
        ],
        "references": [ReferenceAnswer(**reference) for reference in layout["references"]],
    }


def _mentioned(side: Side, layout: dict[str, Any]) -> list[Name]:
    """Return the entities that the editors tagged in a document, the most frequent first."""
    times = Counter(found["entity"] for found in layout["mentions"] if found["entity"])
    labels = side.labels(times)
    ranked = sorted(times, key=lambda id: (-times[id], labels.get(id, id)))
    return _names(ranked, labels)


def _parties(side: Side, id: str) -> dict[str, Any]:
    parties = side.parties(id)
    labels = side.labels(entity for group in parties.values() for entity in group)
    return {
        f"{role}s": _names(parties.get(role, ()), labels)
        for role in ("sender", "recipient", "signer", "participant")
    }


def _neighbours(side: Side, row: DocumentRow) -> dict[str, Any]:
    previous, following = side.neighbours(row)
    lower, higher = side.by_number(row.id)
    return {
        "previous": name(f"document/{previous.id}", previous.head) if previous else None,
        "following": name(f"document/{following.id}", following.head) if following else None,
        "lower_number": _numbered(lower) if lower else None,
        "higher_number": _numbered(higher) if higher else None,
    }


def _numbered(row: DocumentRow) -> Name:
    return name(f"document/{row.id}", row.telegram_number or row.head)


# Threads


def threads(side: Side, span: Span) -> Page[ThreadSummary]:
    """Return a page of threads, those of most documents first."""
    total = side.count_threads()
    span.check(total)
    rows = side.threads(span.limit, span.offset)
    first = _summaries_by_id(side, [row.root for row in rows])
    items = [
        ThreadSummary(
            first=first[row.root], count=row.count, earliest=row.earliest, latest=row.latest
        )
        for row in rows
    ]
    return Page[ThreadSummary](items=items, total=total, next=span.next(total))


def thread(side: Side, id: str) -> ThreadAnswer:
    """Return the thread of a document, what it cites and what cites it."""
    find_document(side, id)
    rows = side.thread(id, MOST_OF_A_THREAD)
    found = side.documents_by_id(row.document for row in rows)
    summaries = _summaries_by_id(side, [row.document for row in rows])
    steps = [
        ThreadStep(
            step=summaries[row.document],
            telegram_number=found[row.document].telegram_number,
            before=_document_name(row.before, found) if row.before else None,
            relation=row.relation,
        )
        for row in rows
    ]
    return ThreadAnswer(
        steps=steps,
        cites=_citations(side, side.citations(MOST_OF_A_THREAD, by=id)),
        cited_by=_citations(side, side.citations(MOST_OF_A_THREAD, of=id)),
    )


def _summaries_by_id(side: Side, ids: Sequence[str]) -> dict[str, DocumentSummary]:
    rows = side.documents_by_id(ids)
    ordered = [rows[id] for id in ids if id in rows]
    return dict(zip((row.id for row in ordered), document_summaries(side, ordered), strict=True))


def _document_name(id: str, rows: Mapping[str, DocumentRow]) -> Name:
    return name(f"document/{id}", rows[id].head if id in rows else id)


def _citations(side: Side, rows: Sequence[CitationRow]) -> list[CitationAnswer]:
    named = side.documents_by_id(row.editors for row in rows if row.editors)
    return [
        CitationAnswer(
            by=name(f"document/{row.document}", row.head),
            cited=name(f"document/{row.target}" if row.printed else row.target, row.label),
            printed=bool(row.printed),
            exact=row.quote,
            start=row.start,
            end=row.end,
            voice=row.voice,
            editors=_document_name(row.editors, named) if row.editors else None,
        )
        for row in rows
    ]


# Facts


def facts(side: Side, which: FactFilter, span: Span, in_text: bool = False) -> Page[FactAnswer]:
    """Return a page of facts, in the order of time or in that of a document's text."""
    total = side.count_facts(which)
    span.check(total)
    rows = side.facts(which, span.limit, span.offset, in_text)
    return Page[FactAnswer](items=fact_answers(side, rows), total=total, next=span.next(total))


def document_facts(side: Side, id: str, span: Span) -> Page[FactAnswer]:
    """Return the facts of one document, in the order of its text."""
    find_document(side, id)
    return facts(side, FactFilter(documents=(id,)), span, in_text=True)


def fact(side: Side, id: str) -> FactAnswer:
    """Return one fact, `frus1945Malta/d256/3f9a2c11`."""
    row = side.fact(id)
    if row is None:
        raise NotFound(f'There is no fact "{id}".', hint="GET /api/facts lists every fact.")
    return fact_answers(side, [row])[0]


def fact_source(side: Side, found: FactAnswer) -> citing.Source:
    """Return a fact and its words as something to be cited."""
    document = document_source(side, (found.document.id or "").removeprefix("document/"))
    return document.quoting(found.id, found.evidence[0].exact)


def timeline(
    side: Side, entity: str, span: Span, which: FactFilter | None = None
) -> Page[TimelineEntry]:
    """Return the facts that an entity has a part in, in the order of time, with its parts.

    `which` narrows them; its roles must name the entity.
    """
    which = which or FactFilter(roles=(("", (entity,)),))
    total = side.count_facts(which)
    span.check(total)
    items = _entries(side, entity, side.facts(which, span.limit, span.offset))
    return Page[TimelineEntry](items=items, total=total, next=span.next(total))


def _entries(side: Side, entity: str, rows: Sequence[FactRow]) -> list[TimelineEntry]:
    """Return facts with the parts that an entity has in them."""
    parts = _by_fact(side.roles(row.number for row in rows))
    return [
        TimelineEntry(
            roles=[part.role for part in parts[row.number] if part.entity == entity], fact=answer
        )
        for row, answer in zip(rows, _told(side, rows, parts), strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Sides:
    """Two sides, and which of their acts towards each other; `days` has the first and the last."""

    one: str
    other: str
    kinds: tuple[str, ...] = ()
    days: tuple[str | None, str | None] = (None, None)


ACTS = ("request", "offer", "commitment", "refusal")
"""The kinds of fact in which one side does something towards another."""


def sides(
    side: Side, one: str, other: str, kinds: tuple[str, ...], days: tuple[str | None, str | None]
) -> Sides:
    """Return two sides by their names; a side cannot be compared with itself."""
    ids = [side.resolve(name, AGENTS) for name in (one, other)]
    if ids[0] == ids[1]:
        raise InvalidRequest(f"{one} and {other} are the same.", hint="Name two sides.")
    return Sides(ids[0], ids[1], kinds, days)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What two sides did towards each other: a page of it, and how much each side did in all."""

    acts: Page[ComparedFact]
    by_one: int
    by_other: int


def compared(side: Side, which: Sides, span: Span) -> Exchange:
    """Return what two sides asked, offered, promised and refused each other, in order of time.

    A side acts and is addressed itself or through who speaks for it, as the graph has it.
    """
    towards = set(acts_towards(side, which, which.one, which.other))
    back = set(acts_towards(side, which, which.other, which.one))
    numbers = sorted(towards | back)
    rows = side.facts_numbered(span.part(numbers))
    names = {id: name(id, label) for id, label in side.labels((which.one, which.other)).items()}
    items = []
    for row, fact in zip(rows, fact_answers(side, rows), strict=True):
        ends = (which.one, which.other) if row.number in towards else (which.other, which.one)
        by, to = (names[id] for id in ends)
        items.append(ComparedFact(**dict(fact), by=by, towards=to))
    page = Page[ComparedFact](items=items, total=len(numbers), next=span.next(len(numbers)))
    return Exchange(page, len(towards), len(back))


def acts_towards(side: Side, which: Sides, actor: str, addressee: str, **more: str) -> list[int]:
    """Return the numbers of the acts of one side towards the other, in the order of time.

    `more` are further features that they must have, such as a status.
    """
    features = side.fact_table.features
    acts = features["actor"].holds([actor]) | features["acting_state"].holds([actor])
    chosen = {
        "kind": which.kinds or ACTS,
        "addressee": (addressee, *side.speakers.get(addressee, ())),
        **({"days": [day or "" for day in which.days]} if any(which.days) else {}),
        **{name: [value] for name, value in more.items()},
    }
    narrowed = side.fact_table.narrowed(chosen)
    found: list[int] = side.fact_table.numbers[narrowed.mask & acts].tolist()
    return found


def chosen_facts(
    side: Side, choices: Sequence[Chosen], limit: int, told: Iterable[FactAnswer] = ()
) -> list[Page[FactAnswer]]:
    """Return the first facts of several choices by features; those told already are not read."""
    found = side.fact_table.each(choices)
    parts = [each.numbers[:limit].tolist() for each in found]
    rows = side.facts_numbered(sorted({number for part in parts for number in part}))
    known = {fact.id: fact for fact in told}
    new = fact_answers(side, [row for row in rows if f"fact/{row.id}" not in known])
    known |= {fact.id: fact for fact in new}
    answers = {row.number: known[f"fact/{row.id}"] for row in rows}
    return [
        Page[FactAnswer](items=[answers[number] for number in part], total=each.total, next=None)
        for each, part in zip(found, parts, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Life:
    """What an entity has a part in, in order of time, and how much there is of it."""

    entries: Page[TimelineEntry]
    kinds: dict[str, int]
    """How many of each kind there are, of the year that was chosen."""
    years: dict[str, int]
    """How many of each year there are, of the kind that was chosen."""


def life(side: Side, entity: str, chosen: Chosen, span: Span) -> Life:
    """Return what an entity has a part in, of the facts with some features, its own among them."""
    found = side.fact_table.narrowed(chosen)
    span.check(found.total)
    numbers = found.numbers[span.offset : span.offset + span.limit].tolist()
    items = _entries(side, entity, side.facts_numbered(numbers))
    entries = Page[TimelineEntry](items=items, total=found.total, next=span.next(found.total))
    return Life(entries, found.count("kind"), found.count("days"))


def fact_answers(side: Side, rows: Sequence[FactRow]) -> list[FactAnswer]:
    """Return facts with all that belongs to them."""
    return _told(side, rows, _by_fact(side.roles(row.number for row in rows)))


def _told(
    side: Side, rows: Sequence[FactRow], parts: Mapping[int, list[RoleRow]]
) -> list[FactAnswer]:
    labels = side.labels(
        part.entity for group in parts.values() for part in group if part.entity is not None
    )
    documents = side.documents_by_id(row.document for row in rows)
    citations = _notes(side, documents)
    links = _fact_links(side, rows)
    return [
        _fact(
            row,
            _parts(parts.get(row.number, ()), labels),
            documents[row.document],
            citations[row.document],
            links.get(row.id, []),
        )
        for row in rows
    ]


def _notes(side: Side, documents: dict[str, DocumentRow]) -> dict[str, str]:
    return {
        id: citing.chicago(citing.source(row, side.volumes[row.volume]))
        for id, row in documents.items()
    }


def _by_fact(parts: Iterable[RoleRow]) -> dict[int, list[RoleRow]]:
    groups: dict[int, list[RoleRow]] = {}
    for part in parts:
        groups.setdefault(part.fact, []).append(part)
    return groups


_RELATIONS = {
    "answer": ("responds_to", "answered_by"),
    "accept": ("responds_to", "answered_by"),
    "refuse": ("responds_to", "answered_by"),
    "repeat": ("repeats", "repeated_by"),
    "change": ("supersedes", "superseded_by"),
    "fulfil": ("fulfils", "fulfilled_by"),
}
"""The relation of the later fact to the earlier one and back, by the manner of the response."""


def _fact_links(side: Side, rows: Sequence[FactRow]) -> dict[str, list[LinkRow]]:
    links: dict[str, list[LinkRow]] = {}
    for row in side.links(row.id for row in rows):
        links.setdefault(row.fact, []).append(row)
    return links


def _fact_link(row: LinkRow) -> FactLink:
    forth, back = _RELATIONS[row.manner]
    return FactLink(
        relation=forth if row.later else back,
        manner=row.manner,
        id=f"fact/{row.other}",
        content=row.content,
        confidence=row.confidence,
        reason=row.reason,
        origin=row.origin,
    )


_Parts = Mapping[str, list[Name]]
"""Who and what has a part in one fact, by the role; words that name nothing known stay words."""


def _parts(rows: Iterable[RoleRow], labels: dict[str, str]) -> _Parts:
    parts: dict[str, list[Name]] = {}
    for row in rows:
        label = labels.get(row.entity or "") or row.printed or row.entity or ""
        parts.setdefault(row.role, []).append(name(row.entity, label))
    return parts


def _fact(
    row: FactRow, parts: _Parts, document: DocumentRow, citation: str, links: list[LinkRow]
) -> FactAnswer:
    return FactAnswer(
        id=f"fact/{row.id}",
        iri=f"{DATA}fact/{row.id}",
        kind=row.kind,
        status=row.status,
        force=row.force,
        content=row.content,
        actors=parts.get("actor", []),
        acting_states=parts.get("acting_state", []),
        addressees=parts.get("addressee", []),
        participants=parts.get("participant", []),
        presented_by=parts.get("presented_by", []),
        reported_by=parts.get("reported_by", []),
        about=parts.get("about", []),
        location=next(iter(parts.get("location", ())), None),
        date=_date(row.date, row.earliest, row.latest),
        condition=row.condition,
        deadline=row.deadline,
        quantity=row.quantity,
        evidence=_evidence(row),
        trigger=row.trigger_words,
        document=name(f"document/{row.document}", document.head),
        document_date=_sent(document),
        citation=citation,
        voice=row.voice,
        confidence=row.confidence,
        origin=row.origin,
        curated=row.origin.startswith("curation/"),
        links=[_fact_link(row) for row in links if row.asserted],
        possible_links=[_fact_link(row) for row in links if not row.asserted],
    )


def _evidence(row: FactRow) -> list[Evidence]:
    quotes = [(row.quote, row.quote_start, row.quote_end), *json.loads(row.support)]
    return [Evidence(exact=exact, start=start, end=end) for exact, start, end in quotes]


# Meetings that several documents tell of


def encounters(side: Side, span: Span) -> Page[EncounterAnswer]:
    """Return a page of meetings with their accounts, the earliest first."""
    total = side.count_encounters()
    span.check(total)
    items = _encounters(side, side.encounters(span.limit, span.offset))
    return Page[EncounterAnswer](items=items, total=total, next=span.next(total))


def encounter_of(side: Side, fact: str) -> EncounterAnswer | None:
    """Return the meeting that a fact tells of, if others tell of it as well."""
    row = side.encounter_of(fact)
    return _encounters(side, [row])[0] if row else None


def _encounters(side: Side, rows: Sequence[EncounterRow]) -> list[EncounterAnswer]:
    told = side.accounts(row.id for row in rows)
    facts = [fact for row in rows for fact in told[row.id]]
    answers = dict(zip((fact.id for fact in facts), fact_answers(side, facts), strict=True))
    omitted = side.omissions(answers)
    labels = side.labels(id for ids in omitted.values() for id in ids)
    return [
        EncounterAnswer(
            id=row.id,
            iri=DATA + row.id,
            label=row.label,
            confidence=row.confidence,
            rules=row.rules.split(", "),
            accounts=[
                AccountAnswer(
                    **dict(answers[fact.id]), omits=_names(omitted.get(fact.id, ()), labels)
                )
                for fact in told[row.id]
            ],
        )
        for row in rows
    ]


# Entities and relations


def entities(side: Side, which: EntityFilter, span: Span) -> Page[EntitySummary]:
    """Return a page of entities, those in most facts first."""
    total = side.count_entities(which)
    span.check(total)
    rows = side.entities(which, span.limit, span.offset)
    items = [EntitySummary(**_entity(row)) for row in rows]
    return Page[EntitySummary](items=items, total=total, next=span.next(total))


def entity(side: Side, id: str, facts: int = MOST_FACTS_OF_A_RELATION) -> EntityAnswer:
    """Return one entity, `person/stalin-joseph`, with its relations and some facts of each."""
    row = side.entity(id)
    if row is None:
        raise side.unknown(id)
    record = json.loads(row.record)
    positions = [tenure["position"] for tenure in record["tenures"]]
    holders = [held["person"] for held in record["holders"]]
    others = [row.represents, row.part_of, *record["member_of"], *positions, *holders]
    labels = side.labels(other for other in others if other)
    return EntityAnswer(
        **_entity(row),
        names=side.names(id),
        dated_names=[
            DatedName(name=dated["words"], start=dated["start"], end=dated["end"])
            for dated in record["dated_names"]
        ],
        existed_from=record["existed"][0],
        existed_until=record["existed"][1],
        link=_link(row, record),
        represents=_maybe(row.represents, labels),
        part_of=_maybe(row.part_of, labels),
        member_of=_names(record["member_of"], labels),
        born=record["born"],
        died=record["died"],
        offices=[
            Holding(position=name(each, labels.get(each, each)), **_time(tenure))
            for each, tenure in zip(positions, record["tenures"], strict=True)
        ],
        holders=[
            Holder(person=name(each, labels.get(each, each)), **_time(held))
            for each, held in zip(holders, record["holders"], strict=True)
        ],
        latitude=row.latitude,
        longitude=row.longitude,
        counts=_role_counts(side, id),
        relations=_relations(side, RelationFilter(id), Span(MOST_RELATIONS_OF_AN_ENTITY), facts),
    )


def _role_counts(side: Side, id: str) -> dict[str, int]:
    """Return how many facts an entity has a part in, by the part."""
    features = side.fact_table.features
    counts = {role: int(np.count_nonzero(features[role].holds([id]))) for role in sorted(ROLES)}
    return {role: count for role, count in counts.items() if count}


def _entity(row: EntityRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "iri": DATA + row.id,
        "type": row.type,
        "label": row.label,
        "description": row.description,
        "wikidata": row.wikidata,
        "facts": row.facts,
        "documents": row.documents,
    }


def _time(tenure: dict[str, Any]) -> dict[str, Any]:
    return {each: tenure[each] for each in ("start", "end", "source")}


def _link(row: EntityRow, record: dict[str, Any]) -> Wikidata:
    return Wikidata(
        state=row.link_state,
        item=row.wikidata,
        iri=WIKIDATA + row.wikidata if row.wikidata else None,
        page=WIKIDATA_PAGE + row.wikidata if row.wikidata else None,
        exact=None if row.link_exact is None else bool(row.link_exact),
        confidence=row.link_confidence,
        evidence=row.link_evidence,
        alternatives=[_alternative(one) for one in record.get("alternatives", ())],
    )


def _alternative(told: dict[str, Any]) -> Alternative:
    item = told["item"]
    return Alternative(iri=WIKIDATA + item, page=WIKIDATA_PAGE + item, **told)


def relations(side: Side, which: RelationFilter, span: Span) -> Page[RelationAnswer]:
    """Return what an entity did with others and others with it, the most frequent first."""
    total = side.count_relations(which)
    span.check(total)
    items = _relations(side, which, span, MOST_FACTS_OF_A_RELATION)
    return Page[RelationAnswer](items=items, total=total, next=span.next(total))


def _relations(side: Side, which: RelationFilter, span: Span, most: int) -> list[RelationAnswer]:
    rows = side.relations(which, span.limit, span.offset)
    labels = side.labels(id for row in rows for id in (row.subject, row.object))
    facts = side.facts_of(rows, which.first, which.last, most)
    return [_relation(row, labels, of) for row, of in zip(rows, facts, strict=True)]


def _relation(row: RelationRow, labels: dict[str, str], facts: list[str]) -> RelationAnswer:
    return RelationAnswer(
        subject=name(row.subject, labels.get(row.subject, row.subject)),
        predicate=row.predicate,
        object=name(row.object, labels.get(row.object, row.object)),
        count=row.count,
        facts=[f"fact/{id}" for id in facts],
    )


# Search


def search(
    side: Side,
    expression: str,
    text: str,
    span: Span,
    types: Sequence[str] = (),
    which: SearchFilter = EVERYTHING,
) -> Page[SearchHit]:
    """Return what holds the words: first entities by name, then facts, then documents.

    `expression` is what `server.search` makes of the `text`. Within facts and documents the
    best match comes first. Entities have no volume, form or date: `which` leaves them out.
    """
    asked = _Search(side, expression, EntityFilter(words=tuple(fold(text).split()[:8])), which)
    counts = {type_: asked.count(type_) for type_ in SEARCHED if not types or type_ in types}
    total = sum(counts.values())
    span.check(total)
    items: list[SearchHit] = []
    before = 0
    for type_, count in counts.items():
        offset = max(0, span.offset - before)
        limit = min(span.limit - len(items), count - offset)
        if limit > 0:
            items += asked.hits(type_, limit, offset)
        before += count
    return Page[SearchHit](items=items, total=total, next=span.next(total))


@dataclass(frozen=True, slots=True)
class _Search:
    """A search for things of each type."""

    side: Side
    expression: str
    named: EntityFilter
    which: SearchFilter

    def count(self, type_: str) -> int:
        """Return how many things of a type are found."""
        if type_ != "entity":
            return self.side.count_found(type_, self.expression, self.which)
        return self.side.count_entities(self.named) if self.which == EVERYTHING else 0

    def hits(self, type_: str, limit: int, offset: int) -> list[SearchHit]:
        """Return some of them."""
        if type_ == "entity":
            return [_entity_hit(row) for row in self.side.entities(self.named, limit, offset)]
        find = self.side.find_facts if type_ == "fact" else self.side.find_documents
        rows = find(self.expression, limit, offset, self.which)
        heads = self.side.documents_by_id(row.document for row in rows)
        return [_hit(type_, row, heads[row.document].head) for row in rows]


def _entity_hit(row: EntityRow) -> SearchHit:
    return SearchHit(
        type="entity",
        id=row.id,
        iri=DATA + row.id,
        label=row.label,
        snippet=html.escape(row.description),
        date=None,
        document=None,
    )


def _hit(type_: str, row: FoundRow, head: str) -> SearchHit:
    return SearchHit(
        type=type_,
        id=f"{type_}/{row.id}",
        iri=f"{DATA}{type_}/{row.id}",
        label=row.label,
        snippet=_marked(row.snippet),
        date=_date(row.sent, row.earliest, row.latest, row.sent_printed),
        document=name(f"document/{row.document}", head) if type_ == "fact" else None,
    )


def _marked(snippet: str) -> str:
    return html.escape(snippet).replace(MARK, "<mark>").replace(UNMARK, "</mark>")


def complete(side: Side, text: str, limit: int = 10, types: Sequence[str] = ()) -> Completions:
    """Return entities whose names begin like this, the most used first."""
    rows = side.complete(text, limit, types)
    return Completions(items=[_completion(row) for row in rows])


def _completion(row: CompletionRow) -> Completion:
    return Completion(id=row.id, type=row.type, label=row.label, name=row.name, facts=row.facts)


# Statistics


def statistics(side: Side, data_set: DataSet) -> Statistics:
    """Return how much there is."""
    return Statistics(
        version=data_set.version,
        built=data_set.built,
        totals=side.totals,
        facts_by_kind=side.facts_by_kind,
        facts_by_year=side.facts_by_year,
        documents_by_volume=side.documents_by_volume,
        entities_by_type=side.entities_by_type,
        links_by_state=side.links_by_state,
    )
