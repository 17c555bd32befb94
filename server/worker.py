"""The program of a worker process: answer one query at a time, until killed.

A query cannot be interrupted, may take any amount of memory, and a deep one crashes the
process that it runs in. So each runs in a process that may end at any time and harms nobody;
`server.workers` holds the other end of its pipes. pyoxigraph writes the answer itself: a row
never becomes a Python value. On Linux the process cannot open a socket, so that a query
cannot reach another computer even if `SERVICE` slipped through `server.guard`.

Where the store is that of another server, such a process asks it (`server.remote`): its answers
are as little trusted, may be as long, and are left in the same way.
"""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import IO, BinaryIO, Protocol, cast

from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    serialize,
)

from server import sandbox
from server.encoding import LEAST, Encoder, encoder
from server.errors import AppError, NotAcceptable, QueryMemory
from server.jobs import DATA, HEAD, LAST, PART, READY, Endpoint, Job, pack, pack_error, source_of
from server.local import LocalStore, Result


class Asked(Protocol):
    """What answers jobs."""

    def ask(self, job: Job) -> AbstractContextManager[Result]:
        """Give what a query finds, to be written before the block ends."""


class Frames:
    """The answers' way out: a file for pyoxigraph, which writes many small pieces to it."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._written = bytearray()
        self._part = bytearray()
        self.begin("")

    def begin(self, media_type: str, coding: str = "") -> None:
        """Begin an answer, whatever an error has left of the one before."""
        self._media_type = media_type
        self._coding = coding
        self._encoder: Encoder | None = None
        self._has_begun = False
        self._written.clear()
        self._part.clear()

    def write(self, piece: bytes) -> int:
        """Add a piece; what is enough for a part is sent."""
        self._written += piece
        if len(self._written) >= PART:
            self._encode()
        if len(self._part) >= PART:
            self._send_part(DATA)
        return len(piece)

    def flush(self) -> None:
        """Do nothing: parts are sent when they are full."""

    def close_answer(self) -> None:
        """Send what is left as the last part."""
        self._part += self._encode().finish()
        self._send_part(LAST)

    def send(self, frame: bytes) -> None:
        """Send a frame at once."""
        self._out.write(frame)
        self._out.flush()

    def _encode(self) -> Encoder:
        """Encode what was written; an answer that is short as a whole stays as it is."""
        if self._encoder is None:
            self._coding = self._coding if len(self._written) >= LEAST else ""
            self._encoder = encoder(self._coding)
        self._part += self._encoder.feed(bytes(self._written))
        self._written.clear()
        return self._encoder

    def _send_part(self, kind: bytes) -> None:
        """Send a part; the first together with what the answer is."""
        head = b"" if self._has_begun else pack(HEAD, f"{self._media_type} {self._coding}".encode())
        self._has_begun = True
        self.send(head + pack(kind, self._part))
        self._part.clear()


def write(result: Result, job: Job, frames: Frames) -> None:
    """Send the result in the format that the job asks for."""
    has_rows = isinstance(result, QuerySolutions | QueryBoolean)
    media_type = job.rows if has_rows else job.triples
    if media_type is None:
        kind = "rows" if has_rows else "triples"
        raise NotAcceptable(f"The answer consists of {kind}; no accepted format can hold them.")
    frames.begin(media_type, job.coding)
    out = cast(IO[bytes], frames)
    if isinstance(result, QuerySolutions | QueryBoolean):
        result.serialize(out, QueryResultsFormat.from_media_type(media_type))
    elif isinstance(result, QueryTriples):
        result.serialize(out, RdfFormat.from_media_type(media_type))
    else:
        serialize(result, out, RdfFormat.from_media_type(media_type))
    frames.close_answer()


def answer(store: Asked, job: Job, frames: Frames) -> None:
    """Answer one job, or send the error that prevents it."""
    try:
        with store.ask(job) as result:
            write(result, job, frames)
    except AppError as error:
        frames.send(pack_error(error))
    except MemoryError:
        frames.send(pack_error(QueryMemory("The query used more memory than it may.")))


def main(memory: int) -> None:
    """Give up what a query must not have, and answer jobs from the store that was named last."""
    frames = Frames(take_stdout())
    sandbox.end_with_parent()
    store: Asked | None = None
    for line in sys.stdin.buffer:
        if (source := source_of(line)) is None:
            assert store is not None
            answer(store, Job.from_line(line), frames)
            continue
        store = None  # It is closed before the next one is opened.
        try:
            store = opened(source)
        except AppError as error:
            frames.send(pack_error(error))
            return
        sandbox.limit_memory(memory * 2**20)
        frames.send(pack(READY))


def opened(source: Path | Endpoint) -> Asked:
    """Open a store of this machine, or get ready to ask another server."""
    if isinstance(source, Path):
        _confine()
        return LocalStore(source)
    # With its client of HTTP it takes as long to import as all the others.
    from server.remote import RemoteStore

    return RemoteStore(source)


@cache
def _confine() -> bool:
    """Give up sockets, once: each store that is opened later would add a filter."""
    return sandbox.forbid_sockets()


def take_stdout() -> BinaryIO:
    """Keep standard output for frames; what anything prints goes to standard error."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]))
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(1)
