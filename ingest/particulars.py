"""What a document says about itself: date and place, number, marks, parties, those present.

Head and source note come first; what they leave open is read from the lines around the text,
in which the volumes of each time have habits of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ingest import dates, heads, sources
from ingest.model import RECORDS_OF_MEETINGS, Block, Form, Moment, Party, Span
from ingest.transcript import Transcript

_MONTHS = "|".join(dates.MONTHS)
_SERIES = re.compile(
    r"(?:(?:Telegram|Unnumbered|Airgram)\s)?(?:No\.?\s?)?"
    rf"(?P<number>(?:\d{{3,6}}/)?(?:(?!{_MONTHS})[A-Z][A-Za-z/-]{{0,14}}(?:\sCircular)?(?:\s|\s?[–-]\s?))?"
    r"(?:[A-Z]{1,4}[–-])?\d{1,6}(?:/\d+|[–-]\d\d(?=\.))?)"
    r"(?=\.\s|\.\d|\.?\s?[(\[…]|\.$|$|[,:;—]\s|\sCC\.)"
)
_NUMBERED_HEAD = re.compile(
    r"\b(?:Telegram|Airgram|Cable|Despatch|Message)\s(?:No\.\s)?(?P<number>(?:[A-Z][\w-]*[\s–-])?"
    r"[A-Z]{0,2}[–-]?\d[\d–-]*(?:/[A-Z]\w+\s\d+)?)(?:/[\d-]+Z?)?(?=\s(?:[Ff]rom|[Tt]o)\b|,)"
)
_NUMBER_LINE = re.compile(r"No\.?\s?(?P<number>[A-Z]?[–-]?\d+)\b")
_RECEIVED = re.compile(r"\bReceived\b(?P<when>[^\]]{0,80})")
_RECEIVED_NOTE = re.compile(
    r"\bReceived (?:in the Department (?:of State )?|in Washington |by the Department )?"
    r"(?P<when>(?:at|on) [^;]{1,60}|[A-Z][a-z]+ \d[^;]{1,60})"
)
_CABLED = re.compile(r"\b(?:telegram|cable|channel|transmitted to)", re.IGNORECASE)
_END_LINE = re.compile(rf"(?:[A-Z][\w .]+,)?\s*\[?{dates.MONTH} \d{{1,2}}, \[?1[789]\d\d\]?\.?\]?$")
_REDACTED = re.compile(r"\[[^\[\]]{0,200}?\bnot (?:yet )?declassified[^\[\]]{0,100}\]")
_PRESENT = re.compile(
    r"(?:[\w ]{0,40}\b(?:were|those) )?(?:PARTICIPANTS?|PARTICIPATION|PRESENT|ATTENDEES"
    r"|IN ATTENDANCE|ALSO PRESENT)\b[^:\w]{0,3}(?::|$)\s*(?P<rest>.*)$",
    re.IGNORECASE,
)
_HINT = re.compile("PARTICIP|articip|PRESENT|resent|ATTEND|ttend")
_GROUP = re.compile(
    r"(?!.*\b(?:President|Secretary|Minister|Ambassador|Chairman|General|Mr|Mrs|Dr|Director"
    r"|Chancellor|Senator|Admiral|Governor|Prince|King|Shah)\b)(?:[A-Z][\w.&/’-]*\s?){1,3}:?$"
)
_UNNAMED = re.compile(r"\(?(?:see|and)?\s*(?:attached|others?)\b", re.IGNORECASE)
_WIRED = frozenset({Form.TELEGRAM, Form.AIRGRAM})


class Particulars(NamedTuple):
    """What a document says about itself; `fault` is what is wrong with the tag of its date."""

    form: Form
    head: str
    number: str | None
    sender: Party | None
    recipient: Party | None
    place: str | None
    sent: Moment | None
    fault: str | None
    received: Moment | None
    telegram_number: str | None
    classification: str | None
    precedence: str | None
    source: sources.SourceNote
    participants: tuple[Party, ...]


def read_particulars(text: Transcript, years: tuple[int, int] | None) -> Particulars:
    """Read what a document says about itself; `years` are those of its volume."""
    head = _line(text, "head")
    note = next((note.text for note in text.notes if note.kind == "source"), "")
    source = sources.read_source(note)
    opening = _line(text, "paragraph")
    read = heads.read_head(head, text.tags, source.medium, opening[:200])
    form = _form(read.form, head, note, opening)
    sent, place, fault = _sent(text, read, years)
    level, urgency = source.classification, source.precedence
    if level is None:
        level, urgency = _marks(text)
    return Particulars(
        form=form,
        head=head,
        number=read.number,
        sender=read.sender or _list_party(text, "from") or _signature(text, form),
        recipient=read.recipient or _list_party(text, "to"),
        place=place or read.place,
        sent=sent,
        fault=fault,
        received=_received(text, note, sent) if form in _WIRED or "eceived" not in note else None,
        telegram_number=_number(text, head, form),
        classification=level,
        precedence=urgency,
        source=source,
        participants=_participants(text, read.between) if form in RECORDS_OF_MEETINGS else (),
    )


def redactions(words: str) -> tuple[Span, ...]:
    """Find the places at which the editors say that words are withheld."""
    if "declassified" not in words:
        return ()
    return tuple(Span(*found.span()) for found in _REDACTED.finditer(words))


def is_undated(text: Transcript) -> bool:
    """Tell whether the editors say that the document bears no date."""
    return any(
        block.kind in ("head", "dateline") and dates.is_undated(line)
        for block, line in zip(text.blocks, text.lines, strict=True)
    )


def _own(text: Transcript) -> Iterator[tuple[Block, str]]:
    """The blocks and lines of the document itself, without what is enclosed."""
    stop = text.enclosures[0] if text.enclosures else text.start + 1
    for block, line in zip(text.blocks, text.lines, strict=True):
        if block.start >= stop:
            return
        yield block, line


def _line(text: Transcript, kind: str) -> str:
    """The first line of a kind."""
    for index, block in enumerate(text.blocks):
        if block.kind == kind:
            return text.lines[index]
    return ""


def _form(form: Form, head: str, note: str, opening: str) -> Form:
    """Tell a message that went by wire from one that was handed over."""
    if form is Form.LETTER and "essage" in head[:24]:
        numbered = _SERIES.match(opening)
        if (numbered and numbered["number"] != "1") or _CABLED.search(note):
            return Form.TELEGRAM
    return form


def _sent(
    text: Transcript, head: heads.Head, years: tuple[int, int] | None
) -> tuple[Moment | None, str | None, str | None]:
    """Find date and place of sending: in the dateline, in the head, or at the end."""
    moment, fault = _tagged_moment(text, years)
    if moment is None:
        moment = _printed_moment(text, years)
    if moment is None and head.tail:
        moment = dates.printed_moment(head.tail, years)
    if moment is None and not is_undated(text):
        moment, place = _end_line(text, years)
        return moment, place or _place(text), fault
    return moment, _place(text), fault


def _printed_moment(text: Transcript, years: tuple[int, int] | None) -> Moment | None:
    """Find the date that is printed in the dateline without a tag."""
    for block, line in _own(text):
        if block.kind == "dateline":
            moment = dates.printed_moment(_before_receipt(line), years)
            if moment:
                return moment
    return None


def _tagged_moment(
    text: Transcript, years: tuple[int, int] | None
) -> tuple[Moment | None, str | None]:
    """Find the date that is tagged in the dateline, or else in the head."""
    for kind in ("dateline", "head"):
        for found in text.dates:
            if found.block == kind:
                printed = _before_receipt(_rest_of_line(text, found.start))
                moment, fault = dates.read_date(found.attributes, printed, years)
                return dates.with_time(moment, printed), fault
    return None, None


def _rest_of_line(text: Transcript, start: int) -> str:
    for block, line in zip(text.blocks, text.lines, strict=True):
        if block.start <= start < block.end:
            return line[start - block.start :]
    return ""


def _before_receipt(line: str) -> str:
    return line.partition("Received")[0].strip(" [].,;")


def _end_line(text: Transcript, years: tuple[int, int] | None) -> tuple[Moment | None, str | None]:
    """Read place and date where they are printed below the text, as in notes."""
    for line in text.lines[:-3:-1]:
        if len(line) < 80 and _END_LINE.match(line):
            place, comma, _ = line.partition(",")
            named = comma and not any(map(str.isdigit, place))
            return dates.printed_moment(line, years), place.strip(" []") if named else None
    return None, None


def _place(text: Transcript) -> str | None:
    """Find the place that is tagged first in a dateline."""
    for mention in text.mentions:
        if mention.kind == "place":
            for block, line in _own(text):
                if block.start <= mention.start < block.end and block.kind == "dateline":
                    start, end = mention.start - block.start, mention.end - block.start
                    return line[start:end].strip(" [],.") or None
    return None


def _received(text: Transcript, note: str, sent: Moment | None) -> Moment | None:
    """Find when the document was received: in the dateline or in the source note."""
    for block, line in _own(text):
        if block.kind == "dateline" and "Received" in line:
            found = _RECEIVED.search(line)
            if found:
                return dates.received_moment(found["when"].strip(" :,."), sent)
    found = _RECEIVED_NOTE.search(note) if "Received" in note else None
    return dates.received_moment(found["when"], sent) if found else None


def _marks(text: Transcript) -> tuple[str | None, str | None]:
    """Find classification and precedence printed above the text, or at its beginning."""
    for block, line in zip(text.blocks[:6], text.lines, strict=False):
        if block.kind in ("dateline", "paragraph"):
            marks = sources.leading_marks(line)
            if marks:
                return marks
    return None, None


def _number(text: Transcript, head: str, form: Form) -> str | None:
    """Find the number of a telegram or despatch: in the head, above or before its text."""
    found = _NUMBERED_HEAD.search(head)
    if found:
        return found["number"]
    for block, line in zip(text.blocks[1:8], text.lines[1:8], strict=True):
        found = _NUMBER_LINE.match(line) if len(line) < 60 else None
        if found:
            return found["number"]
        if (
            block.kind == "paragraph"
            and _is_numbered(form, head)
            and not sources.is_marks(line[:60])
        ):
            found = _SERIES.match(line)
            return found["number"] if found and found["number"] != "1" else None
    return None


def _is_numbered(form: Form, head: str) -> bool:
    """Tell whether a document's number may stand before its first words."""
    return form in _WIRED or "nstruction From" in head


def _people(text: Transcript, block: Block) -> list[heads.Tag]:
    """Give the persons tagged in a block, by their place in it."""
    people = []
    for mention in text.mentions:
        if mention.start >= block.end:
            break
        if mention.start >= block.start and mention.kind == "person":
            start, end = mention.start - block.start, mention.end - block.start
            people.append(heads.Tag("", start, end, mention.target))
    return people


def _list_party(text: Transcript, kind: str) -> Party | None:
    """Read the list of a memorandum headed TO or FROM."""
    for name, first, last in text.lists:
        if name == kind:
            items = [n for n in range(first, last) if text.blocks[n].kind == "item"]
            if len(items) == 1:
                return heads.read_party(text.lines[items[0]], _people(text, text.blocks[items[0]]))
            return heads.read_party("; ".join(text.lines[n] for n in items))
    return None


def _signature(text: Transcript, form: Form) -> Party | None:
    """Take the first signature for the sender where nothing else names one."""
    if form in RECORDS_OF_MEETINGS or form is Form.EDITORIAL_NOTE:
        return None
    for block, line in _own(text):
        if block.kind == "signature":
            return _signer(line, _people(text, block)) if len(line) < 80 else None
    return None


def _signer(line: str, people: list[heads.Tag]) -> Party | None:
    """Read a signature: a name, where it is not an office."""
    party = heads.read_party(line, people)
    if party is None or party.name or party.office != party.printed or line.count(" ") > 3:
        return party
    return Party(party.printed, None, party.printed, party.target)


def _participants(text: Transcript, between: tuple[Party, ...]) -> tuple[Party, ...]:
    """Read the list of those present, in any of its encodings; else take those in the head."""
    listed: list[Party | None] = []
    present = False
    for block, line in zip(text.blocks[1:200], text.lines[1:200], strict=True):
        called = _PRESENT.match(line) if len(line) < 1500 and _HINT.search(line) else None
        if called:
            present = True
            names = filter(None, re.split(r"[;\n]\s*", called["rest"]))
            listed += [heads.read_party(name) for name in names]
        elif present and block.kind in ("item", "row"):
            listed.append(_participant(text, block, line))
        elif block.kind != "label" and (present or len(line) > 500):
            break
    return tuple(party for party in listed if party) or between


def _participant(text: Transcript, block: Block, line: str) -> Party | None:
    """Read one of those present; None for a delegation above its members, and for "others"."""
    people = _people(text, block)
    if line.endswith((":", ">")) or len(line) > 300 or (not people and _GROUP.match(line)):
        return None
    if _UNNAMED.match(line):
        return None
    return heads.read_party(line, people)
