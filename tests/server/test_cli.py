"""The commands serve, query and export, as they are typed."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import sys
import time
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result
from pyoxigraph import RdfFormat, parse

from cablegraph import main
from tests.conftest import served

ROOT = Path(__file__).parents[2]
ALL = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"


def run(*words: str, text: str | None = None) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(main, words, input=text)


# serve


def children(pid: int) -> set[int]:
    """Give the processes that a process has started."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):  # A thread may end meanwhile.
            found |= {int(child) for child in (task / "children").read_text().split()}
    return found


def test_serve_tells_its_addresses_when_it_is_ready(data_set: Path) -> None:
    with served("--store", str(data_set), "--workers", "1") as (process, lines):
        address = lines[1].split()[0]
        assert lines == [
            f"Version 2026-01-01-test of {data_set} is served at",
            f"  {address}        pages",
            f"  {address}api     JSON",
            f"  {address}sparql  SPARQL 1.1",
            "Press Ctrl-C to stop.",
        ]
        assert httpx.get(f"{address}sparql?query=ASK{{}}", timeout=60).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) in (0, 130, -signal.SIGINT)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a facility of Linux")
def test_workers_end_with_the_service_whatever_ends_it(data_set: Path) -> None:
    """Even in the middle of a query: nothing would stop one that nobody waits for."""
    with served("--store", str(data_set), "--workers", "2") as (process, lines):
        endless = " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(10))
        url = f"{lines[1].split()[0]}sparql"
        with contextlib.suppress(httpx.ReadTimeout):
            httpx.get(url, params={"query": f"SELECT (COUNT(*) AS ?n) {{{endless}}}"}, timeout=1)
        deadline = time.monotonic() + 60
        while len(workers := children(process.pid)) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)  # The one that serves is ready before the other has started.
        assert len(workers) >= 2
        process.kill()
        process.wait()
        deadline = time.monotonic() + 20
        while any(alive(pid) for pid in workers) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert [pid for pid in workers if alive(pid)] == []


def alive(pid: int) -> bool:
    """Say whether a process runs."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_answer_that_has_begun_ends_although_the_service_is_stopped(data_set: Path) -> None:
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c != ?i) } LIMIT 60000"
    plain = {"Accept-Encoding": "identity"}
    with served("--store", str(data_set), "--stop-seconds", "60") as (process, lines):
        url = f"{lines[1].split()[0]}sparql"
        with httpx.stream("GET", url, params={"query": query}, headers=plain, timeout=60) as reply:
            parts = reply.iter_raw()
            first = next(parts)
            process.send_signal(signal.SIGTERM)
            rest = b"".join(parts)
        assert process.wait(timeout=60) in (0, -signal.SIGTERM)
    assert len(json.loads(first + rest)["results"]["bindings"]) == 60_000


@pytest.mark.skipif(sys.platform != "linux", reason="needs a second loopback address")
def test_only_a_proxy_that_is_believed_names_the_client(data_set: Path, tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    words = ("--store", str(data_set), "--workers", "1", "--access-log", str(log))
    with served(*words, "--proxies", "127.0.0.2") as (_, lines):
        for address in ("127.0.0.2", "127.0.0.3"):
            from_there = httpx.HTTPTransport(local_address=address)
            with httpx.Client(transport=from_there, timeout=60) as client:
                headers = {"X-Forwarded-For": "192.0.2.77"}
                client.get(f"{lines[1].split()[0]}health", headers=headers)
    clients = [json.loads(line)["client"] for line in log.read_text().splitlines()]
    assert clients == ["192.0.2.0/24", "127.0.0.0/24"]


def test_serve_says_that_too_few_files_may_be_opened(
    data_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _: (64, 64))
    result = run("serve", "--store", str(data_set))
    needed = 256 + len(list((data_set / "current" / "store").iterdir()))
    assert (result.exit_code, result.stderr) == (
        1,
        f"Error: A process may open 64 files here, and {needed} are needed. "
        f"Raise the limit: ulimit -n {needed}\n",
    )


def test_serve_raises_the_number_of_files_as_far_as_it_may(
    data_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[tuple[int, int]] = []
    monkeypatch.setattr("resource.getrlimit", lambda _: (64, 4096))
    monkeypatch.setattr("resource.setrlimit", lambda _, limits: raised.append(limits))
    with socket.create_server(("127.0.0.1", 0)) as other:
        run("serve", "--store", str(data_set), "--port", str(other.getsockname()[1]))
    assert raised == [(256 + len(list((data_set / "current" / "store").iterdir())), 4096)]


def test_serve_says_that_the_port_is_taken(data_set: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = run("serve", "--store", str(data_set), "--port", str(port))
    assert (result.exit_code, result.stderr) == (
        1,
        f"Error: Cannot listen on port {port} of 127.0.0.1: Address already in use. "
        "Stop the other program, or choose another port with --port.\n",
    )


@pytest.mark.parametrize("command", [["serve"], ["query", "-"], ["export"]])
def test_missing_data_set_is_named_with_the_remedy(command: list[str], tmp_path: Path) -> None:
    result = run(*command, "--store", str(tmp_path), text="ASK {}")
    assert (result.exit_code, result.stderr) == (
        1,
        f"Error: {tmp_path}: there is no data set here. "
        "Build it with `cablegraph build`, or name its folder with --store.\n",
    )


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        ("void.ttl", None, "void.ttl is missing."),
        ("manifest.json", "{", "manifest.json cannot be read: JSONDecodeError("),
        ("manifest.json", "{}", "manifest.json cannot be read: KeyError('version')."),
        (
            "manifest.json",
            '{"version": "v", "built": "b", "format": 2}',
            "its layout is 2, this version reads 1.",
        ),
        ("store/CURRENT", "nothing", "the store cannot be read"),
        ("side.sqlite", "nothing", "not a side file"),
    ],
)
def test_damaged_data_set_is_named(
    own_data_set: Path, file: str, content: str | None, problem: str
) -> None:
    path = own_data_set / "current" / file
    path.unlink() if content is None else path.write_text(content)
    result = run("serve", "--store", str(own_data_set))
    assert result.exit_code == 1
    assert problem in result.stderr
    assert result.stderr.startswith(f"Error: {own_data_set.resolve()}")


def test_serve_refuses_a_setting_that_makes_no_sense(data_set: Path) -> None:
    result = run("serve", "--store", str(data_set), "--workers", "0")
    assert result.exit_code == 2
    assert result.stderr.endswith("Error: workers: Input should be greater than 0\n")


def test_setting_comes_from_the_environment_too(
    data_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CABLEGRAPH_WORKERS", "none")
    result = run("serve", "--store", str(data_set))
    assert "workers: Input should be a valid integer" in result.stderr


# query


def test_query_may_come_from_standard_input(data_set: Path) -> None:
    result = run("query", "-", "--store", str(data_set), "--format", "csv", text=ALL)
    assert result.stdout.splitlines() == [
        "g,n",
        "https://w3id.org/cablegraph/graph/authority,13",
        "https://w3id.org/cablegraph/graph/frus1945Malta,2",
        "https://w3id.org/cablegraph/graph/frus1945Malta/d256,35",
    ]


def test_query_may_come_from_a_file(data_set: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.rq"
    file.write_text(ALL + " LIMIT 1")
    result = run("query", str(file), "--store", str(data_set), "--format", "json")
    assert json.loads(result.stdout) == [
        {"g": "https://w3id.org/cablegraph/graph/authority", "n": "13"}
    ]


def test_table_shows_our_things_by_their_paths(data_set: Path) -> None:
    result = run("query", "-", "--store", str(data_set), text=ALL)
    lines = [line.split() for line in result.stdout.splitlines() if line.strip()]
    assert [lines[0], *lines[2:]] == [
        ["g", "n"],
        ["graph/authority", "13"],
        ["graph/frus1945Malta", "2"],
        ["graph/frus1945Malta/d256", "35"],
    ]
    assert result.stderr == "3 rows\n"


def test_named_query_takes_its_parameters_as_options(data_set: Path) -> None:
    words = ["query", "acts-of", "--store", str(data_set), "--format", "json"]
    results = [
        run(*words, "--actor", who)
        for who in ("person/stalin-joseph", "https://w3id.org/cablegraph/person/stalin-joseph")
    ]
    [[one], [other]] = [json.loads(result.stdout) for result in results]
    assert one == other
    assert one["content"] == "the use of Petropavlovsk as a base"


def test_parameter_that_is_missing_is_named(data_set: Path) -> None:
    result = run("query", "acts-of", "--store", str(data_set))
    assert result.exit_code == 2
    assert result.stderr.endswith("Error: Missing option '--actor'.\n")


def test_query_tells_what_it_needs() -> None:
    result = run("query", "acts-of", "--help")
    assert "--actor IRI" in result.stdout
    assert "For example person/stalin-joseph" in result.stdout


def test_query_that_is_not_there_is_named() -> None:
    result = run("query", "mett")
    assert result.exit_code == 2
    assert result.stderr.endswith(
        'Error: No query and no file is called "mett". Did you mean "met"?\n'
    )


def test_query_with_a_fault_says_where(data_set: Path) -> None:
    result = run("query", "-", "--store", str(data_set), text="SELECT * {")
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: Line 1, column 11: unexpected end of the query.\n",
    )


@pytest.mark.parametrize(("query", "answer"), [("ASK {}", "true"), ("ASK { ?a <x> ?b }", "false")])
def test_truth_value_is_printed(data_set: Path, query: str, answer: str) -> None:
    assert run("query", "-", "--store", str(data_set), text=query).stdout == f"{answer}\n"


def test_triples_are_printed_as_turtle(data_set: Path) -> None:
    query = "CONSTRUCT WHERE { <person/stalin-joseph> ?p ?o }"
    result = run("query", "-", "--store", str(data_set), text=query)
    assert len(list(parse(result.stdout, format=RdfFormat.TURTLE))) == 4


# export


@pytest.mark.parametrize(
    ("form", "graph", "count"),
    [
        ("nquads", None, 50),
        ("trig", None, 50),
        ("jsonld", None, 50),
        ("turtle", None, 50),
        ("ntriples", None, 50),
        ("nquads", "graph/frus1945Malta", 2),
        ("turtle", "https://w3id.org/cablegraph/graph/frus1945Malta", 2),
    ],
)
def test_export_is_complete(
    data_set: Path, tmp_path: Path, form: str, graph: str | None, count: int
) -> None:
    out = tmp_path / "out"
    words = [] if graph is None else ["--graph", graph]
    result = run("export", "--store", str(data_set), "--format", form, "--out", str(out), *words)
    assert result.exit_code == 0
    quads = set(parse(out.read_bytes(), format=FORMATS[form]))
    assert len(quads) == count


FORMATS = {
    "nquads": RdfFormat.N_QUADS,
    "trig": RdfFormat.TRIG,
    "jsonld": RdfFormat.JSON_LD,
    "turtle": RdfFormat.TURTLE,
    "ntriples": RdfFormat.N_TRIPLES,
}


def test_export_keeps_the_graphs_apart(data_set: Path) -> None:
    whole = run("export", "--store", str(data_set)).stdout
    graphs = {quad.graph_name.value for quad in parse(whole, format=RdfFormat.N_QUADS)}
    assert graphs == {
        f"https://w3id.org/cablegraph/graph/{name}"
        for name in ("authority", "frus1945Malta", "frus1945Malta/d256")
    }


def test_graph_that_is_not_there_is_named(data_set: Path) -> None:
    result = run("export", "--store", str(data_set), "--graph", "graph/none")
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: There is no graph https://w3id.org/cablegraph/graph/none. "
        "Graphs are named graph/VOLUME/ID.\n",
    )
