"""A data set in shards: the files that it can be made again from, elsewhere.

    FOLDER/volumes/VOLUME.nq.gz     the statements of one volume
    FOLDER/shared.nq.gz             those of none: entities, what joins documents, the ontology
    FOLDER/side.sqlite.zst          the index of lists, search and pages
    FOLDER/links.sssom.tsv persons.tsv
    FOLDER/manifest.json            version, counts, and the hash of each file

The folder may lie behind an address (`ingest.remote`). The same input is the same bytes, wherever
and by how many processes it was built. The manifest is removed first and written last: where there
is one, all is there. Files that have not changed are not written again.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pyoxigraph import NamedNode, QuerySolutions, Store

import dataset
from ingest import nquads
from ingest.build import publish
from ingest.downloads import LINKS, PERSONS
from ingest.remote import Folder, NotReached
from ingest.void import description
from ingest.volume import GRAPH

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FORMAT = 1
"""The version of this layout; another is refused."""

MANIFEST, SHARED, SIDE, VOLUMES = "manifest.json", "shared.nq.gz", "side.sqlite.zst", "volumes/"

_NAMES = re.compile(
    r"volumes/[^/\\\0]{1,200}\.nq\.gz|shared\.nq\.gz|side\.sqlite\.zst|[a-z.]{1,40}\.tsv"
)
"""What files may be called: a manifest from elsewhere chooses no other place on this machine."""

_VERSION = re.compile(r"[\w-]{1,64}")
_LONGEST_MANIFEST = 1 << 30
_PIECE = 1 << 20

Progress = Callable[[int, int], None]
"""Told how many files are done, of how many."""


class BadShards(Exception):
    """Shards that are not there, not whole, or made by another version of the program."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the folder; one of N-Quads has statements."""

    name: str
    bytes: int
    sha256: str
    statements: int = 0

    @property
    def is_shard(self) -> bool:
        """Whether it has statements."""
        return self.name.endswith(".nq.gz")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the folder has.

    `data_set` is the manifest of the version, without the time at which it was built. `graphs` has
    the number of statements of each graph that several shards add to, some of them the same.
    """

    data_set: dict[str, Any]
    files: tuple[File, ...]
    graphs: dict[str, int]

    @property
    def version(self) -> str:
        """The version of the data set."""
        return str(self.data_set["version"])

    @property
    def shards(self) -> list[File]:
        """The files of N-Quads; that which says the version comes last."""
        return sorted(
            (f for f in self.files if f.is_shard), key=lambda f: (f.name == SHARED, f.name)
        )

    def to_json(self) -> bytes:
        """Return the manifest as it is written."""
        kept = {"format": FORMAT, **asdict(self)}
        return (json.dumps(kept, indent=1, ensure_ascii=False) + "\n").encode()

    @classmethod
    def of(cls, folder: Folder) -> Manifest:
        """Read the manifest of a folder.

        Raises BadShards if it is none that we can read, NotReached if there is none.
        """
        try:
            with folder.open(MANIFEST) as file:
                kept = json.loads(file.read(_LONGEST_MANIFEST))
            if kept.pop("format") != FORMAT:
                message = (
                    "the shards were written by another version of cablegraph; write them again"
                )
                raise BadShards(f"{folder.address}: {message}")
            files = tuple(File(**each) for each in kept["files"])
            found = cls(dict(kept["data_set"]), files, dict(kept["graphs"]))
            if not all(_NAMES.fullmatch(file.name) for file in files):
                raise ValueError
            if not _VERSION.fullmatch(found.version):
                raise ValueError
            return found
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"{MANIFEST} is no manifest of shards; write them again"
            raise BadShards(f"{folder.address}: {message}") from error


def expected(manifest: Manifest, lines: Counter[str]) -> dict[str, int]:
    """Return how many statements each graph has, of how many lines it has in all shards."""
    return {graph: manifest.graphs.get(graph, number) for graph, number in lines.items()}


def counted(lines: Iterable[bytes]) -> Counter[str]:
    """Return how many lines of N-Quads each graph has."""
    return Counter(line[line.rindex(b"<") + 1 : -4].decode() for line in lines)


# Writing


def write(version: Path, folder: Folder, progress: Progress = lambda *_: None) -> Manifest:
    """Write the shards of a version; return what is there now.

    Raises NotReached if the folder cannot be written to.
    """
    with dataset.held(version), TemporaryDirectory() as scratch:
        files = dict(_files(version, Path(scratch)))
        known = _known(folder)
        folder.remove(MANIFEST)
        kept: list[File] = []
        counts: Counter[str] = Counter()
        several: set[str] = set()
        for name, path in files.items():
            found = _counts_of(path) if name.endswith(".nq.gz") else Counter()
            several |= found.keys() & counts.keys()
            counts.update(found)
            kept.append(File(name, path.stat().st_size, _digest(path), found.total()))
            if kept[-1] not in known or not folder.has(name):
                folder.put(name, path)
            progress(len(kept), len(files) + 1)
        manifest = Manifest(_data_set(version), tuple(kept), _sizes(version / "store", several))
        folder.put(MANIFEST, manifest.to_json())
        for old in known:
            if old.name not in files:
                folder.remove(old.name)
        progress(len(kept) + 1, len(files) + 1)
        return manifest


def _known(folder: Folder) -> tuple[File, ...]:
    """Return the files that are in the folder, by its manifest; none where there is no manifest."""
    try:
        return Manifest.of(folder).files
    except (NotReached, BadShards):
        return ()


def _files(version: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files of the shards by their names, in the order in which they are written."""
    downloads = version / dataset.DOWNLOADS
    volumes = sorted(p for p in downloads.glob("*.nq.gz") if p.name != GRAPH)
    for path in volumes:
        yield VOLUMES + path.name, path
    _split(downloads / GRAPH, volumes, scratch / SHARED)
    with (version / "side.sqlite").open("rb") as side, zstd.open(scratch / SIDE, "wb") as packed:
        shutil.copyfileobj(side, packed, _PIECE)
    yield SHARED, scratch / SHARED
    yield SIDE, scratch / SIDE
    yield from ((name, downloads / name) for name in (LINKS, PERSONS))


def _split(whole: Path, volumes: Iterable[Path], shared: Path) -> None:
    """Write what stands before the volumes in a file that was joined of all (`nquads.join`)."""
    length = whole.stat().st_size - sum(path.stat().st_size for path in volumes)
    with whole.open("rb") as file, shared.open("wb") as out:
        out.write(file.read(length))


def _counts_of(path: Path) -> Counter[str]:
    with gzip.open(path) as lines:
        return counted(lines)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _data_set(version: Path) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads((version / MANIFEST).read_bytes())
    return {name: value for name, value in kept.items() if name != "built"}


def _sizes(store: Path, graphs: Iterable[str]) -> dict[str, int]:
    opened = Store.read_only(str(store))
    found = ((g, opened.quads_for_pattern(None, None, None, NamedNode(g))) for g in sorted(graphs))
    return {graph: sum(1 for _ in quads) for graph, quads in found}


# Reading


def take(folder: Folder, file: File, to: Path) -> None:
    """Copy a file of the folder to this machine, unless it is there, and check it.

    Raises BadShards if it is not the file of the manifest, NotReached if it cannot be had.
    """
    if to.exists() and _digest(to) == file.sha256:
        return
    to.parent.mkdir(parents=True, exist_ok=True)
    folder.take(file.name, to, file.bytes)
    if _digest(to) != file.sha256:
        to.unlink()
        message = f"{file.name} is not what the manifest says; write the shards again"
        raise BadShards(f"{folder.address}: {message}")


def restore(
    folder: Folder,
    store: Path,
    *,
    drop_updates: bool = False,
    progress: Progress = lambda *_: None,
) -> tuple[Manifest, Path]:
    """Make the data set of some shards the current version of a store; return where it lies.

    What a stopped call has copied is not copied again. The statements of each graph are counted.
    Raises BadShards if they are not as many as they should be.
    """
    manifest = Manifest.of(folder)
    with dataset.build_lock(store):
        if not drop_updates:
            dataset.refuse_updated(store)
        served = dataset.current(store)
        if served and served.name == manifest.version:
            return manifest, served
        incoming = store / "incoming" / manifest.version
        for number, file in enumerate(manifest.files):
            progress(number, len(manifest.files))
            take(folder, file, incoming / file.name)
        with dataset.new_version(store) as made:
            _make(manifest, incoming, made, folder)
            target = publish(store, made, manifest.version, drop_updates)
        shutil.rmtree(incoming.parent)
        return manifest, target


def _make(manifest: Manifest, incoming: Path, made: Path, folder: Folder) -> None:
    """Make a version of files that have been copied."""
    volumes = [incoming / file.name for file in manifest.shards if file.name != SHARED]
    shards = [incoming / SHARED, *volumes]
    try:
        loaded = nquads.load_store(made / "store", shards)
        _check(manifest, shards, loaded, folder)
    except (SyntaxError, ValueError, EOFError, gzip.BadGzipFile) as error:
        raise BadShards(f"{folder.address}: a shard is not N-Quads ({error})") from error
    with zstd.open(incoming / SIDE) as packed, (made / "side.sqlite").open("wb") as side:
        shutil.copyfileobj(packed, side, _PIECE)
    built = datetime.now(UTC).isoformat(timespec="seconds")
    void = description(loaded, manifest.version, built, manifest.data_set["totals"])
    (made / "void.ttl").write_text(void, encoding="utf-8")
    kept = json.dumps({**manifest.data_set, "built": built}, indent=1, ensure_ascii=False)
    (made / MANIFEST).write_text(f"{kept}\n", encoding="utf-8")
    del loaded  # closes the store: a folder is not moved while its files are open
    downloads = made / dataset.DOWNLOADS
    downloads.mkdir()
    nquads.join(shards, downloads / GRAPH)
    for path in (*volumes, incoming / LINKS, incoming / PERSONS):
        shutil.copyfile(path, downloads / path.name)


def _check(manifest: Manifest, shards: Iterable[Path], loaded: Store, folder: Folder) -> None:
    lines: Counter[str] = Counter()
    for path in shards:
        lines.update(_counts_of(path))
    wanted = expected(manifest, lines)
    found = loaded.query("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    assert isinstance(found, QuerySolutions)
    there = {row["g"].value: int(row["n"].value) for row in found}
    other = sorted(dict(wanted.items() ^ there.items()))
    if other:
        message = f"{len(other):,} graphs have not as many statements as they should, as {other[0]}"
        raise BadShards(f"{folder.address}: {message}; write the shards again")
