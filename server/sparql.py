"""The SPARQL 1.1 protocol at /sparql: queries, and updates where the settings allow them.

The default graph of a query is the union of all graphs, unless the request or the query names
graphs. A relative IRI in a query means one of our things: `<person/stalin-joseph>`. Without a
query the address describes itself: in RDF (SPARQL 1.1 Service Description), or as a page with
a form where HTML is preferred. A parameter that is not known is ignored, because clients for
SPARQL add their own.

An answer of one part is sent with its length. A longer one is streamed, and if it fails on
the way the connection is broken: an answer that ends properly is complete.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

import anyio
from fastapi import APIRouter, FastAPI, Request
from pyoxigraph import NamedNode
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from ontology.names import DATA
from server import changing, guard, pictures
from server.answers import PROBLEMS
from server.caching import FRESH, VARY, code_version, is_known
from server.changes import Change
from server.description import describe_service, endpoint_of_data, in_format, updates_of
from server.encoding import choose_coding
from server.errors import (
    AppError,
    BadRequest,
    BodyTooLarge,
    NotAcceptable,
    UnsupportedMediaType,
    UpdateForbidden,
)
from server.formats import HTML, NAMES, ROWS, TRIPLES
from server.jobs import Job
from server.memory import Known, Run
from server.negotiation import choose
from server.settings import Settings
from server.side import Side
from server.usage import query_hash
from server.versions import pinned
from server.workers import Answer

log = logging.getLogger(__name__)
router = APIRouter(tags=["SPARQL"], responses=PROBLEMS)

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

SHORT = 4096
"""Characters of a query that are looked through while other requests wait."""


ONE = "The request has {} {}; one is allowed."


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks: the query, or None, and how it is to be answered."""

    query: str | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    format: str | None
    timeout: str | None
    view: str | None
    accept: str | None
    accept_encoding: str | None

    @property
    def wants_page(self) -> bool:
        """Whether the client prefers a page to data."""
        return self.format is None and choose(self.accept, [*ROWS, *TRIPLES, HTML]) == HTML


def install(app: FastAPI) -> None:
    """Add the endpoint and the description of the data set to the service."""
    app.include_router(router)


@router.get("/sparql", response_class=Response)
@router.head("/sparql", include_in_schema=False)
async def query_by_get(request: Request) -> Response:
    """Answer the query in the parameter `query`."""
    return await _respond(request, _asked(request, read_fields(request.url.query), None))


@router.post("/sparql", response_class=Response)
async def query_or_update_by_post(request: Request) -> Response:
    """Answer the query in the body, or make the update: a form, or itself in its own media type.

    To update takes a token, where it can be done at all; it is answered when new requests see it.
    """
    settings: Settings = request.app.state.settings
    kind = _body_type(request)
    if kind == UPDATE:
        who = changing.who_may(request)
        body = await read_body(request, settings.update_bytes)
        return await _update(request, who, [("update", _text(body))])
    bytes_ = settings.update_bytes if kind == FORM and changing.may(request) else 0
    # A form needs up to three bytes for one of the query.
    body = await read_body(request, 3 * max(bytes_, settings.query_bytes) + 8192)
    if kind == QUERY:
        return await _respond(request, _asked(request, read_fields(request.url.query), body))
    fields = read_fields(body)
    if any(name == "update" for name, _ in fields):
        return await _update(request, changing.who_may(request), fields)
    return await _respond(request, _asked(request, fields, None))


@router.get("/void", include_in_schema=False)
@router.get("/.well-known/void", include_in_schema=False)
def void(request: Request) -> Response:
    """Describe the data set."""
    media_type = acceptable(request.headers.get("accept"))
    data_set = pinned(request).data_set
    own = endpoint_of_data(endpoint(request)) + updates_of(data_set, f"{DATA}void")
    turtle = data_set.void.read_bytes() + own
    content = in_format(turtle, media_type)
    return Response(content, headers=_headers(FRESH), media_type=media_type)


class QueryResponse(Response):
    """Runs a job while it responds, and stops it when the client leaves."""

    def __init__(self, run: Run, job: Job, seconds: float, headers: dict[str, str]):
        super().__init__()
        self._run = run
        self._job = job
        self._seconds = seconds
        self._extra = headers
        self._streams = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the job and send its answer."""
        try:
            async with until_left(receive), self._run(self._job, self._seconds) as answer:
                await self.of(answer, scope)(scope, receive, send)
        except AppError as error:
            if not self._streams:
                raise
            # The status is sent. The server breaks the connection, for the answer has no end.
            log.warning("an answer was cut: %s", error.detail)

    def of(self, answer: Answer, scope: Scope) -> Response:
        """Make the response of an answer."""
        headers = self._extra | ({"Content-Encoding": answer.coding} if answer.coding else {})
        if answer.whole is not None:
            return Response(answer.whole, headers=headers, media_type=answer.media_type)
        self._streams = True
        return StreamingResponse(answer.parts(), headers=headers, media_type=answer.media_type)


class RepeatableResponse(QueryResponse):
    """The response to a request that has the same answer whenever it comes again."""

    def of(self, answer: Answer, scope: Scope) -> Response:
        """Make the response, and tell `server.repeated` what it is of."""
        if answer.whole is not None:
            state = scope["state"]
            state["repeatable"] = Known(self._extra["ETag"], state["query"], self._job.key)
        return super().of(answer, scope)


@asynccontextmanager
async def until_left(receive: Receive) -> AsyncIterator[None]:
    """Cancel what the block does when the client leaves. The request must have been read."""

    async def watch(scope: anyio.CancelScope) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        scope.cancel()

    with anyio.CancelScope() as scope:
        watcher = asyncio.create_task(watch(scope))
        try:
            yield
        finally:
            watcher.cancel()


async def _update(request: Request, who: str, fields: list[tuple[str, str]]) -> Response:
    """Make the update in the fields, to the graphs that they or the address name."""
    fields = fields + read_fields(request.url.query)
    updates = [value for name, value in fields if name == "update"]
    wrong = {"query", "default-graph-uri", "named-graph-uri"} & {name for name, _ in fields}
    if wrong:
        raise BadRequest(
            f"The request has an update, and {', '.join(sorted(wrong))}, which is for queries.",
            hint="Name the graphs of an update by using-graph-uri and using-named-graph-uri.",
        )
    if len(updates) > 1:
        raise BadRequest(ONE.format(len(updates), "updates"))
    change = Change(
        action="update",
        who=who,
        using=_graphs(fields, "using-graph-uri"),
        using_named=_graphs(fields, "using-named-graph-uri"),
    )
    request.state.query = query_hash(updates[0])
    return changing.answer(await changing.make(request, change, updates[0].encode()))


async def _respond(request: Request, asked: Asked) -> Response:
    if asked.query is None and asked.wants_page:
        return _page(request, asked)
    if asked.query is None:
        return _description(request, asked)
    request.state.query = query_hash(asked.query)
    if asked.wants_page:
        return await _result_page(request, asked)
    return _data(request, asked, await _outline(request, asked.query))


async def _outline(request: Request, query: str) -> guard.Outline:
    """Check a query; a long one in a thread, for that takes a tenth of a second."""
    settings: Settings = request.app.state.settings
    if len(query) <= SHORT:
        return guard.check(query, settings)
    return await run_in_threadpool(guard.check, query, settings)


def _data(request: Request, asked: Asked, outline: guard.Outline) -> Response:
    version, job = pinned(request), _job(asked, outline)
    seconds = _seconds(request, asked)
    if outline.changes:
        return QueryResponse(version.graph.run, job, seconds, _headers("no-store"))
    if request.method == "POST":
        return QueryResponse(version.memory.run, job, seconds, _headers("no-store"))
    headers = {**_headers(FRESH), "ETag": _tag(version.tag, job)}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return RepeatableResponse(version.memory.run, job, seconds, headers)


async def _result_page(request: Request, asked: Asked) -> Response:
    """Show the result below the form, or the problem."""
    version = pinned(request)
    page = Response(status_code=204)  # To a client that has left.
    try:
        outline = await _outline(request, asked.query or "")
        job = replace(
            _job(replace(asked, format="json"), outline), triples="text/turtle", coding=""
        )
        run = version.graph.run if outline.changes else version.memory.run
        async with until_left(request.receive), run(job, _seconds(request, asked)) as answer:
            result = await run_in_threadpool(_pictured, version.side, asked, _shown(answer))
            page = _page(request, asked, result=result)
    except AppError as error:
        request.state.problem = error.slug
        page = _page(request, asked, status=error.status, problem=error.problem())
    return page


def _shown(answer: Answer) -> dict[str, Any]:
    """Give what the page shows: rows, a truth value or a text; `too_long` if it is too long."""
    if answer.whole is None:
        return {"too_long": True}
    if answer.media_type == "text/turtle":
        return {"text": answer.whole.decode()}
    content = json.loads(answer.whole)
    if "boolean" in content:
        return {"boolean": content["boolean"]}
    return {"columns": content["head"]["vars"], "rows": content["results"]["bindings"]}


def _pictured(side: Side, asked: Asked, result: dict[str, Any]) -> dict[str, Any]:
    """Add to rows what they can be shown as, and the picture that is asked for."""
    if "rows" not in result:
        return result
    rows = [{name: cell["value"] for name, cell in row.items()} for row in result["rows"]]
    table = pictures.Table(side, result["columns"], rows)
    return {**result, "table": table, "shown": table.show(asked.view)}


def _page(
    request: Request,
    asked: Asked,
    *,
    status: int = 200,
    result: dict[str, Any] | None = None,
    problem: dict[str, Any] | None = None,
) -> Response:
    context = {
        "query": asked.query,
        "result": result,
        "problem": problem,
        "views": pictures.VIEWS,
    }
    page: Response = request.app.state.templates.TemplateResponse(
        request, "sparql.html", context, status_code=status, headers={"Vary": "Accept"}
    )
    return page


def _description(request: Request, asked: Asked) -> Response:
    if request.method == "POST":
        raise BadRequest("The form has no query.", hint="Give it as the field `query`.")
    media_type = acceptable(asked.accept)
    can_change = request.app.state.settings.update_token_file is not None
    data_set = pinned(request).data_set
    turtle = describe_service(endpoint(request), data_set, can_change=can_change)
    return Response(in_format(turtle, media_type), headers=_headers(FRESH), media_type=media_type)


def endpoint(request: Request) -> str:
    """Give the address of the SPARQL endpoint, as clients see it."""
    return f"{request.base_url}sparql"


def _asked(request: Request, fields: list[tuple[str, str]], body: bytes | None) -> Asked:
    queries = [value for name, value in fields if name == "query"]
    if body is not None:
        queries.append(_text(body))
    if any(name == "update" for name, _ in fields):
        changing.who_may(request)
        raise BadRequest("An update is sent by POST, as a form or by itself.")
    if len(queries) > 1:
        raise BadRequest(ONE.format(len(queries), "queries"))
    return Asked(
        query=queries[0] if queries else None,
        default_graphs=_graphs(fields, "default-graph-uri"),
        named_graphs=_graphs(fields, "named-graph-uri"),
        format=dict(fields).get("format"),
        timeout=dict(fields).get("timeout"),
        view=dict(fields).get("view"),
        accept=request.headers.get("accept"),
        accept_encoding=request.headers.get("accept-encoding"),
    )


def _graphs(fields: list[tuple[str, str]], parameter: str) -> tuple[str, ...]:
    try:
        return tuple(NamedNode(value).value for name, value in fields if name == parameter)
    except ValueError as error:
        raise BadRequest(f"{parameter}: {error}.") from error


def _job(asked: Asked, outline: guard.Outline) -> Job:
    rows, triples = _formats(asked)
    return Job(
        query=asked.query or "",
        rows=rows,
        triples=triples,
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
        union=not outline.names_graphs,
        base=DATA,
        coding=choose_coding(asked.accept_encoding),
    )


def _formats(asked: Asked) -> tuple[str | None, str | None]:
    """Give the format for rows and the one for triples: what they are is not known yet."""
    if asked.format is None:
        formats = choose(asked.accept, ROWS), choose(asked.accept, TRIPLES)
    else:
        formats = NAMES.get(asked.format.lower(), (None, None))
    if formats == (None, None):
        raise NotAcceptable(
            "No format that is asked for can be given.",
            hint=f"There are {', '.join([*ROWS, *TRIPLES])}.",
        )
    return formats


def acceptable(accept: str | None) -> str:
    """Give the format for triples that a client wants most."""
    media_type = choose(accept, TRIPLES)
    if media_type is None:
        raise NotAcceptable(
            "No accepted format can hold this description.",
            hint=f"There are {', '.join(TRIPLES)}.",
        )
    return media_type


def _seconds(request: Request, asked: Asked) -> float:
    """Return the time that a query may take: what is asked for, but no more than is allowed."""
    allowed: float = request.app.state.settings.query_seconds
    try:
        seconds = allowed if asked.timeout is None else float(asked.timeout)
    except ValueError:
        seconds = 0.0
    if not seconds > 0:
        raise BadRequest(f'timeout: "{asked.timeout}" is not a number of seconds.')
    return min(seconds, allowed)


def _headers(caching: str) -> dict[str, str]:
    return {"Cache-Control": caching, "Vary": VARY}


def _tag(version: str, job: Job) -> str:
    """Name the answer. The tag is weak: its rows may come in another order, or encoded."""
    asked = f"{version} {code_version()} {job.rows} {job.triples} ".encode() + job.question
    return f'W/"{hashlib.sha256(asked).hexdigest()[:32]}"'


def _body_type(request: Request) -> str:
    """Give the type of the body, if it is one that holds a query or an update in UTF-8."""
    kind, charset = content_type(request)
    settings: Settings = request.app.state.settings
    if kind == UPDATE and settings.update_token_file is None:
        raise UpdateForbidden("The graph cannot be changed over HTTP.")
    if kind not in (FORM, QUERY, UPDATE) or charset != "utf-8":
        raise UnsupportedMediaType(
            f'The body has the type "{request.headers.get("content-type", "")}".',
            hint=f"A query comes as {FORM} or {QUERY}, in UTF-8.",
        )
    return kind


def content_type(request: Request) -> tuple[str, str]:
    """Give the type of the body, and its charset: UTF-8 if there is none."""
    message = Message()
    message["Content-Type"] = request.headers.get("content-type", "")
    return message.get_content_type(), message.get_content_charset("utf-8")


async def read_body(request: Request, limit: int) -> bytes:
    """Read the body of a request, if it is no longer than so many bytes."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise BodyTooLarge(f"The body is longer than {limit} bytes.", limit=limit)
    return bytes(body)


def read_fields(encoded: str | bytes) -> list[tuple[str, str]]:
    """Read the fields of a form, or the parameters of an address."""
    text = encoded if isinstance(encoded, str) else _text(encoded)
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise BadRequest(f"The parameters cannot be read: {error}.") from error


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise BadRequest("The body is not UTF-8.") from error
