"""The program of the process that changes the graph: one change after another, until killed.

A version never changes: what is changed is a copy of the current one, which shares the files of
its store on the disk. The copy stays open, so that the next change begins where this one ended,
unless another process has made another version the current one meanwhile. A change holds the lock
of `dataset.switching` from the look at the current version until it has replaced it: so no change
is lost, and no build.

The process can be killed at any moment: before the link is replaced nothing has changed, and then
all has. An update is one transaction; where anything else fails half way, the process ends, and its
copy with it. On Linux it can open no socket, so that no `LOAD` and no `SERVICE` reaches another
computer, even one that `server.guard` has not seen.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse

import dataset
from dataset import journal
from ontology.names import DATA
from server import sandbox
from server.changes import Change, Done
from server.errors import (
    AppError,
    BadRequest,
    CannotWrite,
    DataSetMissing,
    DataSyntax,
    NotFound,
    PreconditionFailed,
    UnsupportedMediaType,
    UpdateFailed,
    UpdateStopped,
)
from server.formats import MULTIPART, TRIPLES
from server.guard import check_update, load_forbidden
from server.jobs import DATA as MADE
from server.jobs import HEAD, LAST, pack, pack_error
from server.syntax import syntax_error
from server.using import put_to
from server.worker import take_stdout


class Writer:
    """The copy of the current version, and what is done to it."""

    def __init__(self, root: Path, memory: int, out: BinaryIO, *, is_sealed: bool) -> None:
        self._root = root
        self._memory = memory
        self._out = out
        self._is_sealed = is_sealed
        self._folder = root / f"writing-{os.getpid()}"
        self._lock: int | None = None
        self._store: Store | None = None
        self._of = ""

    def make(self, change: Change, body: bytes) -> None:
        """Make a change, and say what came of it."""
        with dataset.switching(self._root):
            self._send(pack(HEAD))
            before = dataset.current(self._root)
            if before is None:
                raise DataSetMissing(f"{self._root}: there is no data set here.")
            try:
                self._make(change, body, before)
            except AppError as error:
                self._note(change, body, before, None, error.slug)
                raise
            except (OSError, RuntimeError) as error:
                self._note(change, body, before, None, CannotWrite.slug)
                raise CannotWrite(f"The change could not be written: {error}.") from error
        self._send(pack(LAST))

    def refuse(self, error: AppError) -> None:
        """Say why a change was not made."""
        self._send(pack_error(error))

    def close(self) -> None:
        """Remove the copy."""
        self._store = None
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None

    def _send(self, frame: bytes) -> None:
        self._out.write(frame)
        self._out.flush()

    def _make(self, change: Change, body: bytes, before: Path) -> None:
        store = self._copy_of(before)
        created = self._apply(change, body, store)
        name = f"{before.name} {os.getpid()} {time.time_ns()}"
        version = sha256(name.encode()).hexdigest()[:12]
        folder = self._folder / "next"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        store.backup(str(folder / "store"))
        _complete(folder, before, version)
        self._send(pack(MADE, json.dumps(asdict(Done(version, created))).encode()))
        self._note(change, body, before, version, "applied")
        dataset.publish(self._root, folder, version)
        self._of = version

    def _copy_of(self, version: Path) -> Store:
        """Give the store with what is current, to be changed."""
        if self._store is None or self._of != version.name:
            self.close()
            remove_left(self._root)
            self._folder.mkdir()
            self._lock = os.open(self._folder, os.O_RDONLY)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            Store.read_only(str(version / "store")).backup(str(self._folder / "store"))
            self._store = Store(str(self._folder / "store"))
            self._of = version.name
            sandbox.limit_memory(self._memory * 2**20)
        return self._store

    def _apply(self, change: Change, body: bytes, store: Store) -> bool:
        """Make the change to the copy; say whether a graph came into being."""
        if change.action == "update":
            self._update(change, body.decode(), store)
            return False
        graph = DefaultGraph() if change.graph is None else NamedNode(change.graph)
        exists = _exists(store, graph)
        _check(change, exists=exists, version=self._of)
        if change.action == "delete":
            _delete(store, graph, exists=exists)
            return False
        quads = list(_quads(change, body, graph))
        if change.action == "put":
            store.clear_graph(graph)
        if isinstance(graph, NamedNode):
            store.add_graph(graph)
        store.extend(quads)
        return not exists

    def _update(self, change: Change, update: str, store: Store) -> None:
        check_update(update, is_sealed=self._is_sealed)
        try:
            store.update(put_to(update, change.using, change.using_named), base_iri=DATA)
        except SyntaxError as error:
            raise syntax_error(update, DATA, is_update=True) from error
        except RuntimeError as error:
            raise UpdateFailed(f"The update could not be made: {error}.") from error
        except OSError as error:
            if "load" not in update.lower():
                raise
            raise load_forbidden() from error

    def _note(
        self, change: Change, body: bytes, before: Path, after: str | None, outcome: str
    ) -> None:
        told = change.told(body)
        line = journal.line(told, before.name, after, outcome, change.who, change.client)
        journal.append(self._root, line)


def remove_left(root: Path) -> None:
    """Remove the copies of writers that were killed; those that live have theirs locked."""
    for folder in root.glob("writing-*"):
        # One that ends just now removes its own.
        with contextlib.suppress(FileNotFoundError, BlockingIOError), _opened(folder) as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _complete(folder: Path, before: Path, version: str) -> None:
    """Put beside its store what else belongs to a version: all but its name is of the build."""
    for file in before.iterdir():
        if file.name not in ("store", "manifest.json"):
            os.link(file, folder / file.name)
    manifest = json.loads((before / "manifest.json").read_bytes())
    manifest |= {
        "version": version,
        "build": manifest.get("build", manifest["version"]),
        "updates": manifest.get("updates", 0) + 1,
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")


# Graphs


def _exists(store: Store, graph: NamedNode | DefaultGraph) -> bool:
    """Whether there is such a graph; the unnamed one is there if there is anything in it."""
    if isinstance(graph, NamedNode):
        return store.contains_named_graph(graph)
    return next(store.quads_for_pattern(None, None, None, graph), None) is not None


def _check(change: Change, *, exists: bool, version: str) -> None:
    """Refuse a change whose conditions are not met."""
    if change.exists is not None and change.exists != exists:
        raise PreconditionFailed(f"The graph {'exists' if exists else 'does not exist'}.")
    is_other = change.versions is not None and version not in change.versions
    if is_other or version in change.not_versions:
        raise PreconditionFailed(
            f"The tag is {'not ' if is_other else ''}one of the version that is served.",
            hint="Every change of the data set gives new tags to all graphs: GET the graph again.",
        )


def _delete(store: Store, graph: NamedNode | DefaultGraph, *, exists: bool) -> None:
    if isinstance(graph, DefaultGraph):
        store.clear_graph(graph)
    elif exists:
        store.remove_graph(graph)
    else:
        raise NotFound(f"There is no graph {graph.value}.")


def _quads(change: Change, body: bytes, graph: NamedNode | DefaultGraph) -> Iterator[Quad]:
    """Read RDF as statements of one graph; a relative IRI is one beside that of the graph."""
    for media_type, content in _parts(change.media_type, body):
        kind = RdfFormat.from_media_type(media_type) if media_type in TRIPLES else None
        if kind is None:
            raise UnsupportedMediaType(
                f'The body, or a part of it, has the type "{media_type}".',
                hint=f"There are {', '.join(TRIPLES)}.",
            )
        try:
            # Two parts may use one label for two blank nodes.
            base = change.graph or DATA
            for quad in parse(content, kind, base_iri=base, rename_blank_nodes=True):
                yield _in_graph(quad, graph)
        except (SyntaxError, ValueError) as error:
            raise DataSyntax(f"It is not {kind.name}: {error}.") from error


def _in_graph(quad: Quad, graph: NamedNode | DefaultGraph) -> Quad:
    if not isinstance(quad.graph_name, DefaultGraph):
        raise BadRequest(
            "The body names graphs of its own, and so does the request.",
            hint="Send each graph by itself.",
        )
    return Quad(quad.subject, quad.predicate, quad.object, graph)


def _parts(media_type: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    """Give the types and contents of a body, which may have several parts."""
    if not media_type.startswith(MULTIPART):
        yield media_type, body
        return
    head = f"Content-Type: {media_type}\r\n\r\n".encode()
    found = BytesParser(policy=HTTP).parsebytes(head + body)
    if not found.is_multipart() or found.defects:
        raise BadRequest("The body is no multipart/form-data with the boundary that is named.")
    for part in found.get_payload():
        assert isinstance(part, Message)
        content = part.get_payload(decode=True)
        yield part.get_content_type(), content if isinstance(content, bytes) else b""


# The process


def main(root: Path, memory: int) -> None:
    """Give up what a change must not have, and make changes until the end."""
    out = take_stdout()
    sandbox.end_with_parent()
    writer = Writer(root, memory, out, is_sealed=sandbox.forbid_sockets())
    try:
        for line in sys.stdin.buffer:
            change = Change.from_line(line)
            body = sys.stdin.buffer.read(change.size)
            try:
                writer.make(change, body)
            except CannotWrite as error:
                # The copy may be half changed.
                return writer.refuse(error)
            except MemoryError:
                return writer.refuse(UpdateStopped("The change used more memory than it may."))
            except AppError as error:
                writer.refuse(error)
    finally:
        writer.close()


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), int(sys.argv[2]))
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(1)
