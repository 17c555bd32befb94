"""How a request changes the graph: who may do it, and what is answered when it is done."""

from __future__ import annotations

import logging
from dataclasses import replace

from fastapi import Request
from starlette.responses import Response

from server.changes import Change, Done
from server.clients import CLIENT
from server.errors import AppError, TokenMissing, TokenWrong, UnreadableTokens, UpdateForbidden
from server.settings import Settings
from server.tokens import name_of
from server.writing import Writing

log = logging.getLogger(__name__)


def who_may(request: Request) -> str:
    """Return the name of the token that a request brings; refuse one that brings none."""
    settings: Settings = request.app.state.settings
    if settings.update_token_file is None:
        raise UpdateForbidden("The graph cannot be changed over HTTP.")
    try:
        return name_of(request.headers.get("authorization"), settings.update_token_file)
    except UnreadableTokens as error:
        log.error("%s", error)
        raise AppError("The service failed; its log says how.") from error


def may(request: Request) -> bool:
    """Whether a request may change the graph."""
    try:
        who_may(request)
    except (UpdateForbidden, TokenMissing, TokenWrong):
        return False
    return True


async def make(request: Request, change: Change, body: bytes = b"") -> Done:
    """Make a change in its turn; return when new requests see it."""
    writing: Writing = request.app.state.writing
    return await writing.make(replace(change, client=CLIENT.get(), size=len(body)), body)


def answer(done: Done, status: int = 204, headers: dict[str, str] | None = None) -> Response:
    """Say that a change was made, and which version has it."""
    own = {"X-Dataset-Version": done.version, "Cache-Control": "no-store"}
    return Response(status_code=status, headers=own | (headers or {}))
