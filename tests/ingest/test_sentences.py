"""Sentences end where they do, and together they are the text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sentences import sentences


def cut(text: str) -> list[str]:
    return [text[each.start : each.end] for each in sentences(text, 0, len(text))]


@pytest.mark.parametrize(
    "parts",
    [
        ["Saw Nasser today.", "He agreed.", "Did you?", "Yes!"],
        ["Told Mr. Hoover and Gen. Gruenther of it.", "U.S. Govt. agreed."],
        ["1. Please inform Embassy.", "2. You should see King.", "(A) Nothing else."],
        ["He said: “We refuse.”", "“Why?”", "[Omitted.]"],
        ["See Embtel 1132 of Jan. 7, para. 3.", "20828."],
        ["no stop and no capital"],
        ["J. F. Dulles came."],
    ],
)
def test_sentences_end_at_their_stops_and_not_at_abbreviations(parts):
    assert cut(" ".join(parts)) == parts


@given(st.text(alphabet="aB.?! \n”(1Mr", max_size=80))
def test_sentences_leave_out_nothing_but_gaps(text):
    spans = [*sentences(text, 0, len(text))]
    assert "".join(cut(text)).replace(" ", "").replace("\n", "") == "".join(text.split())
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert all(span.start < span.end for span in spans)
