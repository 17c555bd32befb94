"""What whoever runs the service asks it: whether it is well, and what it serves."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from server.jobs import Job
from server.usage import Usage
from server.versions import Versions, pinned

router = APIRouter(include_in_schema=False)


def install(app: FastAPI) -> None:
    """Add the routes to the service."""
    app.include_router(router)


@router.get("/health/live")
async def live(response: Response) -> dict[str, str]:
    """Say that requests are answered."""
    response.headers["Cache-Control"] = "no-store"
    return {"status": "live"}


@router.get("/health/ready")
async def ready(request: Request, response: Response) -> dict[str, str]:
    """Say that queries are answered: a worker has just answered one."""
    response.headers["Cache-Control"] = "no-store"
    version = pinned(request)
    await version.pool.answer(Job("ASK {}"))
    return {"status": "ready", "version": version.name}


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Give the numbers of `server.metrics`."""
    usage: Usage = request.app.state.usage
    return Response(usage.metrics.text(), media_type=CONTENT_TYPE_LATEST)


@router.get("/health")
async def health(request: Request, response: Response) -> dict[str, Any]:
    """Tell which version is served, and why a newer one is not; of another server, what it has."""
    response.headers["Cache-Control"] = "no-store"
    versions: Versions = request.app.state.versions
    version = pinned(request)
    told = {
        "version": version.name,
        "built": version.data_set.built,
        "updates": version.data_set.updates,
        "problem": versions.problem,
    }
    return told if version.stated is None else {**told, "store": asdict(version.stated)}
