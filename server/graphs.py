"""The Graph Store Protocol (SPARQL 1.1): one graph, or all of them, in RDF.

`/graphs?graph=IRI` gives a named graph and `/graphs?default` the default graph, which is the
union of all as it is in queries. Ours answer at their own addresses too: `/graph/authority`.

Where the settings allow it, a graph is replaced (PUT), added to (POST) and removed (DELETE) by
those who have a token. There the address may also be below `/graphs` and name the graph itself:
`/graphs/notes/1` is the graph with that whole address as its IRI. What is written to `?default`
comes into the graph without a name; to read that without all others, it is called `UNNAMED`.

A tag is that of all bytes of an answer, so that it may stand in If-Match. It holds for one version:
a change of another graph gives new tags to this one as well.
"""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.security import HTTPBearer
from starlette.responses import Response

from server import changing
from server.answers import PROBLEMS
from server.caching import FRESH, VARY, code_version, is_known
from server.changes import Action, Change
from server.encoding import choose_coding
from server.errors import BadRequest, UnsupportedMediaType
from server.formats import MULTIPART, TRIPLES
from server.graph import full_iri
from server.jobs import UNNAMED, Job, Term
from server.settings import Settings
from server.sparql import QueryResponse, acceptable, content_type, read_body, read_fields
from server.things import WHOLE_GRAPH, check_graph
from server.versions import pinned

router = APIRouter(include_in_schema=False)
writable = APIRouter(tags=["Graph store"], responses=PROBLEMS)

ALL = Job("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")

WRITING: dict[str, Any] = {
    "status_code": 204,
    "response_class": Response,
    "responses": {201: {"description": "A graph came into being."}},
    "dependencies": [Depends(HTTPBearer(auto_error=False, description="One of the tokens."))],
}
"""What all routes have in common that change a graph. They check the token themselves."""

BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string"}} for kind in (*TRIPLES, MULTIPART)},
    }
}
NAME: dict[str, Any] = {
    "parameters": [
        {"name": name, "in": "query", "description": what, "schema": {"type": "string"}}
        for name, what in (("graph", "The IRI of the graph."), ("default", "The unnamed graph."))
    ]
}
"""What their descriptions say of the body, and of the parameters, of which one must be there."""

_TAG = re.compile(r'(?:^|,)\s*"([^"]+)-([0-9a-f]{8})-[0-9a-f]{16}"\s*(?=,|$)')


def install(app: FastAPI) -> None:
    """Add the graph store to the service; to write to it only where the settings allow that."""
    settings: Settings = app.state.settings
    app.include_router(router)
    if settings.update_token_file is not None:
        app.include_router(writable)


@router.get("/graphs")
@router.head("/graphs")
async def read_graph(request: Request) -> Response:
    """Give the graph that the parameters name."""
    return await _read(request, _named(request))


@writable.get("/graphs/{name:path}", response_class=Response)
@writable.head("/graphs/{name:path}", include_in_schema=False)
async def read_graph_here(request: Request, name: str) -> Response:
    """Give the graph that the address is the IRI of."""
    return await _read(request, _here(request, name))


@writable.put("/graphs", openapi_extra=NAME | BODY, **WRITING)
async def replace_graph(request: Request) -> Response:
    """Store the body as the graph that the parameters name, in place of what it holds."""
    return await _write(request, "put", _named(request))


@writable.put("/graphs/{name:path}", openapi_extra=BODY, **WRITING)
async def replace_graph_here(request: Request, name: str) -> Response:
    """Store the body as the graph that the address is the IRI of, in place of what it holds."""
    return await _write(request, "put", _here(request, name))


@writable.post("/graphs", openapi_extra=NAME | BODY, **WRITING)
async def add_to_graph(request: Request) -> Response:
    """Add the body to the graph that the parameters name; if they name none, to a new one."""
    if request.url.query:
        return await _write(request, "post", _named(request))
    return await _write(request, "post", f"{request.base_url}graphs/{uuid4()}")


@writable.post("/graphs/{name:path}", openapi_extra=BODY, **WRITING)
async def add_to_graph_here(request: Request, name: str) -> Response:
    """Add the body to the graph that the address is the IRI of."""
    return await _write(request, "post", _here(request, name))


@writable.delete("/graphs", openapi_extra=NAME, **WRITING)
async def remove_graph(request: Request) -> Response:
    """Remove the graph that the parameters name."""
    return await _write(request, "delete", _named(request))


@writable.delete("/graphs/{name:path}", **WRITING)
async def remove_graph_here(request: Request, name: str) -> Response:
    """Remove the graph that the address is the IRI of."""
    return await _write(request, "delete", _here(request, name))


async def _read(request: Request, graph: str | None) -> Response:
    media_type = acceptable(request.headers.get("accept"))
    coding = choose_coding(request.headers.get("accept-encoding"))
    tag = _tag(pinned(request).name, graph, media_type, coding)
    headers = {"ETag": tag, "Cache-Control": FRESH, "Vary": VARY}
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    job = replace(await _job(request, graph), rows=media_type, triples=media_type, coding=coding)
    seconds: float = request.app.state.settings.query_seconds
    return QueryResponse(pinned(request).memory.run, job, seconds, headers)


async def _job(request: Request, graph: str | None) -> Job:
    if graph is None:
        return ALL
    if graph == UNNAMED:
        return replace(ALL, default_graphs=(UNNAMED,))
    await check_graph(pinned(request).graph, graph)
    return Job(WHOLE_GRAPH, substitutions={"iri": Term(graph)})


async def _write(request: Request, action: Action, graph: str | None) -> Response:
    who = changing.who_may(request)
    name = None if graph == UNNAMED else graph
    change = _conditional(request, Change(action=action, who=who, graph=name))
    body = b""
    if action != "delete":
        change = replace(change, media_type=_body_type(request))
        body = await read_body(request, request.app.state.settings.update_bytes)
    done = await changing.make(request, change, body)
    if not done.created:
        return changing.answer(done)
    return changing.answer(done, 201, {} if name is None else {"Location": name})


def _named(request: Request) -> str | None:
    """Give the IRI of the graph that the parameters name; None for the default graph."""
    fields = read_fields(request.url.query)
    if len(fields) != 1 or fields[0][0] not in ("graph", "default"):
        raise BadRequest(
            "The request must name one graph.", hint="Use ?graph=IRI, or ?default for the union."
        )
    [(name, value)] = fields
    return None if name == "default" else full_iri(value)


def _here(request: Request, name: str) -> str:
    """Give the IRI of the graph that has the address of the request."""
    if request.url.query:
        raise BadRequest("The address names a graph, and its parameters another one.")
    path = request.scope.get("raw_path", b"").decode("ascii").partition("/graphs/")[2]
    return full_iri(f"{request.base_url}graphs/{path or name}")


def _body_type(request: Request) -> str:
    """Give the type of the body, if it is one that can be stored."""
    kind, charset = content_type(request)
    given = request.headers.get("content-type", "")
    coding = request.headers.get("content-encoding", "identity")
    is_read = given and kind in (*TRIPLES, MULTIPART) and charset == "utf-8"
    if not is_read or coding != "identity":
        raise UnsupportedMediaType(
            f'The body has the type "{given}", the coding "{coding}".',
            hint=f"There are {', '.join((*TRIPLES, MULTIPART))}, in UTF-8, without a coding.",
        )
    return given if kind == MULTIPART else kind


def _conditional(request: Request, change: Change) -> Change:
    """Add what must be so that the change is made."""
    match = request.headers.get("if-match")
    none_match = request.headers.get("if-none-match")
    exists = True if match == "*" else False if none_match == "*" else None
    versions = None if match in (None, "*") else _versions(match, change.graph)
    not_versions = _versions(none_match or "", change.graph)
    return replace(change, exists=exists, versions=versions, not_versions=not_versions)


def _tag(version: str, graph: str | None, media_type: str, coding: str) -> str:
    """Name an answer. One version gives the same bytes each time."""
    asked = sha256(f"{code_version()} {media_type} {coding}".encode()).hexdigest()[:16]
    return f'"{version}-{_short(graph)}-{asked}"'


def _versions(tags: str, graph: str | None) -> tuple[str, ...]:
    """Give the versions that have one of these tags for a graph; a weak tag stands for none."""
    return tuple(version for version, of in _TAG.findall(tags) if of == _short(graph))


def _short(graph: str | None) -> str:
    name = "" if graph in (None, UNNAMED) else str(graph)
    return sha256(name.encode()).hexdigest()[:8]
