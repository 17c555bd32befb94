"""Registers of officers: who held which office of the United States, from when to when.

The Office of the Historian keeps one of the principal officers of the Department of State and of
the chiefs of mission since 1778 (public domain; `ingest.pocom` makes tables of it). A register is
a pair of tables of tab-separated values in one folder:

    NAME-people.tsv         id surname forename genname birth death
    NAME-appointments.tsv   pocom_id role country appointed arrived started ended

`pocom_id` is the `id` of the person; `country` is told of chiefs of mission; dates are ISO days,
months or years, or nothing where they are not known. A further column `source` has the address
that tells of an appointment; without it that is the person's page at the Office of the Historian.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from ingest.model import Entity, ListedPerson, Problem, Tenure
from ingest.moments import moment
from ingest.offices import office, post, title
from ingest.people import listed_entity

SOURCE = "https://history.state.gov/departmenthistory/people/"
"""Where the Office of the Historian tells of a person; the id follows."""

_PEOPLE, _APPOINTMENTS = "-people.tsv", "-appointments.tsv"

Row = Mapping[str, str]
Read = TypeVar("Read")


@dataclass(frozen=True)
class Officers:
    """The persons of all registers, as entries of lists, and the offices that they held."""

    persons: tuple[ListedPerson, ...] = ()
    positions: tuple[Entity, ...] = ()

    def serving(self, first: int, last: int) -> list[ListedPerson]:
        """Return the officers who held an office in some of these years."""
        return [one for one in self.persons if any(first <= y <= last for y in _years(one))]

    def known(self, persons: Mapping[str, str]) -> list[Entity]:
        """Return the officers among some persons, with their offices and the missions these head.

        `persons` are entities by entry, as `ingest.unify` joins them. An officer has the name of
        the register and nothing of the lists, so that heads mean the same whatever lists there are.
        """
        officers: dict[str, Entity] = {}
        for entry in self.persons:
            if id := persons.get(entry.key):
                tenures = officers[id].tenures if id in officers else ()
                one = replace(listed_entity(entry), id=id)
                officers[id] = replace(one, tenures=(*tenures, *one.tenures))
        held = {tenure.position for one in officers.values() for tenure in one.tenures}
        offices = [one for one in self.positions if one.id in held]
        return [*offices, *filter(None, map(post, offices)), *officers.values()]


def _years(person: ListedPerson) -> set[int]:
    """Return the years in which a person is known to have held an office."""
    spans = ((one.start or one.end or "", one.end or one.start or "") for one in person.tenures)
    return {year for a, b in spans if a for year in range(int(a[:4]), int(b[:4]) + 1)}


@dataclass(frozen=True)
class _Appointment:
    """A row of a table of appointments: whose it is, the office, and its time."""

    person: str
    position: Entity
    tenure: Tenure


def read_officers(folder: Path) -> tuple[Officers, list[Problem]]:
    """Read all registers of a folder; a row that cannot be used is left out, and told."""
    persons: list[ListedPerson] = []
    positions: dict[str, Entity] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob(f"*{_APPOINTMENTS}")):
        held: dict[str, list[_Appointment]] = {}
        for one in _kept(_rows(path, _appointment), problems):
            held.setdefault(one.person, []).append(one)
            positions.setdefault(one.position.id, one.position)
        register = path.name.removesuffix(_APPOINTMENTS)
        people = _rows(path.with_name(register + _PEOPLE), _person)
        persons += (
            _entry(register, row, held[row["id"]])
            for row in _kept(people, problems)
            if row["id"] in held
        )
    return Officers(tuple(persons), tuple(positions.values())), problems


def _kept(found: Iterator[Read | Problem], problems: list[Problem]) -> Iterator[Read]:
    """Yield what is no problem; the problems go to their list."""
    for one in found:
        if isinstance(one, Problem):
            problems.append(one)
        else:
            yield one


def _rows(path: Path, read: Callable[[Row], Read]) -> Iterator[Read | Problem]:
    """Yield what the rows of a table come to."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        yield Problem(str(path), None, f"cannot be read: {error}", "unreadable")
        return
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, restval="")
    for number, row in enumerate(rows, start=2):
        try:
            yield read(row)
        except (KeyError, ValueError) as error:
            yield Problem(str(path), number, f"no row of a register: {error}", "bad-entry")


def _person(row: Row) -> Row:
    for each in ("birth", "death"):
        int(row[each] or 0)
    if not (row["id"] and row["surname"]):
        raise ValueError("it wants id and surname")
    return row


def _appointment(row: Row) -> _Appointment:
    """Return what a row tells; raises ValueError, of which BadDate is one, or KeyError."""
    start = row["started"] or row["arrived"] or row["appointed"] or None
    end = row["ended"] or None
    for date in filter(None, (start, end)):
        moment(date)
    position = office(title(row["role"], row["country"], start or end))
    source = row.get("source") or f"{SOURCE}{row['pocom_id']}"
    return _Appointment(row["pocom_id"], position, Tenure(position.id, start, end, source))


def _entry(register: str, row: Row, held: list[_Appointment]) -> ListedPerson:
    given = ", ".join(filter(None, (row["forename"], row["genname"])))
    told = (f"{one.position.label}, {_span(one.tenure)}" for one in held)
    return ListedPerson(
        register,
        row["id"],
        f"{row['surname']}, {given}" if given else row["surname"],
        "; ".join(told),
        tuple(one.tenure for one in held),
        int(row["birth"]) if row["birth"] else None,
        int(row["death"]) if row["death"] else None,
    )


def _span(tenure: Tenure) -> str:
    years = [(each or "")[:4] for each in (tenure.start, tenure.end)]
    return years[0] if years[0] == years[1] else "–".join(years)
