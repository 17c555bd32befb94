"""Who asks: the client of the request that is being answered, and what each has used.

A client is an address; of IPv6 the network of 64 bits that one subscriber has. Behind a proxy
it is what the proxy says, if the setting `proxies` names it. Time is charged where it is
scarce, in the worker processes: an answer from memory costs nothing. A client that has used
up its share is told when to come back. This machine itself is not limited.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache

from starlette.types import Scope

from server.errors import TooManyRequests
from server.recent import Recent

CLIENT: ContextVar[str] = ContextVar("CLIENT", default="")
"""The client whose request this task answers; empty for the service itself."""

MOST_CLIENTS = 100_000
"""Clients whose use is remembered at a time."""

BURST = 2
"""Minutes whose share a client may use at once."""


def client_of(scope: Scope) -> str:
    """Name the client of a request."""
    return _network((scope.get("client") or ("",))[0], 32, 64)


def network_of(scope: Scope) -> str:
    """Name the network of a client, as far as a log may: it has many clients."""
    return _network((scope.get("client") or ("",))[0], 24, 48)


class Shares:
    """What each client has left of its share of the workers' time, in seconds."""

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Give each client so many seconds a minute; 0 stands for no limit."""
        self._rate = per_minute / 60
        self._most = per_minute * BURST
        self._clock = clock
        self._left: Recent[str, tuple[float, float]] = Recent(MOST_CLIENTS)

    def check(self, client: str) -> None:
        """Refuse a client that has nothing left."""
        if not self._counts(client):
            return
        if (left := self._left_of(client)) <= 0:
            raise TooManyRequests(
                f"You have used your share of {self._rate * 60:g} seconds a minute.",
                hint="Repeated queries come from memory and cost nothing.",
                retry_after=math.ceil(-left / self._rate) + 1,
            )

    def charge(self, client: str, seconds: float) -> None:
        """Take what a query has used from the share of its client."""
        if self._counts(client):
            self._left.put(client, (self._left_of(client) - seconds, self._clock()))

    def _counts(self, client: str) -> bool:
        return self._rate > 0 and client != "" and not _is_here(client)

    def _left_of(self, client: str) -> float:
        left, then = self._left.get(client) or (self._most, self._clock())
        return min(self._most, left + (self._clock() - then) * self._rate)


def _is_here(client: str) -> bool:
    return client.startswith("127.") or client == "::/64"


@lru_cache(10_000)
def _network(address: str, bits: int, bits_of_v6: int) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    length = bits if found.version == 4 else bits_of_v6
    return str(ipaddress.ip_network((found, length), strict=False))
