"""Where a meeting took place, or is to: what the words that tell of it say."""

from __future__ import annotations

import re

from ingest.authority import Authority
from ingest.model import Document, Quote

_LONGEST = 4
"""Words of the name of a place, at most: "Rio de Janeiro"."""
_IN = re.compile(r"\b(?:in|at|IN|AT) (?=[A-Z])")
_NAME = re.compile(r"[^\W\d_][\w’'-]*(?: [^\W\d_][\w’'-]*)*")
_APART = re.compile(r"\b(?:tele(?:phone|con|type)|phoned?\b)", re.IGNORECASE)
"""Those who speak so are not at one place."""
_POSTED = re.compile(
    r"\b(?:Amb(?:assador)?|Chargé|Commissioner|Minister|Consul|Delegation|Del|Embassy|Legation"
    r"|Mission|representatives?|officials|officers|correspondent|secretary|rights|stopover"
    r"|arrival|developments|response|tensions?|not)\s(?:here\s)?$",
    re.IGNORECASE,
)
"""Before "in Moscow" this tells where somebody is posted, or where something else is."""
_MORE = re.compile(
    r"\s(?:Canal|Airfield|Pact|Treaty|Conference|Accords?|Agreements?)\b|,? (?:and|or) [A-Z]"
    r"|, [A-Z][a-z]+(?:,| and )"
)
"""Behind the name of a place this makes it that of something else, or names a second one."""
_NEAR = 80
"""Characters between the trigger of a meeting and its place, at most."""


def place_of(document: Document, told: Quote, trigger: Quote, authority: Authority) -> str | None:
    """Return the place of a meeting by the words that tell of it; None if it is none, or of two.

    It stands near the trigger: what stands farther off is more often the place of something else.
    """
    if _APART.search(told.exact):
        return None
    day = document.sent.earliest if document.sent else None
    near = told.exact[: max(0, trigger.end - told.start) + _NEAR]
    start = max(0, trigger.start - told.start - _NEAR)
    found = {
        place
        for each in _IN.finditer(near, start)
        if not _POSTED.search(near, 0, each.start())
        and (place := _named(told.exact[each.end() :], authority, day))
    }
    return found.pop() if len(found) == 1 else None


def _named(words: str, authority: Authority, day: str | None) -> str | None:
    """Return the place whose name words begin with, the longest one, unless it is not alone."""
    begins = _NAME.match(words)
    parts = begins.group().split()[:_LONGEST] if begins else []
    for length in range(len(parts), 0, -1):
        name = " ".join(parts[:length])
        if place := authority.named(name, "place", day=day):
            return None if _MORE.match(words, len(name)) else place
    return None
