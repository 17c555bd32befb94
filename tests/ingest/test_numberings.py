"""Telegrams from one post to another follow each other by number, as long as it goes on."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.numberings import Numberings, Telegram, runs

TELEGRAMS = st.lists(
    st.builds(Telegram, st.integers(1, 2000), st.integers(0, 99_999), st.text("abc", min_size=1)),
    unique_by=lambda one: one.document,
)


def neighbours(*sent: tuple[int, int, str]) -> list[tuple[str, str]]:
    numberings = Numberings()
    for each in sent:
        numberings.add("", "vietnam", "washington", Telegram(*each))
    return sorted(numberings.neighbours())


def test_each_is_followed_by_the_next_that_is_printed():
    assert neighbours((1, 812, "a"), (3, 830, "b"), (9, 1107, "c")) == [("a", "b"), ("b", "c")]


def test_telegrams_that_crossed_stand_in_the_order_of_numbers():
    assert neighbours((1, 830, "b"), (2, 812, "a"), (3, 835, "c")) == [("a", "b"), ("b", "c")]


def test_a_numbering_that_begins_anew_does_not_go_on_from_the_last():
    assert neighbours((1, 3201, "a"), (9, 4, "b"), (12, 60, "c")) == [("b", "c")]


def test_posts_and_series_do_not_mix():
    numberings = Numberings()
    for series, recipient in (("", "washington"), ("a", "washington"), ("", "france")):
        numberings.add(series, "vietnam", recipient, Telegram(1, 7, series + recipient))
    assert list(numberings.neighbours()) == []


@given(TELEGRAMS)
def test_runs_leave_none_out_and_have_none_twice(sent):
    assert [one for run in runs(sent) for one in run] == sorted(sent)


@given(TELEGRAMS)
def test_nothing_has_two_neighbours_on_one_side(sent):
    found = neighbours(*sent)
    assert len(found) == len(dict(found)) == len({next for _, next in found})
