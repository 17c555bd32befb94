"""The data set: where it lies, and its store.

`STORE/current` is a link to one version: a folder with the store, the side file, a VoID
description and a manifest. A version never changes, so that everything read from it can be
cached under its name. No other file opens the store. Each worker process loads this module,
so it imports nothing heavy.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyoxigraph import Store

from server.errors import DataSetMissing, DataSetUnreadable

FORMAT = 1
REMEDY = "Build it with `cablegraph build`, or name its folder with --store."


@dataclass(frozen=True, slots=True)
class DataSet:
    """One version of the data set, as `cablegraph build` or an update leaves it."""

    folder: Path
    version: str
    built: str
    manifest: dict[str, Any] = field(repr=False)

    @property
    def updates(self) -> int:
        """How many updates have changed the store since it was built."""
        return int(self.manifest.get("updates", 0))

    @property
    def build(self) -> str:
        """The version that was built, of which all but the store is: this one, or one before."""
        return str(self.manifest.get("build", self.version))

    @property
    def store(self) -> Path:
        """The folder of the RDF store."""
        return self.folder / "store"

    @property
    def side(self) -> Path:
        """The SQLite file for lists, counts and full text."""
        return self.folder / "side.sqlite"

    @property
    def void(self) -> Path:
        """The description of the data set in Turtle."""
        return self.folder / "void.ttl"


def find_data_set(store: Path, *, has_store: bool = True) -> DataSet:
    """Find the current version in the folder that `cablegraph build` writes.

    Without `has_store` it need not have the RDF store, for another server has the graph.
    """
    if not (store / "current").exists():
        raise DataSetMissing(f"{store}: there is no data set here.", hint=REMEDY)
    folder = (store / "current").resolve()
    for name in ("store",) * has_store + ("side.sqlite", "void.ttl", "manifest.json"):
        if not (folder / name).exists():
            raise DataSetUnreadable(f"{folder}: {name} is missing.", hint=REMEDY)
    return _from_manifest(folder)


def hold_data_set(store: Path, *, has_store: bool = True) -> tuple[DataSet, int]:
    """Find the current version and hold it; or the one that has replaced it, if it is gone then."""
    while True:
        looked = (store / "current").resolve()
        try:
            data_set = find_data_set(store, has_store=has_store)
            return data_set, hold(data_set.folder)
        except DataSetUnreadable:
            if (store / "current").resolve() == looked:
                raise


def hold(folder: Path) -> int:
    """Keep builds from removing a version, until this file descriptor is closed."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        with contextlib.suppress(OSError):  # Not every file system has locks.
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        # It may have been moved away between the two.
        folder.stat()
    except OSError as error:
        raise DataSetUnreadable(f"{folder}: the version is gone.", hint=REMEDY) from error
    return descriptor


def open_store(folder: Path) -> Store:
    """Open the store of one version to read it."""
    try:
        return Store.read_only(str(folder))
    except (OSError, RuntimeError, ValueError) as error:
        problem = f"{folder}: the store cannot be read: {error}."
        raise DataSetUnreadable(problem, hint=REMEDY) from error


def _from_manifest(folder: Path) -> DataSet:
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        data_set = DataSet(folder, manifest["version"], manifest["built"], manifest)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataSetUnreadable(
            f"{folder}/manifest.json cannot be read: {error!r}.", hint=REMEDY
        ) from error
    if manifest.get("format") != FORMAT:
        raise DataSetUnreadable(
            f"{folder}: its layout is {manifest.get('format')}, this version reads {FORMAT}.",
            hint=REMEDY,
        )
    return data_set
