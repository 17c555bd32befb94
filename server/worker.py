"""The program of a worker process: answer one query at a time from the store, until killed.

A query cannot be interrupted, may take any amount of memory, and a deep one crashes the
process that it runs in. So each runs in a process that may end at any time and harms nobody;
`server.workers` holds the other end of its pipes. pyoxigraph writes the answer itself: a row
never becomes a Python value. On Linux the process cannot open a socket, so that a query
cannot reach another computer even if `SERVICE` slipped through `server.guard`.
"""

from __future__ import annotations

import os
import re
import sys
from typing import IO, BinaryIO, cast

from pyoxigraph import (
    DefaultGraph,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Variable,
)

from server import sandbox
from server.dataset import open_store
from server.encoding import LEAST, Encoder, encoder
from server.errors import AppError, NotAcceptable, QueryFailed, QueryMemory, UnknownFunction
from server.jobs import (
    DATA,
    HEAD,
    LAST,
    PART,
    READY,
    UNNAMED,
    Job,
    Term,
    pack,
    pack_error,
    store_of,
)
from server.syntax import syntax_error

_UNKNOWN_FUNCTION = re.compile(r"The custom function (<.*>) is not supported", re.DOTALL)

Result = QuerySolutions | QueryBoolean | QueryTriples


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


def ask(store: Store, job: Job) -> Result:
    """Plan the query; rows are computed when the result is written."""
    graphs = bool(job.default_graphs or job.named_graphs)
    return store.query(
        job.query,
        base_iri=job.base,
        use_default_graph_as_union=job.union and not graphs,
        default_graph=[_graph(iri) for iri in job.default_graphs] if graphs else None,
        named_graphs=[NamedNode(iri) for iri in job.named_graphs] if graphs else None,
        substitutions={Variable(name): _term(term) for name, term in job.substitutions.items()},
    )


def write(result: Result, job: Job, frames: Frames) -> None:
    """Send the result in the format that the job asks for."""
    media_type = job.triples if isinstance(result, QueryTriples) else job.rows
    if media_type is None:
        kind = "triples" if isinstance(result, QueryTriples) else "rows"
        raise NotAcceptable(f"The answer consists of {kind}; no accepted format can hold them.")
    frames.begin(media_type, job.coding)
    out = cast(IO[bytes], frames)
    if isinstance(result, QueryTriples):
        result.serialize(out, RdfFormat.from_media_type(media_type))
    else:
        result.serialize(out, QueryResultsFormat.from_media_type(media_type))
    frames.close_answer()


def answer(store: Store, job: Job, frames: Frames) -> None:
    """Answer one job, or send the error that prevents it."""
    try:
        write(ask(store, job), job, frames)
    except BrokenPipeError:
        raise
    except SyntaxError:
        frames.send(pack_error(syntax_error(job.written or job.query, job.base)))
    except AppError as error:
        frames.send(pack_error(error))
    except MemoryError:
        frames.send(pack_error(QueryMemory("The query used more memory than it may.")))
    except (OSError, RuntimeError, ValueError) as error:
        frames.send(pack_error(_failure(error)))


def _failure(error: Exception) -> AppError:
    if found := _UNKNOWN_FUNCTION.fullmatch(str(error)):
        return UnknownFunction(f"There is no function {found[1]}.", hint="Is a prefix misspelt?")
    return QueryFailed(f"The query could not be evaluated: {error}.")


def main(memory: int) -> None:
    """Give up what a query must not have, and answer jobs from the store that was named last."""
    frames = Frames(take_stdout())
    sandbox.end_with_parent()
    sandbox.forbid_sockets()
    store: Store | None = None
    for line in sys.stdin.buffer:
        if (folder := store_of(line)) is None:
            assert store is not None
            answer(store, Job.from_line(line), frames)
            continue
        store = None  # It is closed before the next one is opened.
        try:
            store = open_store(folder)
        except AppError as error:
            frames.send(pack_error(error))
            return
        sandbox.limit_memory(memory * 2**20)
        frames.send(pack(READY))


def take_stdout() -> BinaryIO:
    """Keep standard output for frames; what anything prints goes to standard error."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def _graph(iri: str) -> NamedNode | DefaultGraph:
    return DefaultGraph() if iri == UNNAMED else NamedNode(iri)


def _term(term: Term) -> NamedNode | Literal:
    if term.datatype is None:
        return NamedNode(term.value)
    return Literal(term.value, datatype=NamedNode(term.datatype))


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]))
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(1)
