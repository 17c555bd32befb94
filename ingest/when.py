"""When an act was done or is to be done, as its words say it on the day of the document."""

import re
from datetime import date, timedelta

from ingest.dates import find_date
from ingest.model import Document, Kind, Moment

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NEAR = {
    "today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "this evening": 0,
    "this noon": 0, "yesterday": -1, "last night": -1, "last evening": -1, "tomorrow": 1,
}  # fmt: skip
_RELATIVE = re.compile(rf"\b(?:{'|'.join(_NEAR)})\b", re.IGNORECASE)
_WEEKDAY = re.compile(rf"\b(?:{'|'.join(_DAYS)})\b", re.IGNORECASE)
_BY = re.compile(r"\b(?:by|before|not later than|no later than|prior to|until)\s(.{3,40})", re.I)
_WITHIN = re.compile(r"\bwithin (?:the next )?(?P<n>\w+) (?P<unit>day|week|month)s?\b", re.I)
_NUMBERS = {
    word: number
    for number, word in enumerate(
        "a one two three four five six seven eight nine ten eleven twelve".split()
    )
} | {"a": 1, "fortnight": 2}
_LENGTH = {"day": 1, "week": 7, "month": 30}


def moment_of(document: Document, kind: Kind, status: str, words: str) -> Moment | None:
    """Return the day of an act that its words give, None if they give none.

    A date in the words of a meeting is the day on which it is held. That of another act is more
    often the day of what is asked or promised, so that only "yesterday" and its like count.
    """
    sent = _day(document)
    if sent is None:
        return None
    if found := _RELATIVE.search(words):
        return _moment(sent + timedelta(_NEAR[found.group().lower()]), found.group())
    if kind is not Kind.MEETING:
        return None
    if found := _WEEKDAY.search(words):
        return _moment(_weekday(sent, found.group(), held=status == "held"), found.group())
    return _dated(sent, words, held=status == "held")


def deadline_of(document: Document, words: str) -> str | None:
    """Return the ISO day by which something is to be done, None if the words give none."""
    sent = _day(document)
    if sent is None:
        return None
    if (found := _WITHIN.search(words)) and (number := _number(found["n"])):
        return (sent + timedelta(number * _LENGTH[found["unit"].lower()])).isoformat()
    found = _BY.search(words)
    moment = _dated(sent, found[1], held=False) if found else None
    return moment.earliest if moment and moment.earliest == moment.latest else None


def _day(document: Document) -> date | None:
    sent = document.sent
    if sent is None or sent.earliest is None or sent.earliest != sent.latest:
        return None
    return date.fromisoformat(sent.earliest[:10])


def _number(word: str) -> int | None:
    return int(word) if word.isdecimal() and len(word) < 4 else _NUMBERS.get(word.lower())


def _moment(day: date, printed: str) -> Moment:
    return Moment(day.isoformat(), day.isoformat(), day.isoformat(), printed)


def _weekday(sent: date, word: str, *, held: bool) -> date:
    """Return the last such day up to a document's own for what was, the next for what will be."""
    ahead = (_DAYS.index(word.lower()) - sent.weekday()) % 7
    return sent + timedelta(ahead - 7 if held and ahead else ahead)


def _dated(sent: date, words: str, *, held: bool) -> Moment | None:
    """Read the first day in some words; without a year, the nearest that fits."""
    found = find_date(words)
    if found is None or found.first != found.last or len(found.first) != 10 or found.mark:
        return None
    printed = words[found.start : found.end]
    if not found.first.startswith("XXXX"):
        return _moment(date.fromisoformat(found.first), printed)
    years = (sent.year, sent.year - 1) if held else (sent.year, sent.year + 1)
    days = [_in_year(found.first, year) for year in years]
    fit = [day for day in days if day and (day <= sent if held else day >= sent)]
    return _moment(fit[0], printed) if fit else None


def _in_year(day: str, year: int) -> date | None:
    try:
        return date.fromisoformat(f"{year:04}{day[4:]}")
    except ValueError:  # 29 February
        return None
