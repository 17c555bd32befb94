"""Servers to measure, each in a process of its own: ours, and the peers where they are installed.

A peer is served the same store, read-only. Peers live in an environment of their own:

    python -m venv peers && peers/bin/pip install oxigraph rdflib-endpoint oxrdflib uvicorn
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS, OXIGRAPH, RDFLIB = "cablegraph", "Oxigraph server", "rdflib-endpoint"
ROWS = "application/sparql-results+json"
PATIENCE = 60
"""Seconds that a server has to start."""

RDFLIB_SERVER = """
import sys, uvicorn, pyoxigraph
from oxrdflib import OxigraphStore
from rdflib import Dataset
from rdflib_endpoint import SparqlEndpoint
store = OxigraphStore(store=pyoxigraph.Store.read_only(sys.argv[1]))
app = SparqlEndpoint(graph=Dataset(store=store, default_union=True), path="/sparql")
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error")
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs."""

    name: str
    port: int
    process: subprocess.Popen[bytes]

    @property
    def place(self) -> tuple[str, int]:
        """Where it listens."""
        return "127.0.0.1", self.port

    @property
    def lives(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    @property
    def memory(self) -> float:
        """The memory of it and its workers in MiB; what they share is counted once."""
        return sum(map(_proportional, _family(self.process.pid))) / 1024


def commands(data_set: Path, peers: Path | None, port: int, *ours: str) -> dict[str, list[str]]:
    """Give the command of each server that is installed."""
    own = [sys.executable, str(ROOT / "cablegraph.py"), "serve", "--store", str(data_set)]
    own += ["--port", str(port), "--access-log", "off", *ours]
    found, store = {OURS: own}, str(data_set / "current" / "store")
    if peers and (oxigraph := peers / "bin" / "oxigraph").exists():
        where = ["--location", store, "--bind", f"127.0.0.1:{port}"]
        found[OXIGRAPH] = [str(oxigraph), "serve-read-only", "--union-default-graph", *where]
    if peers and (peers / "bin" / "rdflib-endpoint").exists():
        python = str(peers / "bin" / "python")
        found[RDFLIB] = [python, "-c", RDFLIB_SERVER, store, str(port)]
    return found


@contextmanager
def running(name: str, data_set: Path, peers: Path | None, *ours: str) -> Iterator[Server | None]:
    """Run a server of this name; None if it is not installed."""
    port = _free_port()
    command = commands(data_set, peers, port, *ours).get(name)
    if command is None:
        yield None
        return
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        try:
            yield _started(Server(name, port, process))
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:  # Nothing ends a query of some peers.
                process.kill()


def _started(server: Server) -> Server:
    """Wait until a server has answered a query: some listen before they can."""
    deadline = time.monotonic() + PATIENCE
    while server.lives and time.monotonic() < deadline:
        connection = HTTPConnection(*server.place, timeout=PATIENCE)
        with closing(connection), suppress(OSError):
            connection.request("GET", "/sparql?query=ASK%7B%7D", headers={"Accept": ROWS})
            if connection.getresponse().status == HTTPStatus.OK:
                return server
        time.sleep(0.05)
    raise RuntimeError(f"{server.name} did not start.")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _family(pid: int) -> Iterator[int]:
    """Give a process and all that it has started."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text(encoding="ascii").split():
            yield from _family(int(child))


def _proportional(pid: int) -> int:
    """Give the proportional set size of a process in KiB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
