"""One person, one node: entries of several volumes' lists of persons that are of one person.

Entries are compared only with those whose surname sounds alike and whose given names may be one, so
that the work grows with how many may be confused, and not with the square of the surname. Names
that agree well join at once; those with an initial, or without a given name, join only if the
descriptions share rare words, and only if no name of the one group speaks against one of the other:
what is weak is never a bridge. Each entry keeps why it joined. What the authority files say
(`listed_as`, `not_listed_as`) comes first.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from ingest.authority import Authority, with_life
from ingest.model import Document, Entity, ListedPerson
from ingest.names import COMMON, Agreement, PersonName, agreement, same_surname, usual
from ingest.people import listed_entity
from ingest.readers import read_source
from ontology.names import fold

HINT, LIKE = 0.02, 0.08
"""Similarities of descriptions: from the first on, they do not speak against each other; from
the second on, for each other. Of 611,965 pairs of the Office's unified persons with one sounding
surname, names with the same given name are of one person in 95 of 100 cases below the first, in
99 above; names with an initial in 24 of 100 cases, and 93 above the second."""
_FEW = 8
"""Entries of which all are compared: to sort them out takes longer."""
GENERATION = 30
"""Years between two volumes in which one person may well be listed."""


Lists = Mapping[Path, Sequence[ListedPerson]]
"""The lists of persons, by the path of the volume."""


class Join(NamedTuple):
    """An entry of a list, the person that it is of, and why."""

    entry: str
    person: str
    reason: str


@dataclass(frozen=True)
class Unified:
    """The persons of all lists: entities, those of the authority among them, and each entry."""

    entities: tuple[Entity, ...]
    joins: tuple[Join, ...]

    @cached_property
    def persons(self) -> dict[str, str]:
        """The person of each entry, `VOLUME#ID`."""
        return {join.entry: join.person for join in self.joins}

    def only(self, entries: Container[str]) -> "Unified":
        """Return the persons of some entries, with all of their entries."""
        kept = {join.person for join in self.joins if join.entry in entries}
        return Unified(
            tuple(one for one in self.entities if one.id in kept),
            tuple(join for join in self.joins if join.person in kept),
        )

    def table(self) -> str:
        """Return the joins as lines of tab-separated values with a head."""
        rows = [Join._fields, *self.joins]
        return "".join("\t".join(row) + "\n" for row in rows)


@dataclass(frozen=True)
class _Entry:
    """An entry, its name in parts, the words of its description, its volume's first year."""

    listed: ListedPerson
    name: PersonName
    words: frozenset[str]
    year: int

    @property
    def key(self) -> str:
        return self.listed.key

    @classmethod
    def of(cls, listed: ListedPerson) -> "_Entry":
        words = frozenset(fold(listed.description).split()) - COMMON
        return cls(listed, PersonName.of(listed.name), words, listed.year or 0)


class _Groups:
    """Entries in groups, each of one person; who that is where the authority says so.

    `of` has the group of each entry, `reasons` why an entry joined the rest of its group, `person`
    and `officer` who a group is by the authority and by a register, which has everyone once.
    """

    def __init__(self, entries: Sequence[_Entry], authority: Authority) -> None:
        self.entries = entries
        self.of = [*range(len(entries))]
        self.members = {number: [number] for number in self.of}
        self.reasons: dict[int, str] = {}
        self.person: dict[int, str] = {}
        self.officer = {n: one.listed.id for n, one in enumerate(entries) if one.listed.tenures}
        self.barred: defaultdict[int, set[str]] = defaultdict(set)
        self._take_decisions(authority)

    def _take_decisions(self, authority: Authority) -> None:
        first: dict[str, int] = {}
        places = {entry.key: number for number, entry in enumerate(self.entries)}
        registered = {f"person/{e.listed.id}": (e.key,) for e in self.entries if e.listed.tenures}
        for entity in authority:
            for key in entity.not_listed_as:
                if key in places:
                    self.barred[places[key]].add(entity.id)
            for key in (*entity.listed_as, *registered.get(entity.id, ())):
                if key in places:
                    self.person[self.of[places[key]]] = entity.id
                    self.reasons[places[key]] = "the authority says so"
                    self.join(first.setdefault(entity.id, places[key]), places[key], "")

    def may_join(self, one: int, other: int) -> bool:
        """Say whether no decision, and no register, keeps the groups of two entries apart."""
        groups = (self.of[one], self.of[other])
        for known in (self.person, self.officer):
            if len({known[group] for group in groups if group in known}) > 1:
                return False
        persons = [self.person.get(group) for group in groups]
        return persons[0] not in self.barred[groups[1]] and persons[1] not in self.barred[groups[0]]

    def join(self, one: int, other: int, reason: str) -> None:
        """Make one group of two; the entries of the smaller one are told why."""
        kept, gone = sorted((self.of[one], self.of[other]), key=lambda n: -len(self.members[n]))
        if kept == gone:
            return
        for number in self.members[gone]:
            self.of[number] = kept
            self.reasons.setdefault(number, reason)
        self.members[kept] += self.members.pop(gone)
        self.barred[kept] |= self.barred.pop(gone, set())
        for known in (self.person, self.officer):
            if who := known.pop(gone, None):
                known[kept] = who

    def agree(self, one: int, other: int) -> bool:
        """Say whether no name of one group speaks against one of the other."""
        names, others = (
            {self.entries[number].name for number in self.members[self.of[each]]}
            for each in (one, other)
        )
        return all(_can_be_one(a, b) for a in names for b in others)


def listed_persons(path: Path) -> Iterator[ListedPerson]:
    """Yield the list of persons that stands before the documents of a volume."""
    for item in read_source(path):
        if isinstance(item, Document):
            return
        if isinstance(item, ListedPerson):
            yield item


def lists_of(volumes: Iterable[Path]) -> Lists:
    """Return the lists of persons of some volumes."""
    return {path: [*listed_persons(path)] for path in volumes}


def unified(listed: Iterable[ListedPerson], authority: Authority) -> Unified:
    """Return the persons of all lists; in whatever order the entries are given."""
    entries = {one.key: _Entry.of(one) for one in listed}
    order = sorted(entries.values(), key=lambda one: (one.name.surname, one.name.given, one.key))
    groups, rarity = _Groups(order, authority), _rarity(order)
    strong, weak = _bonds(order, rarity)
    for one, other, bond in strong:
        if groups.may_join(one, other):
            groups.join(one, other, bond.reason)
    for one, other, bond in weak:
        if groups.may_join(one, other) and groups.agree(one, other):
            groups.join(one, other, bond.reason)
    return _persons(groups, authority)


def _pairs(entries: Sequence[_Entry]) -> Iterator[tuple[int, int]]:
    """Yield the entries that may be of one person, two at a time, none twice.

    Their surnames sound alike. Entries of one surname are many in a large collection, and most are
    of persons with other given names: these are not compared.
    """
    keys = [entry.name.keys for entry in entries]
    blocks: defaultdict[str, list[int]] = defaultdict(list)
    for number, own in enumerate(keys):
        for key in sorted(own):
            blocks[key].append(number)
    for key, block in blocks.items():
        for one, other in combinations(block, 2) if len(block) <= _FEW else _alike(block, entries):
            if min(keys[one] & keys[other]) == key:
                yield one, other


def _alike(block: Sequence[int], entries: Sequence[_Entry]) -> set[tuple[int, int]]:
    """Return the entries of a block for which something may speak (`_compare`).

    Their given names may be one; or one of them has but an initial or no given name, and a word of
    the descriptions is the same.
    """
    by_name: defaultdict[str, list[int]] = defaultdict(list)
    by_word: defaultdict[str, list[int]] = defaultdict(list)
    for number in block:
        for key in entries[number].name.given_keys:
            by_name[key].append(number)
        for word in entries[number].words:
            by_word[word].append(number)
    pairs = {pair for group in by_name.values() for pair in combinations(group, 2)}
    for one in (number for number in block if entries[number].name.is_short):
        others = {other for word in entries[one].words for other in by_word[word]} - {one}
        pairs |= {(min(one, other), max(one, other)) for other in others}
    return pairs


def _rarity(entries: Sequence[_Entry]) -> Mapping[str, float]:
    """Return for each word of descriptions how much it tells, by how few have it; squared."""
    known = Counter(word for entry in entries for word in entry.words)
    return {word: math.log(len(entries) / count) ** 2 for word, count in known.items()}


def _likeness(one: _Entry, other: _Entry, rarity: Mapping[str, float]) -> float:
    """Return the cosine of two descriptions, 0 to 1."""
    shared = sum(rarity[word] for word in one.words & other.words)
    if not shared:
        return 0.0
    sizes = (sum(rarity[word] for word in each.words) for each in (one, other))
    return shared / math.sqrt(math.prod(sizes))


class _Bond(NamedTuple):
    """What speaks for two entries being of one person; the greater, the better they fit."""

    strong: bool
    suffixes: bool  # whether they are the same
    names: Agreement
    likeness: float
    reason: str


_Pair = tuple[int, int, _Bond]


def _can_be_one(one: PersonName, other: PersonName) -> bool:
    if one.is_numbered != other.is_numbered:
        return False
    if one.suffix and other.suffix and one.suffix != other.suffix:
        return False
    return agreement(one, other) > Agreement.APART


def _is_father(one: _Entry, other: _Entry) -> bool:
    """Whether one is an officer without the "Jr." of other: no register leaves that out."""
    return bool(one.listed.tenures and not one.name.suffix and other.name.suffix)


_REASONS = {
    Agreement.UNKNOWN: "the same surname, one without given name",
    Agreement.INITIAL: "the same surname, an initial that agrees",
    Agreement.MIDDLE_APART: "the same surname and first name, another middle name",
    Agreement.FIRST: "the same surname and first name",
    Agreement.WHOLE: "the same name",
}


def _compare(one: _Entry, other: _Entry, rarity: Mapping[str, float]) -> _Bond | None:
    """Return what speaks for two entries being of one person; None if not enough does."""
    if not _can_be_one(one.name, other.name) or _is_father(one, other) or _is_father(other, one):
        return None
    names, likeness = agreement(one.name, other.name), _likeness(one, other, rarity)
    same = one.name.surname == other.name.surname
    near = abs(one.year - other.year) <= GENERATION
    if not same and not same_surname(one.name, other.name):
        return None
    if not same:
        strong, weak = names >= Agreement.FIRST and likeness >= LIKE, likeness >= 2 * LIKE
    elif names >= Agreement.FIRST:
        strong = weak = names is Agreement.WHOLE or near or likeness >= HINT
    else:
        strong = names is Agreement.MIDDLE_APART and likeness >= 2 * LIKE
        weak = likeness >= LIKE
    if not (strong or weak):
        return None
    alike = "" if same else ", spelled otherwise"
    reason = f"{_REASONS[names]}{alike}, as in {one.key}; descriptions alike {likeness:.2f}"
    return _Bond(strong, one.name.suffix == other.name.suffix, names, likeness, reason)


def _bonds(
    entries: Sequence[_Entry], rarity: Mapping[str, float]
) -> tuple[list[_Pair], list[_Pair]]:
    """Return what speaks for two entries being of one person: what suffices, and what is weak.

    The best comes first: an entry joins the namesake that fits best, where only one may have it.
    """
    found = ((a, b, _compare(entries[a], entries[b], rarity)) for a, b in _pairs(entries))
    bonds = [(a, b, bond) for a, b, bond in found if bond]
    bonds.sort(key=lambda one: (one[2][:4], -one[0], -one[1]), reverse=True)
    weak = [one for one in bonds if not one[2].strong]
    return [one for one in bonds if one[2].strong], sorted(weak, key=lambda w: -w[2].likeness)


def _persons(groups: _Groups, authority: Authority) -> Unified:
    """Make an entity of each group, or add to that of the authority."""
    entities: list[Entity] = []
    joins: list[Join] = []
    for group, members in groups.members.items():
        entries = sorted((groups.entries[number] for number in members), key=_age)
        entity = _entity(entries, authority.entities.get(groups.person.get(group, "")))
        entities.append(entity)
        reasons = (groups.reasons.get(number, "") for number in members)
        joins += (
            Join(groups.entries[number].key, entity.id, reason)
            for number, reason in zip(members, reasons, strict=True)
        )
    return Unified(
        tuple(sorted(entities, key=lambda one: one.id)),
        tuple(sorted(joins, key=lambda one: one.entry)),
    )


def _age(entry: _Entry) -> tuple[bool, int, str]:
    return not entry.listed.tenures, entry.year, entry.key


def _entity(entries: Sequence[_Entry], known: Entity | None) -> Entity:
    """Return the person of some entries; the first gives the id: a register's, or the oldest.

    The name that is printed most often is the label; the description is the longest.
    """
    keys = tuple(entry.key for entry in entries)
    own = [listed_entity(entry.listed) for entry in entries]
    printed = {name for one in own for name in (one.label, *one.names)}
    if known:
        every = dict.fromkeys([*known.names, *sorted(printed - {known.label})])
        entries_of = dict.fromkeys([*known.listed_as, *keys])
        both = replace(known, names=tuple(every), listed_as=tuple(entries_of))
        return with_life(both, own)
    label = usual(one.label for one in own)
    description = max((one.description for one in own), key=len)
    names = tuple(sorted(printed - {label}))
    both = replace(own[0], label=label, names=names, description=description, listed_as=keys)
    return with_life(both, own)
