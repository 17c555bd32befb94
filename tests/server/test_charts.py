"""Charts: bars begin at zero, time runs from left to right, and axes have round numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.charts import BOTTOM, LEFT, MOST_BARS, RIGHT, TOP, Bar, bars, lines, steps, written

numbers = st.floats(-1e12, 1e12, allow_subnormal=False)


def test_bars_are_as_long_as_their_numbers() -> None:
    found = bars([("Stalin", "person/stalin-joseph", 8), ("Deane", None, 2)])
    assert found.items == (
        Bar("Stalin", "person/stalin-joseph", 8, 0, 100),
        Bar("Deane", None, 2, 0, 25),
    )


def test_bars_below_zero_go_the_other_way() -> None:
    assert [(bar.start, bar.length) for bar in bars([("a", None, 3), ("b", None, -1)]).items] == [
        (25, 75),
        (0, 25),
    ]


def test_bars_that_are_too_many_are_counted() -> None:
    found = bars([(str(at), None, 1) for at in range(MOST_BARS + 2)])
    assert (len(found.items), found.left_out) == (MOST_BARS, 2)


@given(st.tuples(numbers, numbers).map(sorted))
def test_an_axis_has_a_few_round_numbers_around_all(ends: list[float]) -> None:
    low, high = ends
    found = steps(low, high)
    room = 1e-9 * max(abs(low), abs(high), 1)
    assert found[0] <= low + room
    assert found[-1] >= high - room
    assert 2 <= len(found) <= 8


def test_an_axis_may_have_steps_below_one() -> None:
    assert [written(step) for step in steps(0, 0.7)] == ["0", "0.2", "0.4", "0.6", "0.8"]


def test_time_runs_from_left_to_right_and_more_is_higher() -> None:
    drawn = lines({"1945": 10.0, "1944": 0.0, "1946": 5.0})["wide"]
    # 1944 was a leap year.
    assert [(dot.label, round(dot.x), round(dot.y)) for dot in drawn.dots] == [
        ("1944", LEFT, drawn.height - BOTTOM),
        ("1945", 525, TOP),
        ("1946", drawn.width - RIGHT, round((drawn.height - BOTTOM + TOP) / 2)),
    ]
    assert [tick.label for tick in drawn.times] == ["1944", "1945", "1946"]


@pytest.mark.parametrize(
    ("numbers", "times"),
    [
        (["1944-10-17"], ["1944-10-17"]),
        (["1944-10-17", "1944-12-02"], ["1944-11", "1944-12"]),
        (["1900", "1960"], ["1900", "1910", "1920", "1930", "1940", "1950", "1960"]),
    ],
)  # fmt: skip
def test_the_axis_of_time_fits_its_length(numbers: list[str], times: list[str]) -> None:
    drawn = lines(dict.fromkeys(numbers, 1.0))["wide"]
    assert [tick.label for tick in drawn.times] == times
