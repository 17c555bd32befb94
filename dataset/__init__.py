"""A data set on disk: versions side by side, and the one that is served.

    STORE/current -> versions/VERSION     what servers open
    STORE/versions/VERSION/               store/ side.sqlite void.ttl manifest.json downloads/
    STORE/parts/VOLUME/KEY/               what was read of one volume, to be used again
    STORE/sources/KEY/                    a copy of a volume from elsewhere
    STORE/incoming/VERSION/               files of a version that is loaded from shards
    STORE/load-KEY.json                   how far a load into another server is
    STORE/building-PID/                   a version in the making; left behind only by a kill
    STORE/building-PID-VERSION/           an old version on its way out; the same
    STORE/writing-PID/                    the copy that updates over HTTP are applied to
    STORE/journal.jsonl                   what has become of each update: `dataset.journal`

A version is complete before `current` points to it, and the pointing is one rename: whoever
opens `current` finds the old version or the new one, never something between. A server holds a
shared lock on the folder of each version that it reads; such a folder is not removed.

Versions are made by builds, and by updates over HTTP, which change a copy of the current one. Who
replaces the current version holds the lock of `switching` from the moment at which it looked which
one that is: no version is made of another than the one that it replaces.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DOWNLOADS = "downloads"
"""The folder of a version with the files that it gives away whole."""


class BuildRunning(Exception):
    """Another build writes to the same folder."""


@contextmanager
def build_lock(store: Path) -> Iterator[None]:
    """Hold the right to build into a store; the system frees it when the process ends.

    What remains of killed builds is removed, for it may be that no version is to be made.

    Raises BuildRunning if another process holds it.
    """
    store.mkdir(parents=True, exist_ok=True)
    with (store / "build.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BuildRunning(
                f"{store}: another build is writing here; wait for it, or build with --store "
                "into another folder"
            ) from error
        _remove_left(store)
        yield


class UpdatesInTheWay(Exception):
    """The version to be replaced has been changed by updates, which a build knows nothing of."""


@contextmanager
def switching(store: Path) -> Iterator[None]:
    """Hold the right to change which version is the current one; wait for whoever has it.

    An update has it for as long as it takes, so that a build may have to wait some seconds.
    """
    with (store / "switch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def refuse_updated(store: Path) -> None:
    """Raise UpdatesInTheWay if updates have been made to the current version."""
    number = updates(store)
    if number:
        raise UpdatesInTheWay(
            f"{store}: the version that is served has been changed by {number} updates over HTTP, "
            "which a build would lose; save the graphs that they changed (GET /graphs?graph=…) and "
            "build with --drop-updates, or build with --store into another folder"
        )


def updates(store: Path) -> int:
    """Return the number of updates that have been made to the current version since its build."""
    version = current(store)
    try:
        manifest = json.loads((version / "manifest.json").read_bytes()) if version else {}
    except (OSError, ValueError):
        return 0  # Nobody can serve it.
    return int(manifest.get("updates", 0))


@contextmanager
def new_version(store: Path) -> Iterator[Path]:
    """Give a folder to build a version in; what remains of killed builds is removed first."""
    _remove_left(store)
    folder = store / f"building-{os.getpid()}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_left(store: Path) -> None:
    for left in store.glob("building-*"):
        shutil.rmtree(left, ignore_errors=True)


def publish(store: Path, folder: Path, version: str, keep: int = 2) -> Path:
    """Make a finished folder the version that is served, and return where it now lies.

    The `keep` newest versions stay, and those that servers hold open. A version that is there
    already is served as it is: its name says what it was made of, and a server may read it.
    """
    target = store / "versions" / version
    target.parent.mkdir(exist_ok=True)
    if target.exists():
        os.utime(target)
    else:
        _flush(folder)
        folder.rename(target)
    link = store / f"current-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("versions") / version)
    link.replace(store / "current")
    _flush_folder(store)
    _forget_old(store, keep)
    return target


def current(store: Path) -> Path | None:
    """Return the folder of the version that is served; None before the first build."""
    link = store / "current"
    return link.resolve() if link.exists() else None


@contextmanager
def held(version: Path) -> Iterator[None]:
    """Keep builds from removing a version until the block ends."""
    descriptor = os.open(version, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def _flush(folder: Path) -> None:
    """Put all files on the disk; those that belong to another version too are there."""
    for path in folder.rglob("*"):
        if path.is_file() and path.stat().st_nlink == 1:
            with path.open("rb") as file:
                os.fsync(file.fileno())
    _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _forget_old(store: Path, keep: int) -> None:
    served = current(store)
    versions = sorted((store / "versions").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    for old in versions[:-keep]:
        if old.resolve() != served:
            _remove(old, store / f"building-{os.getpid()}-{old.name}")


def _remove(version: Path, aside: Path) -> None:
    """Remove a version unless a server holds it; at no time is there half of one."""
    descriptor = os.open(version, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        version.rename(aside)
    except BlockingIOError:
        return  # The next build tries again.
    finally:
        os.close(descriptor)
    shutil.rmtree(aside, ignore_errors=True)
