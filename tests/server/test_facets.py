"""Features of things: what is chosen and counted is what looking at each thing would give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from server.facets import Feature, Table, days, levels, several, single

KINDS, WHO = ("request", "offer"), ("stalin", "harriman", "roosevelt")
DAYS = (None, "1944-10-17", "1944-12-31", "1945-01-01", "1946-02-03")

DATES = [(start, end) for start, end in product(DAYS, DAYS) if not start or not end or start <= end]

one_thing = st.tuples(
    st.sampled_from([None, *KINDS]),
    st.lists(st.sampled_from(WHO), max_size=3),
    st.sampled_from(DATES),
    st.sampled_from([0.3, 0.5, 0.8, 1.0]),
)
things = st.lists(one_thing, max_size=8)
Thing = tuple[str | None, list[str], tuple[str | None, str | None], float]


def table(given: Sequence[Thing]) -> Table:
    """Make a table of things, numbered from 10."""
    size, at = len(given), [np.asarray([place], np.int32) for place in range(len(given))]
    features: dict[str, Feature] = {
        "kind": single(size, ((thing[0], at[place]) for place, thing in enumerate(given))),
        "who": several(
            size, ((name, at[place]) for place, thing in enumerate(given) for name in thing[1])
        ),
        "days": days(size, ((*thing[2], at[place]) for place, thing in enumerate(given))),
        "sure": levels(size, ((thing[3], at[place]) for place, thing in enumerate(given))),
    }
    return Table(np.arange(10, 10 + size, dtype=np.int32), features)


def in_days(thing: Thing, first: str, last: str) -> bool:
    """Whether the days that a date can mean overlap others."""
    start, end = thing[2]
    known = start or end
    return bool(known) and (start or "0") <= (last or "9") and (end or "9") >= (first or "0")


TESTS: dict[str, Callable[[Thing, Sequence[str]], bool]] = {
    "kind": lambda thing, values: thing[0] in values,
    "who": lambda thing, values: bool(set(thing[1]) & set(values)),
    "days": lambda thing, values: in_days(thing, *values),
    "sure": lambda thing, values: thing[3] >= min(map(float, values)),
}

choices = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.lists(st.sampled_from((*KINDS, "wish")), min_size=1),
        "who": st.lists(st.sampled_from((*WHO, "nobody")), min_size=1),
        "days": st.sampled_from(list(product(("", "1944-11-01"), ("", "1945-06-01")))),
        "sure": st.sampled_from([["0.5"], ["1"]]),
    },
)


@given(things, choices)
def test_what_is_chosen_has_one_value_of_each_feature(
    given: list[Thing], chosen: dict[str, list[str]]
) -> None:
    narrowed = table(given).narrowed(chosen)
    expected = [
        number
        for number, thing in enumerate(given, 10)
        if all(TESTS[name](thing, values) for name, values in chosen.items())
    ]
    assert (narrowed.numbers.tolist(), narrowed.total) == (expected, len(expected))


@given(things, choices)
def test_a_count_is_that_of_choosing_the_value_alone_of_its_feature(
    given: list[Thing], chosen: dict[str, list[str]]
) -> None:
    narrowed = table(given).narrowed(chosen)
    for name in ("kind", "who", "sure"):
        counts = narrowed.count(name)
        assert counts == {
            value: table(given).narrowed({**chosen, name: [value]}).total for value in counts
        }
    years = narrowed.count("days")
    assert years == {
        year: table(given).narrowed({**chosen, "days": [f"{year}-01-01", f"{year}-12-31"]}).total
        for year in years
    }


@given(things, choices, st.sets(st.integers(8, 20)))
def test_words_choose_by_number(
    given: list[Thing], chosen: dict[str, list[str]], found: set[int]
) -> None:
    wide = table(given).narrowed(chosen).numbers.tolist()
    narrow = table(given).narrowed(chosen, np.asarray(sorted(found), np.int32))
    assert narrow.numbers.tolist() == [number for number in wide if number in found]


def test_a_value_that_a_thing_has_twice_counts_once() -> None:
    twice = table([("request", ["stalin", "stalin"], (None, None), 1.0)])
    assert Counter(twice.narrowed({}).count("who")) == {"stalin": 1}


def test_a_date_of_several_years_counts_for_each_and_an_open_one_to_the_last_that_is_known() -> (
    None
):
    given: list[Thing] = [
        (None, [], ("1944-12-31", "1945-01-01"), 1.0),
        (None, [], ("1945-01-01", None), 1.0),
        (None, [], ("1946-02-03", "1946-02-03"), 1.0),
        (None, [], (None, None), 1.0),
    ]
    assert table(given).narrowed({}).count("days") == {"1944": 1, "1945": 2, "1946": 2}
