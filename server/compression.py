"""Answers that are long enough are sent in the content coding that the client wants.

That holds for pages, JSON and files; what is encoded already passes by. A tag that said "these
very bytes" becomes a weak one. Requests must not be encoded: a few bytes could unpack to more
than there is memory for.
"""

from __future__ import annotations

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server import problems
from server.encoding import LEAST, Encoder, choose_coding, encode, encoder
from server.errors import UnsupportedMediaType

QUICK = 65_536
"""Bytes that are encoded in passing: it takes a fifth of a millisecond."""

TEXTS = (
    "text/", "application/json", "application/problem+json", "application/ld+json",
    "application/n-", "application/rdf+xml", "application/trig", "image/svg+xml",
)  # fmt: skip
"""What the media types begin with that are encoded: pictures and fonts are packed already."""


class Compressed:
    """Encodes the answers of an app."""

    def __init__(self, app: ASGIApp) -> None:
        self._next = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and encode the answer."""
        if scope["type"] != "http":
            await self._next(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if headers.get("content-encoding", "identity").lower() != "identity":
            await _refused(scope)(scope, receive, send)
            return
        coding = choose_coding(headers.get("accept-encoding"))
        await self._next(scope, receive, _Encoding(scope, send, coding).send)


class _Encoding:
    """One answer on its way: its start waits for the first part of its body."""

    def __init__(self, scope: Scope, send: Send, coding: str) -> None:
        self._is_head = scope["method"] == "HEAD"
        self._send = send
        self._coding = coding
        self._start: Message | None = None
        self._encoder: Encoder | None = None

    async def send(self, message: Message) -> None:
        """Send a message, encoded if its answer is to be."""
        if message["type"] == "http.response.start" and may_be_encoded(message):
            headers = MutableHeaders(scope=message)
            add_vary(headers)
            if self._coding and int(headers.get("content-length", LEAST)) >= LEAST:
                self._start = message
                return
        if self._start is not None:
            await self._begin(self._start, message)
        elif self._encoder is not None:
            message = _encoded(self._encoder, message)
        await self._send(message)

    async def _begin(self, start: Message, message: Message) -> None:
        """Send the start, and encode the first part: it may be the whole answer."""
        self._start = None
        headers = MutableHeaders(scope=start)
        mark(headers, self._coding)
        if not message.get("more_body"):
            message["body"] = await _whole(message.get("body", b""), self._coding)
            # The answer to HEAD has no body, so the length that GET would tell is not known.
            if not self._is_head or message["body"]:
                headers["Content-Length"] = str(len(message["body"]))
        else:
            self._encoder = encoder(self._coding)
            message["body"] = self._encoder.feed(message["body"])
        await self._send(start)


def may_be_encoded(start: Message) -> bool:
    """Whether an answer that starts so is whole, and a text that is not encoded yet."""
    headers = Headers(raw=start["headers"])
    return (
        start["status"] not in (204, 206, 304)
        and "content-encoding" not in headers
        and headers.get("content-type", "").startswith(TEXTS)
    )


def add_vary(headers: MutableHeaders) -> None:
    """Say that the answer depends on the codings that the client accepts."""
    if "accept-encoding" not in headers.get("vary", "").lower():
        headers.add_vary_header("Accept-Encoding")


def mark(headers: MutableHeaders, coding: str) -> None:
    """Say that the answer is encoded: it has another length, and its tag names no bytes."""
    headers["Content-Encoding"] = coding
    del headers["Content-Length"]
    tag = headers.get("etag", "")
    if tag.startswith('"'):
        headers["ETag"] = f"W/{tag}"


def _encoded(into: Encoder, message: Message) -> Message:
    body = into.feed(message.get("body", b""))
    more = message.get("more_body", False)
    return {**message, "body": body if more else body + into.finish()}


async def _whole(content: bytes, coding: str) -> bytes:
    if not content:
        return b""
    if len(content) <= QUICK:
        return encode(content, coding)
    return await run_in_threadpool(encode, content, coding)


def _refused(scope: Scope) -> Response:
    error = UnsupportedMediaType(
        "The body of the request is encoded.", hint="Send it without Content-Encoding."
    )
    return problems.show(Request(scope), error, {"Accept-Encoding": "identity"})
