"""What passes between the service and its worker processes.

A store to be opened goes out as a line with its path, a job as a line with an object, both in
JSON. What comes back are frames: one byte for the kind, four for the length, the content. `READY`
says that the store is open, and from then on jobs are of that store; `HEAD` names the media
type and the content coding, `DATA` carries a part of the answer, `LAST` the last part; `FAIL`
tells in JSON which error ended it, at any point.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from server.errors import AppError, all_errors

READY, HEAD, DATA, LAST, FAIL = b"R", b"H", b"D", b"L", b"F"
FRAME = struct.Struct("!cI")
PART = 65_536

JSON = "application/sparql-results+json"
TURTLE = "text/turtle"

UNNAMED = "urn:x-arq:DefaultGraph"
"""The graph without a name by itself, not as a part of the union; the name is that of Jena."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The SPARQL endpoint of another server, which has the graph.

    `login` is the file with the name and the password; `most_bytes` the longest answer.
    """

    address: str
    login: Path | None
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Term:
    """An RDF term to put in the place of a variable: a literal if it has a datatype."""

    value: str
    datatype: str | None = None


@dataclass(frozen=True)
class Job:
    """One query, the graphs it is put to, and the formats that its answer may have.

    `rows` is the media type for rows and truth values, `triples` that for triples; None where
    the client accepts none. Without graphs the default graph is the union of all, unless
    the query names graphs itself (`FROM`): then `union` must be false. `written` is the query as
    its author wrote it, if `query` was made of that: errors in it are told of what was written.
    `coding` is that of `server.encoding` for answers that are long enough.
    """

    query: str
    rows: str | None = JSON
    triples: str | None = TURTLE
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    union: bool = True
    base: str | None = None
    substitutions: dict[str, Term] = field(default_factory=dict)
    written: str | None = None
    coding: str = ""

    def in_format(self, media_type: str) -> Job:
        """Ask for the answer in this format, whichever kind of answer has it."""
        return replace(self, rows=media_type, triples=media_type)

    @cached_property
    def line(self) -> bytes:
        """The job, written as one line."""
        terms = {name: [term.value, term.datatype] for name, term in self.substitutions.items()}
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return json.dumps({**values, "substitutions": terms}).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Job:
        """Read the job from its line."""
        values = json.loads(line)
        terms = {name: Term(*term) for name, term in values.pop("substitutions").items()}
        return cls(**values, substitutions=terms)

    @cached_property
    def key(self) -> bytes:
        """The name of the job: two with one key have the same answer."""
        return sha256(self.line).digest()

    @cached_property
    def question(self) -> bytes:
        """The name of what is asked, in whichever format it is to be answered."""
        return replace(self, rows=None, triples=None, coding="").key


def line_of(source: Path | Endpoint) -> bytes:
    """Write the line that has a store opened: a folder, or the endpoint of another server."""
    if isinstance(source, Path):
        return json.dumps(str(source)).encode() + b"\n"
    login = None if source.login is None else str(source.login)
    return json.dumps([source.address, login, source.most_bytes]).encode() + b"\n"


def source_of(line: bytes) -> Path | Endpoint | None:
    """Read the store to be opened from its line; None if the line is a job."""
    if line.startswith(b'"'):
        return Path(json.loads(line))
    if not line.startswith(b"["):
        return None
    address, login, most_bytes = json.loads(line)
    return Endpoint(address, None if login is None else Path(login), most_bytes)


def pack(kind: bytes, content: bytes | bytearray = b"") -> bytes:
    """Make a frame."""
    return FRAME.pack(kind, len(content)) + bytes(content)


def pack_error(error: AppError) -> bytes:
    """Make the frame that carries an error to the service."""
    members: dict[str, Any] = {"slug": error.slug, "detail": error.detail, "hint": error.hint}
    return pack(FAIL, json.dumps(members | error.more).encode())


def unpack_error(content: bytes) -> AppError:
    """Make the error anew from its frame."""
    members = json.loads(content)
    kinds = {kind.slug: kind for kind in all_errors()}
    return kinds[members.pop("slug")](**members)
