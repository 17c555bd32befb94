"""The first rows of a SPARQL answer as plain values, for readers with little room.

The worker writes one row a line (TSV, or N-Triples), so that reading stops after the lines that
are wanted, however long the answer is; the worker is then ended, as if the client had left.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from ontology.names import DATA
from server.formats import PREFIXES
from server.workers import Answer

TSV, NTRIPLES = "text/tab-separated-values", "application/n-triples"

MOST_BYTES = 1_048_576
"""Bytes of an answer that are read at most; rows that are not whole by then are left out."""

LONGEST = 1000
"""Characters of a value that are given."""

Cell = NamedNode | BlankNode | Literal | Triple | None


@dataclass(frozen=True, slots=True)
class Rows:
    """The first rows; `holds` is the answer to ASK, and None to every other query."""

    columns: list[str]
    cells: list[list[Cell]]
    has_more: bool
    holds: bool | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found: no row, a count of nothing, or the answer no."""
        if self.holds is not None:
            return not self.holds
        cells = [cell for row in self.cells for cell in row]
        nothing = all(cell is None or getattr(cell, "value", "") == "0" for cell in cells)
        return len(self.cells) < 2 and not self.has_more and nothing


async def first_rows(answer: Answer, most: int) -> Rows:
    """Read at most so many rows of an answer in one of the two formats."""
    triples = answer.media_type == NTRIPLES
    lines, has_more = await _lines(answer, most if triples else most + 1)
    text = b"".join(line + b"\n" for line in lines)
    if triples:
        found = (quad.triple for quad in parse(text, format=RdfFormat.N_TRIPLES))
        return Rows(["subject", "predicate", "object"], [list(each) for each in found], has_more)
    if text.strip() in (b"true", b"false"):
        return Rows([], [], False, holds=text.strip() == b"true")
    solutions = parse_query_results(text, format=QueryResultsFormat.TSV)
    assert isinstance(solutions, QuerySolutions)
    columns = [variable.value for variable in solutions.variables]
    return Rows(columns, [list(row) for row in solutions], has_more)


async def _lines(answer: Answer, most: int) -> tuple[list[bytes], bool]:
    """Give the first lines, and whether there are more."""
    text, lines = b"", [b""]
    async for part in answer.parts():
        text += part
        lines = text.split(b"\n")
        if len(lines) - 1 > most or len(text) > MOST_BYTES:
            return lines[:-1][:most], True
    # The answer to ASK has no line end.
    return (lines if lines[-1] else lines[:-1]), False


def plain(cell: Cell) -> str | None:
    """Write a value without its datatype or language; an IRI stays one, as short as can be."""
    if isinstance(cell, Literal):
        return shortened(cell.value)
    return None if cell is None else shortened(short(cell))


def short(term: Cell) -> str:
    """Write a term as in SPARQL: with a prefix, or relative to ours, where that can be done."""
    if isinstance(term, Literal):
        return _short_literal(term)
    return short_iri(term.value) if isinstance(term, NamedNode) else str(term)


def short_iri(iri: str) -> str:
    """Write an IRI with a prefix or relative to ours, or as it is."""
    for prefix, namespace in PREFIXES.items():
        name = iri.removeprefix(namespace)
        if name != iri and name.replace("_", "").isalnum():
            return f"{prefix}:{name}"
    return f"<{iri.removeprefix(DATA)}>"


def _short_literal(literal: Literal) -> str:
    words = str(Literal(shortened(literal.value)))
    if literal.language:
        return f"{words}@{literal.language}"
    datatype = short_iri(literal.datatype.value)
    return words if datatype == "xsd:string" else f"{words}^^{datatype}"


def shortened(text: str, longest: int = LONGEST) -> str:
    """Cut a long text, and say so."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]}… ({len(text)} characters)"
