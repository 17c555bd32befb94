"""Which pictures fit the rows of a query, and what they show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.names import DATA
from server.pictures import MOST_ROWS, VIEWS, Table
from server.side import Side

STALIN, HARRIMAN, DEANE = (
    f"{DATA}person/{slug}" for slug in ("stalin-joseph", "harriman-w-averell", "deane-john-r")
)
MOSCOW, PORT = f"{DATA}place/moscow", f"{DATA}place/petropavlovsk-kamchatsky"


def table(side: Side, *rows: tuple[str, ...], columns: str) -> Table:
    """Make a table of rows; an empty cell has no value."""
    names = columns.split()
    return Table(
        side,
        names,
        [{name: value for name, value in zip(names, row, strict=True) if value} for row in rows],
    )


@pytest.mark.parametrize(
    ("columns", "rows", "views"),
    [
        ("name count", [("Stalin", "3"), ("Deane", "1")], ("bars",)),
        ("count", [("3",)], ()),
        ("name words", [("Stalin", "3 tons")], ()),
        ("day count", [("1944-10-17", "3")], ("bars", "line")),
        ("year count", [("1944", "3")], ("bars", "line")),
        ("number words", [("1944", "of that number")], ("bars",)),
        ("date content", [("1944-10-17/1944-10-20", "Far East"), ("1944-10~", "")], ("line",)),
        ("date content", [("1944-10-17", "Far East"), ("1944-13-01", "")], ()),
        ("date content", [("1944-10-17", "Far East"), ("autumn", "")], ()),
        ("one other", [(STALIN, HARRIMAN)], ("network",)),
        ("one other times", [(STALIN, HARRIMAN, "3")], ("bars", "network")),
        ("one other", [(STALIN, f"{DATA}person/nobody")], ()),
        ("fact place", [("", PORT)], ("map",)),
        ("lat long", [("55.75", "37.62")], ("map",)),
        ("lat long", [("95", "37.62")], ()),
        ("name", [("Infinity",), ("",)], ()),
    ],
)  # fmt: skip
def test_pictures_fit_by_what_columns_hold(
    side: Side, columns: str, rows: list[tuple[str, ...]], views: tuple[str, ...]
) -> None:
    assert table(side, *rows, columns=columns).show(None).views == views


def test_a_picture_that_does_not_fit_is_the_table_alone(side: Side) -> None:
    shown = table(side, ("Stalin", "3"), columns="name count").show("map")
    assert (shown.view, shown.picture) == ("", None)


def test_bars_are_named_by_things_before_words(side: Side) -> None:
    shown = table(side, ("a title", STALIN, "3"), ("", HARRIMAN, ""), columns="title who n").show(
        "bars"
    )
    [bar] = shown.picture.items
    assert (bar.label, bar.address, bar.value) == ("Joseph Stalin", "person/stalin-joseph", 3)


def test_numbers_of_one_date_are_added(side: Side) -> None:
    rows = (("1944-10-17", "3"), ("1944-10-17", "4"), ("", "5"), ("1944-10-18", ""))
    shown = table(side, *rows, columns="date tons").show("line")
    assert [(dot.label, dot.value) for dot in shown.picture["wide"].dots] == [("1944-10-17", 7)]


def test_dates_alone_are_counted_by_year(side: Side) -> None:
    rows = (("1944-10-17",), ("1944",), ("1946-01-02",))
    shown = table(side, *rows, columns="date").show("line")
    dots = [(dot.label, dot.value) for dot in shown.picture["wide"].dots]
    assert dots == [("1944", 2), ("1945", 0), ("1946", 1)]


def test_rows_are_ties_as_strong_as_their_number(side: Side) -> None:
    rows = (
        (STALIN, HARRIMAN, "3"),
        (STALIN, HARRIMAN, "1"),
        (DEANE, STALIN, "1"),
        (DEANE, DEANE, "9"),
    )
    web = table(side, *rows, columns="one other meetings").show("network").picture
    assert [(node["id"], node["count"]) for node in web.nodes] == [
        ("person/stalin-joseph", 5),
        ("person/harriman-w-averell", 4),
        ("person/deane-john-r", 1),
    ]
    assert [tuple(tie.values()) for tie in web.ties] == [
        ("person/stalin-joseph", "", "person/harriman-w-averell", 4),
        ("person/deane-john-r", "", "person/stalin-joseph", 1),
    ]


def test_places_are_on_the_map_with_how_many_rows_have_them(side: Side) -> None:
    rows = ((PORT,), (MOSCOW,), (PORT,), ("",))
    spots = table(side, *rows, columns="place").show("map").picture["wide"].spots
    assert [(spot.place.id, spot.place.located) for spot in spots] == [
        ("place/petropavlovsk-kamchatsky", 2),
        ("place/moscow", 1),
    ]


def test_degrees_are_on_the_map_under_the_name_beside_them(side: Side) -> None:
    rows = (("Yalta", "44.5", "34.17"),)
    [spot] = table(side, *rows, columns="name latitude longitude").show("map").picture["wide"].spots
    assert (spot.place.label, spot.place.id, spot.place.latitude) == ("Yalta", "place/yalta", 44.5)


cells = st.text(max_size=12) | st.sampled_from(
    [
        STALIN,
        HARRIMAN,
        PORT,
        "Joseph Stalin",
        "0001",
        "9999-12-31",
        "1944-10~",
        "1e99",
        "-0.5",
        "90",
    ]
)
COLUMNS = ["name", "year", "date", "lat", "long", "n"]


@given(st.lists(st.dictionaries(st.sampled_from(COLUMNS), cells), max_size=8))
def test_whatever_rows_hold_every_picture_that_is_offered_is_drawn(
    side: Side, rows: list[dict[str, str]]
) -> None:
    found = Table(side, COLUMNS, rows)
    views = found.show(None).views
    assert [found.show(view).view for view in VIEWS] == [
        view if view in views else "" for view in VIEWS
    ]


@given(st.lists(st.sampled_from(["0001", "0500", "1944", "9999"]), min_size=1))
def test_any_years_make_an_axis(side: Side, years: list[str]) -> None:
    drawn = Table(side, ["year"], [{"year": year} for year in years]).show("line").picture
    assert all(line.dots and len(line.times) < 15 for line in drawn.values())


def test_pictures_are_of_the_first_rows(side: Side) -> None:
    rows = [{"name": f"row {at}", "n": "1"} for at in range(MOST_ROWS + 5)]
    picture = Table(side, ["name", "n"], rows).show("bars").picture
    assert len(picture.items) + picture.left_out == MOST_ROWS
