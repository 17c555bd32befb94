"""The place of a meeting, by the words that tell of it."""

import pytest

from ingest.authority import Authority
from ingest.model import Entity, Quote
from ingest.where import place_of
from tests.ingest.papers import telegram

PLACES = {"Geneva": (), "Rio de Janeiro": ("Rio",), "Moscow": (), "The Hague": ("Hague",)}
KNOWN = Authority(
    Entity(f"place/{label.lower().replace(' ', '-')}", label, others)
    for label, others in PLACES.items()
)


def place(words, trigger="met"):
    start = words.index(trigger)
    told = Quote(words, 0, len(words))
    return place_of(telegram(words), told, Quote(trigger, start, start + len(trigger)), KNOWN)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("I met Gromyko in Geneva July 3", "place/geneva"),
        ("When in Moscow I met Gromyko", "place/moscow"),
        ("we met at The Hague last week", "place/the-hague"),
        ("the committee met in Rio de Janeiro.", "place/rio-de-janeiro"),
        ("the committee met in Rio again", "place/rio-de-janeiro"),
        ("THE MINISTERS met IN GENEVA ON MAY 7", "place/geneva"),
        ("we met in Geneva, where he had met Gromyko in Geneva", "place/geneva"),
    ],
)
def test_it_is_the_one_near_the_trigger(words, found):
    assert place(words) == found


@pytest.mark.parametrize(
    "words",
    [
        "met Gromyko",
        "met Gromyko in Atlantis",
        "met the Ambassador in Moscow",
        "met on the rights in Moscow",
        "met in Geneva and Moscow",
        "met in Geneva, Moscow and Rio",
        "met in Geneva after talks in Moscow",
        "telephoned and met Gromyko in Geneva",
        "met on the protocol signed in Moscow Conference",
        "met Gromyko, who in the course of the conversation said again and again at great length "
        "what had been said at the time in Moscow",
    ],
)
def test_words_that_leave_it_open_give_none(words):
    assert place(words) is None
