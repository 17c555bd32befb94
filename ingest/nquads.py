"""Files of N-Quads, compressed: written, put one behind the other, and loaded.

Compressed files that follow each other are a compressed file of all their lines (RFC 1952, 2.2), so
that the parts of a data set need not be packed anew to be one file.
"""

import gzip
import io
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, TextIO, cast

from pyoxigraph import RdfFormat, Store

from ingest.terms import Quad, line

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_LEVEL = 6
"""Quads become a 25th of their size, at 110 MB a second and core; level 1 gives a 20th at 310."""

_BATCH_BYTES = 32 * 1024 * 1024
"""N-Quads loaded at a time. One load of all takes a gigabyte of memory for each million quads;
one of each file takes twice the time for 95 volumes."""

_PIECE = 1024 * 1024


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """Open a new file for lines; the same lines are the same bytes."""
    with (
        path.open("wb") as file,
        gzip.GzipFile("", "wb", _LEVEL, file, mtime=0) as packed,
        io.TextIOWrapper(io.BufferedWriter(packed, _PIECE), "utf-8", newline="\n") as out,
    ):
        yield out


def write(out: TextIO, quads: Iterable[Quad]) -> None:
    """Write quads, one a line."""
    out.writelines(f"{line(quad)}\n" for quad in quads)


def join(paths: Iterable[Path], path: Path) -> None:
    """Write compressed files one behind the other, as one."""
    with path.open("wb") as out:
        for each in paths:
            with each.open("rb") as part:
                shutil.copyfileobj(part, out, _PIECE)


def load_store(folder: Path, paths: Sequence[Path]) -> Store:
    """Load compressed files of N-Quads into a new store."""
    store = Store(str(folder))
    for batch in _batches(paths):
        with (
            io.BufferedReader(_Joined(batch), _PIECE) as packed,
            gzip.GzipFile(fileobj=packed, mode="rb") as stream,
        ):
            store.bulk_load(cast(IO[bytes], stream), RdfFormat.N_QUADS)
    store.optimize()
    store.flush()
    return store


def _batches(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Yield the files in groups of about that size."""
    batch: list[Path] = []
    size = 0
    for path in paths:
        batch.append(path)
        size += _unpacked(path)
        if size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    yield batch


def _unpacked(path: Path) -> int:
    """Return the bytes of a file before it was compressed: the last four of it say so."""
    with path.open("rb") as file:
        file.seek(-4, io.SEEK_END)
        return int.from_bytes(file.read(4), "little")


class _Joined(io.RawIOBase):
    """Files one after the other, as if they were one."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._files = (path.open("rb", buffering=0) for path in paths)
        self._file = next(self._files, None)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        while self._file is not None:
            if count := self._file.readinto(buffer):
                return count
            self._file.close()
            self._file = next(self._files, None)
        return 0
