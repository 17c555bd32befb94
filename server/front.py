"""How the service speaks HTTP/1.1: as uvicorn does with httptools, and three things more.

A request whose head does not end is refused: nothing else limits the memory that it takes. A
client that does not go on with its request, or does not take its answer, is left: else it
would hold a connection, and with an answer its place among the workers, for as long as it
likes. What is no HTTP is refused with a problem document, as everything else is.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.errors import BadRequest

MOST_HEAD = 131_072
"""Bytes that the head of a request may have. A longer query can be sent by POST."""

PATIENCE = 30.0
"""Seconds that a client has to send a request, and to take each 48 KiB of a long answer."""


class Protocol(HttpToolsProtocol):
    """One connection."""

    _has_head = False
    _head = 0
    _arriving: asyncio.TimerHandle | None = None
    _leaving: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection."""
        super().connection_made(transport)
        self._arriving = self._later(self._end_request)

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection."""
        _cancel(self._arriving, self._leaving)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has come; refuse a head that has become too long."""
        self._head += len(data)
        super().data_received(data)
        if self._head > MOST_HEAD and not self._has_head and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long; send the query by POST.")

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._has_head, self._head = False, 0
        _cancel(self._arriving)
        self._arriving = self._later(self._end_request)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Begin what follows the head."""
        self._has_head = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End a request."""
        _cancel(self._arriving)
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Wait for the client to take what was sent."""
        self._leaving = self._later(self.transport.abort)
        super().pause_writing()

    def resume_writing(self) -> None:
        """Go on sending."""
        _cancel(self._leaving)
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, and end the connection."""
        problem = json.dumps(BadRequest(msg).problem()).encode()
        head = (
            "HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\n"
            f"Content-Length: {len(problem)}\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + problem)
        self.transport.close()

    def _later(self, act: Callable[[], object]) -> asyncio.TimerHandle:
        return self.loop.call_later(PATIENCE, act)

    def _end_request(self) -> None:
        """Leave a client that does not go on."""
        if self._has_head:
            self.transport.abort()
        elif not self.transport.is_closing():
            self.send_400_response("The request did not come to its end.")


def _cancel(*timers: asyncio.TimerHandle | None) -> None:
    for timer in timers:
        if timer is not None:
            timer.cancel()
