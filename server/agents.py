"""The address for language models, /mcp: the tools of `server.tools` over HTTP.

The SDK that speaks the protocol takes seconds to import, so it is imported in a thread when the
first request comes: a service that nobody asks so starts as quickly as ever.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from importlib import import_module

import anyio
from fastapi import APIRouter, FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from server.errors import AppError
from server.settings import Settings
from server.sparql import read_body, until_left

router = APIRouter(include_in_schema=False)


class ForeignHost(AppError):
    """The request names a host, or comes from a site, that this service does not know as its own.

    That is how a page on the web would reach a service on your own machine (DNS rebinding).
    """

    status = 403
    slug = "foreign-host"
    title = "Foreign host"


def install(app: FastAPI) -> None:
    """Add the address to the service."""
    app.state.agents = None
    app.include_router(router)


@router.post("/mcp")
async def agents(request: Request) -> Response:
    """Answer a message of the Model Context Protocol."""
    protocol = await run_in_threadpool(import_module, "server.mcp")
    if await protocol.refusal(request):
        raise ForeignHost(
            "The request names another host, or comes from a page of another site.",
            hint="If this is an address of the service, start it with it as --public-url.",
        )
    settings: Settings = request.app.state.settings
    # JSON may need more bytes for a query than the query has.
    body = await read_body(request, 3 * settings.query_bytes + 8192)
    if request.app.state.agents is None:
        request.app.state.agents = protocol.http_server(request.app.version)
    return ProtocolResponse(partial(protocol.respond, request.app.state.agents), body)


class ProtocolResponse(Response):
    """Lets the SDK answer a request that has been read, and stops it when the client leaves."""

    def __init__(self, respond: Callable[[Scope, Receive, Send], Awaitable[None]], read: bytes):
        super().__init__()
        self._respond = respond
        self._messages = [{"type": "http.request", "body": read, "more_body": False}]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""
        async with until_left(receive):
            await self._respond(scope, self._read, send)

    async def _read(self) -> Message:
        """Give what was read; nothing comes after it."""
        if not self._messages:
            await anyio.sleep_forever()
        return self._messages.pop()
