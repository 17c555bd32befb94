"""A service whose graph may be changed, and what the tests ask of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from server.settings import Settings
from tests.conftest import Service, running, write_data_set

TOKEN = "0123456789-abcdef-0123"
SPARQL = "application/sparql-update"
UPDATE = {"Content-Type": SPARQL}
TURTLE = {"Content-Type": "text/turtle"}


@dataclass(frozen=True)
class Changing:
    """A service that may be changed, and the folder of its data set."""

    service: Service
    root: Path

    @property
    def client(self) -> httpx.Client:
        """A client with a token."""
        return self.service.client

    def update(self, update: str, **parameters: str | list[str]) -> httpx.Response:
        """Make an update."""
        return self.client.post("/sparql", content=update, params=parameters, headers=UPDATE)

    def done(self, update: str, **parameters: str | list[str]) -> str:
        """Make an update that can be made; give the version that has it."""
        answer = self.update(update, **parameters)
        assert answer.status_code == 204, answer.text
        return answer.headers["x-dataset-version"]

    def ask(self, query: str, **parameters: str) -> list[str]:
        """Ask a query; give its rows as CSV."""
        values = {"query": query, "format": "csv", **parameters}
        answer = self.client.get("/sparql", params=values)
        assert answer.status_code == 200, answer.text
        return answer.text.split("\r\n")[1:-1]

    def journal(self) -> list[dict[str, Any]]:
        """Read the journal; each line without its time."""
        lines = (self.root / "journal.jsonl").read_text(encoding="utf-8").splitlines()
        return [{k: v for k, v in json.loads(line).items() if k != "when"} for line in lines]


def tokens(folder: Path) -> Path:
    """Write a file of tokens."""
    file = folder / "tokens"
    file.write_text(f"# who: what\nanna {TOKEN}\n", encoding="utf-8")
    return file


@contextmanager
def changing(folder: Path, **settings: Any) -> Iterator[Changing]:
    """Run a service that may be changed, over a data set of its own in this folder."""
    root = write_data_set(folder / "graph")
    own = {"port": 0, "workers": 1, "queue_seconds": 20, "look_seconds": 0, **settings}
    with running(Settings(store=root, update_token_file=tokens(folder), **own)) as service:
        service.client.headers["Authorization"] = f"Bearer {TOKEN}"
        service.client.timeout = httpx.Timeout(300)
        yield Changing(service, root)
