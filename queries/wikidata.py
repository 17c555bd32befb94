"""Queries for Wikidata's own endpoint, about items that an answer of ours names.

query.wikidata.org joins only with servers that are on a list of its own, and ours calls no other
server. So the join is written into the query: each file in `for-wikidata/` asks about the items in
its `VALUES ?item { … }`, and these give way to those of the answer. As a file stands it asks about
people of the first telegram.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from queries import FOLDER, load, names

FILES = FOLDER / "for-wikidata"

MOST_ITEMS = 250
"""Items in one query: an address with more is too long for some browsers."""

_ITEM = re.compile(r"http://www\.wikidata\.org/entity/(Q[1-9][0-9]{0,11})")
_VALUES = re.compile(r"(?<=VALUES \?item \{)[^}]*(?=\})")


@dataclass(frozen=True, slots=True)
class Further:
    """A question that Wikidata can answer: its text, ready to be asked there."""

    title: str
    description: str
    text: str

    @property
    def address(self) -> str:
        """The page of query.wikidata.org with the query filled in."""
        return f"https://query.wikidata.org/#{quote(self.text, safe='')}"


def items(values: Iterable[str]) -> list[str]:
    """Return the items of Wikidata among IRIs, each once."""
    found = (_ITEM.fullmatch(value) for value in values)
    return list(dict.fromkeys(match[1] for match in found if match))


def further(about: Sequence[str] = ()) -> list[Further]:
    """Return what to ask about items, at most 250 of them; without any, the examples."""
    return [_further(name, about[:MOST_ITEMS]) for name in names(FILES)]


def _further(name: str, about: Sequence[str]) -> Further:
    query = load(name, FILES)
    lines = (line for line in query.text.splitlines(keepends=True) if not line.startswith("#+"))
    text = "".join(lines)
    if about:
        text = _VALUES.sub(f" {' '.join(f'wd:{item}' for item in about)} ", text)
    return Further(query.title, query.description, text)
