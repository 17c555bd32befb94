"""Dates that historians write: which days each can mean, and what is refused."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.model import Moment
from ingest.moments import BadDate, moment


@pytest.mark.parametrize(
    ("written", "earliest", "latest"),
    [
        ("1944-10-17", "1944-10-17", "1944-10-17"),
        ("1944-10", "1944-10-01", "1944-10-31"),
        ("1944-02", "1944-02-01", "1944-02-29"),
        ("1944", "1944-01-01", "1944-12-31"),
        ("1944-10-17?", "1944-10-17", "1944-10-17"),
        ("1944-10-17/1944-10-19", "1944-10-17", "1944-10-19"),
        ("1943/1946-01", "1943-01-01", "1946-01-31"),
        ("../1944-10-17", None, "1944-10-17"),
        ("1944-10-17/..", "1944-10-17", None),
        ("[1944-11-16..1944-11-30]", "1944-11-16", "1944-11-30"),
        ("[..1944-11-30]", None, "1944-11-30"),
    ],
)
def test_date_means_its_first_and_last_day(written, earliest, latest):
    assert moment(written, "as printed") == Moment(written, earliest, latest, "as printed")


@pytest.mark.parametrize(
    "written",
    ["", "..", "/", "../..", "[..]", "17 October", "1944-13", "1944-00", "1944-10-32",
     "1944-02-30", "0000", "1944-10-17/1944-10-16", "1944-10-17/1944/1945", "1944-1-1",
     "١٩٤٤-١٠-١٧"],
)  # fmt: skip
def test_what_is_no_date_is_refused_by_its_words(written):
    with pytest.raises(BadDate, match=r"^\"|open on both sides") as refused:
        moment(written)
    assert written in str(refused.value)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_day_of_the_calendar_means_itself(day):
    assert moment(day.isoformat()) == Moment(day.isoformat(), day.isoformat(), day.isoformat())


@given(st.text(alphabet="0123456789-/.[]?~X", max_size=30))
def test_any_text_is_a_date_in_order_or_refused(text):
    try:
        found = moment(text)
    except BadDate:
        return
    assert (found.earliest or "") <= (found.latest or "9999")
