"""Whatever a query does, it ends in time, alone, and its client knows; all others are served."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.dataset import find_data_set
from server.errors import DataSetUnreadable, QueryCrashed, QueryFailed, Stopping
from server.jobs import Job
from server.settings import Settings
from server.workers import Pool
from tests.conftest import Service

Product = Callable[[str, int], str]
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs a facility of Linux")


def ask(client: httpx.Client, query: str, **more: str) -> httpx.Response:
    """Put a query to the service."""
    return client.get("/sparql", params={"query": query, **more})


def answers(client: httpx.Client) -> bool:
    """Say whether the service answers a query that every store can answer."""
    return ask(client, "ASK {}").text == '{"head":{},"boolean":true}'


@contextmanager
def asking(address: str, query: str, **more: str) -> Iterator[None]:
    """Ask in the background, by a client that leaves when the block ends."""
    with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as connection:
        target = httpx.URL("/sparql", params={"query": query, **more}).raw_path
        connection.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: test\r\n\r\n")
        time.sleep(0.3)
        yield


@asynccontextmanager
async def started(settings: Settings) -> AsyncIterator[Pool]:
    """Run a pool without a service."""
    pool = Pool(find_data_set(settings.folder).store, settings)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.stop()


def test_small_answer_has_its_length(client: httpx.Client) -> None:
    response = ask(client, "ASK {}")
    assert response.headers["content-length"] == str(len(response.content))


def test_long_answer_is_streamed_whole(client: httpx.Client, product: Product) -> None:
    query = {"query": product("SELECT *", 2)}
    response = client.get("/sparql", params=query, headers={"Accept-Encoding": "identity"})
    assert "content-length" not in response.headers
    [counted] = ask(client, product("SELECT (COUNT(*) AS ?n)", 2)).json()["results"]["bindings"]
    assert len(response.json()["results"]["bindings"]) == int(counted["n"]["value"])


def test_query_that_takes_too_long_is_stopped(
    serve: Callable[[Settings], Any], data_set: Path, product: Product
) -> None:
    client = serve(Settings(store=data_set, workers=1, query_seconds=0.5, queue_seconds=20)).client
    start = time.monotonic()
    response = ask(client, product("SELECT (COUNT(*) AS ?n)", 10))
    assert time.monotonic() - start < 10
    assert (response.status_code, response.json()) == (
        503,
        {
            "type": "/problems/query-timeout",
            "title": "Query took too long",
            "status": 503,
            "detail": "The query was stopped after 0.5 seconds.",
            "hint": "Ask for less: fewer patterns without a common variable, or a LIMIT.",
            "limit": 0.5,
        },
    )
    assert answers(client)


def test_client_may_ask_for_less_time(client: httpx.Client, product: Product) -> None:
    response = ask(client, product("SELECT (COUNT(*) AS ?n)", 10), timeout="0.2")
    assert response.json()["detail"] == "The query was stopped after 0.2 seconds."


def test_client_cannot_ask_for_more_time(
    serve: Callable[[Settings], Any], data_set: Path, product: Product
) -> None:
    client = serve(Settings(store=data_set, query_seconds=0.2)).client
    response = ask(client, product("SELECT (COUNT(*) AS ?n)", 10), timeout="60")
    assert response.json()["detail"] == "The query was stopped after 0.2 seconds."


def test_answer_that_is_cut_does_not_end_properly(client: httpx.Client, product: Product) -> None:
    """The status was sent long before: only the broken connection can tell."""
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        ask(client, product("SELECT *", 10), timeout="2")
    assert answers(client)


def test_worker_that_is_killed_breaks_its_answer_only(
    serve: Callable[[Settings], Any], data_set: Path, product: Product
) -> None:
    service = serve(Settings(store=data_set, workers=1, queue_seconds=20))
    [pid] = service.app.state.versions.current.pool.pids
    query = {"query": product("SELECT *", 10)}
    with service.client.stream("GET", "/sparql", params=query) as reply:
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
            reply.read()
    assert answers(service.client)


def test_idle_worker_that_is_killed_is_replaced(
    serve: Callable[[Settings], Any], data_set: Path
) -> None:
    service = serve(Settings(store=data_set, workers=2, queue_seconds=20))
    killed = service.app.state.versions.current.pool.pids
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.1)
    assert answers(service.client)
    assert service.app.state.versions.current.pool.pids.isdisjoint(killed)


@ON_LINUX
def test_query_that_uses_too_much_memory_is_stopped(
    serve: Callable[[Settings], Any], data_set: Path, product: Product
) -> None:
    client = serve(Settings(store=data_set, workers=1, worker_memory=64, queue_seconds=20)).client
    response = ask(client, product("SELECT *", 10) + " ORDER BY ?s1")
    assert (response.status_code, response.json()) == (
        503,
        {
            "type": "/problems/query-memory",
            "title": "Query used too much memory",
            "status": 503,
            "detail": "The query used more than 64 MiB of memory.",
            "limit": 64,
        },
    )
    assert answers(client)


@pytest.mark.parametrize(
    "query",
    [
        "ASK { FILTER(" + "(" * 20_000 + "1" + ")" * 20_000 + ") }",
        "ASK " + "{" * 6_000 + "}" * 6_000,
        "ASK { FILTER(" + "!" * 50_000 + "1) }",
    ],
    ids=["parentheses", "groups", "negations"],
)
def test_query_that_crashes_its_process_harms_no_other(data_set: Path, query: str) -> None:
    """The guard refuses these; should one get by, it is one process that ends."""

    async def scenario() -> bytes:
        async with started(Settings(store=data_set, workers=2, queue_seconds=20)) as pool:
            with pytest.raises(QueryCrashed):
                await pool.answer(Job(query))
            return await pool.answer(Job("ASK {}"))

    assert json.loads(asyncio.run(scenario()))["boolean"] is True


def test_client_that_leaves_frees_the_worker(
    serve: Callable[[Settings], Any], data_set: Path, product: Product
) -> None:
    service = serve(Settings(store=data_set, workers=1, query_seconds=60, queue_seconds=20))
    with asking(service.address, product("SELECT (COUNT(*) AS ?n)", 10)):
        pass
    assert answers(service.client)


def test_client_that_leaves_a_stream_frees_the_worker(
    serve: Callable[[Settings], Any], data_set: Path, product: Product
) -> None:
    service = serve(Settings(store=data_set, workers=1, query_seconds=60, queue_seconds=20))
    with service.client.stream(
        "GET", "/sparql", params={"query": product("SELECT *", 10)}
    ) as reply:
        next(reply.iter_raw())
        time.sleep(1)  # So that every buffer between the store and the client is full.
    assert answers(service.client)


def test_client_that_reads_nothing_holds_no_worker_longer_than_a_query_may_take(
    serve: Callable[[Settings], Any], data_set: Path, product: Product
) -> None:
    service = serve(Settings(store=data_set, workers=1, query_seconds=2, queue_seconds=20))
    with asking(service.address, product("SELECT *", 10)):
        assert answers(service.client)


def test_full_queue_refuses_at_once(
    serve: Callable[[Settings], Any], data_set: Path, product: Product
) -> None:
    service = serve(Settings(store=data_set, workers=1, queue_length=0, queue_seconds=60))
    with asking(service.address, product("SELECT (COUNT(*) AS ?n)", 10)):
        response = ask(service.client, "ASK {}")
    assert (response.status_code, response.headers["retry-after"], response.json()) == (
        503,
        "2",
        {
            "type": "/problems/busy",
            "title": "Busy",
            "status": 503,
            "detail": "All workers are busy and the queue is full.",
        },
    )


def test_nobody_waits_long_in_the_queue(
    serve: Callable[[Settings], Any], data_set: Path, product: Product
) -> None:
    service = serve(Settings(store=data_set, workers=1, queue_seconds=0.2))
    with asking(service.address, product("SELECT (COUNT(*) AS ?n)", 10)):
        response = ask(service.client, "ASK {}")
    assert response.json()["detail"] == "All workers are busy."


@pytest.fixture
def hasty(
    serve: Callable[[Settings], Any], data_set: Path, monkeypatch: pytest.MonkeyPatch
) -> Service:
    """A service with two workers that calls a query slow at once."""
    monkeypatch.setattr("server.workers.MOMENT", 0.05)
    service: Service = serve(Settings(store=data_set, workers=2, queue_seconds=20))
    return service


def test_slow_query_leaves_a_worker_to_short_ones(hasty: Service, product: Product) -> None:
    """Once it is known to be slow, any number of it holds all workers but one."""
    slow = product("SELECT (COUNT(*) AS ?n)", 10)
    assert ask(hasty.client, slow, timeout="0.2").status_code == 503
    with asking(hasty.address, slow), asking(hasty.address, slow, format="csv"):
        assert answers(hasty.client)


def test_endless_queries_of_one_client_leave_a_worker_to_short_ones(
    hasty: Service, product: Product
) -> None:
    """One of them is stopped when a short one waits, and goes on waiting itself."""
    pool = hasty.app.state.versions.current.pool
    endless = [product(f"SELECT (COUNT(*) AS ?n{number})", 10) for number in range(2)]
    with asking(hasty.address, endless[0]), asking(hasty.address, endless[1]):
        while pool.lent < 2:
            time.sleep(0.01)
        assert answers(hasty.client)
        while pool.waiting != 1 or pool.lent != 1:
            time.sleep(0.01)
    numbers = hasty.client.get("/metrics").text
    assert 'cablegraph_workers_ended_total{cause="recalled"} 1.0' in numbers


def test_many_clients_share_few_workers(serve: Callable[[Settings], Any], data_set: Path) -> None:
    service = serve(Settings(store=data_set, workers=2, queue_seconds=20))
    statuses: list[int] = []

    def one() -> None:
        statuses.append(ask(service.client, "ASK {}").status_code)

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 20


def test_worker_is_replaced_when_it_has_served_enough(data_set: Path) -> None:
    async def scenario() -> None:
        async with started(
            Settings(store=data_set, workers=1, worker_queries=2, queue_seconds=20)
        ) as pool:
            first = pool.pids
            await pool.answer(Job("ASK {}"))
            assert pool.pids == first
            await pool.answer(Job("ASK {}"))
            await pool.answer(Job("ASK {}"))
            assert pool.pids.isdisjoint(first)

    asyncio.run(scenario())


def test_query_that_runs_when_the_service_stops_is_told_so(
    data_set: Path, product: Product
) -> None:
    async def scenario() -> None:
        async with started(Settings(store=data_set, workers=1)) as pool:
            query = asyncio.create_task(pool.answer(Job(product("SELECT (COUNT(*) AS ?n)", 10))))
            await asyncio.sleep(0.2)
            pool.abandon()
            with pytest.raises(Stopping):
                await query

    asyncio.run(scenario())


@ON_LINUX
def test_query_cannot_call_another_server_even_past_the_guard(data_set: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        port = listener.getsockname()[1]
        query = f"SELECT * {{ SERVICE <http://127.0.0.1:{port}/> {{ ?s ?p ?o }} }}"

        async def scenario() -> None:
            async with started(Settings(store=data_set, workers=1)) as pool:
                with pytest.raises(QueryFailed, match="Permission denied"):
                    await pool.answer(Job(query))

        asyncio.run(scenario())
        with pytest.raises(TimeoutError):
            listener.accept()


@ON_LINUX
def test_sandbox_is_in_force() -> None:
    program = (
        "import socket; from server import sandbox;"
        "print(sandbox.end_with_parent(), sandbox.forbid_sockets(), sandbox.limit_memory(2**26));"
        "kinds = (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)\n"
        "for kind in kinds:\n"
        "    try: print(socket.socket(kind))\n"
        "    except OSError as error: print(error.strerror)\n"
        "try: bytearray(2**27)\n"
        "except MemoryError: print('no memory')"
    )
    root = Path(__file__).parents[2]
    output = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    assert output.splitlines() == ["True True True", *["Permission denied"] * 3, "no memory"]


def test_store_that_cannot_be_opened_is_reported(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()

    async def scenario() -> None:
        await Pool(tmp_path / "store", Settings(store=tmp_path)).start()

    with pytest.raises(DataSetUnreadable, match="the store cannot be read"):
        asyncio.run(scenario())
