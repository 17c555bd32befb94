"""Which item of Wikidata a person is: candidates by name, judged by all that is said of both.

Names alone link wrongly one in fourteen: what decides is a second fact, and whether there are
namesakes. Boosted trees (`links.onnx`, which `tools/train_links.py` grows from persons that were
looked up by hand) weigh names, life and office dates, countries and rare words of the
descriptions of all volumes, beside the other candidates. Above EXACT a link is an exact match;
from CLOSE on it is a close one, for a reader to judge; below it, none was found.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import islice, pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol

import numpy as np

from ingest.candidates import nations
from ingest.items import Index, Item, words
from ingest.model import MOST_ALTERNATIVES, Alternative, Entity, ListedPerson, WikidataLink
from ingest.names import Agreement, PersonName, agreement, same_surname, sound
from ingest.trees import Array, Trees, Weighs
from ingest.unify import Unified
from ontology.names import fold

TREES = Path(__file__).parent / "links.onnx"
EXACT, CLOSE = 0.8, 0.4
"""Likelihoods, set by cross-validation (bench/ACCURACY.md)."""
PLAUSIBLE = 0.05
"""From here on a candidate is kept beside the link. Of 27 persons of the gold set who are not
linked to their item, eight have it among these, of which 593 persons have 53; from 0.02 on, ten
have it, of 89."""
YEARS_APART = 2
"""Years by which two sources may differ on when somebody was born or died."""
SAME_LIFE = 0.97
"""The likelihood of a candidate who was born and died in the years that a register tells."""
UNKNOWN = -99.0
"""Stands for a span of years that is not known."""
_FAR = 99
"""Years between dates of which one is not known."""

_OFFICES = frozenset(
    "president minister ambassador senator general admiral secretary governor king representative "
    "chairman chief premier chancellor marshal colonel judge bishop economist journalist "
    "director".split()
)
_AMERICAN = re.compile(
    r"department of state|u\.s\.|united states|embassy (?:in|at)|consul|senator|congress|"
    r"secretary of (?:state|defense|the treasury|the army|commerce|agriculture)|white house|"
    r"national security council|central intelligence|cia|foreign service|republican|democrat|"
    r"bureau of|president's|agency for international|ambassador (?:to|in)|joint chiefs|usn|usa,|"
    r"usaf|(?:assistant|under) secretary|special assistant to the president|export-import|budget",
    re.IGNORECASE,
)
"""What lists say of Americans, whose country they do not name."""
_UNITED_STATES = "United States"
_YEAR = re.compile(r"\b1[89]\d\d\b")

Row = list[float]


@dataclass(frozen=True)
class Listed:
    """A person as all lists together tell of him, and by the name that the authority gives him."""

    entries: tuple[ListedPerson, ...]
    label: str = ""

    @cached_property
    def names(self) -> tuple[PersonName, ...]:
        """The names that lists print, each once, and the authority's with the surname first."""
        given, _, surname = self.label.rpartition(" ")
        own = [] if "," in self.label or not given else [f"{surname}, {given}"]
        printed = (*(entry.name for entry in self.entries), *own)
        return tuple(dict.fromkeys(map(PersonName.of, printed)))

    @cached_property
    def text(self) -> str:
        """All descriptions, each once."""
        return " ".join(dict.fromkeys(entry.description for entry in self.entries))

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the descriptions that may tell who it is."""
        return words(self.text)

    @cached_property
    def years(self) -> tuple[int, ...]:
        """The first years of the volumes."""
        return tuple(sorted(entry.year for entry in self.entries if entry.year)) or (0,)

    @cached_property
    def life(self) -> tuple[int | None, int | None]:
        """The years of birth and death, which registers of officers tell."""
        born, died = ({getattr(entry, name) for entry in self.entries} for name in ("born", "died"))
        return min(filter(None, born), default=None), min(filter(None, died), default=None)

    @cached_property
    def keys(self) -> set[str]:
        """What the names of his item sound like: the surname, or a long part of it."""
        found = {key for name in self.names for key in name.keys}
        parts = (entry.name.split(",")[0].partition("(")[0] for entry in self.entries)
        singly = (
            re.sub("[^a-z]", "", word) for part in parts for word in re.split(r"[\s-]", fold(part))
        )
        return {*found, *(sound(word) for word in singly if len(word) > 3)} - {""}


class Tells(Protocol):
    """What says how much words of descriptions tell, such as `ingest.items.Rarity`."""

    def of(self, word: str) -> float:
        """Return how much a word tells; the rarer, the more."""


class Finds(Protocol):
    """Where candidates come from: `ingest.items.Index`, or `ingest.wikidata.Wikidata`."""

    @property
    def rarity(self) -> Tells:
        """How much words of descriptions tell."""

    def candidates(self, person: Listed) -> Iterable[Item]:
        """Return the items that a person may be, by name. Raises Unanswered."""


class Unanswered(Exception):
    """A source of candidates did not answer, which says nothing of the person.

    If it is `final`, asking it for others is of no use, or not wanted.
    """

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


@dataclass(frozen=True)
class Judged:
    """A candidate, how likely it is the person, and what speaks for it."""

    item: Item
    likely: float
    reason: str


def judged(person: Listed, finds: Finds, weighs: Weighs) -> list[Judged]:
    """Return the candidates of a person, the likeliest first."""
    items, rows = questions(person, finds)
    if not items:
        return []
    found = [
        Judged(item, by_life(person, item, likely), _reason(person, item))
        for item, likely in zip(items, weighed(rows, weighs), strict=True)
    ]
    return sorted(found, key=lambda one: (-one.likely, int(one.item.qid[1:])))


def by_life(person: Listed, item: Item, likely: float) -> float:
    """Return how likely a candidate is the person whose years of birth and death are known.

    They decide, whatever the trees say, which know the years of volumes only.
    """
    own, its = person.life, (item.birth, item.death)
    apart = [abs(a - b) for a, b in zip(own, its, strict=True) if a and b]
    if any(years > YEARS_APART for years in apart):
        return 0.0
    return max(likely, SAME_LIFE) if apart == [0, 0] else likely


def weighed(rows: Array, weighs: Weighs) -> list[float]:
    """Return how likely each candidate is the person: not at all, if its life speaks against it."""
    likely = weighs.likely(rows)[:, 0] * rows[:, _PLAUSIBLE]
    found: list[float] = likely.astype(float).round(3).tolist()
    return found


def link(found: Sequence[Judged]) -> WikidataLink:
    """Return what is known of a person's item, once it has been looked for."""
    if not found or found[0].likely < CLOSE:
        return WikidataLink("none-found", manual=False, alternatives=_alternatives(found))
    best, *others = found
    return WikidataLink(
        "linked",
        best.item.qid,
        best.likely >= EXACT,
        best.likely,
        best.reason,
        manual=False,
        alternatives=_alternatives(others),
        born=best.item.birth,
        died=best.item.death,
    )


def _alternatives(found: Iterable[Judged]) -> tuple[Alternative, ...]:
    plausible = (one for one in found if one.likely >= PLAUSIBLE)
    return tuple(
        Alternative(one.item.qid, one.item.label, one.likely, one.reason)
        for one in islice(plausible, MOST_ALTERNATIVES)
    )


def _reason(person: Listed, item: Item) -> str:
    """Say what a reader may compare: names, life, description."""
    life = f"{item.birth or '?'}-{item.death or '?'}"
    described = f", {item.description}" if item.description else ""
    return f"{item.label} ({life}){described}; listed as {person.entries[0].name}"


# All persons


Sought = tuple[Entity, Listed]
"""A person who is looked for, as the graph and as the lists have him."""


def sought(persons: Unified, listed: Iterable[ListedPerson]) -> list[Sought]:
    """Return those of the persons of whom the authority says nothing, in order.

    `listed` are all entries; those of others are left out.
    """
    entries: dict[str, list[ListedPerson]] = {}
    for one in {one.key: one for one in listed}.values():
        if id := persons.persons.get(one.key):
            entries.setdefault(id, []).append(one)
    asked = (one for one in persons.entities if one.link.state == "not-searched")
    return [
        (one, Listed(tuple(sorted(entries[one.id], key=lambda entry: entry.key)), one.label))
        for one in asked
        if one.id in entries
    ]


def asked_one_by_one(people: Iterable[Listed], finds: Finds) -> Iterator[WikidataLink | Unanswered]:
    """Yield what is found of each person, or why nothing is known."""
    trees = Trees(TREES)
    for person in people:
        try:
            yield link(judged(person, finds, trees))
        except Unanswered as error:
            yield error


def looked_up(people: Iterable[Listed], items: Path, jobs: int) -> Iterator[WikidataLink]:
    """Yield what an index has of each person, whom several processes look up.

    Raises NoIndex if `items` is none.
    """
    if jobs == 1:
        _take(items)
        yield from map(_link, people)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn"), _take, (items,)) as pool:
        yield from pool.map(_link, people, chunksize=16)


_shared_by_tasks: tuple[Index, Trees]


def _take(items: Path) -> None:
    """Open in a worker process what all persons are judged with."""
    global _shared_by_tasks  # noqa: PLW0603 - how a pool hands over what is too large per task
    _shared_by_tasks = (Index(items), Trees(TREES))


def _link(person: Listed) -> WikidataLink:
    return link(judged(person, *_shared_by_tasks))


# What is weighed


def questions(person: Listed, finds: Finds) -> tuple[list[Item], Array]:
    """Return the items that may be the person, and a row of numbers for each."""
    known = [(item, name) for item in finds.candidates(person) if (name := _named(person, item))]
    if not known:
        return [], np.zeros((0, 0), np.float32)
    rows = [
        [
            *name,
            *_described(person, item, finds.rarity),
            *_lived(person, item),
            *_kept(person, item),
        ]
        for item, name in known
    ]
    beside = _beside(rows)
    return [item for item, _ in known], np.array(
        [[*row, *more] for row, more in zip(rows, beside, strict=True)], np.float32
    )


def _named(person: Listed, item: Item) -> Row | None:
    """Return how well the best of the names agree; None if no surname does."""
    label = frozenset(item.names[:1])
    best = max(
        (
            [
                _agree(one, other),
                one.surname == other.surname,
                len({word for word in one.given if len(word) > 1} & {*other.given}),
                one in label,
                len(one.given),
                len(other.given),
            ]
            for one in item.names
            for other in person.names
            if same_surname(one, other)
        ),
        default=[0],
    )
    return [float(value) for value in best] if best[0] > Agreement.APART else None


def _agree(one: PersonName, other: PersonName) -> int:
    agreed = agreement(one, other)
    return agreed if one.is_numbered == other.is_numbered else min(agreed, Agreement.UNKNOWN)


def _described(person: Listed, item: Item, rarity: Tells) -> Row:
    """Return what the descriptions share: rare words, offices, countries."""
    own, its = person.words, words(item.text)
    shared = own & its
    told = [rarity.of(word) for word in sorted(shared)]
    states, of_item = _states(person.text), _states(item.text)
    american = _AMERICAN.search(person.text) is not None
    return [
        sum(told),
        max(told, default=0),
        len(shared),
        len(shared) / (1 + len(its)),
        len(its),
        len(own),
        len(shared & _OFFICES),
        len(states & of_item),
        len(of_item - states),
        american and _UNITED_STATES in of_item,
        american and bool(of_item) and _UNITED_STATES not in of_item,
        not american and _UNITED_STATES in of_item - states,
    ]


@lru_cache(maxsize=1 << 16)
def _states(text: str) -> frozenset[str]:
    """Return the states that a description names."""
    known: Mapping[str, tuple[str, ...]] = _demonyms()
    folded = fold(text).split()
    pairs = map(" ".join, pairwise(folded))
    return frozenset(
        state for word in (*folded, *pairs) for state in known.get(word, ()) if len(word) > 3
    )


@cache
def _demonyms() -> dict[str, tuple[str, ...]]:
    return {fold(word): states for word, states in nations().items()}


def _lived(person: Listed, item: Item) -> Row:
    """Return how life and offices of the item agree with the years of the volumes."""
    first, last = person.years[0], person.years[-1]
    apart = (abs(year - volume) for year in item.years for volume in person.years)
    born = first - item.birth if item.birth is not None else UNKNOWN
    died = item.death - last if item.death is not None else UNKNOWN
    return [
        born,
        died,
        item.birth is None,
        item.death is None,
        min(apart, default=_FAR),
        len({*item.years} & {*map(int, _YEAR.findall(person.text))}),
        len(item.years),
        (born == UNKNOWN or 18 <= born <= 95) and (died == UNKNOWN or died >= -30),
    ]


def _kept(person: Listed, item: Item) -> Row:
    """Return how well the item is known, and whether suffixes agree."""
    its = {name.suffix for name in item.names} - {""}
    own = {name.suffix for name in person.names} - {""}
    return [
        item.sources,
        len(item.aliases),
        bool(its & own),
        bool(its) != bool(own),
        bool(its and own and not its & own),
        len(person.entries),
    ]


_NAMED, _FULL, _TOLD, _PLAUSIBLE, _SOURCES = 0, 2, 6, 25, 26
"""Columns that are compared between candidates."""


def _beside(rows: Sequence[Row]) -> list[Row]:
    """Return for each candidate how it stands among the others."""
    named = [(row[_NAMED], row[_FULL]) for row in rows]
    best = [max(row[column] for row in rows) for column in (_TOLD, _SOURCES)]
    return [
        [
            sum(other >= own for other in named),
            sum(other >= own and bool(r[_PLAUSIBLE]) for other, r in zip(named, rows, strict=True)),
            sum(name >= Agreement.FIRST for name, _ in named),
            row[_TOLD] - best[0],
            row[_SOURCES] - best[1],
            len(rows),
        ]
        for row, own in zip(rows, named, strict=True)
    ]
