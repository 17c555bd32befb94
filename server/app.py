"""Assemble the service: `create_app(settings)`.

Everything that a request needs hangs on the app and comes from its settings, so that two
services can run in one process: `app.state.graph`, `side`, `settings` and `templates`. The
data set is found when the app starts and stays the same until it ends.
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

from server import api, pages, problems, reconcile, sparql
from server.dataset import find_data_set
from server.graph import Graph
from server.settings import Settings
from server.side import Side
from server.workers import Pool

HERE = Path(__file__).parent
EXPOSED = ["ETag", "Link", "Retry-After", "X-Dataset-Version"]


def create_app(settings: Settings) -> FastAPI:
    """Make the service."""
    app = FastAPI(
        title="Cablegraph",
        version=_version(),
        lifespan=_lifespan,
        # Their pages load script from other sites.
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.templates = Jinja2Templates(HERE / "templates")
    app.add_middleware(VersionHeader)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "POST"],
        allow_headers=["*"],
        expose_headers=EXPOSED,
        max_age=86_400,
    )
    for install in (
        problems.install,
        sparql.install,
        api.install,
        reconcile.install,
        pages.install,
    ):
        install(app)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    return app


class VersionHeader:
    """Tells with every answer which version of the data set it comes from."""

    def __init__(self, app: ASGIApp) -> None:
        self._next = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the header to the answer."""

        async def send_with_version(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Dataset-Version"] = scope["app"].state.graph.version
            await send(message)

        await self._next(scope, receive, send_with_version if scope["type"] == "http" else send)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    data_set = find_data_set(settings.store)
    pool = Pool(data_set.store, settings)
    app.state.side = Side(data_set.side)
    app.state.graph = Graph(data_set, pool, app.state.side, settings.query_matches)
    await pool.start()
    try:
        yield
    finally:
        await pool.stop()


def _version() -> str:
    try:
        return version("cablegraph")
    except PackageNotFoundError:
        return "0"
