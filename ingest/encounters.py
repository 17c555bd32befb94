"""Meetings reconciled: which accounts in several documents tell of one meeting.

A memorandum of conversation is often one of several, each on a subject of its own; volumes print
the same talk under different heads; a telegram tells of it on the next day. Each of these is a
`cg:Meeting`, a claim of its document. What they have in common is a `cg:Encounter`: it has nothing
of its own but its accounts. Where these disagree, both stand.

Accounts are compared with others of the same day that share a person, so that the time grows with
their number. Two that begin at the same minute are of one meeting, for nobody is in two places
at once. Where an hour is not told, nearly the same persons must be there, nothing may speak
against it (another hour, place, building, session, or the telephone), and one meeting alone may
be meant. Rules and their precision: bench/ACCURACY.md.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from ingest.meetings import RUN as RECORDED
from ingest.model import Entity, ExtractionRun
from ontology.names import fold

RUN = ExtractionRun("run/encounters-1", "Accounts of one meeting joined", "1")
"""The version rises with every change of what is joined here."""

CONFIDENCE = {"same hour": 0.97, "same company": 0.9, "told": 0.8}
"""By what accounts were joined: how many of those that were read were right (bench/ACCURACY.md)."""

_SAME_COMPANY = 0.75
"""Of all who are known from two records, those whom both must name."""
_CROWD = 60
"""Accounts of one person on one day, at most: more tell of a wrong date, and are left alone."""

_VENUE = re.compile(
    r"White House|Department of State|Blair House|Pentagon|Camp David|Capitol|Embassy|Residence"
    r"|Foreign (?:Office|Ministry)|Hotel|Waldorf|Suite|Palace|Quai d’Orsay|Delegation",
    re.IGNORECASE,
)
_SESSION = re.compile(
    r"\b(first|second|third|fourth|fifth|sixth|morning|afternoon|evening|breakfast|lunch|luncheon"
    r"|dinner)\b",
    re.IGNORECASE,
)
_SIDES = re.compile(r"\b(?:bi|tri|quadri)partite\b", re.IGNORECASE)
_ANOTHER = re.compile(
    r"\b(?:after|following|before|upon conclusion of)\b[^.]{0,60}"
    r"\b(?:conversation|meeting|talk|conference|call|lunch|luncheon|dinner)\b",
    re.IGNORECASE,
)
"""In the first sentence of a record: "After his conversation with the Acting Secretary"."""
_SENTENCE = 110
"""Characters that a line of a record has at least, if it is not of its head or list."""
_TELEPHONE = re.compile(r"\btele(?:phone|type)", re.IGNORECASE)
_GENERATION = re.compile(r",? (?:Jr|Sr|II|III|IV)\b\.?$")
_AT = re.compile(r"T(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class Account:
    """What one document tells of a meeting that was held on a known day.

    `day` is the ordinal of the calendar, `minute` that of the day at which it began. `words` are
    the head of a record, or the sentence that tells of the meeting, `opening` how a record begins.
    `people` are entities, holders in place of their offices; `unknown` the words for others.
    """

    fact: str
    document: str
    day: int
    minute: int | None
    place: str | None
    recorded: bool
    words: str
    content: str
    opening: str = ""
    people: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()

    @property
    def by_telephone(self) -> bool:
        """Whether it says that they did not meet face to face."""
        return bool(_TELEPHONE.search(self.words))

    @property
    def venues(self) -> frozenset[str]:
        """The kinds of building that it names."""
        return frozenset(map(str.lower, _VENUE.findall(self.words)))

    @property
    def sessions(self) -> frozenset[str]:
        """Which of several meetings it says that it was."""
        return frozenset(map(str.lower, _SESSION.findall(f"{self.words} {self.content}")))

    @property
    def sides(self) -> frozenset[str]:
        """How many governments it says that met."""
        return frozenset(map(str.lower, _SIDES.findall(f"{self.words} {self.content}")))


# Reading


_ACCOUNTS = """
SELECT fact.number, fact.id, document, fact.date, fact.earliest, location, origin = ?,
       CASE WHEN origin = ? THEN head ELSE quote END, content, substr(text, 1, 4000)
    FROM fact JOIN document ON document.id = document
    WHERE kind = 'meeting' AND status = 'held' AND fact.earliest = fact.latest
    ORDER BY fact.number
"""
_PEOPLE = """
SELECT fact, entity, printed FROM fact_agent JOIN fact ON number = fact
    WHERE role = 'participant' AND kind = 'meeting'
"""


def accounts(part: Path, holders: Holders) -> Iterator[Account]:
    """Yield the accounts of meetings of a known day in the side file of a part."""
    with closing(sqlite3.connect(part)) as db:
        people: defaultdict[int, list[tuple[str | None, str]]] = defaultdict(list)
        for number, entity, printed in db.execute(_PEOPLE):
            people[number].append((entity, printed))
        for number, fact, document, told, day, *rest in db.execute(_ACCOUNTS, [RECORDED.id] * 2):
            place, recorded, words, content, text = rest
            at = _AT.search(told)
            yield Account(
                fact,
                document,
                date.fromisoformat(day).toordinal(),
                int(at[1]) * 60 + int(at[2]) if at else None,
                place,
                bool(recorded),
                words,
                content,
                _opening(text) if recorded else "",
                frozenset(holders.person(who, day) for who, _ in people[number] if who),
                tuple(fold(printed) for who, printed in people[number] if not who),
            )


def _opening(text: str) -> str:
    lines = text.split("\n")[1:]
    return next((line[: 2 * _SENTENCE] for line in lines if len(line) > _SENTENCE), "")


class Holders:
    """Who held each office, by its tenures."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._held: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for entity in entities:
            for one in entity.tenures:
                if one.start and one.end:
                    self._held[one.position].append((one.start, one.end, entity.id))

    def person(self, entity: str, day: str) -> str:
        """Return the only holder of an office on a day; whatever else it is, the same entity."""
        held = {who for start, end, who in self._held.get(entity, ()) if start <= day <= end}
        return held.pop() if len(held) == 1 else entity


# Comparing


class Match(NamedTuple):
    """Two accounts that may tell of one meeting: by which rule, and how much they have in common.

    The best come last in the order of tuples.
    """

    rule: str
    common: float
    one: Account
    other: Account


class Places(dict[str, str]):
    """What each place is part of."""

    def agree(self, one: str | None, other: str | None) -> bool:
        """Tell whether two places may be the same: not known, or one of them in the other."""
        return not (one and other) or other in self._chain(one) or one in self._chain(other)

    def _chain(self, place: str) -> list[str]:
        found = [place]
        while (above := self.get(found[-1])) and above not in found:
            found.append(above)
        return found


def match(one: Account, other: Account, places: Places) -> Match | None:
    """Compare two accounts of one day; None where they tell of two meetings, or it is not sure."""
    shared = len(one.people & other.people)
    if not shared or one.document == other.document or not places.agree(one.place, other.place):
        return None
    common = shared / max(len(one.people), len(other.people))
    if one.minute is not None and other.minute is not None:
        return Match("same hour", common, one, other) if one.minute == other.minute else None
    if shared < 2 or _speaks_against(one, other):
        return None
    if one.recorded and other.recorded:
        same = common >= _SAME_COMPANY
        return Match("same company", common, one, other) if same else None
    told = shared == min(len(one.people), len(other.people))
    return Match("told", common, one, other) if told else None


def _speaks_against(one: Account, other: Account) -> bool:
    """Tell whether words say that two meetings are not the same one, where an hour is not told."""
    if one.recorded and other.recorded and (one.by_telephone or other.by_telephone):
        return True
    if _ANOTHER.search(one.opening) or _ANOTHER.search(other.opening):
        return True
    pairs = (
        (one.venues, other.venues),
        (one.sessions, other.sessions),
        (one.sides, other.sides),
    )
    return any(mine and its and mine.isdisjoint(its) for mine, its in pairs)


# Joining


@dataclass(frozen=True, slots=True)
class Encounter:
    """A meeting as it was held: the accounts that tell of it, the first of which names it.

    `rules` are those by which they were joined.
    """

    accounts: tuple[Account, ...]
    rules: frozenset[str]

    @property
    def id(self) -> str:
        """The path of its IRI."""
        return f"encounter/{self.accounts[0].fact}"

    @property
    def label(self) -> str:
        """What it is called: its day, and what it was about."""
        first = self.accounts[0]
        return f"{date.fromordinal(first.day).isoformat()}: {first.content}"

    @property
    def confidence(self) -> float:
        """How sure it is that all of its accounts tell of one meeting."""
        return min(CONFIDENCE[rule] for rule in self.rules)


def reconciled(found: Iterable[Account], places: Places) -> list[Encounter]:
    """Return the meetings that two or more documents tell of, in the order of time."""
    by_day: defaultdict[int, list[Account]] = defaultdict(list)
    for account in found:
        by_day[account.day].append(account)
    return [each for _, day in sorted(by_day.items()) for each in _of_a_day(day, places)]


def _of_a_day(day: list[Account], places: Places) -> list[Encounter]:
    groups = _Groups()
    matches = [found for pair in _pairs(day) if (found := match(*pair, places))]
    for same in (each for each in matches if each.rule == "same hour"):
        groups.join(same)
    others = [each for each in matches if each.rule != "same hour"]
    candidates: defaultdict[str, list[Account]] = defaultdict(list)
    for each in others:
        candidates[each.one.fact].append(each.other)
        candidates[each.other.fact].append(each.one)
    for each in sorted(others, key=lambda one: (-one.common, one.one.fact, one.other.fact)):
        if groups.is_only(each, candidates):
            groups.join(each)
    return groups.encounters()


def _pairs(day: list[Account]) -> Iterator[tuple[Account, Account]]:
    """Yield the accounts of a day that share a person, each pair once."""
    by_person: defaultdict[str, list[int]] = defaultdict(list)
    for number, account in enumerate(day):
        for person in account.people:
            by_person[person].append(number)
    groups = (group for group in by_person.values() if len(group) <= _CROWD)
    for one, other in sorted({pair for group in groups for pair in combinations(group, 2)}):
        yield day[one], day[other]


class _Groups:
    """Accounts that are joined so far. Those of two hours are never in one group."""

    def __init__(self) -> None:
        self._of: dict[str, list[Account]] = {}  # by fact
        self._rules: defaultdict[str, set[str]] = defaultdict(set)  # by fact of either

    def group(self, account: Account) -> list[Account]:
        return self._of.setdefault(account.fact, [account])

    def minutes(self, *accounts: Account) -> set[int]:
        """Return the hours that are told in the groups of some accounts."""
        every = (one for account in accounts for one in self.group(account))
        return {one.minute for one in every if one.minute is not None}

    def is_only(self, found: Match, candidates: Mapping[str, list[Account]]) -> bool:
        """Tell whether an account without an hour may be of no meeting at another hour."""
        for account in (found.one, found.other):
            meant = candidates[account.fact]
            if account.minute is None and len(self.minutes(account, *meant)) > 1:
                return False
        return len(self.minutes(found.one, found.other)) < 2

    def join(self, found: Match) -> None:
        one, other = self.group(found.one), self.group(found.other)
        if one is not other:
            one += other
            self._of.update((each.fact, one) for each in other)
            self._rules[found.one.fact].add(found.rule)

    def encounters(self) -> list[Encounter]:
        """Return the groups of several accounts: records before what is told, as printed."""
        several = {id(group): group for group in self._of.values() if len(group) > 1}
        return [
            Encounter(
                tuple(sorted(group, key=lambda one: (not one.recorded, one.document, one.fact))),
                frozenset(rule for one in group for rule in self._rules[one.fact]),
            )
            for group in several.values()
        ]


# What only some accounts say


class Named:
    """What entities are called, and what they are, for words that may stand for them."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._words = {one.id: (_surnames(one), f" {fold(one.description)} ") for one in entities}

    def may_be(self, words: str, entity: str) -> bool:
        """Tell whether folded words, "mr bohlen" or "secretary", may stand for an entity."""
        surnames, description = self._words.get(entity, (frozenset(), ""))
        return not surnames.isdisjoint(words.split()) or f" {words} " in description


def _surnames(entity: Entity) -> frozenset[str]:
    """Return the last words of names, and of "Rusk, Dean" those before the comma."""
    names = (
        fold(_GENERATION.sub("", name).partition(",")[0]) for name in (entity.label, *entity.names)
    )
    return frozenset(name.split()[-1] for name in names if name)


def omissions(encounter: Encounter, named: Named) -> Iterator[tuple[str, str]]:
    """Yield the facts that leave out a person whom another account names, with each such person.

    Words for somebody unknown count for all for whom they may stand: an account that lists "the
    Secretary" leaves out no Secretary.
    """
    people = sorted(
        {who for one in encounter.accounts for who in one.people if who.startswith("person/")}
    )
    for account in encounter.accounts:
        for who in people:
            there = who in account.people or any(named.may_be(w, who) for w in account.unknown)
            if not there:
                yield account.fact, who


# All of it


@dataclass(slots=True)
class Encounters:
    """The meetings that several documents tell of, and whom their accounts leave out."""

    encounters: list[Encounter] = field(default_factory=list)
    omitted: list[tuple[str, str]] = field(default_factory=list)


def met(sides: Iterable[Path], entities: Collection[Entity]) -> Encounters:
    """Join the accounts in the side files of some parts."""
    holders, named = Holders(entities), Named(entities)
    places = Places({one.id: one.part_of for one in entities if one.part_of})
    found = reconciled((one for side in sides for one in accounts(side, holders)), places)
    return Encounters(found, [each for one in found for each in omissions(one, named)])
