"""Dates of facts and tenures, written as EDTF.

The subset that historians write: a day, a month, a year, an interval with open ends, a set
of one day among several, and the marks for uncertain (?) and approximate (~).
"""

import calendar
import re

from ingest.model import Moment

_PART = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?[?~%]?")
_RANGE = re.compile(r"\[([^,\]]*)\.\.([^,\]]*)\]|([^/\[\]]*)/([^/\[\]]*)")


class BadDate(ValueError):
    """A date that is not EDTF, or not a day of the calendar."""


def moment(edtf: str, printed: str = "") -> Moment:
    """Return the days that an EDTF date can mean.

    Raises BadDate for anything else, naming it and the forms that are understood.
    """
    found = _RANGE.fullmatch(edtf)
    first, last = _ends(found) if found else (edtf, edtf)
    earliest = _days(first, edtf)[0] if _is_known(first) or not found else None
    latest = _days(last, edtf)[1] if _is_known(last) or not found else None
    if earliest and latest and earliest > latest:
        raise BadDate(f'"{edtf}" ends before it begins')
    return Moment(edtf, earliest, latest, printed)


def _ends(found: re.Match[str]) -> tuple[str, str]:
    first, last = (found[1], found[2]) if found[1] is not None else (found[3], found[4])
    if not _is_known(first) and not _is_known(last):
        raise BadDate(f'"{found[0]}" is open on both sides; leave the date out')
    return first, last


def _is_known(end: str) -> bool:
    return end not in ("", "..")


def _days(part: str, edtf: str) -> tuple[str, str]:
    found = _PART.fullmatch(part)
    if not found:
        raise BadDate(
            f'"{edtf}" is not a date; write 1944-10-17, 1944-10, 1944, 1944-10-17/1944-10-19, '
            "../1944-10-17, [1944-11-16..1944-11-30], with ? for uncertain or ~ for about"
        )
    year, month, day = found.groups()
    low, high = int(month or 1), int(month or 12)
    if not 1 <= low <= 12 or int(year) == 0:
        raise BadDate(f'"{edtf}" names no month of the calendar')
    days = calendar.monthrange(int(year), high)[1]
    if day and not 1 <= int(day) <= days:
        raise BadDate(f'"{edtf}" names no day of the calendar')
    return f"{year}-{low:02}-{day or '01'}", f"{year}-{high:02}-{day or days:02}"
