"""The values that pass between the stages: telegrams, people, facts, links.

Offsets are in Unicode code points of `Document.text`, the plain text of one document in the
order of print: its blocks (head, dateline, paragraphs, list items, signature) with white
space collapsed, joined by one line feed each. Notes are not in it: they are the editors'
words, and stand in `Document.notes` with the offset at which their mark is printed.

Entities are named by the path of their IRI below https://w3id.org/cablegraph/, such as
`person/stalin-joseph`; documents by `VOLUME/ID`, such as `frus1945Malta/d256`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

_YEARS = re.compile(r"(\d{2})(\d{2})(?:-(\d{2})(?!\d))?")
_DOCUMENT = re.compile(r"(?:[\w.-]+/)?d\d+\w*")
"""A target of a reference that is a document: `d115`, or of another volume `frus1943v06/d115`."""


def years_in(name: str) -> list[int]:
    """Return the first and last year that the name of a volume tells, such as frus1969-76v01."""
    found = _YEARS.search(name)
    if found is None:
        return []
    century, first, last = found.groups()
    return [int(century + first), int(century + (last or first))]


class Form(StrEnum):
    """The documentary form of a document; the value is the name of its ontology class."""

    TELEGRAM = "Telegram"
    AIRGRAM = "Airgram"
    LETTER = "Letter"
    MEMORANDUM = "Memorandum"
    CONVERSATION = "MemorandumOfConversation"
    NOTE = "Note"
    MINUTES = "Minutes"
    REPORT = "Report"
    EDITORIAL_NOTE = "EditorialNote"
    OTHER = "Document"


RECORDS_OF_MEETINGS = frozenset({Form.CONVERSATION, Form.MINUTES})
"""The forms of documents that are written because people met."""


class Kind(StrEnum):
    """The kinds of fact, as the gold annotations name them."""

    MEETING = "meeting"
    REQUEST = "request"
    OFFER = "offer"
    COMMITMENT = "commitment"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or time with the precision that its source gives.

    `edtf` is Extended Date/Time Format (ISO 8601-2), levels 0 to 2; `earliest` and `latest`
    are the first and last ISO day that it can mean, None where it is open on that side;
    `printed` is the source's wording.
    """

    edtf: str
    earliest: str | None
    latest: str | None
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a document's text, from `start` up to but not including `end`."""

    start: int
    end: int


CONTEXT = 40
"""Code points of the text before and behind a quote that are kept with it, to find it again."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a document, verbatim, and where they stand."""

    exact: str
    start: int
    end: int

    def context(self, text: str) -> tuple[str, str]:
        """Return what stands before and behind it in its text, to find it again."""
        before = text[max(0, self.start - CONTEXT) : self.start]
        return before, text[self.end : self.end + CONTEXT]


@dataclass(frozen=True, slots=True)
class Party:
    """A sender or recipient: the words as printed, and what they name.

    `office` is the office, post or body ("Ambassador in the Soviet Union", "Embassy in
    Egypt"), `name` the personal name if one is printed, `target` the `xml:id` of that person
    in the volume's list. `entities` are the entities that the authority gives for it.
    """

    printed: str
    office: str | None = None
    name: str | None = None
    target: str | None = None
    entities: tuple[str, ...] = ()

    @property
    def entity(self) -> str | None:
        """The person rather than the office, which comes second where both are known."""
        return self.entities[0] if self.entities else None


@dataclass(frozen=True, slots=True)
class Block:
    """A printed unit of a document's text.

    `kind` is one of: head, dateline, salutation, paragraph, heading (of a section), label (of a
    list item), item, row, caption, closing, signature, attachment (the head of an enclosure).
    """

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PageBreak:
    """The place in a document's text at which a new page of the volume begins."""

    offset: int
    page: str
    id: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A name or term that the editors tagged.

    `target` is an `xml:id` of the volume, `entity` what the authority makes of it.
    """

    kind: str  # person, term, place, organization
    start: int
    end: int
    target: str | None = None
    entity: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A note by the editors, and the offset in the text at which its mark is printed."""

    id: str
    mark: str
    kind: str  # source, footnote
    offset: int
    text: str
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A cross-reference by the editors: to a document of this volume, or as printed."""

    target: str  # "d115", "frus1943CairoTehran/d44", "pg_371", or a URL
    printed: str
    note: str | None = None  # id of the note that it stands in; None in the text


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a volume: what it says about itself, and its words.

    `page` is the address at which its publisher has it.
    """

    volume: str
    id: str
    form: Form
    head: str
    text: str
    number: str | None = None
    sender: Party | None = None
    recipient: Party | None = None
    place: str | None = None
    sent: Moment | None = None
    received: Moment | None = None
    telegram_number: str | None = None
    classification: str | None = None
    precedence: str | None = None
    source: str | None = None
    source_parts: tuple[tuple[str, str], ...] = ()  # (repository | lot | file, wording)
    sent_from: str | None = None  # the entity of `place`
    participants: tuple[Party, ...] = ()
    signers: tuple[str, ...] = ()  # entities of those whose names stand under it
    division: str | None = None
    page: str | None = None
    blocks: tuple[Block, ...] = ()
    pages: tuple[PageBreak, ...] = ()
    notes: tuple[Note, ...] = ()
    mentions: tuple[Mention, ...] = ()
    references: tuple[Reference, ...] = ()
    redactions: tuple[Span, ...] = ()

    @property
    def key(self) -> str:
        """The name of the document in all of its IRIs, `VOLUME/ID`."""
        return f"{self.volume}/{self.id}"

    @property
    def words(self) -> int:
        """How many words its text has. Its words are parted by one space or line feed each."""
        return self.text.count(" ") + self.text.count("\n") + bool(self.text)

    @property
    def enclosures(self) -> list[str]:
        """The heads of what was sent along with it."""
        return [
            self.text[block.start : block.end]
            for block in self.blocks
            if block.kind == "attachment"
        ]

    @property
    def cited(self) -> list[str]:
        """The documents that its cross-references point to, as `VOLUME/ID`, each as often."""
        return [
            target if "/" in target else f"{self.volume}/{target}"
            for target in (reference.target for reference in self.references)
            if _DOCUMENT.fullmatch(target)
        ]

    @property
    def mentioned(self) -> list[str]:
        """The entities that it mentions, each once, sorted."""
        return sorted({mention.entity for mention in self.mentions if mention.entity})


@dataclass(frozen=True, slots=True)
class Citation:
    """A telegram, despatch or airgram as a document cites it.

    `series` is the kind of numbering ("" that of telegrams, "despatch", "a" of airgrams,
    "circular", or a name such as "secto"), `number` None where only a day is told. `senders` and
    `recipients` are the posts between which it may have gone, empty where that is not known.
    `month`, `day` and `year` are as far as printed. `also` are posts to which it went under other
    numbers, with these.
    """

    quote: Quote
    series: str
    number: str | None
    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    month: int | None = None
    day: int | None = None
    year: int | None = None
    also: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Division:
    """A compilation, chapter or other part of a volume that holds documents."""

    volume: str
    id: str
    kind: str
    head: str
    parent: str | None
    page: str | None = None


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """An entry of a volume's list of persons as printed, or of a register of officers.

    A register tells the offices with their dates, and the years of birth and death.
    """

    volume: str
    id: str
    name: str
    description: str
    tenures: tuple[Tenure, ...] = ()
    born: int | None = None
    died: int | None = None

    @property
    def key(self) -> str:
        """VOLUME#ID, the name of the entry that lasts."""
        return f"{self.volume}#{self.id}"

    @property
    def year(self) -> int | None:
        """The first year that the volume's name tells, or the first one in office."""
        starts = [tenure.start for tenure in self.tenures if tenure.start]
        return next(iter(years_in(min(starts, default=self.volume))), None)


@dataclass(frozen=True, slots=True)
class ListedTerm:
    """An entry of a volume's list of terms and abbreviations, as printed."""

    volume: str
    id: str
    term: str
    meaning: str

    @property
    def key(self) -> str:
        """VOLUME#ID, the name of the entry that lasts."""
        return f"{self.volume}#{self.id}"


@dataclass(frozen=True, slots=True)
class Volume:
    """What a volume says about itself on its title page."""

    id: str
    title: str
    subseries: str | None = None
    number: str | None = None
    published: str | None = None
    editors: tuple[str, ...] = ()
    page: str | None = None


CATEGORIES = {
    "altered-quote": "a quote that does not stand in its document's text",
    "bad-character": "a character that XML does not allow; it was left out",
    "bad-entity": "an entity that is not declared; it was left out",
    "bad-entry": "an entry of the authority that cannot be used",
    "bad-fact": "a curated fact that cannot be used",
    "bad-link": "a line of a file of links that is no mapping",
    "bad-yaml": "a YAML file that cannot be read",
    "contradiction": "statements that the ontology does not allow together",
    "duplicate-curation": "a second file of curated facts for one document",
    "duplicate-id": "a second document with the same id; the first is in the graph",
    "duplicate-volume": "a second file of one volume; the first is in the graph",
    "empty": "a file without content",
    "killed": "a volume whose reading was cut short",
    "no-date": "a document whose date is neither tagged nor printed",
    "no-head": "a document without a head",
    "no-id": "a document without xml:id, which cannot be named",
    "no-text": "a document without words",
    "no-volume-id": "a volume without xml:id; it is named by its idno or its file",
    "not-json": "a line that is not JSON",
    "not-tei": "a file that is not TEI",
    "not-utf-8": "text that is not UTF-8",
    "not-well-formed": "markup that is not well-formed; what follows is lost",
    "other-holder": "a head or tag that names another than the known holder of an office",
    "other-collection": "a document of another collection than those before it",
    "over-limit": "markup beyond the limits that protect the reader",
    "shape": "a document that lacks what its shapes ask for",
    "stray-text": "a text file beside volumes; a collection of text files is a folder of its own",
    "too-deep": "markup nested too deeply",
    "too-large": "a file that is too large to be read",
    "truncated": "a file that ends too early",
    "unknown-document": "a document that was asked for and is in none of the volumes",
    "unknown-format": "a file of a kind that is not read",
    "unreadable": "a file that cannot be opened",
    "unused": "curated facts for a document that is in no volume",
    "wrong-date": "a date whose tag contradicts the print; the print is taken",
    "wrong-field": "a field that is unknown or has a wrong value",
    "wrong-offset": "an offset that does not agree with the text",
}
"""What each category of problems means."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the input: where, what, and what to do about it.

    `category` is one of CATEGORIES. `fatal` says that the document or entry is not in the graph
    because of it.
    """

    file: str
    line: int | None
    message: str
    category: str
    fatal: bool = True

    def __post_init__(self) -> None:
        if self.category not in CATEGORIES:
            raise ValueError(f"the category {self.category!r} is not explained")

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Agent:
    """Who takes part in a fact: an entity where known, the words that name it, what it is called.

    `label` is what the words stand for where a program knows: "Embassy in Egypt" for "the Embassy".
    """

    entity: str | None
    printed: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A claim that a document makes, and the words that support it.

    `quote` holds the act and the heart of its content; `support` are further passages.
    `status` is made, instructed or hypothetical for acts; held, planned, proposed or
    cancelled for meetings. `voice` is telegram or editor. `origin` is the IRI path of the
    run or curation that made the fact. `responds_to` and `fulfils` are ids of facts as a curator
    has them.
    """

    id: str
    document: str
    kind: Kind
    quote: Quote
    content: str
    status: str
    origin: str
    support: tuple[Quote, ...] = ()
    trigger: Quote | None = None
    actors: tuple[Agent, ...] = ()
    addressees: tuple[Agent, ...] = ()
    participants: tuple[Agent, ...] = ()
    presented_by: tuple[Agent, ...] = ()
    reported_by: tuple[Agent, ...] = ()
    about: tuple[str, ...] = ()
    force: str | None = None
    date: Moment | None = None
    location: str | None = None
    condition: str | None = None
    deadline: str | None = None
    quantity: str | None = None
    voice: str = "telegram"
    confidence: float = 1.0
    responds_to: tuple[str, ...] = ()
    fulfils: tuple[str, ...] = ()


class Manner(StrEnum):
    """How a fact responds to an earlier one; the value is the verb of its concept."""

    ANSWER = "answer"
    ACCEPT = "accept"
    REFUSE = "refuse"
    REPEAT = "repeat"
    CHANGE = "change"
    FULFIL = "fulfil"


@dataclass(frozen=True, slots=True)
class Response:
    """That one fact responds to an earlier one, and why that is thought.

    `later` and `earlier` are ids of facts. `asserted` is False of a candidate: it is shown as one,
    and the graph does not state that the facts are related. `reason` is for readers; `origin` the
    IRI path of the run or curation that made it.
    """

    later: str
    earlier: str
    manner: Manner
    origin: str
    reason: str
    confidence: float = 1.0
    asserted: bool = True

    @property
    def id(self) -> str:
        """The path of its IRI."""
        return f"response/{self.later}/{self.earlier}"

    @property
    def document(self) -> str:
        """The document that tells the later fact."""
        return self.later.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Curation:
    """The decisions of a curator about one document.

    `complete` says that all facts of the document are among them.
    """

    document: str
    curator: str
    complete: bool
    file: str


@dataclass(frozen=True, slots=True)
class ExtractionRun:
    """A version of a program that finds facts, and what it looks for."""

    id: str
    label: str
    version: str


@dataclass(frozen=True, slots=True)
class Tenure:
    """The time in which a person held an office. Dates are EDTF; None where not known."""

    position: str
    start: str | None
    end: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """An item of Wikidata that an entity may be, but is less likely than its link says."""

    item: str
    label: str
    confidence: float
    evidence: str


MOST_ALTERNATIVES = 3
"""The most that are kept of an entity."""


@dataclass(frozen=True, slots=True)
class WikidataLink:
    """What is known of an entity's Wikidata item.

    `state` is linked, none-found or not-searched; `item` is set only when linked. `manual` says
    that a person judged it, and no program. `alternatives` come in the order of their likelihood.
    `born`, `died` and `coordinates` (latitude, longitude) are what the item says.
    """

    state: str
    item: str | None = None
    exact: bool = True
    confidence: float | None = None
    evidence: str = ""
    manual: bool = True
    alternatives: tuple[Alternative, ...] = ()
    born: int | None = None
    died: int | None = None
    coordinates: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Dated:
    """Words and the time for which they hold, as EDTF; None where it is open or not known."""

    words: str
    start: str | None
    end: str | None


@dataclass(frozen=True, slots=True)
class Entity:
    """A person, organization, state, place, office or topic of the authority files."""

    id: str
    label: str
    names: tuple[str, ...] = ()
    description: str = ""
    represents: str | None = None
    member_of: tuple[str, ...] = ()
    part_of: str | None = None
    tenures: tuple[Tenure, ...] = ()
    listed_as: tuple[str, ...] = ()  # VOLUME#ID of volumes' lists of persons
    not_listed_as: tuple[str, ...] = ()  # of others, with whom this person might be taken for one
    born: int | None = None
    died: int | None = None
    dated_names: tuple[Dated, ...] = ()  # those of the names that held for a time
    existed: tuple[str | None, str | None] = (None, None)  # from, until; EDTF
    coordinates: tuple[float, float] | None = None  # latitude, longitude; WGS 84 degrees
    link: WikidataLink = field(default_factory=lambda: WikidataLink("not-searched"))

    @property
    def type(self) -> str:
        """person, organization, state, place, position or topic."""
        return self.id.split("/", 1)[0]
