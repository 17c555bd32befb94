"""Maps: everything lies where it should, within the frame, and no name covers another."""

from __future__ import annotations

import re
from functools import cache
from itertools import combinations, pairwise
from math import cos, isclose, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.answers import PlaceAnswer
from server.maps import ASPECTS, LETTER, LINE, WORLD_WEST, Box, Map, Spot, draw, frame_of
from server.pages import STATIC

LAND = {
    "Moscow": (55.75, 37.62),
    "Kamchatka": (56.0, 160.0),
    "Chukotka": (68.0, 178.0),
    "beyond the line of the date": (66.5, -173.0),
    "Lapland": (68.5, 25.0),
    "Zambia": (-16.5, 25.0),
    "Kansas": (38.5, -98.0),
}
SEA = {
    "Norwegian Sea": (68.0, 0.0),
    "Atlantic": (-16.5, -20.0),
    "Pacific": (-16.5, 170.0),
    "Bering Sea": (58.0, 180.0),
    "Caspian Sea": (42.0, 50.5),
}

points = st.tuples(st.floats(-50, 75), st.floats(-180, 180))


@cache
def land(detail: str) -> tuple[int, list[list[tuple[int, int]]]]:
    """Give how many steps of the grid a degree has in a picture of the coasts, and its rings."""
    text = (STATIC / "vendor" / detail).read_text()
    size = re.search(r'viewBox="0 0 (\d+) ', text)
    assert size
    rings = []
    for start, steps in re.findall(r"M([\d ]+)l([^z]+)z", text):
        x, y = map(int, start.split())
        ring = [(x, y)]
        numbers = [int(each) for each in re.findall(r"-?\d+", steps)]
        for across, down in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + across, y + down
            ring.append((x, y))
        rings.append(ring)
    return int(size[1]) // 360, rings


def is_land(detail: str, latitude: float, longitude: float) -> bool:
    """Whether there is land: then a line to the right crosses coasts an odd number of times."""
    grid, rings = land(detail)
    x, y = (longitude + 180) * grid, (90 - latitude) * grid + 0.01
    crossed = [
        ax + (y - ay) * (bx - ax) / (by - ay)
        for ring in rings
        for (ax, ay), (bx, by) in pairwise([*ring, ring[0]])
        if (ay > y) != (by > y)
    ]
    return sum(at > x for at in crossed) % 2 == 1


def place(
    label: str, latitude: float | None = None, longitude: float | None = None, facts: int = 1
) -> PlaceAnswer:
    """Make a place."""
    return PlaceAnswer(
        id=f"place/{label}",
        label=label,
        latitude=latitude,
        longitude=longitude,
        located=facts,
        about=0,
    )


MOSCOW = place("Moscow", 55.75, 37.62, 4)
TOKYO, HONOLULU = place("Tokyo", 35.69, 139.69), place("Honolulu", 21.31, -157.86)


def spot(drawn: Map, label: str) -> Spot:
    """Give the spot of a place."""
    return next(spot for spot in drawn.spots if spot.place.label == label)


@given(st.lists(points, min_size=1, max_size=20), st.sampled_from(sorted(ASPECTS)))
def test_all_places_lie_within_the_frame(given: list[tuple[float, float]], size: str) -> None:
    width, aspect = ASPECTS[size]
    frame = frame_of(given, width, aspect)
    outside = [
        (latitude, longitude)
        for latitude, longitude in given
        if not (0 <= frame.x(longitude) <= width and 0 <= frame.y(latitude) <= frame.height)
    ]
    assert outside == []
    assert frame.height <= width


@given(st.lists(points, min_size=1, max_size=20))
def test_the_coasts_cover_the_whole_frame(given: list[tuple[float, float]]) -> None:
    drawn = draw([place(str(at), *point) for at, point in enumerate(given)])["wide"]
    ends = sorted((coast.x, coast.x + coast.width) for coast in drawn.coasts)
    assert ends[0][0] <= 0.001
    assert ends[-1][1] >= drawn.frame.width - 0.001
    assert all(isclose(one[1], other[0], abs_tol=1e-6) for one, other in pairwise(ends))
    assert all(
        coast.y <= 0 <= coast.y + coast.height - drawn.frame.height for coast in drawn.coasts
    )


def test_a_place_lies_on_the_coasts_where_it_lies_in_the_world() -> None:
    drawn = draw([MOSCOW])["wide"]
    [coast] = drawn.coasts
    at = spot(drawn, "Moscow")
    assert (at.x - coast.x) / coast.width == pytest.approx((37.62 + 180) / 360)
    assert (at.y - coast.y) / coast.height == pytest.approx((90 - 55.75) / 180)


@pytest.mark.parametrize("detail", ["land-110m.svg", "land-50m.svg"])
def test_there_is_land_where_there_is_land(detail: str) -> None:
    """Coasts that go over the line of the date are cut there, and not drawn across the world."""
    found = {name: is_land(detail, *at) for name, at in (LAND | SEA).items()}
    assert found == {name: name in LAND for name in LAND | SEA}


def test_in_the_middle_a_degree_is_as_long_as_on_a_globe() -> None:
    frame = draw([MOSCOW])["wide"].frame
    middle = (frame.south + frame.north) / 2
    along, across = frame.y(10) - frame.y(11), frame.x(31) - frame.x(30)
    assert across / along == pytest.approx(cos(radians(middle)))


def test_the_pacific_is_not_torn() -> None:
    """From Tokyo to Honolulu is shorter eastwards, over the line of the date."""
    drawn = draw([TOKYO, HONOLULU])["wide"]
    assert spot(drawn, "Tokyo").x < spot(drawn, "Honolulu").x
    assert drawn.frame.east - drawn.frame.west < 120
    assert len(drawn.coasts) == 2


def test_the_whole_world_is_cut_in_the_bering_strait() -> None:
    around = [place(str(longitude), 20.0, float(longitude)) for longitude in range(-180, 180, 30)]
    frame = draw(around)["wide"].frame
    assert (frame.west, frame.east) == (WORLD_WEST, WORLD_WEST + 360)


def test_near_maps_have_the_finer_coasts() -> None:
    near, far = draw([MOSCOW]), draw([MOSCOW, HONOLULU])
    assert (near["wide"].detail, far["wide"].detail) == ("land-50m.svg", "land-110m.svg")


def test_areas_of_circles_are_as_the_numbers_of_facts() -> None:
    drawn = draw([place("Paris", 48.86, 2.35, 400), place("Rome", 41.89, 12.51, 100)])["wide"]
    assert spot(drawn, "Paris").radius == pytest.approx(2 * spot(drawn, "Rome").radius)


@given(st.lists(st.tuples(st.floats(45, 55), st.floats(0, 20)), min_size=2, max_size=25))
def test_names_cover_neither_each_other_nor_circles(given: list[tuple[float, float]]) -> None:
    drawn = draw([place(f"Place {at}", *point) for at, point in enumerate(given)])["wide"]
    names = [box(spot) for spot in drawn.spots if spot.label]
    circles = [
        Box(it.x - it.radius, it.y - it.radius, it.x + it.radius, it.y + it.radius)
        for it in drawn.spots
    ]
    assert not any(one.meets(other) for one, other in combinations(names, 2))
    assert not any(name.meets(circle) for name in names for circle in circles)


def box(spot: Spot) -> Box:
    """Give the room that a name takes."""
    assert spot.label
    length = LETTER * len(spot.place.label)
    left = spot.label.x - {"start": 0.0, "middle": length / 2, "end": length}[spot.label.anchor]
    return Box(left, spot.label.y - LINE + 4, left + length, spot.label.y + 4)


def test_a_place_that_lies_nobody_knows_where_is_not_drawn() -> None:
    assert draw([place("Far East")]) == {}
    assert [spot.place for spot in draw([place("Far East"), MOSCOW])["wide"].spots] == [MOSCOW]
