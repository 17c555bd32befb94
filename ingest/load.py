"""Load a built data set into another server, whatever store it has.

A batch is so many statements of one graph: the first replaces what the server has under its
name, those after it are added. Or, where the server takes N-Quads, it is so many statements of
all graphs. The batches of a version are always the same, so a number says how far a load is; it
is written down after each, in STORE/load-KEY.json. A load that was stopped goes on behind it,
and a batch that is sent twice changes nothing: the graph has no blank nodes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, serialize

from dataset import current, held
from ingest.graphstore import GraphStore, LoadError
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
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        state = State.of(store, to, manifest["version"], way)
        opened = Store.read_only(str(folder / "store"))
        if not state.has_begun:
            _make_room(to, set(names(opened)), way, replace)
        sent = _send(opened, to, way, state, lambda done: progress(done, manifest["quads"]))
        state.forget()
        _compare(to, sent, way)
    return Loaded(manifest["version"], len(sent), sent.total())


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


def _make_room(to: GraphStore, wanted: set[str], way: Way, replace: bool) -> None:
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
    store: Store, to: GraphStore, way: Way, state: State, progress: Callable[[int], None]
) -> Counter[str]:
    """Send what was not sent yet; return how many statements each graph has."""
    counts: Counter[str] = Counter()
    state.note(state.done)
    for number, batch in enumerate(batches(store, way)):
        if number >= state.done:
            batch.send(to)
            state.note(number + 1)
        counts.update(batch.names())
        progress(counts.total())
    return counts


def _compare(to: GraphStore, sent: Counter[str], way: Way) -> None:
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
    def of(cls, store: Path, to: GraphStore, version: str, way: Way) -> State:
        """Find the state of a load; of another version, or cut in another way, none counts."""
        load = {"to": to.address, "version": version, **asdict(way)}
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
