"""The side file: documents, facts and entities in SQLite, for what sorts, counts and searches.

It is written from the same values as the quads. Each volume has a part of its own, made by
the process that reads the volume; `assemble` joins the parts, numbers the facts in the order
of time and builds the full-text indexes.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from importlib.resources import files
from itertools import permutations
from pathlib import Path
from typing import Any

import orjson

from ingest.chains import Chains, Reference
from ingest.encounters import Encounters
from ingest.lives import Active
from ingest.model import (
    Agent,
    Division,
    Document,
    Entity,
    Fact,
    Kind,
    Response,
    Tenure,
    Volume,
    WikidataLink,
)
from ontology.names import fold

LAYOUT = 5
"""The version of the layout, as `PRAGMA user_version` of the file says it."""

PREDICATES = {
    Kind.REQUEST: "asked",
    Kind.OFFER: "offered",
    Kind.COMMITMENT: "promised",
    Kind.REFUSAL: "refused",
}
"""What the actor of an act does to its addressee, as the `relation` table names it."""

Row = tuple[Any, ...]
Holder = tuple[str, Tenure]
"""A person, and the time in an office."""


def schema() -> tuple[str, str]:
    """Return the SQL that makes the tables of an empty side file, and that of its indexes."""
    sql = files("ingest").joinpath("side.sql").read_text(encoding="utf-8")
    tables, mark, indexes = sql.partition("-- Indexes")
    return tables, mark + indexes


_UNSAFE = "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;"
"""Nothing is lost by it: a file that was not finished is never used."""


class Part:
    """The rows of one volume. Numbers are its own: `assemble` makes them those of the whole."""

    def __init__(self, path: Path) -> None:
        """Make an empty part at a path that does not exist."""
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(_UNSAFE + schema()[0])
        self._db.execute("BEGIN")
        self._documents = 0
        self._facts = 0

    def add_document(
        self,
        document: Document,
        facts: Sequence[Fact],
        states: dict[str, list[str]],
        responses: Iterable[Response] = (),
    ) -> None:
        """Add a document with its facts; `states` gives the acting states by id of a fact.

        `responses` are those of its facts.
        """
        self._documents += 1
        self._insert("document", [_document(self._documents, document)])
        self._insert("document_agent", sorted(set(_document_agents(document))))
        self._insert("mention", _mentions(document))
        for fact in facts:
            self._facts += 1
            self._insert("fact", [_fact(self._facts, fact)])
            self._insert("fact_agent", list(_agents(self._facts, fact, states.get(fact.id, []))))
            self._insert("relation", sorted(set(_relations(self._facts, fact))))
        self._insert("response", [*map(_response, responses)])

    def add_division(self, division: Division) -> None:
        """Add a compilation or chapter."""
        row = (division.volume, division.id, division.kind, division.head, division.parent)
        self._insert("division", [row])

    def add_entity(self, entity: Entity) -> None:
        """Add an entity that only this volume knows."""
        _add_entity(self._db, entity)

    def add_volume(self, volume: Volume) -> None:
        """Add the volume itself, once its documents are there to be counted."""
        row = (volume.id, volume.title, volume.subseries, volume.number, volume.published)
        self._insert("volume", [(*row, volume.page, self._documents)])

    def __enter__(self) -> "Part":
        return self

    def __exit__(self, *_: object) -> None:
        self._db.execute("CREATE INDEX fact_by_document ON fact (document)")
        self._db.execute("COMMIT")
        self._db.close()

    def _insert(self, table: str, rows: Sequence[Row]) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def _document(number: int, document: Document) -> Row:
    sent, pages = document.sent, document.pages
    return (
        number,
        document.key,
        document.volume,
        document.division,
        document.form.value,
        document.number,
        document.head,
        document.sender.printed if document.sender else None,
        document.recipient.printed if document.recipient else None,
        document.place,
        sent.edtf if sent else None,
        sent.printed if sent else None,
        sent.earliest if sent else None,
        sent.latest if sent else None,
        document.received.edtf if document.received else None,
        document.telegram_number,
        document.classification,
        document.precedence,
        document.source,
        pages[0].page if pages else None,
        pages[-1].page if pages else None,
        document.page,
        document.words,
        document.text,
        _layout(document),
    )


def _layout(document: Document) -> str:
    """Return what is needed to print the document, as JSON."""
    notes = [
        {"id": n.id, "mark": n.mark, "kind": n.kind, "offset": n.offset, "text": n.text}
        for n in document.notes
    ]
    return orjson.dumps(
        {
            "blocks": document.blocks,
            "pages": document.pages,
            "notes": notes,
            "mentions": document.mentions,
            "references": document.references,
            "redactions": document.redactions,
        }
    ).decode()


def _document_agents(document: Document) -> Iterator[Row]:
    for role, party in (("sender", document.sender), ("recipient", document.recipient)):
        for entity in party.entities if party else ():
            yield document.key, role, entity
    for party in document.participants:
        yield from ((document.key, "participant", entity) for entity in party.entities)
    yield from ((document.key, "signer", entity) for entity in document.signers)


def _mentions(document: Document) -> list[Row]:
    times = Counter(mention.entity for mention in document.mentions if mention.entity)
    return [(entity, document.key, number) for entity, number in sorted(times.items())]


def _fact(number: int, fact: Fact) -> Row:
    date, trigger = fact.date, fact.trigger
    return (
        number,
        fact.id,
        fact.document,
        fact.kind.value,
        fact.status,
        fact.force,
        fact.content,
        fact.quote.exact,
        fact.quote.start,
        fact.quote.end,
        trigger.exact if trigger else None,
        trigger.start if trigger else None,
        trigger.end if trigger else None,
        json.dumps([[q.exact, q.start, q.end] for q in fact.support], ensure_ascii=False),
        date.edtf if date else None,
        date.earliest if date else None,
        date.latest if date else None,
        fact.location,
        fact.condition,
        fact.deadline,
        fact.quantity,
        fact.voice,
        fact.confidence,
        fact.origin,
    )


def _agents(number: int, fact: Fact, states: Iterable[str]) -> Iterator[Row]:
    groups: dict[str, tuple[Agent, ...]] = {
        "actor": fact.actors,
        "addressee": fact.addressees,
        "participant": fact.participants,
        "presented_by": fact.presented_by,
        "reported_by": fact.reported_by,
        "about": tuple(Agent(entity) for entity in fact.about),
        "location": (Agent(fact.location),) if fact.location else (),
        "acting_state": tuple(Agent(state) for state in states),
    }
    for role, agents in groups.items():
        for position, agent in enumerate(agents):
            yield number, role, position, agent.entity, agent.printed


def _response(one: Response) -> Row:
    row = (one.later, one.earlier, one.manner.value, one.confidence)
    return (*row, int(one.asserted), one.reason, one.origin)


def _relations(number: int, fact: Fact) -> Iterator[Row]:
    if fact.kind is Kind.MEETING:
        met = [agent.entity for agent in fact.participants if agent.entity]
        if fact.status == "held":
            yield from ((one, "met", other, number) for one, other in permutations(met, 2))
        return
    for actor in fact.actors:
        for addressee in fact.addressees:
            if actor.entity and addressee.entity:
                yield actor.entity, PREDICATES[fact.kind], addressee.entity, number


# The whole

_DOCUMENTS = """
INSERT INTO volume SELECT * FROM part.volume;
INSERT INTO division SELECT * FROM part.division;
INSERT INTO entity SELECT * FROM part.entity;
INSERT INTO name SELECT * FROM part.name;
INSERT INTO document SELECT NULL, {document} FROM part.document ORDER BY number;
INSERT INTO document_agent SELECT * FROM part.document_agent;
INSERT INTO mention SELECT * FROM part.mention;
INSERT INTO response SELECT * FROM part.response;
INSERT INTO unordered
    SELECT {part}, fact.number, document.number, fact.quote_start, fact.id,
        coalesce(fact.earliest, fact.latest, document.earliest, '9999')
    FROM part.fact JOIN main.document ON document.id = fact.document;
"""

_FACTS = """
INSERT INTO fact SELECT place.number, {fact}
    FROM part.fact JOIN place ON place.part = {part} AND place.was = fact.number;
INSERT INTO fact_agent SELECT place.number, role, position, entity, printed
    FROM part.fact_agent JOIN place ON place.part = {part} AND place.was = fact;
INSERT INTO relation SELECT subject, predicate, object, place.number
    FROM part.relation JOIN place ON place.part = {part} AND place.was = fact;
"""

_UNORDERED = "CREATE TEMP TABLE unordered (part, was, document, start, id, day);"

_PLACE = """
CREATE TEMP TABLE place AS
    SELECT part, was, row_number() OVER (ORDER BY day, document, start, id) AS number
    FROM unordered;
CREATE UNIQUE INDEX temp.place_was ON place (part, was);
"""

_FINISH = """
CREATE TEMP TABLE used AS
    SELECT entity, count(DISTINCT fact) AS facts FROM fact_agent GROUP BY entity;
CREATE UNIQUE INDEX temp.used_entity ON used (entity);
CREATE TEMP TABLE seen AS
    SELECT entity, count(DISTINCT document) AS documents FROM (
        SELECT entity, document FROM document_agent
        UNION ALL SELECT entity, document FROM mention
        UNION ALL SELECT entity, document FROM fact_agent JOIN fact ON number = fact
    ) GROUP BY entity;
CREATE UNIQUE INDEX temp.seen_entity ON seen (entity);
UPDATE entity SET
    facts = coalesce((SELECT facts FROM used WHERE used.entity = id), 0),
    documents = coalesce((SELECT documents FROM seen WHERE seen.entity = id), 0);
INSERT INTO name_search SELECT folded, entity, name, preferred FROM name;
INSERT INTO document_search (document_search) VALUES ('rebuild');
INSERT INTO fact_search (fact_search) VALUES ('rebuild');
"""

_ACTIVE = """
SELECT entity, CAST(min(latest) AS INTEGER), CAST(max(earliest) AS INTEGER)  -- of 1944-10-17: 1944
    FROM document_agent JOIN document ON document.id = document
    WHERE role IN ('sender', 'signer', 'participant') GROUP BY entity
"""

_TOTALS = """
SELECT 'documents', count(*) FROM document
UNION ALL SELECT 'entities', count(*) FROM entity
UNION ALL SELECT 'facts', count(*) FROM fact
UNION ALL SELECT 'links', count(*) FROM entity WHERE link_state = 'linked'
UNION ALL SELECT 'volumes', count(*) FROM volume
"""


def assemble(
    path: Path,
    parts: Sequence[Path],
    entities: Collection[Entity],
    chains: Chains,
    encounters: Encounters,
    responses: Iterable[Response],
) -> dict[str, int]:
    """Join the parts into one side file at a path that does not exist; return its totals."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        tables, indexes = schema()
        db.executescript(_UNSAFE + tables + _UNORDERED)
        _from_parts(db, parts, _DOCUMENTS)
        db.executescript(_PLACE)
        _from_parts(db, parts, _FACTS)
        holders = _holders(entities)
        db.execute("BEGIN")
        for entity in entities:
            _add_entity(db, entity, holders.get(entity.id, ()))
        _add_chains(db, chains)
        _add_encounters(db, encounters)
        rows = map(_response, responses)
        db.executemany("INSERT OR IGNORE INTO response VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        db.execute("COMMIT")
        db.executescript(indexes + _FINISH)
        db.executescript("ANALYZE")
        return dict(db.execute(_TOTALS))


def _add_chains(db: sqlite3.Connection, chains: Chains) -> None:
    """Add who cites what, the threads, and the order by number."""
    only = [
        (one.id, one.label, one.sender, one.recipient, one.number, one.sent)
        for _, one in sorted(chains.cited.items())
    ]
    db.executemany("INSERT INTO cited VALUES (?, ?, ?, ?, ?, ?)", only)
    rows = sorted({_citation(reference) for reference in chains.references})
    db.executemany("INSERT OR IGNORE INTO citation VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    for document, root in sorted(chains.roots().items()):
        step = chains.steps.get(document)
        row = (document, root, step.before if step else None, step.relation if step else None)
        db.execute("INSERT INTO thread SELECT ?, ?, ?, ?, number FROM document WHERE id = ?1", row)
    db.executemany("INSERT INTO numbering VALUES (?, ?)", chains.by_number.neighbours())


def _add_encounters(db: sqlite3.Connection, encounters: Encounters) -> None:
    """Add which accounts tell of one meeting, and whom each leaves out."""
    for one in encounters.encounters:
        rules = ", ".join(sorted(one.rules))
        row = (one.id, one.label, one.confidence, rules)
        db.execute("INSERT INTO encounter VALUES (?, ?, ?, ?)", row)
        rows = ((each.fact, one.id, place) for place, each in enumerate(one.accounts))
        db.executemany("INSERT INTO account VALUES (?, ?, ?)", rows)
    db.executemany("INSERT INTO omission VALUES (?, ?)", sorted(encounters.omitted))


def _citation(reference: Reference) -> Row:
    quote = reference.citation.quote
    voice = "editor" if reference.by_editors else "sender"
    target = reference.target.removeprefix("document/")
    row = (reference.document, quote.start, quote.end, quote.exact, target)
    return (*row, int(reference.printed is not None), voice, reference.editors)


def active_years(parts: Iterable[Path]) -> dict[str, Active]:
    """Return the years in which persons sent, signed or took part in the documents of some parts.

    A document that may be of several years counts for the years that it speaks for at least.
    """
    years: dict[str, Active] = {}
    for part in parts:
        with closing(sqlite3.connect(part)) as db:
            for entity, *own in db.execute(_ACTIVE):
                known = years.get(entity, Active(None, None))
                firsts, lasts = ([a, b] for a, b in zip(known, own, strict=True))
                years[entity] = Active(
                    min(filter(None, firsts), default=None), max(filter(None, lasts), default=None)
                )
    return years


def keep_totals(path: Path, totals: Mapping[str, int]) -> None:
    """Keep counts in a side file, so that nobody has to take them again."""
    with closing(sqlite3.connect(path)) as db, db:
        db.executemany("INSERT INTO total VALUES (?, ?)", totals.items())


def _holders(entities: Iterable[Entity]) -> dict[str, list[Holder]]:
    """Return who held each office, in the order of time."""
    held: dict[str, list[Holder]] = {}
    for entity in entities:
        for tenure in entity.tenures:
            held.setdefault(tenure.position, []).append((entity.id, tenure))
    for holders in held.values():
        holders.sort(key=lambda one: (one[1].start or "", one[0]))
    return held


def _add_entity(db: sqlite3.Connection, entity: Entity, holders: Sequence[Holder] = ()) -> None:
    row = _entity(entity, holders)
    db.execute(f"INSERT INTO entity VALUES ({', '.join('?' * 16)})", row)
    db.executemany("INSERT OR IGNORE INTO name VALUES (?, ?, ?, ?)", _names(entity))


def _from_parts(db: sqlite3.Connection, parts: Sequence[Path], statements: str) -> None:
    columns = {table: ", ".join(_columns(db, table)[1:]) for table in ("document", "fact")}
    columns["fact"] = ", ".join(f"fact.{name}" for name in _columns(db, "fact")[1:])
    for number, part in enumerate(parts):
        db.execute("ATTACH ? AS part", (str(part),))
        db.executescript(f"BEGIN; {statements.format(part=number, **columns)} COMMIT;")
        db.execute("DETACH part")


def _columns(db: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in db.execute(f"PRAGMA main.table_info({table})")]


def _entity(entity: Entity, holders: Sequence[Holder]) -> Row:
    link = entity.link
    item = link if link.exact else WikidataLink(link.state)
    latitude, longitude = entity.coordinates or item.coordinates or (None, None)
    record = {
        "member_of": entity.member_of,
        "tenures": [asdict(tenure) for tenure in entity.tenures],
        "holders": [{"person": person, **asdict(tenure)} for person, tenure in holders],
        "dated_names": [asdict(name) for name in entity.dated_names],
        "existed": entity.existed,
        "born": entity.born or item.born,
        "died": entity.died or item.died,
        "listed_as": entity.listed_as,
        "alternatives": [asdict(one) for one in link.alternatives],
    }
    return (
        entity.id,
        entity.type,
        entity.label,
        entity.description,
        link.state,
        link.item,
        int(link.exact) if link.item else None,
        link.confidence if link.item else None,
        link.evidence,
        latitude,
        longitude,
        entity.represents,
        entity.part_of,
        json.dumps(record, ensure_ascii=False, separators=(",", ":")),
        0,
        0,
    )


def _names(entity: Entity) -> Iterator[Row]:
    for preferred, name in ((1, entity.label), *((0, name) for name in entity.names)):
        yield fold(name), entity.id, name, preferred
