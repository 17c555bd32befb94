"""Watch each request: how it ended and how long it took, for the numbers and for the log.

The log has one line of JSON a request. It names the query by a hash and the client by its
network, so that it tells what happens and not who asked what. Lines are written a few times a
second, because a call of the system for each costs more than an answer from memory.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.clients import CLIENT, client_of, network_of
from server.metrics import Metrics
from server.public import path_of

PAUSE = 0.3
"""Seconds for which lines of the log are held back."""

LONGEST = 200
"""Characters of a path that the log shows."""


class AccessLog:
    """The log of requests: in a file, on standard error (`-`), or nowhere (`off`)."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lines: list[bytes] = []

    def add(self, line: dict[str, Any]) -> None:
        """Add a line, which is written soon."""
        if self._name == "off":
            return
        if not self._lines:
            asyncio.get_running_loop().call_later(PAUSE, self.write)
        self._lines.append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def write(self) -> None:
        """Write what was held back. The file may have been moved away: it is opened anew."""
        lines, self._lines = b"".join(self._lines), []
        if self._name == "-":
            sys.stderr.write(lines.decode())
            sys.stderr.flush()
        elif lines:
            with Path(self._name).open("ab") as file:
                file.write(lines)


class Watched:
    """Notes how each request to an app ended."""

    def __init__(self, app: ASGIApp, metrics: Metrics, log: AccessLog) -> None:
        self._next = app
        self._metrics = metrics
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and note what came of it."""
        if scope["type"] != "http":
            await self._next(scope, receive, send)
            return
        CLIENT.set(client_of(scope))
        scope.setdefault("state", {})
        seen = Seen(scope, send)
        try:
            await self._next(scope, receive, seen.send)
        except Exception:
            scope["state"]["problem"] = "internal"
            raise
        finally:
            self._note(seen)

    def _note(self, seen: Seen) -> None:
        seconds = time.perf_counter() - seen.start
        self._metrics.requests.labels(seen.route, seen.outcome).observe(seconds)
        self._metrics.sent_bytes.inc(seen.sent)
        self._log.add(seen.line(seconds))


class Seen:
    """One request and what became of it."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.start = time.perf_counter()
        self.sent = 0
        self._scope = scope
        self._send = send
        self._status = 0
        self._is_file = path_of(scope).startswith("/static/")
        self._is_complete = False

    async def send(self, message: Message) -> None:
        """Send a message of the answer, and take note."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
        else:
            self.sent += len(message.get("body", b""))
            self._is_complete = not message.get("more_body", False)
        await self._send(message)

    @property
    def route(self) -> str:
        """The pattern of the route that answered; files are one."""
        if self._is_file:
            return "/static"
        route = self._scope.get("route")
        return getattr(route, "path_format", "") or getattr(route, "path", "") or "none"

    @property
    def outcome(self) -> str:
        """The kind of the problem; or `ok`, `known`, `cut`, or `left` by the client."""
        if problem := self._scope["state"].get("problem"):
            return str(problem)
        if self._status == 0:
            return "left"
        if not self._is_complete:
            return "cut"
        return "known" if self._status == 304 else "ok"

    def line(self, seconds: float) -> dict[str, Any]:
        """Give what the log says of the request."""
        state = self._scope["state"]
        version = state.get("version")
        return {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "client": network_of(self._scope),
            "method": self._scope["method"],
            "path": self._scope["path"][:LONGEST],
            "status": self._status,
            "outcome": self.outcome,
            "ms": round(1000 * seconds, 2),
            "bytes": self.sent,
            "version": version and version.name,
            "query": state.get("query"),
        }
