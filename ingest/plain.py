"""Read telegrams from plain text: a folder of files, one telegram each.

A file begins with a header of lines `Field: value`; a line that begins with a space goes on
with the value before it. After an empty line comes the text, a paragraph between empty lines.
A volume of other sources is one file; here it is the folder, which gives the collection its
name, as the file's name gives the telegram its id. A single file is read as a collection of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ingest.errors import UnreadableDocument, UnreadableVolume
from ingest.model import Document, Problem, Volume
from ingest.records import (
    LONGEST,
    MOST_FAULTS,
    Collection,
    Fault,
    WrongRecord,
    names,
    read_record,
    unknown_field,
)

SUFFIX = ".txt"
Item = Volume | Document | Problem

_FIELDS = [name for name in names() if name not in ("text", "paragraphs", "notes", "mentions")]


def telegram_files(folder: Path) -> list[Path]:
    """Return the telegrams that lie in a folder, in the order of their names."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() == SUFFIX and path.is_file() and not path.name.startswith(".")
    )


def read_telegrams(path: Path) -> Iterator[Item]:
    """Read the telegrams of a folder, or the one in a file.

    Never raises for what is wrong with a file: each fault is given as one `Problem`.
    """
    try:
        files = telegram_files(path) if path.is_dir() else [path]
    except OSError as error:
        yield _unreadable(path, error).problem
        return
    if not files:
        message = f"the folder holds no telegrams; give one with {SUFFIX} files"
        yield UnreadableVolume(path, None, message, "empty").problem
    collection = Collection((path if path.is_dir() else path.absolute().parent).absolute().name)
    for file in files:
        try:
            yield from _read(file, collection)
        except (UnreadableDocument, UnreadableVolume) as error:
            yield error.problem


def has_header(words: str) -> bool:
    """Tell whether a telegram begins with a field that is known, and not with its text."""
    name, colon, _ = words.lstrip().partition("\n")[0].partition(":")
    return bool(colon) and _field(name) in _FIELDS


def _field(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _read(path: Path, collection: Collection) -> Iterator[Item]:
    header, text = _parted(_words(path))
    try:
        record = read_record({**header.values(), "text": text})
        yield from collection.add(record, path.stem)
    except WrongRecord as error:
        message, line = header.told(error.faults)
        raise UnreadableDocument(path, line, message, error.category) from None
    if record.date is None:
        yield Problem(str(path), 1, "it has no date; add a line `Date:`", "no-date", fatal=False)


def _unreadable(path: Path, error: OSError) -> UnreadableVolume:
    message = f"the file cannot be read ({error.strerror}); check its path and rights"
    return UnreadableVolume(path, None, message, "unreadable")


def _words(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
    except OSError as error:
        raise _unreadable(path, error) from None
    if len(content) > LONGEST:
        message = f"the file has more than {LONGEST >> 20} MiB; put one telegram into each file"
        raise UnreadableDocument(path, None, message, "over-limit")
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = "the file is not UTF-8; save it as UTF-8"
        raise UnreadableDocument(path, line, message, "not-utf-8") from None
    return words.replace("\r\n", "\n").replace("\r", "\n")


class _Line(NamedTuple):
    """A field as it stands in a header."""

    value: str
    number: int


class _Header:
    """The fields of a header by name, where they stand, and what is wrong with other lines."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._fields: dict[str, _Line] = {}
        self._last: str | None = None

    def take(self, number: int, line: str) -> None:
        """Take in a line of the header."""
        name, colon, value = line.partition(":")
        field = _field(name)
        if line[:1].isspace() and self._last:
            before = self._fields[self._last]
            self._fields[self._last] = _Line(f"{before.value} {line}", before.number)
        elif not colon:
            message = "this is no line `Field: value`; a header and an empty line come first"
            self.faults.append(Fault(None, message, number))
        elif field not in _FIELDS:
            self.faults.append(unknown_field(field, _FIELDS, number))
        elif field in self._fields:
            self.faults.append(Fault(field, f"{field}: is there twice; leave one out", number))
        else:
            self._fields[field] = _Line(value, number)
            self._last = field

    def values(self) -> dict[str, str]:
        """Return the fields. Raises WrongRecord if there are lines that are none."""
        if self.faults:
            raise WrongRecord(self.faults)
        return {name: line.value for name, line in self._fields.items()}

    def told(self, faults: Iterable[Fault]) -> tuple[str, int]:
        """Say what is wrong, and in which line first."""
        placed = sorted((self._line(fault), fault.message) for fault in faults)
        first = placed[0][0]
        told = [words if line == first else f"line {line}: {words}" for line, words in placed]
        return "; ".join(told), first

    def _line(self, fault: Fault) -> int:
        field = self._fields.get(fault.field or "")
        return fault.line or (field.number if field else 1)


def _parted(words: str) -> tuple[_Header, str]:
    """Part the header from the text."""
    header = _Header()
    lines = words.split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            return header, "\n".join(lines[number:])
        header.take(number, line)
        if len(header.faults) == MOST_FAULTS:
            break
    return header, ""
