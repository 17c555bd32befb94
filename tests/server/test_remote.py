"""Another server has the graph: whatever it answers, the service stays clear and honest."""

from __future__ import annotations

import io
import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from cablegraph import main
from ontology.names import DATA, VERSION_GRAPH
from server.errors import AppError, StoreLogin
from server.jobs import FAIL, FRAME, LAST, Endpoint, Job, unpack_error
from server.remote import RemoteStore
from server.settings import Settings
from server.worker import Frames, answer
from tests.conftest import GRAPH, VERSION, Serve, Service, running
from tests.server.other import NTRIPLES, Answer, Other, running_other
from tests.server.side_fixture import Built
from tests.stores import loaded

ROWS = b'{"head": {"vars": ["s"]}, "results": {"bindings": ['
ROW = b'{"s": {"type": "uri", "value": "u:x"}}'
MANY = b",".join([ROW] * 10_000)
TRIPLE = b"<u:a> <u:b> <u:c> .\n"


def version_quad(version: str) -> Quad:
    """What a data set says of its version."""
    has_version = NamedNode("http://purl.org/dc/terms/hasVersion")
    graph = NamedNode(VERSION_GRAPH)
    return Quad(NamedNode(f"{DATA}void"), has_version, Literal(version), graph)


@pytest.fixture(scope="module")
def other() -> Iterator[Other]:
    """Another server with the smallest data set."""
    store = Store()
    store.load(GRAPH.encode(), format=RdfFormat.TRIG)
    store.add(version_quad(VERSION))
    with running_other(store) as server:
        yield server


@pytest.fixture
def own(other: Other) -> Iterator[Other]:
    """The same; what a test does to it is undone."""
    other.asked.clear()
    other.left.clear()
    yield other
    other.answers.clear()
    other.wants, other.union, other.most_rows = "", True, None


@pytest.fixture
def over(own: Other, data_set: Path, serve: Serve) -> Callable[..., Service]:
    """Run the service over it."""

    def run(**values: object) -> Service:
        settings = Settings(store=own.address, side=data_set, queue_seconds=60)
        return serve(settings.model_copy(update=values))

    return run


def get(client: httpx.Client, query: str, **more: str) -> httpx.Response:
    """Ask a query, for an answer that is not packed."""
    headers = {"Accept-Encoding": "identity"}
    return client.get("/sparql", params={"query": query, **more}, headers=headers)


# What is asked, and in which format it is answered


@pytest.fixture(scope="module")
def pair(
    api: httpx.Client, built: Built, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Clients of the service over its own store, and over Oxigraph with the same data."""
    folder = built.data_set.folder.parents[1]
    with (
        loaded("oxigraph", folder, tmp_path_factory.mktemp("pair")) as server,
        running(Settings(store=server.endpoint, side=folder, queue_seconds=60)) as service,
    ):
        yield api, service.client


ORDERED = "SELECT * { ?request a <ontology#Request> ; ?p ?o } ORDER BY ?request ?p ?o"
QUERIES = [
    ORDERED,
    "ASK { <person/stalin-joseph> ?p ?o }",
    "ASK { <person/nobody> ?p ?o }",
    f"SELECT (COUNT(*) AS ?n) FROM <{DATA}graph/authority> {{ ?s ?p ?o }}",
    f"PREFIX g: <{DATA}graph/> SELECT ?g FROM NAMED g:authority {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    "SELECT ?d { ?d <ontology#matches> 'Petropavlovsk base' ; a ?type } ORDER BY ?d ?type",
    "SELECT ?t { <document/frus1945Malta/d256> <ontology#matches> 'base' ; a ?t } ORDER BY ?t",
    "SELECT ?t { <person/stalin-joseph> <ontology#matches> 'base' ; a ?t }",
    "SELECT (true AS ?yes) (1.50 AS ?n) ('1944-10-17'^^<http://x/t> AS ?t) ('a'@en AS ?w) {}",
]


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
@pytest.mark.parametrize("query", QUERIES)
def test_rows_are_the_same_as_of_the_own_store(
    pair: tuple[httpx.Client, httpx.Client], query: str, form: str
) -> None:
    own, remote = (get(client, query, format=form) for client in pair)
    assert (remote.status_code, remote.headers["content-type"]) == (
        own.status_code,
        own.headers["content-type"],
    )
    assert remote.content == own.content


@pytest.mark.parametrize("form", ["turtle", "ntriples", "nquads", "trig", "rdfxml", "jsonld"])
def test_triples_are_the_same_as_of_the_own_store(
    pair: tuple[httpx.Client, httpx.Client], form: str
) -> None:
    query = "CONSTRUCT { ?s ?p ?o } { ?s a <ontology#Request> ; ?p ?o }"
    own, remote = (get(client, query, format=form) for client in pair)
    kind = RdfFormat.from_media_type(own.headers["content-type"])
    assert remote.headers["content-type"] == own.headers["content-type"]
    assert set(parse(remote.content, kind)) == set(parse(own.content, kind)) != set()


@pytest.mark.parametrize(
    "query",
    [
        "SELEC",
        "SELECT * {\n ?s ?p }",
        "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "INSERT DATA { <a:a> <a:b> <a:c> }",
        "SELECT (<bif:system>('x') AS ?x) {}",
        "SELECT (bif:system('x') AS ?x) {}",
        'DEFINE get:soft "replace" SELECT * { ?s ?p ?o }',
        "SELECT * { " + "{" * 65 + "}" * 65 + " }",
        "SELECT * { ?s <ontology#matches> 'a' , }",
    ],
)
def test_what_is_refused_is_refused_before_it_is_sent(
    pair: tuple[httpx.Client, httpx.Client], query: str
) -> None:
    """So it is SPARQL 1.1 that is sent, and nothing that only the other server understands."""
    own, remote = (get(client, query) for client in pair)
    assert (remote.status_code, remote.json()) == (own.status_code, own.json())
    assert remote.status_code in (400, 403)


def test_only_what_can_be_sent_is_sent(own: Other, over: Callable[..., Service]) -> None:
    service = over()
    own.asked.clear()
    graphs = {"default-graph-uri": "u:a", "named-graph-uri": "u:b"}
    get(service.client, "SELECT * { <person/x> ?p ?o }", **graphs)
    get(service.client, "SELECT * FROM <graph/x> { <person/x> ?p ?o }")
    text = "SELECT * { <person/x> ?p ?o }"
    assert [form for _, form in own.asked] == [
        {
            "query": [f"BASE <{DATA}>\n{text}"],
            "default-graph-uri": ["u:a"],
            "named-graph-uri": ["u:b"],
        },
        {
            "query": [f"BASE <{DATA}>\nSELECT * FROM <graph/x> {{ <person/x> ?p ?o }}"],
            "default-graph-uri": [f"{DATA}graph/x"],
        },
    ]


def test_tools_of_language_models_ask_it(pair: tuple[httpx.Client, httpx.Client]) -> None:
    arguments = {"query": f"{ORDERED} LIMIT 3"}
    params = {"name": "run_sparql", "arguments": arguments}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {"Accept": "application/json, text/event-stream"}
    answers = [client.post("/mcp", json=call, headers=headers).json() for client in pair]
    texts = [answer["result"]["content"][0]["text"] for answer in answers]
    assert texts[1].replace(address(pair[1]), address(pair[0])) == texts[0]


def address(client: httpx.Client) -> str:
    """Where a client's service is."""
    return str(client.base_url)


# What it may answer instead


@pytest.mark.parametrize(
    ("answer", "slug", "told"),
    [
        (Answer(ROWS), "store-failed", "The answer of the store breaks off, or is no result"),
        (Answer(ROWS + b"The SPARQL operation has been cancelled"), "store-failed", "breaks off"),
        (Answer(ROWS + ROW, length=10_000), "store-failed", "The connection to the store broke"),
        (Answer(ROWS + ROW + b"]}}", has_length=False), "store-failed", "where its answer ends"),
        (Answer(b"<html>", "text/html"), "store-failed", 'was not asked for: "text/html".'),
        (Answer(b"<html>", "text/html", 500), "store-failed", "The store answers 500."),
        (
            Answer(b"Virtuoso 37000 Error: \n no\n", "text/plain; charset=x", 400),
            "store-failed",
            "The store answers 400: Virtuoso 37000 Error:.",
        ),
        (Answer(b"x" * 9999, "text/plain", 500), "store-failed", f"500: {'x' * 300}."),
        (Answer(status=302, headers={"Location": "http://127.0.0.1:9/"}), "store-failed", "302"),
        (Answer(status=401), "store-failed", "401: it does not know this service"),
        (Answer(status=429), "busy", "too much to do"),
        (Answer(status=503), "busy", "too much to do"),
        (Answer(b"Query timed out", "text/plain", 503), "store-timeout", "time limit"),
        (Answer(b"Virtuoso S1T00 Error", "text/plain", 500), "store-timeout", "time limit"),
        (Answer(status=504), "store-timeout", "stopped the query"),
        (Answer(ROWS + b"]}}", status=206), "store-timeout", "found only a part"),
        (Answer(ROWS + b"]}}", headers={"X-SQL-State": "S1TAT"}), "store-timeout", "only a part"),
        (Answer(ROWS + b"]}}", headers={"X-SPARQL-MaxRows": "10"}), "store-cut", "more than 10"),
        (
            Answer(ROWS + MANY + b"," + MANY + b"," + MANY + b"]}}"),
            "store-answer-too-long",
            "longer than 1000000 bytes",
        ),
    ],
)
def test_answer_that_is_none_is_a_clear_error(
    own: Other, answer: Answer, slug: str, told: str
) -> None:
    own.answers["odd"] = answer
    error = failure(own, "SELECT * { ?s ?p ?o } # answer: odd")
    assert (error.slug, told in error.detail) == (slug, True), error.detail
    assert "<html" not in error.detail


@pytest.mark.parametrize(
    "answer",
    [
        Answer(TRIPLE + b"<u:a> <u:b> 'x", NTRIPLES),
        Answer(TRIPLE, NTRIPLES, length=1000),
        Answer(TRIPLE, NTRIPLES, has_length=False),
        Answer(TRIPLE, "text/html"),
    ],
)
def test_triples_that_are_cut_are_no_answer(own: Other, answer: Answer) -> None:
    """N-Triples that break off at the end of a line look whole."""
    own.answers["odd"] = answer
    assert failure(own, "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } # answer: odd").slug == "store-failed"


def failure(other: Other, query: str, login: Path | None = None) -> AppError:
    """Give the error in which a query ends."""
    [*_, (kind, content)] = asked(other, Job(query), login)
    assert kind == FAIL
    return unpack_error(content)


def asked(other: Other, job: Job, login: Path | None = None) -> Iterator[tuple[bytes, bytes]]:
    """Ask a server, as a worker process does, and give the frames that come."""
    out = io.BytesIO()
    store = RemoteStore(Endpoint(other.address, login, 1_000_000))
    try:
        answer(store, job, Frames(out))
    finally:
        store.close()
    out.seek(0)
    while head := out.read(FRAME.size):
        kind, length = FRAME.unpack(head)
        yield kind, out.read(length)


@pytest.mark.parametrize("is_true", [True, False])
def test_truth_value_may_come_as_rows(own: Other, is_true: bool) -> None:
    """Virtuoso writes it so."""
    row = b'{"__ASK_RETVAL": {"type": "typed-literal", "datatype": "u:t", "value": "1"}}'
    own.answers["rows"] = Answer(
        b'{"head": {"vars": ["__ASK_RETVAL"]}, "results": {"bindings": [%s]}}' % (row * is_true)
    )
    _, (_, content) = asked(own, Job("ASK {} # answer: rows"))
    assert json.loads(content)["boolean"] is is_true


def test_stream_that_breaks_off_does_not_end_properly(
    own: Other, over: Callable[..., Service]
) -> None:
    own.answers["cut"] = Answer(ROWS + MANY, length=10_000_000)
    own.answers["said"] = Answer(ROWS + MANY + b", java.lang.Exception: out of memory")
    client = over().client
    for name in own.answers:
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
            get(client, f"SELECT * {{ ?s ?p ?o }} # answer: {name}")
    assert get(client, "ASK {}").json()["boolean"] is True


def test_problem_is_a_document_with_its_status(own: Other, over: Callable[..., Service]) -> None:
    own.answers["odd"] = Answer(b"<html>secret</html>", "text/html", 500)
    answer = get(over().client, "SELECT * { ?s ?p ?o } # answer: odd")
    assert (answer.status_code, answer.headers["content-type"]) == (502, "application/problem+json")
    assert answer.json() == {
        "type": "/problems/store-failed",
        "title": "The store does not answer as it should",
        "status": 502,
        "detail": "The store answers 500.",
    }


def test_query_that_takes_too_long_is_left(own: Other, over: Callable[..., Service]) -> None:
    own.answers["slow"] = Answer(ROWS, length=1000, waits=True)
    answer = get(over().client, "SELECT * { ?s ?p ?o } # answer: slow", timeout="0.5")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/query-timeout")
    assert own.left.wait(60)


def test_client_that_leaves_ends_the_request(own: Other, over: Callable[..., Service]) -> None:
    own.answers["slow"] = Answer(ROWS, length=1000, waits=True)
    client = over().client
    query = {"query": "SELECT * { ?s ?p ?o } # answer: slow"}
    with pytest.raises(httpx.ReadTimeout):
        client.get("/sparql", params=query, timeout=1)
    assert own.left.wait(60)


def test_server_that_is_gone_is_told_and_pages_are_shown(
    built: Built, serve: Serve, tmp_path: Path
) -> None:
    folder = built.data_set.folder.parents[1]
    with loaded("oxigraph", folder, tmp_path) as server:
        service = serve(Settings(store=server.endpoint, side=folder, queue_seconds=60))
    answer = get(service.client, "ASK {}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert answer.json()["detail"] == "The store that has the graph cannot be reached."
    assert service.client.get("/health/ready").status_code == 503
    assert service.client.get("/person/stalin-joseph.html").status_code == 200
    assert service.client.get("/api/facts?actor=stalin").json()["total"] > 0


# Who asks


@pytest.mark.parametrize(
    ("line", "wants", "shown"),
    [
        ("me:pass:word\n", 'Basic realm="x"', "Basic bWU6cGFzczp3b3Jk"),
        ("me:pass", 'Digest realm="x", nonce="n", qop="auth"', "Digest"),
        ("Bearer t0k3n", "", "Bearer t0k3n"),
        ("me:pass", "", ""),
    ],
)
def test_login_is_shown_as_the_server_wants_it(
    own: Other, tmp_path: Path, line: str, wants: str, shown: str
) -> None:
    own.wants = wants
    (tmp_path / "login").write_text(line)
    _, (kind, _) = asked(own, Job("ASK {}"), tmp_path / "login")
    assert (kind, own.asked[-1][0].startswith(shown)) == (LAST, True)


def test_login_that_is_wrong_is_told_and_not_shown(own: Other, tmp_path: Path) -> None:
    own.wants = "Negotiate"
    (tmp_path / "login").write_text("me:secret")
    told = failure(own, "ASK {}", tmp_path / "login").detail
    assert told == "The store answers 401: it does not know this service."


@pytest.mark.parametrize("content", [None, b"", b"secret", b":secret", b"a:secret\nb:c", b"\xff"])
def test_file_that_has_no_login_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "login"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(StoreLogin) as told:
        RemoteStore(Endpoint("http://127.0.0.1:9/", file, 1))
    assert str(told.value).startswith(f"{file} ")
    assert "secret" not in str(told.value)


# Which version it has


def test_health_tells_which_version_is_there(own: Other, over: Callable[..., Service]) -> None:
    health = over().client.get("/health").json()
    assert health["store"] == {"version": VERSION, "problem": None}


def test_another_version_is_told_and_nothing_of_it_is_kept(
    own: Other, over: Callable[..., Service], caplog: pytest.LogCaptureFixture
) -> None:
    client = over(look_seconds=0.05).client
    query = "SELECT (COUNT(*) AS ?n) { ?s a <u:new> }"
    before = get(client, query)
    added = Quad(
        NamedNode("u:x"),
        NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
        NamedNode("u:new"),
        NamedNode("u:graph"),
    )
    own.store.add(added)
    own.store.remove(version_quad(VERSION))
    try:
        told = until(client, lambda store: store["problem"] is not None)
        during = get(client, query, format="csv")
        own.store.add(version_quad("2"))
        until(client, lambda store: store["version"] == "2")
        after = get(client, query)
    finally:
        own.store.remove(added)
        own.store.remove(version_quad("2"))
        own.store.add(version_quad(VERSION))
    assert str(told["problem"]) in caplog.text
    assert told == {
        "version": None,
        "problem": "The store does not say which version it has, and the folder has "
        f"{VERSION}: what is there is another one, or is being loaded by `cablegraph load`.",
    }
    assert (before.json() != after.json(), during.text) == (True, "n\r\n1\r\n")
    assert len({answer.headers["etag"] for answer in (before, during, after)}) == 3
    assert get(client, query).json()["results"]["bindings"][0]["n"]["value"] in ("0", "1")


def until(
    client: httpx.Client, is_so: Callable[[dict[str, str | None]], bool]
) -> dict[str, str | None]:
    """Wait for what /health tells of the store."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        store: dict[str, str | None] = client.get("/health").json()["store"]
        if is_so(store):
            return store
        time.sleep(0.05)
    raise AssertionError(store)


# How it is started


def start(*words: str) -> Result:
    """Try to serve, in this process."""
    return CliRunner().invoke(main, ["serve", "--port", "0", *words])


def test_store_that_is_not_the_union_is_refused(own: Other, data_set: Path) -> None:
    own.union = False
    result = start("--store", own.address, "--side", str(data_set))
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: The default graph of the store is not the union of its graphs: most queries would "
        "find nothing. The README tells what to set in which server.\n",
    )


def test_store_that_leaves_rows_out_is_refused(own: Other, data_set: Path) -> None:
    """It would cut triples, too, and of these Virtuoso does not say so."""
    own.most_rows = 10_000
    result = start("--store", own.address, "--side", str(data_set))
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: The store gives 10000 rows of an answer that has 10648.\n",
    )


def test_store_that_cannot_be_reached_is_told(data_set: Path) -> None:
    result = start("--store", "http://127.0.0.1:9/sparql", "--side", str(data_set))
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: The store that has the graph cannot be reached.\n",
    )


@pytest.mark.parametrize(
    "address", ["http://me:secret@localhost/sparql", "ftp://secret/", "http://h/sparql?secret=1"]
)
def test_address_that_cannot_be_used_is_told_and_not_shown(address: str) -> None:
    result = start("--store", address)
    assert (result.exit_code, "must be like https://" in result.stderr) == (2, True)
    assert "secret" not in result.stderr


def test_folder_needs_no_store_of_its_own(
    own: Other, data_set: Path, tmp_path: Path, serve: Serve
) -> None:
    (tmp_path / "current").mkdir()
    for name in ("side.sqlite", "void.ttl", "manifest.json"):
        shutil.copy(data_set / "current" / name, tmp_path / "current")
    service = serve(Settings(store=own.address, side=tmp_path, queue_seconds=60))
    answer = get(service.client, "SELECT * { <person/stalin-joseph> ?p ?o FILTER(isLiteral(?o)) }")
    assert len(answer.json()["results"]["bindings"]) == 2


def test_what_is_built_goes_to_a_folder() -> None:
    result = CliRunner().invoke(main, ["build"], env={"CABLEGRAPH_STORE": "https://h/sparql"})
    assert (result.exit_code, "a folder is needed here" in result.stderr) == (2, True)
