"""Assemble the service: `create_app(settings)`.

Everything that a request needs hangs on the app and comes from its settings, so that two
services can run in one process: `app.state.versions`, `settings` and `templates`. What belongs
to the data set hangs on the request: the version that it began with (`server.versions.pinned`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fastapi import FastAPI
from fastapi.templating import Jinja2Templates
from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import agents, api, downloads, graphs, health, pages, problems, reconcile, sparql
from server.compression import Compressed
from server.peers import Peers
from server.public import Public, root_of
from server.rendering import environment
from server.repeated import Repeated
from server.settings import Settings
from server.usage import Usage
from server.versions import Versions
from server.watch import AccessLog, Watched
from server.writing import Writing

HERE = Path(__file__).parent
CHANGING = ("PUT", "DELETE")
EXPOSED = [
    "ETag",
    "Link",
    "Location",
    "Retry-After",
    "WWW-Authenticate",
    "X-Dataset-Build",
    "X-Dataset-Version",
]


def create_app(settings: Settings, peers: Peers | None = None) -> FastAPI:
    """Make the service; `peers` are the processes that serve together with this one."""
    app = FastAPI(
        title="Cablegraph",
        version=release(),
        lifespan=_lifespan,
        # Their pages load script from other sites.
        docs_url=None,
        redoc_url=None,
        servers=[{"url": settings.public_url.rstrip("/")}] if settings.public_url else None,
        root_path_in_servers=False,
    )
    app.state.settings = settings
    app.state.usage = Usage.of(settings)
    app.state.peers = peers
    app.state.templates = Jinja2Templates(
        env=environment(HERE / "templates"),
        context_processors=[lambda request: {"root": root_of(request)}],
    )
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "POST", *(CHANGING if settings.update_token_file else ())],
        allow_headers=["*"],
        expose_headers=EXPOSED,
        max_age=86_400,
    )
    app.add_middleware(Compressed)
    for install in (
        sparql.install,
        graphs.install,
        problems.install,
        health.install,
        api.install,
        reconcile.install,
        agents.install,
        downloads.install,
        pages.install,
    ):
        install(app)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    # From here on outwards: what is answered from memory passes the others by.
    app.add_middleware(Repeated)
    app.add_middleware(PinVersion)
    app.state.log = AccessLog(settings.access_log)
    app.add_middleware(Watched, metrics=app.state.usage.metrics, log=app.state.log)
    app.add_middleware(Public, address=settings.public_url)
    return app


class PinVersion:
    """Gives each request the current version to its end, and names that in the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._next = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its version, and add the header to the answer."""
        if scope["type"] != "http":
            await self._next(scope, receive, send)
            return
        versions: Versions = scope["app"].state.versions
        with versions.use() as version:
            scope["state"]["version"] = version

            async def send_with_version(message: Message) -> None:
                if message["type"] == "http.response.start":
                    headers = MutableHeaders(scope=message)
                    # What has changed the graph names the version that it has made.
                    headers.setdefault("X-Dataset-Version", version.name)
                    if version.data_set.updates:
                        headers["X-Dataset-Build"] = version.data_set.build
                await send(message)

            await self._next(scope, receive, send_with_version)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.versions = Versions(app.state.settings, app.state.usage, app.state.peers)
    app.state.writing = Writing(app.state.settings, app.state.versions)
    await app.state.versions.start()
    app.state.usage.metrics.watch(app.state.versions)
    try:
        yield
    finally:
        await app.state.writing.stop()
        await app.state.versions.stop()
        app.state.log.write()


def abandon(app: FastAPI) -> None:
    """End the queries and changes that still run, because the service is being stopped."""
    app.state.versions.abandon()
    app.state.writing.abandon()


def release() -> str:
    """Return the version of the program."""
    try:
        return version("cablegraph")
    except PackageNotFoundError:
        return "0"
