"""A link joins an entity unless a life speaks against it."""

import pytest

from ingest.lives import Active, linked
from ingest.model import Entity, WikidataLink

HARE = Entity("person/hare", "Hare, Raymond A.")
LINK = WikidataLink(
    "linked", "Q1", confidence=0.9, evidence="x", manual=False, born=1901, died=1994
)


@pytest.mark.parametrize(
    ("active", "doubt"),
    [
        (Active(1956, 1959), None),
        (Active(None, None), None),
        (Active(1916, 1994), None),
        (Active(1956, 1995), "has documents of 1995, and the item says died in 1994"),
        (Active(1915, 1959), "has documents of 1915, and the item says born in 1901"),
    ],
)
def test_an_exact_match_with_a_life_that_cannot_be_becomes_a_close_one(active, doubt):
    [found], doubts = linked([HARE], {HARE.id: LINK}, {HARE.id: active})
    assert (found.link.exact, found.link.evidence) == (not doubt, f"x; {doubt}" if doubt else "x")
    assert doubts == ([f"person/hare: Q1: {doubt}; the link is no exact match"] if doubt else [])


def test_what_the_authority_says_comes_first():
    known = Entity("person/a", "A", link=WikidataLink("none-found"))
    assert linked([known, HARE], {known.id: LINK}, {}) == ([known, HARE], [])
