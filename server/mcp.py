"""The tools of `server.tools` in the Model Context Protocol, by its official SDK.

Over HTTP each request stands for itself: there is no session, and its answer is one piece of
JSON. So nothing is kept for a client between two requests, and a request has a manager of its
own, with which everything ends that was begun for it, also when the client leaves. On standard
input and output one client has the service for itself, as the user who started it.

The SDK takes seconds to import; only `server.agents` and the command import this module, when it
is needed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request, Response
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from starlette.types import Receive, Scope, Send

from server import tools
from server.clients import CLIENT, client_of
from server.errors import AppError
from server.settings import Settings
from server.tools import INSTRUCTIONS, TOOLS, Call
from server.usage import Usage
from server.versions import Versions, pinned

log = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "localhost", "::1")
HERE = ("127.0.0.1", "localhost", "[::1]")
"""Names of this machine for itself, as a setting and in an address."""

Opening = Callable[[Request | None], AbstractContextManager[Call]]
"""Opens what a call is answered of; the request is None on standard input."""


def make_server(opening: Opening, version: str) -> Server[Any]:
    """Make a server of the protocol that offers the tools."""
    # What a client does wrong is told to the client.
    logging.getLogger("mcp").setLevel(logging.ERROR)
    offered = [
        types.Tool(
            name=tool.name,
            description=tool.description,
            input_schema=tool.takes,
            annotations=types.ToolAnnotations(read_only_hint=True, open_world_hint=False),
        )
        for tool in TOOLS
    ]

    async def list_tools(_: Any, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=offered)

    async def call_tool(context: Any, asked: types.CallToolRequestParams) -> types.CallToolResult:
        with opening(context.request) as call:
            return await _result(call, asked)

    return Server(
        "cablegraph",
        version=version,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def _result(call: Call, asked: types.CallToolRequestParams) -> types.CallToolResult:
    try:
        text, failed = await tools.answer(call, asked.name, asked.arguments or {}), False
    except Exception as error:
        if not isinstance(error, AppError):
            log.exception("unforeseen error in a tool")
            error = AppError("The service failed; its log says how.")
        call.noted["problem"] = error.slug
        text, failed = tools.problem(error), True
    return types.CallToolResult(content=[types.TextContent(text=text)], is_error=failed)


def _pages(settings: Settings) -> str | None:
    return settings.public_url and settings.public_url.rstrip("/") + "/"


# Over HTTP


@contextmanager
def _opened(request: Request | None) -> Iterator[Call]:
    """Open what a request asks: the version that it began with, and the share of its client."""
    assert request is not None
    CLIENT.set(client_of(request.scope))
    settings: Settings = request.app.state.settings
    call = Call(pinned(request), settings, _pages(settings) or str(request.base_url))
    try:
        yield call
    finally:
        request.scope["state"].update(call.noted)


async def respond(server: Server[Any], scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request, and end all that was begun for it."""
    manager = StreamableHTTPSessionManager(server, json_response=True, stateless=True)
    async with manager.run():
        await manager.handle_request(scope, receive, send)


def http_server(version: str) -> Server[Any]:
    """Make the server that answers requests."""
    return make_server(_opened, version)


async def refusal(request: Request) -> Response | None:
    """Give the SDK's refusal of a request that names another host, or comes from another site."""
    security = TransportSecurityMiddleware(protection(request.app.state.settings))
    return await security.validate_request(request)


def protection(settings: Settings) -> TransportSecuritySettings:
    """Say which hosts and origins may be named: this machine's, and the public address.

    A service that listens for others, but does not know under which name, is not protected.
    """
    hosts = [name for each in HERE for name in (each, f"{each}:*")]
    origins = [f"http://{host}" for host in hosts]
    if settings.public_url:
        public = urlsplit(settings.public_url)
        hosts.append(public.netloc)
        origins.append(f"{public.scheme}://{public.netloc}")
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=bool(settings.public_url) or settings.host in LOOPBACK,
        allowed_hosts=hosts,
        allowed_origins=origins,
    )


# On standard input and output


async def serve_stdio(settings: Settings, version: str) -> None:
    """Answer one client on standard input and output, until its input ends."""
    versions = Versions(settings, Usage.of(settings))
    await versions.start()

    @contextmanager
    def opened(_: Request | None) -> Iterator[Call]:
        with versions.use() as current:
            yield Call(current, settings, _pages(settings))

    server = make_server(opened, version)
    try:
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())
    finally:
        await versions.stop()
