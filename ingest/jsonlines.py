"""Read documents from JSON lines: one object a line, compressed or not.

A line is read at a time, and no more of it than a document may have, so that memory does not
depend on the file. A line that is wrong costs its document, and the rest goes on.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path

from ingest.errors import UnreadableDocument, UnreadableVolume
from ingest.model import Document, Problem, Volume
from ingest.records import LONGEST, Collection, WrongRecord, read_record

SUFFIXES = (".jsonl", ".jsonl.gz")
Item = Volume | Document | Problem


def read_json_lines(path: Path) -> Iterator[Item]:
    """Read the documents of a file; the collection is called as its first document says.

    Never raises for what is wrong with the file: each fault is given as one `Problem`.
    """
    collection, empty = Collection(path.name.partition(".")[0]), True
    try:
        for number, line in _lines(path):
            empty = False
            yield from _read(path, number, line, collection)
    except UnreadableVolume as error:
        yield error.problem
    else:
        if empty:
            message = "the file is empty; give one with a document a line"
            yield UnreadableVolume(path, None, message, "empty").problem


def _read(path: Path, number: int, line: bytes | None, collection: Collection) -> Iterator[Item]:
    try:
        if line is None:
            message = f"the line has more than {LONGEST >> 20} MiB; put one document on each"
            raise UnreadableDocument(path, number, message, "over-limit")
        record = read_record(line)
        yield from collection.add(record)
    except WrongRecord as error:
        yield Problem(str(path), number, str(error), error.category)
    except UnreadableDocument as error:
        yield error.problem
    else:
        if record.date is None:
            yield Problem(str(path), number, "it has no date; add one", "no-date", fatal=False)


def _lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Yield each line that is not empty, with its number; None for one that is too long."""
    number = 0
    try:
        with path.open("rb") as raw:
            packed = raw.peek(2)[:2] == b"\x1f\x8b"
            stream: BufferedIOBase = gzip.GzipFile(fileobj=raw) if packed else raw
            while line := stream.readline(LONGEST + 1):
                number += 1
                if len(line) > LONGEST:
                    _skip(stream, line)
                    yield number, None
                elif line.strip():
                    yield number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        message = f"the compressed file is damaged ({error}); get it again"
        raise UnreadableVolume(path, None, message, "truncated") from None
    except OSError as error:
        message = f"the file cannot be read ({error.strerror}); check its path and rights"
        raise UnreadableVolume(path, None, message, "unreadable") from None


def _skip(stream: BufferedIOBase, line: bytes) -> None:
    """Leave out the rest of a line."""
    while line and not line.endswith(b"\n"):
        line = stream.readline(LONGEST)
