"""Acts as documents tell them, as far as it helps to say whether one answers another.

They have who acts towards whom, the words of the act with those around them, and where they stand.
Little enough is kept of each that annotated acts can be kept with what they are judged by
(`tests/gold/responses.jsonl.gz`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ingest.model import Agent, Fact, Kind
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


def are_curated(some: Iterable[Told]) -> bool:
    """Whether a curator wrote down all of some acts, and so has said what there is of them."""
    return all(act.origin.startswith("curation/") for act in some)


def acts(text: str, facts: Iterable[Fact]) -> list[Told]:
    """Return the acts among the facts of a document with some text, in the order of their triggers.

    A fact without a trigger stands where its quote begins.
    """
    found = [fact for fact in facts if fact.kind is not Kind.MEETING]
    if not found:
        return []
    page = _Page.of(text)
    return sorted((_told(fact, page) for fact in found), key=lambda act: (act.at, act.id))


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


def _told(fact: Fact, page: _Page) -> Told:
    trigger = fact.trigger.exact if fact.trigger else ""
    at = fact.trigger.start if fact.trigger else fact.quote.start
    sentence = max(0, bisect_right(page.sentences, at) - 1)
    behind = at + len(trigger)
    return Told(
        fact.id,
        fact.document,
        fact.kind,
        fact.quote.exact,
        trigger,
        fact.quote.start,
        fact.quote.end,
        at,
        sentence,
        bisect_right(page.paragraphs, at) - 1,
        page.text[page.sentences[sentence] : at],
        page.text[behind : behind + BEHIND],
        _names(fact.actors),
        _names(fact.addressees),
        round(fact.confidence, 3),
        fact.origin,
    )


def _names(agents: Iterable[Agent]) -> Agents:
    return frozenset().union(*(named(agent.entity, agent.printed) for agent in agents))
