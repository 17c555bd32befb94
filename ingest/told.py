"""Acts as documents tell them, as far as it helps to say whether one answers another.

They are read from the side file of a part: who acts towards whom, the words of the act with those
around them, and where they stand. Little enough is kept of each that annotated acts can be kept
with what they are judged by (`tests/gold/responses.jsonl.gz`).
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from ingest.model import Kind
from ingest.sentences import sentences
from ontology.names import fold

Agents = frozenset[str]
"""Those who act or are addressed: entities, and the words that name them, folded."""

BEHIND = 60
"""Code points behind the trigger of an act that are kept."""
_PRONOUNS = frozenset(
    "we our us you your i my me he his him she her they them their it its".split()
)


@dataclass(frozen=True, slots=True)
class Told:
    """An act as a document tells it.

    `at` is where its trigger begins, `start` and `end` are those of its quote. `sentence` and
    `paragraph` are counted from the beginning of the document. `before` are the words of the
    sentence before the trigger, `behind` those that follow it in the document. `origin` is the
    run or curation that found it.
    """

    id: str
    document: str
    kind: Kind
    quote: str
    trigger: str
    start: int
    end: int
    at: int
    sentence: int
    paragraph: int
    before: str
    behind: str
    actors: Agents
    addressees: Agents
    confidence: float
    origin: str

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Told:
        """Return an act as it was kept."""
        agents = {name: frozenset(kept[name]) for name in ("actors", "addressees")}
        return cls(**{**kept, **agents, "kind": Kind(kept["kind"])})

    def to_json(self) -> dict[str, Any]:
        """Return the act to be kept."""
        return asdict(self) | {
            "actors": sorted(self.actors),
            "addressees": sorted(self.addressees),
        }


_ACTS = """
SELECT fact.number, fact.id, document, kind, quote, trigger_words, quote_start, quote_end,
    coalesce(trigger_start, quote_start), confidence, origin
    FROM fact JOIN document ON document.id = document
    WHERE kind <> 'meeting'
    ORDER BY document.number, coalesce(trigger_start, quote_start), fact.id
"""
_AGENTS = """
SELECT fact, role, entity, printed FROM fact_agent WHERE role IN ('actor', 'addressee')
"""
_TEXT = "SELECT text FROM document WHERE id = ?"


def acts_of(side: Path) -> Iterator[list[Told]]:
    """Yield the acts of each document of a part that tells of any, in the order of print."""
    with closing(sqlite3.connect(side)) as db:
        agents: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
        for number, role, entity, printed in db.execute(_AGENTS):
            agents[number, role] |= named(entity, printed)
        for document, rows in groupby(db.execute(_ACTS).fetchall(), key=lambda row: str(row[2])):
            [[text]] = db.execute(_TEXT, (document,))
            page = _Page.of(text)
            yield [_told(row, page, agents) for row in rows]


def named(entity: str | None, printed: str) -> set[str]:
    """Return by which names one who acts or is addressed may be met again."""
    words = fold(printed)
    names = set() if not words or words in _PRONOUNS else {words, words.rpartition(" ")[2]}
    return names | ({entity} if entity else set())


@dataclass(frozen=True, slots=True)
class _Page:
    """The text of a document, and where its sentences and paragraphs begin."""

    text: str
    sentences: Sequence[int]
    paragraphs: Sequence[int]

    @classmethod
    def of(cls, text: str) -> _Page:
        """Find the sentences of each paragraph."""
        ends = [place for place, letter in enumerate(text) if letter == "\n"]
        starts = [0, *(end + 1 for end in ends)]
        spans = (sentences(text, *each) for each in zip(starts, [*ends, len(text)], strict=True))
        return cls(text, [span.start for each in spans for span in each] or [0], starts)


def _told(row: Sequence[Any], page: _Page, agents: Mapping[tuple[int, str], set[str]]) -> Told:
    number, id, document, kind, quote, words, start, end, at, confidence, origin = row
    trigger = words or ""
    sentence = max(0, bisect_right(page.sentences, at) - 1)
    behind = at + len(trigger)
    return Told(
        id,
        document,
        Kind(kind),
        quote,
        trigger,
        start,
        end,
        at,
        sentence,
        bisect_right(page.paragraphs, at) - 1,
        page.text[page.sentences[sentence] : at],
        page.text[behind : behind + BEHIND],
        frozenset(agents.get((number, "actor"), ())),
        frozenset(agents.get((number, "addressee"), ())),
        round(confidence, 3),
        origin,
    )
