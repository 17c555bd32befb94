"""Content codings: which one a client wants, and how an answer is put into it.

Answers to queries are encoded where they are made, in the worker processes; all others by
`server.compression`. Levels are the lowest: they pack RDF results eight to nine times and keep
up with the engine, which the higher ones do not. This module is also loaded by each worker
process, so it imports nothing heavy.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import brotli

from server.negotiation import weighted

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEAST = 1024
"""Answers of fewer bytes stay as they are: they fit into one packet anyway."""

IDENTITY = ""
"""The coding of what is not encoded."""

CODINGS = ("zstd", "br", "gzip")
"""The best first."""


MOST_BYTES = 200
"""What of an Accept-Encoding header is read: each that came is remembered."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """Encodes a stream: `feed` takes a piece and gives what is ready, `finish` gives the rest."""

    feed: Callable[[bytes], bytes]
    finish: Callable[[], bytes]


def encoder(coding: str) -> Encoder:
    """Begin to encode an answer."""
    if coding == "gzip":
        gzip = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        return Encoder(gzip.compress, gzip.flush)
    if coding == "br":
        br = brotli.Compressor(quality=1)
        return Encoder(br.process, br.finish)
    if coding == "zstd":
        best = zstd.ZstdCompressor(1)
        return Encoder(best.compress, best.flush)
    return Encoder(bytes, bytes)


def encode(content: bytes, coding: str) -> bytes:
    """Encode a whole answer."""
    into = encoder(coding)
    return into.feed(content) + into.finish()


def choose_coding(accept_encoding: str | None) -> str:
    """Give the coding that an Accept-Encoding header wants most (RFC 9110, section 12.5.3).

    What is not named is not wanted, except the answer as it is, which is wanted least.
    An item that cannot be read is left out.
    """
    return _choose((accept_encoding or "")[:MOST_BYTES])


@lru_cache(256)
def _choose(accept_encoding: str) -> str:
    named = {name.removeprefix("x-"): weight for name, weight in weighted(accept_encoding)}
    wanted = {coding: named.get(coding, named.get("*", 0.0)) for coding in CODINGS}
    best = max(CODINGS, key=lambda coding: wanted[coding])
    return best if wanted[best] > 0 and wanted[best] >= named.get("identity", 0.0) else IDENTITY
