"""The Graph Store Protocol (SPARQL 1.1) for reading: one graph, or all of them, in RDF.

`/graphs?graph=IRI` gives a named graph and `/graphs?default` the default graph, which is the
union of all as it is in queries. Ours answer at their own addresses too: `/graph/authority`.
"""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from server.caching import CachedRoute, caching_headers
from server.encoding import choose_coding
from server.errors import BadRequest
from server.graph import full_iri
from server.jobs import Job, Term
from server.sparql import QueryResponse, acceptable, read_fields
from server.things import WHOLE_GRAPH, check_graph
from server.versions import pinned

router = APIRouter(route_class=CachedRoute, include_in_schema=False)

ALL = Job("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")


def install(app: FastAPI) -> None:
    """Add the graph store to the service."""
    app.include_router(router)


@router.get("/graphs")
@router.head("/graphs")
async def graph(request: Request) -> Response:
    """Give the graph that the parameters name."""
    media_type = acceptable(request.headers.get("accept"))
    job = replace(
        await _named(request),
        rows=media_type,
        triples=media_type,
        coding=choose_coding(request.headers.get("accept-encoding")),
    )
    seconds: float = request.app.state.settings.query_seconds
    return QueryResponse(pinned(request).memory.run, job, seconds, caching_headers(request))


async def _named(request: Request) -> Job:
    fields = read_fields(request.url.query)
    if len(fields) != 1 or fields[0][0] not in ("graph", "default"):
        raise BadRequest(
            "The request must name one graph.", hint="Use ?graph=IRI, or ?default for the union."
        )
    [(name, value)] = fields
    if name == "default":
        return ALL
    await check_graph(pinned(request).graph, full_iri(value))
    return Job(WHOLE_GRAPH, substitutions={"iri": Term(full_iri(value))})
