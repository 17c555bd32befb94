"""Facts that respond to earlier ones: what a curator says of it, and what a program finds.

The program looks for answers within a document: commitments, refusals and offers near the
requests and offers of the same text. How likely each is one, a logistic regression says by its
signs (`responses.json`, made by `tools/train_responses.py` from annotated pairs). What is likely
enough is asserted; what is less likely is a candidate. Answers in other documents are not looked
for: the acts found in two documents are too seldom one and its answer to tell them from the rest.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from ingest.model import ExtractionRun, Fact, Kind, Manner, Response
from ingest.signs import SIGNS, Row, is_embedded, row
from ingest.told import Told, acts_of

RUN = ExtractionRun("run/responses-1", "Acts that answer requests and offers", "1")
"""The version rises with every change of what is found, the weights included."""

CURATED = "as a person read it"
"""The reason of a response that a curator wrote down."""

REACH = 8
"""Sentences between an act and its answer, at most: of 91 found by reading one was farther."""
MOST = 40
"""Acts before an act that are looked at, so that long documents take no longer by the square."""

_ANSWERING = frozenset({Kind.COMMITMENT, Kind.REFUSAL, Kind.OFFER})
_ASKING = frozenset({Kind.REQUEST, Kind.OFFER})
_MANNERS = {Kind.COMMITMENT: Manner.ACCEPT, Kind.REFUSAL: Manner.REFUSE}


def stated(fact: Fact) -> Iterator[Response]:
    """Yield what a fact responds to, as its curator says: commitments accept, refusals refuse."""
    answer = _MANNERS.get(fact.kind, Manner.ANSWER)
    for manner, others in ((answer, fact.responds_to), (Manner.FULFIL, fact.fulfils)):
        yield from (Response(fact.id, other, manner, fact.origin, CURATED) for other in others)


# Candidates


class Pair(NamedTuple):
    """Two acts of a document of which the later may answer the earlier, and their signs."""

    earlier: Told
    later: Told
    signs: Row


def pairs(acts: Sequence[Told]) -> Iterator[Pair]:
    """Yield the pairs among the acts of a document, in their order, that may be an answer."""
    asked = [act.at for act in acts if act.kind in _ASKING]
    answered = [act.at for act in acts if act.kind in (Kind.COMMITMENT, Kind.REFUSAL)]
    for place, later in enumerate(acts):
        if later.kind not in _ANSWERING:
            continue
        for earlier in acts[max(0, place - MOST) : place + MOST]:
            if _may_answer(earlier, later):
                ends = sorted((earlier.at, later.at))
                gaps = (max(0, _inside(places, *ends)) for places in (asked, answered))
                yield Pair(earlier, later, row(earlier, later, *gaps))


def _may_answer(earlier: Told, later: Told) -> bool:
    kinds = earlier.kind in _ASKING and not (earlier.kind is later.kind is Kind.OFFER)
    distance = later.sentence - earlier.sentence
    overlap = later.start < earlier.end and earlier.start < later.end
    near = 0 <= distance <= REACH or (distance == -1 and overlap)
    return kinds and earlier is not later and near and not is_embedded(earlier, later)


def _inside(places: Sequence[int], start: int, end: int) -> int:
    return bisect_left(places, end) - bisect_right(places, start)


# Judging


@dataclass(frozen=True, slots=True)
class Weights:
    """What each sign counts, and from which likelihood an answer is a candidate, or asserted."""

    bias: float
    weights: tuple[float, ...]
    possible: float
    asserted: float

    @classmethod
    def read(cls, text: str) -> Weights:
        """Read weights as `tools/train_responses.py` writes them."""
        kept: dict[str, Any] = json.loads(text)
        by_sign = tuple(kept["weights"][sign] for sign in SIGNS)
        return cls(kept["bias"], by_sign, kept["possible"], kept["asserted"])

    def likelihood(self, signs: Row) -> float:
        """Return how likely a pair with some signs is an answer, 0 to 1."""
        odds = self.bias + sum(
            weight * sign for weight, sign in zip(self.weights, signs, strict=True)
        )
        return 1 / (1 + math.exp(-odds))


@cache
def weights() -> Weights:
    """Return the weights that come with the program."""
    return Weights.read(files("ingest").joinpath("responses.json").read_text(encoding="utf-8"))


def found(parts: Iterable[Path]) -> Iterator[Response]:
    """Yield the responses in the documents of some parts, a document at a time.

    What a curator says of two facts is not said again.
    """
    for part in parts:
        for acts in acts_of(part / "side.sqlite"):
            yield from responses(acts, weights())


def responses(acts: Sequence[Told], by: Weights) -> Iterator[Response]:
    """Yield the answers among the acts of a document, and what may be one.

    Of two acts that a curator wrote down, the curator has said what there is.
    """
    for pair in pairs(acts):
        likelihood = by.likelihood(pair.signs)
        curated = all(act.origin.startswith("curation/") for act in pair[:2])
        if likelihood >= by.possible and not curated:
            yield Response(
                pair.later.id,
                pair.earlier.id,
                manner(pair),
                RUN.id,
                reason(pair),
                round(likelihood, 3),
                likelihood >= by.asserted,
            )


def manner(pair: Pair) -> Manner:
    """Return how an act answers: a mere question is answered, a request accepted or refused."""
    if pair.signs[SIGNS.index("question")]:
        return Manner.ANSWER
    return _MANNERS.get(pair.later.kind, Manner.ANSWER)


def reason(pair: Pair) -> str:
    """Tell in words why an act is thought to answer another."""
    signs = dict(zip(SIGNS, pair.signs, strict=True))
    away = pair.later.sentence - pair.earlier.sentence
    where = {0: "in the same sentence as", 1: "in the sentence after"}.get(
        away, f"{away} sentences after" if away > 0 else "right before"
    )
    also = [
        words
        for sign, words in (
            ("asked one acts", "who was addressed acts"),
            ("names it", "what is answered is named"),
            ("reply", "it is told as a reply"),
        )
        if signs[sign]
    ]
    trigger, other = (act.trigger or act.quote for act in (pair.later, pair.earlier))
    return "; ".join([f"“{trigger}” {where} “{other}”", *also])
