"""A document from a source that has no markup: its fields, checked, and its words.

Plain text and JSON lines have the same fields with the same meaning; `data/README.md` tells
them to those who write such files. What is said here once holds for both: which fields there
are, what is wrong with one, and how a document is made of them.

The head is the title; without one it is put together from form, number and parties, as
editors do. A volume is called a collection here, because that is what it is outside of books.
"""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
    model_validator,
)

from ingest import heads, sources
from ingest.model import Block, Document, Form, Mention, Moment, Note, Party, Volume
from ingest.moments import BadDate, moment

LONGEST = 16 << 20
"""Most bytes of one document: some 5,000 pages. More is a mistake, and would fill the memory."""

MOST_FAULTS = 5
"""Most faults of one document that are told; the others follow from them, or can wait."""

_LONGEST_LINE = 2000
_SPACE = " \t\n\r\f\v"
_GAP = re.compile(rf"[{_SPACE}]{{2,}}|[\t\n\r\f\v]")
_BREAK = re.compile(r"(?:(?>\r\n|\r|\n)[ \t\f\v]*){2,}")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[^\s<>\"{}|\\^`]*)?")
_TIME = re.compile(
    r"(?P<minutes>(?:[01][0-9]|2[0-3]):[0-5][0-9])(?P<seconds>:[0-5][0-9])?"
    r"(?P<zone>Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?"
)
_FORMS = {form.value.lower(): form for form in Form}


class Fault(NamedTuple):
    """What is wrong with a field, or with the whole; and in which line, where that is known."""

    field: str | None
    message: str
    line: int | None = None


class WrongRecord(Exception):
    """The fields of a document are not as they must be: it is left out."""

    def __init__(self, faults: list[Fault], category: str = "wrong-field") -> None:
        self.faults = faults[:MOST_FAULTS]
        self.category = category
        super().__init__("; ".join(fault.message for fault in self.faults))


# The fields


def _clean(words: str) -> str:
    if found := _CONTROL.search(words):
        raise ValueError(f"holds the control character U+{ord(found[0]):04X}; remove it")
    return words


def _collapsed(words: str) -> str:
    return _GAP.sub(" ", words.strip(_SPACE))


def _line(value: str) -> str:
    words = _collapsed(_clean(value))
    if not words.strip():
        raise ValueError("is empty; give a value, or leave it out")
    if len(words) > _LONGEST_LINE:
        raise ValueError(f"has more than {_LONGEST_LINE} characters; shorten it")
    return words


def _form(value: object) -> Form:
    form = _FORMS.get(re.sub(r"[\s_-]", "", str(value)).lower())
    if form is None:
        names = ", ".join(_spelled(form).lower() for form in Form)
        raise ValueError(f'"{_short(value)}" is no form; write one of {names}')
    return form


def _short(value: object) -> str:
    """Return the beginning of a value, to be quoted in a message."""
    words = str(value).strip()
    return words if len(words) <= 60 else words[:59] + "…"


def _spelled(form: Form) -> str:
    """Write the name of a form as words: "Memorandum of conversation"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", form.value).capitalize()


def _moment(value: object) -> Moment:
    """Read a date as EDTF, which of ISO 8601 has days, months and years, or a time of a day."""
    words = _short(value)
    if not words.isascii():
        raise BadDate(f'"{words}" is not a date; write one in ASCII, such as 1944-10-17')
    day, mark, clock = words.partition("T")
    found = moment(day)
    if not mark:
        return found
    time = _TIME.fullmatch(clock)
    if time is None or len(day) != 10 or found.earliest != day:
        raise BadDate(f'"{words}" is not a time of a day; write 1944-10-17T18:07 or …T18:07:00Z')
    seconds, zone = time["seconds"] or ":00", time["zone"] or ""
    return Moment(f"{day}T{time['minutes']}{seconds}{zone}", day, day)


def _listed(value: object) -> object:
    return value.split(";") if isinstance(value, str) else value


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError(
            f'"{_short(value)}" cannot be part of an address; use A to Z, a to z, 0 to 9, - and _'
        )
    return value


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise ValueError(f'"{_short(value)}" is no address; write one that begins with https://')
    return value


_Words = Annotated[str, AfterValidator(_clean)]
_Line = Annotated[str, AfterValidator(_line)]
_Name = Annotated[str, AfterValidator(_line), AfterValidator(_name)]
_When = Annotated[Moment, PlainValidator(_moment)]
_Address = Annotated[str, AfterValidator(_line), AfterValidator(_address)]
_Offset = Annotated[int, Field(strict=True, ge=0)]


class _Fields(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, coerce_numbers_to_str=True, use_attribute_docstrings=True
    )


class GivenMention(_Fields):
    """A name or term in the text. Offsets count the characters of the text as it is given."""

    kind: Literal["person", "term", "place", "organization"]
    start: _Offset
    end: _Offset
    words: _Words | None = None
    target: _Line | None = None


class GivenNote(_Fields):
    """A note by the editors."""

    text: _Line
    mark: _Line | None = None
    kind: Literal["footnote", "source"] = "footnote"
    offset: _Offset | None = None


class Record(_Fields):
    """The fields of one document."""

    collection: _Name | None = None
    """The collection's name in addresses; by default that of the folder or file."""
    collection_title: _Line | None = None
    """What the collection is called; taken from its first document."""
    id: _Name | None = None
    """The document's name in addresses."""
    title: _Line | None = None
    """The head of the document."""
    form: Annotated[Form, PlainValidator(_form)] = Form.TELEGRAM
    """The kind of document."""
    number: _Line | None = None
    """Its number in the collection."""
    sender: _Line | None = Field(None, alias="from")
    """Who sent it."""
    recipient: _Line | None = Field(None, alias="to")
    """To whom it was sent."""
    participants: Annotated[list[_Line], BeforeValidator(_listed)] = []
    """Who took part in the meeting that it records."""
    place: _Line | None = None
    """Where it was sent from."""
    date: _When | None = None
    """When it was sent."""
    received: _When | None = None
    """When it was received."""
    telegram_number: _Line | None = None
    """The number that the sender gave it."""
    classification: _Line | None = None
    """How secret it was."""
    precedence: _Line | None = None
    """How urgent it was."""
    source: _Line | None = None
    """Where the original lies."""
    page: _Address | None = None
    """The address at which its publisher has it."""
    text: _Words | None = None
    """The words; an empty line ends a paragraph."""
    paragraphs: list[_Words] | None = None
    """The words, a paragraph each; instead of `text`."""
    notes: list[GivenNote] = []
    """Notes by the editors."""
    mentions: list[GivenMention] = []
    """Names and terms in the text."""

    @model_validator(mode="after")
    def _has_words_once(self) -> Self:
        if self.text is not None and self.paragraphs is not None:
            raise ValueError("has both text and paragraphs; leave one out")
        return self


def names(kind: type[BaseModel] = Record) -> list[str]:
    """Return the names of the fields as they are written in files."""
    return [field.alias or name for name, field in kind.model_fields.items()]


def read_record(given: Mapping[str, object] | bytes) -> Record:
    """Check the fields of a document, given as values or as JSON.

    Raises WrongRecord, which tells all that is wrong.
    """
    try:
        if isinstance(given, bytes):
            return Record.model_validate_json(given)
        return Record.model_validate(given)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        broken = faults[0]["type"] == "json_invalid"
        category = "not-json" if broken else "wrong-field"
        raise WrongRecord([*map(_fault, faults)], category) from None


def _fault(error: Any) -> Fault:
    """Say what is wrong in the words of who wrote the file."""
    place = [str(step) for step in error["loc"]]
    where, field = ".".join(place), place[0] if place else None
    why = str(error.get("ctx", {}).get("error", error["msg"]))
    match error["type"]:
        case "json_invalid":
            return Fault(None, f"not JSON ({why.partition(' at line')[0]}); mend the line")
        case "extra_forbidden":
            return _unknown(place)
    return Fault(field, f"{where}: {why}" if where else why)


def _unknown(place: list[str]) -> Fault:
    """Say that a field is unknown; the place of one in a list is `notes`, `0`, `its name`."""
    inner: dict[str, type[BaseModel]] = {"notes": GivenNote, "mentions": GivenMention}
    kind = Record if len(place) == 1 else inner[place[0]]
    return unknown_field(".".join(place), names(kind))


def unknown_field(name: str, known: Sequence[str], line: int | None = None) -> Fault:
    """Say that there is no such field among those known, and which was perhaps meant."""
    near = difflib.get_close_matches(_short(name).rpartition(".")[2], known, 1)
    advice = f'perhaps "{near[0]}" is meant' if near else f"there are {', '.join(known)}"
    return Fault(name, f'"{_short(name)}" is no field; {advice}', line)


# The document


class Collection:
    """What the documents of one source are joined by: their collection, and an id each."""

    def __init__(self, name: str) -> None:
        self._default = name
        self._id: str | None = None
        self._seen: set[str] = set()

    def add(self, record: Record, name: str | None = None) -> Iterator[Volume | Document]:
        """Return the document, called `name` if it has no id; before the first, the volume.

        Raises WrongRecord.
        """
        collection = self._collection(record)
        identifier = self._identifier(record, name)
        document = to_document(record, collection, identifier)
        self._seen.add(identifier)
        first, self._id = self._id is None, collection
        volume = Volume(collection, record.collection_title or collection)
        return iter([volume, document] if first else [document])

    def _collection(self, record: Record) -> str:
        name = record.collection or self._id or self._default
        if not _NAME.fullmatch(name):
            fault = f'the name "{name}" cannot be part of an address; give a collection'
            raise WrongRecord([Fault(None, fault)])
        if self._id not in (None, name):
            fault = f'collection: "{name}" is another than "{self._id}" before; keep them apart'
            raise WrongRecord([Fault("collection", fault)], "other-collection")
        return name

    def _identifier(self, record: Record, name: str | None) -> str:
        identifier = record.id or name
        if identifier is None:
            raise WrongRecord([Fault(None, "it has no id; give it one")], "no-id")
        if not _NAME.fullmatch(identifier):
            fault = f'the name "{identifier}" cannot be part of an address; give an id'
            raise WrongRecord([Fault(None, fault)])
        if identifier in self._seen:
            fault = f"document {identifier} was there before; give each an id of its own"
            raise WrongRecord([Fault("id", fault)], "duplicate-id")
        return identifier


def to_document(record: Record, collection: str, identifier: str) -> Document:
    """Make a document of its fields. Raises WrongRecord where text and offsets do not agree."""
    words = _words(record, identifier)
    return Document(
        volume=collection,
        id=identifier,
        form=record.form,
        head=words.lines[0],
        text="\n".join(words.lines),
        number=record.number,
        sender=_party(record.sender),
        recipient=_party(record.recipient),
        participants=tuple(filter(None, map(_party, record.participants))),
        place=record.place,
        sent=record.date,
        received=record.received,
        telegram_number=record.telegram_number,
        classification=record.classification,
        precedence=record.precedence,
        source=record.source,
        page=record.page,
        source_parts=sources.read_source(record.source).parts if record.source else (),
        blocks=tuple(words.blocks),
        notes=tuple(_notes(record, identifier, words)),
        mentions=tuple(_mentions(record, words)),
    )


def _party(words: str | None) -> Party | None:
    return heads.read_party(words) if words else None


def _head(record: Record, identifier: str) -> str:
    """Return the title, or what editors would put in its place."""
    if record.title:
        return record.title
    parts = [_spelled(record.form), record.telegram_number]
    parts += ["from", record.sender] if record.sender else []
    parts += ["to", record.recipient] if record.recipient else []
    named = [part for part in parts if part]
    return " ".join(named if len(named) > 1 else [*named, identifier])


@dataclass(frozen=True, slots=True)
class _Run:
    """Words that are in the text as given: where they begin and end there, and begin here."""

    start: int
    end: int
    at: int


class _Text:
    """The text of a document while it is put together, and where each given word went."""

    def __init__(self, head: str) -> None:
        self.lines = [head]
        self.blocks = [Block("head", 0, len(head))]
        self.given = ""
        self._runs: list[_Run] = []

    def add(self, paragraph: str, at: int) -> None:
        """Take in a paragraph that begins at an offset of what is given."""
        start = end = self.blocks[-1].end + 1
        if not paragraph.strip():
            return
        for first, last in _runs(paragraph):
            self._runs.append(_Run(at + first, at + last, end))
            end += last - first + 1
        self.blocks.append(Block("paragraph", start, end - 1))
        self.lines.append(_collapsed(paragraph))

    def start(self, offset: int) -> int:
        """Return where in the text a passage begins that begins at an offset as given."""
        index = bisect_right(self._runs, offset, key=lambda run: run.end)
        if index == len(self._runs):
            return self.blocks[-1].end
        run = self._runs[index]
        if offset <= run.start:
            return run.at
        return run.at + offset - run.start + (self.given[offset] == " ")

    def end(self, offset: int) -> int:
        """Return where in the text a passage ends that ends at an offset as given."""
        index = bisect_left(self._runs, offset, key=lambda run: run.start) - 1
        if index < 0:
            return self.blocks[1].start
        run = self._runs[index]
        if offset >= run.end:
            return run.at + run.end - run.start
        return run.at + offset - run.start - (self.given[offset - 1] == " ")

    def in_one_block(self, start: int, end: int) -> bool:
        """Tell whether a passage of the text is one of words, and of a single paragraph."""
        index = bisect_right(self.blocks, start, key=lambda block: block.start) - 1
        return start < end <= self.blocks[index].end


def _runs(paragraph: str) -> Iterator[tuple[int, int]]:
    """Yield where the words begin and end between which the white space is not a single space."""
    start = len(paragraph) - len(paragraph.lstrip(_SPACE))
    end = len(paragraph.rstrip(_SPACE))
    for gap in _GAP.finditer(paragraph, start, end):
        yield start, gap.start()
        start = gap.end()
    yield start, end


def _words(record: Record, identifier: str) -> _Text:
    words = _Text(_head(record, identifier))
    at = 0
    if record.paragraphs is not None:
        words.given = "\n".join(record.paragraphs)
        for paragraph in record.paragraphs:
            words.add(paragraph, at)
            at += len(paragraph) + 1
    else:
        words.given = record.text or ""
        for found in _BREAK.finditer(words.given):
            words.add(words.given[at : found.start()], at)
            at = found.end()
        words.add(words.given[at:], at)
    if len(words.blocks) == 1:
        raise WrongRecord([Fault("text", "it has no text; add some")], "no-text")
    return words


def _notes(record: Record, identifier: str, words: _Text) -> Iterator[Note]:
    for number, note in enumerate(record.notes, 1):
        offset = len(words.given) if note.offset is None else note.offset
        if offset > len(words.given):
            raise _misplaced(f"notes.{number - 1}", f"{offset} is behind the end of the text")
        mark = note.mark or str(number)
        yield Note(f"{identifier}fn{number}", mark, note.kind, words.end(offset), note.text)


def _mentions(record: Record, words: _Text) -> Iterator[Mention]:
    for number, mention in enumerate(record.mentions):
        place = f"mentions.{number}"
        if mention.end > len(words.given):
            raise _misplaced(place, f"{mention.end} is behind the end of the text")
        given = words.given[mention.start : mention.end]
        start, end = words.start(mention.start), words.end(mention.end)
        if not words.in_one_block(start, end):
            where = f"{mention.start} to {mention.end}"
            raise _misplaced(place, f"{where} is not a passage of one paragraph")
        if mention.words is not None and _collapsed(mention.words) != _collapsed(given):
            raise _misplaced(place, f'"{_short(mention.words)}" stands there as "{_short(given)}"')
        yield Mention(mention.kind, start, end, mention.target)


def _misplaced(place: str, message: str) -> WrongRecord:
    fault = f"{place}: {message}; count characters, not bytes, from 0"
    return WrongRecord([Fault(place.partition(".")[0], fault)], "wrong-offset")
