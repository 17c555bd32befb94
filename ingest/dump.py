"""Read the humans of a dump of Wikidata, which is larger than any memory.

A dump is a JSON array with one entity a line (https://www.wikidata.org/wiki/Wikidata:Data_access),
compressed or not; a file of such lines without the brackets, which filters of dumps leave, will do.
It is read twice: first for the humans, who go to a file beside the index, then for the labels of
the offices, countries and occupations that they name, some hundred thousand of a hundred million.
Of most lines only a few bytes are looked at.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import orjson

from ingest.entities import HUMAN, BadEntity, Line, label_of, line_of, mentioned, worded
from ingest.items import OPENERS
from ingest.model import Problem

LONGEST = 16 << 20
"""Bytes of a line; a longer one is left out. The longest of Wikidata's have some 5 MB."""
MOST_PROBLEMS = 1000
"""Lines that are told to be wrong; with more, the file is no dump."""

_START = re.compile(rb'\{(?:"type":"item",)?"id":"(Q[1-9][0-9]*)"')
_HUMAN = f'"{HUMAN}"'.encode()
_EVERY = 5000
"""Lines between two tellings of how far it is."""
_STAGES = ("humans", "labels of offices and the like")

Progress = Callable[[str, int, int], None]
"""Told what is done now, how many bytes are done, and of how many."""


class NotADump(Exception):
    """A file that is not a dump of Wikidata."""


def is_dump(path: Path) -> bool:
    """Say whether a file begins as a dump does: with a bracket, or with an entity."""
    with _opened(path) as (file, _):
        first = file.readline(LONGEST).strip()
        return first.startswith(b"[") or (first.startswith(b"{") and b'"claims"' in first)


def humans(path: Path, folder: Path, progress: Progress) -> Iterator[str | Problem]:
    """Yield each human of a dump as a line of a file of items, and what is wrong with the dump.

    `folder` has room for the humans while the dump is read. Raises NotADump, and whatever a
    compressed file raises that is cut short.
    """
    with TemporaryFile(dir=folder) as kept:
        wanted: set[str] = set()
        yield from _keep_humans(path, kept, wanted, progress)
        labels = _labels(path, wanted, progress)
        kept.seek(0)
        for line in kept:
            yield orjson.dumps(worded(orjson.loads(line), labels)).decode()


def _keep_humans(
    path: Path, kept: IO[bytes], wanted: set[str], progress: Progress
) -> Iterator[Problem]:
    """Keep the humans, and the numbers of the items whose labels they want."""
    problems = 0
    for number, text in _entities(path, 0, progress):
        try:
            line = _human(text)
        except BadEntity as error:
            problems += 1
            if problems > MOST_PROBLEMS:
                message = f"{path}: over {MOST_PROBLEMS:,} bad lines; this is no dump of Wikidata"
                raise NotADump(message) from error
            yield Problem(str(path), number, f"left out: {error}", "not-json")
        else:
            if line:
                kept.write(orjson.dumps(line) + b"\n")
                wanted.update(mentioned(line))


def _human(text: bytes) -> Line | None:
    if not (text.startswith(b"{") and text.endswith(b"}")):
        raise BadEntity("not an entity, or one that is longer than 16 MB")
    if _HUMAN not in text:
        return None
    try:
        return line_of(orjson.loads(text))
    except orjson.JSONDecodeError as error:
        raise BadEntity(f"not JSON: {error}") from error


def _labels(path: Path, wanted: set[str], progress: Progress) -> dict[str, str]:
    """Return the labels of the items that are wanted, as far as the dump has them."""
    labels: dict[str, str] = {}
    for _, text in _entities(path, 1, progress):
        start = _START.match(text)
        if start and start[1].decode() not in wanted:
            continue
        try:
            entity = orjson.loads(text)
            label = label_of(entity) if entity["id"] in wanted else None
        except (BadEntity, KeyError, TypeError, ValueError):
            continue  # It was told when the humans were read.
        if label:
            labels[entity["id"]] = label
    return labels


def _entities(path: Path, passed: int, progress: Progress) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that hold entities, with their numbers and without their commas.

    `passed` says how often all was read before. Raises NotADump if the array is not closed: then
    the file is cut short.
    """
    size, first, last = path.stat().st_size, b"", b""
    with _opened(path) as (file, raw):
        for number, line in enumerate(_lines(file), start=1):
            last = line.strip() or last
            first = first or last
            if text := line.strip().removeprefix(b"[").removesuffix(b"]").removesuffix(b","):
                yield number, text
            if number % _EVERY == 0:
                progress(f"reading {_STAGES[passed]}", passed * size + raw.tell(), 2 * size)
    if first.startswith(b"[") and not last.endswith(b"]"):
        raise NotADump(f"{path}: cut short: it does not end with a bracket; get it again")


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Yield lines; of one that is too long, only the beginning."""
    while line := file.readline(LONGEST):
        yield line
        while not line.endswith(b"\n") and len(line) == LONGEST:
            line = file.readline(LONGEST)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Open a file that may be compressed; give also what tells how much of it is read."""
    with path.open("rb") as raw:
        yield (OPENERS[path.suffix](raw) if path.suffix in OPENERS else raw), raw
