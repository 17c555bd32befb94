"""How much of the record a statement such as "no answer found" rests on.

Such a statement is worth what was read: the documents of the volumes in which two sides deal with
each other, how many of these were read for facts, and how many tell of an act between the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from server.answers import Coverage
from server.facets import OPEN_END, Mask, Numbers, day_number


@dataclass(frozen=True, slots=True)
class Record:
    """Days of documents, in order: of all of some volumes, of those read for facts, of others."""

    documents: Numbers
    read: Numbers
    dealing: Numbers

    def cover(self, first: str | None, last: str | None) -> Coverage:
        """Count the documents from one ISO day to another; None is open."""
        return Coverage(
            documents=_between(self.documents, first, last),
            read=_between(self.read, first, last),
            dealing=_between(self.dealing, first, last),
        )


@dataclass(frozen=True, slots=True)
class Calendar:
    """The dated documents of a data set, in the order of their numbers.

    `volumes` has a code for the volume of each, `days` the first day that its date can mean, such
    as 19441017, and `read` whether a program or a person read it for facts.
    """

    numbers: Numbers
    volumes: Numbers
    days: Numbers
    read: Mask

    def record(self, dealing: Sequence[int]) -> Record:
        """Return the days of the volumes of some documents; `dealing` has their numbers."""
        those = np.isin(self.numbers, np.asarray(dealing, np.int32))
        around = np.isin(self.volumes, self.volumes[those])
        return Record(*(np.sort(self.days[each]) for each in (around, around & self.read, those)))


def calendar(documents: Iterable[tuple[int, str, str, bool]]) -> Calendar:
    """Make a calendar of documents: number, volume, ISO day, and whether it was read for facts."""
    given = list(documents)
    codes: dict[str, int] = {}
    return Calendar(
        np.asarray([number for number, *_ in given], np.int32),
        np.asarray([codes.setdefault(each[1], len(codes)) for each in given], np.int32),
        np.asarray([day_number(each[2]) for each in given], np.int32),
        np.asarray([read for *_, read in given], np.bool_),
    )


def _between(days: Numbers, first: str | None, last: str | None) -> int:
    start = np.searchsorted(days, day_number(first) if first else 0)
    end = np.searchsorted(days, day_number(last) if last else OPEN_END, "right")
    return max(0, int(end - start))
