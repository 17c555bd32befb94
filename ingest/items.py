"""Items of Wikidata that may be what the graph knows: an index of names, built from files.

The file has one item a line, as JSON:

    {"qid": "Q8007", "label": "Franklin Delano Roosevelt", "aliases": ["FDR"],
     "description": "32nd President of the United States", "birth": 1882, "death": 1945,
     "positions": [["President", "1933", "1945"]], "country": "United States of America",
     "occupations": ["politician"], "sources": ["vital"]}

Only `qid` and `label` are required. A line that tells a `type`, be it empty, is of something other
than a person: a city, territory, state, organization or position, with `lat`, `lon` and `pop` where
they are known.

`spellings` are names in other languages: they are looked for
as aliases are, but the number of aliases, which `ingest/links.onnx` was grown with, is that of the
English ones. The index is one SQLite file, which a build does not need: only `cablegraph link`
reads it.
"""

import bz2
import gzip
import json
import math
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import IO, Annotated, Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.gazetteer import Thing
from ingest.model import Problem
from ingest.names import COMMON, PersonName, sound
from ontology.names import fold

LAYOUT = 2
LONGEST = 1_000_000
"""Characters of a line; a longer one is refused."""

_TITLE = re.compile(
    r"^\s*(?:\d+(?:st|nd|rd|th)\b|Baron|Viscount|Earl|Duke|Marquess|Lord|Prince|Count|KCMG|GCB)"
)
"""What follows a comma in an item's label and is no given name: "1st Viscount Alanbrooke"."""
_PEERAGE = re.compile(
    r"\b(?:Baron(?:ess)?|Viscount|Earl|Marquess|Duke)\s+(?:of\s+)?([A-Z][\w'’-]+)"
)
_SUFFIX = re.compile(r"^(?:Jr|Sr|II|III|IV)\.?$")

_COMMON = COMMON | {"who", "politician", "born"}

OPENERS: dict[str, Callable[..., IO[Any]]] = {".gz": gzip.open, ".bz2": bz2.open}
"""What opens a file that is compressed as its name ends."""

_CACHE_KIB = 256 << 10
"""What a growing index is kept of in memory: the names of ten million items come in any order."""
_MOST_COUNTED = 500_000
"""Words that are counted in memory."""

_Text = Annotated[str, Field(max_length=10_000)]


class _Line(BaseModel):
    """One line of the file, in its types."""

    model_config = ConfigDict(extra="ignore")

    qid: Annotated[str, Field(pattern=r"^Q[1-9][0-9]{0,12}$")]
    label: _Text
    aliases: list[_Text] = []
    spellings: list[_Text] = []
    description: _Text | None = None
    birth: int | None = None
    death: int | None = None
    positions: list[list[_Text | None]] = []
    country: _Text | None = None
    occupations: list[_Text] = []
    sources: list[_Text] = []
    sitelinks: int = 0
    type: _Text | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    pop: float | None = None

    def thing(self) -> Thing:
        """Return what a line tells that is not of a person."""
        return Thing(
            self.qid,
            self.label,
            tuple(self.aliases),
            self.description or "",
            self.type or "",
            len(self.sources),
            int(self.pop or 0),
            None if self.lat is None or self.lon is None else (self.lat, self.lon),
        )


def thing_of(line: str) -> Thing:
    """Return what a line of a file tells that is not of a person; raises ValidationError."""
    return _Line.model_validate_json(line).thing()


@dataclass(frozen=True)
class Item:
    """What an item of Wikidata says of a person. Years are those of birth, death and offices."""

    qid: str
    label: str
    aliases: tuple[str, ...] = ()
    description: str = ""
    birth: int | None = None
    death: int | None = None
    positions: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    country: str = ""
    occupations: tuple[str, ...] = ()
    sources: int = 0
    spellings: tuple[str, ...] = ()
    sitelinks: int = 0

    @classmethod
    def of(cls, line: dict[str, Any]) -> "Item":
        """Return the person whom a line of the file tells; raises ValidationError."""
        return cls.told(_Line.model_validate(line))

    @classmethod
    def told(cls, read: "_Line") -> "Item":
        """Return the person whom a line tells."""
        ends = (each for _, *spans in (one or [None] for one in read.positions) for each in spans)
        return cls(
            read.qid,
            read.label,
            tuple(read.aliases),
            read.description or "",
            read.birth,
            read.death,
            tuple(one[0] for one in read.positions if one and one[0]),
            tuple(int(each[:4]) for each in ends if each and each[:4].isdigit()),
            read.country or "",
            tuple(read.occupations),
            len(read.sources),
            tuple(read.spellings),
            read.sitelinks,
        )

    @property
    def text(self) -> str:
        """All that is said of the person, but the names."""
        return " ".join((self.description, *self.positions, self.country, *self.occupations))

    @cached_property
    def names(self) -> tuple[PersonName, ...]:
        """The names in all orders in which a list may print them; those of the label first."""
        every = dict.fromkeys([self.label, *sorted(self.aliases), *sorted(self.spellings)])
        return tuple(dict.fromkeys(form for name in every for form in forms(name)))

    @property
    def keys(self) -> set[str]:
        """What a list's name for this person sounds like, in one of its forms."""
        found = {key for name in self.names for key in name.keys}
        return found | {sound(word) for name in self.names if not name.given for word in name.words}


@lru_cache(maxsize=1 << 16)
def forms(name: str) -> tuple[PersonName, ...]:
    """Return the ways in which a list may print a name that is written in its natural order."""
    main, _, rest = name.partition(",")
    if rest and not _TITLE.match(rest) and not _SUFFIX.match(rest.strip()):
        return (PersonName.of(name),)
    words = [word for word in main.split() if not _SUFFIX.match(word)]
    suffix = next((word for word in name.replace(",", " ").split() if _SUFFIX.match(word)), "")
    end = f", {suffix}" if suffix else ""
    if len(words) < 2:
        return tuple(map(PersonName.of, words))
    cuts = [len(words) - n for n in (1, 2, 3) if len(words) > n]
    printed = [f"{' '.join(words[cut:])}, {' '.join(words[:cut])}{end}" for cut in cuts]
    if len(words) <= 3:
        printed.append(f"{words[0]}, {' '.join(words[1:])}")
    given = " ".join(words[:-1])
    printed += [" ".join(words), *(f"{title}, {given}" for title in _PEERAGE.findall(name))]
    return tuple(map(PersonName.of, printed))


@dataclass(frozen=True)
class Rarity:
    """In how many of some items each word is."""

    items: int
    known: Callable[[str], int]

    def of(self, word: str) -> float:
        """Return the logarithm of how many times more items there are than have the word."""
        return math.log(max(1, self.items) / (1 + self.known(word)))


def words(text: str) -> frozenset[str]:
    """Return the words of a description that may tell who somebody is."""
    return frozenset(word for word in fold(text).split() if len(word) > 2) - _COMMON


@dataclass(frozen=True)
class Even:
    """What stands for the rarity of words where nobody has counted: each tells as much as others.

    In the gold set words that a person and a candidate share tell 3.6 on average; with that for
    all of them precision is what it is with their rarity, and recall .900 for .907.
    """

    told: float = 3.6

    def of(self, word: str) -> float:
        """Return how much a word tells."""
        return self.told


class Named(Protocol):
    """Somebody whose names have keys."""

    @property
    def keys(self) -> set[str]:
        """What the names of his item sound like."""


class NoIndex(Exception):
    """There is no index of items at a path, or it is of another version."""


class Index:
    """The items whose names sound like a person's."""

    def __init__(self, path: Path) -> None:
        """Open an index; raises NoIndex with the remedy."""
        remedy = f"{path}: no index of items; make one with `cablegraph items`"
        if not path.is_file():
            raise NoIndex(remedy)
        self._db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            [layout] = self._db.execute("PRAGMA user_version").fetchone()
        except sqlite3.DatabaseError as error:
            raise NoIndex(remedy) from error
        if layout != LAYOUT:
            raise NoIndex(remedy)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @property
    def has_things(self) -> bool:
        """Whether there are items of others than persons."""
        return self._db.execute("SELECT 1 FROM thing LIMIT 1").fetchone() is not None

    def things(self, names: Iterable[str]) -> list[Thing]:
        """Return the items of others than persons that have one of some plain names."""
        wanted = sorted(names)
        query = f"""SELECT DISTINCT thing.number, data FROM thing_name JOIN thing USING (number)
            WHERE name IN ({", ".join("?" * len(wanted))}) ORDER BY thing.number"""
        return [thing_of(data) for _, data in self._db.execute(query, wanted)]

    @cached_property
    def rarity(self) -> Rarity:
        """How much a word tells of whom it is said of, by the number of items that have it."""
        [items] = self._db.execute("SELECT count(*) FROM item").fetchone()
        return Rarity(items, lru_cache(maxsize=1 << 16)(self._having))

    def _having(self, word: str) -> int:
        """Return how many items have a word."""
        found = self._db.execute("SELECT items FROM word WHERE word = ?", (word,)).fetchone()
        return found[0] if found else 0

    def candidates(self, person: Named) -> Iterator[Item]:
        """Yield the items whose names sound like a person's; there may be very many."""
        yield from self._items(person.keys)

    def items(self, keys: Iterable[str]) -> list[Item]:
        """Return the items that one of the keys stands for, in the order of their numbers."""
        return [*self._items(keys)]

    def _items(self, keys: Iterable[str]) -> Iterator[Item]:
        wanted = sorted(keys)
        query = f"""SELECT DISTINCT item.number, data FROM name JOIN item USING (number)
            WHERE key IN ({", ".join("?" * len(wanted))}) ORDER BY item.number"""
        for _, data in self._db.execute(query, wanted):
            yield Item.of(json.loads(data))


def lines_of(path: Path) -> Iterator[str]:
    """Yield the lines of a file, perhaps compressed; one that is too long comes in parts."""
    with OPENERS.get(path.suffix, open)(path, "rt", encoding="utf-8", errors="replace") as file:
        yield from iter(partial(file.readline, LONGEST + 1), "")


Lines = Iterable[str | Problem]
"""The lines of a file, or what is wrong with one."""


def build_index(files: Iterable[tuple[str, Lines]], path: Path) -> Iterator[int | Problem]:
    """Make an index of the items of some files, each with its name.

    Yields how many lines were read so far, and what is wrong with one. The index appears at its
    path when it is whole.
    """
    making = path.with_name(f"{path.name}.making")
    making.unlink(missing_ok=True)
    with closing(sqlite3.connect(making, isolation_level=None)) as db:
        db.executescript(
            f"""PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA user_version = {LAYOUT};
            PRAGMA cache_size = {-_CACHE_KIB};
            CREATE TABLE item (number INTEGER PRIMARY KEY, data TEXT);
            CREATE TABLE name (key TEXT, number INTEGER, PRIMARY KEY (key, number)) WITHOUT ROWID;
            CREATE TABLE thing (number INTEGER PRIMARY KEY, data TEXT);
            CREATE TABLE thing_name (name TEXT, number INTEGER, PRIMARY KEY (name, number))
                WITHOUT ROWID;
            CREATE TABLE word (word TEXT PRIMARY KEY, items INTEGER) WITHOUT ROWID;
            BEGIN"""
        )
        known: Counter[str] = Counter()
        read = 0
        for source, lines in files:
            for number, line in enumerate(lines, start=1):
                read += 1
                if problem := _take(db, known, line, source, number):
                    yield problem
                if read % 1000 == 0:
                    yield read
                if len(known) > _MOST_COUNTED:
                    _count(db, known)
        _count(db, known)
        db.execute("COMMIT")
    making.rename(path)
    yield read


def _take(
    db: sqlite3.Connection, known: Counter[str], line: str | Problem, source: str, number: int
) -> Problem | None:
    """Add what a line tells to the index; return what is wrong with it."""
    if isinstance(line, Problem):
        return line
    read = _read(line, source, number)
    if not isinstance(read, _Line):
        return read
    if read.type is not None:
        _add_thing(db, read.thing(), line)
        return None
    item = Item.told(read)
    _add(db, item, line)
    known.update(words(item.text))
    return None


def _count(db: sqlite3.Connection, known: Counter[str]) -> None:
    """Add to the numbers of items that have each word, and begin to count anew."""
    db.executemany(
        "INSERT INTO word VALUES (?, ?) ON CONFLICT DO UPDATE SET items = items + excluded.items",
        known.items(),
    )
    known.clear()


def _read(line: str, source: str, number: int) -> _Line | Problem | None:
    """Return what a line tells, or what keeps it out; None if the line is empty."""
    if len(line) > LONGEST:
        return Problem(source, number, f"longer than {LONGEST:,} characters", "too-large")
    if not line.strip():
        return None
    try:
        return _Line.model_validate(json.loads(line))
    except (ValueError, RecursionError) as error:
        fault = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "not JSON"
        return Problem(source, number, f"no item: {fault}", "not-json")


def _add(db: sqlite3.Connection, item: Item, line: str) -> None:
    number = int(item.qid[1:])
    db.execute("INSERT OR REPLACE INTO item VALUES (?, ?)", (number, line.strip()))
    rows = [(key, number) for key in item.keys if key]
    db.executemany("INSERT OR IGNORE INTO name VALUES (?, ?)", rows)


def _add_thing(db: sqlite3.Connection, thing: Thing, line: str) -> None:
    number = int(thing.qid[1:])
    db.execute("INSERT OR REPLACE INTO thing VALUES (?, ?)", (number, line.strip()))
    rows = [(name, number) for name in thing.names if name]
    db.executemany("INSERT OR IGNORE INTO thing_name VALUES (?, ?)", rows)
