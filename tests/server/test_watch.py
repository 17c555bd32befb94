"""Who runs the service can see what it does, and not who asked what."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from server.settings import Settings

Product = Callable[[str, int], str]


@pytest.fixture
def service(serve: Callable[[Settings], Any], data_set: Path, tmp_path: Path) -> Any:
    """A service of the test's own, whose numbers begin at nought and whose log is empty."""
    log = str(tmp_path / "requests.jsonl")
    return serve(Settings(store=data_set, workers=1, queue_seconds=20, access_log=log))


def numbers(client: httpx.Client) -> dict[str, float]:
    """Read the numbers of the service itself: one for each name with its labels."""
    found = {}
    for family in text_string_to_metric_families(client.get("/metrics").text):
        for sample in family.samples:
            labels = ",".join(sample.labels.values())
            found[f"{sample.name.removeprefix('cablegraph_')} {labels}".strip()] = sample.value
    return found


def test_service_is_live_and_ready(client: httpx.Client) -> None:
    answers = [client.get(f"/health/{name}") for name in ("live", "ready")]
    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (200, {"status": "live"}),
        (200, {"status": "ready", "version": "2026-01-01-test"}),
    ]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}


def test_service_is_not_ready_while_no_worker_answers(
    serve: Callable[[Settings], Any], data_set: Path, product: Product
) -> None:
    service = serve(Settings(store=data_set, workers=1, queue_seconds=0.05))
    query = {"query": product("SELECT *", 10)}
    with service.client.stream("GET", "/sparql", params=query) as answer:
        parts = answer.iter_raw()
        next(parts)
        answers = [service.client.get(f"/health/{name}") for name in ("live", "ready")]
    assert [each.status_code for each in answers] == [200, 503]
    assert answers[1].json()["type"] == "/problems/busy"


def test_requests_are_counted_by_route_and_outcome(service: Any, product: Product) -> None:
    client = service.client
    tag = client.get("/sparql?query=ASK{}").headers["etag"]
    client.get("/sparql?query=ASK{}", headers={"If-None-Match": tag})
    client.get("/sparql?query=ASK{")
    client.get("/sparql", params={"query": product("SELECT (COUNT(*) AS ?n)", 10), "timeout": 0.1})
    client.get("/document/frus1945Malta/none")
    client.get("/nowhere/at/all")
    client.get("/static/site.css")
    deadline = time.monotonic() + 60
    while "request_seconds_count ok,/static" not in (found := numbers(client)):
        assert time.monotonic() < deadline  # A file is closed after it was sent.
    counted = {
        name.removeprefix("request_seconds_count "): value
        for name, value in found.items()
        if name.startswith("request_seconds_count") and "/metrics" not in name
    }
    assert counted == {
        "ok,/sparql": 1,
        "known,/sparql": 1,
        "query-syntax,/sparql": 1,
        "query-timeout,/sparql": 1,
        "not-found,/document/{rest}": 1,
        "not-found,none": 1,
        "ok,/static": 1,
    }
    assert found["workers_ended_total query-timeout"] == 1


def test_numbers_tell_what_is_going_on(service: Any, product: Product) -> None:
    client = service.client
    for query in ("ASK {}", "ASK {}", "ASK { ?s ?p ?o }"):
        client.get("/sparql", params={"query": query})
    with client.stream("GET", "/sparql", params={"query": product("SELECT *", 10)}) as answer:
        parts = answer.iter_raw()
        next(parts)
        found = numbers(client)
    assert {name: found[name] for name in found if name.startswith("answers_total")} == {
        "answers_total worker": 3,
        "answers_total memory": 1,
    }
    names = ("workers", "workers_busy", "queue_length", "versions_open", "data_set_problem")
    assert [found[name] for name in names] == [1, 1, 0, 1, 0]
    assert found["data_set 2026-01-01T00:00:00Z,2026-01-01-test"] == 1
    assert found["sent_bytes_total"] > 0
    assert found["memory_bytes"] > 0


# The log


def lines(service: Any) -> list[dict[str, Any]]:
    """Read the log of requests."""
    httpx.get(f"{service.address}/health/live")  # After which the lines of the others are there.
    service.app.state.log.write()
    log = Path(service.app.state.settings.access_log)
    found = [json.loads(line) for line in log.read_text().splitlines()]
    return [line for line in found if line["path"] != "/health/live"]


def test_log_has_a_line_a_request(service: Any) -> None:
    headers = {"X-Forwarded-For": "192.0.2.77", "Accept": "text/csv"}
    for _ in range(2):
        service.client.get("/sparql?query=ASK { ?secret ?p 77 }", headers=headers)
    first, second = lines(service)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", first["time"])
    expected = {
        "client": "192.0.2.0/24",
        "method": "GET",
        "path": "/sparql",
        "status": 200,
        "outcome": "ok",
        "bytes": 5,
        "version": "2026-01-01-test",
        "query": "7f4d1b0f0d7d0a5c",
    }
    for line in (first, second):
        assert {**line, "query": expected["query"]}.items() >= expected.items()
        assert len(line["query"]) == 16
    assert first["query"] == second["query"]
    assert "secret" not in json.dumps([first, second])


def test_log_tells_how_an_answer_ended(service: Any, product: Product) -> None:
    client = service.client
    with client.stream("GET", "/sparql", params={"query": product("SELECT *", 10)}) as answer:
        parts = answer.iter_raw()
        next(parts)
        [pid] = service.app.state.versions.current.pool.pids
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(httpx.RemoteProtocolError):
            list(parts)
    client.get("/nowhere")
    assert [(line["status"], line["outcome"]) for line in lines(service)] == [
        (200, "cut"),
        (404, "not-found"),
    ]


def test_what_nobody_foresaw_is_counted_as_such(
    service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.reading.volumes", None)
    assert service.client.get("/api/volumes").status_code == 500
    assert [(line["status"], line["outcome"]) for line in lines(service)] == [(0, "internal")]


@pytest.mark.parametrize(("name", "told"), [("-", True), ("off", False)])
def test_log_may_go_to_standard_error_or_nowhere(
    serve: Callable[[Settings], Any],
    data_set: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    told: bool,
) -> None:
    service = serve(Settings(store=data_set, workers=1, access_log=name))
    service.client.get("/api/statistics")
    service.client.get("/health/live")
    service.app.state.log.write()
    assert ('"path":"/api/statistics"' in capsys.readouterr().err) is told


def test_slow_query_is_logged_with_its_text_if_that_is_wanted(
    serve: Callable[[Settings], Any], data_set: Path, caplog: pytest.LogCaptureFixture
) -> None:
    service = serve(Settings(store=data_set, workers=1, slow_seconds=0.000001))
    service.client.get("/sparql?query=ASK { ?slow ?p 1 }")
    told = [json.loads(each.message) for each in caplog.records if "?slow" in each.message]
    assert [(line["text"], len(line["slow"])) for line in told] == [("ASK { ?slow ?p 1 }", 16)]
