"""The graph: what the JSON routes and the pages ask of the store.

Values go into a query as RDF terms in place of variables, never as text.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode
from starlette.concurrency import run_in_threadpool

from ontology.names import DATA
from server.dataset import DataSet
from server.errors import InvalidRequest
from server.jobs import Job, Term
from server.matches import MATCHES, expand
from server.patterns import names

if TYPE_CHECKING:
    from queries import Parameter, Query
    from server.side import Side
    from server.workers import Answer, Pool

XSD = "http://www.w3.org/2001/XMLSchema#"

# Annotation nodes are named by fragments of the IRI they belong to: two steps reach them all.
# At most a thousand links from elsewhere are given: a state has far more.
DESCRIPTION = """
CONSTRUCT { ?s ?p ?o }
WHERE {
  { $iri ?p ?o BIND($iri AS ?s) }
  UNION
  { $iri ?step ?s . ?s ?p ?o FILTER(STRSTARTS(STR(?s), CONCAT(STR($iri), "#"))) }
  UNION
  { $iri ?step ?node . ?node ?further ?s . ?s ?p ?o
    FILTER(STRSTARTS(STR(?node), CONCAT(STR($iri), "#")))
    FILTER(STRSTARTS(STR(?s), CONCAT(STR($iri), "#"))) }
  UNION
  { SELECT $iri ?s ?p ?o WHERE { ?s ?p $iri BIND($iri AS ?o) } LIMIT 1000 }
}
"""


class Graph:
    """The graph of one version: what the JSON routes and the pages ask it."""

    def __init__(self, data_set: DataSet, pool: Pool, side: Side, matches: int) -> None:
        self.data_set = data_set
        self.pool = pool
        self._side = side
        self._matches = matches

    @property
    def version(self) -> str:
        """The name of the version, part of every ETag."""
        return self.data_set.version

    async def rows(self, query: Query, **parameters: str) -> list[dict[str, str]]:
        """Answer a named query: one dictionary a row; a column without a value is left out.

        An IRI of ours may be given by its path, `person/stalin-joseph`.
        """
        job = await self.searched(Job(query.text, substitutions=substitutions(query, parameters)))
        bindings = json.loads(await self.pool.answer(job))["results"]["bindings"]
        return [
            {column: row[column]["value"] for column in query.columns if column in row}
            for row in bindings
        ]

    @asynccontextmanager
    async def run(self, job: Job, seconds: float) -> AsyncIterator[Answer]:
        """Run a job in the pool, and before that the search for the words in it."""
        start = time.monotonic()
        searched = await self.searched(job, seconds)
        if searched is not job:
            seconds = max(0.01, round(seconds - (time.monotonic() - start), 2))
        async with self.pool.run(searched, seconds) as answer:
            yield answer

    async def searched(self, job: Job, seconds: float = math.inf) -> Job:
        """Put what the words of `cg:matches` find in its place; that takes no longer than this."""
        if not names(job.query, MATCHES, job.base):
            return job
        return await run_in_threadpool(self._searched, job, time.monotonic() + seconds)

    def _searched(self, job: Job, end: float) -> Job:
        def search(match: str, limit: int) -> list[str]:
            return self._side.within(max(0.0, end - time.monotonic())).matches(match, limit)

        return expand(job, search, self._matches)

    async def describe(self, iri: str, media_type: str) -> bytes:
        """Give what is said about a thing of ours: about it, its annotations, links to it."""
        job = Job(DESCRIPTION, substitutions={"iri": Term(full_iri(iri))})
        return await self.pool.answer(job.in_format(media_type))


def full_iri(path: str) -> str:
    """Give the IRI for its path below ours; an IRI with a scheme stays as it is."""
    iri = path if "://" in path or path.startswith("urn:") else DATA + path.lstrip("/")
    try:
        return NamedNode(iri).value
    except ValueError as error:
        raise InvalidRequest(f'"{path}" is not an IRI: {error}.') from error


def substitutions(query: Query, values: dict[str, str]) -> dict[str, Term]:
    """Make RDF terms of a query's parameters; each must be given, and no other."""
    if unknown := values.keys() - query.parameters.keys():
        raise InvalidRequest(f"{query.name} has no parameter {', '.join(sorted(unknown))}.")
    if missing := query.parameters.keys() - values.keys():
        raise InvalidRequest(f"{query.name} needs a value for {', '.join(sorted(missing))}.")
    return {name: _term(name, query.parameters[name], value) for name, value in values.items()}


CHECKS: dict[str, tuple[str, Callable[[str], object]]] = {
    "string": ("string", str),
    "date": ("date", date.fromisoformat),
    "integer": ("integer", int),
    "number": ("decimal", Decimal),
}


def _term(name: str, parameter: Parameter, value: str) -> Term:
    if parameter.type == "iri":
        return Term(full_iri(value))
    datatype, check = CHECKS[parameter.type]
    try:
        check(value)
    except (ValueError, ArithmeticError) as error:
        raise InvalidRequest(
            f'{name}: "{value}" is not of type {parameter.type}.',
            hint=f"An example is {parameter.example}.",
        ) from error
    return Term(value, XSD + datatype)
