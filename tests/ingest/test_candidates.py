"""Who may act: those whom the head, the lists and the words of a document name."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.candidates import Candidate, Naming, head_parties, listed_party, named, party_label
from ingest.model import Mention, Party
from tests.ingest.papers import telegram


def names(words: str) -> list[tuple[str, str]]:
    """What is named in some words, and what it is called."""
    document = telegram(words)
    naming = Naming.of(document)
    start = document.text.index(words)
    found = named(naming, start, start + len(words))
    return [(one.printed, one.label) for one in found]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("I told Nasser today", [("Nasser", "Nasser")]),
        ("as HMG and the French told USG", [
            ("HMG", "United Kingdom"), ("French", "France"), ("USG", "United States")
        ]),
        ("asked Dept and SecState", [
            ("Dept", "Department of State"), ("SecState", "Secretary of State")
        ]),
        ("told Amb of it", [("Amb", "Embassy in Egypt")]),
        ("at Nasser’s request", [("Nasser’s", "Nasser")]),
        ("the Egyptian Government’s note", [("Egyptian Government’s", "Egypt")]),
        ("with Foreign Minister Fawzi in Cairo", [
            ("Foreign Minister Fawzi", "Foreign Minister Fawzi"), ("Cairo", "Cairo")
        ]),
        ("from the Ambassador in Syria today", [("Ambassador in Syria", "Ambassador in Syria")]),
        ("by the Shah of Iran himself", [("Shah of Iran", "Shah of Iran")]),
        ("Please see him on Monday", []),
        ("Yesterday he left", []),
    ],
)  # fmt: skip
def test_names_are_called_what_a_reader_would_call_them(words, found):
    assert names(words) == found


def test_a_word_that_begins_a_sentence_is_a_name_if_it_is_one_within_another():
    assert names("Hare spoke. Then Hare left.") == [("Hare", "Hare"), ("Hare", "Hare")]
    assert names("Trouble ahead. No trouble here.") == []


def test_an_abbreviation_of_several_states_is_that_which_the_document_is_about():
    assert names("told GOI so") == [("GOI", "GOI")]
    assert names("The Indian view is that of GOI")[-1] == ("GOI", "India")
    assert names("The Iraqi view is that of GOI")[-1] == ("GOI", "Iraq")


def test_a_tagged_name_is_one_even_where_a_sentence_begins():
    document = telegram("Trouble came.")
    start = document.text.index("Trouble")
    tag = Mention("person", start, start + 7, "p_T1", "person/trouble-john")
    document = telegram("Trouble came.", mentions=(tag,))
    assert [*named(Naming.of(document), start, len(document.text))] == [
        Candidate("Trouble", "Trouble", start, start + 7, "person/trouble-john")
    ]


@pytest.mark.parametrize(
    ("printed", "label"),
    [
        ("Embassy in Egypt", "Embassy in Egypt"),
        ("Ambassador in Egypt ( Byroade )", "Embassy in Egypt (Byroade)"),
        ("Chargé in the Soviet Union (Walmsley)", "Embassy in the Soviet Union (Walmsley)"),
        ("Acting Secretary of State", "Department of State"),
        ("Secretary of State (Dulles)", "Department of State (Dulles)"),
        ("President", "President"),
        ("Assistant Secretary of State", "Assistant Secretary of State"),
    ],
)
def test_a_party_is_the_body_that_it_speaks_for(printed, label):
    assert party_label(Party(printed)) == label


def test_who_signs_for_a_mission_is_told_with_it():
    sender, recipient = head_parties(telegram("Nothing.", signed="Byroade"))
    assert (sender, recipient) == (
        Candidate("Embassy in Egypt (Byroade)", "Embassy in Egypt"),
        Candidate("Department of State", "Department of State"),
    )
    assert head_parties(telegram("Nothing.", sender=None, recipient=None)) == (None, None)


def test_one_of_a_list_keeps_its_entity():
    party = Party("Mr. Hoover", None, "Hoover", "p_H1", ("person/hoover",))
    assert listed_party(party) == Candidate("Mr. Hoover", "Mr. Hoover", entity="person/hoover")


@given(st.text(alphabet="ABab .,’-(\n1", max_size=60))
def test_names_are_words_of_the_text_in_order_and_apart(words):
    document = telegram(words)
    found = [*named(Naming.of(document), 0, len(document.text))]
    assert all(document.text[one.start : one.end] == one.printed for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
