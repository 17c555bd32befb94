"""Who had to do with whom, as arrays: what lies around one entity is found in milliseconds.

A tie is what one entity did towards another by one kind of fact, or that two met. The facts of
all ties are read once from the side file; to choose among them by day is then one pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from server.facets import Mask, Numbers

KINDS = {
    "met": "meeting",
    "asked": "request",
    "offered": "offer",
    "promised": "commitment",
    "refused": "refusal",
}
"""The kind of the facts behind a relation, by the word that the side file has for it."""

MOST_TIES = 2000
"""More lines than this no picture shows, and no reader sees."""

Group = tuple[str, str, str, Numbers]
"""Who, the relation, whom, and the places of the facts among all facts."""


@dataclass(frozen=True, slots=True)
class Tie:
    """What one did towards another by one kind of fact, and in how many; a meeting is mutual."""

    subject: str
    kind: str
    object: str
    count: int


@dataclass(frozen=True, slots=True)
class Around:
    """An entity with those it had most to do with, and all ties among them.

    `counts` has in how many facts each other was tied to it, the most first. `neighbours` are
    there in all, and `left_out` ties are more than are given.
    """

    counts: dict[str, int]
    ties: list[Tie]
    neighbours: int
    left_out: int


@dataclass(frozen=True)
class Ties:
    """All ties in the order of `Group`s, with the facts behind each: `starts` says where."""

    entities: tuple[str, ...]
    kinds: tuple[str, ...]
    subjects: Numbers
    objects: Numbers
    codes: Numbers
    starts: NDArray[np.int64]
    facts: Numbers

    def around(self, entity: str, most: int, within: Mask) -> Around:
        """Return an entity with at most so many others, by facts that a mask has."""
        if entity not in self._places:
            return Around({}, [], 0, 0)
        centre, counts = self._places[entity], self._counts(within)
        own = (self.subjects == centre) | (self.objects == centre)
        strength = self._strength(centre, np.flatnonzero(own), counts)
        tied = np.flatnonzero(strength)
        chosen = tied[np.lexsort((tied, -strength[tied]))][:most]
        member = np.zeros(len(self.entities), np.bool_)
        member[chosen] = member[centre] = True
        kept = np.flatnonzero((counts > 0) & member[self.subjects] & member[self.objects])
        shown = kept[np.lexsort((kept, -counts[kept], ~own[kept]))][:MOST_TIES]
        return Around(
            {self.entities[code]: int(strength[code]) for code in chosen},
            list(self._written(shown, counts)),
            len(tied),
            len(kept) - len(shown),
        )

    def between(self, one: str, other: str, within: Mask) -> NDArray[np.int64]:
        """Return the places of the facts that tie two entities, of those that a mask has."""
        ends = {self._places.get(one, -1), self._places.get(other, -1)}
        codes = list(ends)
        both = np.isin(self.subjects, codes) & np.isin(self.objects, codes)
        rows = [self._facts_of(int(at)) for at in np.flatnonzero(both)]
        found = np.unique(np.concatenate([np.empty(0, np.int64), *rows])).astype(np.int64)
        return np.asarray(found[within[found]], np.int64)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {entity: code for code, entity in enumerate(self.entities)}

    def _facts_of(self, tie: int) -> Numbers:
        return self.facts[self.starts[tie] : self.starts[tie + 1]]

    def _counts(self, within: Mask) -> NDArray[np.int64]:
        """Return how many facts are behind each tie."""
        if within.all():
            return np.diff(self.starts)
        before = np.concatenate(([0], np.cumsum(within[self.facts])))
        return np.asarray(before[self.starts[1:]] - before[self.starts[:-1]], np.int64)

    def _strength(
        self, centre: int, own: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return in how many facts each entity is tied to one of them, by the ties of that one."""
        subjects = self.subjects[own]
        others = np.where(subjects == centre, self.objects[own], subjects)
        totals = np.bincount(others, weights=counts[own], minlength=len(self.entities))
        return np.asarray(totals, np.int64)

    def _written(self, ties: NDArray[np.int64], counts: NDArray[np.int64]) -> Iterator[Tie]:
        columns = (self.subjects, self.codes, self.objects, counts)
        for one, kind, other, count in zip(*(each[ties].tolist() for each in columns), strict=True):
            yield Tie(self.entities[one], self.kinds[kind], self.entities[other], count)


def tied(groups: Iterable[Group]) -> Ties:
    """Make ties of groups of facts; what somebody did towards himself is none."""
    given = [group for group in groups if group[0] != group[2]]
    entities = tuple(sorted({end for one, _, other, _ in given for end in (one, other)}))
    codes = {entity: code for code, entity in enumerate(entities)}
    relations = tuple(KINDS)
    facts = [np.empty(0, np.int32), *(facts for *_, facts in given)]
    return Ties(
        entities,
        tuple(KINDS.values()),
        np.asarray([codes[one] for one, *_ in given], np.int32),
        np.asarray([codes[other] for _, _, other, _ in given], np.int32),
        np.asarray([relations.index(relation) for _, relation, *_ in given], np.int32),
        np.cumsum([len(each) for each in facts], dtype=np.int64),
        np.concatenate(facts),
    )
