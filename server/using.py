"""Put an update to the graphs that its request names, as if the update had named them.

The SPARQL 1.1 Protocol (section 2.2.3) has `using-graph-uri` and `using-named-graph-uri` for that;
the engine has only the words USING and USING NAMED. They are written in front of each WHERE, and
`DELETE WHERE {…}`, which cannot have them, is written as `DELETE {…} WHERE {…}`, which means the
same. An update that has them itself, or WITH, is refused, as the protocol says.

The engine reads keywords that are not apart from each other (`DELETEWHERE`). To overlook one would
change other triples than were meant, so an update is refused unless every word outside of brackets
is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from server.errors import BadRequest
from server.guard import Token, doubtful, tokens

_KEYWORDS = frozenset(
    "base prefix insert delete data where load silent into graph clear drop create add move copy"
    " to default named all".split()
)
_BEFORE_NAMES = frozenset(
    ("prefix", "graph", "into", "load", "silent", "add", "move", "copy", "to")
)
"""The words that a prefixed name may follow."""


def put_to(update: str, graphs: Iterable[str], named: Iterable[str]) -> str:
    """Write the graphs, which are IRIs, into an update."""
    clauses = [*(f"USING <{iri}>" for iri in graphs), *(f"USING NAMED <{iri}>" for iri in named)]
    if not clauses:
        return update
    read = list(tokens(update))
    if any(map(doubtful, read)):
        raise _unclear("an IRI or a string in it can be read in two ways")
    return "".join(_written(read, f"{' '.join(clauses)} "))


def _written(read: list[Token], clauses: str) -> Iterator[str]:
    depth, last = 0, ""
    for at, token in enumerate(read):
        if depth == 0 and token.kind == "word":
            _check(token.text, last)
            if token.text.lower() == "where":
                if last == "delete":
                    yield f"{_block(read[at + 1 :])} "
                yield clauses
        depth += (token.text == "{") - (token.text == "}")
        last = last if token.kind == "space" else token.text.lower()
        yield token.text


def _check(word: str, last: str) -> None:
    """Refuse a word outside of brackets that is not known, or names graphs itself."""
    if word.lower() in ("using", "with"):
        raise BadRequest(
            f"The update has {word.upper()}, and the request names graphs as well.",
            hint="Leave out using-graph-uri and using-named-graph-uri, or the words.",
        )
    is_name = ":" in word and last in _BEFORE_NAMES
    if not is_name and word.lower() not in _KEYWORDS:
        raise _unclear(f'"{word[:40]}" is not a keyword that is expected there')


def _block(read: list[Token]) -> str:
    """Return the first pair of braces and what is between them."""
    depth, texts = 0, []
    for token in read:
        depth += (token.text == "{") - (token.text == "}")
        texts.append(token.text)
        if depth == 0 and token.text == "}":
            break
    return "".join(texts)


def _unclear(reason: str) -> BadRequest:
    return BadRequest(
        f"The graphs that the request names cannot be put into the update: {reason}.",
        hint="Write USING and USING NAMED in the update itself.",
    )
