"""The properties by which the reconciliation service compares entities and describes them.

They are few, and each is something by which a historian tells namesakes apart or wants a column
of: an office, a state, a time, an item of Wikidata. An entity of which a property is not known
neither agrees nor disagrees: that a source is silent is no evidence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ontology.names import DATA, fold
from server.edtf import first_day, last_day
from server.errors import InvalidRequest
from server.side import EntityRow, Side

_ITEM = re.compile(r"(?:.*/)?(Q[1-9][0-9]{0,11})", re.DOTALL)

_DOUBT = re.compile("[?~%]")
"""Signs of EDTF for a date that is not sure."""

FAR = 0.1
"""Degrees from which on two coordinates are not of one place."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a property: a text or number, or a thing by its id and name."""

    said: str | int | float
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A value that a client compares with: words, or the id of a thing that it knows already.

    `bearers` are the ids of the entities that have the words for a name.
    """

    text: str
    id: str | None = None
    bearers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """What is known of an entity, with the names of what it is related to."""

    row: EntityRow
    names: list[str]
    record: dict[str, Any]
    labels: dict[str, str]

    def things(self, ids: Iterable[str | None]) -> list[Value]:
        """Return entities by id, with their names."""
        return [Value(self.labels.get(id, id), id) for id in ids if id]


Compare = Callable[[Given, Sequence[Value]], float | None]
"""How far a given value agrees, from 0 to 1; None if it is of no kind that can be compared."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property: which types have it, how its values are read, and how they are compared.

    `of` is the type of the entities that are its values. Without `compare` it is only told.
    """

    id: str
    name: str
    description: str
    types: tuple[str, ...]
    read: Callable[[Entity], list[Value]]
    compare: Compare | None = None
    of: str | None = None


def known_entities(side: Side, ids: Iterable[str]) -> dict[str, Entity]:
    """Return what is known of entities by id; the cost does not depend on how many they are."""
    rows = side.entities_by_id(ids)
    names = side.names_of(rows)
    records = {id: json.loads(row.record) for id, row in rows.items()}
    labels = side.labels(
        other for id, row in rows.items() for other in _related(row, records[id]) if other
    )
    return {id: Entity(row, names.get(id, []), records[id], labels) for id, row in rows.items()}


def agreement(
    property: Property, given: Sequence[Given], quantifier: str, entity: Entity
) -> float | None:
    """Return how well an entity agrees with given values, from 0 to 1; None if it is not known.

    `quantifier` says which of the values count: any, all or none of them.
    """
    values = property.read(entity)
    if not values or not given or property.compare is None:
        return None
    compared = (property.compare(each, values) for each in given)
    found = [each for each in compared if each is not None]
    if not found:
        return None
    if quantifier == "none":
        return 1.0 - max(found)
    return min(found) if quantifier == "all" else max(found)


def find_property(id: str) -> Property:
    """Return the property of this id."""
    if id not in PROPERTIES:
        raise InvalidRequest(
            f'There is no property "{id}".', hint=f"There are {', '.join(PROPERTIES)}."
        )
    return PROPERTIES[id]


def item(text: str) -> str | None:
    """Return the item of Wikidata that a text names, by itself or at the end of an address."""
    found = _ITEM.fullmatch(text.strip())
    return found[1] if found else None


def _related(row: EntityRow, record: dict[str, Any]) -> list[str | None]:
    offices = [tenure["position"] for tenure in record["tenures"]]
    return [row.represents, row.part_of, *record["member_of"], *offices]


# How values are read


def _item(exact: bool) -> Callable[[Entity], list[Value]]:
    def read(entity: Entity) -> list[Value]:
        row = entity.row
        linked = row.wikidata is not None and bool(row.link_exact) is exact
        return [Value(row.wikidata, row.wikidata)] if linked and row.wikidata else []

    return read


def _column(name: str) -> Callable[[Entity], list[Value]]:
    def read(entity: Entity) -> list[Value]:
        value = getattr(entity.row, name)
        return [] if value in (None, "") else [Value(value)]

    return read


def _thing(name: str) -> Callable[[Entity], list[Value]]:
    return lambda entity: entity.things([getattr(entity.row, name)])


def _names(entity: Entity) -> list[Value]:
    return [Value(name) for name in entity.names]


def _offices(entity: Entity) -> list[Value]:
    held = [tenure["position"] for tenure in entity.record["tenures"]]
    return entity.things(dict.fromkeys(held))


def _terms(entity: Entity) -> list[Value]:
    spans = [(tenure["start"], tenure["end"]) for tenure in entity.record["tenures"]]
    return [Value(f"{start or '..'}/{end or '..'}") for start, end in spans if start or end]


def _bodies(entity: Entity) -> list[Value]:
    return entity.things(entity.record["member_of"])


# How they are compared: 1 is agreement, 0 is none


def _same_item(given: Given, values: Sequence[Value]) -> float | None:
    wanted = item(given.id or given.text)
    return None if wanted is None else float(wanted in {value.id for value in values})


def _same_thing(given: Given, values: Sequence[Value]) -> float:
    """Compare by id, or by the part of the given words that a name has."""
    ids = {(given.id or given.text).removeprefix(DATA), *given.bearers}
    if any(value.id in ids for value in values):
        return 1.0
    return 0.0 if given.id else _same_words(given, values)


def _same_words(given: Given, values: Sequence[Value]) -> float:
    """Return the part of the given words that a value has; less than half is nothing."""
    words = _words(given.text)
    most = max(len(words & _words(str(value.said))) for value in values)
    return most / len(words) if words and 2 * most >= len(words) else 0.0


@lru_cache(maxsize=8192)
def _words(text: str) -> frozenset[str]:
    """Return the words of a text. They are asked for again with every candidate."""
    return frozenset(fold(text).split())


def _same_time(given: Given, values: Sequence[Value]) -> float | None:
    """Whether a day, month, year or time between two of them touches one of the periods."""
    days = _days(given.text)
    spans = [span for value in values if (span := _days(str(value.said)))]
    if days is None or not spans:
        return None
    return float(any(start <= days[1] and days[0] <= end for start, end in spans))


def _days(text: str) -> tuple[str, str] | None:
    """Return the first and the last day of a period; None if it cannot be read."""
    start, slash, end = (part.strip() for part in _DOUBT.sub("", text).partition("/"))
    try:
        first = "0000" if slash and start in ("", "..") else first_day(start)
        last = "9999" if slash and end in ("", "..") else last_day(end or start)
    except InvalidRequest:
        return None
    return first, last


def _near(given: Given, values: Sequence[Value]) -> float | None:
    try:
        number = float(given.text)
    except ValueError:
        return None
    return float(any(abs(number - float(value.said)) < FAR for value in values))


# Which there are

_EVERYTHING = ("person", "organization", "state", "place", "position", "topic")

PROPERTIES: dict[str, Property] = {
    each.id: each
    for each in (
        Property(
            "wikidata",
            "Wikidata item",
            "The item that is certain to mean the same.",
            _EVERYTHING,
            _item(exact=True),
            _same_item,
        ),
        Property(
            "close_match",
            "Wikidata item, not certain",
            "The item that probably means the same; look at it before you use it.",
            _EVERYTHING,
            _item(exact=False),
        ),
        Property("name", "Name", "Each of its names.", _EVERYTHING, _names, _same_words),
        Property(
            "description",
            "Description",
            "What it is, in the words of the lists or of the authority.",
            _EVERYTHING,
            _column("description"),
            _same_words,
        ),
        Property(
            "office",
            "Office held",
            "An office that the person held.",
            ("person",),
            _offices,
            _same_thing,
            "position",
        ),
        Property(
            "in_office",
            "Time in office",
            "From when to when the person held an office: 1943-10-23/1946-01-24.",
            ("person",),
            _terms,
            _same_time,
        ),
        Property(
            "represents",
            "State represented",
            "The state that it speaks for.",
            ("person", "organization", "position"),
            _thing("represents"),
            _same_thing,
            "state",
        ),
        Property(
            "member_of",
            "Member of",
            "A body that the person belongs to.",
            ("person",),
            _bodies,
            _same_thing,
            "organization",
        ),
        Property(
            "part_of",
            "Part of",
            "What it lies in or belongs to.",
            ("organization", "place"),
            _thing("part_of"),
            _same_thing,
        ),
        Property("latitude", "Latitude", "Degrees north.", ("place",), _column("latitude"), _near),
        Property(
            "longitude", "Longitude", "Degrees east.", ("place",), _column("longitude"), _near
        ),
        Property("facts", "Facts", "How many facts name it.", _EVERYTHING, _column("facts")),
        Property(
            "documents",
            "Documents",
            "How many documents name it.",
            _EVERYTHING,
            _column("documents"),
        ),
    )
}
"""The properties by id, the most useful first."""
