"""Servers of others, to load into and to ask: the real ones, in processes of their own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import environ
from pathlib import Path

import httpx
import pytest
from pyoxigraph import Quad, RdfFormat, parse

from ingest.graphstore import GraphStore, Login
from ingest.load import Way, load
from ingest.web import Pace

QUICK = Pace(between=0, tries=2, timeout=60)
PATIENT = Pace(between=0, tries=600, wait=0.2, longest=0.2)
"""For a server that may not have started yet."""


def free_port() -> int:
    """Give a port that nobody has just now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class Oxigraph:
    """The Oxigraph server in a process of its own, which can be killed and started again."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._binary = shutil.which(
            "oxigraph", path=f"{Path(sys.executable).parent}:{environ['PATH']}"
        )
        if self._binary is None:
            pytest.skip("the oxigraph server is not installed")
        self._words = ["--location", str(folder), *options]
        self._bind = f"127.0.0.1:{free_port()}"
        self.address = f"http://{self._bind}/store"
        self.endpoint = f"http://{self._bind}/query"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [str(self._binary), "serve", "--bind", self._bind, *self._words]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        while True:
            try:
                httpx.get(self.endpoint, params={"query": "ASK {}"}, timeout=60)
                return
            except httpx.ConnectError:
                assert self._process.poll() is None, "the server did not start"
                time.sleep(0.02)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()

    def client(self) -> GraphStore:
        """Give what loads into it, without much patience."""
        return GraphStore(self.address, pace=QUICK, sleep=lambda _: None)

    def quads(self) -> set[Quad]:
        """Give all that it has."""
        answer = httpx.get(self.address, headers={"Accept": "application/n-quads"}, timeout=60)
        return set(parse(answer.content, format=RdfFormat.N_QUADS))


@contextmanager
def virtuoso(folder: Path) -> Iterator[str]:
    """Run Virtuoso in a folder, and give the address at which its services lie."""
    ports = free_port(), free_port()
    files = ("Database", "ErrorLog", "Lock", "Transaction")
    names = "\n".join(f"{name}File = {folder}/{name}" for name in files)
    (folder / "virtuoso.ini").write_text(
        f"[Database]\n{names}\nxa_persistent_file = {folder}/xa\n"
        f"[TempDatabase]\nDatabaseFile = {folder}/temp\nTransactionFile = {folder}/temp-log\n"
        f"[Parameters]\nServerPort = 127.0.0.1:{ports[0]}\nDisableUnixSocket = 1\n"
        f"[HTTPServer]\nServerPort = 127.0.0.1:{ports[1]}\nServerRoot = {folder}\n"
        "[Replication]\nServerName = db\n"
    )
    command = ["virtuoso-t", "+foreground", "+configfile", "virtuoso.ini"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL) as process:
        try:
            yield f"http://127.0.0.1:{ports[1]}"
        finally:
            process.kill()


@dataclass(frozen=True)
class Loaded:
    """A server that has a data set: where it is changed and asked."""

    to: GraphStore
    endpoint: str


@contextmanager
def loaded(kind: str, data_set: Path, folder: Path) -> Iterator[Loaded]:
    """Run one of the two with a data set in it."""
    with _started(kind, folder) as server:
        load(data_set, server.to, Way())
        yield server


@contextmanager
def _started(kind: str, folder: Path) -> Iterator[Loaded]:
    if kind == "virtuoso":
        with virtuoso(folder) as address:
            login = Login("dba", "dba")
            to = GraphStore(f"{address}/sparql-graph-crud-auth", login=login, pace=PATIENT)
            yield Loaded(to, f"{address}/sparql")
        return
    server = Oxigraph(folder, "--union-default-graph")
    server.start()
    try:
        yield Loaded(server.client(), server.endpoint)
    finally:
        server.kill()


STORES = ["oxigraph", pytest.param("virtuoso", marks=pytest.mark.virtuoso)]
"""Both, as parameters: Virtuoso is left out where it is not installed."""
