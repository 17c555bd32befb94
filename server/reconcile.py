"""The reconciliation service: others link their tables to this graph, OpenRefine among them.

`/reconcile` speaks versions 0.1 and 0.2 of the protocol, `/reconcile/draft` the draft of 1.0:
what one needs to know (the manifest), candidates for rows, names to choose from, small views, and
columns of properties, the item of Wikidata first. All of it comes from the side file. Parameters
that are not known are ignored, for clients of the protocol add their own.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from email.message import Message
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from markupsafe import Markup, escape
from pydantic import BaseModel, TypeAdapter, ValidationError
from rdflib import SKOS, URIRef
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

import ontology
from ontology.names import DATA, TERMS, fold
from server import protocol, reading
from server.answers import PROBLEMS
from server.caching import CachedRoute
from server.errors import (
    BadRequest,
    InvalidRequest,
    NotFound,
    QueryTimeout,
    UnsupportedMediaType,
)
from server.matching import Candidate, Question, candidates, identified
from server.properties import PROPERTIES, Entity, Property, Value, find_property, known_entities
from server.protocol import (
    CandidateAnswer,
    Cell,
    DraftBatch,
    DraftCells,
    DraftExtension,
    DraftResult,
    DraftResults,
    DraftRow,
    Extension,
    ExtensionQuery,
    Flyout,
    Meta,
    PropertyAnswer,
    Proposal,
    Result,
    Suggestion,
    Suggestions,
    bounded,
    candidate_answer,
    properties_of,
    type_answer,
    type_of,
)
from server.side import TYPES, EntityRow, Side
from server.sparql import FORM, read_body, read_fields
from server.versions import pinned

BODY = 1_048_576
"""Bytes that a request may have."""

SECONDS = 10.0
"""Time for all the rows of a request."""

SUGGESTIONS = 20
"""Suggestions at once."""

MOST_FAULTS = 10
"""Faults of a message that are told: one is enough to mend the next."""

JSON = "application/json"
NOSNIFF = {"X-Content-Type-Options": "nosniff"}

WIDTH, HEIGHT = 420, 260
"""Of the frame for a preview, in pixels."""

FRAMED = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors *",
    )
)
"""The policy of a preview: any page may show it in a frame, and it has no script and no form."""

WIKIDATA = "https://wikidata.reconci.link/en/api"
"""The service that reconciles with Wikidata: a column of items is reconciled with it at once."""

_CALLBACK = re.compile(r"[A-Za-z_$][\w$]{0,63}(?:\.[A-Za-z_$][\w$]{0,63}){0,4}", re.ASCII)

_Message = TypeVar("_Message")
Kind = Literal["entity", "type", "property"]

asked = APIRouter(route_class=CachedRoute, tags=["Reconciliation"], responses=PROBLEMS)
sent = APIRouter(tags=["Reconciliation"], responses=PROBLEMS)


def install(app: FastAPI) -> None:
    """Add the reconciliation service to the service."""
    app.include_router(asked)
    app.include_router(sent)


async def _side(request: Request) -> Side:
    return pinned(request).side


OpenSide = Annotated[Side, Depends(_side)]
Callback = Annotated[
    str | None,
    Query(
        max_length=400,
        description="Name of a function to wrap the answer in, for clients without CORS (JSONP).",
    ),
]
Id = Annotated[str, Query(max_length=500, description="Id of an entity, a type or a property.")]
Prefix = Annotated[str, Query(max_length=200, description="Beginning of a name, or an identifier.")]
Cursor = Annotated[int, Query(ge=0, le=1000, description="Suggestions to leave out.")]
Batch = Annotated[
    str | None, Query(description="Queries by names of your own, as JSON (version 0.2, 4.1).")
]
Asking = Annotated[
    str | None,
    Query(description="Ids of entities, and properties to tell of them, as JSON (0.2, 7.3)."),
]
OfType = Annotated[str, Query(max_length=500, description="Id of a type.")]


def get(*paths: str, **more: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add a route that answers GET and HEAD at each of the addresses."""

    def add(route: Callable[..., Any]) -> Callable[..., Any]:
        for path in paths:
            asked.head(path, include_in_schema=False, **more)(route)
            asked.get(path, **more)(route)
        return route

    return add


# What the service is


@get("/reconcile", response_model=dict[str, Any])
def reconcile(
    request: Request,
    side: OpenSide,
    queries: Batch = None,
    extend: Asking = None,
    callback: Callback = None,
) -> Response:
    """What this reconciliation service offers; with `queries` candidates, with `extend` columns."""
    answer = _answer(request, side, queries, extend)
    return _json(_manifest(request) if answer is None else answer, callback)


@sent.post(
    "/reconcile",
    response_model=dict[str, Any],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                FORM: {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "queries": {
                                "type": "string",
                                "examples": ['{"q0":{"query":"Stalin"}}'],
                            },
                            "extend": {"type": "string"},
                        },
                    }
                }
            },
        }
    },
)
async def reconcile_form(request: Request, side: OpenSide) -> Response:
    """Candidates for the `queries` of a form, or the columns that its field `extend` asks for."""
    _check_type(request, FORM)
    fields = dict(read_fields(await read_body(request, BODY)))
    answer = await run_in_threadpool(
        _answer, request, side, fields.get("queries"), fields.get("extend")
    )
    if answer is None:
        raise BadRequest("The form has neither the field `queries` nor `extend`.")
    return _json(answer)


@get("/reconcile/draft", response_model=dict[str, Any])
def draft(request: Request) -> Response:
    """What this reconciliation service offers to clients of the draft of version 1.0."""
    return _json(_draft_manifest(request))


@sent.post("/reconcile/draft/match", response_model=DraftResults)
async def match(request: Request, side: OpenSide) -> Response:
    """Candidates for a list of queries in JSON."""
    batch = _read(TypeAdapter(DraftBatch), await _json_body(request))
    questions = [each.question() for each in bounded(batch.queries)]
    found = await run_in_threadpool(_candidates, side, questions)
    return _json(DraftResults(results=[DraftResult(candidates=each) for each in found]))


@sent.post("/reconcile/draft/extend", response_model=DraftExtension)
async def extend(request: Request, side: OpenSide) -> Response:
    """The values of properties of entities, in JSON."""
    query = _read(TypeAdapter(ExtensionQuery), await _json_body(request))
    columns = await run_in_threadpool(_columns, side, query)
    rows = [
        DraftRow(
            id=id,
            properties=[DraftCells(id=name, values=cells) for name, cells in columns[id].items()],
        )
        for id in query.ids
    ]
    return _json(DraftExtension(meta=_meta(query), rows=rows))


def _manifest(request: Request) -> dict[str, Any]:
    address = _address(request)

    def suggested(kind: Kind) -> dict[str, str]:
        return {
            "service_url": address,
            "service_path": f"/reconcile/suggest/{kind}",
            "flyout_service_path": f"/reconcile/flyout/{kind}?id=${{id}}",
        }

    return _about(request, ["0.1", "0.2"]) | {
        "identifierSpace": DATA,
        "schemaSpace": TERMS,
        "view": {"url": f"{address}/{{{{id}}}}"},
        "preview": {
            "url": f"{address}/reconcile/preview?id={{{{id}}}}",
            "width": WIDTH,
            "height": HEIGHT,
        },
        "suggest": {kind: suggested(kind) for kind in ("entity", "type", "property")},
        "extend": {
            "propose_properties": {
                "service_url": address,
                "service_path": "/reconcile/properties",
            },
            "property_settings": [],
        },
    }


def _draft_manifest(request: Request) -> dict[str, Any]:
    return _about(request, ["1.0-draft"]) | {
        # The plus sign keeps the slash of an id.
        "view": {"url": f"{_address(request)}/{{+id}}"},
        "preview": {"width": WIDTH, "height": HEIGHT},
        "suggest": {"entity": True, "type": True, "property": True},
        "extend": {"proposeProperties": True, "propertySettings": []},
        "standardizedScore": True,
        "lang": "en",
    }


def _about(request: Request, versions: list[str]) -> dict[str, Any]:
    return {
        "versions": versions,
        "name": "Cablegraph",
        "documentation": f"{_address(request)}/about#reconcile",
        "logo": f"{_address(request)}/static/icon.svg",
        "serviceVersion": request.app.version,
        "defaultTypes": [type_answer(type_).model_dump() for type_ in TYPES],
        "batchSize": protocol.MOST_QUERIES,
    }


def _address(request: Request) -> str:
    return str(request.base_url).removesuffix("/")


# Candidates and columns


def _answer(
    request: Request, side: Side, queries: str | None, extend: str | None
) -> dict[str, Any] | Extension | None:
    """Answer what is asked in the form of version 0.2; None if nothing is."""
    if queries is not None:
        batch = _read(TypeAdapter(dict[str, protocol.Query]), queries)
        questions = [each.question() for each in bounded(list(batch.values()))]
        found = _candidates(side, questions)
        return {
            name: Result(result=each).model_dump() for name, each in zip(batch, found, strict=True)
        }
    if extend is not None:
        query = _read(TypeAdapter(ExtensionQuery), extend)
        return Extension(meta=_meta(query), rows=_columns(side, query))
    return None


def _candidates(side: Side, questions: Sequence[Question]) -> list[list[CandidateAnswer]]:
    """Look every row up, all of them within one time."""
    end = time.monotonic() + SECONDS
    return [list(map(candidate_answer, _within(end, side, question))) for question in questions]


def _within(end: float, side: Side, question: Question) -> list[Candidate]:
    seconds = end - time.monotonic()
    if seconds <= 0:
        raise QueryTimeout(
            f"The rows took longer than {SECONDS:g} seconds.",
            hint="Send fewer rows in one request.",
            limit=SECONDS,
        )
    return candidates(side.within(seconds), question)


def _columns(side: Side, query: ExtensionQuery) -> dict[str, dict[str, list[Cell]]]:
    """Return the values by entity and property; of an entity that is not known there are none."""
    ids = bounded(query.ids, protocol.MOST_ROWS)
    properties = [find_property(each.id) for each in query.properties]
    known = known_entities(side, (id.removeprefix(DATA) for id in ids))
    return {
        id: {each.id: _cells(each, known.get(id.removeprefix(DATA))) for each in properties}
        for id in ids
    }


def _cells(property: Property, entity: Entity | None) -> list[Cell]:
    return [] if entity is None else [_cell(value) for value in property.read(entity)]


def _cell(value: Value) -> Cell:
    if value.id is not None:
        return {"id": value.id, "name": value.said}
    kind = {str: "str", int: "int", float: "float"}[type(value.said)]
    return {kind: value.said}


def _meta(query: ExtensionQuery) -> list[Meta]:
    return [
        Meta(
            id=each.id,
            name=each.name,
            type=type_answer(each.of) if each.of else None,
            service=WIKIDATA if each.id in ("wikidata", "close_match") else None,
        )
        for each in (find_property(asked.id) for asked in query.properties)
    ]


@get("/reconcile/properties", "/reconcile/draft/extend/propose", response_model=Proposal)
def properties(
    type: OfType = "",
    limit: Annotated[int, Query(ge=1, description="Most properties.")] = 50,
    callback: Callback = None,
) -> Response:
    """The properties of a type, to choose columns from."""
    found = properties_of(type_of(type))[:limit]
    listed = [PropertyAnswer(id=each.id, name=each.name) for each in found]
    return _json(Proposal(type=type, limit=limit, properties=listed), callback)


# Suggestions and small views


@get(
    "/reconcile/suggest/{kind}",
    "/reconcile/draft/suggest/{kind}",
    response_model=Suggestions,
)
def suggest(
    side: OpenSide,
    kind: Kind,
    prefix: Prefix = "",
    cursor: Cursor = 0,
    type: OfType = "",
    callback: Callback = None,
) -> Response:
    """Entities, types or properties whose names begin like this."""
    if kind == "entity":
        found = _entities(side, prefix, cursor + SUGGESTIONS, type_of(type))
    else:
        found = [each for each in _listed(kind) if _begins(each, prefix)]
    return _json(Suggestions(result=found[cursor : cursor + SUGGESTIONS]), callback)


def _entities(side: Side, prefix: str, limit: int, type_: str | None) -> list[Suggestion]:
    completed = [row.id for row in side.complete(prefix, limit, [type_] if type_ else [])]
    ids = dict.fromkeys([*identified(side, [prefix]), *completed])
    rows = side.entities_by_id(ids)
    return [_suggestion(rows[id]) for id in ids]


def _suggestion(row: EntityRow) -> Suggestion:
    type_ = type_answer(row.type)
    return Suggestion(id=row.id, name=row.label, description=row.description, notable=(type_,))


def _listed(kind: Kind) -> list[Suggestion]:
    """Return all types, or all properties."""
    if kind == "type":
        told = [(each.id, each.name, _definition(each.id)) for each in map(type_answer, TYPES)]
    else:
        told = [(each.id, each.name, each.description) for each in PROPERTIES.values()]
    return [Suggestion(id=id, name=name, description=text) for id, name, text in told]


@cache
def _definition(name: str) -> str:
    return str(ontology.ontology().value(URIRef(TERMS + name), SKOS.definition))


def _begins(suggestion: Suggestion, prefix: str) -> bool:
    """Whether a word of the name begins so, or the id does."""
    wanted = fold(prefix)
    name = fold(suggestion.name)
    begun = name.startswith(wanted) or f" {wanted}" in name
    return begun or fold(suggestion.id).startswith(wanted)


@get("/reconcile/flyout/{kind}", response_model=Flyout)
def flyout(side: OpenSide, kind: Kind, id: Id, callback: Callback = None) -> Response:
    """A small view of an entity, a type or a property that was suggested."""
    if kind == "entity":
        listed = [_suggestion(row) for row in side.entities_by_id([id]).values()]
    else:
        listed = [each for each in _listed(kind) if each.id == id]
    if not listed:
        raise NotFound(f'There is no {kind} "{id}".', hint=f"/reconcile/suggest/{kind} lists them.")
    shown = escape(listed[0].name), escape(listed[0].description)
    html = Markup("<p><strong>{}</strong></p><p>{}</p>").format(*shown)
    return _json(Flyout(id=id, html=html), callback)


@get("/reconcile/preview", "/reconcile/draft/preview", response_class=HTMLResponse)
def preview(request: Request, side: OpenSide, id: Id) -> Response:
    """A small page on an entity, which other sites may show in a frame."""
    page: Response = request.app.state.templates.TemplateResponse(
        request,
        "preview.html",
        {"entity": reading.entity(side, id.removeprefix(DATA))},
        headers={"Content-Security-Policy": FRAMED},
    )
    return page


# Messages


def _json(answer: BaseModel | dict[str, Any], callback: str | None = None) -> Response:
    """Send an answer, as a call of a function if the client names one."""
    text = answer.model_dump_json() if isinstance(answer, BaseModel) else json.dumps(answer)
    if callback is None:
        return Response(text, media_type=JSON)
    if not _CALLBACK.fullmatch(callback):
        raise InvalidRequest(
            "callback: this is not the name of a function.",
            hint="Letters, digits, _, $ and full stops make one.",
        )
    # The comment keeps the file from being taken for one of another kind by its first letters.
    return Response(f"/**/{callback}({text});", media_type="text/javascript", headers=NOSNIFF)


async def _json_body(request: Request) -> bytes:
    _check_type(request, JSON)
    return await read_body(request, BODY)


def _check_type(request: Request, wanted: str) -> None:
    message = Message()
    message["Content-Type"] = request.headers.get("content-type", "")
    if message.get_content_type() != wanted:
        raise UnsupportedMediaType(
            f'The body has the type "{message["Content-Type"]}".', hint=f"It must be {wanted}."
        )


def _read(kind: TypeAdapter[_Message], text: str | bytes) -> _Message:
    """Read a message; say what is wrong with one that is not as it must be."""
    try:
        return kind.validate_json(text)
    except ValidationError as error:
        faults = [
            {"parameter": ".".join(map(str, fault["loc"]))[:200], "problem": fault["msg"]}
            for fault in error.errors(include_url=False, include_input=False)[:MOST_FAULTS]
        ]
        detail = "; ".join(f"{fault['parameter']}: {fault['problem']}" for fault in faults)
        raise InvalidRequest(detail, errors=faults) from error
