"""How the service speaks HTTP/1.1: as uvicorn does with httptools, and two things more.

What is written of an answer in one go leaves in one go. uvicorn writes head and body apart, which
is two calls of the system and two packets for each small answer.

A request whose head does not end is refused: nothing else limits the memory that it takes.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD = 131_072
"""Bytes that the head of a request may have. A longer query can be sent by POST."""

ENOUGH = 65_536
"""Bytes that are not held back."""


class Protocol(HttpToolsProtocol):
    """One connection."""

    _has_head = False
    _head = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin a connection."""
        joined = Joined(cast(asyncio.Transport, transport), self.loop)
        super().connection_made(cast(asyncio.Transport, joined))

    def data_received(self, data: bytes) -> None:
        """Take what has come; refuse a head that has become too long."""
        self._head += len(data)
        super().data_received(data)
        if self._head > MOST_HEAD and not self._has_head and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long; send the query by POST.")

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._has_head, self._head = False, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Begin what follows the head."""
        self._has_head = True
        super().on_headers_complete()


class Joined:
    """A transport that joins what is written before the loop goes on."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._written = bytearray()

    def write(self, data: bytes) -> None:
        """Write a piece, with those that follow it at once."""
        if not self._written:
            self._loop.call_soon(self._flush)
        self._written += data
        if len(self._written) >= ENOUGH:
            self._flush()

    def close(self) -> None:
        """Close the connection when all is written."""
        self._flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def _flush(self) -> None:
        if self._written:
            written, self._written = self._written, bytearray()
            self._transport.write(written)
