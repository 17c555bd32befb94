"""Fetch volumes from the public repository of the Office of the Historian.

A volume is written to NAME.xml.part and moved to NAME.xml when it is whole, with its checksum
in NAME.xml.sha256, which `sha256sum -c` reads. What was fetched of a part is kept: the next
attempt, now or tomorrow, asks for the rest, if the server says by a strong ETag that the file is
still the same. NAME.xml.part.from has the address and the ETag.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit

from ingest.web import CHUNK, Pace, TryAgain, Visitor, chunks, is_address, refusal

BASE = "https://raw.githubusercontent.com/HistoryAtState/frus/master/volumes/"
"""The folder of the volumes at the Office of the Historian's repository."""

MOST_BYTES = 256 << 20
"""Largest volume that is accepted: ten times the largest that there is."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_ROOT_START = re.compile(rb"<(?:\w+:)?TEI[\s>]")
_ROOT_END = re.compile(rb"</(?:\w+:)?TEI\s*>")
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

Progress = Callable[[str, int, int], None]
"""Told what is fetched, how many bytes are there, and of how many; 0 where nobody knows."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A volume that is there; `fresh` if it was fetched now."""

    path: Path
    size: int
    sha256: str
    fresh: bool


class FetchError(Exception):
    """A volume that could not be fetched."""


class BadVolumeName(FetchError):
    """A name that no volume can have."""


class NoSuchVolume(FetchError):
    """The server has no such file."""


class NotAVolume(FetchError):
    """What the server sends is not a whole TEI volume, or is far too large."""


class AlteredVolume(FetchError):
    """A file that is no longer what was fetched."""


class BrokenOff(FetchError):
    """The server could be reached, but did not send the volume."""


class Stopped(FetchError):
    """A fault that the next volume would meet as well."""


class Unreachable(Stopped):
    """The server does not answer, or asks us to stay away for long."""


class FolderFault(Stopped):
    """The folder cannot be read or written, or the disk is full."""


class FetchRunning(Stopped):
    """Another fetch writes to the same folder."""


class BadAddress(Stopped):
    """An address from which no volume can be fetched."""


def fetch(
    names: Iterable[str],
    folder: Path,
    base: str = BASE,
    *,
    force: bool = False,
    pace: Pace | None = None,
    progress: Progress = lambda *_: None,
) -> Iterator[Fetched | FetchError]:
    """Fetch volumes one after the other, and yield what became of each.

    A volume that is there already is not asked for, unless by `force`. After an error that is
    `Stopped` nothing more is tried.
    """
    try:
        client = _Client(_checked(base), folder, pace or Pace(), progress)
        with _locked(folder):
            for name in dict.fromkeys(name.removesuffix(".xml") for name in names):
                try:
                    yield client.volume(name, force=force)
                except Stopped:
                    raise
                except FetchError as error:
                    yield error
    except Stopped as error:
        yield error


def _checked(base: str) -> str:
    if not is_address(base):
        raise BadAddress(f'"{base}" is no address of a folder; give one such as {BASE}')
    return base if base.endswith("/") else f"{base}/"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the right to write to a folder; the system frees it when the process ends."""
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "fetch.lock").open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"{folder}: another fetch is writing here; wait for it"
            raise FetchRunning(message) from None
        yield


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"{path}: {reason}; put it right and fetch again: what is there is kept"
        raise FolderFault(message) from error


@dataclass(frozen=True, slots=True)
class _Part:
    """What is fetched of a volume, and from where."""

    path: Path
    url: str

    @property
    def _origin(self) -> Path:
        return self.path.with_name(f"{self.path.name}.from")

    @property
    def size(self) -> int:
        """How many bytes are there."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def etag(self) -> str | None:
        """The ETag that names exactly these bytes, if the rest can be asked for."""
        try:
            url, etag = self._origin.read_text(encoding="utf-8").split("\n")
        except (OSError, ValueError):
            return None
        return etag if url == self.url and self.size else None

    def begin(self, etag: str | None) -> None:
        """Start again from nothing. The order is such that no ETag outlives its bytes."""
        self._origin.unlink(missing_ok=True)
        self.path.write_bytes(b"")
        if etag and etag.startswith('"'):  # a weak one, W/"…", does not promise equal bytes
            self._origin.write_text(f"{self.url}\n{etag}", encoding="utf-8")

    def discard(self) -> None:
        """Forget what was fetched."""
        self._origin.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)

    def place(self, target: Path) -> str:
        """Put the whole file into its place, and its checksum beside it; return that."""
        with self.path.open("rb") as file:
            os.fsync(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        sums = _sums(target)
        sums.unlink(missing_ok=True)
        self.path.replace(target)
        sums.write_text(f"{digest}  {target.name}\n", encoding="utf-8")
        self._origin.unlink(missing_ok=True)
        return digest

    def is_whole(self) -> bool:
        """Tell whether it begins and ends as a TEI volume does: no login page, no half file."""
        with self.path.open("rb") as file:
            start = file.read(CHUNK)
            file.seek(max(0, self.size - 4096))
            return bool(_ROOT_START.search(start) and _ROOT_END.search(file.read()))


def _sums(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _there(path: Path) -> Fetched:
    """Describe a volume that is there. Raises AlteredVolume."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    sums = _sums(path)
    if sums.exists() and sums.read_text(encoding="utf-8", errors="replace").split()[:1] != [digest]:
        message = f"{path}: not as it was fetched; --force fetches it again, or remove {sums.name}"
        raise AlteredVolume(message)
    return Fetched(path, path.stat().st_size, digest, fresh=False)


class _Client:
    """What asks one server for volumes, at a pace."""

    def __init__(self, base: str, folder: Path, pace: Pace, progress: Progress) -> None:
        self._base, self._folder, self._progress = base, folder, progress
        self._visitor = Visitor(pace)

    def volume(self, name: str, *, force: bool) -> Fetched:
        """Fetch one volume, unless it is there."""
        if not _NAME.fullmatch(name):
            raise BadVolumeName(f'"{name}" is no name of a volume; {_EXAMPLES}')
        target = self._folder / f"{name}.xml"
        with _writing(target):
            if target.exists() and not force:
                return _there(target)
            part = _Part(self._folder / f"{name}.xml.part", f"{self._base}{name}.xml")
            try:
                self._download(part, name)
                if not part.is_whole():
                    raise NotAVolume(f"{part.url}: this is not a whole TEI volume; {_EXAMPLES}")
            except NotAVolume:
                part.discard()
                raise
            size = part.size
            return Fetched(target, size, part.place(target), fresh=True)

    def _download(self, part: _Part, name: str) -> None:
        """Attempt until the part is complete, or until several attempts brought nothing."""
        failures, most = 0, part.size
        while True:
            try:
                return self._attempt(part, name)
            except TryAgain as error:
                failures = 0 if part.size > most else failures + 1
                most = max(most, part.size)
                if failures >= self._visitor.pace.tries:
                    raise _given_up(part, error) from None
                self._rest(part, error, failures)

    def _rest(self, part: _Part, error: TryAgain, failures: int) -> None:
        """Wait as long as the server asks for, or longer after each failure."""
        seconds = self._visitor.patience(error, failures)
        if seconds is None:
            message = f"{part.url}: {error}, and asks to wait {error.after:.0f} s; try again then"
            raise Unreachable(message)
        self._visitor.sleep(seconds)

    def _attempt(self, part: _Part, name: str) -> None:
        """Ask for what is missing, and add it to the part."""
        etag = part.etag
        with self._answer(part, etag) as response:
            total = _begin(response, part, etag)
            if total > MOST_BYTES:
                raise NotAVolume(f"{part.url}: {total} bytes are too many for a volume")
            self._copy(response, part, name, total)
        if total and part.size != total:
            raise TryAgain(f"the connection broke off at {part.size} of {total} bytes")

    def _copy(self, response: HTTPResponse, part: _Part, name: str, total: int) -> None:
        size = part.size
        with part.path.open("ab") as out:
            for chunk in chunks(response):
                size += len(chunk)
                if size > MOST_BYTES:
                    raise NotAVolume(f"{part.url}: more than {MOST_BYTES} bytes; not a volume")
                out.write(chunk)
                self._progress(name, size, total)

    def _answer(self, part: _Part, etag: str | None) -> HTTPResponse:
        """Ask for the file, or for the rest of it."""
        headers = {"Range": f"bytes={part.size}-", "If-Range": etag} if etag else {}
        try:
            return self._visitor.ask(part.url, headers)
        except HTTPError as error:
            with error:
                raise _refused(part, error) from None


def _begin(response: HTTPResponse, part: _Part, etag: str | None) -> int:
    """Make the part ready for what comes; return how long it will be, 0 if nobody says."""
    same, length = response.headers.get("ETag"), response.length or 0
    if response.status == 200:
        part.begin(same)
        return length
    found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if response.status == 206 and found and int(found[1]) == part.size and same in (None, etag):
        return part.size + length if found[2] == "*" else int(found[2])
    part.discard()
    raise TryAgain(f"the server answered {response.status} with another part than asked for")


def _refused(part: _Part, error: HTTPError) -> Exception:
    """Return what an answer means that is not the file."""
    if error.code in (404, 410):
        return NoSuchVolume(f"{part.url}: there is no such volume; {_EXAMPLES}")
    if error.code == 416:  # Range Not Satisfiable: what we have is not a part of what it has
        part.discard()
        return TryAgain(refusal(error), after=0)
    return BrokenOff(f"{part.url}: {refusal(error)}")


def _given_up(part: _Part, error: TryAgain) -> FetchError:
    if not error.reached:
        host = urlsplit(part.url).netloc
        return Unreachable(f"{host} cannot be reached: {error}; check the connection, then go on")
    return BrokenOff(f"{part.url}: {error}; fetch it again, and it goes on from there")


_EXAMPLES = (
    "names are as in https://history.state.gov/historicaldocuments/frus1943China, "
    "such as frus1943China or frus1969-76v01"
)
