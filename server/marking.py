"""Cut the text of a document into the pieces that its page shows.

The words that support one fact may overlap those of another, and both may cross names, page
breaks and the editors' notes. HTML elements cannot overlap, so the text is cut wherever one of
these begins or ends: each piece of words knows all facts that it supports. The pieces of a
block, joined, are its text: nothing is lost or said twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import ClassVar

from server.answers import Block, DocumentAnswer, FactAnswer, Mention, NoteAnswer, PageBreak


@dataclass(frozen=True, slots=True)
class Passage:
    """Words that support a fact: `part` counts the passages of one fact from 1."""

    fact: FactAnswer
    number: int
    part: int
    start: int
    end: int

    @property
    def anchor(self) -> str:
        """The name of the place where it begins."""
        name = f"evidence-{self.fact.id.rpartition('/')[2]}"
        return name if self.part == 1 else f"{name}-{self.part}"


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of text: the passages that it is part of, the widest first, and whom it names."""

    piece: ClassVar[str] = "words"
    text: str
    passages: tuple[Passage, ...] = ()
    begins: tuple[Passage, ...] = ()
    mention: Mention | None = None


@dataclass(frozen=True, slots=True)
class NoteMark:
    """Where the mark of a note is printed."""

    piece: ClassVar[str] = "note"
    note: NoteAnswer


@dataclass(frozen=True, slots=True)
class PageMark:
    """Where a new page of the volume begins."""

    piece: ClassVar[str] = "page"
    page: PageBreak


@dataclass(frozen=True, slots=True)
class FactMark:
    """Where the words that support a fact end."""

    piece: ClassVar[str] = "fact"
    passage: Passage


Piece = Words | NoteMark | PageMark | FactMark


@dataclass(frozen=True, slots=True)
class MarkedBlock:
    """A printed unit, its pieces, and the facts whose first passage begins in it."""

    kind: str
    pieces: tuple[Piece, ...]
    facts: tuple[Passage, ...] = ()

    @property
    def text(self) -> str:
        """The words without any marks."""
        return "".join(piece.text for piece in self.pieces if isinstance(piece, Words))


@dataclass(frozen=True, slots=True)
class Marked:
    """A document ready to be shown, and the facts whose words are not in its text."""

    blocks: tuple[MarkedBlock, ...]
    elsewhere: tuple[Passage, ...] = ()


@dataclass(slots=True)
class _Marks:
    """What stands at which offset."""

    passages: list[Passage]
    mentions: list[Mention]
    points: dict[int, list[NoteMark | PageMark | FactMark]] = field(default_factory=dict)


def mark(document: DocumentAnswer, facts: Sequence[FactAnswer]) -> Marked:
    """Lay out a document with the facts that it reports, numbered in the order given."""
    passages = list(_passages(facts))
    found = [each for each in passages if _is_in(document.text, each)]
    marks = _marks(document, found)
    blocks = tuple(_block(document.text, block, marks) for block in document.blocks)
    placed = {passage.number for block in blocks for passage in block.facts}
    first = (each for each in passages if each.part == 1 and each.number not in placed)
    return Marked(blocks, tuple(first))


def _passages(facts: Iterable[FactAnswer]) -> Iterator[Passage]:
    for number, fact in enumerate(facts, 1):
        for part, words in enumerate(fact.evidence, 1):
            yield Passage(fact, number, part, words.start, words.end)


def _is_in(text: str, passage: Passage) -> bool:
    """Whether the words stand in the text: those of a note have offsets of their own."""
    exact = passage.fact.evidence[passage.part - 1].exact
    return bool(exact) and text[passage.start : passage.end] == exact


def _marks(document: DocumentAnswer, passages: list[Passage]) -> _Marks:
    """Sort what stands between words: at one offset notes first, then facts, then a new page."""
    marks = _Marks(passages, [each for each in document.mentions if each.entity])
    points: list[tuple[int, NoteMark | PageMark | FactMark]] = [
        *((note.offset, NoteMark(note)) for note in document.notes),
        *((passage.end, FactMark(passage)) for passage in passages),
        *((page.offset, PageMark(page)) for page in document.pages),
    ]
    for offset, point in points:
        marks.points.setdefault(offset, []).append(point)
    return marks


def _block(text: str, block: Block, marks: _Marks) -> MarkedBlock:
    passages = [each for each in marks.passages if _overlap(each, block)]
    mentions = [each for each in marks.mentions if _overlap(each, block)]
    pieces: list[Piece] = []
    cuts = sorted(set(_cuts(block, [*passages, *mentions], marks)))
    for start, end in pairwise(cuts):
        pieces += _points(marks, start, block)
        pieces.append(_words(text, start, end, passages, mentions))
    pieces += _points(marks, block.end, block)
    own = sorted(
        (each for each in passages if each.part == 1 and each.start >= block.start),
        key=lambda passage: passage.number,
    )
    return MarkedBlock(block.kind, tuple(pieces), tuple(own))


def _cuts(block: Block, spans: Iterable[Passage | Mention], marks: _Marks) -> Iterator[int]:
    yield from (block.start, block.end)
    for span in spans:
        yield from (max(span.start, block.start), min(span.end, block.end))
    yield from (offset for offset in marks.points if block.start < offset < block.end)


def _words(
    text: str, start: int, end: int, passages: Sequence[Passage], mentions: Sequence[Mention]
) -> Words:
    around = [each for each in passages if each.start <= start and end <= each.end]
    around.sort(key=lambda each: (each.start - each.end, each.number))
    named = [each for each in mentions if each.start <= start and end <= each.end]
    return Words(
        text[start:end],
        tuple(around),
        tuple(each for each in around if each.start == start),
        named[0] if named else None,
    )


def _points(marks: _Marks, offset: int, block: Block) -> Iterator[Piece]:
    """Yield the marks at an offset; what ends with one block is not shown in the next."""
    for point in marks.points.get(offset, ()):
        if offset > block.start or not isinstance(point, FactMark):
            yield point


def _overlap(span: Passage | Mention, block: Block) -> bool:
    return span.start < block.end and block.start < span.end
