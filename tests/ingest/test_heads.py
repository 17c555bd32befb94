"""Heads of all shapes: form, sender and recipient."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.heads import Head, Tag, read_head, read_party
from ingest.model import Form, Party

STATE = Party("Department of State", "Department of State")


def party(printed: str, office: str | None, name: str | None = None) -> Party:
    return Party(printed, office, name)


HEADS = {
    "1. Telegram From the Embassy in Egypt to the Department of State": Head(
        Form.TELEGRAM, "1", party("Embassy in Egypt", "Embassy in Egypt"), STATE
    ),
    "No. 839 The Ambassador in Japan (Allison) to the Department of State": Head(
        Form.LETTER,
        "839",
        party("Ambassador in Japan (Allison)", "Ambassador in Japan", "Allison"),
        STATE,
    ),
    "The Chargé in Korea ( Drumright ) to the Secretary of State": Head(
        Form.LETTER,
        None,
        party("Chargé in Korea (Drumright)", "Chargé in Korea", "Drumright"),
        party("Secretary of State", "Secretary of State"),
    ),
    "The British Embassy to the Department of State": Head(
        Form.NOTE, None, party("British Embassy", "British Embassy"), STATE
    ),
    "7. Memorandum From the Special Assistant to the President (Rostow) to President Johnson": Head(
        Form.MEMORANDUM,
        "7",
        party(
            "Special Assistant to the President (Rostow)",
            "Special Assistant to the President",
            "Rostow",
        ),
        party("President Johnson", "President", "Johnson"),
    ),
    "9. Telegram From the Mission to the United Nations to the Department of State": Head(
        Form.TELEGRAM,
        "9",
        party("Mission to the United Nations", "Mission to the United Nations"),
        STATE,
    ),
    "2. Memorandum From Robert W. Komer of the Policy Planning Staff to President Kennedy": Head(
        Form.MEMORANDUM,
        "2",
        party(
            "Robert W. Komer of the Policy Planning Staff",
            "Policy Planning Staff",
            "Robert W. Komer",
        ),
        party("President Kennedy", "President", "Kennedy"),
    ),
    "Memorandum by Mr. Alger Hiss, Assistant to the Adviser on Relations (Hornbeck)": Head(
        Form.MEMORANDUM,
        None,
        party(
            "Mr. Alger Hiss, Assistant to the Adviser on Relations (Hornbeck)",
            "Assistant to the Adviser on Relations (Hornbeck)",
            "Alger Hiss",
        ),
    ),
    "Memorandum of Conversation, by the Adviser on Political Relations (Hornbeck)": Head(
        Form.CONVERSATION,
        None,
        party(
            "Adviser on Political Relations (Hornbeck)",
            "Adviser on Political Relations",
            "Hornbeck",
        ),
    ),
    "5. Memorandum of a Conversation, Department of State, Washington, May 20, 1955": Head(
        Form.CONVERSATION, "5", place="Washington", tail=", May 20, 1955"
    ),
    "6. Memorandum of Discussion at the 285th Meeting of the National Security Council": Head(
        Form.MINUTES, "6"
    ),
    "8. Memorandum for the Record": Head(Form.MEMORANDUM, "8"),
    "3. Paper Prepared in the Department of State": Head(Form.REPORT, "3", STATE),
    "3. Briefing Paper Prepared in the Department of State for President Johnson": Head(
        Form.REPORT, "3", STATE, party("President Johnson", "President", "Johnson")
    ),
    "4. Special National Intelligence Estimate": Head(Form.REPORT, "4"),
    "70. Airgram From the Embassy in Iran to the Department of State, May 2, 1972": Head(
        Form.AIRGRAM,
        "70",
        party("Embassy in Iran", "Embassy in Iran"),
        STATE,
        tail=", May 2, 1972",
    ),
    "11. Letter From Eric Johnston to the Department of State, Washington, undated": Head(
        Form.LETTER,
        "11",
        party("Eric Johnston", None, "Eric Johnston"),
        STATE,
        place="Washington",
        tail=", undated",
    ),
    "12. Note From Robert Komer to President Kennedy": Head(
        Form.MEMORANDUM,
        "12",
        party("Robert Komer", None, "Robert Komer"),
        party("President Kennedy", "President", "Kennedy"),
    ),
    "13. Message From Chairman Khrushchev to President Kennedy": Head(
        Form.LETTER,
        "13",
        party("Chairman Khrushchev", "Chairman", "Khrushchev"),
        party("President Kennedy", "President", "Kennedy"),
    ),
    "17. Memorandum From Laurence Lynn, Jr., of the Staff to the Executive Secretariat": Head(
        Form.MEMORANDUM,
        "17",
        party("Laurence Lynn, Jr., of the Staff", "Staff", "Laurence Lynn, Jr."),
        party("Executive Secretariat", "Executive Secretariat"),
    ),
    "18. Memorandum from Smith to Rusk, Ball, and McGeorge Bundy, April 6": Head(
        Form.MEMORANDUM,
        "18",
        party("Smith", None, "Smith"),
        party("Rusk, Ball, and McGeorge Bundy", None, "Rusk, Ball, and McGeorge Bundy"),
        tail=", April 6",
    ),
    "19. Letter to the Nation": Head(Form.LETTER, "19", None, party("Nation", "Nation")),
    "No. 469 The Political Adviser to SCAP (Sebald) to the Department of State": Head(
        Form.LETTER,
        "469",
        party("Political Adviser to SCAP (Sebald)", "Political Adviser to SCAP", "Sebald"),
        STATE,
    ),
    "14. Remarks by Jimmy Carter": Head(
        Form.OTHER, "14", party("Jimmy Carter", None, "Jimmy Carter")
    ),
    "15. Editorial Note": Head(Form.EDITORIAL_NOTE, "15"),
    "16. Telegram 525 to Djakarta, November 13. Nuclear free zone. Confidential. 3 pp.": Head(
        Form.TELEGRAM,
        "16",
        recipient=party("Djakarta", "Djakarta"),
        tail=", November 13. Nuclear free zone. Confidential. 3 pp.",
    ),
    "": Head(Form.OTHER),
}


@pytest.mark.parametrize(("words", "head"), HEADS.items())
def test_head_names_form_sender_and_recipient(words: str, head: Head) -> None:
    assert read_head(words) == head


@pytest.mark.parametrize(
    ("medium", "opening", "form"),
    [
        ("telegram", "", Form.TELEGRAM),
        ("circular airgram", "", Form.AIRGRAM),
        (None, "Sir: I have the honor to enclose a copy.", Form.LETTER),
        (None, "The Secretary of State presents his compliments.", Form.NOTE),
    ],
)
def test_form_that_the_head_leaves_open_is_told_by_source_note_and_text(
    medium: str | None, opening: str, form: Form
) -> None:
    head = "The Secretary of State to the Ambassador in China (Gauss)"
    assert read_head(head, (), medium, opening).form is form


def test_tags_of_the_editors_decide_where_the_sender_ends() -> None:
    """Without them "to the President" would be the recipient."""
    words = "Message From the Aide to the President to the Secretary of State"
    tags = [Tag("from", 17, 38, "p_A1"), Tag("to", 46, 64, person=False)]
    head = read_head(words, tags)
    assert (head.sender, head.recipient) == (
        Party("Aide to the President", "Aide to the President", None, "p_A1"),
        Party("Secretary of State", "Secretary of State"),
    )


def test_tagged_person_gives_name_and_target() -> None:
    words = "7. Letter From Acting Secretary of State Herter to Foreign Secretary Lloyd"
    tags = [Tag("from", 41, 47), Tag("to", 69, 74, "p_LJ1")]
    head = read_head(words, tags)
    assert (head.sender, head.recipient) == (
        Party("Acting Secretary of State Herter", "Acting Secretary of State", "Herter"),
        Party("Foreign Secretary Lloyd", "Foreign Secretary", "Lloyd", "p_LJ1"),
    )


TAGGED = {
    "Shah of Iran": ("Shah", party("Shah of Iran", "Shah of Iran")),
    "Embassy in Jordan": ("Jordan", party("Embassy in Jordan", "Embassy in Jordan")),
    "Secretary of Defense (Vance) and the Chairman (Seaborg)": (
        "Vance",
        party(
            "Secretary of Defense (Vance) and the Chairman (Seaborg)",
            "Secretary of Defense (Vance) and the Chairman (Seaborg)",
        ),
    ),
    "Admiral George Anderson, Jr.": (
        "George Anderson",
        party("Admiral George Anderson, Jr.", "Admiral", "George Anderson, Jr."),
    ),
    "Wesley Fishel of the Working Group": (
        "Wesley Fishel",
        party("Wesley Fishel of the Working Group", "Working Group", "Wesley Fishel"),
    ),
}


@pytest.mark.parametrize(("words", "tagged", "read"), [(w, *rest) for w, rest in TAGGED.items()])
def test_tag_in_a_title_or_on_one_of_several_persons_is_not_the_name(
    words: str, tagged: str, read: Party
) -> None:
    start = words.index(tagged)

    assert read_party(words, [Tag("", start, start + len(tagged))]) == read


def test_a_place_behind_those_who_speak_is_no_person() -> None:
    words = (
        "1. Memorandum of a Conversation Between Secretary of State Dulles and "
        "Secretary-General Hammarskjöld, Ambassador Lodge’s Apartment, Waldorf Astoria, New York, "
        "December 31, 1956"
    )
    named = ("Dulles", "Hammarskjöld")
    tags = [Tag("", words.index(name), words.index(name) + len(name), None, True) for name in named]
    assert [party.printed for party in read_head(words, tags).between] == [
        "Secretary of State Dulles",
        "Secretary-General Hammarskjöld",
    ]


def test_two_that_speak_by_telephone_are_between() -> None:
    words = "1. Telephone Conversation Between President Johnson and the Secretary of State (Rusk)"
    assert read_head(words).between == (
        Party("President Johnson", "President", "Johnson"),
        Party("Secretary of State (Rusk)", "Secretary of State", "Rusk"),
    )


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (
            "Mr. Georgi M. Kornienko, Counselor, Soviet Embassy",
            Party(
                "Mr. Georgi M. Kornienko, Counselor, Soviet Embassy",
                "Counselor, Soviet Embassy",
                "Georgi M. Kornienko",
            ),
        ),
        ("The Secretary", Party("Secretary", "Secretary")),
        ("Mr. Bowie", Party("Mr. Bowie", None, "Bowie")),
        (
            "Robert W. Barnett—Counselor for Economic Affairs",
            Party(
                "Robert W. Barnett—Counselor for Economic Affairs",
                "Counselor for Economic Affairs",
                "Robert W. Barnett",
            ),
        ),
        (" ", None),
    ],
)
def test_participant_has_a_name_an_office_or_both(words: str, read: Party | None) -> None:
    assert read_party(words) == read


@given(
    st.lists(
        st.sampled_from(
            "Telegram Letter Memorandum From from by to To the for of Conversation and Between "
            "( ) , President Johnson Embassy Egypt May 5 1961 undated Assistant The".split()
        )
        | st.text(max_size=4),
        max_size=14,
    ).map(" ".join)
)
def test_parties_are_words_of_the_head(words: str) -> None:
    """Whatever is printed, nothing is made up, apart from the space within parentheses."""
    head = read_head(words)
    dense = words.replace(" ", "")
    for found in (head.sender, head.recipient, *head.between):
        if found is not None:
            assert found.printed
            assert found.printed.replace(" ", "") in dense
