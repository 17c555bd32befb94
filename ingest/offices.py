"""Offices of the United States by their titles: as registers write them, and as heads print them.

A register has the ranks of law and the names of today: an "Ambassador Extraordinary and
Plenipotentiary" to "Russia". A head of 1944 prints "The Ambassador in the Soviet Union". Which
printed names of countries and titles stand for which of a register is told in `missions.tsv`
(printed name, country, first and last year in which it is the usual one) and `titles.tsv`
(printed title, role).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ingest.authority import Authority
from ingest.model import Entity, Tenure
from ingest.moments import moment
from ontology.names import fold, slug

STATE = "state/united-states"
SLACK = 200
"""Days before and after a tenure in which a head may still, or already, name its holder: between
appointment and credentials, or until a successor comes."""

_RANKS = {
    "Ambassador": re.compile(r"Ambassador Extraordinary"),
    "Chargé": re.compile(r"Chargé d’Affaires"),
    "Minister": re.compile(r"Envoy|Minister"),
    "Agent": re.compile(r"(?:Diplomatic )?Agent"),
    "Commissioner": re.compile(r"Commissioner"),
}
"""Ranks of chiefs of mission as heads print them, and as registers write them."""
_MISSION = re.compile(
    r"(?P<rank>ambassador|minister|charge|agent|commissioner|embassy|legation)"
    r"(?: d affaires)?(?: ad interim)? (?:in|to|at) (?:the )?(?P<country>.+)"
)
_OURS = re.compile(r"^(?:(?:the|u s|united states|american) )+")
_SHARED = frozenset({"president", "vice president"})
"""Titles that stand for those of another state as well, if the name is not that of ours."""
_HEADS = {
    "department of state": ("Secretary of State", "Acting Secretary of State"),
    "mission at the united nations": ("Representative at the United Nations",),
    "mission to the united nations": ("Representative at the United Nations",),
}
"""By which titles those go who sign for a body."""
_ACTING = re.compile(r"\b(?:acting|charge)\b")
"""What stands in the title of one who is there while nobody, or another, holds the office."""
_SUFFIX = re.compile(r",? (?:Jr|Sr|II|III|IV)\b\.?$|\s(?:and|[Ee]n [Rr]oute)\s.*")
"""What stands behind a surname: a suffix, another person, a way."""
_TABLES = Path(__file__).parent


class _Name(NamedTuple):
    """A printed name of a country, and the years in which it is the usual one."""

    printed: str
    country: str
    first: str
    last: str


def _rows(table: str) -> list[list[str]]:
    lines = (_TABLES / table).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines]


@cache
def _names() -> tuple[_Name, ...]:
    return tuple(_Name(*row) for row in _rows("missions.tsv"))


@cache
def _countries() -> Mapping[str, frozenset[str]]:
    """Return the countries of registers, folded, that each printed name stands for."""
    found: dict[str, set[str]] = {}
    for name in _names():
        found.setdefault(_plain(name.printed), set()).add(fold(name.country))
    return {printed: frozenset(countries) for printed, countries in found.items()}


@cache
def _roles() -> Mapping[str, list[str]]:
    """Return the roles of registers that each printed title stands for, the usual one first."""
    found: dict[str, list[str]] = {}
    for printed, role in _rows("titles.tsv"):
        found.setdefault(fold(printed), []).append(role)
    return found


def _plain(printed: str) -> str:
    return _OURS.sub("", fold(printed))


def title(role: str, country: str, day: str | None) -> str:
    """Return the office of a row of a register as heads print it, at a time."""
    if not country:
        return role
    rank = next((rank for rank, written in _RANKS.items() if written.match(role)), role)
    return f"{rank} in {_usual(country, (day or '')[:4])}"


def _usual(country: str, year: str) -> str:
    for name in _names():
        dated = name.first or name.last
        if name.country == country and dated and name.first <= year <= (name.last or "9999"):
            return name.printed
    return country


def office(title: str) -> Entity:
    """Return the entity of an office of the United States."""
    return Entity(f"position/{slug(title)}", title, represents=STATE)


def post(office: Entity) -> Entity | None:
    """Return the mission whose chief holds an office, if it is one of a chief of mission."""
    rank, where, country = office.label.partition(" in ")
    if not where or rank not in _RANKS:
        return None
    embassy, legation = (f"{kind} in {country}" for kind in ("Embassy", "Legation"))
    return Entity(f"organization/{slug(embassy)}", embassy, names=(legation,), represents=STATE)


_Days = tuple[str, str]
"""The first and the last ISO day of a time."""


class _Held(NamedTuple):
    """Who held an office, on which days for certain, and on which at most SLACK from them.

    A time with an unknown end is certain on no day: it proves nothing.
    """

    person: str
    certain: _Days | None
    near: _Days | None

    @classmethod
    def of(cls, person: str, tenure: Tenure) -> "_Held":
        first = moment(tenure.start).earliest if tenure.start else None
        last = moment(tenure.end).latest if tenure.end else None
        begun, ended = first or last, last or first
        certain = (first, last) if first and last else None
        near = (_moved(begun, -SLACK), _moved(ended, SLACK)) if begun and ended else None
        return cls(person, certain, near)


def _moved(day: str, by: int) -> str:
    return (date.fromisoformat(day) + timedelta(by)).isoformat()


def _includes(days: _Days | None, day: str) -> bool:
    return days is not None and days[0] <= day <= days[1]


class Holder(NamedTuple):
    """The office or body that a head names, and who held it; else whom the head contradicts.

    `certain` says that the person held that very office on that very day.
    """

    office: str | None = None
    person: str | None = None
    certain: bool = False
    contradicted: str | None = None


class _Mission(NamedTuple):
    """The rank of a chief of mission, or `embassy`, and the countries that a title may mean."""

    rank: str
    countries: frozenset[str]


@cache
def _mission(printed: str) -> _Mission | None:
    found = _MISSION.fullmatch(_plain(printed))
    if found is None:
        return None
    rank, country = found["rank"].replace("legation", "embassy"), found["country"]
    return _Mission(rank, _countries().get(country, frozenset({country})))


def _is_acting(printed: str) -> bool:
    return _ACTING.search(fold(printed)) is not None


class Offices:
    """The offices and missions that the authority knows, and who held the offices when."""

    def __init__(self, authority: Authority) -> None:
        """Index the tenures of persons by office, and offices and missions by country."""
        self.authority = authority
        self._held: dict[str, list[_Held]] = {}
        self._missions: dict[str, dict[str, str]] = {}
        self._meant: dict[str, tuple[str, ...]] = {}
        for entity in authority:
            for tenure in entity.tenures:
                held = _Held.of(entity.id, tenure)
                self._held.setdefault(tenure.position, []).append(held)
            if entity.represents == STATE and (mission := _mission(entity.label)):
                for country in mission.countries:
                    self._missions.setdefault(country, {})[entity.id] = mission.rank

    def meant(self, printed: str) -> tuple[str, ...]:
        """Return the offices or bodies that printed words may mean, what they name first."""
        if printed not in self._meant:
            self._meant[printed] = tuple(dict.fromkeys(self._find(printed)))
        return self._meant[printed]

    def _find(self, printed: str) -> Iterator[str]:
        plain = _plain(printed)
        for title in (printed, plain, *_roles().get(plain, ())):
            if named := self.authority.named(title, "position", "organization"):
                yield named
        if mission := _mission(printed):
            yield from self._of_mission(mission)

    def _of_mission(self, meant: _Mission) -> Iterator[str]:
        """Yield the offices of chiefs of a mission, those of the rank first; or the mission."""
        type_ = "organization" if meant.rank == "embassy" else "position"
        there = (self._missions.get(country, {}) for country in sorted(meant.countries))
        ranked = [(rank != meant.rank, id) for each in there for id, rank in each.items()]
        yield from (id for _, id in sorted(ranked) if id.startswith(type_))

    def holder(self, printed: str, name: str | None, day: str | None) -> Holder:
        """Return which office or body is meant, and who held it on an ISO day.

        With a name it is whoever is called so and held the office, in another rank perhaps, at
        about that time; without one, the only person who did that very day. If nobody is called
        so, the only holder of that very day is contradicted.
        """
        offices = self.meant(printed)
        if not offices or day is None:
            return Holder(next(iter(offices), None))
        certain = self._certain(offices[:1], day)
        only = next(iter(certain)) if len(certain) == 1 and not _is_acting(printed) else None
        if name is None:
            return Holder(offices[0], only, certain=only is not None)
        called = {one for one in self._near(offices, day) if self.is_called(one, name)}
        if len(called) == 1:
            person = called.pop()
            return Holder(offices[0], person, certain=person in certain)
        if _plain(printed) in _SHARED:
            return Holder()
        return Holder(offices[0], contradicted=None if called else only)

    def signer(self, body: str, name: str, day: str) -> str | None:
        """Return the head of a printed mission or department who signs with a name on a day."""
        offices = [*self._heads(body)]
        called = {one for one in self._near(offices, day) if self.is_called(one, name)}
        return called.pop() if len(called) == 1 else None

    def _heads(self, body: str) -> Iterator[str]:
        """Yield the offices of those who sign for a body."""
        for title in _HEADS.get(_plain(body), ()):
            yield from self.meant(title)
        mission = _mission(body)
        for country in mission.countries if mission and mission.rank == "embassy" else ():
            yield from (id for id in self._missions.get(country, {}) if id.startswith("position"))

    def _certain(self, offices: Iterable[str], day: str) -> set[str]:
        """Return who held one of some offices on a day."""
        return {one.person for one in self._holders(offices) if _includes(one.certain, day)}

    def _near(self, offices: Iterable[str], day: str) -> set[str]:
        """Return who held one of some offices at about that time."""
        return {one.person for one in self._holders(offices) if _includes(one.near, day)}

    def _holders(self, offices: Iterable[str]) -> Iterator[_Held]:
        return (one for office in offices for one in self._held.get(office, ()))

    def is_called(self, person: str, name: str) -> bool:
        """Whether the last word of a printed name is a word of a person's names."""
        surname = fold(_SUFFIX.sub("", name)).rpartition(" ")[2]
        entity = self.authority.entities[person]
        return surname in fold(" ".join((entity.label, *entity.names))).split()
