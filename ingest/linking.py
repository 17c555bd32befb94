"""A run of linking, which may be stopped at any moment and goes on where it was.

What is found of a person is kept in NAME.part, beside the file of links, as soon as it is found: a
process that is killed loses only whom it was at. The next run asks for the others, if it has the
same persons, program and source of items; else it starts afresh, and says why. The file of links
appears when everyone has been asked. Whom the source did not answer for is not in it, since that
is not to be without an item; NAME.part then stays, and the next run asks for these.
"""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

from ingest.build import code_version
from ingest.items import Index
from ingest.link import (
    TREES,
    Finds,
    Listed,
    Sought,
    Unanswered,
    asked_one_by_one,
    looked_up,
)
from ingest.model import Alternative, WikidataLink
from ingest.sssom import write_links

IN_A_ROW = 3
"""Persons without an answer, one after the other, after whom nobody else is asked."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS made_of (name TEXT PRIMARY KEY, digest TEXT);
CREATE TABLE IF NOT EXISTS link (entity TEXT PRIMARY KEY, link TEXT) WITHOUT ROWID;
"""

Answers = Callable[[Sequence[Listed]], Iterator[WikidataLink | Unanswered]]
"""What is asked for persons, and answers in their order."""
Progress = Callable[[int, int], None]
"""Told how many of this run are done, and of how many."""


@dataclass(frozen=True)
class Source:
    """Where items come from: what answers, and a digest that is another if its answers may be."""

    answers: Answers
    digest: str


def from_index(items: Path, jobs: int) -> Source:
    """Return an index as a source, which several processes read. Raises NoIndex."""
    Index(items).close()
    state = items.stat()  # It may have many gigabytes, and is written in one step.
    digest = f"{items.resolve()} {state.st_size} {state.st_mtime_ns}"
    return Source(partial(looked_up, items=items, jobs=jobs), digest)


def from_wiki(finds: Finds, address: str) -> Source:
    """Return a wiki at some address as a source, which is asked for one person after the other."""
    return Source(partial(asked_one_by_one, finds=finds), address)


def made_of(people: Sequence[Sought], source: Source) -> dict[str, str]:
    """Return a digest of each thing that links depend on."""
    entries = repr([(entity.id, person) for entity, person in people])
    program = code_version().encode() + TREES.read_bytes()
    return {
        "the persons": hashlib.sha256(entries.encode()).hexdigest(),
        "the program": hashlib.sha256(program).hexdigest(),
        "the items": source.digest,
    }


class CannotLink(Exception):
    """What is found cannot be kept: another run writes the same links, or the disk is at fault."""


@dataclass
class Outcome:
    """What a run came to: links by state, persons nobody answered for, and why."""

    states: Counter[str] = field(default_factory=Counter)
    unasked: int = 0
    reason: str = ""
    whole: bool = True  # everyone was asked, though perhaps not answered for


class Run:
    """A run that knows what earlier ones found; `note` says whether it goes on with that."""

    def __init__(self, out: Path, db: sqlite3.Connection, note: str) -> None:
        self._out, self._db, self.note = out, db, note
        self.is_done = False

    def link(self, people: Sequence[Sought], answers: Answers, progress: Progress) -> Outcome:
        """Ask for those who are not linked yet, and write the links if everyone was asked."""
        known = {id for (id,) in self._db.execute("SELECT entity FROM link")}
        left = [one for one in people if one[0].id not in known]
        outcome, failures = Outcome(), 0
        found = answers([person for _, person in left])
        for number, ((entity, _), answer) in enumerate(zip(left, found, strict=True), start=1):
            if isinstance(answer, Unanswered):
                failures, outcome.reason = failures + 1, str(answer)
                if answer.final or failures >= IN_A_ROW:
                    outcome.whole = False
                    break
            else:
                failures = 0
                self._keep(entity.id, answer)
            progress(number, len(left))
        self._finish(people, outcome)
        return outcome

    def _keep(self, id: str, link: WikidataLink) -> None:
        kept = json.dumps(asdict(link), ensure_ascii=False)
        self._db.execute("INSERT OR REPLACE INTO link VALUES (?, ?)", (id, kept))

    def _finish(self, people: Sequence[Sought], outcome: Outcome) -> None:
        """Count what is known, and write it if everyone was asked."""
        links = dict(self._db.execute("SELECT entity, link FROM link"))
        known = [(entity, _link(links[entity.id])) for entity, _ in people if entity.id in links]
        outcome.states.update(one.state if one.exact else "close" for _, one in known)
        outcome.unasked = len(people) - len(known)
        if outcome.whole:
            write_links(self._out, known)
            self.is_done = not outcome.unasked


def _link(kept: str) -> WikidataLink:
    told = json.loads(kept)
    others = tuple(Alternative(**one) for one in told.pop("alternatives"))
    where = told.pop("coordinates")
    return WikidataLink(**told, alternatives=others, coordinates=where and (where[0], where[1]))


@contextmanager
def run_of(out: Path, made_of: Mapping[str, str]) -> Iterator[Run]:
    """Begin a run, or go on with one; `made_of` has a digest of each thing that links depend on.

    Raises CannotLink. Once everyone is answered for, nothing is left to go on with.
    """
    part = out.with_name(f"{out.name}.part")
    with closing(_opened(part)) as db:
        run = Run(out, db, _begun(db, made_of))
        yield run
    if run.is_done:
        part.unlink()


def _opened(part: Path) -> sqlite3.Connection:
    """Open what earlier runs found; if it is damaged, there is nothing."""
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        return _connected(part)
    except (OSError, sqlite3.OperationalError) as error:
        locked = "another run is writing here; wait for it"
        reason = locked if "locked" in str(error) else f"{error}; put it right and begin again"
        raise CannotLink(f"{part}: {reason}") from error
    except sqlite3.DatabaseError:
        part.unlink()
        return _connected(part)


def _connected(part: Path) -> sqlite3.Connection:
    """Open a database that no other process may open, and in which what is written is safe."""
    db = sqlite3.connect(part, timeout=0, isolation_level=None)
    try:
        db.executescript("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;" + _SCHEMA)
        db.execute("DELETE FROM link WHERE false")  # A lock that is only for reading is shared.
    except sqlite3.Error:
        db.close()
        raise
    return db


def _begun(db: sqlite3.Connection, made_of: Mapping[str, str]) -> str:
    """Forget what was found if something it depends on has changed; say what is the case."""
    before = dict(db.execute("SELECT name, digest FROM made_of"))
    [known] = db.execute("SELECT count(*) FROM link").fetchone()
    if before == made_of:
        return f"goes on, for {known:,} persons were linked before" if known else ""
    # In this order: who is killed in between will begin afresh again.
    db.executescript("DELETE FROM made_of; DELETE FROM link;")
    db.executemany("INSERT INTO made_of VALUES (?, ?)", made_of.items())
    changed = [name for name, digest in made_of.items() if before.get(name) != digest]
    return f"starts afresh, for {' and '.join(changed)} changed since the last run" if known else ""
