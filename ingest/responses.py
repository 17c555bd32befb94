"""Facts that respond to earlier ones: what a curator says of it, and what a program finds.

The program looks for answers within a document: commitments, refusals and offers near the
requests and offers of the same text. How likely each is one, a logistic regression says by its
signs (`responses.json`, made by `tools/train_responses.py` from annotated pairs). What is likely
enough is asserted; what is less likely is a candidate. Answers in other documents are found by
`ingest.replies`.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Any, NamedTuple

from ingest.model import Document, ExtractionRun, Fact, Kind, Manner, Response
from ingest.signs import SIGNS, Row, is_embedded, row
from ingest.told import Told, acts, are_curated

RUN = ExtractionRun("run/responses-1", "Acts that answer requests and offers", "1")
"""The version rises with every change of what is found, the weights included."""

CURATED = "as a person read it"
"""The reason of a response that a curator wrote down."""

REACH = 8
"""Sentences between an act and its answer, at most: of 91 found by reading one was farther."""
MOST = 40
"""Acts before an act that are looked at, so that long documents take no longer by the square."""

ASKING = frozenset({Kind.REQUEST, Kind.OFFER})
"""Kinds of acts that may be answered."""
ANSWERING = frozenset({Kind.COMMITMENT, Kind.REFUSAL, Kind.OFFER})
"""Kinds of acts that may answer; no offer answers an offer."""
MANNERS = {Kind.COMMITMENT: Manner.ACCEPT, Kind.REFUSAL: Manner.REFUSE}
"""How an act of some kind answers; others merely do."""


def stated(fact: Fact) -> Iterator[Response]:
    """Yield what a fact responds to, as its curator says: commitments accept, refusals refuse."""
    answer = MANNERS.get(fact.kind, Manner.ANSWER)
    for manner, others in ((answer, fact.responds_to), (Manner.FULFIL, fact.fulfils)):
        yield from (Response(fact.id, other, manner, fact.origin, CURATED) for other in others)


# Candidates


class Pair(NamedTuple):
    """Two acts of a document of which the later may answer the earlier, and their signs."""

    earlier: Told
    later: Told
    signs: Row


def pairs(told: Sequence[Told]) -> Iterator[Pair]:
    """Yield the pairs among the acts of a document, in their order, that may be an answer."""
    asked = [act.at for act in told if act.kind in ASKING]
    answered = [act.at for act in told if act.kind in (Kind.COMMITMENT, Kind.REFUSAL)]
    for place, later in enumerate(told):
        if later.kind not in ANSWERING:
            continue
        for earlier in told[max(0, place - MOST) : place + MOST]:
            if _may_answer(earlier, later):
                ends = sorted((earlier.at, later.at))
                gaps = (max(0, _inside(places, *ends)) for places in (asked, answered))
                yield Pair(earlier, later, row(earlier, later, *gaps))


def _may_answer(earlier: Told, later: Told) -> bool:
    kinds = earlier.kind in ASKING and not (earlier.kind is later.kind is Kind.OFFER)
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
    def read(cls, text: str, signs: Sequence[str]) -> Weights:
        """Read the weights of some signs, as `tools/train_responses.py` writes them."""
        kept: dict[str, Any] = json.loads(text)
        by_sign = tuple(kept["weights"][sign] for sign in signs)
        return cls(kept["bias"], by_sign, kept["possible"], kept["asserted"])

    def likelihood(self, signs: Sequence[float]) -> float:
        """Return how likely a pair with some signs is an answer, 0 to 1."""
        odds = self.bias + sum(
            weight * sign for weight, sign in zip(self.weights, signs, strict=True)
        )
        return 1 / (1 + math.exp(-odds))


@cache
def weights() -> Weights:
    """Return the weights that come with the program."""
    text = files("ingest").joinpath("responses.json").read_text(encoding="utf-8")
    return Weights.read(text, SIGNS)


def within(document: Document, facts: Sequence[Fact]) -> list[Response]:
    """Return which facts of a document respond to which, as curators say and as the program finds.

    What a curator says of two facts is not said again.
    """
    every = [*chain.from_iterable(map(stated, facts))]
    known = {(one.later, one.earlier) for one in every}
    found = responses(acts(document.text, facts), weights())
    return [*every, *(one for one in found if (one.later, one.earlier) not in known)]


def responses(told: Sequence[Told], by: Weights) -> Iterator[Response]:
    """Yield the answers among the acts of a document, and what may be one.

    Of two acts that a curator wrote down, the curator has said what there is.
    """
    for pair in pairs(told):
        likelihood = by.likelihood(pair.signs)
        if likelihood >= by.possible and not are_curated(pair[:2]):
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
    return MANNERS.get(pair.later.kind, Manner.ANSWER)


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
