"""Look at a query before it is planned: refuse SERVICE, and what is too large to plan.

`SERVICE` would make this server call any other one, and the engine cannot turn it off. The
rule that keeps it out must hold for every text that the engine can parse, not for good style.
Its parser has no separate lexer and tries again where a reading fails, so that
`trueSERVICE <x> {}` is a call, and what looks like an IRI or a string may be none. Hence:

- A text without the letters `service` has no call; escapes are not read in keywords.
- With them, comments, strings, IRIs and variables are skipped, and any other word that holds
  them is a call if a target and a brace follow. That refuses `ex:service ?x {` as well.
- An IRI or string that the engine might read in two ways is a doubt. A text with a doubt and
  the letters is refused.

The same holds for an update, which could make a call by `LOAD` as well.

Planning has no limit in the engine: 1,024 triple patterns hang it, 4,096 brackets crash it.
The sizes are counted in the same pass, which takes time in proportion to the text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from server.errors import (
    BadRequest,
    LoadForbidden,
    QueryTooComplex,
    ServiceForbidden,
    UpdateForbidden,
)
from server.settings import Settings

# The order matters: a long string before a short one, an IRI before an operator. A name takes
# every character beyond ASCII, which is more than the engine does and so never less.
_TOKEN = re.compile(
    r"""
    (?P<space>    (?:\s|\#[^\r\n]*)+ )
  | (?P<iri>      <[^<>"{}|^`\x00-\x20]*> )
  | (?P<string>   \"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3} | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
                | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*' )
  | (?P<variable> [?$][\w\x80-\U0010ffff]+ )
  | (?P<word>     (?:[\w:.%\-\x80-\U0010ffff]|\\.)+ )
  | (?P<mark>     \|\| | && | . )
    """,
    re.VERBOSE | re.DOTALL,
)
# After an operator `<`, two slashes cannot stand; so this is an IRI in every reading.
_CERTAIN_IRI = re.compile(r"<[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_CERTAIN_STRING = re.compile(r"""(?:[^\\]|\\[tbnrf"'\\])*""")
_DOUBTFUL = frozenset("#'()[]\\")

_OPENING, _CLOSING = frozenset("{[("), frozenset("}])")
_SEPARATORS = frozenset(".;,")
_OPERATORS = frozenset(("/", "|", "^", "*", "+", "?", "-", "!", "||", "&&"))
_QUERY_VERBS = frozenset(("select", "ask", "construct", "describe"))
_UPDATE_VERBS = frozenset(
    ("insert", "delete", "load", "clear", "create", "drop", "copy", "move", "add", "with")
)
_CHANGING = re.compile(r"\b(?:now|rand|uuid|struuid|bnode)\s*\(", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the query's text; `kind` is a group of the pattern above."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Outline:
    """What can be said of a query without parsing it.

    `verb` is the first word that names a kind of query or update; `names_graphs` says that
    the query has `FROM`; `changes`, that it may answer differently each time, of the same
    data; `calls_service`, that it calls another server or that this cannot be ruled out.
    """

    verb: str
    names_graphs: bool
    changes: bool
    calls_service: bool
    depth: int
    separators: int
    operators: int


def check(query: str, settings: Settings) -> Outline:
    """Refuse a query that must not be run; give the outline of any other."""
    _check_limit("bytes of text", len(query.encode()), settings.query_bytes)
    found = outline(query)
    if found.verb in _UPDATE_VERBS and settings.update_token_file is not None:
        raise BadRequest(
            f"{found.verb.upper()} is no query but an update.",
            hint="Send it by POST as the field `update`, or as application/sparql-update.",
        )
    if found.verb in _UPDATE_VERBS:
        raise UpdateForbidden(f"{found.verb.upper()} would change the graph, which is read-only.")
    if found.calls_service:
        raise ServiceForbidden(
            "The query uses SERVICE; this server calls no other one.",
            hint="Join the results on your side, or query both from an engine of your own.",
        )
    _check_limit("levels of brackets", found.depth, settings.query_depth)
    _check_limit("triple patterns and list items", found.separators, settings.query_separators)
    _check_limit("operators", found.operators, settings.query_operators)
    return found


def check_update(update: str, *, is_sealed: bool) -> None:
    """Refuse an update that would call another server.

    Its size has no other limit than its time: the process that applies it is nobody else's. If that
    is sealed, it can open no socket, and a LOAD fails there as it should, SILENT or not. Elsewhere
    whatever may be one is refused.
    """
    letters = update.lower()
    # A call is in a pattern, which stands behind WHERE, and has a pattern of its own. To look at
    # each token of some megabytes of data takes longer than to store them.
    is_possible = "where" in letters and "{" in letters.partition("service")[2]
    if is_possible and _may_call(_items(update)):
        raise ServiceForbidden(
            "The update uses SERVICE; this server calls no other one.",
            hint="Ask the other server yourself, and send what it answers.",
        )
    if not is_sealed and "load" in letters and _may_load(_items(update)):
        raise load_forbidden()


def load_forbidden() -> LoadForbidden:
    """Say that LOAD is off, and what to do instead."""
    return LoadForbidden(
        "The update uses LOAD; this server calls no other one.",
        hint="Send the triples: POST /graphs?graph=IRI adds them to a graph.",
    )


def outline(query: str) -> Outline:
    """Take in a query in one pass."""
    items = list(_items(query))
    marks = [token.text for token in items if token.kind == "mark"]
    words = [token.text for token in items if token.kind == "word"]
    return Outline(
        verb=_verb(words),
        names_graphs=any(word.lower() == "from" for word in words),
        changes=_CHANGING.search(query) is not None,
        calls_service="service" in query.lower() and _may_call(items),
        depth=_depth(marks),
        separators=sum(mark in _SEPARATORS for mark in marks) + sum(map(_dots, words)),
        operators=sum(mark in _OPERATORS for mark in marks),
    )


def tokens(query: str) -> Iterator[Token]:
    """Give the tokens of a query; every character is in one of them."""
    for match in _TOKEN.finditer(query):
        yield Token(match.lastgroup or "", match[0])


def doubtful(token: Token) -> bool:
    """Say whether the engine might not read this IRI or string as one."""
    if token.kind == "iri":
        return not _CERTAIN_IRI.match(token.text) and not _DOUBTFUL.isdisjoint(token.text)
    return token.kind == "string" and not _CERTAIN_STRING.fullmatch(token.text)


def _items(query: str) -> Iterator[Token]:
    return (token for token in tokens(query) if token.kind != "space")


def _check_limit(what: str, found: int, limit: int) -> None:
    if found > limit:
        raise QueryTooComplex(f"The query has {found} {what}; {limit} are allowed.", limit=limit)


def _verb(words: list[str]) -> str:
    verbs = _QUERY_VERBS | _UPDATE_VERBS
    return next((word.lower() for word in words if word.lower() in verbs), "")


def _depth(marks: list[str]) -> int:
    depth = deepest = 0
    for mark in marks:
        depth += (mark in _OPENING) - (mark in _CLOSING)
        deepest = max(deepest, depth)
    return deepest


def _dots(word: str) -> int:
    """Count the full stops around a name: those within belong to it."""
    return len(word) - len(word.strip("."))


def _may_call(items: Iterable[Token]) -> bool:
    """Look at each token and the three behind it; an update may have millions of them."""
    copies = itertools.tee(items, 4)
    shifted = (itertools.islice(each, number, None) for number, each in enumerate(copies))
    return any(
        doubtful(item)
        or (
            item.kind == "word"
            and "service" in item.text.lower()
            and _target_follows(item.text, [each for each in following if each is not None])
        )
        for item, *following in itertools.zip_longest(*shifted)
    )


def _may_load(items: Iterable[Token]) -> bool:
    return any(
        doubtful(item) or (item.kind == "word" and item.text.lower().startswith("load"))
        for item in items
    )


def _target_follows(word: str, following: list[Token]) -> bool:
    """Say whether `[SILENT] target {` follows the letters; part of it may be in the word."""
    names = list(itertools.takewhile(_may_be_target, following))
    brace = following[len(names) : len(names) + 1]
    within = ":" in word.lower().partition("service")[2]
    return [each.text for each in brace] == ["{"] and (within or bool(names))


def _may_be_target(token: Token) -> bool:
    name = token.text.lower()
    return token.kind in ("iri", "variable") or (
        token.kind == "word" and (":" in name or name == "silent")
    )
