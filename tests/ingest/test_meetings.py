"""The meeting that a document records by its form, with the words that say so."""

import pytest

from ingest.meetings import CONFIDENCE, RUN, recorded_meeting
from ingest.model import Agent, Block, Document, Fact, Form, Kind, Moment, Party, Quote

HEAD = "4. Memorandum of a Conversation, Department of State, Washington, January 7, 1955"
DULLES = Party("Secretary", "Secretary of State", entities=("person/dulles", "position/secretary"))
HOOVER = Party("Mr. Hoover", None, "Hoover")


def document(*lines: str, head: str = HEAD, kind: str = "paragraph", **fields: object) -> Document:
    blocks, start = [], 0
    for line in (head, *lines):
        blocks.append(Block(kind if start else "head", start, start + len(line)))
        start += len(line) + 1
    given: dict[str, object] = {
        "form": Form.CONVERSATION,
        "participants": (DULLES, HOOVER),
        "number": "4",
        "sent": Moment("1955-01-07", "1955-01-07", "1955-01-07", "January 7, 1955"),
        "sent_from": "place/washington",
    }
    return Document(
        volume="frus1955-57v02",
        id="d4",
        head=head,
        text="\n".join((head, *lines)),
        blocks=tuple(blocks),
        **{**given, **fields},  # type: ignore[arg-type]
    )


def test_a_memorandum_of_conversation_is_a_meeting_of_those_listed():
    text = document("SUBJECT", "Release of Airmen", "The Secretary said little.").text
    start = text.index("Release")
    assert recorded_meeting(
        document("SUBJECT", "Release of Airmen", "The Secretary said little.")
    ) == Fact(
        id="frus1955-57v02/d4/aa2e1163",
        document="frus1955-57v02/d4",
        kind=Kind.MEETING,
        quote=Quote(HEAD, 0, len(HEAD)),
        support=(Quote("Release of Airmen", start, start + 17),),
        trigger=Quote("Conversation", 19, 31),
        content="Release of Airmen",
        status="held",
        origin=RUN.id,
        participants=(Agent("person/dulles", "Secretary"), Agent(None, "Mr. Hoover")),
        date=Moment("1955-01-07", "1955-01-07", "1955-01-07"),
        location="place/washington",
        confidence=CONFIDENCE,
    )


@pytest.mark.parametrize(
    ("lines", "content"),
    [
        (("Subject: Suez", "He spoke."), "Suez"),
        (("SUBJECT", "Suez"), "Suez"),
        (("Subjects. Oil and arms",), "Oil and arms"),
        (
            ("Subject to approval he agreed.",),
            "Memorandum of a Conversation, Department of State, Washington, January 7, 1955",
        ),
        (
            ("He spoke.",),
            "Memorandum of a Conversation, Department of State, Washington, January 7, 1955",
        ),
        (("SUBJECT", "x" * 400), "x" * 299 + "…"),
    ],
)
def test_what_it_was_about_is_the_subject_or_else_the_heading(lines, content):
    meeting = recorded_meeting(document(*lines))
    assert meeting is not None
    assert meeting.content == content


@pytest.mark.parametrize(
    "fields",
    [
        {"form": Form.TELEGRAM},
        {"participants": (DULLES,)},
        {"head": "4. Memorandum"},
    ],
)
def test_a_document_of_another_form_or_with_nobody_listed_records_none(fields):
    assert recorded_meeting(document("He spoke.", **fields)) is None


def test_every_quote_stands_where_it_says():
    read = document("Subject: Suez", "He spoke.")
    meeting = recorded_meeting(read)
    assert meeting is not None
    quotes = [meeting.quote, *meeting.support, meeting.trigger]
    assert [read.text[q.start : q.end] for q in quotes if q] == [q.exact for q in quotes if q]


def test_an_undated_one_has_no_date():
    meeting = recorded_meeting(document("He spoke.", sent=None, sent_from=None))
    assert meeting is not None
    assert (meeting.date, meeting.location) == (None, None)
