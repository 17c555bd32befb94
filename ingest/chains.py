"""Telegrams joined by citation: which document is meant, and what it answers.

Each part keeps a line for each document that has a number or cites one (`Letter`). When all parts
are there, the documents of all volumes are indexed by series and number; then the citations are
read once more, a part at a time, and looked up. The posts must agree as far as they are known, and
the day as far as it is printed. Numbers begin anew every year, so without a day the last telegram
of that number before the citing document is meant, if it is not too old. What is in none of the
volumes but has a sender, a number and a year is a document known only by citation.

A document answers, or follows, the latest of those that it cites between its own two posts:
each has one before it at most, so threads are trees and do not grow together over a telegram that
everybody cites.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from ingest import posts
from ingest.citations import SERIES, citations
from ingest.crossrefs import behind, readings
from ingest.model import Citation, Document, ExtractionRun, Form, Quote
from ingest.numberings import Numberings, Telegram

RUN = ExtractionRun("run/citations-1", "Telegrams cited in the text", "1")

FILE = "letters.jsonl"
"""The file of a part with its letters."""

_OLDEST = 200
"""Days between a telegram and one that cites it without a date, at most. More finds no more."""
_LONGEST_WAIT = 60
"""Days between a telegram and one that answers or follows it, at most."""
_SURE = 5
"""Digits of a number that no two telegrams of a volume have."""
_LONGEST_DAYS = 31
"""Days that a date of sending can mean for a document to be found by it, at most."""
_OF_POSTS = frozenset({"", "a", "g", "despatch"})
"""Series that each post has."""
_CIRCULAR = re.compile(r"\bcircular\b|\bcertain\b|\ball\b", re.IGNORECASE)
_OWN = re.compile(
    r"(?:(?P<series>[A-Za-z][A-Za-z/ -]*?)\s*[\s–-]\s*)?(?P<number>\d+)(?:[-–]\d\d)?\Z"
)
_ELSEWHERE = re.compile(
    r"(?:to (?:the (?:Embassy|Mission|Legation|Consulate General) (?:in |at )?)?"
    r"(?P<to>[A-ZÀ-Þ][\w.’-]+(?:\s[A-ZÀ-Þ][\w.’-]+){0,3})[^.;,]{0,40}? )?(?:as|in) "
    r"(?:(?:[Nn]iact|priority|eyes only) )?(?:telegram |No\. |(?P<series>[A-Z][A-Za-z]+) )+"
    r"(?P<number>\d{2,6})"
)
"""In a source note: "Repeated to Brussels as telegram 1289", "Transmitted in telegram 809"."""

Numbered = tuple[str, str, tuple[str, ...]]
"""Series, number, and the posts to which a document went under it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is kept of a document to join it with others.

    `first` and `last` are the days of sending, as ordinals of the calendar. `cites` has each
    citation with the document that the editors name behind it.
    """

    key: str
    first: int | None = None
    last: int | None = None
    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    numbers: tuple[Numbered, ...] = ()
    cites: tuple[tuple[Citation, str | None], ...] = ()
    context: tuple[tuple[str, str], ...] = ()  # of each citation, the words before and behind
    by_editors: bool = False  # its text is the editors'

    def to_json(self) -> bytes:
        """Return the letter as a line."""
        return orjson.dumps(self, option=orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def from_json(cls, line: bytes) -> Letter:
        """Return the letter of a line."""
        kept: dict[str, Any] = orjson.loads(line)
        for name in ("senders", "recipients"):
            kept[name] = tuple(kept[name])
        kept["numbers"] = tuple((*one, tuple(to)) for *one, to in kept["numbers"])
        kept["context"] = tuple(map(tuple, kept["context"]))
        kept["cites"] = tuple((_citation(one), named) for one, named in kept["cites"])
        return cls(**kept)


def _citation(kept: dict[str, Any]) -> Citation:
    kept["quote"] = Quote(**kept["quote"])
    for name in ("senders", "recipients"):
        kept[name] = tuple(kept[name])
    kept["also"] = tuple(map(tuple, kept["also"]))
    return Citation(**kept)


# What a part keeps


def letter(document: Document) -> Letter | None:
    """Return what is to be kept of a document; None of one without a number that cites nothing."""
    senders, recipients = posts.ends(document)
    first, last = _days(document)
    numbers = (*_own(document, recipients), *_elsewhere(document))
    found = [one for one in citations(document) if not _is_itself(one, senders, numbers)]
    if not numbers and not found:
        return None
    named = _named(document, found)
    cites = tuple((one, named.get(one.quote.start)) for one in found)
    context = tuple(one.quote.context(document.text) for one in found)
    by_editors = document.form is Form.EDITORIAL_NOTE
    return Letter(
        document.key, first, last, senders, recipients, numbers, cites, context, by_editors
    )


def _days(document: Document) -> tuple[int | None, int | None]:
    sent = document.sent
    if sent is None or sent.earliest is None or sent.latest is None:
        return None, None
    first, last = (date.fromisoformat(day).toordinal() for day in (sent.earliest, sent.latest))
    return first, last


def _own(document: Document, recipients: tuple[str, ...]) -> Iterator[Numbered]:
    """Yield the numbers that a document bears: "24611/Delto 998" has two."""
    for part in (document.telegram_number or "").split("/"):
        if read := _OWN.match(part.strip()):
            series = (read["series"] or "").lower()
            if not series or posts.placed(series):
                series = {Form.TELEGRAM: "", Form.AIRGRAM: "a"}.get(document.form, "despatch")
            number = read["number"].lstrip("0") or "0"
            yield series, number, recipients
            if series == "" and (not recipients or _CIRCULAR.search(document.head)):
                yield "circular", number, ()


def _elsewhere(document: Document) -> Iterator[Numbered]:
    """Yield the numbers under which a document went to others, as its source note tells."""
    note = next((note.text for note in document.notes if note.kind == "source"), "")
    for found in _ELSEWHERE.finditer(note) if " as " in note or " in " in note else ():
        series, to = (found["series"] or "").lower(), found["to"]
        post = posts.named(to) if to else None
        plain = not series or posts.placed(series) is not None
        if (post or series in SERIES or not to) and (plain or series in SERIES):
            yield "" if plain else series, found["number"], (post,) if post else ()


def _is_itself(citation: Citation, senders: tuple[str, ...], numbers: Iterable[Numbered]) -> bool:
    """Tell whether what looks like a citation is the document's own number above its text."""
    own = (citation.series, citation.number) in {one[:2] for one in numbers}
    return own and (citation.series not in _OF_POSTS or _meet(citation.senders, senders))


def _named(document: Document, found: list[Citation]) -> dict[int, str]:
    """Return the documents that the editors name behind citations, by where these begin."""
    return {
        one.quote.start: reading.document
        for reading in (readings(document) if found else ())
        if reading.document and (one := behind(found, reading.note, document.text))
    }


# The index


class Sent(NamedTuple):
    """A document under one of its numbers."""

    key: str
    number: str
    senders: tuple[str, ...]
    recipients: tuple[str, ...]
    first: int
    last: int


class Index:
    """All documents that can be cited, by number and by day."""

    def __init__(self, letters: Iterable[Letter]) -> None:
        self._by_number: defaultdict[tuple[str, str], list[Sent]] = defaultdict(list)
        self._by_any: defaultdict[str, list[Sent]] = defaultdict(list)
        self._by_day: defaultdict[tuple[str, int], list[Sent]] = defaultdict(list)
        self.ends: dict[str, Sent] = {}
        for each in letters:
            self._add(each)

    def _add(self, one: Letter) -> None:
        if one.first is None or one.last is None or one.last - one.first > _LONGEST_DAYS:
            return
        for series, number, recipients in one.numbers:
            sent = Sent(one.key, number, one.senders, recipients, one.first, one.last)
            self._by_number[series, number].append(sent)
            if len(number) >= _SURE:
                self._by_any[number].append(sent)
        whole = Sent(one.key, "", one.senders, one.recipients, one.first, one.last)
        self.ends[one.key] = whole
        if one.first == one.last and one.numbers:
            for sender in one.senders:
                self._by_day[sender, one.first].append(whole)

    def meant(self, citation: Citation, by: Letter) -> str | None:
        """Return the document that a citation in some document means; None where none is sure."""
        found = self._one(citation, by)
        for post, number in () if found else citation.also:
            found = found or self._one(replace(citation, recipients=(post,), number=number), by)
        return found

    def _one(self, citation: Citation, by: Letter) -> str | None:
        if citation.number is None:
            return self._of_day(citation, by)
        then = [
            one
            for one in self._of_number(citation.series, citation.number)
            if one.key != by.key and _is_then(one, citation, by)
        ]
        between = [one for one in then if _is_between(one, citation)]
        if between:
            newest = max(one.first for one in between)
            return _only({one.key for one in between if one.first == newest})
        return _only({one.key for one in then if _is_beside(one, citation, by)})

    def _of_number(self, series: str, number: str) -> list[Sent]:
        found = self._by_number.get((series, number), [])
        return found or (self._by_any.get(number, []) if len(number) >= _SURE else [])

    def _of_day(self, citation: Citation, by: Letter) -> str | None:
        """Return the only document that went between two posts on a day."""
        day = told_day(citation, by)
        if day is None or not citation.recipients:
            return None
        return _only(
            {
                one.key
                for sender in citation.senders
                for one in self._by_day.get((sender, day), ())
                if one.key != by.key and _meet(one.recipients, citation.recipients)
            }
        )


def _only(keys: set[str]) -> str | None:
    return keys.pop() if len(keys) == 1 else None


def _meet(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return not set(one).isdisjoint(other)


def _is_between(one: Sent, citation: Citation) -> bool:
    """Tell whether a document went between the posts that are told of the cited one."""
    if citation.series not in _OF_POSTS:
        return True
    if not _meet(one.senders, citation.senders):
        return False
    if posts.WASHINGTON in citation.senders and len(one.number) < _SURE:
        return _meet(one.recipients, citation.recipients)  # there each post has its own numbers
    known = one.recipients and citation.recipients
    return not known or _meet(one.recipients, citation.recipients)


def _is_beside(one: Sent, citation: Citation, by: Letter) -> bool:
    """Tell whether a document of the same volume may be meant, though not all posts are told."""
    if one.key.partition("/")[0] != by.key.partition("/")[0] or len(one.number) < 2:
        return False
    return not (one.senders and citation.senders) or _meet(one.senders, citation.senders)


def _is_then(one: Sent, citation: Citation, by: Letter) -> bool:
    """Tell whether a document was sent on the day that is told, or not long before."""
    if citation.day:
        day = told_day(citation, by)  # printed days and days of receipt differ by one
        return day is not None and one.first - 1 <= day <= one.last + 1
    if by.first is None or by.last is None:
        return False
    return by.first - _OLDEST <= one.last and one.first <= by.last + 1


def told_day(citation: Citation, by: Letter) -> int | None:
    """Return the day that is told of a cited document; without a year, the last such day."""
    if not (citation.month and citation.day):
        return None
    year = citation.year
    if year is None:
        if by.last is None:
            return None
        now = date.fromordinal(by.last + 2)
        year = now.year - ((citation.month, citation.day) > (now.month, now.day))
    try:
        return date(year, citation.month, citation.day).toordinal()
    except ValueError:
        return None


# What is cited and not printed


@dataclass(frozen=True, slots=True)
class Cited:
    """A document that is in none of the volumes, known by those that cite it.

    `id` is the path of its IRI; `sent` the day of sending, where a citation tells it.
    """

    id: str
    label: str
    sender: str | None
    recipient: str | None
    number: str
    sent: str | None = None


def unprinted(citation: Citation, by: Letter) -> Cited | None:
    """Return a cited document that was not found; None where sender, number or year is not told.

    A name in a series ("Secto 12") tells a telegram without its sender; one from Washington to a
    post needs the post.
    """
    year = _year(citation, by)
    if citation.number is None or year is None:
        return None
    named = citation.series not in _OF_POSTS and citation.series != "circular"
    sender = None if named else _single(citation.senders)
    recipient = _single(citation.recipients)
    numbering = _numbering(citation, sender, recipient, named=named)
    if numbering is None:
        return None
    day = told_day(citation, by)
    return Cited(
        f"cited/{numbering}/{citation.number}-{year}",
        _label(citation, sender, recipient, year),
        sender,
        recipient if citation.series in _OF_POSTS else None,
        _printed_number(citation),
        date.fromordinal(day).isoformat() if day else None,
    )


def _single(values: tuple[str, ...]) -> str | None:
    return values[0] if len(values) == 1 else None


def _year(citation: Citation, by: Letter) -> int | None:
    day = told_day(citation, by) or by.last
    sure = by.first is not None and by.last is not None and by.last - by.first <= _LONGEST_DAYS
    return date.fromordinal(day).year if day and (citation.year or sure) else None


def _numbering(
    citation: Citation, sender: str | None, recipient: str | None, *, named: bool
) -> str | None:
    """Return the path of the numbering to which a cited number belongs."""
    if named:
        return f"series/{citation.series}"
    if sender is None:
        return None
    if citation.series:
        return f"{sender}/{_NUMBERINGS.get(citation.series, citation.series)}"
    if len(citation.number or "") >= _SURE:
        return f"{sender}/telegram"
    return f"{sender}/{recipient}" if recipient and recipient != sender else None


_NUMBERINGS = {"a": "airgram", "g": "airgram"}
_KINDS = {"despatch": "Despatch", "a": "Airgram", "g": "Airgram"}


def _printed_number(citation: Citation) -> str:
    """Write a number as documents bear it: "2108", "A-299", "Secto 12"."""
    series, number = citation.series, citation.number or ""
    if series in ("a", "g", "ca", "cw", "cg"):
        return f"{series.upper()}-{number}"
    if series in ("", "despatch"):
        return number
    return f"{series.upper() if len(series) < 4 else series.capitalize()} {number}"


def _label(citation: Citation, sender: str | None, recipient: str | None, year: int) -> str:
    name = f"{_KINDS.get(citation.series, 'Telegram')} {_printed_number(citation)}"
    ends = [f"from {posts.title(sender)}"] if sender else []
    ends += [f"to {posts.title(recipient)}"] if recipient and citation.series in _OF_POSTS else []
    return f"{' '.join([name, *ends])}, {year}"


# All of it


@dataclass(frozen=True, slots=True)
class Reference:
    """A citation whose document is known, printed or not; `editors` is the one that they name."""

    document: str
    citation: Citation
    context: tuple[str, str]
    by_editors: bool
    printed: str | None = None
    cited: Cited | None = None
    editors: str | None = None

    @property
    def target(self) -> str:
        """The path of the IRI of what is cited."""
        return f"document/{self.printed}" if self.printed else self.cited.id if self.cited else ""


@dataclass(frozen=True, slots=True)
class Step:
    """A document in a thread: the one before it, and whether it answers it or goes on from it."""

    document: str
    before: str
    relation: str  # answers, follows


@dataclass(slots=True)
class Chains:
    """What joins the documents of all volumes; `cited` are those that are only cited, by id."""

    references: list[Reference] = field(default_factory=list)
    cited: dict[str, Cited] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)
    posts: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    by_number: Numberings = field(default_factory=Numberings)

    def roots(self) -> dict[str, str]:
        """Return the first document of the thread of each document that is in one."""
        found: dict[str, str] = {}
        for key in sorted({*self.steps, *(step.before for step in self.steps.values())}):
            path = [key]
            while path[-1] not in found and path[-1] in self.steps:
                path.append(self.steps[path[-1]].before)
            root = found.get(path[-1], path[-1])
            found.update(dict.fromkeys(path, root))
        return found


def joined(parts: Iterable[Path]) -> Chains:
    """Join the documents of some parts, whose letters are read twice."""
    files = [part / FILE for part in parts]
    index = Index(chain.from_iterable(map(read, files)))
    chains = Chains()
    for file in files:
        for one in read(file):
            found = [*_references(one, index)]
            chains.references += found
            step = _step(one, found, index)
            if step:
                chains.steps[one.key] = step
            if one.numbers and (one.senders or one.recipients):
                ends = _single(one.senders), _single(one.recipients)
                chains.posts.append((one.key, *ends))
                _number(one, *ends, chains.by_number)
    chains.cited = _cited_only(chains.references)
    return chains


def _number(one: Letter, sender: str | None, recipient: str | None, numberings: Numberings) -> None:
    """Put a document in the order of what its sender sent to its recipient."""
    series, number, _ = one.numbers[0]
    if sender and recipient and one.first is not None and number.isdecimal():
        numberings.add(series, sender, recipient, Telegram(one.first, int(number), one.key))


def read(file: Path) -> Iterator[Letter]:
    """Yield the letters of a part."""
    with file.open("rb") as lines:
        yield from map(Letter.from_json, lines)


def _references(one: Letter, index: Index) -> Iterator[Reference]:
    for (citation, editors), context in zip(one.cites, one.context, strict=True):
        printed = index.meant(citation, one) or editors
        cited = None if printed else unprinted(citation, one)
        if printed or cited:
            yield Reference(one.key, citation, context, one.by_editors, printed, cited, editors)


def _step(one: Letter, found: Iterable[Reference], index: Index) -> Step | None:
    """Return what a document answers or follows: the latest that it cites between its posts."""
    own = index.ends.get(one.key)
    if own is None or one.by_editors:
        return None
    cited = (index.ends.get(each.printed) for each in found if each.printed)
    before = [
        (other.first, other.key, relation)
        for other in cited
        if other and _is_before(other, own) and (relation := _relation(other, own))
    ]
    if not before:
        return None
    _, key, relation = max(before)
    return Step(one.key, key, relation)


def _is_before(other: Sent, own: Sent) -> bool:
    return own.first - other.first <= _LONGEST_WAIT and (other.first, other.key) < (
        own.first,
        own.key,
    )


def _relation(other: Sent, own: Sent) -> str | None:
    """Tell how a document stands to one that it cites, by the posts at their ends."""
    if _meet(other.senders, own.recipients) and _meet(other.recipients, own.senders):
        return "answers"
    if _meet(other.senders, own.senders) and _meet(other.recipients, own.recipients):
        return "follows"
    return None


def _cited_only(references: Iterable[Reference]) -> dict[str, Cited]:
    """Return the documents that are only cited, by id; the day is the first that is told."""
    found: dict[str, Cited] = {}
    for reference in references:
        one = reference.cited
        if one and (one.id not in found or (one.sent and found[one.id].sent is None)):
            found[one.id] = one
    return found
