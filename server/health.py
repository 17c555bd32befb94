"""What whoever runs the service asks it: whether it is well, and what it serves."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request

from server.versions import Versions, pinned

router = APIRouter(include_in_schema=False)


def install(app: FastAPI) -> None:
    """Add the routes to the service."""
    app.include_router(router)


@router.get("/health")
async def health(request: Request) -> dict[str, str | None]:
    """Tell which version is served, and why a newer one is not."""
    versions: Versions = request.app.state.versions
    data_set = pinned(request).data_set
    return {"version": data_set.version, "built": data_set.built, "problem": versions.problem}
