"""The data set whole: what there is of it in which numbers, and its files to take along.

A build leaves its files in a folder of its version; they are sent as they are. The table of facts
is written while it is sent, some facts at a time, for it has what pages have: names and citations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response, StreamingResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from dataset import DOWNLOADS
from server.answers import FactAnswer
from server.caching import FRESH
from server.errors import Busy, NotFound
from server.reading import fact_answers
from server.side import Side
from server.tables import answers_csv
from server.versions import pinned

router = APIRouter(prefix="/data", include_in_schema=False)

FACTS = "facts.csv"
GRAPH = "graph.nq.gz"
MEANINGS = {
    GRAPH: "All statements, each with the graph that makes it (N-Quads)",
    FACTS: "All facts with their words, parties, dates and citations (CSV)",
    "links.sssom.tsv": "Links to Wikidata, with their reasons (SSSOM)",
    "persons.tsv": "Which entry of the volumes’ lists of persons is whose, and why",
}
"""The files that are of no one volume."""

EACH = 250
"""Facts that are written at a time: about 25 ms."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to take along; `size` in bytes, if it is known before it is made."""

    name: str
    meaning: str
    size: int | None = None


def files(folder: Path) -> list[File]:
    """Return the files that are of no one volume; `folder` is that of a version."""
    sizes = _sizes(folder)
    names = [name for name in MEANINGS if name in sizes or name == FACTS]
    return [File(name, MEANINGS[name], sizes.get(name)) for name in names]


def of_volumes(folder: Path) -> dict[str, File]:
    """Return the file of each volume, by the volume's id."""
    found = ((name.removesuffix(".nq.gz"), name, size) for name, size in _sizes(folder).items())
    return {
        volume: File(name, f"The statements of {volume}", size)
        for volume, name, size in found
        if volume != name and name != GRAPH
    }


def _sizes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in sorted((folder / DOWNLOADS).glob("*"))}


def install(app: FastAPI) -> None:
    """Add the files to the service."""
    app.state.tables = Tables()
    app.include_router(router)


class Tables:
    """How many tables of all facts are being written: one at a time, for it is long work."""

    def __init__(self) -> None:
        self.is_busy = False

    def begin(self) -> None:
        """Refuse a table while another is being written."""
        if self.is_busy:
            raise Busy(
                "The table of all facts is being written for another client.",
                hint="Ask again, or take pages of /api/facts?format=csv.",
            )
        self.is_busy = True

    def end(self) -> None:
        """Let the next one begin."""
        self.is_busy = False


class FactTable(StreamingResponse):
    """All facts as CSV, written while they are sent."""

    def __init__(self, side: Side, tables: Tables, headers: dict[str, str]) -> None:
        tables.begin()
        self._tables = tables
        super().__init__(fact_rows(side), headers=headers, media_type="text/csv")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the table; the next may begin when it is sent, or its client has left."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._tables.end()


def fact_rows(side: Side, each: int = EACH) -> Iterator[str]:
    """Yield the lines of a table of all facts, some at a time, in the order of time."""
    total = side.totals["facts"]
    for first in range(1, max(total, 1) + 1, each):
        rows = side.facts_numbered(range(first, min(first + each, total + 1)))
        text = answers_csv(FactAnswer, fact_answers(side, rows))
        yield text if first == 1 else text.partition("\r\n")[2]


@router.api_route(f"/{FACTS}", methods=["GET", "HEAD"])
async def facts(request: Request) -> Response:
    """All facts as a table."""
    headers = _headers(FACTS)
    if request.method == "HEAD":
        return Response(headers=headers, media_type="text/csv")
    return FactTable(pinned(request).side, request.app.state.tables, headers)


@router.api_route("/{name}", methods=["GET", "HEAD"])
async def file(request: Request, name: str) -> Response:
    """One of the files that the build has left."""
    folder = pinned(request).data_set.folder / DOWNLOADS
    if not (folder / name).is_file() or name.startswith("."):
        raise NotFound(f"There is no file {name}.", hint="/data lists them.")
    response = await StaticFiles(directory=folder).get_response(name, request.scope)
    packed = name.endswith(".gz")  # By its name alone it would be what it holds.
    response.headers.update(
        _headers(name) | ({"Content-Type": "application/gzip"} if packed else {})
    )
    return response


def _headers(name: str) -> dict[str, str]:
    return {"Cache-Control": FRESH, "Content-Disposition": f'attachment; filename="{name}"'}
