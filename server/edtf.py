"""Read and write out dates in Extended Date/Time Format (ISO 8601-2).

The data set holds dates as EDTF, with the first and last day that each can mean. Here they
become words for a reader, and the dates that a reader gives become days to compare with. What
is not understood is shown as it stands: it is still the date of the source.
"""

import calendar
import re

from server.errors import InvalidRequest

MONTHS = (
    "January February March April May June July August September October November December"
).split()

_PART = re.compile(r"(\d{4}|XXXX)(?:-(\d\d))?(?:-(\d\d))?(?:T(\d\d:\d\d)[^?~%]*)?([?~%]?)")
_GIVEN = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")
_DOUBT = {"": "{}", "?": "{} (uncertain)", "~": "about {}", "%": "about {} (uncertain)"}


def written_out(edtf: str) -> str:
    """Return a date in words: "1944-10-17" is "17 October 1944"."""
    if edtf.startswith("[") and edtf.endswith("]"):
        first, dots, last = edtf[1:-1].partition("..")
        return _between(first, last, "between {} and {}") if dots else edtf
    first, slash, last = edtf.partition("/")
    return _between(first, last, "{} to {}") if slash else _part(edtf)


def _between(first: str, last: str, words: str) -> str:
    if first in ("", ".."):
        return f"until {_part(last)}"
    if last in ("", ".."):
        return f"from {_part(first)}"
    return words.format(_part(first), _part(last))


def _part(edtf: str) -> str:
    found = _PART.fullmatch(edtf)
    if not found:
        return edtf
    year, month, day, time, doubt = found.groups()
    if month and not 1 <= int(month) <= 12:
        return edtf
    words = [str(int(day))] if day else []
    words += [MONTHS[int(month) - 1]] if month else []
    words += [] if year == "XXXX" else [year]
    date = " ".join(words)
    return _DOUBT[doubt].format(f"{date}, {time}" if time else date)


def first_day(text: str) -> str:
    """Return the first ISO day of a day, month or year."""
    year, month, _ = _given(text)
    return text if len(text) == 10 else f"{year}-{month or '01'}-01"


def last_day(text: str) -> str:
    """Return the last ISO day of a day, month or year."""
    year, month, _ = _given(text)
    last = calendar.monthrange(int(year), int(month or 12))[1]
    return text if len(text) == 10 else f"{year}-{month or '12'}-{last:02}"


def days(start: str | None, end: str | None) -> tuple[str | None, str | None]:
    """Return the first and the last ISO day of what begins and ends so; either may be missing."""
    first = first_day(start) if start else None
    last = last_day(end) if end else None
    if first and last and first > last:
        raise InvalidRequest(f"from={start} is later than to={end}.", hint="Exchange the two.")
    return first, last


def _given(text: str) -> tuple[str, str | None, str | None]:
    found = _GIVEN.fullmatch(text)
    year, month, day = found.groups() if found else ("0000", None, None)
    if not int(year) or not 1 <= int(month or 1) <= 12:
        raise _not_a_date(text)
    if not 1 <= int(day or 1) <= calendar.monthrange(int(year), int(month or 1))[1]:
        raise _not_a_date(text)
    return year, month, day


def _not_a_date(text: str) -> InvalidRequest:
    return InvalidRequest(
        f'"{text}" is not a date of the calendar.', hint="Write 1944-10-17, 1944-10 or 1944."
    )
