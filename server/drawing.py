"""Draw the relations of one entity, as numbers that a template writes as SVG.

The entity stands in the middle and the others around it, the most frequent first: always the
same picture for the same relations. Each line is one kind of act in one direction, and an arrow
on it points to whom it was addressed. The names stand in rows of equal distance, so that they
never cover each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import atan2, cos, hypot, log2, sin

from server.answers import Name, RelationAnswer

MOST = 14
"""More neighbours than this make a picture that nobody can read; the table has them all."""

ROW = 52.0
MARGIN = 34.0
GAP = 11.0
SPREAD = 15.0


@dataclass(frozen=True, slots=True)
class Tie:
    """What the entity did with another (`outward`), or the other with it."""

    predicate: str
    outward: bool
    count: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another entity, and all that connects the two."""

    name: Name
    ties: tuple[Tie, ...]

    @property
    def count(self) -> int:
        """How many facts connect the two."""
        return sum(tie.count for tie in self.ties)


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the picture."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Line:
    """A curve from who acts to whom it concerns; `arrow` is a triangle on it, if it has one."""

    tie: Tie
    path: str
    width: float
    arrow: str


@dataclass(frozen=True, slots=True)
class Node:
    """A neighbour in its place; its name begins (or ends) beside it."""

    neighbour: Neighbour
    at: Point
    text_x: float
    text_anchor: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is to be drawn."""

    width: float
    height: float
    centre: Point
    nodes: tuple[Node, ...]
    left_out: int


def neighbours(entity: str, relations: Sequence[RelationAnswer]) -> list[Neighbour]:
    """Group relations by the other side, the most frequent first."""

    def key(relation: RelationAnswer) -> tuple[str, str]:
        name = _other(entity, relation)
        return name.label, name.id or ""

    groups = groupby(sorted(relations, key=key), key=key)
    found = [_neighbour(entity, list(group)) for _, group in groups]
    return sorted(found, key=lambda each: (-each.count, each.name.label))


def _other(entity: str, relation: RelationAnswer) -> Name:
    return relation.object if relation.subject.id == entity else relation.subject


def _neighbour(entity: str, group: list[RelationAnswer]) -> Neighbour:
    ties = (Tie(each.predicate, each.subject.id == entity, each.count) for each in group)
    ranked = sorted(ties, key=lambda tie: (-tie.count, tie.predicate, not tie.outward))
    return Neighbour(_other(entity, group[0]), tuple(ranked))


def draw(around: Sequence[Neighbour], sides: int = 2) -> Picture:
    """Place the neighbours: on both sides of the middle, or on its right for narrow screens."""
    shown = around[:MOST]
    columns = [shown[side::sides] for side in range(sides)]
    height = 2 * MARGIN + ROW * (max(map(len, columns)) - 1 if shown else 0)
    width, middle = (760.0, 380.0) if sides == 2 else (360.0, 22.0)
    centre = Point(middle, height / 2)
    nodes = [
        _node(neighbour, centre, _place(row, len(column), side, centre, sides))
        for side, column in enumerate(columns)
        for row, neighbour in enumerate(column)
    ]
    return Picture(width, height, centre, tuple(nodes), len(around) - len(shown))


def _place(row: int, rows: int, side: int, centre: Point, sides: int) -> Point:
    """Return where a neighbour stands: on an arc around the middle."""
    y = centre.y + ROW * (row - (rows - 1) / 2)
    reach, bend = (165.0, 60.0) if sides == 2 else (100.0, 26.0)
    away = reach - bend * ((y - centre.y) / max(centre.y, 1.0)) ** 2
    return Point(centre.x + (away if side == 0 else -away), y)


def _node(neighbour: Neighbour, centre: Point, at: Point) -> Node:
    right = at.x > centre.x
    count = len(neighbour.ties)
    lines = tuple(
        _line(tie, centre, at, SPREAD * (index - (count - 1) / 2))
        for index, tie in enumerate(neighbour.ties)
    )
    return Node(neighbour, at, at.x + (14 if right else -14), "start" if right else "end", lines)


def _line(tie: Tie, centre: Point, other: Point, bow: float) -> Line:
    """Bend a line aside by `bow`, so that the lines between the same two lie apart."""
    start, end = (centre, other) if tie.outward else (other, centre)
    bow = bow if tie.outward else -bow
    angle = atan2(end.y - start.y, end.x - start.x)
    first = Point(start.x + GAP * cos(angle), start.y + GAP * sin(angle))
    last = Point(end.x - GAP * cos(angle), end.y - GAP * sin(angle))
    bend = Point(
        (first.x + last.x) / 2 - 2 * bow * sin(angle), (first.y + last.y) / 2 + 2 * bow * cos(angle)
    )
    path = f"M{_pair(first)} Q{_pair(bend)} {_pair(last)}"
    arrow = "" if tie.predicate == "met" else _arrow(first, bend, last)
    return Line(tie, path, round(1.2 + log2(tie.count + 1) / 2, 2), arrow)


def _arrow(first: Point, bend: Point, last: Point) -> str:
    """Return the corners of a triangle in the middle of a curve that points along it."""
    middle = Point((first.x + 2 * bend.x + last.x) / 4, (first.y + 2 * bend.y + last.y) / 4)
    length = hypot(last.x - first.x, last.y - first.y) or 1.0
    x, y = (last.x - first.x) / length, (last.y - first.y) / length
    corners = ((7, 0), (-4, 4.5), (-4, -4.5))
    return " ".join(_pair(point) for point in _turned(middle, x, y, corners))


def _turned(
    middle: Point, x: float, y: float, corners: Sequence[tuple[float, float]]
) -> Iterator[Point]:
    for along, across in corners:
        yield Point(middle.x + along * x - across * y, middle.y + along * y + across * x)


def _pair(point: Point) -> str:
    return f"{point.x:.1f},{point.y:.1f}"
