"""Connections: no head of a request takes memory without end, and answers come in order."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from server.front import MOST_HEAD


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
