"""Connections: none takes memory, a worker or time without end, and answers come in order."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from server import front
from server.errors import BadRequest
from server.front import MOST_HEAD
from server.settings import Settings
from tests.conftest import Serve
from tests.server.hostile import HALF_OPEN, by_get


@contextmanager
def connected(client: httpx.Client) -> Iterator[socket.socket]:
    """Open a connection of our own to the service of a client."""
    url = client.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=60) as connection:
        yield connection


def read_all(connection: socket.socket) -> bytes:
    """Read until the service closes the connection."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65_536):
            received += part
    return received


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, serve: Serve, settings: Settings) -> httpx.Client:
    """A client of a service that waits for nobody."""
    monkeypatch.setattr(front, "PATIENCE", 0.2)
    return serve(settings.model_copy(update={"workers": 1})).client


def test_request_that_does_not_come_to_its_end_is_not_waited_for(
    impatient: httpx.Client,
) -> None:
    """Without its head there is an answer; without its body somebody may be writing one."""
    bodies = []
    for start in HALF_OPEN:
        with connected(impatient) as connection:
            connection.sendall(start)
            bodies.append(read_all(connection).partition(b"\r\n\r\n")[2])
    problem = json.dumps(BadRequest("The request did not come to its end.").problem()).encode()
    assert bodies == [b"" if b"\r\n\r\n" in start else problem for start in HALF_OPEN]


def test_client_that_takes_its_answer_in_time_is_not_left(impatient: httpx.Client) -> None:
    """Also the second time, on a connection that has been quiet for a while."""
    answers = []
    for _ in range(3):
        answers.append(impatient.get("/sparql", params={"query": "ASK {}"}).json()["boolean"])
        time.sleep(0.3)
    assert answers == [True] * 3


def test_client_that_does_not_take_its_answer_gives_its_worker_back(
    impatient: httpx.Client, product: Callable[[str, int], str]
) -> None:
    """A service with one worker would answer nobody else."""
    with connected(impatient) as connection:
        connection.sendall(by_get(product("SELECT *", 4)))
        connection.recv(1)
        answer = impatient.get("/sparql", params={"query": "ASK { ?s ?p 7 }"})
        assert answer.json()["boolean"] is False


@pytest.mark.parametrize("piece", [b"x", b"X-Header: x\r\n"])
def test_head_that_does_not_end_is_refused(client: httpx.Client, piece: bytes) -> None:
    """The connection ends; whether the answer arrives before that is up to TCP."""
    answer = b""
    with connected(client) as connection, contextlib.suppress(ConnectionError):
        connection.sendall(b"GET /sparql HTTP/1.1\r\n")
        connection.sendall(piece * (8 * MOST_HEAD // len(piece)))
        answer = read_all(connection)
    assert answer[:12] in (b"", b"HTTP/1.1 400")


def test_body_may_be_longer_than_a_head(client: httpx.Client) -> None:
    query = "ASK {} #" + "x" * 60_000
    answers = [client.post("/sparql", data={"query": query}) for _ in range(4)]
    assert [answer.json()["boolean"] for answer in answers] == [True] * 4


def test_requests_one_behind_the_other_are_answered_in_order(client: httpx.Client) -> None:
    one, other = [
        f"GET /sparql?query={query}&format=csv HTTP/1.1\r\nHost: test\r\n"
        for query in ("ASK%7B%7D", "ASK%7B?s%20?p%2012345%7D")
    ]
    with connected(client) as connection:
        connection.sendall(f"{one}\r\n{other}Connection: close\r\n\r\n".encode())
        answers = read_all(connection)
    bodies = [part.partition(b"HTTP/1.1")[0] for part in answers.split(b"\r\n\r\n")[1:]]
    assert bodies == [b"true", b"false"]
