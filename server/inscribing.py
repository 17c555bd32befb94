"""Write RDF terms into the text of a query, in the place of variables.

The engine of this machine takes them beside the query. The SPARQL protocol has no way to send
them, so for another server they are written out. Where SPARQL wants a variable, one is kept:
`SELECT $state` becomes `SELECT (<…> AS $state)`, and `GROUP BY $state` becomes
`GROUP BY (<…>)`. A sub-query gives the term a name of its own, since the outer one must not
have the name yet. The queries are our own; `tests/server/test_inscribing.py` holds each to the
answer that it has otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from server.guard import Token, tokens
from server.jobs import Term
from server.local import rdf_term

_MODIFIERS = ("group", "order", "having")
_NO_MORE = ("where", "from", "limit", "offset", "values")


def with_terms(query: str, terms: Mapping[str, Term]) -> str:
    """Write each term in the place of the variable of its name."""
    written = {name: str(rdf_term(term)) for name, term in terms.items()}
    return "".join(_pieces(query, written)) if written else query


class _Place:
    """Where in a query a token stands: in which clause, and in how many round brackets."""

    def __init__(self) -> None:
        self.groups: list[tuple[str, int]] = []
        self.clause, self.brackets = "", 0
        self.before = ""

    def pass_by(self, token: Token) -> None:
        """Go on behind a token."""
        word = token.text.lower()
        if token.kind == "word":
            self._enter(word)
        elif token.kind == "mark":
            self._bracket(word)
        if token.kind != "space":
            self.before = word

    def _enter(self, word: str) -> None:
        if word == "select" or word in _MODIFIERS:
            self.clause, self.brackets = word, 0
        elif word in _NO_MORE:
            self.clause = ""

    def _bracket(self, mark: str) -> None:
        if mark == "{":
            self.groups.append(("", self.brackets))
            self.clause, self.brackets = "", 0
        elif mark == "}" and self.groups:
            self.clause, self.brackets = self.groups.pop()
        self.brackets += (mark == "(") - (mark == ")")


def _pieces(query: str, terms: Mapping[str, str]) -> Iterator[str]:
    place = _Place()
    for number, token in enumerate(tokens(query)):
        term = terms.get(token.text[1:]) if token.kind == "variable" else None
        yield token.text if term is None else _written(term, token.text, place, number)
        place.pass_by(token)


def _written(term: str, variable: str, place: _Place, number: int) -> str:
    if place.before == "as":
        return variable
    if place.brackets or not place.clause:
        return term
    if place.clause in _MODIFIERS:
        return f"({term})"
    return f"({term} AS {variable}{f'_{number}' if place.groups else ''})"
