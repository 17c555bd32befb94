"""How the service speaks HTTP/1.1: as uvicorn does with httptools, and one thing more.

A request whose head does not end is refused: nothing else limits the memory that it takes.
"""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD = 131_072
"""Bytes that the head of a request may have. A longer query can be sent by POST."""


class Protocol(HttpToolsProtocol):
    """One connection."""

    _has_head = False
    _head = 0

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
