"""The words of one document, put together piece by piece.

Pieces are gathered as they are found in the file, and marks are set between them. When a block
ends, its white space is collapsed and the marks become offsets. Blocks never overlap. White
space is what XML means by it: a printed em space is a character like any other.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import NamedTuple

from ingest.heads import Tag
from ingest.model import Block, Mention, Note, PageBreak, Reference

_SPACES = re.compile(r"[ \t]+")


class Dated(NamedTuple):
    """A tagged date: the kind of block it stands in, its place in the text, its attributes."""

    block: str | None
    start: int
    end: int
    attributes: dict[str, str]


class Transcript:
    """The text of a document or a note, and what stands where in it.

    `parts` are the pieces of the open block and `kind` is its kind. What is found in it waits
    there with the number of pieces before it: names in `marks` (kind, first, last, target, role),
    dates in `days`, notes in `asides` and pages in `breaks`. Plain tuples: there are millions.
    """

    __slots__ = (
        "append",
        "asides",
        "attached",
        "blocks",
        "breaks",
        "dates",
        "days",
        "enclosures",
        "entities",
        "id",
        "kind",
        "lines",
        "lists",
        "marks",
        "mentions",
        "note",
        "notes",
        "pages",
        "parts",
        "references",
        "start",
        "tags",
    )

    def __init__(self, identifier: str, note: str | None = None) -> None:
        self.id = identifier
        self.note = note
        self.kind: str | None = None
        self.attached = False
        self.start = 0
        self.parts: list[str] = []
        self.append = self.parts.append
        self.marks: list[tuple[str, int, int, str | None, str | None]] = []
        self.days: list[tuple[int, int, dict[str, str]]] = []
        self.asides: list[tuple[int, str, str, str, str, tuple[Mention, ...]]] = []
        self.breaks: list[tuple[int, str, str]] = []
        self.lines: list[str] = []
        self.blocks: list[Block] = []
        self.mentions: list[Mention] = []
        self.notes: list[Note] = []
        self.pages: list[PageBreak] = []
        self.references: list[Reference] = []
        self.enclosures: list[int] = []
        self.entities: list[str] = []
        self.tags: list[Tag] = []
        self.dates: list[Dated] = []
        self.lists: list[tuple[str, int, int]] = []

    def close(self) -> None:
        """End the block that is open, if it has any words."""
        parts = self.parts
        if parts:
            line = "".join(parts)
            if not line.isspace():
                self._end(line)
        if self.asides or self.breaks:
            # What stands between two blocks is placed at the end of the first.
            self._place_asides([0] * (len(parts) + 1), max(self.start - 1, 0), "")
        parts.clear()
        if self.marks:
            self.marks.clear()
        if self.days:
            self.days.clear()

    def _end(self, line: str) -> None:
        start, offsets = self.start, None
        if "\n" in line:
            line = line.replace("\n", " ")
        if "  " in line or "\t" in line:
            line, offsets = _collapsed(self.parts)
        base = start - (line[0] == " ")
        if self.marks or self.asides or self.breaks or self.days:
            if offsets is None:
                offsets = [0, *accumulate(map(len, self.parts))]
            if self.marks:
                self._place_marks(offsets, base, line)
            if self.asides or self.breaks:
                self._place_asides(offsets, base, line)
            if self.days:
                self._place_dates(offsets, base, line)
        line = line.strip(" ")
        end = start + len(line)
        self.blocks.append(Block(self.kind or "paragraph", start, end))
        self.lines.append(line)
        self.start = end + 1

    def _place_marks(self, offsets: list[int], base: int, line: str) -> None:
        """Turn the marks of names into mentions and, in the head, tags."""
        mentions = self.mentions
        for kind, first, last, target, role in self.marks:
            low, high = offsets[first], offsets[last]
            if line[low:high].strip(" "):
                low += base + (line[low] == " ")
                high += base - (line[high - 1] == " ")
                if role is None:
                    mentions.append(Mention(kind, low, high, target))
                else:
                    self._place_tag(kind, low, high, target, role)

    def _place_tag(self, kind: str, low: int, high: int, target: str | None, role: str) -> None:
        """Keep a name in the head, and whether it is sender or recipient."""
        if target or kind != "term":
            self.mentions.append(Mention(kind, low, high, target))
        self.tags.append(Tag(role, low, high, target, kind == "person"))

    def _place_dates(self, offsets: list[int], base: int, line: str) -> None:
        for first, last, attributes in self.days:
            low, high = offsets[first], offsets[last]
            low += low < high and line[low] == " "
            self.dates.append(Dated(self.kind, base + low, base + high, attributes))

    def _place_asides(self, offsets: list[int], base: int, line: str) -> None:
        """Say where notes and pages stand: after the word before them."""
        for index, page, identifier in self.breaks:
            self.pages.append(PageBreak(self._after(offsets[index], base, line), page, identifier))
        for index, identifier, number, kind, words, mentions in self.asides:
            offset = self._after(offsets[index], base, line)
            self.notes.append(Note(identifier, number, kind, offset, words, mentions))
        self.breaks.clear()
        self.asides.clear()

    def _after(self, offset: int, base: int, line: str) -> int:
        if offset and line[offset - 1] == " ":
            offset -= 1
        return max(base + offset, self.start if line else base)


def _collapsed(parts: list[str]) -> tuple[str, list[int]]:
    """Collapse the white space of pieces; also give the offset of each piece and of the end."""
    pieces: list[str] = []
    offsets = [0]
    spaced, offset = True, 0
    for piece in parts:
        if "\n" in piece:
            piece = piece.replace("\n", " ")
        if "  " in piece or "\t" in piece:
            piece = _SPACES.sub(" ", piece)
        if spaced and piece[0] == " ":
            piece = piece[1:]
        if piece:
            spaced = piece[-1] == " "
            pieces.append(piece)
            offset += len(piece)
        offsets.append(offset)
    return "".join(pieces), offsets
