"""Dates as the volumes print and tag them, in Extended Date/Time Format (EDTF).

A tag is trusted unless the printed words name another day: the words are what the editors
proofread. Times are local to the place unless the words or the tag give a zone ("0600Z").
Nothing is made more precise than it is printed: a month stays a month, and a day without a
year ("XXXX-05-27") may be in any year of the volume.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from ingest.model import Moment

MONTHS = (
    "January February March April May June July August September October November December"
).split()
_NUMBERS = {name[:3].lower(): number for number, name in enumerate(MONTHS, 1)}
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DASH = r"\s*(?:[-–—]|\bto\b|\band\b)\s*"
_NO_CLOCK = r"(?!\d|:|\s?[ap]\.?\s?m\b|\s?noon|\s?midnight)"
_DAY = re.compile(
    rf"\b(?P<m1>{MONTH})(?:\s+(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?P<doubt>\s?\[?\?\]?)?"
    rf"(?:{_DASH}(?:(?P<m2>{MONTH})\s+)?(?P<d2>\d{{1,2}}){_NO_CLOCK})?)?"
    rf"(?:\s?\]?[,.]?\s?\[?(?P<y>1[789]\d\d)\b)?"
    rf"|\b(?P<e1>\d{{1,2}})(?:st|nd|rd|th)?(?:(?:\s(?P<n0>{MONTH}))?{_DASH}"
    rf"(?P<e2>\d{{1,2}}))?\s+(?:of\s)?"
    rf"(?P<n1>{MONTH})(?:,?\s?\[?(?P<z>1[789]\d\d)\b)?",
    re.IGNORECASE,
)
_GROUP = re.compile(
    r"\b(?P<d>[0-3]\d)(?P<t>[0-2]\d[0-5]\d)Z\s?(?P<m>[A-Z]{3})\w*\.?\s(?P<y>\d\d)\b"
)
_CLOCK = re.compile(
    r"\b(?P<h>\d{1,2})(?:[:.](?P<m>[0-5]\d))?\s?"
    r"(?:(?:[-–—]|to|and)\s?\d{1,2}(?:[:.][0-5]\d)?\s?)?(?P<half>[ap])\.?\s?m\b"
    r"|\b(?P<word>noon|midnight)\b|\b(?P<zulu>[0-2]\d[0-5]\d)\s?(?P<z>Z\b|G\.?M\.?T)"
    r"|\b(?P<army>[0-2]\d[0-5]\d)\s(?:hours|hrs)\b",
    re.IGNORECASE,
)
_UNDATED = re.compile(r"\bundated\b", re.IGNORECASE)
_ABOUT = re.compile(r"\b(?:circa|ca\.|about)\s*$", re.IGNORECASE)
_TAG = re.compile(
    r"(?P<date>1[789]\d\d(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?)"
    r"(?:T(?P<time>[01]\d:[0-5]\d|2[0-3]:[0-5]\d)(?P<seconds>:[0-5]\d)?(?:\.\d+)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?)?$"
)


class Dated(NamedTuple):
    """A date found in words: EDTF of its first and last day, and where it stands."""

    first: str
    last: str
    mark: str  # "?", "~" or nothing: EDTF for uncertain and approximate
    start: int
    end: int

    @property
    def edtf(self) -> str:
        """The day, or the interval of days."""
        if self.first == self.last:
            return self.first + self.mark
        return f"{self.first}{self.mark}/{self.last}{self.mark}"


def is_undated(words: str) -> bool:
    """Tell whether the editors say that the document bears no date."""
    return _UNDATED.search(words) is not None


def find_date(words: str, year: str = "XXXX") -> Dated | None:
    """Find the first date in `words`; `year` is taken where none is printed."""
    found = _DAY.search(words)
    while found and not (found["d1"] or found["e1"] or found["y"]):
        # "May" is also a verb: a month needs a day or a year.
        found = _DAY.search(words, found.end())
    if found is None or not (found["y"] or found["z"]):
        group = _group(words)
        if group or found is None:
            return group
    return _dated(found, year, words)


def _dated(found: re.Match[str], year: str, words: str) -> Dated:
    year = found["y"] or found["z"] or year
    month, until = found["m1"] or found["n0"] or found["n1"], found["m2"] or found["n1"]
    first = _day(year, month, found["d1"] or found["e1"])
    end = found["d2"] or found["e2"]
    last = _day(year, until or month, end) if end else first
    if last < first:
        if not (found["m2"] or found["n0"]) or "X" in first:
            last = first
        else:  # "December 30–January 2, 1956": the year is that of the last day
            first = f"{int(first[:4]) - 1}{first[4:]}"
    mark = "?" if found["doubt"] else "~" if _ABOUT.search(words[: found.start()]) else ""
    return Dated(first, last, mark, found.start(), found.end())


def _day(year: str, month: str, day: str | None) -> str:
    number = _NUMBERS[month[:3].lower()]
    if day is None or not 0 < int(day) <= _length(year, number):
        return f"{year}-{number:02}"
    return f"{year}-{number:02}-{int(day):02}"


def _length(year: str, month: int) -> int:
    return monthrange(int(year) if year.isdecimal() else 2000, month)[1]


def _group(words: str) -> Dated | None:
    """Find the date-time group of a cable: "061500Z MAR 69"."""
    found = _GROUP.search(words)
    if found is None or found["m"][:3].lower() not in _NUMBERS:
        return None
    day = _day("19" + found["y"], found["m"], found["d"])
    return Dated(day, day, "", found.start(), found.end())


def find_time(words: str) -> str | None:
    """Find the first time of day in `words`: "13:00:00", or "18:07:00Z" with a zone."""
    found = _CLOCK.search(words)
    if found is None:
        group = _GROUP.search(words)
        return f"{group['t'][:2]}:{group['t'][2:]}:00Z" if group else None
    if found["half"]:
        return _civil(int(found["h"]), found["m"] or "00", found["half"] in "pP")
    if found["word"]:
        return "12:00:00" if found["word"].lower() == "noon" else None
    digits = found["zulu"] or found["army"]
    if int(digits) > 2359:
        return None
    return f"{digits[:2]}:{digits[2:]}:00" + ("Z" if found["zulu"] else "")


def _civil(hour: int, minute: str, afternoon: bool) -> str | None:
    if not 0 < hour <= 12:
        return None
    return f"{hour % 12 + 12 * afternoon:02}:{minute}:00"


def printed_moment(
    words: str, years: tuple[int, int] | None = None, year: str = "XXXX"
) -> Moment | None:
    """Read the first date in `words`, with the time of day after it."""
    dated = find_date(words, year)
    if dated is None:
        return None
    time = find_time(_undated(words, dated)) if dated.first == dated.last else None
    return _moment(dated.edtf, dated.first, dated.last, time, words, years)


def _undated(words: str, dated: Dated) -> str:
    """Leave out the date, whose day could be read as an hour; a date-time group stays."""
    if _GROUP.match(words, dated.start):
        return words[dated.start :]
    return f"{words[: dated.start]} {words[dated.end :]}"


def _moment(
    edtf: str, first: str, last: str, time: str | None, words: str, years: tuple[int, int] | None
) -> Moment:
    if time and len(edtf) == 10 and "X" not in edtf:
        edtf = f"{edtf}T{time}"
    low, high = years or (1700, 1999)
    earliest = _edge(first.replace("XXXX", str(low)), last=False)
    return Moment(edtf, earliest, _edge(last.replace("XXXX", str(high)), last=True), words)


def _edge(day: str, *, last: bool) -> str:
    """Give the first or last ISO day that a date of any precision can mean."""
    if len(day) == 4:
        return day + ("-12-31" if last else "-01-01")
    if len(day) == 7:
        return f"{day}-{_length(day[:4], int(day[5:])) if last else 1:02}"
    if day.endswith("-02-29") and _length(day[:4], 2) == 28:
        return day[:8] + "28"
    return day


@lru_cache(maxsize=4096)
def tagged_moment(start: str, end: str, words: str) -> Moment | None:
    """Read the attributes of a date tag; None where they are not dates."""
    first, last = _TAG.match(start), _TAG.match(end)
    if first is None or last is None or not (_exists(first["date"]) and _exists(last["date"])):
        return None
    if first["date"] != last["date"]:
        edtf = f"{first['date']}/{last['date']}"
    else:
        edtf = first["date"] + _time(first)
    return Moment(edtf, _edge(first["date"], last=False), _edge(last["date"], last=True), words)


def _exists(day: str) -> bool:
    return len(day) < 10 or int(day[8:]) <= _length(day[:4], int(day[5:7]))


def _time(tag: re.Match[str]) -> str:
    if not tag["time"]:
        return ""
    return f"T{tag['time']}{tag['seconds'] or ':00'}{tag['zone'] or ''}"


def read_date(
    tag: Mapping[str, str], words: str, years: tuple[int, int] | None = None
) -> tuple[Moment | None, str | None]:
    """Read a tagged date and its printed words; also say what is wrong with the tag."""
    start = tag.get("when") or tag.get("from") or tag.get("notBefore") or ""
    end = tag.get("when") or tag.get("to") or tag.get("notAfter") or start
    start = start or end
    if not start:
        return printed_moment(words, years), None
    tagged = tagged_moment(start, end, words)
    if tagged is None:
        return printed_moment(words, years), f'the tagged date "{start}" is not a date'
    return _checked(tagged, words, years)


def _checked(
    tagged: Moment, words: str, years: tuple[int, int] | None
) -> tuple[Moment | None, str | None]:
    first, last = _days(tagged)
    if first == last and _printed_as(first) in words:
        return _plausible(tagged, years)
    dated = find_date(words, first[:4])
    if dated is not None and not _agree(dated, tagged):
        fault = f'the tagged date "{tagged.edtf}" is not the printed date "{words}"'
        return printed_moment(words, years, first[:4]), fault
    if dated is not None and dated.mark and len(tagged.edtf) == 10:
        return Moment(dated.edtf, tagged.earliest, tagged.latest, words), None
    return _plausible(tagged, years)


def _plausible(tagged: Moment, years: tuple[int, int] | None) -> tuple[Moment | None, str | None]:
    if years and not years[0] - 40 <= int(_days(tagged)[0][:4]) <= years[1] + 10:
        return tagged, f'the tagged date "{tagged.edtf}" is far from the years of the volume'
    return tagged, None


@lru_cache(maxsize=4096)
def _printed_as(day: str) -> str:
    """Write a day as most volumes print it."""
    return f"{MONTHS[int(day[5:7]) - 1]} {int(day[8:])}, {day[:4]}"


def _agree(dated: Dated, tagged: Moment) -> bool:
    """Tell whether the tag lies within the printed days."""
    first, last = _days(tagged)
    return _edge(dated.first, last=False) <= last and first <= _edge(dated.last, last=True)


def _days(moment: Moment) -> tuple[str, str]:
    """The first and the last day of a moment, which in this file always has both."""
    return moment.earliest or "", moment.latest or ""


def with_time(moment: Moment | None, words: str) -> Moment | None:
    """Add what the tag leaves out of the time of day that is printed after the date."""
    if moment is not None and len(moment.edtf) == 19 and "T" in moment.edtf:
        return _in_words(moment, words)
    if moment is None or len(moment.edtf) != 10 or "X" in moment.edtf:
        return moment
    if words.endswith(_printed_as(_days(moment)[0])):
        return moment
    dated = find_date(words)
    time = find_time(_undated(words, dated) if dated else words)
    if time is None:
        return moment
    return Moment(f"{moment.edtf}T{time}", moment.earliest, moment.latest, moment.printed)


def _in_words(moment: Moment, words: str) -> Moment:
    """Add a zone that is only printed; leave out a midnight, which may begin or end the day."""
    if moment.edtf.endswith("T00:00:00") and "midnight" in words:
        return replace(moment, edtf=moment.edtf[:10])
    if words.endswith(("Z", "GMT")) and find_time(words) == f"{moment.edtf[11:]}Z":
        return replace(moment, edtf=f"{moment.edtf}Z")
    return moment


def received_moment(words: str, sent: Moment | None) -> Moment | None:
    """Read when a document was received; what is not printed is as in the date of sending."""
    dated = find_date(words, _days(sent)[0][:4] if sent else "XXXX")
    if dated:
        time = find_time(_undated(words, dated))
        return _after(_moment(dated.edtf, dated.first, dated.last, time, words, None), sent)
    time = find_time(words)
    if time is None or sent is None or sent.earliest != sent.latest:
        return None
    return Moment(f"{sent.earliest}T{time}", sent.earliest, sent.latest, words)


def _after(moment: Moment, sent: Moment | None) -> Moment:
    """Move a receipt that is printed without a year past the turn of the year."""
    day, (first, last) = _days(sent)[0] if sent else "", _days(moment)
    if first >= day or day[5:7] != "12":
        return moment
    year = str(int(day[:4]) + 1)
    return Moment(year + moment.edtf[4:], year + first[4:], year + last[4:], moment.printed)
