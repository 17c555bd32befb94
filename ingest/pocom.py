"""A register of officers from the Office of the Historian's own files.

The Office keeps its list of principal officers and chiefs of mission as XML, a file each for a
person, a position, a mission and a rank: https://github.com/HistoryAtState/pocom. `cablegraph
officers CLONE` makes of a clone of it the two tables that `ingest.officers` reads.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from lxml import etree

from ingest.model import Problem

PEOPLE = ("id", "surname", "forename", "genname", "birth", "death")
APPOINTMENTS = ("pocom_id", "role", "country", "appointed", "arrived", "started", "ended")
NAME = "pocom"

_ROLES = ("roles-country-chiefs", "positions-principals", "missions-orgs")
_HELD = ("positions-principals", "missions-orgs", "missions-countries")

Row = tuple[str, ...]


class NotPocom(Exception):
    """A folder that is no clone of the Office's list."""


def write_register(clone: Path, folder: Path) -> tuple[int, int, list[Problem]]:
    """Write the tables of a clone; return how many persons and appointments, and what is wrong.

    Raises NotPocom if the folder holds none. Files that cannot be read are left out, and told.
    """
    problems: list[Problem] = []
    people = [_person(root) for root in _roots(clone, ("people/*",), problems)]
    roles = {_text(root, "id"): _role(root) for root in _roots(clone, _ROLES, problems)}
    held = [row for root in _roots(clone, _HELD, []) for row in _appointments(root, roles)]
    if not people or not held:
        raise NotPocom(f"{clone}: no people/ and missions-countries/ with officers in them")
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / f"{NAME}-people.tsv", PEOPLE, people)
    _write(folder / f"{NAME}-appointments.tsv", APPOINTMENTS, held)
    return len(people), len(held), problems


def _roots(
    clone: Path, folders: Iterable[str], problems: list[Problem]
) -> Iterator[etree._Element]:
    """Yield the root of each file in some folders, in the order of their names."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    for path in sorted(path for each in folders for path in clone.glob(f"{each}/*.xml")):
        try:
            yield etree.parse(path, parser).getroot()
        except (etree.XMLSyntaxError, OSError) as error:
            problems.append(Problem(str(path), None, f"cannot be read: {error}", "unreadable"))


def _text(element: etree._Element, path: str) -> str:
    """Return the words at a path, in one line; nothing if there are none."""
    return " ".join((element.findtext(path) or "").split())


def _person(root: etree._Element) -> Row:
    names = (_text(root, f"persName/{name}") for name in PEOPLE[1:4])
    return (_text(root, "id"), *names, _text(root, "birth"), _text(root, "death"))


def _role(root: etree._Element) -> str:
    return _text(root, "names/singular")


def _appointments(root: etree._Element, roles: Mapping[str, str]) -> Iterator[Row]:
    """Yield who held the positions of a file, from when to when."""
    country = _text(root, "territory-id").replace("-", " ").title()
    for each in root.iter("chief", "principal"):
        role = roles.get(_text(each, "role-title-id")) or _role(root)
        dates = (_text(each, f"{name}/date") for name in APPOINTMENTS[3:])
        yield (_text(each, "person-id"), role, country, *dates)


def _write(path: Path, columns: Row, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(
            file, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None
        )
        table.writerow(columns)
        table.writerows(rows)
