"""The state of an obligation on a day: rules over a fact and what responds to it.

A request obliges the other side to answer, an offer to accept or decline, a commitment its own
side to keep it. What later facts say of it is told by responses (`cg:Response`); those that are
only candidates are shown and change nothing. In this order:

1. A response that fulfils it, up to that day: **fulfilled**.
2. Else the last response up to that day counts. Refused or taken back by the side that made it:
   **withdrawn**. Refused by the other: **refused**. Anything else by the other: **answered**.
   That a side repeats its act, or puts it in other words, is no response to it.
3. Else an offer or commitment on a condition is **conditional**, another commitment **open**.
4. Else a request or offer that is answered later is **open**; one that no fact in the graph answers
   has **no answer found**, which says little without the documents that were read for it.

A fact has the day on which it took place, or that of its document. Of several responses on one
day the order is that of the data set. Without a day, what is known at the end of the record counts,
undated facts among it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal[
    "open", "conditional", "answered", "refused", "fulfilled", "withdrawn", "no answer found"
]

AWAITS_ANSWER = ("request", "offer")
"""Kinds of act that oblige the other side to answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A fact that responds to an act: in which manner, whether by the side that acted, and when.

    `fact` is its id, `kind` that of a fact, `manner` that of a response (answer, accept, refuse,
    repeat, change, fulfil), `day` an ISO day or None.
    """

    fact: str
    kind: str
    manner: str
    by_own_side: bool
    day: str | None
    asserted: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state of an act on a day, the replies that make it so, and those that may."""

    state: State
    because: tuple[Reply, ...] = ()
    perhaps: tuple[Reply, ...] = ()


def verdict(kind: str, conditional: bool, replies: Sequence[Reply], at: str | None) -> Verdict:
    """Judge an act by its replies, which are in the order of the data set; `at` is an ISO day."""
    sure = sorted((one for one in replies if one.asserted), key=lambda one: one.day or "9999")
    known = [one for one in sure if at is None or (one.day and one.day <= at)]
    perhaps = tuple(one for one in replies if not one.asserted)
    state, because = _state(kind, conditional, known)
    if state == "no answer found" and any(map(_effect, sure)):
        state = "open"
    return Verdict(state, because, perhaps)


def _state(kind: str, conditional: bool, known: Sequence[Reply]) -> tuple[State, tuple[Reply, ...]]:
    effects = [(effect, one) for one in known if (effect := _effect(one))]
    done = tuple(one for effect, one in effects if effect == "fulfilled")
    if done:
        return "fulfilled", done
    if effects:
        effect, last = effects[-1]
        return effect, (last,)
    if conditional and kind != "request":
        return "conditional", ()
    return ("no answer found" if kind in AWAITS_ANSWER else "open"), ()


def _effect(reply: Reply) -> State | None:
    """Return the state into which a reply brings an act; None if it leaves it as it is."""
    if reply.manner == "fulfil":
        return "fulfilled"
    negative = reply.manner == "refuse" or reply.kind == "refusal"
    if reply.by_own_side:
        return "withdrawn" if negative else None
    return "refused" if negative else None if reply.manner == "repeat" else "answered"
