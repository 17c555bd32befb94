"""Answer a request that came before in the very same words, without reading it anew.

A version of the data set never changes, so what a request depends on is its address and a few
headers. If its answer is in memory, it is sent with the headers that it had the first time.
Who answers a request says that the answer may be kept, by `repeatable` in the request's state.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.caching import is_known
from server.memory import Known, Memory
from server.public import path_of
from server.workers import Answer

READING = ("GET", "HEAD")

MATTERING = (b"accept", b"accept-encoding", b"host", b"origin")
"""The headers that an answer depends on, and If-None-Match."""

MOST_WORDS = 8192
"""Longest address in bytes that is remembered."""


class Repeated:
    """Sends what is kept, and remembers the requests that may come again."""

    def __init__(self, app: ASGIApp) -> None:
        self._next = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer again, or pass the request on."""
        if scope["type"] != "http" or scope["method"] not in READING:
            await self._next(scope, receive, send)
            return
        memory: Memory = scope["state"]["version"].memory
        words = _words(scope)
        known = memory.requests.get(words)
        if known and (answer := memory.again(known)):
            scope["route"] = known.route
            await _send_again(known, answer, scope, send)
        else:
            await self._next(scope, receive, _Copying(memory, words, scope, send).send)


@dataclass(slots=True)
class _Copying:
    """Sends an answer, and keeps it if it may be kept."""

    memory: Memory
    words: tuple[bytes, ...]
    scope: Scope
    _send: Send
    _known: Known | None = None
    _copy: bytearray | None = None

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        if message["type"] == "http.response.start":
            self._begin(message)
        elif self._copy is not None and self._known is not None:
            self._add(self._known, self._copy, message)
        await self._send(message)

    def _begin(self, message: Message) -> None:
        of: Known | None = self.scope["state"].get("repeatable")
        if of is None or message["status"] != 200 or sum(map(len, self.words)) > MOST_WORDS:
            return
        of.headers, of.route = list(message["headers"]), self.scope.get("route")
        if of.key:  # Its answer is kept by who found it.
            self.memory.requests.put(self.words, of)
        elif self.scope["method"] == "GET":
            self._known, self._copy = of, bytearray()

    def _add(self, known: Known, copy: bytearray, message: Message) -> None:
        copy += message.get("body", b"")
        if not self.memory.holds(len(copy)):
            self._copy = None
        elif not message.get("more_body", False):
            known.key = sha256(b"\0".join(self.words)).digest()
            self.memory.keep(known.key, Answer.of("", "", bytes(copy)))
            self.memory.requests.put(self.words, known)


async def _send_again(known: Known, answer: Answer, scope: Scope, send: Send) -> None:
    scope["state"]["query"] = known.query
    status, headers, body = 200, known.headers, answer.whole or b""
    conditional = any(name == b"if-none-match" for name, _ in scope["headers"])
    if conditional and is_known(Request(scope), known.tag):
        status, body = 304, b""
        headers = [item for item in headers if not item[0].startswith(b"content-")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _words(scope: Scope) -> tuple[bytes, ...]:
    """Give all of a request that its answer depends on."""
    place = f"{scope['scheme']} {scope.get('root_path', '')} {path_of(scope)}".encode()
    wanted = (b": ".join(item) for item in scope["headers"] if item[0] in MATTERING)
    return (place, scope["query_string"], *wanted)
