"""The order of telegrams by their numbers: which printed one came before and after each.

A post numbers what it sends to another post, and begins anew now and then: with the calendar year,
the fiscal year or a new mission. So a numbering is read as runs: in the order of days, a run ends
where a number falls far below the highest before it. Volumes print a selection, and neighbours
in a run may be hundreds of numbers apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

_FAR = 20
"""How far a number falls at least where a run begins anew; less are telegrams that crossed."""


class Telegram(NamedTuple):
    """A document with its number, and the day on which it was sent (ordinal)."""

    day: int
    number: int
    document: str


class Numberings:
    """What each post sent to each other, by number."""

    def __init__(self) -> None:
        self._sent: defaultdict[tuple[str, str, str], list[Telegram]] = defaultdict(list)

    def add(self, series: str, sender: str, recipient: str, telegram: Telegram) -> None:
        """Add a telegram, which bears a number of one series, from one post to another."""
        self._sent[series, sender, recipient].append(telegram)

    def neighbours(self) -> Iterator[tuple[str, str]]:
        """Yield each document with the one that comes after it by number."""
        for sent in self._sent.values():
            for run in runs(sent):
                ordered = sorted(run, key=lambda one: (one.number, one.day, one.document))
                yield from ((one.document, next.document) for one, next in pairwise(ordered))


def runs(sent: Iterable[Telegram]) -> Iterator[list[Telegram]]:
    """Yield the telegrams of one numbering, each run by itself, in the order of days."""
    run: list[Telegram] = []
    highest = 0
    for one in sorted(sent):
        if run and one.number < highest / 2 and highest - one.number > _FAR:
            yield run
            run, highest = [], 0
        run.append(one)
        highest = max(highest, one.number)
    if run:
        yield run
