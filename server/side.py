"""The side file: every SQL statement of the server.

SQLite holds what SPARQL is slow at: lists in order, counts, full text, names to complete. The
file never changes while it is open (`immutable`), so nothing is locked. A connection is lent to
one thread at a time, and a statement that runs longer than `seconds` is stopped. Values go in
as parameters; a set of values goes in as one JSON array, so that the text of a statement does
not depend on how many there are and SQLite need not compile it again.

The dataclasses are rows: their fields are the columns that are selected, in that order.
"""

from __future__ import annotations

import json
import math
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ontology.names import DATA, fold
from server import facets
from server.coverage import Calendar, calendar
from server.errors import BadRequest, DataSetUnreadable, NotFound, QueryTimeout
from server.ties import Group, Ties, tied

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

LAYOUT = 5
"""The `user_version` of the files that this module reads."""

TYPES = ("person", "organization", "state", "place", "position", "topic")
AGENTS = ("person", "organization", "state", "position")
"""The types of entity that act, send and receive."""

ROLES = (
    "actor", "addressee", "participant", "presented_by", "reported_by", "about", "location",
    "acting_state",
)  # fmt: skip
"""The parts that entities have in facts."""

MARK, UNMARK = "\x02", "\x03"
"""What stands around the words found in a snippet: no document has these characters."""

MOST_RANKED = 10_000
"""Matches of words that are put in order by how well they match: about 50 ms."""

_STEPS = 20_000
"""Steps of SQLite's machine between two looks at the clock: about a millisecond."""

Parameter = str | int | float | None
_Row = TypeVar("_Row", bound="DataclassInstance")
_Arrays = TypeVar("_Arrays")


class UnknownName(NotFound):
    """No entity has this name. Names are compared without accents, case and punctuation."""

    slug = "unknown-name"
    title = "Unknown name"


class AmbiguousName(BadRequest):
    """More than one entity has this name; `errors` lists them. Use the id of the one you mean."""

    slug = "ambiguous-name"
    title = "Ambiguous name"


@dataclass(frozen=True, slots=True)
class VolumeRow:
    """A volume."""

    id: str
    title: str
    subseries: str | None
    number: str | None
    published: str | None
    page: str | None
    documents: int


@dataclass(frozen=True, slots=True)
class DivisionRow:
    """A compilation or chapter of a volume."""

    id: str
    kind: str
    head: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document without its words."""

    number: int
    id: str
    volume: str
    division: str | None
    form: str
    printed_number: str | None
    head: str
    sender: str | None
    recipient: str | None
    place: str | None
    sent: str | None
    sent_printed: str | None
    earliest: str | None
    latest: str | None
    received: str | None
    telegram_number: str | None
    classification: str | None
    precedence: str | None
    source: str | None
    first_page: str | None
    last_page: str | None
    page: str | None
    words: int


@dataclass(frozen=True, slots=True)
class EntityRow:
    """An entity of the authority files."""

    id: str
    type: str
    label: str
    description: str
    link_state: str
    wikidata: str | None
    link_exact: int | None
    link_confidence: float | None
    link_evidence: str
    latitude: float | None
    longitude: float | None
    represents: str | None
    part_of: str | None
    record: str
    facts: int
    documents: int


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact without the entities that take part in it."""

    number: int
    id: str
    document: str
    kind: str
    status: str
    force: str | None
    content: str
    quote: str
    quote_start: int
    quote_end: int
    trigger_words: str | None
    support: str
    date: str | None
    earliest: str | None
    latest: str | None
    condition: str | None
    deadline: str | None
    quantity: str | None
    voice: str
    confidence: float
    origin: str


@dataclass(frozen=True, slots=True)
class RoleRow:
    """An entity, or words as printed, in one role of one fact."""

    fact: int
    role: str
    entity: str | None
    printed: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A fact, another that it responds to or that responds to it, and what that one says."""

    fact: str
    later: int  # whether the fact is the later one
    other: str
    content: str
    manner: str
    confidence: float
    asserted: int
    reason: str
    origin: str


@dataclass(frozen=True, slots=True)
class RelationRow:
    """What one entity did with another, and how often."""

    subject: str
    predicate: str
    object: str
    count: int


@dataclass(frozen=True, slots=True)
class CitationRow:
    """A citation; `label` is what the cited document is called, `head` the one that cites."""

    document: str
    start: int
    end: int
    quote: str
    target: str
    printed: int
    voice: str
    editors: str | None
    head: str
    label: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """A document in a thread, with the one that it answers or follows."""

    document: str
    root: str
    before: str | None
    relation: str | None
    number: int


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A thread by its first document."""

    root: str
    count: int
    earliest: str | None
    latest: str | None


@dataclass(frozen=True, slots=True)
class ActRow:
    """What decides on the state of an act; the day is that of its document where it has none."""

    number: int
    id: str
    kind: str
    document: str
    condition: str | None
    day: str | None


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """That a fact responds to an earlier one; number, kind and day are those of the later."""

    earlier: str
    later: str
    number: int
    kind: str
    manner: str
    asserted: int
    day: str | None


@dataclass(frozen=True, slots=True)
class EncounterRow:
    """A meeting that several documents tell of, and by which rules they were joined."""

    id: str
    label: str
    confidence: float
    rules: str


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A document or fact that a search found, and the passage."""

    snippet: str
    id: str
    label: str
    document: str
    sent: str | None
    sent_printed: str | None
    earliest: str | None
    latest: str | None


@dataclass(frozen=True, slots=True)
class CompletionRow:
    """An entity and the name by which it was found."""

    id: str
    type: str
    label: str
    name: str
    facts: int


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents: every field that is given must hold, for one of its values."""

    volumes: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    first: str | None = None
    last: str | None = None
    match: str | None = None


@dataclass(frozen=True, slots=True)
class FactFilter:
    """Which facts: every field that is given must hold, for one of its values.

    `roles` pairs a role with entities of which one has it; the role "" stands for any.
    """

    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    forces: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    roles: tuple[tuple[str, tuple[str, ...]], ...] = ()
    first: str | None = None
    last: str | None = None
    match: str | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class EntityFilter:
    """Which entities: `words` are folded, and each must begin a word of one of its names."""

    types: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    linked: bool | None = None


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """Which documents a search looks at, and facts: volume and form are those of its document."""

    volumes: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    first: str | None = None
    last: str | None = None


EVERYTHING = SearchFilter()


@dataclass(frozen=True, slots=True)
class RelationFilter:
    """Which relations of an entity."""

    entity: str
    predicates: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    first: str | None = None
    last: str | None = None


class Side:
    """One side file, open to be read by any number of threads."""

    def __init__(self, path: Path, seconds: float = 5.0) -> None:
        """Open the file; one of another layout is refused."""
        self._address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        self._seconds = seconds
        self._idle: list[sqlite3.Connection] = []
        self._reading = Lock()
        self._tables: dict[str, Any] = {}
        self._path = path
        try:
            layout = self._count("SELECT user_version FROM pragma_user_version")
        except sqlite3.DatabaseError as error:
            raise DataSetUnreadable(f"{path}: not a side file: {error}.") from error
        if layout != LAYOUT:
            raise DataSetUnreadable(
                f"{path}: its layout is {layout}, this version reads {LAYOUT}.",
                hint="Build the data set again with `cablegraph build`.",
            )

    def within(self, seconds: float) -> Side:
        """Return the same file, with no more time than this for a statement."""
        hastier = copy(self)
        hastier._seconds = min(seconds, self._seconds)
        return hastier

    def close(self) -> None:
        """Close the file. A thread that reads it just now may end."""
        while self._idle:
            self._idle.pop().close()

    # Names

    def resolve(self, text: str, types: Sequence[str] = ()) -> str:
        """Return the id of the one entity that an IRI, an id, a slug or a name stands for.

        Of several entities with one name those of `types` count. Raises UnknownName with the
        nearest names, or AmbiguousName with the candidates.
        """
        path = text.strip().removeprefix(DATA).strip("/")
        for found in (self._known([path]), self._slugs(path, types), self._named(path, types)):
            if len(found) == 1:
                return found[0]
            if found:
                raise self._ambiguous(text, found)
        raise self.unknown(text, types)

    def _known(self, ids: Iterable[str]) -> list[str]:
        return self._column(
            "SELECT id FROM entity WHERE id IN (SELECT value FROM json_each(?))", _array(ids)
        )

    def _slugs(self, slug: str, types: Sequence[str]) -> list[str]:
        return self._known(f"{type_}/{slug}" for type_ in types or TYPES)

    def _named(self, name: str, types: Sequence[str]) -> list[str]:
        found = self._column("SELECT entity FROM name WHERE folded = ?", fold(name))
        return [id for id in found if not types or id.split("/")[0] in types]

    def _ambiguous(self, text: str, ids: Sequence[str]) -> AmbiguousName:
        labels = self.labels(ids)
        return AmbiguousName(
            f'"{text}" can be {" or ".join(ids)}.',
            hint="Use the id of the one you mean.",
            errors=[{"id": id, "label": labels[id]} for id in ids],
        )

    def unknown(self, text: str, types: Sequence[str] = ()) -> UnknownName:
        """Return the error for a name that no entity has."""
        near = self.nearest_names(text, types)
        hint = f"Did you mean {' or '.join(near)}?" if near else "GET /api/complete?q= finds names."
        return UnknownName(f'No entity is named "{text}".', hint=hint)

    def nearest_names(self, text: str, types: Sequence[str] = ()) -> list[str]:
        """Return the ids of at most three entities whose names look like this one."""
        name = fold(text.rpartition("/")[2])
        begun = [row for size in (1, 3) for row in self.complete(name[:size], 200, types)]
        by_name = {fold(row.name): row.id for row in begun}
        near = get_close_matches(name, by_name, n=3, cutoff=0.7)
        return list(dict.fromkeys(by_name[each] for each in near))

    def labels(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the preferred names of entities by id."""
        rows = self._rows(
            "SELECT id, label FROM entity WHERE id IN (SELECT value FROM json_each(?))",
            _array(set(ids)),
        )
        return dict(rows)

    def names(self, entity: str) -> list[str]:
        """Return all names of an entity, the preferred one first."""
        return self._column(
            "SELECT name FROM name WHERE entity = ? ORDER BY preferred DESC, name", entity
        )

    def names_of(self, entities: Iterable[str]) -> dict[str, list[str]]:
        """Return all names of entities by id, each with the preferred one first."""
        rows = self._rows(
            f"SELECT entity, name FROM name WHERE {_IN.format('entity')}"
            " ORDER BY entity, preferred DESC, name",
            _array(set(entities)),
        )
        return _grouped(rows)

    def bearers(self, folded: Iterable[str]) -> dict[str, list[str]]:
        """Return the ids of the entities that have a name, by the name as it is folded."""
        rows = self._rows(
            f"SELECT folded, entity FROM name WHERE {_IN.format('folded')}", _array(set(folded))
        )
        return _grouped(rows)

    def similar(self, match: str, limit: int, types: Sequence[str] = ()) -> list[str]:
        """Return the ids of entities of which a name holds words, the best match first."""
        which, values = _all(_of_types("entity", types), "AND")
        rows = self._rows(
            "SELECT entity, min(rank) AS best FROM"
            f" (SELECT entity, rank FROM name_search WHERE name_search MATCH ? {which})"
            " GROUP BY entity ORDER BY best, entity LIMIT ?",
            match,
            *values,
            limit,
        )
        return [row[0] for row in rows]

    def complete(
        self, text: str, limit: int = 10, types: Sequence[str] = ()
    ) -> list[CompletionRow]:
        """Return entities of which a name begins like this, the most used first.

        Where there are too few, those follow that have it within a name.
        """
        start = fold(text)
        values = (start, f"{start}\U0010ffff")
        found = self._begun("name", "folded >= ? AND folded < ?", values, types, limit)
        if len(found) < limit and start:
            words = (_beginning(start),)
            within = self._begun("name_search", "name_search MATCH ?", words, types, limit)
            found += [row for row in within if row.id not in {have.id for have in found}]
        return found[:limit]

    def _begun(
        self,
        table: str,
        condition: str,
        values: tuple[str, ...],
        types: Sequence[str],
        limit: int,
    ) -> list[CompletionRow]:
        # The name shown is that of the row that max() picks, the preferred one if it is found.
        rows = self._rows(
            "SELECT id, type, label, name, facts FROM (SELECT entity, name, max(preferred)"
            f" FROM {table} WHERE {condition} GROUP BY entity) JOIN entity ON id = entity"
            f"{' WHERE ' + _IN.format('type') if types else ''}"
            " ORDER BY facts DESC, label, id LIMIT ?",
            *values,
            *([_array(types)] if types else []),
            limit,
        )
        return [CompletionRow(*row) for row in rows]

    # Entities

    def entity(self, id: str) -> EntityRow | None:
        """Return an entity."""
        return next(iter(self._select(EntityRow, "FROM entity WHERE id = ?", id)), None)

    def entities_by_id(self, ids: Iterable[str]) -> dict[str, EntityRow]:
        """Return entities by id."""
        rows = self._select(EntityRow, f"FROM entity WHERE {_IN.format('id')}", _array(set(ids)))
        return {row.id: row for row in rows}

    def entities_of(self, items: Iterable[str]) -> list[str]:
        """Return the ids of the entities that are certain to be items of Wikidata."""
        return self._column(
            "SELECT entity.id FROM json_each(?) CROSS JOIN entity ON wikidata = value"
            " WHERE link_exact ORDER BY entity.id",
            _array(set(items)),
        )

    def entities(self, which: EntityFilter, limit: int, offset: int) -> list[EntityRow]:
        """Return entities, those in most facts first."""
        where, values = _all(_entity_conditions(which))
        order = "ORDER BY facts DESC, label, id LIMIT ? OFFSET ?"
        return self._select(EntityRow, f"FROM entity {where} {order}", *values, limit, offset)

    def count_entities(self, which: EntityFilter) -> int:
        """Return how many entities there are."""
        where, values = _all(_entity_conditions(which))
        return self._count(f"SELECT count(*) FROM entity {where}", *values)

    @cached_property
    def speakers(self) -> dict[str, list[str]]:
        """Return who speaks for each state, among persons, bodies and offices."""
        return _grouped(
            self._everything("SELECT represents, id FROM entity WHERE represents IS NOT NULL")
        )

    @cached_property
    def places(self) -> frozenset[str]:
        """The ids of all places, and of whatever else has coordinates."""
        where = "type = 'place' OR latitude IS NOT NULL"
        rows = self._everything(f"SELECT id FROM entity WHERE {where}")
        return frozenset(id for (id,) in rows)

    # Volumes and documents

    @cached_property
    def volumes(self) -> dict[str, VolumeRow]:
        """All volumes by their ids, in the order of these."""
        return {row.id: row for row in self._select(VolumeRow, "FROM volume ORDER BY id")}

    def divisions(self, volume: str) -> list[DivisionRow]:
        """Return the compilations and chapters of a volume."""
        return self._select(DivisionRow, "FROM division WHERE volume = ?", volume)

    def document(self, id: str) -> DocumentRow | None:
        """Return a document."""
        return next(iter(self._select(DocumentRow, "FROM document WHERE id = ?", id)), None)

    def documents(
        self, which: DocumentFilter, limit: int, offset: int, by_date: bool = False
    ) -> list[DocumentRow]:
        """Return documents in the order of print, or of their dates, undated ones first."""
        where, values = _all(_document_conditions(which))
        order = f"ORDER BY {'earliest, ' if by_date else ''}number LIMIT ? OFFSET ?"
        return self._select(DocumentRow, f"FROM document {where} {order}", *values, limit, offset)

    def count_documents(self, which: DocumentFilter) -> int:
        """Return how many documents there are."""
        where, values = _all(_document_conditions(which))
        return self._count(f"SELECT count(*) FROM document {where}", *values)

    def documents_numbered(self, numbers: Sequence[int]) -> list[DocumentRow]:
        """Return documents by their numbers, in the order given."""
        rows = self._select(
            DocumentRow, f"FROM document WHERE {_IN.format('number')}", _array(numbers)
        )
        by_number = {row.number: row for row in rows}
        return [by_number[number] for number in numbers]

    def documents_by_id(self, ids: Iterable[str]) -> dict[str, DocumentRow]:
        """Return documents by id."""
        rows = self._select(
            DocumentRow, f"FROM document WHERE {_IN.format('id')}", _array(set(ids))
        )
        return {row.id: row for row in rows}

    def words(self, document: str) -> tuple[str, dict[str, Any]]:
        """Return the text of a document and its layout."""
        rows = self._rows("SELECT text, layout FROM document WHERE id = ?", document)
        return rows[0][0], json.loads(rows[0][1])

    def parties(self, document: str) -> dict[str, list[str]]:
        """Return the entities that sent, received, signed and took part in a document, by role."""
        rows = self._rows("SELECT role, entity FROM document_agent WHERE document = ?", document)
        return _grouped(rows)

    def neighbours(self, document: DocumentRow) -> tuple[DocumentRow | None, DocumentRow | None]:
        """Return the documents before and after one in its volume."""
        before = self._select(
            DocumentRow,
            "FROM document WHERE volume = ? AND number < ? ORDER BY number DESC LIMIT 1",
            document.volume,
            document.number,
        )
        after = self._select(
            DocumentRow,
            "FROM document WHERE volume = ? AND number > ? ORDER BY number LIMIT 1",
            document.volume,
            document.number,
        )
        return next(iter(before), None), next(iter(after), None)

    def by_number(self, document: str) -> tuple[DocumentRow | None, DocumentRow | None]:
        """Return what the sender sent to the recipient before and after a telegram, by number."""
        before = "FROM document WHERE id = (SELECT document FROM numbering WHERE following = ?)"
        after = "FROM document WHERE id = (SELECT following FROM numbering WHERE document = ?)"
        found = [self._select(DocumentRow, rest, document) for rest in (before, after)]
        return next(iter(found[0]), None), next(iter(found[1]), None)

    def thread(self, document: str, limit: int) -> list[StepRow]:
        """Return the steps of the thread that a document is in, in the order of time."""
        return self._select(
            StepRow,
            "FROM thread WHERE root = (SELECT root FROM thread WHERE document = ?) ORDER BY"
            " (SELECT earliest FROM document AS d WHERE d.id = thread.document), number LIMIT ?",
            document,
            limit,
        )

    def citations(self, limit: int, *, by: str = "", of: str = "") -> list[CitationRow]:
        """Return the citations by a document, or those of one."""
        column, value = ("document", by) if by else ("target", of)
        rows = self._rows(
            'SELECT c.document, c.start, c."end", c.quote, c.target, c.printed, c.voice, c.editors,'
            " d.head, coalesce(t.head, cited.label) FROM citation AS c"
            " JOIN document AS d ON d.id = c.document"
            " LEFT JOIN document AS t ON t.id = c.target LEFT JOIN cited ON cited.id = c.target"
            f" WHERE c.{column} = ? ORDER BY d.number, c.start LIMIT ?",
            value,
            limit,
        )
        return [CitationRow(*row) for row in rows]

    def threads(self, limit: int, offset: int) -> list[ThreadRow]:
        """Return threads, those of most documents first."""
        rows = self._rows(
            "SELECT root, count(*), min(d.earliest), max(d.latest) FROM thread"
            " JOIN document AS d ON d.id = document GROUP BY root"
            " ORDER BY count(*) DESC, root LIMIT ? OFFSET ?",
            limit,
            offset,
        )
        return [ThreadRow(*row) for row in rows]

    def count_threads(self) -> int:
        """Return how many threads there are."""
        return self._count("SELECT count(DISTINCT root) FROM thread")

    def fact_counts(self, documents: Iterable[str]) -> dict[str, int]:
        """Return how many facts documents report; those with none are left out."""
        return dict(
            self._rows(
                "SELECT document, count(*) FROM fact"
                f" WHERE {_IN.format('document')} GROUP BY document",
                _array(documents),
            )
        )

    # Facts

    def fact(self, id: str) -> FactRow | None:
        """Return a fact."""
        return next(iter(self._select(FactRow, "FROM fact WHERE id = ?", id)), None)

    def facts(
        self, which: FactFilter, limit: int, offset: int, in_text: bool = False
    ) -> list[FactRow]:
        """Return facts in the order of time, or in that of one document's text."""
        where, values = _all(_fact_conditions(which))
        order = "ORDER BY document, quote_start" if in_text else "ORDER BY number"
        # Choosing by number alone lets an index do it; the wide rows are read for one page.
        chosen = f"SELECT number FROM fact {where} {order} LIMIT ? OFFSET ?"
        return self._select(
            FactRow, f"FROM fact WHERE number IN ({chosen}) {order}", *values, limit, offset
        )

    def facts_numbered(self, numbers: Sequence[int]) -> list[FactRow]:
        """Return facts by their numbers, in the order given."""
        rows = self._select(FactRow, f"FROM fact WHERE {_IN.format('number')}", _array(numbers))
        by_number = {row.number: row for row in rows}
        return [by_number[number] for number in numbers]

    def facts_by_id(self, ids: Iterable[str]) -> list[FactRow]:
        """Return facts in the order of time."""
        return self._select(
            FactRow, f"FROM fact WHERE {_IN.format('id')} ORDER BY number", _array(ids)
        )

    def count_facts(self, which: FactFilter) -> int:
        """Return how many facts there are."""
        where, values = _all(_fact_conditions(which))
        return self._count(f"SELECT count(*) FROM fact {where}", *values)

    def roles(self, facts: Iterable[int]) -> list[RoleRow]:
        """Return who and what has a part in facts, in the order of the source."""
        return self._select(
            RoleRow,
            f"FROM fact_agent WHERE {_IN.format('fact')} ORDER BY fact, role, position",
            _array(facts),
        )

    def links(self, facts: Iterable[str]) -> list[LinkRow]:
        """Return what facts respond to, and what responds to them, the likeliest first."""
        ids = _array(facts)
        one, other = (
            f"SELECT {own}, {later}, {other}, content, manner, response.confidence, asserted,"
            " reason, response.origin"
            f" FROM response JOIN fact ON fact.id = {other} WHERE {_IN.format(own)}"
            for own, later, other in (("later", 1, "earlier"), ("earlier", 0, "later"))
        )
        rows = self._rows(f"{one} UNION ALL {other} ORDER BY 1, 2 DESC, 6 DESC, 3", ids, ids)
        return [LinkRow(*row) for row in rows]

    # Acts and what becomes of them

    def acts(self, numbers: Sequence[int]) -> list[ActRow]:
        """Return what decides on the state of acts, in the order of time."""
        rows = self._rows(
            "SELECT fact.number, fact.id, kind, document, condition,"
            " coalesce(fact.earliest, document.earliest)"
            " FROM fact JOIN document ON document.id = document"
            f" WHERE {_IN.format('fact.number')} ORDER BY fact.number",
            _array(numbers),
        )
        return [ActRow(*row) for row in rows]

    def replies(self, facts: Iterable[str]) -> list[ReplyRow]:
        """Return what responds to facts, asserted or not, in the order of time."""
        rows = self._rows(
            "SELECT earlier, later, fact.number, kind, manner, asserted,"
            " coalesce(fact.earliest, document.earliest)"
            " FROM response JOIN fact ON fact.id = later JOIN document ON document.id = document"
            f" WHERE {_IN.format('earlier')} ORDER BY fact.number, earlier",
            _array(facts),
        )
        return [ReplyRow(*row) for row in rows]

    def fulfilments(self, facts: Iterable[str]) -> frozenset[str]:
        """Return those of some facts that fulfil others."""
        which = f"{_IN.format('later')} AND manner = 'fulfil' AND asserted"
        return frozenset(self._column(f"SELECT later FROM response WHERE {which}", _array(facts)))

    def documents_telling(self, facts: Sequence[int]) -> list[int]:
        """Return the numbers of the documents that tell some facts."""
        rows = self._rows(
            "SELECT DISTINCT document.number FROM fact JOIN document ON document.id = document"
            f" WHERE {_IN.format('fact.number')}",
            _array(facts),
        )
        return [number for (number,) in rows]

    # Meetings that several documents tell of

    def encounters(self, limit: int, offset: int) -> list[EncounterRow]:
        """Return them, the earliest first."""
        return self._select(
            EncounterRow, "FROM encounter ORDER BY label, id LIMIT ? OFFSET ?", limit, offset
        )

    def count_encounters(self) -> int:
        """Return how many there are."""
        return self._count("SELECT count(*) FROM encounter")

    def encounter_of(self, fact: str) -> EncounterRow | None:
        """Return the one that a fact tells of."""
        told = "(SELECT encounter FROM account WHERE fact = ?)"
        return next(
            iter(self._select(EncounterRow, f"FROM encounter WHERE id = {told}", fact)), None
        )

    def accounts(self, encounters: Iterable[str]) -> dict[str, list[FactRow]]:
        """Return the facts that tell of each, those of records first."""
        columns = ", ".join(f"f.{field.name}" for field in fields(FactRow))
        rows = self._rows(
            f"SELECT encounter, {columns} FROM account JOIN fact AS f ON f.id = fact"
            f" WHERE {_IN.format('encounter')} ORDER BY encounter, position",
            _array(encounters),
        )
        found: dict[str, list[FactRow]] = {}
        for encounter, *row in rows:
            found.setdefault(encounter, []).append(FactRow(*row))
        return found

    def omissions(self, facts: Iterable[str]) -> dict[str, list[str]]:
        """Return whom facts leave out that another account of the same meeting names."""
        sql = f"SELECT fact, entity FROM omission WHERE {_IN.format('fact')} ORDER BY 1, 2"
        return _grouped(self._rows(sql, _array(facts)))

    # Relations

    def relations(self, which: RelationFilter, limit: int, offset: int) -> list[RelationRow]:
        """Return what an entity did with others, the most frequent first."""
        groups, values = _relation_groups(which)
        return self._select(
            RelationRow,
            f"FROM ({groups}) ORDER BY count DESC, predicate, subject, object LIMIT ? OFFSET ?",
            *values,
            limit,
            offset,
        )

    def count_relations(self, which: RelationFilter) -> int:
        """Return with how many others, by predicate and direction, an entity did something."""
        groups, values = _relation_groups(which)
        return self._count(f"SELECT count(*) FROM ({groups})", *values)

    def facts_of(
        self, relations: Sequence[RelationRow], first: str | None, last: str | None, limit: int
    ) -> list[list[str]]:
        """Return the ids of the first facts behind each of some relations, in the order of time."""
        days, values = _all(_fact_days(first, last), "AND")
        ends = [(each.subject, each.predicate, each.object) for each in relations]
        found = self._column(
            "SELECT (SELECT json_group_array(id) FROM (SELECT id FROM relation JOIN fact"
            " ON number = fact WHERE subject = json_each.value ->> 0"
            " AND predicate = json_each.value ->> 1 AND object = json_each.value ->> 2"
            f" {days} ORDER BY fact LIMIT ?)) FROM json_each(?) ORDER BY json_each.key",
            *values,
            limit,
            json.dumps(ends),
        )
        return [json.loads(ids) for ids in found]

    # Search

    def find_documents(
        self, match: str, limit: int, offset: int, which: SearchFilter = EVERYTHING
    ) -> list[FoundRow]:
        """Return the documents that hold words, the best match first."""
        return self.passages(match, self._best("document", match, which, limit, offset))

    def find_facts(
        self, match: str, limit: int, offset: int, which: SearchFilter = EVERYTHING
    ) -> list[FoundRow]:
        """Return the facts that hold words, the best match first."""
        columns = "id, d.content, document, date, NULL, earliest, latest"
        best = self._best("fact", match, which, limit, offset)
        return self._found("fact", 1, columns, match, best)

    def count_found(self, table: str, match: str, which: SearchFilter = EVERYTHING) -> int:
        """Return how many documents or facts (the name of the table) hold words."""
        source, values = _searched(table, match, which)
        return self._count(f"SELECT count(*) FROM {source}", *values)

    def found(self, table: str, match: str) -> facets.Numbers:
        """Return the numbers of the documents or facts (the table) that hold words.

        The best match comes first; of more than MOST_RANKED the order is that of the numbers,
        for to weigh them all would take longer than a reader waits.
        """
        search = f"{table}_search"
        order = "rank, rowid" if self.count_found(table, match) <= MOST_RANKED else "rowid"
        rows = self._rows(
            f"SELECT rowid FROM {search} WHERE {search} MATCH ? ORDER BY {order}", match
        )
        return np.fromiter((row[0] for row in rows), np.int32, len(rows))

    def passages(self, match: str, best: list[int]) -> list[FoundRow]:
        """Return documents that hold words, by their numbers, each with its best passage."""
        columns = "id, d.head, id, sent, sent_printed, earliest, latest"
        return self._found("document", -1, columns, match, best)

    def highlighted(self, match: str, facts: Iterable[int]) -> dict[str, tuple[str, str]]:
        """Return content and quote of facts by id, with marks around the words found."""
        rows = self._rows(
            "SELECT f.id, highlight(fact_search, 0, ?1, ?2), highlight(fact_search, 1, ?1, ?2)"
            " FROM fact_search JOIN fact AS f ON f.number = fact_search.rowid"
            " WHERE fact_search MATCH ?3"
            " AND +fact_search.rowid IN (SELECT value FROM json_each(?4))",
            MARK,
            UNMARK,
            match,
            _array(facts),
        )
        return {id: (content, quote) for id, content, quote in rows}

    def matches(self, match: str, limit: int) -> list[str]:
        """Return the paths of the documents and facts that hold words, at most so many."""
        found = (
            f"SELECT '{table}/' || d.id FROM {table}_search JOIN {table} AS d"
            f" ON d.number = {table}_search.rowid WHERE {table}_search MATCH ?1"
            for table in ("document", "fact")
        )
        return self._column(f"{' UNION ALL '.join(found)} LIMIT ?2", match, limit)

    def _best(
        self, table: str, match: str, which: SearchFilter, limit: int, offset: int
    ) -> list[int]:
        source, values = _searched(table, match, which)
        order = f"ORDER BY rank, {table}_search.rowid LIMIT ? OFFSET ?"
        rows = self._rows(
            f"SELECT {table}_search.rowid FROM {source} {order}", *values, limit, offset
        )
        return [row[0] for row in rows]

    def _found(
        self, table: str, passage: int, columns: str, match: str, best: list[int]
    ) -> list[FoundRow]:
        """Cut the passages out of the best only, because the whole text is read for one."""
        search = f"{table}_search"
        # With the plus sign the words are looked up once, and not again for each number.
        rows = self._rows(
            f"SELECT {search}.rowid, snippet({search}, {passage}, ?, ?, '…', 24), {columns}"
            f" FROM {search} JOIN {table} AS d ON d.number = {search}.rowid"
            f" WHERE {search} MATCH ? AND {_IN.format(f'+{search}.rowid')}",
            MARK,
            UNMARK,
            match,
            _array(best),
        )
        found = {row[0]: FoundRow(*row[1:]) for row in rows}
        return [found[number] for number in best]

    # Choosing by many features

    @property
    def document_table(self) -> facets.Table:
        """All documents with the features by which they can be chosen."""
        return self._table("document", self._read_documents)

    @property
    def fact_table(self) -> facets.Table:
        """All facts with the features by which they can be chosen."""
        return self._table("fact", self._read_facts)

    @property
    def ties(self) -> Ties:
        """Who had to do with whom, with the places of the facts in their table."""
        numbers = self.fact_table.numbers
        return self._table("ties", lambda: tied(self._tie_groups(numbers)))

    @property
    def calendar(self) -> Calendar:
        """The days of the documents, and which were read for facts."""
        return self._table("calendar", lambda: calendar(self._dated()))

    def read_tables(self) -> None:
        """Read all tables now, so that no reader waits for it: seconds for 400,000 facts."""
        _ = self.document_table, self.fact_table, self.ties, self.calendar

    def share(self, other: Side) -> bool:
        """Use the tables of another version, if its file is the same: updates make no new one."""
        with suppress(FileNotFoundError):  # The other version may have been removed.
            if self._path.samefile(other._path):
                self._reading, self._tables = other._reading, other._tables
                return True
        return False

    def _table(self, name: str, read: Callable[[], _Arrays]) -> _Arrays:
        """Return a table, which the first who wants it reads."""
        with self._reading:
            if name not in self._tables:
                self._tables[name] = read()
            found: _Arrays = self._tables[name]
            return found

    def _read_documents(self) -> facets.Table:
        numbers = self._numbers("document")
        size, groups = len(numbers), partial(self._groups, "document", numbers)
        agents = self._everything(
            "SELECT role, entity, group_concat(number) FROM document_agent"
            " CROSS JOIN document ON id = document GROUP BY entity, role"
        )
        return facets.Table(
            numbers,
            {
                "volume": facets.single(size, groups("volume")),
                "form": facets.single(size, groups("form")),
                "days": facets.days(size, groups("earliest, latest")),
                **_by_role(("sender", "recipient"), numbers, agents),
            },
        )

    def _read_facts(self) -> facets.Table:
        numbers = self._numbers("fact")
        size, groups = len(numbers), partial(self._groups, "fact", numbers)
        kept = list(groups("status, force, confidence"))
        documents = list(groups("document"))
        of_documents = {
            id: (form, earliest, latest)
            for id, form, earliest, latest in self._everything(
                "SELECT id, form, earliest, latest FROM document"
            )
        }
        # The date of a document counts for those of its facts that have none.
        dates = chain(
            ((*of_documents[id][1:], facts) for id, facts in documents), groups("earliest, latest")
        )
        agents = self._everything(
            "SELECT role, entity, group_concat(fact) FROM fact_agent"
            " WHERE entity IS NOT NULL GROUP BY entity, role"
        )
        everybody = ((entity, _places(numbers, facts)) for _, entity, facts in agents)
        return facets.Table(
            numbers,
            {
                "kind": facets.single(size, groups("kind")),
                "status": facets.single(size, ((status, facts) for status, *_, facts in kept)),
                "force": facets.single(size, ((force, facts) for _, force, _, facts in kept)),
                "min_confidence": facets.levels(size, (each[2:] for each in kept)),
                "volume": facets.single(size, ((id.split("/")[0], of) for id, of in documents)),
                "form": facets.single(size, ((of_documents[id][0], of) for id, of in documents)),
                "days": facets.days(size, dates),
                **_by_role(ROLES, numbers, agents),
                "entity": facets.several(size, everybody),
            },
        )

    def _dated(self) -> Iterator[tuple[int, str, str, bool]]:
        """Yield the dated documents; a program reads whole volumes, a curator single documents."""
        told = self._everything("SELECT DISTINCT document, origin FROM fact")
        volumes = {id.split("/")[0] for id, origin in told if origin.startswith("run/acts-")}
        curated = {id for id, origin in told if origin.startswith("curation/")}
        for number, id, volume, day in self._everything(
            "SELECT number, id, volume, earliest FROM document"
            " WHERE earliest IS NOT NULL ORDER BY number"
        ):
            yield number, volume, day, volume in volumes or id in curated

    def _tie_groups(self, numbers: facets.Numbers) -> Iterator[Group]:
        """Yield who did what to whom with the places of the facts; "met" is taken once."""
        for subject, predicate, object_, group in self._everything(
            "SELECT subject, predicate, object, group_concat(fact) FROM relation"
            " WHERE predicate <> 'met' OR subject < object GROUP BY subject, predicate, object"
        ):
            yield subject, predicate, object_, _places(numbers, group)

    def _numbers(self, table: str) -> facets.Numbers:
        """Return the numbers of all documents or facts; an index that is narrow has them."""
        rows = self._everything(f"SELECT number FROM {table} ORDER BY number")
        return np.fromiter((row[0] for row in rows), np.int32, len(rows))

    def _groups(self, table: str, numbers: facets.Numbers, columns: str) -> Iterator[Any]:
        """Yield each combination of values of some columns, with the places of those that have it.

        SQLite puts the numbers of a group into one text: a row for each would take ten times as
        long.
        """
        for *values, group in self._everything(
            f"SELECT {columns}, group_concat(number) FROM {table} GROUP BY {columns}"
        ):
            yield *values, _places(numbers, group)

    def _everything(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of a table, which is done once and takes the time that it takes."""
        patient = copy(self)
        patient._seconds = math.inf
        return patient._rows(sql)

    # Counts

    @cached_property
    def totals(self) -> dict[str, int]:
        """How many there are of each thing."""
        return dict(self._rows("SELECT name, value FROM total ORDER BY name"))

    @cached_property
    def facts_by_kind(self) -> dict[str, int]:
        """How many facts there are of each kind."""
        return dict(self._rows("SELECT kind, count(*) FROM fact GROUP BY kind ORDER BY kind"))

    @cached_property
    def facts_by_year(self) -> dict[str, int]:
        """How many facts begin in each year; those without a first day are left out."""
        return dict(
            self._rows(
                "SELECT substr(earliest, 1, 4) AS year, count(*) FROM fact"
                " WHERE earliest IS NOT NULL GROUP BY year ORDER BY year"
            )
        )

    @cached_property
    def documents_by_volume(self) -> dict[str, int]:
        """How many documents each volume has."""
        return dict(self._rows("SELECT id, documents FROM volume ORDER BY id"))

    @cached_property
    def entities_by_type(self) -> dict[str, int]:
        """How many entities there are of each type."""
        return dict(self._rows("SELECT type, count(*) FROM entity GROUP BY type ORDER BY type"))

    @cached_property
    def links_by_state(self) -> dict[str, int]:
        """How many entities are linked to Wikidata, and how many not, by the state of the link."""
        return dict(
            self._rows("SELECT link_state, count(*) FROM entity GROUP BY link_state ORDER BY 1")
        )

    # The file

    def _select(self, row: type[_Row], rest: str, *values: Parameter) -> list[_Row]:
        """Return rows of a dataclass: `rest` is what follows the columns."""
        columns = ", ".join(field.name for field in fields(row))
        return [row(*found) for found in self._rows(f"SELECT {columns} {rest}", *values)]

    def _column(self, sql: str, *values: Parameter) -> list[str]:
        return [row[0] for row in self._rows(sql, *values)]

    def _count(self, sql: str, *values: Parameter) -> int:
        return int(self._rows(sql, *values)[0][0])

    def _rows(self, sql: str, *values: Parameter) -> list[tuple[Any, ...]]:
        """Run one statement; all SQL of the server goes through here."""
        try:
            with self._connection() as connection:
                return connection.execute(sql, values).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            raise QueryTimeout(
                f"This took longer than {self._seconds:g} seconds and was stopped.",
                hint="Narrow the list with more filters.",
                limit=self._seconds,
            ) from error

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection to this thread, and set the time at which it stops."""
        connection = self._idle.pop() if self._idle else self._open()
        end = time.monotonic() + self._seconds
        connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        try:
            yield connection
        finally:
            self._idle.append(connection)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._address, uri=True, check_same_thread=False, cached_statements=256
        )
        connection.execute("PRAGMA query_only = 1")
        connection.execute("PRAGMA mmap_size = 268435456")
        return connection


# Conditions: each is SQL and its values; those of one statement must all hold.

_Condition = tuple[str, tuple[Parameter, ...]]

_IN = "{} IN (SELECT value FROM json_each(?))"


def _array(values: Iterable[str] | Iterable[int]) -> str:
    return json.dumps(list(values))


def _all(conditions: Iterable[_Condition], keyword: str = "WHERE") -> tuple[str, list[Parameter]]:
    """Join conditions behind a keyword; none at all is the empty text."""
    given = list(conditions)
    sql = " AND ".join(f"({sql})" for sql, _ in given)
    return f"{keyword} {sql}" if given else "", [value for _, values in given for value in values]


def _one_of(column: str, values: Sequence[str]) -> Iterator[_Condition]:
    if len(values) == 1:  # Then an index gives the rows in order.
        yield f"{column} = ?", (values[0],)
    elif values:
        yield _IN.format(column), (_array(values),)


def _of_types(column: str, types: Sequence[str]) -> Iterator[_Condition]:
    """That an entity's id says that it has one of the types."""
    if types:
        yield _IN.format(f"substr({column}, 1, instr({column}, '/') - 1)"), (_array(types),)


def _in_volumes(column: str, volumes: Sequence[str]) -> Iterator[_Condition]:
    """That a document's id begins with the name of a volume: "0" is the sign behind "/"."""
    if volumes:
        ends = [end for volume in volumes for end in (f"{volume}/", f"{volume}0")]
        yield " OR ".join([f"{column} >= ? AND {column} < ?"] * len(volumes)), tuple(ends)


def _days(first: str | None, last: str | None, of: str = "") -> Iterator[_Condition]:
    """That the days which a date can mean overlap these; undated things do not.

    Only the two columns that an index holds are looked at. `of` is the table with a full stop.
    """
    if first or last:
        yield f"{of}earliest IS NOT NULL OR {of}latest IS NOT NULL", ()
    if first:
        yield f"{of}latest IS NULL OR {of}latest >= ?", (first,)
    if last:
        yield f"{of}earliest IS NULL OR {of}earliest <= ?", (last,)


def _fact_days(first: str | None, last: str | None) -> Iterator[_Condition]:
    """That facts are of these days: by their own date, or by that of their document.

    Most acts in a telegram have no other date than the telegram.
    """
    overlap, days = _all(_days(first, last))
    if overlap:
        documents = (
            f"SELECT id FROM document WHERE number IN (SELECT number FROM document {overlap})"
        )
        yield (
            f"fact.number IN (SELECT number FROM fact {overlap} UNION ALL"
            f" SELECT number FROM fact WHERE document IN ({documents})"
            " AND earliest IS NULL AND latest IS NULL)",
            (*days, *days),
        )


def _found_days(table: str, first: str | None, last: str | None) -> Iterator[_Condition]:
    """The same of what words find, where each fact is joined to its document anyway."""
    sent, days = _all(_days(first, last, "document."), "")
    own, _ = _all(_days(first, last, "fact."), "")
    if sent and table == "fact":
        undated = "fact.earliest IS NULL AND fact.latest IS NULL"
        yield f"CASE WHEN {undated} THEN {sent} ELSE {own} END", (*days, *days)
    elif sent:
        yield sent, tuple(days)


def _matching(table: str, match: str | None) -> Iterator[_Condition]:
    if match is not None:
        search = f"{table}_search"
        yield f"number IN (SELECT rowid FROM {search} WHERE {search} MATCH ?)", (match,)


# A cross join is not reordered: what the words find comes first, and is looked up by its number.
_JOINS = {
    "document": "CROSS JOIN document ON document.number = document_search.rowid",
    "fact": "CROSS JOIN fact ON fact.number = fact_search.rowid"
    " CROSS JOIN document ON document.id = fact.document",
}


def _searched(table: str, match: str, which: SearchFilter) -> tuple[str, list[Parameter]]:
    """Return what to select from, with its condition, for what holds words."""
    search = f"{table}_search"
    conditions: list[_Condition] = [
        (f"{search} MATCH ?", (match,)),
        *_one_of("volume", which.volumes),
        *_one_of("form", which.forms),
        *_found_days(table, which.first, which.last),
    ]
    where, values = _all(conditions)
    joins = _JOINS[table] if len(conditions) > 1 else ""
    return f"{search} {joins} {where}", values


def _document_conditions(which: DocumentFilter) -> Iterator[_Condition]:
    yield from _one_of("volume", which.volumes)
    yield from _one_of("form", which.forms)
    for role, entities in (("sender", which.senders), ("recipient", which.recipients)):
        if entities:
            chosen = (
                f"SELECT document FROM document_agent WHERE role = ? AND {_IN.format('entity')}"
            )
            yield f"id IN ({chosen})", (role, _array(entities))
    if which.mentions:
        chosen = f"SELECT document FROM mention WHERE {_IN.format('entity')}"
        yield f"id IN ({chosen})", (_array(which.mentions),)
    yield from _days(which.first, which.last)
    yield from _matching("document", which.match)


def _fact_conditions(which: FactFilter) -> Iterator[_Condition]:
    yield from _one_of("kind", which.kinds)
    yield from _one_of("status", which.statuses)
    yield from _one_of("force", which.forces)
    yield from _one_of("document", which.documents)
    yield from _in_volumes("document", which.volumes)
    yield from _one_of("(SELECT form FROM document WHERE id = fact.document)", which.forms)
    for role, entities in which.roles:
        chosen = f"SELECT fact FROM fact_agent WHERE {_IN.format('entity')}"
        with_role = f"{chosen} AND role = ?" if role else chosen
        yield f"number IN ({with_role})", (_array(entities), *([role] if role else []))
    yield from _fact_days(which.first, which.last)
    yield from _matching("fact", which.match)
    if which.confidence is not None:
        yield "confidence >= ?", (which.confidence,)


def _beginning(words: str) -> str:
    """Write folded words as a search for names in which they follow each other, the last begun."""
    return f'"{words}"*'


def _entity_conditions(which: EntityFilter) -> Iterator[_Condition]:
    yield from _one_of("type", which.types)
    if which.words:
        words = " ".join(map(_beginning, which.words))
        yield "id IN (SELECT entity FROM name_search WHERE name_search MATCH ?)", (words,)
    if which.linked is not None:
        yield f"link_state {'=' if which.linked else '<>'} 'linked'", ()


def _relation_groups(which: RelationFilter) -> tuple[str, list[Parameter]]:
    """Group the relations from an entity and to it; "met" is stored both ways, and taken once."""
    parts, values = [], list[Parameter]()
    for mine, other, once in (("subject", "object", ""), ("object", "subject", "met")):
        where, given = _all(_relation_conditions(which, mine, other, once))
        parts.append(
            "SELECT subject, predicate, object, count(*) AS count FROM relation"
            f" {'JOIN fact ON number = fact' if which.first or which.last else ''}"
            f" {where} GROUP BY predicate, {other}"
        )
        values += given
    return " UNION ALL ".join(parts), values


def _relation_conditions(
    which: RelationFilter, mine: str, other: str, once: str
) -> Iterator[_Condition]:
    yield f"{mine} = ?", (which.entity,)
    yield from _one_of("predicate", which.predicates)
    yield from _one_of(other, which.others)
    if once:
        yield "predicate <> ?", (once,)
    yield from _fact_days(which.first, which.last)


def _places(numbers: facets.Numbers, group: str) -> facets.Numbers:
    """Return the places of a group of numbers, "3,5,8", among all."""
    return np.searchsorted(numbers, np.fromstring(group, np.int32, sep=",")).astype(np.int32)


def _by_role(
    roles: Sequence[str], numbers: facets.Numbers, agents: Sequence[tuple[str, str, str]]
) -> dict[str, facets.Feature]:
    """Make a feature of each role: the entities that have it, with those in which they do."""
    groups: dict[str, list[tuple[str, facets.Numbers]]] = {role: [] for role in roles}
    for role, entity, group in agents:
        if role in groups:
            groups[role].append((entity, _places(numbers, group)))
    return {role: facets.several(len(numbers), group) for role, group in groups.items()}


def _grouped(pairs: Iterable[tuple[Any, ...]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups
