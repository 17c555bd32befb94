"""Full text inside SPARQL: `?document cg:matches "Petropavlovsk base"`.

No triple has this property. Before a query goes to a worker, each such pattern gives way to the
things that the index of the side file finds, so that no document is scanned: the documents that
have all the words in head or text, and the facts that have them in content or quote. A match
belongs to no graph, so `GRAPH` and `FROM` do not matter to it.

A query whose words find more than `limit` things is refused, since to leave some out would make
the answer wrong without a sound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache

from pyoxigraph import Literal, RdfFormat, parse

from ontology.names import DATA, TERMS
from server.errors import BadRequest
from server.jobs import Job, Term
from server.patterns import Pattern, Reading, read, refuse
from server.search import NothingToSearch, search_expression

MATCHES = f"{TERMS}matches"


class TooManyMatches(BadRequest):
    """The words of `cg:matches` find more than `limit` documents and facts in all."""

    slug = "too-many-matches"
    title = "Too many matches"


Search = Callable[[str, int], list[str]]
"""Return the paths of things that an expression of FTS5 finds, at most so many."""


def expand(job: Job, search: Search, limit: int) -> Job:
    """Put what is found in the place of each pattern; a job without one stays as it is."""
    text = with_words(job.query, job.substitutions, job.base)
    reading = read(text, MATCHES, job.base)
    if not reading.patterns:
        return job
    find = _finder(search, limit)
    joins = [(pattern.place, _join(text, pattern, find)) for pattern in reading.patterns]
    return replace(job, query=_edited(text, reading, joins), written=job.written or job.query)


def with_words(query: str, terms: dict[str, Term], base: str | None = None) -> str:
    """Write the words in the place of a parameter that stands for them."""
    words = [
        (pattern.object, terms[pattern.object.text[1:]].value)
        for pattern in read(query, MATCHES, base).patterns
        if pattern.object.kind == "variable" and pattern.object.text[1:] in terms
    ]
    for piece, value in reversed(words):
        query = f"{query[: piece.start]}{Literal(value)}{query[piece.end :]}"
    return query


def _finder(search: Search, limit: int) -> Callable[[str], list[str]]:
    """Search with one limit for all the words of a query; words are searched for once."""
    left = limit

    @cache
    def find(words: str) -> list[str]:
        nonlocal left
        found = search(search_expression(words), left + 1)
        if len(found) > left:
            raise TooManyMatches(
                f"The words of cg:matches are found in more than {limit} documents and facts.",
                hint="Give more words, or words in double quotes, which must follow each other.",
                limit=limit,
            )
        left -= len(found)
        return [DATA + path for path in found]

    return find


def _join(query: str, pattern: Pattern, find: Callable[[str], list[str]]) -> str:
    """Write what is joined: the subject's values, or for a constant whether it is one of them."""
    found = _found(query, pattern, find)
    name = pattern.subject.text
    if pattern.subject.kind == "variable":
        # In a sub-query: the engine would go through bare VALUES for each row it joins them with.
        values = " ".join(f"<{iri}>" for iri in found)
        return f" {{ SELECT {name} {{ VALUES {name} {{ {values} }} }} }} "
    if pattern.iri is None:
        hint = "Give the thing a variable: ?document a cg:Telegram ; cg:matches …"
        raise refuse(query, pattern.subject, "the subject of cg:matches has no name.", hint)
    # An empty group is true. It is not written as a row without values: Virtuoso has none.
    return " {} " if pattern.iri in found else " VALUES () { } "


def _found(query: str, pattern: Pattern, find: Callable[[str], list[str]]) -> list[str]:
    piece = pattern.object
    if piece.kind != "string":
        problem = "what cg:matches searches for must be words in quotes, without a language."
        raise refuse(query, piece, problem, 'Write ?document cg:matches "Petropavlovsk base".')
    try:
        return find(_value(piece.text))
    except NothingToSearch as error:
        raise refuse(query, piece, error.detail, error.hint or "") from error


def _value(string: str) -> str:
    """Return what a string means, which is the same in Turtle."""
    [quad] = parse(f"<a:a> <a:a> {string} .", format=RdfFormat.TURTLE)
    assert isinstance(quad.object, Literal)
    return quad.object.value


def _edited(query: str, reading: Reading, joins: Iterable[tuple[int, str]]) -> str:
    """Cut the patterns out, and write the joins where they belong."""
    edits = [(start, end, " ") for start, end in reading.cuts]
    edits += [(place, place, text) for place, text in joins]
    # What is put where a cut begins stands before it.
    for start, end, text in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        query = f"{query[:start]}{text}{query[end:]}"
    return query
