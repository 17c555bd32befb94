"""How facts are scored against annotations: by the rules that come with them, `score.py`."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ingest.model import Kind

KINDS = tuple(kind.value for kind in Kind)
CORE = KINDS[:4]
SAMPLES = 1000

Annotated = dict[str, Any]
"""One fact as the annotations have it: document, type, quote, participants, and so on."""
Rules = Mapping[str, Callable[..., Any]]
"""The functions of `score.py`: how a quote is located, and when two names are one party's."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many facts were found, found where there are none, and not found."""

    hits: int = 0
    alarms: int = 0
    misses: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Return both together."""
        return Tally(self.hits + other.hits, self.alarms + other.alarms, self.misses + other.misses)

    @property
    def precision(self) -> float:
        """The share of what was found that is right; 0 if nothing was found."""
        return share(self.hits, self.hits + self.alarms)

    @property
    def recall(self) -> float:
        """The share of what there is that was found; 0 if there is nothing."""
        return share(self.hits, self.hits + self.misses)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return share(2 * self.hits, 2 * self.hits + self.alarms + self.misses)


def share(part: float, whole: float) -> float:
    """Return a part of a whole; 0 of nothing."""
    return part / whole if whole else 0.0


class Share(NamedTuple):
    """A part of a whole, both counted."""

    part: int
    whole: int

    @property
    def value(self) -> float:
        """The share; 0 of nothing."""
        return share(self.part, self.whole)

    @property
    def interval(self) -> tuple[float, float]:
        """Where the share of all lies, in 95 of 100 such samples (Wilson 1927)."""
        if not self.whole:
            return 0.0, 1.0
        square = 1.96**2
        middle = (self.part + square / 2) / (self.whole + square)
        spread = self.part * (self.whole - self.part) / self.whole + square / 4
        half = math.sqrt(square * spread) / (self.whole + square)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3f} ({low:.3f}-{high:.3f})"


class Recorded(NamedTuple):
    """How recorded meetings compare with the annotators' of the same document."""

    meetings: int
    annotated: int
    participants: Tally
    dates: int


def text_of(paragraphs: Sequence[str], rules: Rules) -> dict[str, Any]:
    """Return a document's words as the rules look them up."""
    words = rules["tokens"](" ".join(paragraphs))
    index: defaultdict[str, list[int]] = defaultdict(list)
    for number, word in enumerate(words):
        index[word].append(number)
    return {"tokens": words, "index": index}


def matches(
    gold: Sequence[Annotated], found: Sequence[Annotated], text: Mapping[str, Any], rules: Rules
) -> dict[int, int]:
    """Match the facts of one document, one to one and the largest overlap first, by their place."""
    spans = [[rules["locate"](fact["quote"], text) for fact in facts] for facts in (gold, found)]
    matched: dict[int, int] = {}
    taken: set[int] = set()
    for _, one, other in sorted(_pairs(gold, found, *spans), reverse=True):
        if -one not in matched and other not in taken:
            matched[-one] = -other
            taken.add(other)
    return matched


def _pairs(
    gold: Sequence[Annotated], found: Sequence[Annotated], ours: list[Any], theirs: list[Any]
) -> Iterator[tuple[int, int, int]]:
    for one, mine in enumerate(ours):
        for other, its in enumerate(theirs):
            if mine and its and gold[one]["type"] == found[other]["type"]:
                shared = min(mine[1], its[1]) - max(mine[0], its[0])
                if shared > 0 and shared >= 0.5 * min(mine[1] - mine[0], its[1] - its[0]):
                    yield shared, -one, -other


def tally(
    gold: Sequence[Annotated], found: Sequence[Annotated], text: Mapping[str, Any], rules: Rules
) -> dict[str, Tally]:
    """Count by kind what is found in one document."""
    return tallies(gold, found, matches(gold, found, text, rules))


def tallies(
    gold: Sequence[Annotated], found: Sequence[Annotated], matched: Mapping[int, int]
) -> dict[str, Tally]:
    """Count by kind what is matched."""
    return {kind: _tally(kind, gold, found, matched) for kind in KINDS}


def _tally(
    kind: str, gold: Sequence[Annotated], found: Sequence[Annotated], matched: Mapping[int, int]
) -> Tally:
    hits = sum(gold[one]["type"] == kind for one in matched)
    return Tally(
        hits,
        sum(fact["type"] == kind for fact in found) - hits,
        sum(fact["type"] == kind for fact in gold) - hits,
    )


def interval(tallies: Sequence[Tally], measure: Callable[[Tally], float]) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile of a measure over samples of the documents."""
    draw = random.Random(0)
    values = sorted(
        measure(sum(draw.choices(tallies, k=len(tallies)), Tally())) for _ in range(SAMPLES)
    )
    return values[round(0.025 * SAMPLES)], values[round(0.975 * SAMPLES) - 1]


def recorded(
    gold: Mapping[str, Sequence[Annotated]], found: Iterable[Annotated], rules: Rules
) -> Recorded:
    """Compare each recorded meeting with the held one whose participants are most like its own."""
    meetings = annotated = dates = 0
    participants = Tally()
    for fact in found:
        meetings += 1
        held = [one for one in gold[fact["document"]] if one.get("status") == "held"]
        shared = [(present(one, fact, rules), one) for one in held if one["type"] == "meeting"]
        best, one = max(shared, key=lambda pair: pair[0].f1, default=(Tally(), {}))
        if best.f1 >= 0.3:
            annotated += 1
            participants += best
            dates += one["date"] in (None, fact["date"])
    return Recorded(meetings, annotated, participants, dates)


def present(one: Annotated, other: Annotated, rules: Rules) -> Tally:
    """Compare the participants of a meeting as found with those that annotators have."""
    want, have = one.get("participants") or [], other["participants"]
    hits = sum(any(rules["same_party"](name, known) for known in have) for name in want)
    right = sum(any(rules["same_party"](known, name) for name in want) for known in have)
    return Tally(hits, len(have) - right, len(want) - hits)
