"""The graph is changed by those who may: one change after the other, each as a whole or not."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from pyoxigraph import Quad, RdfFormat, parse

from dataset import switching
from tests.conftest import folder_in_memory, served
from tests.server.changing import SPARQL, TOKEN, TURTLE, UPDATE, Changing, changing, tokens
from tests.server.hostile import CANARY, changes
from tests.server.test_hostile import called, canary
from tests.server.test_versions import make

G = "http://example.org/g"
URL = f"/graphs?graph={G}"
INSERT = f"INSERT DATA {{ GRAPH <{G}> {{ <urn:s> <urn:p> 1 }} }}"
VALUES = "SELECT ?o { GRAPH <%s> { ?s ?p ?o } } ORDER BY ?o"
COUNT = "SELECT (COUNT(*) AS ?n) { GRAPH <%s> { ?s ?p ?o } }"


@pytest.fixture(scope="module")
def shared_service() -> Iterator[Changing]:
    """One service for all tests that need no settings of their own."""
    with folder_in_memory() as folder, changing(folder, update_bytes=100_000) as found:
        yield found


@pytest.fixture
def to(shared_service: Changing) -> Changing:
    """That service, with the graph `G` and the unnamed graph empty."""
    shared_service.done(f"DROP SILENT GRAPH <{G}> ; DROP DEFAULT")
    return shared_service


@pytest.fixture
def change(tmp_path: Path) -> Iterator[Callable[..., Changing]]:
    """Run a service with settings of the test's own."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(changing(tmp_path, **settings))


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Give the status and the kind of a problem."""
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


# Who may


@pytest.mark.parametrize(
    ("header", "slug", "challenge"),
    [
        (None, "token-missing", 'Bearer realm="cablegraph"'),
        ("Basic YTpi", "token-missing", 'Bearer realm="cablegraph"'),
        (f"Bearer {TOKEN}x", "token-wrong", 'Bearer realm="cablegraph", error="invalid_token"'),
        (f"Bearer {TOKEN[:-1]}", "token-wrong", 'Bearer realm="cablegraph", error="invalid_token"'),
    ],
)
@pytest.mark.parametrize("way", ["direct", "form", "get", "put", "post", "delete"])
def test_without_the_token_nothing_is_changed(
    to: Changing, header: str | None, slug: str, challenge: str, way: str
) -> None:
    request = {
        "direct": ("POST", "/sparql", {"content": INSERT, "headers": UPDATE}),
        "form": ("POST", "/sparql", {"data": {"update": INSERT}}),
        "get": ("GET", "/sparql", {"params": {"update": INSERT}}),
        "put": ("PUT", URL, {"content": "<a> <b> 1 .", "headers": TURTLE}),
        "post": ("POST", URL, {"content": "<a> <b> 1 .", "headers": TURTLE}),
        "delete": ("DELETE", URL, {}),
    }[way]
    with httpx.Client(base_url=to.service.address, timeout=60) as client:
        if header is not None:
            client.headers["Authorization"] = header
        answer = client.request(request[0], request[1], **request[2])  # type: ignore[arg-type]
    assert problem(answer) == (401, slug)
    assert answer.headers["www-authenticate"] == challenge
    assert to.ask(VALUES % G) == []


def test_scheme_is_read_in_any_case_and_queries_need_no_token(to: Changing) -> None:
    headers = {"Authorization": f"bearer {TOKEN}"}
    assert to.client.post("/sparql", data={"update": INSERT}, headers=headers).status_code == 204
    answer = httpx.post(f"{to.service.address}/sparql", data={"query": "ASK {}"})
    assert answer.status_code == 200


def test_token_is_added_and_taken_away_without_a_restart(change: Callable[..., Changing]) -> None:
    to = change()
    file = to.root.parent / "tokens"
    file.write_text("berta ffffffffffffffffffff==\n")
    assert problem(to.update(INSERT)) == (401, "token-wrong")
    to.client.headers["Authorization"] = "Bearer ffffffffffffffffffff=="
    to.done(INSERT)
    file.unlink()
    answer = to.update(INSERT)
    assert answer.json()["detail"] == "The service failed; its log says how."
    assert [line["who"] for line in to.journal()] == ["berta"]


def test_where_it_is_off_everything_is_as_before(client: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answers = [
        client.post("/sparql", content=INSERT, headers={**UPDATE, **headers}),
        client.post("/sparql", data={"update": INSERT}, headers=headers),
        client.put("/graphs?graph=urn:g", headers=headers),
        client.put("/graphs/g", headers=headers),
    ]
    assert [problem(answer) for answer in answers] == [
        (403, "update-forbidden"),
        (403, "update-forbidden"),
        (405, "method-not-allowed"),
        (404, "not-found"),
    ]


# Updates


def test_update_is_seen_as_soon_as_it_is_answered(to: Changing) -> None:
    """Under a new version, whose answers are not those that are remembered of the one before."""
    tags = set()
    for number in range(5):
        version = to.done(INSERT.replace("1", str(number)))
        query = {"query": VALUES % G, "format": "csv"}
        answer = to.client.get("/sparql", params=query)
        assert answer.text.split() == ["o", *map(str, range(number + 1))]
        assert answer.headers["x-dataset-version"] == version
        assert answer.headers["x-dataset-build"] == "2026-01-01-test"
        known = {"If-None-Match": answer.headers["etag"]}
        assert to.client.get("/sparql", params=query, headers=known).status_code == 304
        tags.add(answer.headers["etag"])
    assert len(tags) == 5


@pytest.mark.parametrize(
    ("request_", "status", "slug"),
    [
        ({"data": {"update": [INSERT, INSERT]}}, 400, "bad-request"),
        ({"data": {"update": INSERT, "query": "ASK {}"}}, 400, "bad-request"),
        ({"data": {"update": INSERT, "default-graph-uri": "urn:g"}}, 400, "bad-request"),
        ({"data": {"update": INSERT, "using-graph-uri": "no iri"}}, 400, "bad-request"),
        ({"content": b"INSERT DATA { <a> <b> '\xff' }", "headers": UPDATE}, 400, "bad-request"),
        (
            {
                "content": INSERT,
                "headers": {"Content-Type": f"{SPARQL}; charset=x"},
            },
            415,
            "unsupported-media-type",
        ),
        ({"content": "#" * 100_001, "headers": UPDATE}, 413, "body-too-large"),
        ({"data": {"update": "CLEAR XYZ"}}, 400, "query-syntax"),
        ({"data": {"update": "SELECT * { ?s ?p ?o }"}}, 400, "query-syntax"),
        ({"data": {"update": f"CLEAR GRAPH <{G}>"}}, 400, "update-failed"),
        ({"data": {"update": "INSERT { ?s ?p ?x } WHERE { BIND(<urn:f>() AS ?x) }"}}, 400, None),
        ({"data": {"query": INSERT}}, 400, "bad-request"),
    ],
)
def test_update_that_cannot_be_made_is_a_problem(
    to: Changing, request_: dict[str, Any], status: int, slug: str | None
) -> None:
    before = to.client.get("/health").json()["version"]
    found, kind = problem(to.client.post("/sparql", **request_))
    assert (found, kind if slug else None) == (status, slug)
    assert to.client.get("/health").json()["version"] == before


def test_update_that_fails_half_way_changes_nothing(to: Changing) -> None:
    answer = to.update(f"{INSERT} ; CLEAR GRAPH <urn:nowhere>")
    assert answer.json()["detail"] == (
        "The update could not be made: The graph <urn:nowhere> does not exist."
    )
    assert to.ask(VALUES % G) == []


def test_relative_iri_is_one_of_ours_and_the_default_graph_can_be_asked_by_itself(
    to: Changing,
) -> None:
    to.done("INSERT DATA { <person/x> <urn:p> 'here' }")
    row = "https://w3id.org/cablegraph/person/x,urn:p,here"
    alone = {"default-graph-uri": "urn:x-arq:DefaultGraph"}
    assert to.ask("SELECT ?s ?p ?o { ?s ?p ?o }", **alone) == [row]
    assert to.ask("SELECT ?s ?p ?o { ?s ?p ?o FILTER(?p = <urn:p>) }") == [row]


def test_request_names_the_graphs_of_an_update(to: Changing) -> None:
    to.done(f"{INSERT} ; INSERT DATA {{ <urn:s> <urn:p> 'unnamed' }}")
    copy = f"INSERT {{ GRAPH <{G}> {{ ?s <urn:copied> ?o }} }} WHERE {{ ?s <urn:p> ?o }}"
    to.done(copy, **{"using-graph-uri": G})
    assert to.ask(f"SELECT ?o {{ GRAPH <{G}> {{ ?s <urn:copied> ?o }} }}") == ["1"]


# Graphs


def triples(answer: httpx.Response) -> set[Quad]:
    """Read an answer in RDF."""
    kind = RdfFormat.from_media_type(answer.headers["content-type"])
    return set(parse(io.BytesIO(answer.content), format=kind))


@pytest.mark.parametrize(
    "name",
    [URL, "/graphs?graph=graph/notes", "/graphs/notes/1", "/graphs/%C3%A4%20b"],
)
def test_graph_is_made_replaced_added_to_and_removed(to: Changing, name: str) -> None:
    def sent(method: str, content: str = "") -> int:
        headers = TURTLE if content else {}
        return to.client.request(method, name, content=content, headers=headers).status_code

    def held() -> tuple[int, int]:
        answer = to.client.get(name, headers={"Accept": "application/n-triples"})
        return answer.status_code, answer.status_code == 200 and len(triples(answer))

    sent("DELETE")
    assert held() == (404, False)
    assert (sent("POST", "<a> <b> 1 ."), held()) == (201, (200, 1))
    assert (sent("POST", "<a> <b> 2 ."), held()) == (204, (200, 2))
    assert (sent("PUT", "<a> <b> 3 ."), held()) == (204, (200, 1))
    assert (sent("PUT", "<a> <b> ."), held()) == (400, (200, 1))
    assert (sent("DELETE"), held()) == (204, (404, False))
    assert sent("DELETE") == 404
    assert (sent("PUT", "# nothing"), held()) == (201, (200, 0))
    assert sent("DELETE") == 204


def test_unnamed_graph_is_written_and_read_by_itself(to: Changing) -> None:
    alone = "/graphs?graph=urn:x-arq:DefaultGraph"
    assert (
        to.client.put("/graphs?default", content="<a> <b> 1 .", headers=TURTLE).status_code == 201
    )
    assert to.client.put(alone, content="<a> <b> 1 ; <c> 2 .", headers=TURTLE).status_code == 204
    union, unnamed = to.client.get("/graphs?default"), to.client.get(alone)
    assert len(triples(unnamed)) == 2
    assert triples(unnamed) < triples(union)
    assert to.client.delete("/graphs?default").status_code == 204
    assert triples(to.client.get(alone)) == set()


def test_new_graph_has_an_address_of_its_own(to: Changing) -> None:
    made = to.client.post("/graphs", content="<> <urn:p> 1 .", headers=TURTLE)
    place = made.headers["location"]
    assert (made.status_code, place.startswith(f"{to.service.address}/graphs/")) == (201, True)
    read = [to.client.get(place), to.client.get("/graphs", params={"graph": place})]
    assert [str(triple.subject) for each in read for triple in triples(each)] == [f"<{place}>"] * 2


BODIES = {
    "text/turtle": b"<urn:s> <urn:p> 'x' .",
    "application/n-triples": b'<urn:s> <urn:p> "x" .',
    "application/n-quads": b'<urn:s> <urn:p> "x" .',
    "application/trig": b"<urn:s> <urn:p> 'x' .",
    "application/ld+json": b'{"@id": "urn:s", "urn:p": "x"}',
    "application/rdf+xml": b"""<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns:u="urn:"><r:Description r:about="urn:s"><u:p>x</u:p></r:Description></r:RDF>""",
}


@pytest.mark.parametrize("media_type", BODIES)
def test_every_format_that_is_given_is_read(to: Changing, media_type: str) -> None:
    headers = {"Content-Type": f"{media_type}; charset=UTF-8"}
    assert to.client.put(URL, content=BODIES[media_type], headers=headers).status_code == 201
    assert to.ask(f"SELECT ?s ?p ?o {{ GRAPH <{G}> {{ ?s ?p ?o }} }}") == ["urn:s,urn:p,x"]


def test_parts_of_a_form_are_stored_together_each_with_its_own_blank_nodes(to: Changing) -> None:
    files = [
        ("a", ("a.ttl", b"_:x <urn:p> 1 .", "text/turtle; charset=utf-8")),
        ("b", ("b.nt", b'_:x <urn:p> "\xc3\xa4" .', "application/n-triples")),
    ]
    assert to.client.post(URL, files=files).status_code == 201
    assert to.ask(f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ GRAPH <{G}> {{ ?s ?p ?o }} }}") == ["2"]
    assert to.ask(VALUES % G) == ["1", "ä"]


MARKUP = b"--x\r\nContent-Type: text/html\r\n\r\n<p>\r\n--x--\r\n"
"""A form with a part that is no RDF."""

FORM = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("method", "url", "content", "media_type", "found"),
    [
        ("PUT", "/graphs", b"", "text/turtle", (400, "bad-request")),
        ("PUT", f"{URL}&default", b"", "text/turtle", (400, "bad-request")),
        ("PUT", f"/graphs/a?graph={G}", b"", "text/turtle", (400, "bad-request")),
        ("PUT", "/graphs?graph=http://a b", b"", "text/turtle", (422, "invalid-request")),
        ("PUT", URL, b"", "", (415, "unsupported-media-type")),
        ("PUT", URL, b"", "text/csv", (415, "unsupported-media-type")),
        ("PUT", URL, b"", "text/turtle; charset=latin1", (415, "unsupported-media-type")),
        ("PUT", URL, b"<a> <b>", "text/turtle", (400, "data-syntax")),
        ("PUT", URL, b"'\xff'", "text/turtle", (400, "data-syntax")),
        ("PUT", URL, b"#" * 100_001, "text/turtle", (413, "body-too-large")),
        ("PUT", URL, b"<a:a> <a:b> <a:c> <a:g> .", "application/n-quads", (400, "bad-request")),
        ("PUT", URL, b"<a:g> { <a:a> <a:b> 1 }", "application/trig", (400, "bad-request")),
        ("POST", URL, b"no parts", FORM, (400, "bad-request")),
        ("POST", URL, MARKUP, FORM, (415, "unsupported-media-type")),
        ("PATCH", URL, b"", SPARQL, (405, "method-not-allowed")),
    ],
)
def test_what_cannot_be_stored_is_a_problem(
    to: Changing, method: str, url: str, content: bytes, media_type: str, found: tuple[int, str]
) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    answer = to.client.request(method, url, content=content, headers=headers)
    assert problem(answer) == found
    assert to.client.get(URL).status_code == 404


def test_graph_that_was_changed_meanwhile_is_not_overwritten(to: Changing) -> None:

    def put(content: str, **headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return to.client.put(URL, content=content, headers={**TURTLE, **named}).status_code

    assert put("<a> <b> 1 .", If_Match="*") == 412
    assert put("<a> <b> 1 .", If_None_Match="*") == 201
    assert put("<a> <b> 2 .", If_None_Match="*") == 412
    tag = to.client.get(URL).headers["etag"]
    other = to.client.get("/graphs?default").headers["etag"]
    assert put("<a> <b> 2 .", If_Match=f"W/{tag}") == 412
    assert put("<a> <b> 2 .", If_Match=other) == 412
    assert put("<a> <b> 2 .", If_None_Match=tag) == 412
    assert put("<a> <b> 2 .", If_Match=f'"other", {tag}') == 204
    assert put("<a> <b> 3 .", If_Match=tag) == 412
    assert to.client.delete(URL, headers={"If-Match": tag}).status_code == 412
    assert to.ask(VALUES % G) == ["2"]
    assert put("<a> <b> 3 .", If_Match="*") == 204


def test_address_says_how_it_can_be_changed(to: Changing) -> None:
    methods = "OPTIONS, GET, HEAD, POST, PUT, DELETE"
    assert to.client.options("/graphs").headers["allow"] == methods
    assert to.client.options("/graphs/a/b").headers["allow"] == methods
    asked = {"Origin": "http://x", "Access-Control-Request-Method": "DELETE"}
    allowed = to.client.options("/graphs", headers=asked)
    assert allowed.headers["access-control-allow-methods"] == "GET, HEAD, POST, PUT, DELETE"


# What shows it


def test_description_says_what_shows_the_updates(to: Changing) -> None:
    to.done(INSERT)
    updates = to.client.get("/health").json()["updates"]
    comment = (
        f"Updates since version 2026-01-01-test was built: {updates}. SPARQL and RDF show them."
    )
    for url in ("/sparql", "/.well-known/void"):
        description = to.client.get(url, headers={"Accept": "text/turtle"}).text
        assert comment in description
        assert "void#triples" not in description
    described = to.client.get("/sparql", headers={"Accept": "text/turtle"}).text
    assert "sd:supportedLanguage sd:SPARQL11Query, sd:SPARQL11Update ;" in described
    page = to.client.get("/about", headers={"Accept": "text/html"}).text
    assert f"(updates: {updates}). This page shows the build" in page


def test_routes_are_described(to: Changing) -> None:
    paths = to.client.get("/openapi.json").json()["paths"]
    assert {path: sorted(paths[path]) for path in paths if path.startswith("/graphs")} == {
        "/graphs": ["delete", "post", "put"],
        "/graphs/{name}": ["delete", "get", "post", "put"],
    }
    assert sorted(paths["/graphs"]["put"]["responses"]) == ["201", "204", "4XX", "5XX"]
    assert paths["/graphs"]["put"]["security"] == [{"HTTPBearer": []}]
    assert "text/turtle" in paths["/graphs"]["put"]["requestBody"]["content"]
    pages = [to.client.get(url, headers={"Accept": "text/html"}) for url in ("/docs", "/api")]
    assert [page.status_code for page in pages] == [200, 200]


def test_journal_tells_every_change_and_refusal(change: Callable[..., Changing]) -> None:
    to = change()
    url, body = URL, b"<a> <b> 1 ."
    versions = ["2026-01-01-test", to.done(INSERT)]
    to.update("CLEAR XYZ")
    versions.append(to.done("CLEAR DEFAULT", **{"using-graph-uri": [G, "urn:g"]}))
    stored = to.client.put(url, content=body, headers=TURTLE)
    versions.append(stored.headers["x-dataset-version"])
    removed = to.client.delete(url)
    versions.append(removed.headers["x-dataset-version"])
    to.client.delete("/graphs?graph=urn:none")
    httpx.post(f"{to.service.address}/sparql", data={"update": INSERT})
    rdf = {"type": "text/turtle", "bytes": len(body), "sha256": sha256(body).hexdigest()}
    told = [
        ({"update": INSERT}, 0, 1, "applied"),
        ({"update": "CLEAR XYZ"}, 1, None, "query-syntax"),
        ({"update": "CLEAR DEFAULT", "using": [G, "urn:g"]}, 1, 2, "applied"),
        ({"method": "PUT", "graph": G, **rdf}, 2, 3, "applied"),
        ({"method": "DELETE", "graph": G}, 3, 4, "applied"),
        ({"method": "DELETE", "graph": "urn:none"}, 4, None, "not-found"),
    ]
    assert to.journal() == [
        {
            "who": "anna",
            "client": "127.0.0.1/32",
            "what": what,
            "before": versions[before],
            "after": None if after is None else versions[after],
            "outcome": outcome,
        }
        for what, before, after, outcome in told
    ]
    assert len(set(versions)) == 5


# One after another, and all at once


def test_changes_that_come_together_all_take_effect(change: Callable[..., Changing]) -> None:
    to = change()
    with ThreadPoolExecutor(8) as pool:
        updates = [INSERT.replace("1", str(number)) for number in range(8)]
        versions = list(pool.map(to.done, updates))
    assert to.ask(COUNT % G) == ["8"]
    assert len(set(versions)) == 8
    before, after = ([line[name] for line in to.journal()] for name in ("before", "after"))
    assert before == ["2026-01-01-test", *after[:-1]]
    assert sorted(after) == sorted(versions)


def test_query_sees_one_version_while_the_graph_is_changed(to: Changing) -> None:
    """Two graphs that are always changed together are never seen apart."""
    is_over = threading.Event()
    pair = "SELECT ?a ?b { GRAPH <urn:a> { ?s ?p ?a } GRAPH <urn:b> { ?s ?p ?b } }"
    seen: set[str] = set()

    def watch() -> None:
        while not is_over.is_set():
            seen.update(to.ask(f"{pair} # {time.monotonic()}"))

    with ThreadPoolExecutor(2) as pool:
        watching = [pool.submit(watch) for _ in range(2)]
        for n in range(8):
            graphs = "".join(f"GRAPH <urn:{name}> {{ <urn:s> <urn:p> {n} }} " for name in "ab")
            to.done(
                f"DROP SILENT GRAPH <urn:a> ; DROP SILENT GRAPH <urn:b> ; INSERT DATA {{{graphs}}}"
            )
        while "7,7" not in seen and not any(each.done() for each in watching):
            time.sleep(0.01)
        is_over.set()
        for each in watching:
            each.result()
    assert seen <= {f"{n},{n}" for n in range(8)}
    assert "7,7" in seen


def test_old_versions_and_workers_are_no_more_than_are_needed(
    change: Callable[..., Changing],
) -> None:
    """A worker goes from version to version; the versions are as few as after builds."""
    to = change()
    pids = set()
    for number in range(6):
        to.done(INSERT.replace("1", str(number)))
        pids |= to.service.app.state.versions.current.pool.pids
    assert len(list((to.root / "versions").iterdir())) <= 4
    assert len(pids) <= 3


def writer_of(to: Changing, made: Future[httpx.Response]) -> int | None:
    """Wait until a change is being made; give the process that makes it, unless it is done."""
    writing = to.service.app.state.writing
    while not made.done():
        if writing._worker is not None and writing._worker.busy:
            return int(writing._worker.pid)
        time.sleep(0.001)
    return None


def test_writer_that_is_killed_leaves_what_was_there(
    change: Callable[..., Changing],
) -> None:
    """And the next change is made by another one, which removes what the first has left."""
    to = change(update_seconds=600)
    before = to.done(INSERT)
    update = endless()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(to.update, update)
        pid = writer_of(to, running)
        assert pid is not None
        time.sleep(0.3)
        os.kill(pid, signal.SIGKILL)
        answer = running.result()
    assert problem(answer) == (503, "update-stopped")
    assert to.client.get("/health").json()["version"] == before
    assert to.ask(VALUES % G) == ["1"]
    assert to.journal()[1] == {
        "who": "anna",
        "client": "127.0.0.1/32",
        "what": {"update": update},
        "before": before,
        "after": None,
        "outcome": "update-stopped",
    }
    to.done(INSERT.replace("1", "2"))
    assert to.ask(VALUES % G) == ["1", "2"]
    assert [each.name for each in to.root.glob("writing-*")] == [f"writing-{writer_pid(to)}"]


def endless() -> str:
    """Give an update that takes longer than any test."""
    patterns = " ".join(f"GRAPH ?g{n} {{ ?s{n} ?p{n} ?o{n} }}" for n in range(10))
    return f"INSERT {{ GRAPH <urn:endless> {{ ?s0 ?p1 ?o9 }} }} WHERE {{ {patterns} }}"


def swelling() -> str:
    """Give an update whose text doubles until it fills the memory."""
    steps = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
    return f"INSERT {{ <urn:s> <urn:p> ?x40 }} WHERE {{ BIND('xxxxxxxx' AS ?x0) {steps} }}"


def test_writers_that_are_killed_at_any_moment_lose_nothing_and_leave_nothing(
    change: Callable[..., Changing],
) -> None:
    """What was answered with 204 is there, and of what was refused there is nothing."""
    to = change(update_seconds=600)
    moments = Random(4)
    answers: dict[int, int] = {}
    with ThreadPoolExecutor(1) as pool:
        for number in range(12):
            made = pool.submit(to.update, INSERT.replace("1", str(number)))
            if number % 2 and (pid := writer_of(to, made)):
                time.sleep(moments.uniform(0, 0.1))
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            answers[number] = made.result().status_code
    assert set(answers.values()) <= {204, 503}
    expected = [str(number) for number, status in answers.items() if status == 204]
    assert to.ask(VALUES % G) == expected
    # A line whose change did not take effect leads nowhere: see `dataset.journal`.
    found = {to.client.get("/health").json()["version"], *(it["before"] for it in to.journal())}
    applied = [it for it in to.journal() if it["outcome"] == "applied" and it["after"] in found]
    assert [it["what"]["update"] for it in applied] == [
        INSERT.replace("1", number) for number in expected
    ]


def writer_pid(to: Changing) -> int:
    """Give the process that makes changes."""
    return int(to.service.app.state.writing.pid)


DEEP = f"DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o FILTER({'(' * 40_000}1{')' * 40_000}) }}"
"""An update that crashes the engine."""


@pytest.mark.parametrize(
    ("settings", "update", "reason"),
    [
        ({"update_seconds": 0.5}, endless(), "took longer than 0.5 seconds"),
        (
            {"update_seconds": 600, "worker_memory": 64},
            swelling(),
            "used more than 64 MiB of memory",
        ),
        ({"update_seconds": 600}, DEEP, "ended the process that made it"),
    ],
    ids=["time", "memory", "crash"],
)
def test_change_that_is_too_much_is_stopped(
    change: Callable[..., Changing], settings: dict[str, Any], update: str, reason: str
) -> None:
    to = change(**settings)
    answer = to.update(update)
    assert problem(answer) == (503, "update-stopped")
    assert answer.json()["detail"] == f"The change {reason}; nothing was changed."
    assert [line["outcome"] for line in to.journal()] == ["update-stopped"]
    assert to.ask("SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(?p = <urn:p>) }") == ["0"]


def test_full_queue_is_told_so(
    change: Callable[..., Changing],
) -> None:
    to = change(update_queue=0, update_seconds=600)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(to.update, endless())
        pid = writer_of(to, running)
        assert pid is not None
        answer = to.update(INSERT)
        assert (problem(answer), answer.headers["retry-after"]) == ((503, "busy"), "2")
        os.kill(pid, signal.SIGKILL)
        assert problem(running.result()) == (503, "update-stopped")


def test_change_is_made_to_a_build_that_has_come_meanwhile(change: Callable[..., Changing]) -> None:
    to = change()
    to.done(INSERT)
    make(to.root, "edition-1")
    to.done(INSERT.replace("1", "2"))
    assert to.journal()[1]["before"] == "edition-1"
    assert to.ask(VALUES % G) == ["2"]
    assert to.ask("SELECT ?label { <thing:1> ?p ?label }") == ["edition-1"]


def test_build_that_is_being_switched_to_is_waited_for(change: Callable[..., Changing]) -> None:
    to = change(update_seconds=600)
    with ThreadPoolExecutor(1) as pool:
        with switching(to.root):
            running = pool.submit(to.done, INSERT)
            time.sleep(0.3)
            assert not running.done()
            make(to.root, "edition-1")
        running.result()
    assert to.journal()[0]["before"] == "edition-1"


def test_changes_are_there_after_a_restart(tmp_path: Path) -> None:
    with changing(tmp_path) as to:
        version = to.done(INSERT)
    file = tokens(tmp_path)
    words = ("--store", str(to.root), "--workers", "1", "--update-token-file", str(file))
    with served(*words) as (_, lines):
        assert lines[0] == f"Version {version} of {to.root} is served at"
    assert sorted(path.name for path in to.root.iterdir()) == [
        "current",
        "journal.jsonl",
        "switch.lock",
        "versions",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_all_processes_have_a_change_before_it_is_answered(tmp_path: Path) -> None:
    """Whichever makes it: each request comes on a connection of its own."""
    with changing(tmp_path) as to:
        pass
    words = (
        "--store",
        str(to.root),
        "--workers",
        "1",
        "--update-token-file",
        str(tokens(tmp_path)),
    )
    query = {"query": COUNT % G, "format": "csv"}
    with served(*words, "--processes", "2", "--look-seconds", "0") as (_, lines):
        address = f"{lines[1].split()[0]}sparql"
        headers = {**UPDATE, "Authorization": f"Bearer {TOKEN}"}
        for number in range(4):
            update = INSERT.replace("1", str(number))
            made = httpx.post(address, content=update, headers=headers, timeout=60)
            assert made.status_code == 204
            for _ in range(4):
                found = httpx.get(address, params=query, timeout=60)
                assert found.text.split() == ["n", str(number + 1)]
                assert found.headers["x-dataset-version"] == made.headers["x-dataset-version"]
    assert [line["outcome"] for line in to.journal()] == ["applied"] * 4


# No other server is called


@pytest.mark.skipif(sys.platform != "linux", reason="only there the writer is sealed")
def test_no_change_calls_another_server(to: Changing) -> None:
    """And each has an answer; what is silent may succeed, for it fails as if nobody were there."""
    with canary() as listeners:
        port = listeners[0].getsockname()[1]
        answers = {
            name: to.update(update.replace(f":{CANARY}/", f":{port}/"))
            for name, update in changes()
        }
        assert [called(listener) for listener in listeners] == [False] * len(listeners)
    wrong = {
        name: answer.text
        for name, answer in answers.items()
        if answer.status_code not in ((204,) if "SILENT" in name else (400, 403))
    }
    assert wrong == {}
    assert answers["LOAD http://127.0.0.1:9/"].json() == {
        "type": "/problems/load-forbidden",
        "title": "LOAD is off",
        "status": 403,
        "detail": "The update uses LOAD; this server calls no other one.",
        "hint": "Send the triples: POST /graphs?graph=IRI adds them to a graph.",
    }
