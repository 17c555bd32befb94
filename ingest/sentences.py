"""Where sentences end in telegrams, letters and minutes."""

import re
from collections.abc import Iterator

from ingest.model import Span

_END = re.compile(r"[.?!][.?!…]*[\"”’')\]]*\s+(?=[\"“‘'(\[]*(?:[A-Z0-9]|\[))")

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr gen col maj capt lt adm sgt rev hon prof messrs st no nos vol vols pp para paras "
    "art arts sec secs fig ref refs cf viz vs etc e.g i.e jan feb mar apr jun jul aug sept sep oct "
    "nov dec u.s u.k u.n u.s.s.r n.y d.c dept govt amb min asst fon pres encl rept res cir tel inc "
    "ltd co corp bros jr sr a.m p.m approx est".split()
)
"""Words that are printed with a full stop within sentences."""

_LAST = re.compile(r"[\w.’'-]*$")
_NUMBER = re.compile(r"(?:^|[\s(])(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})$")
"""What stands before the stop of a numbered point, "2." or "(a)."."""


def sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the sentences of a block of text in order; together they cover all but the gaps."""
    first = start
    for found in _END.finditer(text, start, end):
        if found.group()[0] == "." and _goes_on(text, first, found.start()):
            continue
        yield Span(first, found.start() + len(found.group().rstrip()))
        first = found.end()
    if first < end:
        yield Span(first, end)


def _goes_on(text: str, first: int, stop: int) -> bool:
    """Say whether the stop belongs to an abbreviation, an initial or the number of a point."""
    before = text[max(first, stop - 20) : stop]
    found = _LAST.search(before)
    last = found.group() if found else ""
    return (
        last.lower() in _ABBREVIATIONS
        or (len(last) == 1 and last.isupper())
        or (stop - first < 8 and _NUMBER.search(before) is not None)
    )
