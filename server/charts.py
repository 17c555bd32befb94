"""Draw numbers as bars or over time, as values that a template writes as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, log10

MOST_BARS = 60
"""More bars than this are a table."""

SIZES = {"wide": (1000.0, 340.0), "narrow": (380.0, 260.0)}
LEFT, RIGHT, TOP, BOTTOM = 64.0, 16.0, 14.0, 30.0
"""Room around the field of a chart for what is written on its axes."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A number with what it is of; the bar goes from `start` over `length` hundredths."""

    label: str
    address: str | None
    value: float
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class Bars:
    """Numbers below each other, and how many more there are."""

    items: tuple[Bar, ...]
    left_out: int


def bars(numbers: Sequence[tuple[str, str | None, float]]) -> Bars:
    """Draw numbers with their labels and addresses, in the order given; bars begin at zero."""
    shown = numbers[:MOST_BARS]
    values = [value for _, _, value in shown]
    low, high = min([0.0, *values]), max([0.0, *values])
    unit = 100 / (high - low or 1.0)
    return Bars(
        tuple(
            Bar(label, address, value, (min(value, 0.0) - low) * unit, abs(value) * unit)
            for label, address, value in shown
        ),
        len(numbers) - len(shown),
    )


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where it is, and what it says."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A number at a time."""

    x: float
    y: float
    label: str
    value: float


@dataclass(frozen=True, slots=True)
class Line:
    """Numbers in the order of time."""

    width: float
    height: float
    dots: tuple[Dot, ...]
    times: tuple[Tick, ...]
    levels: tuple[Tick, ...]


def lines(numbers: Mapping[str, float]) -> dict[str, Line]:
    """Draw numbers by ISO date (a day, month or year), for wide screens and for narrow ones."""
    return {name: _line(numbers, *size) for name, size in SIZES.items()}


def _line(numbers: Mapping[str, float], width: float, height: float) -> Line:
    days = {text: _day(text) for text in sorted(numbers)}
    levels = steps(min([0.0, *numbers.values()]), max([0.0, *numbers.values()]))
    first, last = min(days.values()), max(days.values())

    def x(day: float) -> float:
        part = (day - first) / (last - first) if last > first else 0.5
        return LEFT + part * (width - LEFT - RIGHT)

    def y(value: float) -> float:
        part = (value - levels[0]) / (levels[-1] - levels[0])
        return height - BOTTOM - part * (height - BOTTOM - TOP)

    return Line(
        width,
        height,
        tuple(Dot(x(day), y(numbers[text]), text, numbers[text]) for text, day in days.items()),
        tuple(Tick(x(day), label) for day, label in _times(first, last, int(width // 90))),
        tuple(Tick(y(level), written(level)) for level in levels),
    )


def _day(text: str) -> int:
    year, month, day = (*map(int, text.split("-")), 1, 1)[:3]
    return date(year, month, day).toordinal()


def _times(first: int, last: int, most: int) -> Iterator[tuple[int, str]]:
    """Yield the beginnings of years, at most about so many; of one year alone, its months."""
    years = range(date.fromordinal(first).year, date.fromordinal(last).year + 1)
    if len(years) < 3:
        yield from _months(first, last, years, most)
        return
    step = next(
        step for step in (1, 2, 5, 10, 20, 50, 100, 1000, 5000) if len(years) / step <= most
    )
    for year in years:
        day = date(year, 1, 1).toordinal()
        if year % step == 0 and first <= day <= last:
            yield day, str(year)


def _months(first: int, last: int, years: range, most: int) -> Iterator[tuple[int, str]]:
    step = 3 if last - first > 31 * most else 1
    beginnings = [date(year, month, 1) for year in years for month in range(1, 13, step)]
    within = [each for each in beginnings if first <= each.toordinal() <= last]
    if not within:
        yield first, date.fromordinal(first).isoformat()
    yield from ((each.toordinal(), each.isoformat()[:7]) for each in within)


def steps(low: float, high: float) -> list[float]:
    """Return round numbers, four or five steps apart, from one at most `low` to one over `high`."""
    span = high - low or 1.0
    size = 10.0 ** floor(log10(span / 4))
    step = next(size * times for times in (1, 2, 5, 10) if span / (size * times) <= 5)
    begin, end = floor(low / step), ceil(high / step)
    return [step * at for at in range(begin, max(end, begin + 1) + 1)]


def written(number: float) -> str:
    """Write a number as people do: "1,234", "0.25"."""
    return f"{number:,.0f}" if number == round(number) else f"{number:,.6g}"
