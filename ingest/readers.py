"""The kinds of source, and who reads each: the one place where a reader is registered.

A reader takes a path and yields what `ingest.model` knows: first a `Volume`, then what it
holds in the order of the source, and a `Problem` for each fault, for which it never raises. To
add one, write a module and name it in `READERS`. A source is a file, or a folder of telegrams in
plain text, because a volume is built as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from ingest import jsonlines, plain, tei
from ingest.errors import UnreadableVolume
from ingest.model import Problem

Reader = Callable[[Path], Iterator[tei.Item]]

READERS: dict[str, Reader] = {
    ".xml": tei.read_volume,
    ".xml.gz": tei.read_volume,
    plain.SUFFIX: plain.read_telegrams,
    **dict.fromkeys(jsonlines.SUFFIXES, jsonlines.read_json_lines),
}
"""Who reads files of a suffix."""


def suffixes() -> tuple[str, ...]:
    """Return the suffixes of the files that can be read."""
    return tuple(READERS)


def suffix_of(path: Path) -> str | None:
    """Return the suffix by which a source is read; None if there is none for it."""
    if path.is_dir():
        return plain.SUFFIX
    return max((s for s in READERS if path.name.lower().endswith(s)), key=len, default=None)


def name_of(source: Path) -> str:
    """Return what tells a source from others: a collection is one, by whichever file."""
    suffix = suffix_of(source)
    if suffix == plain.SUFFIX:
        return (source if source.is_dir() else source.absolute().parent).absolute().name
    return source.name[: -len(suffix)] if suffix else source.name


def files_of(source: Path) -> list[Path]:
    """Return the files that a source consists of."""
    return plain.telegram_files(source) if source.is_dir() else [source]


def size_of(source: Path) -> int:
    """Return how many bytes a source has."""
    return sum(file.stat().st_size for file in files_of(source))


def remedy(source: Path) -> str:
    """Say what to do about a source that has the name of another."""
    if suffix_of(source) == plain.SUFFIX and not source.is_dir():
        return f"to read all telegrams of {source.parent}, name the folder"
    return "remove one of the two"


def find_sources(path: Path) -> Iterator[Path | Problem]:
    """Yield the sources at a path: itself if it is a file; else what lies in the folder.

    That is each volume and each folder of telegrams in it, or the folder itself, if it holds
    telegrams and no volumes.
    """
    if not path.is_dir():
        yield path
        return
    volumes = [file for file in path.iterdir() if _is_volume(file)]
    folders = [each for each in path.iterdir() if each.is_dir() and plain.telegram_files(each)]
    yield from sorted([*volumes, *folders])
    loose = plain.telegram_files(path)
    if loose and not volumes:
        yield path
    elif loose:
        message = "text beside volumes is not read; put telegrams into a folder of their own"
        yield Problem(str(loose[0]), None, message, "stray-text", fatal=False)


def _is_volume(file: Path) -> bool:
    return suffix_of(file) not in (None, plain.SUFFIX) and not file.name.startswith(".")


def read_source(path: Path) -> Iterator[tei.Item]:
    """Read a source with the reader for its suffix."""
    suffix = suffix_of(path)
    if suffix:
        yield from READERS[suffix](path)
        return
    message = f"no reader for such a file; give one that ends in {', '.join(suffixes())}"
    yield UnreadableVolume(path, None, message, "unknown-format").problem
