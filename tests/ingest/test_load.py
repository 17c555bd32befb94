"""A data set is loaded into another server, and what is there is what was built."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from pyoxigraph import Quad, Store

from cablegraph import main
from ingest.graphstore import BadAddress, GraphStore, Login, NotReached, Refused
from ingest.load import InTheWay, NothingToLoad, NotTheSame, Way, batches, load
from ontology.names import VERSION_GRAPH
from tests.conftest import GRAPH, ROOT, write_data_set
from tests.stores import PATIENT, QUICK, Oxigraph, virtuoso

WAYS = [Way(7), Way(10_000), Way(7, quads=True), Way(10_000, quads=True)]
OTHER = "https://example.org/graph"
OLD = "https://w3id.org/cablegraph/graph/frus1900/d1"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest data set: three graphs."""
    return write_data_set(tmp_path_factory.mktemp("load") / "graph")


@pytest.fixture
def own(built: Path) -> Iterator[Path]:
    """The same; what a load leaves there is removed."""
    yield built
    for left in built.glob("load-*"):
        left.unlink()


def clear(server: Oxigraph) -> None:
    """Leave nothing there but a graph that is not ours, and one of another version."""
    httpx.delete(server.address, timeout=60)
    for graph in (OTHER, OLD):
        httpx.put(
            server.address,
            params={"graph": graph},
            content=b"<a:a> <b:b> <c:c> .",
            headers={"Content-Type": "application/n-triples"},
            timeout=60,
        )


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oxigraph]:
    server = Oxigraph(tmp_path_factory.mktemp("oxigraph"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def server(shared_server: Oxigraph) -> Oxigraph:
    """A server with a graph of others, and one of ours from an older version."""
    clear(shared_server)
    return shared_server


def of_others(server: Oxigraph) -> set[str]:
    """Give the names of the graphs that the data set does not have."""
    return {quad.graph_name.value for quad in server.quads()} & {OTHER, OLD}  # type: ignore[union-attr]


def ours(built: Path) -> set[Quad]:
    """Give all that the data set has."""
    return set(Store.read_only(str(built / "current" / "store")))


# What is there afterwards


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_server_has_what_was_built_and_what_is_not_ours(
    own: Path, server: Oxigraph, way: Way
) -> None:
    loaded = load(own, server.client(), way, replace=True)
    there = server.quads()
    assert {quad for quad in there if quad.graph_name.value != OTHER} == ours(own)  # type: ignore[union-attr]
    assert len(there) == len(ours(own)) + 1
    assert (loaded.version, loaded.graphs, loaded.statements) == (
        "2026-01-01-test",
        3,
        len(ours(own)),
    )
    assert list(own.glob("load-*")) == []


def test_graphs_of_ours_that_are_there_are_not_touched_unless_it_is_said(
    own: Path, server: Oxigraph
) -> None:
    with pytest.raises(InTheWay) as told:
        load(own, server.client(), Way())
    assert str(told.value) == (
        f"{server.address}: 1 graphs of cablegraph are there already, such as {OLD}; "
        "--replace replaces them"
    )
    assert of_others(server) == {OTHER, OLD}


@pytest.mark.parametrize("way", [Way(7), Way(7, quads=True)], ids=str)
def test_load_goes_on_when_the_server_has_been_killed(own: Path, tmp_path: Path, way: Way) -> None:
    server = Oxigraph(tmp_path / "store")
    server.start()
    reached: list[int] = []

    def until_the_third(done: int, _: int) -> None:
        reached.append(done)
        if len(reached) == 3:
            server.kill()

    with pytest.raises(NotReached):
        load(own, server.client(), way, progress=until_the_third)
    [state] = own.glob("load-*.json")
    assert json.loads(state.read_text())["done"] == 3
    server.start()
    try:
        load(own, server.client(), way)
        assert server.quads() == ours(own)
    finally:
        server.kill()


def test_load_that_was_killed_sends_only_what_was_not_sent(own: Path, server: Oxigraph) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from ingest.load import Way, load; from ingest.graphstore import GraphStore\n"
        "stop = lambda done, total: done > 40 and os.kill(os.getpid(), signal.SIGKILL)\n"
        "load(Path(sys.argv[1]), GraphStore(sys.argv[2]), Way(7), replace=True, progress=stop)"
    )
    command = [sys.executable, "-c", program, str(own), server.address]
    ended = subprocess.run(command, check=False, cwd=ROOT)
    [state] = own.glob("load-*.json")
    done = json.loads(state.read_text())["done"]
    [store] = [Store.read_only(str(own / "current" / "store"))]
    all_of_them = len(list(batches(store, Way(7))))
    to = Counting(server.client())
    load(own, to, Way(7))  # type: ignore[arg-type]
    assert (ended.returncode, to.sent) == (-signal.SIGKILL, all_of_them - done)
    assert {quad for quad in server.quads() if quad.graph_name.value != OTHER} == ours(own)  # type: ignore[union-attr]


class Counting:
    """Counts what is written to a graph store."""

    def __init__(self, inner: GraphStore) -> None:
        self._inner, self.sent = inner, 0

    def __getattr__(self, name: str) -> Any:
        self.sent += name in ("put", "add")
        return getattr(self._inner, name)


def test_load_that_is_cut_in_another_way_begins_anew(own: Path, server: Oxigraph) -> None:
    def stop(done: int, _: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(own, server.client(), Way(7), replace=True, progress=stop)
    with pytest.raises(InTheWay):
        load(own, server.client(), Way(8))
    load(own, server.client(), Way(8), replace=True)
    assert of_others(server) == {OTHER}


def test_store_without_a_data_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(NothingToLoad, match="there is no data set here; `cablegraph build`"):
        load(tmp_path, GraphStore("http://127.0.0.1:9/store"), Way())


VERSIONED = f"""{GRAPH}
GRAPH <graph/version> {{ <void> <http://purl.org/dc/terms/hasVersion> "2026-01-01-test" }}
GRAPH <graph/wall> {{ <volume/wall> a cg:Volume }}
"""


@pytest.mark.parametrize("quads", [False, True])
def test_version_is_there_when_all_else_is(tmp_path: Path, server: Oxigraph, quads: bool) -> None:
    """Who asks the server meanwhile sees that its version is none."""
    store = write_data_set(tmp_path / "graph", VERSIONED)
    load(store, server.client(), Way(7), replace=True)
    states: list[bool] = []

    def note(done: int, total: int) -> None:
        there = {quad.graph_name.value for quad in server.quads()}  # type: ignore[union-attr]
        states.append(VERSION_GRAPH in there)

    load(store, server.client(), Way(7, quads), replace=True, progress=note)
    assert states == [False] * (len(states) - 1) + [True]


# Virtuoso


@pytest.mark.virtuoso
def test_virtuoso_takes_a_load(own: Path, tmp_path: Path) -> None:
    """It wants a login by Digest, and has another address for each of its services."""
    with virtuoso(tmp_path) as server:
        address = f"{server}/sparql-graph-crud-auth"
        to = GraphStore(address, login=Login("dba", "dba"), pace=PATIENT)
        list(to.graphs("https://w3id.org/"))  # It is there.
        assert load(own, to, Way(20)).statements == len(ours(own))
        assert load(own, to, Way(20), replace=True).graphs == 3
        with pytest.raises(NotTheSame, match="with --replace and without --quads"):
            load(own, to, Way(20, quads=True), replace=True)


# What a server may answer

Answer = tuple[int, bytes, dict[str, str]]
FOUND: Answer = (200, b'{"results": {"bindings": []}}', {})


class Scripted(BaseHTTPRequestHandler):
    """Answers what a test wants, and keeps what it is sent."""

    answers: list[Answer]
    asked: list[tuple[str, str, str | None]]

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((self.command, self.path, self.headers["Authorization"]))
        code, body, headers = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_PUT = do_POST = do_DELETE = do_GET = _answer  # noqa: N815  # http.server names them so

    def log_message(self, format: str, *words: object) -> None:
        """Say nothing."""


@contextmanager
def scripted(*answers: Answer) -> Iterator[tuple[str, list[tuple[str, str, str | None]]]]:
    """Run a server that gives these answers in turn, and the last one for ever."""
    Scripted.answers, Scripted.asked = list(answers), []
    with ThreadingHTTPServer(("127.0.0.1", 0), Scripted) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/store", Scripted.asked
        finally:
            server.shutdown()
            thread.join()


Script = Callable[..., tuple[GraphStore, list[tuple[str, str, str | None]]]]


@pytest.fixture
def script() -> Iterator[Script]:
    """Make a graph store whose server gives these answers."""
    with ExitStack() as stack:

        def make(*answers: Answer, login: Login | None = None) -> Any:
            address, asked = stack.enter_context(scripted(*answers))
            return GraphStore(address, login=login, pace=QUICK, sleep=lambda _: None), asked

        yield make


@pytest.mark.parametrize(
    ("code", "body", "told"),
    [
        (
            401,
            b"",
            "Unauthorized: it wants to know who you are: set CABLEGRAPH_LOAD_USER and "
            "CABLEGRAPH_LOAD_PASSWORD, or CABLEGRAPH_LOAD_TOKEN",
        ),
        (403, b"", "Forbidden: you may not write there"),
        (
            404,
            b"",
            "Not Found: there is nothing at this address; that of its graph store is needed",
        ),
        (405, b"", "Method Not Allowed: it takes no changes at this address"),
        (
            413,
            b"",
            "Request Entity Too Large: a batch is too large for it; "
            "choose a smaller one with --batch",
        ),
        (415, b"", "Unsupported Media Type: it does not read this format here"),
        (501, b"", "Not Implemented: it does not speak the Graph Store Protocol in full"),
        (507, b"", "Insufficient Storage: it has no room left"),
        (
            400,
            b"line 3:\n  no such\xff thing" + b"!" * 999,
            "Bad Request: line 3: no such\ufffd thing" + "!" * 278,
        ),
        (418, b"", "I'm a Teapot"),
    ],
)
def test_refusal_is_told_with_its_remedy(script: Script, code: int, body: bytes, told: str) -> None:
    to, _ = script((code, body, {}))
    with pytest.raises(Refused) as refused:
        to.put("a:b", b"")
    assert str(refused.value) == f"{to.address}: the server answers {code} {told}"


def test_graph_that_is_gone_is_removed(script: Script) -> None:
    to, asked = script((404, b"", {}))
    to.remove("a:b?c")
    assert asked == [("DELETE", "/store?graph=a%3Ab%3Fc", None)]


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_data_and_login_go_nowhere_else(script: Script, code: int) -> None:
    to, asked = script(
        (code, b"", {"Location": "http://localhost:9/other"}), login=Login(token="t")
    )
    with pytest.raises(Refused, match=f"answers {code} and leads to http://localhost:9/other"):
        to.add("a:b", b"")
    assert asked == [("POST", "/store?graph=a%3Ab", "Bearer t")]


def test_server_that_is_busy_is_asked_again(script: Script) -> None:
    to, asked = script((503, b"", {"Retry-After": "1"}), (204, b"", {}))
    to.add_quads(b"")
    assert asked == [("POST", "/store", None)] * 2


def test_server_that_stays_busy_is_left(script: Script) -> None:
    to, _ = script((503, b"", {}))
    with pytest.raises(NotReached) as told:
        to.put("a:b", b"")
    assert str(told.value) == f"{to.address}: the server answers 503 Service Unavailable"


def test_server_that_is_not_there_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"http://127.0.0.1:{free.getsockname()[1]}/store"
    to = GraphStore(address, pace=QUICK, sleep=lambda _: None)
    with pytest.raises(NotReached, match="store: Connection refused"):
        to.put("a:b", b"")


def test_password_is_shown_once_it_is_asked_for(script: Script) -> None:
    basic = {"WWW-Authenticate": 'Basic realm="x"'}
    to, asked = script((401, b"", basic), (204, b"", {}), login=Login("me", "secret"))
    to.put("a:b", b"")
    to.put("a:c", b"")
    assert [header for _, _, header in asked] == [None, *["Basic bWU6c2VjcmV0"] * 2]


@pytest.mark.parametrize(
    "kind", ['Basic realm="x"', 'Digest realm="x", nonce="n"', "Negotiate", ""]
)
def test_password_that_is_wrong_is_told_and_not_shown(script: Script, kind: str) -> None:
    to, _ = script((401, b"", {"WWW-Authenticate": kind}), login=Login("me", "secret"))
    with pytest.raises(Refused) as refused:
        to.put("a:b", b"")
    assert "secret" not in f"{refused.value} {refused.value.__cause__!r} {Login('me', 'secret')}"


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"results": {"bindings": [1]}}', b"{}"])
def test_answer_that_is_no_result_is_told(script: Script, body: bytes) -> None:
    to, _ = script((200, body, {}))
    with pytest.raises(Refused, match="query: the answer is no result of a query"):
        dict(to.counts(["a:b"]))


def test_answer_without_an_end_is_not_read(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.graphstore.MOST_BYTES", 1 << 20)
    to, _ = script((200, b" " * (2 << 20), {}))
    with pytest.raises(Refused, match="the answer is longer than 1 MB"):
        dict(to.counts(["a:b"]))


def test_graphs_that_were_not_asked_for_are_not_believed(script: Script) -> None:
    """They would be removed."""
    row = b'{"results": {"bindings": [{"g": {"value": "https://example.org/"}}]}}'
    to, _ = script((200, row, {}))
    with pytest.raises(Refused, match="it names other graphs than it is asked for"):
        list(to.graphs("https://w3id.org/"))


def test_many_graphs_are_named_page_by_page(
    server: Oxigraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.graphstore.PAGE", 1)
    assert list(server.client().graphs("https://")) == [OTHER, OLD]


def test_counts_that_differ_are_told(own: Path, script: Script) -> None:
    to, _ = script(FOUND)
    with pytest.raises(NotTheSame) as told:
        load(own, to, Way())
    assert str(told.value).startswith(
        f"{to.address}: 3 of 3 graphs do not have as many statements as were sent: "
        "https://w3id.org/cablegraph/graph/authority has 0 of 13, "
    )
    assert str(told.value).endswith("; load again with --replace")


# The command


def run(*words: str, **environment: str) -> tuple[int, str]:
    """Run the command in this process."""
    result = CliRunner().invoke(main, ["load", *words], env=environment)
    return result.exit_code, result.output


def test_command_tells_what_is_there(own: Path, server: Oxigraph) -> None:
    words = ("--store", str(own), "--to", server.address, "--replace", "--quads", "--batch", "9")
    assert run(*words) == (
        0,
        f"Version 2026-01-01-test is in {server.address}: {len(ours(own))} statements in "
        "3 graphs, counted there.\n",
    )


def test_command_takes_the_login_from_the_environment(own: Path) -> None:
    with scripted(FOUND, (403, b"", {})) as (address, asked):
        code, output = run("--store", str(own), "--to", address, CABLEGRAPH_LOAD_TOKEN="t0k3n")
    assert (code, "you may not write there" in output, "t0k3n" in output) == (1, True, False)
    assert {header for _, _, header in asked} == {"Bearer t0k3n"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--to", "http://me:secret@localhost/store"], "the address must be like"),
        (["--to", "file:///store"], "the address must be like"),
        (["--to", "http://localhost/store?default"], "the address must be like"),
        (["--to", "http://localhost/mine"], "name its SPARQL endpoint with --query"),
        (["--to", "http://localhost/store", "--query", "x"], "the address must be like"),
    ],
)
def test_address_that_cannot_be_used_is_told_and_not_shown(words: list[str], told: str) -> None:
    code, output = run(*words)
    assert (code, told in output, "secret" in output) == (1, True, False)


@pytest.mark.parametrize(
    ("address", "endpoint"),
    [
        ("http://h/ds/data", "http://h/ds/sparql"),
        ("http://h/repositories/r/rdf-graphs/service", "http://h/repositories/r"),
        ("https://h:8/sparql-graph-crud-auth", "https://h:8/sparql"),
    ],
)
def test_endpoint_is_known_where_the_layout_is(address: str, endpoint: str) -> None:
    assert GraphStore(address)._endpoint == endpoint
    with pytest.raises(BadAddress):
        GraphStore(f"{address}/")
