"""The day of an act, and the day by which something is to be done, on 7 January 1955, a Friday."""

import pytest

from ingest.model import Kind, Moment
from ingest.when import deadline_of, moment_of
from tests.ingest.papers import telegram


@pytest.mark.parametrize(
    ("status", "words", "day", "printed"),
    [
        ("held", "Saw Nasser this morning", "1955-01-07", "this morning"),
        ("held", "Saw Nasser yesterday", "1955-01-06", "yesterday"),
        ("planned", "Will see Nasser tomorrow", "1955-01-08", "tomorrow"),
        ("held", "met Nasser Wednesday", "1955-01-05", "Wednesday"),
        ("held", "met Nasser Friday", "1955-01-07", "Friday"),
        ("planned", "will meet Wednesday", "1955-01-12", "Wednesday"),
        ("held", "talk of December 30", "1954-12-30", "December 30"),
        ("held", "talk of January 3", "1955-01-03", "January 3"),
        ("planned", "meeting January 3", "1956-01-03", "January 3"),
        ("held", "conference of October 5, 1954", "1954-10-05", "October 5, 1954"),
    ],
)
def test_a_meeting_is_on_the_day_that_its_words_name(status, words, day, printed):
    moment = Moment(day, day, day, printed)
    assert moment_of(telegram(words), Kind.MEETING, status, words) == moment


@pytest.mark.parametrize(
    "words", ["met in January", "met on February 30", "met February 29", "met"]
)
def test_words_that_name_no_day_give_none(words):
    assert moment_of(telegram(words), Kind.MEETING, "held", words) is None


def test_another_act_has_only_the_day_on_which_it_was_done():
    words = "asked yesterday that troops leave January 20"
    moment = Moment("1955-01-06", "1955-01-06", "1955-01-06", "yesterday")
    assert moment_of(telegram(words), Kind.REQUEST, "made", words) == moment
    assert moment_of(telegram(words), Kind.REQUEST, "made", "troops to leave Friday") is None


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("let us know within two weeks", "1955-01-21"),
        ("reply within 10 days", "1955-01-17"),
        ("report within a month", "1955-02-06"),
        ("to leave by January 20", "1955-01-20"),
        ("not later than February 1, 1956", "1956-02-01"),
        ("within many weeks", None),
        ("by all means", None),
        ("by February", None),
        ("soon", None),
    ],
)
def test_a_deadline_is_a_day(words, day):
    assert deadline_of(telegram(words), words) == day


def test_without_the_day_of_the_document_nothing_is_known():
    undated = telegram("Saw Nasser today within two weeks", sent=None)
    assert moment_of(undated, Kind.MEETING, "held", "today") is None
    assert deadline_of(undated, "within two weeks") is None
