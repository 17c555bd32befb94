"""Draw places on a map, as numbers that a template writes as SVG.

The projection is the equirectangular one: a degree of latitude is as long everywhere, and one of
longitude as it is in the middle of what is shown (its standard parallel). So one picture of the
coasts, cut out and drawn together by CSS alone, serves every map, and near its middle a map
keeps angles and distances. Coasts are those of today; there are no borders, because those of
the time were others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians, sqrt

from server.answers import PlaceAnswer

FARTHEST_SOUTH, FARTHEST_NORTH = -58.0, 84.0
"""No telegram of ours is from farther away, and the picture would be mostly ice."""

WORLD_WEST = -169.0
"""Where the world is cut: in the Bering Strait, which parts no land."""

ROOM, LEAST = 0.14, 13.0
"""The part of the span, and the degrees at least, that are left around the places."""

ASPECTS = {"wide": (1000.0, 0.52), "narrow": (380.0, 0.85)}
"""The width of each drawing, in units of its text, and its height as a part of that."""

NEAR = 90.0
"""Maps of fewer degrees are drawn with the finer coasts."""

LEAST_RADIUS, ALONE, MOST_RADIUS = 3.5, 7.0, 15.0
"""Of the place with fewest facts, of a place that is shown for itself, and of that with most."""

LETTER, LINE = 8.4, 16.0
"""About the width of a letter and the height of a line, in units of the drawing."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the world that is shown, in degrees; `east` may lie beyond 180."""

    west: float
    east: float
    south: float
    north: float
    width: float

    @property
    def scale(self) -> float:
        """How many units a degree of latitude is long."""
        return self.width / ((self.east - self.west) * self.squeeze)

    @property
    def squeeze(self) -> float:
        """How long a degree of longitude is, in degrees of latitude."""
        return cos(radians((self.south + self.north) / 2))

    @property
    def height(self) -> float:
        """The height of the drawing."""
        return (self.north - self.south) * self.scale

    def x(self, longitude: float) -> float:
        """Return where a longitude lies from the left; it is shown once, wherever it is cut."""
        return ((longitude - self.west) % 360) * self.squeeze * self.scale

    def y(self, latitude: float) -> float:
        """Return where a latitude lies from above."""
        return (self.north - latitude) * self.scale


@dataclass(frozen=True, slots=True)
class Box:
    """Where something lies that nothing else may cover."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether two cover each other."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


@dataclass(frozen=True, slots=True)
class Label:
    """The name beside a place."""

    x: float
    y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the map; its name stands beside it where there is room."""

    place: PlaceAnswer
    x: float
    y: float
    radius: float
    label: Label | None


@dataclass(frozen=True, slots=True)
class Coast:
    """Where the picture of all coasts is laid; the map shows a part of it."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Map:
    """Everything that is to be drawn."""

    frame: Frame
    coasts: tuple[Coast, ...]
    detail: str
    meridians: tuple[float, ...]
    parallels: tuple[float, ...]
    spots: tuple[Spot, ...]


def draw(places: Sequence[PlaceAnswer]) -> dict[str, Map]:
    """Draw the places that have coordinates, for wide screens and for narrow ones."""
    shown = [place for place in places if place.latitude is not None]
    return {name: _draw(shown, *size) for name, size in ASPECTS.items()} if shown else {}


def _draw(places: Sequence[PlaceAnswer], width: float, aspect: float) -> Map:
    frame = frame_of([_point(place) for place in places], width, aspect)
    step = _step(frame.east - frame.west)
    return Map(
        frame,
        tuple(_coasts(frame)),
        "land-50m.svg" if frame.east - frame.west < NEAR else "land-110m.svg",
        tuple(frame.x(at) for at in _multiples(frame.west, frame.east, step)),
        tuple(frame.y(at) for at in _multiples(frame.south, frame.north, step)),
        tuple(_spots(places, frame)),
    )


def _point(place: PlaceAnswer) -> tuple[float, float]:
    return place.latitude or 0.0, place.longitude or 0.0


def frame_of(points: Sequence[tuple[float, float]], width: float, aspect: float) -> Frame:
    """Return a frame with all points (latitude, longitude) and room around them."""
    latitudes = [latitude for latitude, _ in points]
    bounds = min(FARTHEST_SOUTH, *latitudes), max(FARTHEST_NORTH, *latitudes)
    south, north = _with_room(min(latitudes), max(latitudes))
    west, east = _with_room(*_arc([longitude for _, longitude in points]))
    squeeze = cos(radians((south + north) / 2))
    across = max((east - west) * squeeze, (north - south) / aspect)
    south, north = _shifted(south, north, across * aspect, bounds)
    across = max(east - west, (north - south) / aspect / cos(radians((south + north) / 2)))
    if across >= 360:
        return Frame(WORLD_WEST, WORLD_WEST + 360, *bounds, width)
    middle = (west + east) / 2
    return Frame(middle - across / 2, middle + across / 2, south, north, width)


def _arc(longitudes: Sequence[float]) -> tuple[float, float]:
    """Return the shortest arc with all longitudes: it begins behind the widest gap."""
    around = sorted({longitude % 360 for longitude in longitudes})
    gaps = [(after - before, after) for before, after in pairwise([*around, around[0] + 360])]
    gap, west = max(gaps)
    west = (west + 180) % 360 - 180
    return west, west + 360 - gap


def _with_room(first: float, last: float) -> tuple[float, float]:
    room = max(LEAST, ROOM * (last - first))
    return first - room, last + room


def _shifted(
    south: float, north: float, height: float, bounds: tuple[float, float]
) -> tuple[float, float]:
    """Return latitudes so far apart around the same middle, but no farther than the bounds."""
    first, last = bounds
    height = min(height, last - first)
    low = max(first, min((south + north - height) / 2, last - height))
    return low, low + height


def _coasts(frame: Frame) -> Iterator[Coast]:
    """Lay the picture of the world, once or twice, so that all of the frame is covered."""
    unit = frame.squeeze * frame.scale
    for turn in (-360.0, 0.0, 360.0):
        if frame.west < turn + 180 and frame.east > turn - 180:
            left = (turn - 180 - frame.west) * unit
            yield Coast(left, frame.y(90), 360 * unit, 180 * frame.scale)


def _step(span: float) -> float:
    return next(step for step in (5.0, 10.0, 20.0, 30.0) if span / step <= 12.5)


def _multiples(first: float, last: float, step: float) -> Iterator[float]:
    at = -(-first // step) * step
    while at < last:
        yield at
        at += step


def _spots(places: Sequence[PlaceAnswer], frame: Frame) -> Iterator[Spot]:
    """Place the spots, the largest first; a name goes where it covers no other."""
    most = max(place.facts for place in places)
    largest = MOST_RADIUS * (1.0 if frame.width > 500 else 0.7)
    taken: list[Box] = []
    drawn = []
    for place in sorted(places, key=lambda each: (-each.facts, each.label)):
        latitude, longitude = _point(place)
        x, y = frame.x(longitude), frame.y(latitude)
        radius = max(LEAST_RADIUS, largest * sqrt(place.facts / most)) if most else ALONE
        taken.append(Box(x - radius, y - radius, x + radius, y + radius))
        drawn.append((place, x, y, radius))
    for place, x, y, radius in drawn:
        yield Spot(place, x, y, radius, _label(place.label, x, y, radius, frame, taken))


def _label(
    name: str, x: float, y: float, radius: float, frame: Frame, taken: list[Box]
) -> Label | None:
    """Find room for a name to the right, the left, above or below, and take it."""
    length, gap = LETTER * len(name), radius + 4
    beside = (
        (Label(x + gap, y + 5, "start"), x + gap),
        (Label(x - gap, y + 5, "end"), x - gap - length),
        (Label(x, y - gap, "middle"), x - length / 2),
        (Label(x, y + gap + 10, "middle"), x - length / 2),
    )
    for label, left in beside:
        box = Box(left, label.y - LINE + 4, left + length, label.y + 4)
        inside = box.left > 0 and box.right < frame.width and 0 < box.top < frame.height - LINE
        if inside and not any(box.meets(other) for other in taken):
            taken.append(box)
            return label
    return None
