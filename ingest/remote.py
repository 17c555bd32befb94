"""Files behind addresses: in S3-compatible stores, on the web, and wherever else fsspec reaches.

A volume is copied to this machine before it is read, for it is read twice. A copy stays as long as
the store says that its original is the same, by checksum or time; where a store says neither, it
is got again. What an address needs beyond fsspec comes with `cablegraph[remote]`; who may read,
and where a store is, is told in the ways of that store, such as AWS_ACCESS_KEY_ID and
AWS_ENDPOINT_URL.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import fsspec

from ingest import plain, readers
from ingest.model import Problem

MOST_BYTES = 4 << 30
"""Largest file that is taken; the largest volume of the Foreign Relations has 2 MB, compressed."""

AT_ONCE = 8
"""Files that are copied at the same time: stores answer late, and serve many."""

_CHUNK = 1 << 20
_TELLS = ("ETag", "etag", "Content-MD5", "Digest", "Last-Modified", "LastModified", "mtime")
"""What stores say of a file that changes with it; the first that is said counts."""


class NotReached(Exception):
    """A file or folder behind an address that cannot be read or written."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"{address}: {reason}")
        self.reason = reason


@contextmanager
def _told(address: str) -> Iterator[None]:
    """Raise NotReached, with the address, for whatever a store does not do."""
    try:
        yield
    except ImportError as error:
        ours = any(name in str(error) for name in ("s3fs", "aiohttp"))
        remedy = "; `pip install cablegraph[remote]` does it" if ours else ""
        raise NotReached(address, f"{error}{remedy}") from error
    except FileNotFoundError as error:
        raise NotReached(address, "there is nothing at this address") from error
    except _faults() as error:
        raise NotReached(address, str(error) or type(error).__name__) from error


def _faults() -> tuple[type[Exception], ...]:
    """Return what stores raise; not all of it is an OSError, and not all stores are installed."""
    others = (("botocore.exceptions", "BotoCoreError"), ("aiohttp", "ClientError"))
    loaded = ((sys.modules[name], kind) for name, kind in others if name in sys.modules)
    return (OSError, ValueError, *(getattr(module, kind) for module, kind in loaded))


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder behind an address, or on this machine."""

    address: str

    def open(self, name: str) -> IO[bytes]:
        """Open one of its files to read it from the beginning to the end."""
        with self._at(name) as (system, path):
            opened: IO[bytes] = system.open(path, "rb", cache_type="readahead")
            return opened

    def take(self, name: str, to: Path, most: int = MOST_BYTES) -> None:
        """Copy one of its files to this machine; there is a whole copy, or none."""
        making = to.with_name(f"{to.name}.making")
        with self._at(name), self.open(name) as file, making.open("wb") as out:
            _copy(file, out, most)
        making.replace(to)

    def put(self, name: str, content: Path | bytes) -> None:
        """Write one of its files."""
        with self._at(name) as (system, path):
            system.makedirs(system._parent(path), exist_ok=True)
            if isinstance(content, bytes):
                system.pipe_file(path, content)
            else:
                system.put_file(str(content), path)

    def remove(self, name: str) -> None:
        """Remove one of its files, if it is there."""
        with self._at(name) as (system, path):
            if system.exists(path):
                system.rm_file(path)

    def has(self, name: str) -> bool:
        """Say whether there is such a file."""
        with self._at(name) as (system, path):
            system.invalidate_cache()
            return bool(system.exists(path))

    @contextmanager
    def _at(self, name: str) -> Iterator[tuple[Any, str]]:
        address = f"{self.address.rstrip('/')}/{name}"
        with _told(address):
            yield fsspec.core.url_to_fs(address)


def _copy(file: IO[bytes], out: IO[bytes], most: int) -> None:
    taken = 0
    while chunk := file.read(_CHUNK):
        taken += len(chunk)
        if taken > most:
            raise OSError(f"it has more than {most:,} bytes, and is not taken")
        out.write(chunk)


# Volumes


@dataclass(slots=True)
class Copies:
    """Volumes that were copied into a folder: the address of each copy, and what was in the way."""

    folder: Path
    addresses: dict[str, str] = field(default_factory=dict)  # by the path of the copy
    problems: list[Problem] = field(default_factory=list)

    @property
    def paths(self) -> list[Path]:
        """The copies, in the order of their addresses."""
        return [Path(copy) for copy in self.addresses]

    def told(self, problem: Problem) -> Problem:
        """Return a problem of a copy as one of its original."""
        copy = re.compile(rf"{re.escape(str(self.folder))}/\w+/[^\s,;:]+")
        file, message = (
            copy.sub(lambda found: self.addresses.get(found[0], found[0]), text)
            for text in (problem.file, problem.message)
        )
        return replace(problem, file=file, message=message)


def copied(
    addresses: Iterable[str], folder: Path, progress: Callable[[str, int, int], None]
) -> Copies:
    """Copy the volumes at some addresses, each a file, a folder or a pattern with `*`.

    Copies that are no longer asked for are removed from the folder.
    """
    copies = Copies(folder)
    files: list[tuple[str, Any]] = []
    for address in addresses:
        try:
            files += volumes_at(address)
        except NotReached as error:
            copies.problems.append(Problem(address, None, error.reason, "unreadable"))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = pool.map(lambda file: _copied(file[0], file[1], folder), files)
        for number, ((address, _), copy) in enumerate(zip(files, made, strict=True), 1):
            progress(f"copied {number} of {len(files)} volumes", 0, 0)
            if isinstance(copy, Path):
                copies.addresses[str(copy)] = address
            else:
                copies.problems.append(copy)
    _forget(folder, copies.paths)
    return copies


def volumes_at(address: str) -> list[tuple[str, Any]]:
    """Return the volumes at an address, each with what its store says of it.

    Raises NotReached if there is none.
    """
    with _told(address):
        system, path = fsspec.core.url_to_fs(address)
        system.invalidate_cache()
        paths = _paths(system, path)
        files = [path for path in paths if _is_volume(path)]
        if not files:
            raise FileNotFoundError(address)
        return [(str(system.unstrip_protocol(each)), system.info(each)) for each in sorted(files)]


def _is_volume(path: str) -> bool:
    """Say whether a file is read as a volume; telegrams in plain text need their whole folder."""
    return readers.suffix_of(Path(path)) not in (None, plain.SUFFIX)


def _paths(system: Any, path: str) -> list[str]:
    if "*" in path:
        return list(system.glob(path))
    if readers.suffix_of(Path(path)):  # To ask the web whether a file is a folder is to get it.
        return [path]
    return list(system.ls(path, detail=False))


def _copied(address: str, info: dict[str, Any], folder: Path) -> Path | Problem:
    """Return the copy of a volume, or what was in the way."""
    told = next((f"{info[name]}" for name in _TELLS if info.get(name)), None)
    key = sha256(f"{address}\0{info.get('size')}\0{told}".encode()).hexdigest()[:16]
    parent, _, name = address.rpartition("/")
    copy = folder / key / Path(name).name
    if told and copy.exists():
        return copy
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        Folder(parent).take(name, copy)
    except NotReached as error:
        return Problem(address, None, error.reason, "unreadable")
    return copy


def _forget(folder: Path, wanted: Iterable[Path]) -> None:
    used = {copy.parent for copy in wanted}
    for each in folder.glob("*"):
        if each not in used:
            shutil.rmtree(each, ignore_errors=True)
