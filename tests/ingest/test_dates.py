"""Dates as printed and tagged."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import dates
from ingest.model import Moment

ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


@pytest.mark.parametrize(
    ("words", "edtf", "earliest", "latest"),
    [
        ("January 11, 1943—1 p.m.", "1943-01-11T13:00:00", "1943-01-11", "1943-01-11"),
        ("17 October 1944", "1944-10-17", "1944-10-17", "1944-10-17"),
        ("Djakarta, November 4, 1965, 0845Z.", "1965-11-04T08:45:00Z", "1965-11-04", "1965-11-04"),
        ("December 3, 1964, noon", "1964-12-03T12:00:00", "1964-12-03", "1964-12-03"),
        ("June 2, 1964, 8:30–11:50 a.m.", "1964-06-02T08:30:00", "1964-06-02", "1964-06-02"),
        ("June 19, 1959, 2 and 5:15 p.m.", "1959-06-19T14:00:00", "1959-06-19", "1959-06-19"),
        ("August 30–31, 1948", "1948-08-30/1948-08-31", "1948-08-30", "1948-08-31"),
        ("30 August–2 September 1948", "1948-08-30/1948-09-02", "1948-08-30", "1948-09-02"),
        ("July 20–August 2, 1949", "1949-07-20/1949-08-02", "1949-07-20", "1949-08-02"),
        ("December 30–January 2, 1956", "1955-12-30/1956-01-02", "1955-12-30", "1956-01-02"),
        ("February 1948", "1948-02", "1948-02-01", "1948-02-29"),
        ("[July 4?, 1943]", "1943-07-04?", "1943-07-04", "1943-07-04"),
        ("circa May 5, 1961", "1961-05-05~", "1961-05-05", "1961-05-05"),
        ("061500Z MAR 69", "1969-03-06T15:00:00Z", "1969-03-06", "1969-03-06"),
        ("June 31, 1956", "1956-06", "1956-06-01", "1956-06-30"),
        ("May 27", "XXXX-05-27", "1961-05-27", "1963-05-27"),
        ("February 29", "XXXX-02-29", "1961-02-28", "1963-02-28"),
    ],
)
def test_printed_dates_keep_their_precision(
    words: str, edtf: str, earliest: str, latest: str
) -> None:
    assert dates.printed_moment(words, (1961, 1963)) == Moment(edtf, earliest, latest, words)


@pytest.mark.parametrize("words", ["", "undated", "You may inform him.", "Washington"])
def test_words_without_a_date_give_none(words: str) -> None:
    assert dates.printed_moment(words) is None


def test_tag_gives_date_and_zone() -> None:
    tag = {"when": "1965-11-04T08:45:00Z"}
    words = "November 4, 1965, 0845Z"
    assert dates.read_date(tag, words) == (
        Moment("1965-11-04T08:45:00Z", "1965-11-04", "1965-11-04", words),
        None,
    )


@pytest.mark.parametrize(
    ("tagged", "words", "edtf"),
    [
        ("1975-09-17T03:46:00", "September 17, 1975, 0346Z", "1975-09-17T03:46:00Z"),
        ("1975-09-17T03:46:00", "September 17, 1975, 3:46 a.m.", "1975-09-17T03:46:00"),
        ("1958-12-16T00:00:00", "December 16, 1958, midnight", "1958-12-16"),
        ("1958-12-16", "December 16, 1958, 3 p.m.", "1958-12-16T15:00:00"),
        ("1958-12-16", "December 16, 1958", "1958-12-16"),
    ],
)
def test_time_is_as_printed_where_the_tag_leaves_some_of_it_out(
    tagged: str, words: str, edtf: str
) -> None:
    """A midnight may begin or end its day, so the day is all that is certain."""
    day = tagged[:10]
    moment = Moment(tagged, day, day, words)

    assert dates.with_time(moment, words) == Moment(edtf, day, day, words)


@pytest.mark.parametrize(
    "tag",
    [
        {"from": "1948-08-30", "to": "1948-09-02"},
        {"notBefore": "1948-08-30", "notAfter": "1948-09-02"},
    ],
)
def test_range_of_a_tag_is_an_interval(tag: dict[str, str]) -> None:
    assert dates.read_date(tag, "") == (
        Moment("1948-08-30/1948-09-02", "1948-08-30", "1948-09-02"),
        None,
    )


def test_printed_day_is_preferred_to_another_day_in_the_tag() -> None:
    """The words are proofread, the tag often is not."""
    moment, fault = dates.read_date({"when": "1954-05-06"}, "May 6, 1953", (1952, 1954))
    assert moment == Moment("1953-05-06", "1953-05-06", "1953-05-06", "May 6, 1953")
    assert fault == 'the tagged date "1954-05-06" is not the printed date "May 6, 1953"'


@pytest.mark.parametrize("when", ["1954-02-30", "soon", "1954-13-01"])
def test_tag_that_is_no_date_gives_way_to_the_words(when: str) -> None:
    moment, fault = dates.read_date({"when": when}, "February 28, 1954")
    assert moment == Moment("1954-02-28", "1954-02-28", "1954-02-28", "February 28, 1954")
    assert fault == f'the tagged date "{when}" is not a date'


def test_date_far_from_the_volume_is_told() -> None:
    _, fault = dates.read_date({"when": "1876-02-09"}, "", (1955, 1957))
    assert fault == 'the tagged date "1876-02-09" is far from the years of the volume'


@pytest.mark.parametrize(
    ("words", "edtf"),
    [
        ("11:59 p.m.", "1943-12-27T23:59:00"),
        ("December 28—7:25 a.m.", "1943-12-28T07:25:00"),
        ("January 8, 1944", "1944-01-08"),
        ("January 8", "1944-01-08"),
        ("at 1:10 a.m. on December 28", "1943-12-28T01:10:00"),
    ],
)
def test_receipt_takes_from_the_sending_what_is_not_printed(words: str, edtf: str) -> None:
    """The year of a receipt in January of a telegram of December is the next."""
    sent = Moment("1943-12-27", "1943-12-27", "1943-12-27")
    received = dates.received_moment(words, sent)
    assert received == Moment(edtf, edtf[:10], edtf[:10], words)


@given(
    st.text(max_size=60) | st.from_regex(r"[0-9]{1,4}[-–, ]?(May|June|Dec)\.? [0-9–, apmZ]{0,12}")
)
def test_whatever_is_printed_gives_days_in_order_or_none(words: str) -> None:
    moment = dates.printed_moment(words, (1950, 1960))
    if moment is not None:
        first, last = moment.earliest or "", moment.latest or ""
        assert ISO.fullmatch(first)
        assert ISO.fullmatch(last)
        assert first <= last


@given(st.text(max_size=20), st.text(max_size=20))
def test_whatever_is_tagged_is_read_without_an_error(when: str, words: str) -> None:
    dates.read_date({"when": when}, words)
    dates.received_moment(words, dates.printed_moment("May 5, 1961"))
