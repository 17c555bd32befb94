"""What another server says of the graph that it has: which version, and how it is to be asked.

The data set says its version in a graph of its own, which `cablegraph load` sends last and
removes first. So a server that states the version of the folder has all of it, and one that
is being loaded states none.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ontology.names import DATA, VERSION_GRAPH
from server.errors import AppError, Busy, StoreCut, StoreNotUnion
from server.jobs import Job

_VERSION = Job(
    f"SELECT ?version {{ GRAPH <{VERSION_GRAPH}> {{ "
    f"<{DATA}void> <http://purl.org/dc/terms/hasVersion> ?version }} }}"
)
_DOCUMENT = "?document a <https://w3id.org/cablegraph/ontology#Document>"
_IN_A_GRAPH = Job(f"ASK {{ GRAPH ?graph {{ {_DOCUMENT} }} }}")
_IN_THE_DEFAULT = Job(f"ASK {{ {_DOCUMENT} }}")

_SOME = " ".join(map(str, range(22)))
_MANY = Job(
    f"SELECT * {{ VALUES ?a {{ {_SOME} }} VALUES ?b {{ {_SOME} }} VALUES ?c {{ {_SOME} }} }}",
    rows="text/csv",
)
_ROWS = 22**3
"""More than the 10,000 rows after which a server cuts its answers if it was not told otherwise."""

Answer = Callable[[Job], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Stated:
    """The version that another server has, and what is wrong with that."""

    version: str | None
    problem: str | None


async def stated(answer: Answer, wanted: str, before: Stated | None = None) -> Stated:
    """Ask which version the server has; what it said before holds while it has too much to do."""
    try:
        rows = (await _asked(answer, _VERSION))["results"]["bindings"]
    except Busy as error:
        return before or Stated(None, str(error))
    except AppError as error:
        return Stated(before.version if before else None, str(error))
    version: str | None = rows[0]["version"]["value"] if rows else None
    return Stated(version, None if version == wanted else _difference(version, wanted))


async def check(answer: Answer) -> None:
    """Raise an error if the server would answer wrongly without a sound.

    That is StoreNotUnion if what is in its graphs is not in its default graph, and StoreCut if it
    leaves rows out: of triples, it would not even say so.
    """
    rows = (await answer(_MANY)).count(b"\n") - 1
    if rows != _ROWS:
        raise StoreCut(f"The store gives {rows} rows of an answer that has {_ROWS}.")
    is_there = (await _asked(answer, _IN_A_GRAPH))["boolean"]
    if is_there and not (await _asked(answer, _IN_THE_DEFAULT))["boolean"]:
        raise StoreNotUnion(
            "The default graph of the store is not the union of its graphs: most queries would "
            "find nothing.",
            hint="The README tells what to set in which server.",
        )


def _difference(version: str | None, wanted: str) -> str:
    if version is None:
        return (
            f"The store does not say which version it has, and the folder has {wanted}: what is "
            "there is another one, or is being loaded by `cablegraph load`."
        )
    return (
        f"The store has version {version}, and the folder has {wanted}: `cablegraph load` brings "
        "it there."
    )


async def _asked(answer: Answer, job: Job) -> Any:
    return json.loads(await answer(job))
