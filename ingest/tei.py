"""Read the documents of a volume of Foreign Relations of the United States from TEI.

A volume is one XML file; each of its documents is a `div` of type "document", encoded in the
habits of its year. This is the only file that knows XML. The file is streamed: an element is
freed as soon as it is read, so memory does not grow with the volume.

The editors' notes are left out of head and text; a paragraph with a list or another paragraph
inside it becomes several blocks, so that the blocks never overlap. Nothing outside of the file
is ever loaded, and a fault costs the document it stands in, not the volume.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import etree

from ingest.errors import InputError, UnreadableDocument, UnreadableVolume
from ingest.model import (
    Division,
    Document,
    Form,
    ListedPerson,
    ListedTerm,
    PageBreak,
    Problem,
    Reference,
    Volume,
)
from ingest.particulars import Particulars, is_undated, read_particulars, redactions
from ingest.transcript import Transcript

Item = Volume | Division | ListedPerson | ListedTerm | Document | Problem
ITEMS = (Volume, Division, ListedPerson, ListedTerm, Document, Problem)
Element = Any  # lxml does not name its type
Step = Callable[[Transcript, Element], None]

_TEI = "{http://www.tei-c.org/ns/1.0}"
_FRUS = ("{http://history.state.gov/frus/ns/1.0}", "{http://history.state.gov/ns/1.0}")
_ID = "{http://www.w3.org/XML/1998/namespace}id"
_ROOT, _HEADER, _DIV, _PAGE = _TEI + "TEI", _TEI + "teiHeader", _TEI + "div", _TEI + "pb"
_HEAD, _ITEM, _TERM, _PERSON = _TEI + "head", _TEI + "item", _TEI + "term", _TEI + "persName"
_ATTACHMENTS = frozenset(prefix + "attachment" for prefix in _FRUS)
_ENCLOSED = re.compile(r"\[?(?:Sub)?(?:Enclosure|Annex|Attachment|Appendix|Tab)", re.IGNORECASE)
_PUBLISHED = "https://history.state.gov/historicaldocuments/"
_YEARS = re.compile(r"(1[789]\d\d)(?:\s*[-–]\s*((?:1[789])?\d\d))?")
_CHUNK = 1 << 16


def _walk(text: Transcript, node: Element) -> None:
    """Take in the words of an element and of all below it."""
    append = text.append
    words = node.text
    if words:
        append(words)
    for child in node:
        step = _STEPS.get(child.tag)
        if step is None:
            _walk(text, child)
        else:
            step(text, child)
        words = child.tail
        if words:
            append(words)


def _walk_blocks(text: Transcript, node: Element) -> None:
    """Take in an element that holds blocks, between which there is but white space."""
    words = node.text
    if words and not words.isspace():
        text.append(words)
    for child in node:
        step = _STEPS.get(child.tag)
        if step is None:
            _walk(text, child)
        else:
            step(text, child)
        words = child.tail
        if words and not words.isspace():
            text.append(words)


def _block(text: Transcript, node: Element, kind: str | None) -> None:
    """Take in an element that is printed as a block; without a kind, one that holds blocks."""
    outer = text.kind
    text.close()
    text.kind = kind
    if kind is None:
        _walk_blocks(text, node)
    else:
        _walk(text, node)
    text.close()
    text.kind = outer


def _blocks(kind: str | None) -> Step:
    return lambda text, node: _block(text, node, kind)


def _head(text: Transcript, node: Element) -> None:
    parent = node.getparent().tag
    if parent == _DIV:
        _block(text, node, "caption" if "head" in (b.kind for b in text.blocks) else "head")
    else:
        _block(text, node, "attachment" if parent in _ATTACHMENTS else "caption")


def _paragraph(text: Transcript, node: Element) -> None:
    _block(text, node, "heading" if node.get("rend") == "sectiontitleital" else "paragraph")


def _quote(text: Transcript, node: Element) -> None:
    if text.kind is None:
        _block(text, node, "paragraph")
    else:
        _walk(text, node)


def _label(text: Transcript, node: Element) -> None:
    if text.kind is None:
        _block(text, node, "label")
    else:
        _walk(text, node)


def _segment(text: Transcript, node: Element) -> None:
    enclosed = _ENCLOSED.match("".join(node.itertext()).strip())
    _block(text, node, "attachment" if enclosed else "dateline")


def _list(text: Transcript, node: Element) -> None:
    text.close()
    first = len(text.blocks)
    _block(text, node, None)
    kind = node.get("type")
    if kind in ("from", "to"):
        text.lists.append((kind, first, len(text.blocks)))


def _cell(text: Transcript, node: Element) -> None:
    text.append(" ")
    _walk(text, node)
    text.append(" ")


def _line(text: Transcript, node: Element) -> None:
    text.append(" ")


def _skip(text: Transcript, node: Element) -> None:
    pass


def _entity(text: Transcript, node: Element) -> None:
    text.append(node.text)
    text.entities.append(node.text)


def _attachment(text: Transcript, node: Element) -> None:
    outer = text.attached
    text.close()
    text.enclosures.append(text.start)
    text.attached = True
    _block(text, node, None)
    text.attached = outer


def _mark(text: Transcript, node: Element, kind: str, target: str | None) -> None:
    """Take in a name, and mark where it stands."""
    parts, block = text.parts, text.start
    first = len(parts)
    if len(node):
        _walk(text, node)
    elif node.text:
        parts.append(node.text)
    if text.start == block:  # A name around a block is a slip of the encoder.
        role = node.get("type", "") if text.kind == "head" else None
        text.marks.append((kind, first, len(parts), target, role))


def _person(text: Transcript, node: Element) -> None:
    target = node.get("corresp")
    _mark(text, node, "person", _target(target))


def _gloss(text: Transcript, node: Element) -> None:
    target = node.get("target") or node.get("corresp")
    if target or text.kind == "head":
        _mark(text, node, "term", _target(target))
    else:
        _walk(text, node)


def _place(text: Transcript, node: Element) -> None:
    target = node.get("target")
    _mark(text, node, "place", _target(target))


def _organization(text: Transcript, node: Element) -> None:
    target = node.get("corresp") or node.get("target")
    _mark(text, node, "organization", _target(target))


def _date(text: Transcript, node: Element) -> None:
    first, block = len(text.parts), text.start
    _walk(text, node)
    if text.start == block and not text.attached and text.note is None:
        text.days.append((first, len(text.parts), dict(node.attrib)))


def _page(text: Transcript, node: Element) -> None:
    text.breaks.append((len(text.parts), node.get("n", ""), node.get(_ID, "")))


def _reference(text: Transcript, node: Element) -> None:
    first = len(text.parts)
    _walk(text, node)
    target = _reference_target(node.get("target", ""))
    if target:
        printed = " ".join("".join(text.parts[first:]).split())
        text.references.append(Reference(target, printed, text.note))


def _note(text: Transcript, node: Element) -> None:
    kind = "source" if node.get("type") == "source" else "footnote"
    count = len(text.notes) + len(text.asides) + 1
    identifier = node.get(_ID) or f"{text.id}-{kind}-{count}"
    inner = Transcript(text.id, identifier)
    _walk(inner, node)
    inner.close()
    index = len(text.parts)
    words, mentions = "\n".join(inner.lines), tuple(inner.mentions)
    text.asides.append((index, identifier, node.get("n", ""), kind, words, mentions))
    text.references += inner.references
    text.entities += inner.entities
    # A note or a page that begins within a note is printed where the note is.
    text.breaks += [(index, page.page, page.id) for page in inner.pages]
    text.asides += [
        (index, note.id, note.mark, note.kind, note.text, note.mentions) for note in inner.notes
    ]


def _section(text: Transcript, node: Element) -> None:
    """Take in a section; a document inside a document is read on its own."""
    if node.get("type") != "document" and len(node):
        _block(text, node, None)


@lru_cache(maxsize=1 << 14)
def _target(value: str | None) -> str | None:
    """Name an `xml:id` of the volume without its "#"; the first, if there are several."""
    return value.partition(" ")[0].lstrip("#") or None if value else None


def _reference_target(value: str) -> str:
    """Name a document of this volume, one of another as VOLUME/ID, or a URL."""
    if value.startswith("#"):
        return value[1:]
    return value if ":" in value else value.replace("#", "/", 1).strip("/")


_STEPS: dict[object, Step] = {
    etree.Comment: _skip,
    etree.ProcessingInstruction: _skip,
    etree.Entity: _entity,
    **dict.fromkeys(_ATTACHMENTS, _attachment),
    **{
        prefix + name: _skip
        for prefix in _FRUS
        for name in ("file", "pdf", "page-count-according-to-citation", "problem")
    },
    **{
        _TEI + name: step
        for name, step in {
            "p": _paragraph,
            "head": _head,
            "item": _blocks("item"),
            "label": _label,
            "dateline": _blocks("dateline"),
            "opener": _blocks("salutation"),
            "salute": _blocks("salutation"),
            "seg": _segment,
            "closer": _blocks("closing"),
            "signed": _blocks("signature"),
            "postscript": _blocks("closing"),
            "row": _blocks("row"),
            "cell": _cell,
            "list": _list,
            "table": _blocks(None),
            "figure": _blocks(None),
            "div": _section,
            "quote": _quote,
            "persName": _person,
            "gloss": _gloss,
            "placeName": _place,
            "orgName": _organization,
            "date": _date,
            "note": _note,
            "ref": _reference,
            "pb": _page,
            "lb": _line,
        }.items()
    },
}


def _read_document(
    node: Element,
    volume: str,
    division: str | None,
    years: tuple[int, int] | None,
    pages: list[PageBreak],
) -> tuple[Document, list[tuple[str, str]]]:
    """Read one document; also say what is odd about it, each with its category.

    `pages` are the pages that began since the document before, with those inside this one.
    """
    text = Transcript(node.get(_ID))
    _walk_blocks(text, node)
    text.close()
    words = "\n".join(text.lines)
    said = read_particulars(text, years)
    document = Document(
        volume=volume,
        id=text.id,
        form=said.form,
        head=said.head,
        text=words,
        number=said.number or node.get("n"),
        sender=said.sender,
        recipient=said.recipient,
        place=said.place,
        sent=said.sent,
        received=said.received,
        telegram_number=said.telegram_number,
        classification=said.classification,
        precedence=said.precedence,
        source=said.source.source,
        source_parts=said.source.parts,
        participants=said.participants,
        division=division,
        page=f"{_PUBLISHED}{volume}/{text.id}",
        blocks=tuple(text.blocks),
        pages=_pages(text, pages),
        notes=tuple(text.notes),
        mentions=tuple(text.mentions),
        references=tuple(text.references),
        redactions=redactions(words),
    )
    return document, _oddities(text, said)


def _pages(text: Transcript, since: list[PageBreak]) -> tuple[PageBreak, ...]:
    """Put the page on which the document begins before the pages that begin in it."""
    before = since[: len(since) - len(text.pages)]
    return (*before[-1:], *text.pages)


def _oddities(text: Transcript, said: Particulars) -> list[tuple[str, str]]:
    """Say what is missing or wrong, with its category."""
    odd = [
        (f"the entity {name} is not expanded; {_ADVICE['bad-entity']}", "bad-entity")
        for name in text.entities[:1]
    ]
    if not said.head:
        odd.append(("it has no head; add one", "no-head"))
    if said.fault:
        odd.append((f"{said.fault}; correct the tag", "wrong-date"))
    elif said.sent is None and said.form is not Form.EDITORIAL_NOTE and not is_undated(text):
        odd.append(("it has no date; tag one in its dateline", "no-date"))
    return odd


@dataclass(slots=True)
class _Open:
    """A division that is being read."""

    node: Element
    id: str | None
    told: bool = False


@dataclass(slots=True)
class _Fault:
    """What the parser could not make sense of, and whether the reader was told."""

    line: int
    message: str
    category: str
    fatal: bool
    told: bool = False

    @property
    def local(self) -> bool:
        """Whether the parser went on after it, so that it harms one document only."""
        return self.category != "over-limit"


class _Volume:
    """The state of reading one file: where we are, and what was seen."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name.partition(".")[0]
        self.years: tuple[int, int] | None = None
        self.headed = False
        self.faults: list[_Fault] = []
        self._seen: set[str] = set()
        self._open: list[_Open] = []
        self._division: str | None = None
        self._pages: list[PageBreak] = []

    def take(self, event: str, node: Element) -> Iterator[Item]:
        """Handle one event of the parser."""
        if node.tag == _DIV:
            yield from self._start(node) if event == "start" else self._end(node)
        elif event == "end":
            if node.tag == _PAGE:
                self._pages.append(PageBreak(0, node.get("n", ""), node.get(_ID, "")))
            elif not self.headed:
                yield from self.begin(node)

    def begin(self, node: Element) -> Iterator[Item]:
        """Tell of the volume itself, from its header or from the element that comes instead."""
        self.headed = True
        root = node.getroottree().getroot()
        if root.tag != _ROOT:
            raise self._not_tei(root)
        header = node if node.tag == _HEADER else None
        printed = _printed_id(header) if header is not None else None
        self.id = root.get(_ID) or printed or self.id
        volume = _volume(header, self.id)
        self.years = _years(volume)
        yield volume
        if root.get(_ID) is None:
            message = (
                f'the volume has no xml:id; it is called "{self.id}" after '
                f"{'its idno' if printed else 'the file'}. Give the root element an xml:id"
            )
            yield self._warning(root.sourceline, message, "no-volume-id")

    def end(self, root: Element | None) -> Iterator[Item]:
        """Tell of what is left when the file ends."""
        if not self.headed and root is not None:
            yield from self.begin(root)
        untold = [fault for fault in self.faults if not fault.told]
        if any(fault.fatal and fault.told for fault in self.faults):
            # What follows the first fault of the markup is mostly its consequence.
            untold = [fault for fault in untold if not fault.fatal]
        fatal = [fault for fault in untold if fault.fatal][:1]
        for fault in fatal + [fault for fault in untold if not fault.fatal]:
            yield Problem(str(self.path), fault.line, fault.message, fault.category, fault.fatal)

    def _not_tei(self, root: Element) -> UnreadableVolume:
        name = root.tag.rpartition("}")[2]
        message = f"the root element is <{name}>, not <TEI> in the TEI namespace; give a TEI volume"
        return UnreadableVolume(self.path, root.sourceline, message, "not-tei")

    def _start(self, node: Element) -> Iterator[Item]:
        if not self.headed:
            yield from self.begin(node)
        if node.get("type") == "document":
            yield from self._divisions()
        else:
            self._open.append(_Open(node, node.get(_ID)))

    def _divisions(self) -> Iterator[Division]:
        """Tell of the divisions around a document that were not told of before."""
        parent = None
        for division in self._open:
            if division.id is None:
                continue
            if not division.told:
                division.told = True
                kind = division.node.get("type") or ""
                head = _child_words(division.node, _HEAD)
                page = f"{_PUBLISHED}{self.id}/{division.id}"
                yield Division(self.id, division.id, kind, head, parent, page)
            parent = division.id
        self._division = parent

    def _end(self, node: Element) -> Iterator[Item]:
        if node.get("type") != "document":
            self._open.pop()
            if node.get(_ID) in ("persons", "terms"):
                yield from _listed(node, self.id)
            return
        try:
            yield from self._read(node)
        except InputError as error:
            yield error.problem
        _free(node)

    def _read(self, node: Element) -> Iterator[Item]:
        line, identifier = node.sourceline, node.get(_ID)
        soft = self._check(node, line, identifier)
        try:
            document, odd = _read_document(node, self.id, self._division, self.years, self._pages)
        except RecursionError:
            message = f"document {identifier}: elements nested too deeply; flatten them"
            raise UnreadableDocument(self.path, line, message, "too-deep") from None
        del self._pages[:-1]
        yield document
        for fault in soft:
            yield self._warning(
                fault.line, f"document {identifier}: {fault.message}", fault.category
            )
        for message, category in odd:
            if not soft or category != soft[0].category:
                yield self._warning(line, f"document {identifier}: {message}", category)

    def _check(self, node: Element, line: int, identifier: str | None) -> list[_Fault]:
        """Refuse a document that is damaged or has no name; give the faults that it survives."""
        if not identifier:
            message = "a document has no xml:id, so that nothing can refer to it; give it one"
            raise UnreadableDocument(self.path, line, message, "no-id")
        if identifier in self._seen:
            message = f"document {identifier} was there before; give each an xml:id of its own"
            raise UnreadableDocument(self.path, line, message, "duplicate-id")
        self._seen.add(identifier)
        return self._damage(node, line, identifier) if self.faults else []

    def _damage(self, node: Element, line: int, identifier: str) -> list[_Fault]:
        end = line + etree.tostring(node, with_tail=False).count(b"\n")
        found = [f for f in self.faults if not f.told and f.local and line <= f.line <= end]
        for fault in found:
            fault.told = True
        for fault in found:
            if fault.fatal:
                message = f"document {identifier} is left out: {fault.message}"
                raise UnreadableDocument(self.path, fault.line, message, fault.category)
        return found[:1]

    def _warning(self, line: int | None, message: str, category: str) -> Problem:
        return Problem(str(self.path), line, message, category, fatal=False)


def _free(node: Element) -> None:
    """Free a document that was read, and the empty element of the one before it."""
    node.clear(keep_tail=True)
    previous = node.getprevious()
    if previous is not None and previous.tag == _DIV:
        node.getparent().remove(previous)


def _words(node: Element) -> str:
    text = Transcript("")
    _walk(text, node)
    text.close()
    return " ".join(text.lines)


def _child_words(node: Element, tag: str) -> str:
    child = node.find(tag)
    return "" if child is None else _words(child)


def _listed(node: Element, volume: str) -> Iterator[ListedPerson | ListedTerm]:
    """Read a volume's list of persons or of terms."""
    for item in node.iter(_ITEM):
        name = next((n for n in item.iter(_PERSON, _TERM) if n.get(_ID)), None)
        if name is None:
            continue
        label = _words(name).strip(" ,;")
        meaning = _words(item).partition(label)[2].strip(" ,;:")
        kind = ListedPerson if name.tag == _PERSON else ListedTerm
        yield kind(volume, name.get(_ID), label, meaning)


def _printed_id(header: Element) -> str | None:
    for node in header.iter(_TEI + "idno"):
        if node.get("type") == "frus":
            return _words(node) or None
    return None


def _volume(header: Element | None, identifier: str) -> Volume:
    if header is None:
        return Volume(identifier, identifier, page=_PUBLISHED + identifier)
    titles = {node.get("type"): _words(node) for node in header.iter(_TEI + "title")}
    dated = map(_words, header.iter(_TEI + "date"))
    return Volume(
        identifier,
        title=titles.get("complete") or titles.get("volume") or identifier,
        subseries=titles.get("subseries") or None,
        number=titles.get("volumenumber") or None,
        published=next(filter(None, dated), None),
        editors=tuple(filter(None, map(_words, header.iter(_TEI + "editor")))),
        page=_PUBLISHED + identifier,
    )


def _years(volume: Volume) -> tuple[int, int] | None:
    """Give the first and last year that a volume covers, from its subseries or its id."""
    for words in (volume.subseries or "", volume.id):
        found = _YEARS.search(words)
        if found:
            first, last = found[1], found[2] or found[1]
            return int(first), int(first[: 4 - len(last)] + last)
    return None


_CATEGORIES = {
    "ERR_RESOURCE_LIMIT": "over-limit",
    "ERR_UNDECLARED_ENTITY": "bad-entity",
    "ERR_NAME_REQUIRED": "bad-entity",
    "ERR_ENTITYREF_SEMICOL_MISSING": "bad-entity",
    "ERR_INVALID_CHAR": "bad-character",
    "ERR_INVALID_CHARREF": "bad-character",
    "ERR_INVALID_ENCODING": "not-utf-8",
    "I18N_CONV_FAILED": "not-utf-8",
}
_ADVICE = {
    "bad-entity": "write the character itself, and & as &amp;",
    "bad-character": "remove the character",
    "not-utf-8": "save the file as UTF-8",
    "over-limit": "nothing after it was read; remove entity declarations and deep nesting",
    "truncated": "the file ends too early; get it again",
    "not-well-formed": "mend the markup",
}


def read_volume(path: Path) -> Iterator[Item]:
    """Read a volume: first the volume itself, then all that it holds in the order of the file.

    Never raises for what is wrong with the file: each fault is given as one `Problem`.
    """
    volume = _Volume(path)
    try:
        yield from _stream(volume)
    except InputError as error:
        yield error.problem


def _stream(volume: _Volume) -> Iterator[Item]:
    parser = etree.XMLPullParser(
        events=("start", "end"),
        tag=(_DIV, _PAGE, _HEADER),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        collect_ids=False,
    )
    end = b""
    for chunk in _chunks(volume.path):
        parser.feed(_without_indent(chunk))
        end = (end + chunk)[-200:]
        _note_faults(parser, volume)
        for event, node in parser.read_events():
            yield from volume.take(event, node)
    yield from _finish(parser, volume, end)


def _finish(parser: Any, volume: _Volume, end: bytes) -> Iterator[Item]:
    if not end.strip():
        raise UnreadableVolume(volume.path, None, "the file is empty; get it again", "empty")
    try:
        root = parser.close()
    except etree.XMLSyntaxError:
        root = None
    _note_faults(parser, volume)
    if root is None:
        message = "the file is not XML; give a TEI volume"
        raise UnreadableVolume(volume.path, 1, message, "not-tei")
    _find_truncation(volume, end)
    for event, node in parser.read_events():
        yield from volume.take(event, node)
    yield from volume.end(root)


def _find_truncation(volume: _Volume, end: bytes) -> None:
    """Call a fault of the markup a truncation if the file does not end with its root element."""
    if not end.replace(b"\0", b"").rstrip().endswith((b"TEI>", b"-->")):
        for fault in volume.faults:
            if fault.fatal and fault.local:
                fault.category = "truncated"
                fault.message = _ADVICE["truncated"]


def _chunks(path: Path) -> Iterator[bytes]:
    """Read a file, compressed or not."""
    try:
        with path.open("rb") as raw:
            packed = raw.peek(2)[:2] == b"\x1f\x8b"
            stream = gzip.GzipFile(fileobj=raw) if packed else raw
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        message = f"the compressed file is damaged ({error}); get it again"
        raise UnreadableVolume(path, None, message, "truncated") from None
    except OSError as error:
        message = f"the file cannot be read ({error.strerror}); check its path and rights"
        raise UnreadableVolume(path, None, message, "unreadable") from None


def _without_indent(chunk: bytes) -> bytes:
    """Leave out the space at the beginning of lines, of which a third of some volumes consists.

    Lines keep their numbers. In UTF-16 a byte may look like a line feed and be none.
    """
    if b"\0" in chunk:
        return chunk
    first, *lines = chunk.split(b"\n")
    return b"\n".join([first, *map(bytes.lstrip, lines)])


def _note_faults(parser: Any, volume: _Volume) -> None:
    log = parser.feed_error_log
    for entry in log[len(volume.faults) :] if len(log) > len(volume.faults) else ():
        category = _category(entry)
        message = f"{entry.message.strip(' .')}; {_ADVICE[category]}"
        fatal = category in ("over-limit", "not-well-formed")
        volume.faults.append(_Fault(entry.line, message, category, fatal))


def _category(entry: Any) -> str:
    if entry.type_name == "ERR_NAME_REQUIRED" and "EntityRef" not in entry.message:
        return "not-well-formed"
    return _CATEGORIES.get(entry.type_name, "not-well-formed")


def read_document(path: Path, identifier: str) -> Document | None:
    """Read one document of a volume; None if there is none of that name."""
    for item in read_volume(path):
        if isinstance(item, Document) and item.id == identifier:
            return item
    return None
