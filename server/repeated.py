"""Answer a query that came before in the very same words, without reading the request anew.

What a request to the SPARQL endpoint depends on is its query string and a few headers. If its
answer is in memory, it is sent with the headers that it had the first time.
"""

from __future__ import annotations

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.caching import is_known
from server.memory import Known, Memory
from server.public import path_of
from server.workers import Answer

PATH = "/sparql"
READING = ("GET", "HEAD")

MATTERING = (b"accept", b"accept-encoding", b"origin")
"""The headers that an answer depends on, and If-None-Match."""

MOST_WORDS = 8192
"""Longest query string in bytes that is remembered."""


class Repeated:
    """Sends what is kept, and remembers the requests that may come again."""

    path = PATH
    """What it answers for, as a route has it."""

    def __init__(self, app: ASGIApp) -> None:
        self._next = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer again, or pass the request on."""
        if scope["type"] != "http" or path_of(scope) != PATH or scope["method"] not in READING:
            await self._next(scope, receive, send)
            return
        memory: Memory = scope["state"]["version"].memory
        words = _words(scope)
        known = memory.requests.get(words)
        if known and (answer := memory.kept(known.key)):
            scope["route"] = self
            await _send_again(known, answer, scope, send)
            return

        async def send_and_remember(message: Message) -> None:
            of = scope["state"].get("repeatable")
            if of and message["type"] == "http.response.start" and len(words[0]) <= MOST_WORDS:
                key, tag, query = of
                memory.requests.put(words, Known(key, tag, query, list(message["headers"])))
            await send(message)

        await self._next(scope, receive, send_and_remember)


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
    wanted = (b": ".join(item) for item in scope["headers"] if item[0] in MATTERING)
    return (scope["query_string"], *wanted)
