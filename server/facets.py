"""Choose documents or facts by many features at once, and count what each further choice leaves.

SQLite finds words and reads rows quickly, but a page with a dozen counts would have it look at
every fact a dozen times. So the features of all documents and facts are read once from the side
file, into arrays with a small number for each value: 27 MB for 404,110 facts. Whatever is chosen
is then a few passes over these, some milliseconds of one core.

The count beside a value is the number of results that are left if that value alone is chosen of
its feature, and all other features stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int32]
Groups = Iterable[tuple[str | None, Numbers]]
"""Values with the places of the things that have them."""
Chosen = Mapping[str, Sequence[str]]
"""Values by feature: one of each feature's values must hold. `days` has the first and the last."""

OPEN_START, OPEN_END = 0, 9999_99_99
"""Days before and after all others, for dates that are open on one side."""

LEVELS = ("1", "0.9", "0.7", "0.5")
"""The least confidence that can be chosen; 1 is what a person decided."""


class Feature(Protocol):
    """What can be chosen of things, each of which has a place from 0."""

    def holds(self, values: Sequence[str]) -> Mask:
        """Return which things have one of the values."""
        ...

    def count(self, within: Mask) -> dict[str, int]:
        """Return how many of some things have each value; values that none has are left out."""
        ...


@dataclass(frozen=True, slots=True)
class Single:
    """A feature of which each thing has one value, or none; `known` has the code of each value."""

    codes: Numbers
    known: Mapping[str, int]

    def holds(self, values: Sequence[str]) -> Mask:
        """Return which things have one of the values."""
        masks = [self.codes == code for code in _codes(self.known, values)]
        return reduce(np.logical_or, masks) if masks else np.zeros(len(self.codes), np.bool_)

    def count(self, within: Mask) -> dict[str, int]:
        """Return how many of some things have each value."""
        return _counted(self.codes[within], self.known)


@dataclass(frozen=True, slots=True)
class Several:
    """A feature of which a thing may have any number of values: a pair for each.

    The pairs are in the order of the codes; `starts` says where those of each code begin, and
    `known` has the code of each value, which are in the order of the codes.
    """

    places: Numbers
    codes: Numbers
    starts: Numbers
    known: Mapping[str, int]
    size: int

    def holds(self, values: Sequence[str]) -> Mask:
        """Return which things have one of the values."""
        found = np.zeros(self.size, np.bool_)
        for code in _codes(self.known, values):
            found[self.places[self.starts[code] : self.starts[code + 1]]] = True
        return found

    def count(self, within: Mask) -> dict[str, int]:
        """Return how many of some things have each value."""
        return _counted(self.codes[within[self.places]], self.known)


@dataclass(frozen=True, slots=True)
class Days:
    """When: the first and the last day that a date can mean, as numbers such as 19441017.

    Things without a date have a first day after their last.
    """

    first: Numbers
    last: Numbers

    def holds(self, values: Sequence[str]) -> Mask:
        """Return which things have a date that overlaps the days from the first to the last."""
        start, end = values
        found = self.first <= self.last
        if start:
            found &= self.last >= _day(start, OPEN_START)
        if end:
            found &= self.first <= _day(end, OPEN_END)
        return np.asarray(found, np.bool_)

    def count(self, within: Mask) -> dict[str, int]:
        """Return how many of some things may be of each year, one of several years in each."""
        dated = within & (self.first <= self.last)
        known = [
            years[(years > 0) & (years < 9999)]
            for years in (self.first[dated] // 10000, self.last[dated] // 10000)
        ]
        if not any(map(len, known)):
            return {}
        least, most = (int(pick(np.concatenate(known))) for pick in (np.min, np.max))
        change = np.zeros(most - least + 2, np.int64)
        np.add.at(change, np.clip(self.first[dated] // 10000, least, most) - least, 1)
        np.add.at(change, np.clip(self.last[dated] // 10000, least, most) - least + 1, -1)
        totals = enumerate(np.cumsum(change)[:-1], least)
        return {str(year): int(total) for year, total in totals if total}


@dataclass(frozen=True, slots=True)
class Levels:
    """How sure, from 0 to 1: a value is the least that is asked for."""

    confidence: NDArray[np.float64]

    def holds(self, values: Sequence[str]) -> Mask:
        """Return which things are at least so sure."""
        return np.asarray(self.confidence >= min(map(float, values)), np.bool_)

    def count(self, within: Mask) -> dict[str, int]:
        """Return how many of some things are at least so sure."""
        counts = {level: int(np.count_nonzero(within & self.holds([level]))) for level in LEVELS}
        return {level: count for level, count in counts.items() if count}


@dataclass(frozen=True, slots=True)
class Table:
    """All documents, or all facts, with their features; `numbers` are those of the side file."""

    numbers: Numbers
    features: Mapping[str, Feature]

    def narrowed(self, chosen: Chosen, found: Numbers | None = None) -> Narrowed:
        """Choose by features, and by numbers that a search found."""
        masks = {name: self.features[name].holds(values) for name, values in chosen.items()}
        if found is not None:
            masks["words"] = np.isin(self.numbers, found)
        return Narrowed(self, masks)

    def each(self, choices: Sequence[Chosen]) -> list[Narrowed]:
        """Choose by each of several choices; what they have in common is looked for once."""
        wanted = {(name, tuple(values)) for chosen in choices for name, values in chosen.items()}
        masks = {(name, values): self.features[name].holds(values) for name, values in wanted}
        return [
            Narrowed(self, {name: masks[name, tuple(values)] for name, values in chosen.items()})
            for chosen in choices
        ]


@dataclass(frozen=True)
class Narrowed:
    """The things of a table that were chosen: a mask for each feature by which they were."""

    table: Table
    masks: Mapping[str, Mask]

    @cached_property
    def faults(self) -> NDArray[np.int8]:
        """By how many features each thing is left out."""
        total = np.zeros(len(self.table.numbers), np.int8)
        for mask in self.masks.values():
            total += ~mask
        return total

    @cached_property
    def mask(self) -> Mask:
        """Which things are left."""
        masks = self.masks.values() or [np.ones(len(self.table.numbers), np.bool_)]
        return reduce(np.logical_and, masks)

    @cached_property
    def numbers(self) -> Numbers:
        """The numbers of what is left, in the order of the side file."""
        left: Numbers = self.table.numbers[np.flatnonzero(self.mask)]
        return left

    @property
    def total(self) -> int:
        """How many are left."""
        return len(self.numbers)

    def count(self, name: str) -> dict[str, int]:
        """Return how many would be left by each value of a feature, the others as chosen."""
        own = self.masks.get(name)
        others = self.mask if own is None else self.faults - ~own == 0
        return self.table.features[name].count(np.asarray(others, np.bool_))


# Features, of the places of those that have each value


def single(size: int, groups: Groups) -> Single:
    """Make a feature of one value a thing; things of no group, or of that of None, have none."""
    codes = np.full(size, -1, np.int32)
    known: dict[str, int] = {}
    for value, places in groups:
        codes[places] = -1 if value is None else known.setdefault(value, len(known))
    return Single(codes, known)


def several(size: int, groups: Groups) -> Several:
    """Make a feature of any number of values a thing; a value that it has twice counts once."""
    known: dict[str, int] = {}
    named = [(known.setdefault(value, len(known)), places) for value, places in groups if value]
    places = [np.empty(0, np.int64), *(each.astype(np.int64) for _, each in named)]
    codes = np.repeat(
        np.asarray([code for code, _ in named], np.int64), [len(each) for _, each in named]
    )
    pairs = np.unique(codes * max(size, 1) + np.concatenate(places))
    codes, at = np.divmod(pairs, max(size, 1))
    starts = np.searchsorted(codes, np.arange(len(known) + 1))
    small = (at.astype(np.int32), codes.astype(np.int32), starts.astype(np.int32))
    return Several(*small, known, size)


def days(size: int, groups: Iterable[tuple[str | None, str | None, Numbers]]) -> Days:
    """Make a feature of the first and last days (ISO) that dates can mean; None is open.

    Of two dates of one thing the later group counts; a group without a date changes nothing.
    """
    first, last = np.ones(size, np.int32), np.zeros(size, np.int32)
    for start, end, places in groups:
        if start or end:
            first[places], last[places] = _day(start, OPEN_START), _day(end, OPEN_END)
    return Days(first, last)


def levels(size: int, groups: Iterable[tuple[float, Numbers]]) -> Levels:
    """Make a feature of how sure things are."""
    confidence = np.zeros(size)
    for sure, places in groups:
        confidence[places] = sure
    return Levels(confidence)


def _codes(known: Mapping[str, int], values: Iterable[str]) -> list[int]:
    return [known[value] for value in dict.fromkeys(values) if value in known]


def _counted(codes: Numbers, known: Mapping[str, int]) -> dict[str, int]:
    counts = np.bincount(codes[codes >= 0], minlength=len(known)).tolist()
    return {value: count for value, count in zip(known, counts, strict=True) if count}


def day_number(text: str) -> int:
    """Return an ISO day as a number that sorts as it does, such as 19441017."""
    return int(text.replace("-", ""))


def _day(text: str | None, otherwise: int) -> int:
    return day_number(text) if text else otherwise
