"""Make a data set with invented facts, as many as the text of its documents may hold.

    python -m bench.crowd STORE OTHER [--apart N]

STORE is a data set of `cablegraph build`, OTHER a folder that does not exist. What lies in OTHER is
the same with more facts of each document that has a sender or participants, one for N characters
of text, in the side file only: pages and JSON show them, SPARQL does not. Their words are passages
of the document, their actors and addressees its sender, recipient and those whom it mentions, one
after the other, so that the busy are as busy as in earnest. They come after all others, though
lists expect the order of time.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path
from typing import Any

import dataset
from ingest.model import Kind
from ingest.side import PREDICATES

KINDS = (
    *(Kind.REQUEST, Kind.MEETING, Kind.REQUEST, Kind.COMMITMENT, Kind.REQUEST, Kind.OFFER),
    *(Kind.REQUEST, Kind.REFUSAL, Kind.MEETING, Kind.COMMITMENT),
)
"""Kinds in about the shares in which the extractor finds them."""
WORDS = 160
"""Characters of a passage."""

_DOCUMENTS = """
SELECT document.id, earliest, latest, sent, text, sender.entity, represents,
    (SELECT group_concat(entity, ' ') FROM document_agent
        WHERE document = document.id AND role = 'recipient'),
    (SELECT group_concat(entity, ' ') FROM mention WHERE document = document.id)
FROM document
JOIN (SELECT document, min(entity) AS entity FROM document_agent
    WHERE role IN ('sender', 'participant') GROUP BY document) AS sender
    ON sender.document = document.id
JOIN entity ON entity.id = sender.entity
ORDER BY earliest, number
"""
_FACT = """
INSERT INTO fact (number, id, document, kind, status, content, quote, quote_start, quote_end,
    support, date, earliest, latest, voice, confidence, origin)
VALUES (:number, :id, :document, :kind, :status, :words, :words, :start, :end,
    '[]', :date, :earliest, :latest, 'telegram', :confidence, 'run/invented')
"""
_COUNTS = """
INSERT INTO fact_search (fact_search) VALUES ('rebuild');
CREATE TEMP TABLE used AS
    SELECT entity, count(DISTINCT fact) AS facts FROM fact_agent GROUP BY entity;
CREATE UNIQUE INDEX temp.used_entity ON used (entity);
UPDATE entity SET facts = coalesce((SELECT facts FROM used WHERE used.entity = id), 0);
UPDATE total SET value = (SELECT count(*) FROM fact) WHERE name = 'facts';
ANALYZE;
"""

Row = dict[str, Any]
Agent = tuple[int, str, int, str, str]


def invented(db: sqlite3.Connection, apart: int) -> Iterator[tuple[Row, list[Agent]]]:
    """Yield facts with those who take part in them."""
    number: int = db.execute("SELECT max(number) FROM fact").fetchone()[0]
    kinds = cycle(KINDS)
    for document, earliest, latest, sent, text, sender, state, to, mentioned in db.execute(
        _DOCUMENTS
    ):
        others = cycle([*(to or "").split(), *(mentioned or "").split()] or [sender])
        starts = range(0, max(1, len(text) - WORDS), apart)
        for start, kind in zip(starts, kinds, strict=False):
            number += 1
            words = text[start : start + WORDS]
            yield (
                {
                    "number": number,
                    "id": f"{document}/{number:08x}",
                    "document": document,
                    "kind": kind.value,
                    "status": "held" if kind is Kind.MEETING else "made",
                    "words": words,
                    "start": start,
                    "end": start + len(words),
                    "date": sent,
                    "earliest": earliest,
                    "latest": latest,
                    "confidence": 0.5 + number % 50 / 100,
                },
                [*_agents(number, kind, sender, next(others), state)],
            )


def _agents(number: int, kind: Kind, one: str, other: str, state: str | None) -> Iterator[Agent]:
    if kind is Kind.MEETING:
        yield number, "participant", 0, one, ""
        yield number, "participant", 1, other, ""
        return
    actor, addressee = (one, other) if number % 2 else (other, one)
    yield number, "actor", 0, actor, ""
    yield number, "addressee", 0, addressee, ""
    yield number, "reported_by", 0, one, ""
    if state and actor == one:
        yield number, "acting_state", 0, state, ""


def _relations(kind: Kind, agents: list[Agent]) -> list[tuple[str, str, str, int]]:
    number, (one, other) = agents[0][0], (agent[3] for agent in agents[:2])
    if kind is Kind.MEETING:
        return [(one, "met", other, number), (other, "met", one, number)]
    return [(one, PREDICATES[kind], other, number)]


def crowd(side: Path, apart: int) -> int:
    """Add facts to a side file; return how many it now has."""
    with closing(sqlite3.connect(side)) as db:
        for fact, agents in invented(db, apart):
            db.execute(_FACT, fact)
            db.executemany("INSERT INTO fact_agent VALUES (?, ?, ?, ?, ?)", agents)
            rows = _relations(Kind(fact["kind"]), agents)
            db.executemany("INSERT OR IGNORE INTO relation VALUES (?, ?, ?, ?)", rows)
        db.commit()
        db.executescript(_COUNTS)
        return int(db.execute("SELECT count(*) FROM fact").fetchone()[0])


def main() -> None:
    """Make the other data set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("other", type=Path)
    parser.add_argument("--apart", type=int, default=250)
    given = parser.parse_args()
    source = dataset.current(given.store)
    if source is None:
        parser.error(f"{given.store} holds no data set; build one with `cablegraph build`")
    given.other.mkdir()
    with dataset.new_version(given.other) as folder:
        shutil.copytree(source, folder, dirs_exist_ok=True)
        print(f"{crowd(folder / 'side.sqlite', given.apart):,} facts")
        dataset.publish(given.other, folder, source.name)


if __name__ == "__main__":
    main()
