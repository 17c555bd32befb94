"""Load a data set into another server, whatever store it has: one that was built here, or shards.

A batch is so many statements of one graph: the first replaces what the server has under its
name, those after it are added. Or, where the server takes N-Quads, it is so many statements of
all graphs. The batches of a version are always the same, so a number says how far a load is; it
is written down after each, in STORE/load-KEY.json. A load that was stopped goes on behind it,
and a batch that is sent twice changes nothing: the graph has no blank nodes.

Shards are loaded one after the other, each as it is copied here. Several of them add to one graph,
so that nothing may be there of it before: all graphs of ours go first.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Protocol, cast

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse, serialize

from dataset import current, held
from ingest.graphstore import GraphStore, LoadError
from ingest.remote import Folder
from ingest.shards import Manifest, expected, take
from ontology.names import DATA, VERSION_GRAPH

BATCH = 10_000
"""Statements that are sent at once: about 2 MB."""

OURS = f"{DATA}graph/"
"""How the names of our graphs begin; others are left alone."""

SHOWN = 5
"""Graphs with another count that an error names."""

Progress = Callable[[int, int], None]
"""Told how many statements are there, of how many."""


class NothingToLoad(LoadError):
    """There is no data set."""


class InTheWay(LoadError):
    """The server has graphs of ours already."""


class NotTheSame(LoadError):
    """The server does not have what it was sent."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a load is cut into batches."""

    size: int = BATCH
    quads: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is now in the other server."""

    version: str
    graphs: int
    statements: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Statements that are sent at once; `graph` is theirs, or None where there are several."""

    statements: list[Quad] = field(repr=False)
    graph: str | None
    is_first: bool

    def names(self) -> Iterator[str]:
        """Yield the name of the graph of each statement."""
        graphs = (quad.graph_name for quad in self.statements)
        return (graph.value for graph in graphs if isinstance(graph, NamedNode))

    def send(self, to: GraphStore) -> None:
        """Send them."""
        if self.graph is None:
            to.add_quads(serialize(self.statements, format=RdfFormat.N_QUADS) or b"")
            return
        triples = (quad.triple for quad in self.statements)
        content = serialize(triples, format=RdfFormat.N_TRIPLES) or b""
        (to.put if self.is_first else to.add)(self.graph, content)


class Origin(Protocol):
    """What is loaded: a version, about how many statements it has, and its batches.

    `replaced` are the graphs of which the first batch replaces what the server has.
    """

    version: str
    statements: int
    replaced: frozenset[str]

    def batches(self, way: Way) -> Iterator[Batch]:
        """Yield the batches, always the same and in the same order."""
        ...

    def expected(self, sent: Counter[str]) -> dict[str, int]:
        """Return how many statements each graph has, of how many were sent."""
        ...


class DataSet:
    """A version that was built here."""

    def __init__(self, folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        self.version, self.statements = str(manifest["version"]), int(manifest["quads"])
        self._store = Store.read_only(str(folder / "store"))
        self.replaced = frozenset(names(self._store))

    def batches(self, way: Way) -> Iterator[Batch]:
        """Yield the statements of each graph."""
        return batches(self._store, way)

    def expected(self, sent: Counter[str]) -> dict[str, int]:
        """Return what was sent: the store has each statement once."""
        return dict(sent)


class Shards:
    """A version in shards; each is copied to a folder that is removed afterwards."""

    replaced: frozenset[str] = frozenset()

    def __init__(self, folder: Folder) -> None:
        self._folder, self._manifest = folder, Manifest.of(folder)
        self.version = self._manifest.version
        self.statements = sum(shard.statements for shard in self._manifest.shards)

    def batches(self, way: Way) -> Iterator[Batch]:
        """Yield the statements of each shard, and within it those of each graph."""
        for shard in self._manifest.shards:
            with TemporaryDirectory() as scratch:
                copy = Path(scratch) / "shard.nq.gz"
                take(self._folder, shard, copy)
                with gzip.open(copy) as lines:
                    read = parse(cast(IO[bytes], lines), format=RdfFormat.N_QUADS)
                    quads = sorted(read, key=_by_graph)
            if way.quads:
                yield from (Batch(part, None, False) for part in _parts(iter(quads), way.size))
                continue
            for (_, name), group in groupby(quads, _by_graph):
                yield from (Batch(part, name, False) for part in _parts(group, way.size))

    def expected(self, sent: Counter[str]) -> dict[str, int]:
        """Return what the manifest says of graphs that several shards add to."""
        return expected(self._manifest, sent)


def _by_graph(quad: Quad) -> tuple[bool, str]:
    """Sort by the names of graphs: that which says the version comes last."""
    name = quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
    return name == VERSION_GRAPH, name


def load(
    store: Path,
    to: GraphStore,
    way: Way,
    *,
    replace: bool = False,
    progress: Progress = lambda *_: None,
) -> Loaded:
    """Load the current version of a data set, or the rest of it, and compare what is there.

    Raises LoadError, or what belongs to it, if that cannot be done; it goes on the next time.
    """
    folder = current(store)
    if folder is None:
        raise NothingToLoad(f"{store}: there is no data set here; `cablegraph build` makes one")
    with held(folder):
        return _loaded(DataSet(folder), store, to, way, replace, progress)


def load_shards(
    folder: Folder,
    store: Path,
    to: GraphStore,
    way: Way,
    *,
    replace: bool = False,
    progress: Progress = lambda *_: None,
) -> Loaded:
    """Load the data set of some shards as `load` does; how far it is, is written down in a folder.

    Raises BadShards or NotReached if the shards cannot be had, too.
    """
    store.mkdir(parents=True, exist_ok=True)
    return _loaded(Shards(folder), store, to, way, replace, progress)


def _loaded(
    origin: Origin, notes: Path, to: GraphStore, way: Way, replace: bool, progress: Progress
) -> Loaded:
    state = State.of(notes, to, origin.version, way, type(origin).__name__)
    if not state.has_begun:
        _make_room(to, origin.replaced, way, replace)
    sent = _send(origin, to, way, state, lambda done: progress(done, origin.statements))
    state.forget()
    wanted = origin.expected(sent)
    _compare(to, wanted, way)
    return Loaded(origin.version, len(wanted), sum(wanted.values()))


def names(store: Store) -> list[str]:
    """Return the names of the graphs, in their order: that which says the version comes last."""
    found = [graph.value for graph in store.named_graphs() if isinstance(graph, NamedNode)]
    return sorted(found, key=lambda name: (name == VERSION_GRAPH, name))


def batches(store: Store, way: Way) -> Iterator[Batch]:
    """Yield the batches of a store, always the same and in the same order."""
    if way.quads:
        everything = (quad for name in names(store) for quad in _of(store, name))
        yield from (Batch(part, None, False) for part in _parts(everything, way.size))
        return
    for name in names(store):
        for number, part in enumerate(_parts(_of(store, name), way.size)):
            yield Batch(part, name, number == 0)


def _of(store: Store, name: str) -> Iterator[Quad]:
    return store.quads_for_pattern(None, None, None, NamedNode(name))


def _parts(quads: Iterator[Quad], size: int) -> Iterator[list[Quad]]:
    while part := list(islice(quads, size)):
        yield part


def _make_room(to: GraphStore, wanted: frozenset[str], way: Way, replace: bool) -> None:
    """Remove the graphs that would stay from another version, if that is allowed.

    The graph that says the version goes first: no version is there until this one is.
    """
    there = list(to.graphs(OURS))
    if there and not replace:
        raise InTheWay(
            f"{to.address}: {len(there):,} graphs of cablegraph are there already, such as "
            f"{there[0]}; --replace replaces them"
        )
    for name in sorted(there, key=lambda name: name != VERSION_GRAPH):
        if way.quads or name not in wanted or name == VERSION_GRAPH:
            to.remove(name)


def _send(
    origin: Origin, to: GraphStore, way: Way, state: State, progress: Callable[[int], None]
) -> Counter[str]:
    """Send what was not sent yet; return how many statements each graph has."""
    counts: Counter[str] = Counter()
    state.note(state.done)
    for number, batch in enumerate(origin.batches(way)):
        if number >= state.done:
            batch.send(to)
            state.note(number + 1)
        counts.update(batch.names())
        progress(counts.total())
    return counts


def _compare(to: GraphStore, sent: Mapping[str, int], way: Way) -> None:
    there = dict(to.counts(sorted(sent)))
    other = [name for name in sorted(sent) if there.get(name, 0) != sent[name]]
    if other:
        told = (f"{name} has {there.get(name, 0):,} of {sent[name]:,}" for name in other[:SHOWN])
        raise NotTheSame(
            f"{to.address}: {len(other):,} of {len(sent):,} graphs do not have as many "
            f"statements as were sent: {', '.join(told)}; load again with --replace"
            + (" and without --quads" if way.quads else "")
        )


@dataclass(slots=True)
class State:
    """How far a load is: its batches up to `done` are in the server."""

    path: Path
    load: dict[str, object]
    done: int = 0
    has_begun: bool = False

    @classmethod
    def of(cls, store: Path, to: GraphStore, version: str, way: Way, origin: str) -> State:
        """Find the state of a load; of another version, or cut in another way, none counts."""
        load = {"to": to.address, "version": version, "from": origin, **asdict(way)}
        path = store / f"load-{sha256(to.address.encode()).hexdigest()[:12]}.json"
        try:
            written = json.loads(path.read_text(encoding="utf-8"))
            done = int(written.pop("done"))
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            return cls(path, load)
        return cls(path, load, done, True) if written == load else cls(path, load)

    def note(self, done: int) -> None:
        """Write down how far it is, so that there is always a whole file."""
        self.done, self.has_begun = done, True
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps({**self.load, "done": done}), encoding="utf-8")
        new.replace(self.path)

    def forget(self) -> None:
        """Remove the state of a load that is done."""
        self.path.unlink()
