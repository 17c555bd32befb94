"""Acts that were found in a document once are not looked for again while it is the same.

The memory is one SQLite file beside the data set, with the last acts of each document and a digest
of all that they depend on: what the document says, the model, and the code that reads with it. It
may be deleted at any time; all is then found again.
"""

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from ingest.candidates import Candidate
from ingest.extract import Finder
from ingest.model import Document, Kind, Span
from ingest.parties import files_of
from ingest.tagger import Act, Meant

CODE = (
    "candidates", "model", "nations.tsv", "parties", "sentences", "session", "tagger", "trees",
    "windows",
)  # fmt: skip
"""The files of this package that what is found depends on."""

Line = dict[str, Any]

_SCHEMA = "CREATE TABLE IF NOT EXISTS acts (document TEXT PRIMARY KEY, digest BLOB, acts BLOB)"
_WAIT = 60
"""Seconds for another process to finish writing."""


def act_line(act: Act) -> Line:
    """Return an act in terms of JSON."""
    return {
        "kind": act.kind.value,
        "trigger": [act.trigger.start, act.trigger.end],
        "quote": [act.quote.start, act.quote.end],
        "score": act.score,
        "status": act.status,
        "people": [_meant_line(meant) for meant in act.people],
    }


def _meant_line(meant: Meant) -> list[Any]:
    one = meant.one
    named = [one.label, one.printed, one.start, one.end, one.entity]
    return [*named, meant.actor, meant.addressee, meant.present]


def act_of(line: Line) -> Act:
    """Return the act that a line tells."""
    return Act(
        Kind(line["kind"]),
        Span(*line["trigger"]),
        Span(*line["quote"]),
        line["score"],
        line["status"],
        tuple(Meant(Candidate(*one[:-3]), *one[-3:]) for one in line["people"]),
    )


class Remembered:
    """A finder that asks another one only for what it does not remember."""

    def __init__(self, finder: Finder, model: Path, memory: Path) -> None:
        self._finder, self._model, self._memory = finder, model, _opened(memory)

    def acts(self, document: Document) -> Sequence[Act]:
        """Return the acts that a document tells of, in the order of their triggers."""
        digest = _digest(document, self._model)
        query = "SELECT acts FROM acts WHERE document = ? AND digest = ?"
        if kept := self._memory.execute(query, (document.key, digest)).fetchone():
            return [act_of(line) for line in orjson.loads(kept[0])]
        found = [*self._finder.acts(document)]
        lines = orjson.dumps([act_line(act) for act in found])
        self._memory.execute(
            "INSERT OR REPLACE INTO acts VALUES (?, ?, ?)", (document.key, digest, lines)
        )
        return found

    def confidence(self, act: Act) -> float:
        """Return how likely it is that a reader would find the act there, too."""
        return self._finder.confidence(act)


def _opened(path: Path) -> sqlite3.Connection:
    """Open a memory; one that is no database any more is begun again."""
    with suppress(sqlite3.DatabaseError):
        return _connected(path)
    path.unlink()
    return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    memory = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
    memory.execute("PRAGMA journal_mode = WAL")
    memory.execute("PRAGMA synchronous = NORMAL")
    memory.execute(_SCHEMA)
    return memory


def _digest(document: Document, model: Path) -> bytes:
    return hashlib.sha256(_version(model) + orjson.dumps(document)).digest()


@cache
def _version(model: Path) -> bytes:
    """Return a digest of the model's files and of the code that reads with them."""
    folder = Path(__file__).parent
    code = (folder / (name if "." in name else f"{name}.py") for name in CODE)
    return b"".join(
        hashlib.sha256(file.read_bytes()).digest() for file in (*files_of(model), *code)
    )
