"""What the editors say of a citation: the document that a note right behind it names.

These readings are the editors', and no input of the program's own (`ingest/chains.py`): they
measure it (`bench/references.py`), and stand beside it in the graph. Only notes that do nothing
else than name one document count: "Document 115.", "Supra.", "Telegram 507 from Tokyo, Document 3."
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ingest.model import Citation, Document, Note

_NAMED = re.compile(
    r"(?:(?:Printed as |Same as )?[Tt]elegram [\w-]+ (?:from|to) [\w ]+, |Printed as |See )?"
    r"(?:Document (?P<number>\d+)|Supra|Infra)\s?\.?",
    re.IGNORECASE,
)
_ON_PAGE = re.compile(
    r"(?:(?:Ante|Post|Supra|Infra),?\s)?(?:Dated [^;]{3,20}, |Telegram No[\w .,]{3,40}, )?"
    r"p\.\s\d+\.?",
    re.IGNORECASE,
)
_NOT_PRINTED = re.compile(
    r"(?:(?:Telegram|Airgram|Despatch|Reference telegram)s?\s[^.;]{0,120}"
    r"|Dated [^.;]{0,60}|Neither)?(?:,?\s?(?:is|was|are)?\s?)?not (?:printed|found)",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(r"d\d+\w*?")
_PAGE = re.compile(r"pg_\w+")
_GAP = 40
"""Code points between a citation and the mark of its note, at most: "(Embtel 1850) which[3]"."""


class Reading(NamedTuple):
    """What a note tells of a citation: one of a document, the id of a page, or "not printed"."""

    note: Note
    document: str | None = None
    page: str | None = None


def readings(document: Document) -> Iterator[Reading]:
    """Yield the notes that say where a cited document is printed, or that it is not."""
    targets = defaultdict(list)
    for reference in document.references:
        targets[reference.note].append(reference.target)
    for note in document.notes:
        if note.kind == "footnote":
            reading = _read(note, targets[note.id], document.volume)
            if reading:
                yield reading


def _read(note: Note, targets: Sequence[str], volume: str) -> Reading | None:
    words = note.text.strip()
    named = [target for target in targets if _DOCUMENT.fullmatch(target) and "fn" not in target]
    pages = [target for target in targets if _PAGE.fullmatch(target)]
    if len(named) == 1 and (found := _NAMED.fullmatch(words)):
        if found["number"] in (None, named[0].lstrip("d")):
            return Reading(note, document=f"{volume}/{named[0]}")
    elif len(pages) == 1 and not named and _ON_PAGE.fullmatch(words):
        return Reading(note, page=pages[0])
    elif not targets and _NOT_PRINTED.match(words):
        return Reading(note)
    return None


def behind(citations: Sequence[Citation], note: Note, text: str) -> Citation | None:
    """Return the last citation before the mark of a note, if hardly anything is between them."""
    near = [
        one
        for one in citations
        if one.quote.start < note.offset <= one.quote.end + _GAP
        and "\n" not in text[one.quote.end : note.offset]
    ]
    return near[-1] if near else None
