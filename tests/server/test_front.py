"""Connections: small answers leave at once, and no head of a request takes memory without end."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from server.front import ENOUGH, MOST_HEAD, Joined


@contextmanager
def connected(client: httpx.Client) -> Iterator[socket.socket]:
    """Open a connection of our own to the service of a client."""
    url = client.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=60) as connection:
        yield connection


def read_all(connection: socket.socket) -> bytes:
    """Read until the service closes the connection."""
    received = b""
    while part := connection.recv(65_536):
        received += part
    return received


class Transport:
    """What a connection writes to."""

    def __init__(self) -> None:
        self.events: list[bytes | str] = []

    def write(self, data: bytes) -> None:
        """Note what is written."""
        self.events.append(bytes(data))

    def close(self) -> None:
        """Note the end."""
        self.events.append("closed")

    def get_extra_info(self, name: str) -> str:
        """Tell something about the connection."""
        return name


class Loop:
    """A loop that goes on when the test says so."""

    def __init__(self) -> None:
        self.soon: list[object] = []

    def call_soon(self, call: object) -> None:
        """Note what is to be called."""
        self.soon.append(call)


@pytest.fixture
def joined() -> tuple[Joined, Transport, Loop]:
    """A transport that joins, the one below it, and its loop."""
    transport, loop = Transport(), Loop()
    return Joined(transport, loop), transport, loop  # type: ignore[arg-type]


def test_what_is_written_at_once_leaves_at_once(joined: tuple[Joined, Transport, Loop]) -> None:
    above, below, loop = joined
    above.write(b"head ")
    above.write(b"body")
    assert below.events == []
    [flush] = loop.soon
    assert callable(flush)
    flush()
    flush()
    assert below.events == [b"head body"]


def test_much_is_not_held_back(joined: tuple[Joined, Transport, Loop]) -> None:
    above, below, _ = joined
    above.write(b"head ")
    above.write(b"x" * ENOUGH)
    assert below.events == [b"head " + b"x" * ENOUGH]


def test_connection_closes_after_what_was_written(joined: tuple[Joined, Transport, Loop]) -> None:
    above, below, _ = joined
    above.write(b"last")
    above.close()
    assert below.events == [b"last", "closed"]
    assert above.get_extra_info("peername") == "peername"


def test_small_answer_comes_in_one_piece(client: httpx.Client) -> None:
    with connected(client) as connection:
        connection.sendall(b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: test\r\n\r\n")
        head, _, body = connection.recv(65_536).partition(b"\r\n\r\n")
    assert (head[:15], body) == (b"HTTP/1.1 200 OK", b'{"head":{},"boolean":true}')


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
