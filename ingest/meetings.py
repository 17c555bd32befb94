"""The meeting that a document records by what it is: a memorandum of conversation, minutes.

Its heading says that people met; the dateline says when and where, and the list of those
present, or the heading, says who. Nothing is read from the text below: whoever is not listed
is not a participant, and what was said there are facts of their own.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.curated import fact_hash, gist
from ingest.model import (
    RECORDS_OF_MEETINGS,
    Agent,
    Document,
    ExtractionRun,
    Fact,
    Kind,
    Party,
    Quote,
)

RUN = ExtractionRun("run/recorded-meetings-1", "Meetings that documents record by their form", "1")
"""The version rises with every change of what is found here."""

CONFIDENCE = 0.97
"""Of 27 in the open gold documents annotators have 22, and heading and list say so of the other 5:
(27 + 1) / (27 + 2)."""

_MET = re.compile(
    r"(?:Tele(?:phone|type)\s)?Conversations?|Meetings?|Sessions?|Conference|Discussions?|Talks?"
    r"|Interview|Audience|Call|Luncheon|Dinner|Briefing|Minutes|Memcon",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"subjects?\s*[:.]?\s*", re.IGNORECASE)


def recorded_meeting(document: Document) -> Fact | None:
    """Return the meeting that a document records; None if its form says of none, or not of whom."""
    if document.form not in RECORDS_OF_MEETINGS or len(document.participants) < 2:
        return None
    quote = Quote(document.head, 0, len(document.head))
    met = _MET.search(document.head)
    if met is None or not document.text.startswith(document.head):
        return None
    subject = _subject(document)
    return Fact(
        id=f"{document.key}/{fact_hash(Kind.MEETING, quote, met.start(), document.text)}",
        document=document.key,
        kind=Kind.MEETING,
        quote=quote,
        support=(subject,) if subject else (),
        trigger=Quote(met.group(), met.start(), met.end()),
        content=_content(document, subject),
        status="held",
        origin=RUN.id,
        participants=tuple(dict.fromkeys(map(_agent, document.participants))),
        reported_by=(_agent(document.sender),) if document.sender else (),
        date=replace(document.sent, printed="") if document.sent else None,
        location=document.sent_from,
        confidence=CONFIDENCE,
    )


def introduced(meeting: Fact, facts: Sequence[Fact], document: Document) -> Fact:
    """Return a recorded meeting with the words of the text that introduce it, if there are any.

    They are those of a held meeting in the first paragraph; heading and list say the rest.
    """
    first = next((block for block in document.blocks if block.kind == "paragraph"), None)
    for fact in facts:
        told = fact.kind is Kind.MEETING and fact.status == "held" and fact.trigger
        if told and first and fact.quote.end <= first.end:
            return replace(
                meeting,
                id=fact.id,
                quote=fact.quote,
                trigger=fact.trigger,
                support=(meeting.quote, *meeting.support),
            )
    return meeting


def _agent(party: Party) -> Agent:
    return Agent(party.entity, party.printed)


def _subject(document: Document) -> Quote | None:
    """Find the subject that is printed above the text: "SUBJECT", and below it or behind it."""
    called = False
    for block in document.blocks[1:40]:
        words = document.text[block.start : block.end]
        found = _SUBJECT.match(words)
        if called or (found and found.end() < len(words) and found.group().strip()[-1] in ":."):
            start = block.start + (found.end() if found else 0)
            return Quote(document.text[start : block.end], start, block.end)
        called = bool(found and found.end() == len(words))
    return None


def _content(document: Document, subject: Quote | None) -> str:
    words = subject.exact if subject else document.head.removeprefix(f"{document.number}. ")
    return gist(words)
