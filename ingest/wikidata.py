"""Ask Wikidata itself for the items that a person may be: its search, then its entities.

The search for full text is asked (`action=query&list=search`), for humans only (`haswbstatement`),
and not `wbsearchentities`: that one compares labels and aliases from their first letter on, so that
"Averell Harriman" would not find "William Averell Harriman". The surname is asked for with all
given names; if no human has them all, with each of them; and in any case alone, for it is namesakes
that keep a person without an item from being linked. With the candidate file behind a server that
speaks this protocol, exact matches of the gold set have a precision of .983, a recall of .914, and
false links for .042 of those without an item; without the namesakes .974, .902 and .070; with the
index .988, .907 and .028. The entities, and the labels of offices, countries and occupations, come
fifty at a time (`wbgetentities`).

What is no whole answer to what was asked is none, and the person is not judged. What was answered
is kept for some weeks, so that a run that was stopped asks for nothing twice.
"""

import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any, TypeVar

import orjson

from ingest.entities import ENGLISH, HUMAN, LATIN, Line, label_of, line_of, mentioned, worded
from ingest.items import Even, Item
from ingest.link import Listed
from ingest.mediawiki import Json, MediaWiki, TooLarge
from ingest.names import asked_as
from ingest.web import Pace, TryAgain, Visitor

ADDRESS = "https://www.wikidata.org"
PACE = Pace(between=0.2)
"""At most five questions a second, one after the other, as Wikimedia asks of programs."""
BATCH, FOUND, MOST, NAMES = 50, 50, 100, 3
"""The most entities that are asked for at once, items that a search finds, items that are looked
at for a person, and names of a person that are tried."""
KEPT = 30 * 24 * 3600.0
"""Seconds for which an answer is good."""
MOST_WORDS = 10
LAYOUT = 1

_PARTS = ("labels", "aliases", "descriptions", "claims", "sitelinks")
_SCHEMA = f"""
CREATE TABLE answer (question TEXT PRIMARY KEY, asked REAL, answer BLOB) WITHOUT ROWID;
PRAGMA user_version = {LAYOUT};
"""

_NUMBER = re.compile(r"Q[1-9][0-9]{0,12}")
_PARTIAL = re.compile(r"partial|timed out", re.IGNORECASE)
_NO_WORD = re.compile(r"[^\w'’-]+|_")
"""What has a meaning of its own in a search, such as quotes, colons and asterisks."""

T = TypeVar("T")


class Wikidata:
    """The items that a person may be, as Wikidata has them today."""

    def __init__(
        self,
        memory: Path,
        address: str = ADDRESS,
        visitor: Visitor | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Keep answers in a file. Raises NoWiki."""
        self.rarity = Even()
        self._wiki = MediaWiki(address, visitor or Visitor(PACE))
        self._memory = _Memory(memory, address, now)

    def close(self) -> None:
        """Close the file of answers."""
        self._memory.close()

    def candidates(self, person: Listed) -> list[Item]:
        """Return the humans whom the search finds under a person's names, by their numbers.

        Raises Unanswered.
        """
        lines = [*filter(None, self._known("entity", self._numbers(person), self._lines))]
        wanted = [*dict.fromkeys(one for line in lines for one in mentioned(line))]
        found = zip(wanted, self._known("label", wanted, self._labels), strict=True)
        labels = {number: label for number, label in found if label}
        items = {line["qid"]: Item.of(worded(line, labels)) for line in lines}
        return sorted(items.values(), key=lambda item: int(item.qid[1:]))

    def _numbers(self, person: Listed) -> list[str]:
        """Return what the search finds: the first of each name, then the second, up to a batch."""
        printed = Counter(entry.name for entry in person.entries)
        forms = [form for name, _ in printed.most_common(NAMES) for form in asked_as(name)]
        found = [each for form in forms[:NAMES] for each in self._found(*form)]
        every = dict.fromkeys(chain.from_iterable(zip_longest(*found)))
        return [*islice(filter(None, every), MOST)]

    def _found(self, surname: Sequence[str], given: Sequence[str]) -> Iterator[list[str]]:
        """Yield what the most exact question finds that finds anyone, and who has the surname."""
        *exact, last = _questions(surname, given) or [""]
        for question in exact:
            [numbers] = self._known("search", [question], self._search)
            if numbers:
                yield numbers
                break
        if last:
            yield from self._known("search", [last], self._search)

    def _known(
        self, kind: str, wanted: Sequence[str], ask: Callable[[Sequence[str]], dict[str, Any]]
    ) -> list[Any]:
        """Return an answer for each that is wanted; ask for those that are not remembered."""
        known = self._memory.known(kind, wanted)
        unknown = [one for one in wanted if one not in known]
        for start in range(0, len(unknown), BATCH):
            answers = ask(unknown[start : start + BATCH])
            self._memory.keep(kind, answers)
            known.update(answers)
        return [known[one] for one in wanted]

    def _search(self, questions: Sequence[str]) -> dict[str, list[str]]:
        return {one: self._wiki.ask(_search(one), _numbers_in) for one in questions}

    def _lines(self, numbers: Sequence[str]) -> dict[str, Line | None]:
        return self._entities(numbers, {"props": "|".join(_PARTS)}, line_of)

    def _labels(self, numbers: Sequence[str]) -> dict[str, str | None]:
        languages = "|".join((*ENGLISH, *LATIN))
        return self._entities(numbers, {"props": "labels", "languages": languages}, label_of)

    def _entities(
        self, numbers: Sequence[str], wanted: dict[str, str], read: Callable[[Json], T]
    ) -> dict[str, T]:
        """Return what is read of each entity; if they are too large together, ask for halves."""
        question = {"action": "wbgetentities", "ids": "|".join(numbers), **wanted}
        parts = wanted["props"].split("|")
        try:
            return self._wiki.ask(
                question, lambda answer: {one: read(_entity(answer, one, parts)) for one in numbers}
            )
        except TooLarge:
            if len(numbers) == 1:
                raise
            half = len(numbers) // 2
            halves = (numbers[:half], numbers[half:])
            first, second = (self._entities(each, wanted, read) for each in halves)
            return first | second


def _questions(surname: Sequence[str], given: Sequence[str]) -> list[str]:
    """Return what to search for, the most exact first."""
    single = [[one, *surname] for one in given[:3]]
    ways = (" ".join(words) for words in ([*given, *surname], *single, surname))
    plain = (_NO_WORD.sub(" ", way).split()[:MOST_WORDS] for way in ways)
    words = (" ".join(filter(None, (one.strip("'’-") for one in way))) for way in plain)
    return [*dict.fromkeys(filter(None, words))]


def _search(words: str) -> dict[str, str]:
    return {
        "action": "query",
        "list": "search",
        "srsearch": f"{words} haswbstatement:P31={HUMAN}",
        "srnamespace": "0",
        "srlimit": str(FOUND),
        "srprop": "",
    }


def _numbers_in(answer: Json) -> list[str]:
    """Return the numbers of the items that a search found. Raises TryAgain if it was cut short."""
    if _PARTIAL.search(str(answer.get("warnings", {}).get("search", ""))):
        raise TryAgain("the search found only part of what there is")
    numbers = [one["title"] for one in answer["query"]["search"]]
    if not all(_NUMBER.fullmatch(one) for one in numbers):
        raise ValueError(numbers)
    return numbers


def _entity(answer: Json, number: str, parts: Iterable[str]) -> Json:
    """Return an entity of an answer, or that to which it leads; nothing, if it was deleted."""
    entity: Json = answer["entities"][number]
    if "missing" in entity:
        return {}
    asked_for = entity["redirects"]["from"] if "redirects" in entity else entity["id"]
    if asked_for != number or not all(part in entity for part in parts):
        raise ValueError(number)
    return entity


class _Memory:
    """What was answered, in a file that may be deleted at any time."""

    def __init__(self, path: Path, address: str, now: Callable[[], float]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db, self._address, self._now = _opened(path), address, now

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def known(self, kind: str, wanted: Iterable[str]) -> dict[str, Any]:
        """Return the answers that are still good."""
        query = "SELECT answer FROM answer WHERE question = ? AND asked > ?"
        since, found = self._now() - KEPT, {}
        for one in wanted:
            row = self._db.execute(query, (self._question(kind, one), since)).fetchone()
            if row:
                found[one] = orjson.loads(row[0])
        return found

    def keep(self, kind: str, answers: dict[str, Any]) -> None:
        """Remember answers, as given now."""
        rows = [
            (self._question(kind, one), self._now(), orjson.dumps(answer))
            for one, answer in answers.items()
        ]
        with self._db:
            self._db.executemany("INSERT OR REPLACE INTO answer VALUES (?, ?, ?)", rows)

    def _question(self, kind: str, what: str) -> str:
        return f"{self._address} {kind} {what}"


def _opened(path: Path) -> sqlite3.Connection:
    """Open a memory; what is no database any more, or of another version, is begun again."""
    try:
        db = _connected(path)
        if db.execute("PRAGMA user_version").fetchone() == (LAYOUT,):
            return db
        db.close()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        pass
    path.unlink()
    return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    is_new = not path.exists()
    db = sqlite3.connect(path, timeout=60)
    try:
        db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        if is_new:
            db.executescript(_SCHEMA)
    except sqlite3.Error:
        db.close()
        raise
    return db
