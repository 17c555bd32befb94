"""Show the rows of a query as bars, over time, as a network or on a map, where they fit.

What fits is seen from the values alone: a column is of numbers, of dates or of things of ours if
all its values are. Which picture is shown stands in the address (`view=`); the table is always
there as well.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from ontology.names import DATA, fold
from server import charts, maps, places
from server.answers import NetworkNode, NetworkTie, PlaceAnswer
from server.networks import MOST_NODES
from server.side import EntityRow, Side
from server.ties import MOST_TIES

VIEWS = {"bars": "Bars", "line": "Over time", "network": "Network", "map": "Map"}
"""The pictures, by what `view` says, and as a reader knows them."""

MOST_ROWS = 5000
"""Pictures are of so many rows at most: a second of work, and more than can be seen."""

LONGEST_NAME = 100
"""Longer cells are not looked up as names."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,2})?")
_DATE = re.compile(r"([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)(?:[T?~%/].*)?")
_OF_TIME = re.compile(r"year|date|day|month|when", re.IGNORECASE)
_LATITUDE = re.compile(r"lat(?:itude)?", re.IGNORECASE)
_LONGITUDE = re.compile(r"(?:lon|long|lng)(?:itude)?", re.IGNORECASE)

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """The pictures that fit, and the one that is shown; without one it is the table alone."""

    views: tuple[str, ...]
    view: str
    picture: Any


@dataclass(frozen=True, slots=True)
class Web:
    """A network of rows, as the script of the page draws it; `left_out` ties are not shown."""

    nodes: list[dict[str, Any]]
    ties: list[dict[str, Any]]
    left_out: int


@dataclass(frozen=True)
class Table:
    """Rows of text, with what their columns hold; `given` are all rows, `rows` those looked at."""

    side: Side
    columns: Sequence[str]
    given: Sequence[Row]

    @cached_property
    def rows(self) -> Sequence[Row]:
        """The rows that pictures are of."""
        return self.given[:MOST_ROWS]

    def show(self, view: str | None) -> Shown:
        """Draw one of the pictures that fit; by another name it is the table alone."""
        drawing: dict[str, tuple[object, Callable[[], Any]]] = {
            "bars": (self.numbers and self._titles, self._bars),
            "line": (self._totals, self._line),
            "network": (self._pairs, self._network),
            "map": (self._places, self._map),
        }
        views = tuple(name for name, (fits, _) in drawing.items() if fits)
        if view not in views:
            return Shown(views, "", None)
        return Shown(views, view, drawing[view][1]())

    # What cells and columns hold

    @cached_property
    def labels(self) -> dict[str, str]:
        """The names of all entities in the rows, by the path of their IRIs."""
        return self.side.labels(self._ids.values())

    @cached_property
    def _ids(self) -> dict[str, str]:
        """The ids of the entities that cells name: by IRI, or by a name that only one has."""
        cells = {value for row in self.rows for value in row.values()}
        by_iri = {cell: cell.removeprefix(DATA) for cell in cells if cell.startswith(DATA)}
        known = self.side.labels(by_iri.values())
        words = {cell: fold(cell) for cell in cells - by_iri.keys() if len(cell) <= LONGEST_NAME}
        bearers = self.side.bearers(words.values())
        named = {cell: bearers.get(name, []) for cell, name in words.items()}
        return {
            **{cell: id for cell, id in by_iri.items() if id in known},
            **{cell: ids[0] for cell, ids in named.items() if len(ids) == 1},
        }

    @cached_property
    def dates(self) -> list[str]:
        """The columns of dates; four digits are a year only where the column is named so."""
        return self._holding(
            lambda column, value: bool(_iso(value) and ("-" in value or _OF_TIME.search(column)))
        )

    @cached_property
    def numbers(self) -> list[str]:
        """The columns of numbers that are neither dates nor degrees."""
        found = self._holding(lambda _, value: _NUMBER.fullmatch(value) is not None)
        other = {*self.dates, *(self._degrees or ())}
        return [column for column in found if column not in other]

    @cached_property
    def things(self) -> list[str]:
        """The columns of entities."""
        return self._holding(lambda _, value: value in self._ids)

    @cached_property
    def _degrees(self) -> tuple[str, str] | None:
        """The columns of latitude and longitude."""
        north = self._holding(lambda column, value: _is_degrees(_LATITUDE, column, value, 90))
        east = self._holding(lambda column, value: _is_degrees(_LONGITUDE, column, value, 180))
        return (north[0], east[0]) if north and east else None

    @cached_property
    def _titles(self) -> list[str]:
        """The columns that say what a row is of: one or two of things, or else one of words."""
        other = {*self.numbers, *(self._degrees or ())}
        return self.things[:2] or [name for name in self.columns if name not in other][:1]

    def _title(self, row: Row) -> str:
        cells = [row[name] for name in self._titles if row.get(name)]
        return " and ".join(self._name(cell) for cell in cells)

    def _name(self, cell: str) -> str:
        return self.labels[self._ids[cell]] if cell in self._ids else cell

    def _thing(self, row: Row) -> str | None:
        """Return the id of the thing that a row is of, if it is of one."""
        ids = [self._ids.get(row.get(name, "")) for name in self._titles]
        return ids[0] if len(ids) == 1 else None

    def _holding(self, fits: Callable[[str, str], bool]) -> list[str]:
        filled = {name: [row[name] for row in self.rows if row.get(name)] for name in self.columns}
        return [
            name
            for name, values in filled.items()
            if values and all(fits(name, value) for value in values)
        ]

    # Pictures

    def _bars(self) -> charts.Bars:
        number = self.numbers[0]
        rows = [row for row in self.rows if row.get(number)]
        return charts.bars(
            [(self._title(row), self._thing(row), float(row[number])) for row in rows]
        )

    def _line(self) -> dict[str, charts.Line]:
        return charts.lines(self._totals)

    @cached_property
    def _totals(self) -> Mapping[str, float]:
        """The first number by date, those of one date added up; without one, the rows by year."""
        if not self.dates:
            return {}
        dated = [(day, row) for row in self.rows if (day := _iso(row.get(self.dates[0], "")))]
        if not self.numbers:
            years = Counter(day[:4] for day, _ in dated)
            return {year: years[year] for year in _years_between(years)}
        totals: dict[str, float] = {}
        for day, row in dated:
            if number := row.get(self.numbers[0]):
                totals[day] = totals.get(day, 0.0) + float(number)
        return totals

    @cached_property
    def _pairs(self) -> Counter[tuple[str, str]]:
        """The things of the first two columns: each row ties two, or as often as its number."""
        counts = Counter[tuple[str, str]]()
        for row in self.rows if len(self.things) > 1 else ():
            one, other = (self._ids.get(row.get(name, "")) for name in self.things[:2])
            if one and other and one != other:
                counts[one, other] += self._weight(row)
        return counts

    def _network(self) -> Web:
        strength = Counter[str]()
        for ends, count in self._pairs.items():
            strength.update(dict.fromkeys(ends, count))
        nodes = dict(strength.most_common(MOST_NODES))
        kept = [tie for tie in self._pairs.most_common() if nodes.keys() >= set(tie[0])]
        return Web(
            [self._node(id, count) for id, count in nodes.items()],
            [_tie(*ends, count) for ends, count in kept[:MOST_TIES]],
            len(self._pairs) - len(kept[:MOST_TIES]),
        )

    def _weight(self, row: Row) -> int:
        number = float(row.get(self.numbers[0]) or 0) if self.numbers else 1.0
        return max(1, round(number))

    def _node(self, id: str, count: int) -> dict[str, Any]:
        type_ = id.partition("/")[0]
        return NetworkNode(id=id, label=self.labels[id], type=type_, count=count).model_dump()

    def _map(self) -> dict[str, maps.Map]:
        return maps.draw(self._places)

    @cached_property
    def _places(self) -> list[PlaceAnswer]:
        """Those places of the rows of which it is known where they lie, with how many rows."""
        if self._degrees:
            return list(self._positions(*self._degrees))
        for name in self.things:
            counts = Counter(self._ids[row[name]] for row in self.rows if row.get(name))
            if counts.keys() & self.side.places:
                found = self.side.entities_by_id(counts).items()
                return [places.place(row, counts[id]) for id, row in found if _lies(row)]
        return []

    def _positions(self, latitude: str, longitude: str) -> Iterator[PlaceAnswer]:
        counts = Counter(
            (self._title(row), self._thing(row), float(row[latitude]), float(row[longitude]))
            for row in self.rows
            if row.get(latitude) and row.get(longitude)
        )
        for (label, id, north, east), count in counts.items():
            yield PlaceAnswer(
                id=id, label=label, latitude=north, longitude=east, located=count, about=0
            )


def _tie(subject: str, object_: str, count: int) -> dict[str, Any]:
    return NetworkTie(subject=subject, kind="", object=object_, count=count).model_dump()


def _lies(row: EntityRow) -> bool:
    return row.latitude is not None


def _is_degrees(name: re.Pattern[str], column: str, value: str, most: int) -> bool:
    return bool(name.fullmatch(column) and _NUMBER.fullmatch(value) and abs(float(value)) <= most)


def _iso(value: str) -> str | None:
    """Return the day, month or year that a date in ISO 8601 or EDTF begins with."""
    found = _DATE.fullmatch(value)
    if found is None:
        return None
    try:
        date.fromisoformat((found[1] + "-01-01")[:10])
    except ValueError:
        return None
    return found[1]


def _years_between(years: Mapping[str, object]) -> list[str]:
    return [f"{year:04}" for year in range(int(min(years)), int(max(years)) + 1)]
