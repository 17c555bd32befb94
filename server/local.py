"""Ask a store of this machine: what a worker process does with a job unless the store is remote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyoxigraph import (
    DefaultGraph,
    Literal,
    NamedNode,
    QuadParser,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Store,
    Variable,
)

from server.dataset import open_store
from server.errors import AppError, QueryFailed, UnknownFunction
from server.jobs import UNNAMED, Job, Term
from server.syntax import syntax_error

_UNKNOWN_FUNCTION = re.compile(r"The custom function (<.*>) is not supported", re.DOTALL)

Found = QuerySolutions | QueryBoolean | QueryTriples
"""What a query finds in a store of this machine."""

Result = Found | QuadParser
"""What a query finds; the triples of another server come as they are read."""


class LocalStore:
    """The store in a folder."""

    def __init__(self, folder: Path) -> None:
        self._store = open_store(folder)

    @contextmanager
    def ask(self, job: Job) -> Iterator[Result]:
        """Give what is found; errors in finding the rows, too, become those of the service."""
        try:
            yield ask(self._store, job)
        except BrokenPipeError:
            raise
        except SyntaxError:
            raise syntax_error(job.written or job.query, job.base) from None
        except (OSError, RuntimeError, ValueError) as error:
            raise failure(error) from error


def ask(store: Store, job: Job) -> Found:
    """Plan the query; rows are computed when the result is written."""
    graphs = bool(job.default_graphs or job.named_graphs)
    return store.query(
        job.query,
        base_iri=job.base,
        use_default_graph_as_union=job.union and not graphs,
        default_graph=[_graph(iri) for iri in job.default_graphs] if graphs else None,
        named_graphs=[NamedNode(iri) for iri in job.named_graphs] if graphs else None,
        substitutions={Variable(name): rdf_term(term) for name, term in job.substitutions.items()},
    )


def _graph(iri: str) -> NamedNode | DefaultGraph:
    return DefaultGraph() if iri == UNNAMED else NamedNode(iri)


def rdf_term(term: Term) -> NamedNode | Literal:
    """Make what the engine takes of a term."""
    if term.datatype is None:
        return NamedNode(term.value)
    return Literal(term.value, datatype=NamedNode(term.datatype))


def failure(error: Exception) -> AppError:
    """Say what the engine could not do."""
    if found := _UNKNOWN_FUNCTION.fullmatch(str(error)):
        return UnknownFunction(f"There is no function {found[1]}.", hint="Is a prefix misspelt?")
    return QueryFailed(f"The query could not be evaluated: {error}.")
