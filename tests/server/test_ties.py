"""Ties: what the arrays give is what looking at each relation would give."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from server.ties import KINDS, MOST_TIES, Around, Group, Tie, tied

WHO = ("harriman", "molotov", "roosevelt", "stalin")
FACTS = 6

relations = st.dictionaries(
    st.tuples(st.sampled_from(WHO), st.sampled_from(list(KINDS)), st.sampled_from(WHO)),
    st.sets(st.integers(0, FACTS - 1), min_size=1),
    max_size=12,
)
masks = st.lists(st.booleans(), min_size=FACTS, max_size=FACTS)


def grouped(given: dict[tuple[str, str, str], set[int]]) -> list[Group]:
    """Give relations as the side file has them, in its order."""
    return [
        (*relation, np.asarray(sorted(facts), np.int32))
        for relation, facts in sorted(given.items())
    ]


@given(relations, masks, st.sampled_from(WHO), st.integers(1, 4))
def test_around_one_are_those_of_most_facts_and_the_ties_among_them(
    given: dict[tuple[str, str, str], set[int]], mask: list[bool], centre: str, most: int
) -> None:
    left = {
        (one, KINDS[relation], other): sum(mask[fact] for fact in facts)
        for (one, relation, other), facts in given.items()
        if one != other
    }
    ties = {ends: count for ends, count in left.items() if count}
    strength = Counter[str]()
    for (one, _, other), count in ties.items():
        if centre in (one, other):
            strength[other if one == centre else one] += count
    ranked = sorted(strength, key=lambda name: (-strength[name], name))[:most]
    among = [
        Tie(one, kind, other, count)
        for (one, kind, other), count in ties.items()
        if {one, other} <= {centre, *ranked}
    ]
    found = tied(grouped(given)).around(centre, most, np.asarray(mask))
    assert (found.counts, found.neighbours, found.left_out) == (
        {name: strength[name] for name in ranked},
        len(strength),
        0,
    )
    assert sorted(found.ties, key=repr) == sorted(among, key=repr)
    own = [centre in (tie.subject, tie.object) for tie in found.ties]
    assert own == sorted(own, reverse=True)


@given(relations, masks, st.sampled_from(WHO), st.sampled_from(WHO))
def test_between_two_are_the_facts_that_tie_them(
    given: dict[tuple[str, str, str], set[int]], mask: list[bool], one: str, other: str
) -> None:
    shared = {
        fact
        for (subject, _, object_), facts in given.items()
        for fact in facts
        if {subject, object_} == {one, other} and subject != object_ and mask[fact]
    }
    assert tied(grouped(given)).between(one, other, np.asarray(mask)).tolist() == sorted(shared)


def test_nobody_is_tied_to_whom_there_is_nothing() -> None:
    assert tied([]).around("stalin", 10, np.zeros(0, np.bool_)) == Around({}, [], 0, 0)


def test_the_weakest_ties_are_left_out_and_counted() -> None:
    """All met each other; those of the entity itself stay, and of the others the first."""
    names = [f"person-{number:02}" for number in range(70)]
    fact = np.zeros(1, np.int32)
    met = [(one, "met", other, fact) for one in names for other in names if one < other]
    found = tied(met).around("person-69", 69, np.ones(1, np.bool_))
    assert (len(found.ties), found.left_out) == (MOST_TIES, len(met) - MOST_TIES)
    assert all("person-69" in (tie.subject, tie.object) for tie in found.ties[:69])
