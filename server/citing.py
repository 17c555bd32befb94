"""Cite a document, or a fact and its words, in the forms that historians and their programs use.

A document is cited as a part of the printed volume, after the Chicago Manual of Style (notes and
bibliography): who wrote to whom, the day, the volume and its imprint, the number and the page of
its publisher. For programs it is a chapter: the year is that of the volume, the day on which the
document was sent stands in `original-date` where a format has it, and in a note where not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ontology.names import DATA
from server.edtf import written_out
from server.side import DocumentRow, VolumeRow

PLACE = "Washington"

_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")
_IN_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """What is cited, and where it is printed; empty where it is not known."""

    key: str
    title: str
    author: str
    day: str
    date: str
    volume: str
    published: str
    number: str
    first_page: str
    last_page: str
    address: str
    quote: str = ""
    iri: str = ""

    @property
    def publisher(self) -> str:
        """Who printed the volume; nobody is known for one without a year."""
        return publisher(self.published) if self.published else ""

    @property
    def imprint(self) -> str:
        """Place, publisher and year."""
        return f"{PLACE}: {self.publisher}, {self.published}" if self.published else ""

    @property
    def pages(self) -> tuple[str, ...]:
        """The first page, and the last if it is another."""
        return tuple(dict.fromkeys(filter(None, (self.first_page, self.last_page))))

    @property
    def words(self) -> str:
        """The quote, to be followed by a comma."""
        return self.quote.rstrip(".,;")

    def quoting(self, fact: str, quote: str) -> Source:
        """Return the same source, cited for a fact by its path and for its words."""
        key = f"{self.key}-{fact.rpartition('/')[2]}"
        return replace(self, key=key, quote=" ".join(quote.split()), iri=DATA + fact)


def source(document: DocumentRow, volume: VolumeRow) -> Source:
    """Return a document as something to be cited."""
    number = document.printed_number
    printed = document.sent_printed or (written_out(document.sent) if document.sent else "")
    return Source(
        key=document.id.replace("/", "-"),
        # Newer volumes print the number before the head.
        title=document.head.removeprefix(f"{number}. ").rstrip("."),
        author=document.sender or "",
        day=document.sent or "",
        date=printed.strip().rstrip("."),
        volume=volume.title,
        published=volume.published or "",
        number=f"document {number}" if number else document.id.rpartition("/")[2],
        first_page=document.first_page or "",
        last_page=document.last_page or "",
        address=document.page or f"{DATA}document/{document.id}",
    )


def publisher(year: str) -> str:
    """Return who printed a volume: the office got its present name in December 2014.

    Public Law 113-235, section 1301.
    """
    return f"Government {'Publishing' if year > '2014' else 'Printing'} Office"


def chicago(cited: Source) -> str:
    """Return a note as the Chicago Manual of Style has it, without italics."""
    words = f"“{cited.words},” " if cited.words else ""
    dated = f", {cited.date}" if cited.date else ""
    imprint = f" ({cited.imprint})" if cited.imprint else ""
    fact = f"; fact at {_bare(cited.iri)}" if cited.iri else ""
    where = f"{cited.number}, {_bare(cited.address)}{fact}"
    return f"{words}{cited.title}{dated}, in {cited.volume}{imprint}, {where}."


def bibtex(cited: Source) -> str:
    """Return an entry for BibTeX and BibLaTeX, in UTF-8."""
    fields = {
        # In two pairs of braces, a name is not taken apart and a title keeps its capitals.
        "author": f"{{{_tex(cited.author)}}}" if cited.author else "",
        "title": f"{{{_tex(cited.title)}}}",
        "booktitle": f"{{{_tex(cited.volume)}}}",
        "publisher": cited.publisher,
        "address": PLACE if cited.published else "",
        "year": cited.published,
        "pages": "--".join(map(_tex, cited.pages)),
        "url": cited.address,
        "note": _tex(_note(cited)),
        "annote": _tex(_annotation(cited)),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return "\n".join((f"@incollection{{{cited.key},", ",\n".join(lines), "}", ""))


def ris(cited: Source) -> str:
    """Return a record in the format of Research Information Systems (RIS)."""
    return "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in _ris(cited))


def _ris(cited: Source) -> Iterator[tuple[str, str]]:
    pages = dict(zip(("SP", "EP"), cited.pages, strict=False))
    fields = {
        "TY": "CHAP",
        "ID": cited.key,
        "AU": cited.author,
        "TI": cited.title,
        "T2": cited.volume,
        "PB": cited.publisher,
        "CY": PLACE if cited.published else "",
        "PY": cited.published,
        **pages,
        "LA": "en",
        "UR": cited.address,
        "N1": _note(cited),
        "AB": _annotation(cited),
    }
    yield from ((tag, value) for tag, value in fields.items() if value)
    yield "ER", ""


def csl(cited: Source) -> str:
    """Return an item of CSL-JSON, the format of citeproc and Zotero, in an array."""
    item: dict[str, Any] = {
        "id": cited.key,
        "type": "chapter",
        "title": cited.title,
        "author": [{"literal": cited.author}] if cited.author else None,
        "container-title": cited.volume,
        "publisher": cited.publisher,
        "publisher-place": PLACE if cited.published else None,
        "issued": _csl_date(cited.published, cited.published),
        "original-date": _csl_date(cited.day, cited.date),
        "page": "-".join(cited.pages),
        "language": "en",
        "URL": cited.address,
        "note": _note(cited),
        "annote": _annotation(cited),
    }
    found = {name: value for name, value in item.items() if value}
    return json.dumps([found], ensure_ascii=False, indent=1) + "\n"


FORMATS: dict[str, Callable[[Source], str]] = {
    "application/x-bibtex": bibtex,
    "application/x-research-info-systems": ris,
    "application/vnd.citationstyles.csl+json": csl,
}
"""How a source is written for the programs that keep references, by media type."""


def _note(cited: Source) -> str:
    number = cited.number[:1].upper() + cited.number[1:]
    return f"{number}, {cited.date}" if cited.date else number


def _annotation(cited: Source) -> str:
    return f"“{cited.quote}” ({cited.iri})" if cited.quote else ""


def _csl_date(day: str, printed: str) -> dict[str, Any] | None:
    """Return a date in the parts that are known, or as words."""
    parts = [found.groups() for each in day.split("/") if (found := _DAY.fullmatch(each))]
    if day and len(parts) == day.count("/") + 1:
        return {"date-parts": [[int(part) for part in each if part] for each in parts]}
    return {"literal": printed} if printed else None


def _bare(address: str) -> str:
    return address.removeprefix("https://")


def _tex(text: str) -> str:
    return "".join(_IN_TEX.get(letter, letter) for letter in " ".join(text.split()))
