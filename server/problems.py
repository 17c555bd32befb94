"""Show every error in one shape: a problem document, or a page where HTML is preferred.

That holds for our own errors, for those of Starlette (404, 405), for parameters that fail
validation, and for what nobody foresaw. `/problems/SLUG` explains each kind.
"""

from __future__ import annotations

import logging
from inspect import getdoc

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.templating import Jinja2Templates
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Mount

from server.errors import (
    AppError,
    BadRequest,
    BodyTooLarge,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    UnsupportedMediaType,
    all_errors,
)
from server.negotiation import choose
from server.public import path_of, root_of

log = logging.getLogger(__name__)
router = APIRouter()

JSON = "application/problem+json"
HTML = "text/html"
BY_STATUS: dict[int, type[AppError]] = {
    404: NotFound,
    413: BodyTooLarge,
    415: UnsupportedMediaType,
    422: InvalidRequest,
}


def install(app: FastAPI) -> None:
    """Make the app show its errors as problems, and explain them at /problems/SLUG."""
    app.add_exception_handler(AppError, _own)
    app.add_exception_handler(HTTPException, _starlette)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unforeseen)
    app.include_router(router)


@router.get("/problems/{slug}", include_in_schema=False)
def explain(request: Request, slug: str) -> dict[str, str | int]:
    """Say what a kind of problem is."""
    for kind in all_errors():
        if kind.slug == slug:
            return {
                "type": f"{root_of(request)}/problems/{slug}",
                "title": kind.title,
                "status": kind.status,
                "description": getdoc(kind) or "",
            }
    raise NotFound(f'No problem is called "{slug}".', hint=f"There are {', '.join(_slugs())}.")


def show(request: Request, error: AppError, headers: dict[str, str] | None = None) -> Response:
    """Make the response that shows an error, in the format that the client prefers."""
    request.state.problem = error.slug
    headers = {**error.headers(), **(headers or {}), "Vary": "Accept", "Cache-Control": "no-store"}
    wanted = choose(request.headers.get("accept"), [JSON, "application/json", HTML])
    if wanted == HTML:
        templates: Jinja2Templates = request.app.state.templates
        return templates.TemplateResponse(
            request, "error.html", {"problem": error.problem()}, error.status, headers
        )
    problem = {**error.problem(), "type": f"{root_of(request)}/problems/{error.slug}"}
    return JSONResponse(problem, error.status, headers, media_type=JSON)


async def _own(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    return show(request, error)


async def _starlette(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        allow = {"Allow": ", ".join(["OPTIONS", *_methods(request)])}
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=allow)
        return show(request, MethodNotAllowed(_words(request, error)), allow)
    kind = BY_STATUS.get(error.status_code, BadRequest if error.status_code < 500 else AppError)
    return show(request, kind(_words(request, error)), dict(error.headers or {}))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [
        {"parameter": str(fault["loc"][-1]), "problem": str(fault["msg"])}
        for fault in error.errors()
    ]
    detail = "; ".join(f"{fault['parameter']}: {fault['problem']}" for fault in faults)
    return show(request, InvalidRequest(detail, errors=faults))


async def _unforeseen(request: Request, error: Exception) -> Response:
    log.error("unforeseen error in %s %s", request.method, request.url.path, exc_info=error)
    return show(request, AppError("The service failed; its log says how."))


def _methods(request: Request) -> list[str]:
    """Give the methods that an address answers to."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    scope = {"type": "http", "path": path_of(request.scope), "root_path": "", "headers": []}

    def answers(method: str) -> bool:
        return any(route.matches({**scope, "method": method})[0] == Match.FULL for route in routes)

    # What is mounted are files.
    every = ("GET", "HEAD", "POST", "PUT", "DELETE")
    return [each for each in every if answers(each)] or ["GET", "HEAD"]


def _words(request: Request, error: HTTPException) -> str:
    path = request.url.path
    if error.status_code == 404:
        return f"There is nothing at {path}."
    if error.status_code == 405:
        return f"{path} does not answer to {request.method}."
    return f"{error.detail}."


def _slugs() -> list[str]:
    return [kind.slug for kind in all_errors()]
