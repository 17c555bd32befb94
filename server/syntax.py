"""Say where a query stops to be SPARQL, from what the engine's parser says.

The parser reports the furthest place at which anything was expected, and it counts a keyword
that it tried as read, up to the end of the text. So `LIMT 3` is reported behind its end,
because `OFFSET` would have ended there. To find the place that a person means, the text is
parsed again with room behind it, and the length of the shortest keyword is taken off.
"""

from __future__ import annotations

import re

from pyoxigraph import Store

from server.errors import QuerySyntax

_MESSAGE = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_KEYWORD = re.compile(r"[A-Za-z_0-9]+")
_SENTENCE = re.compile(r"\w+( \w+){2,}")
_ROOM = "\n" + " " * 40
"""Longer than any keyword, and nothing to the parser."""


def syntax_error(query: str, base: str | None = None, *, is_update: bool = False) -> QuerySyntax:
    """Parse a query that is not SPARQL, and say where and, if the parser knows it, why."""
    message = _message(query + _ROOM, base, is_update=is_update)
    found = _MESSAGE.fullmatch(message)
    if found is None:
        return QuerySyntax(f"{message}.")
    expected = found[3].split(", ")
    place = min(_place(query, found, expected), len(query.rstrip()))
    line, column = query.count("\n", 0, place) + 1, place - query.rfind("\n", 0, place)
    sentences = [each for each in expected if _SENTENCE.fullmatch(each)]
    what = sentences[0] if sentences else f"unexpected {_piece(query[place:])}"
    return QuerySyntax(f"Line {line}, column {column}: {what}.", line=line, column=column)


def _message(text: str, base: str | None, *, is_update: bool) -> str:
    store = Store()
    try:
        (store.update if is_update else store.query)(text, base_iri=base)
    except SyntaxError as error:
        return str(error)
    return "The query is not SPARQL 1.1"


def _place(query: str, found: re.Match[str], expected: list[str]) -> int:
    """Give the offset at which the parser tried what it reports."""
    lines = (query + _ROOM).split("\n")
    reported = sum(len(line) + 1 for line in lines[: int(found[1]) - 1]) + int(found[2]) - 1
    lengths = [len(each) if _KEYWORD.fullmatch(each) else 0 for each in expected]
    return max(0, reported - min(lengths))


def _piece(rest: str) -> str:
    words = rest.split(maxsplit=1)
    return f'"{words[0][:40]}"' if words else "end of the query"
