"""Each client has a share of the workers' time, and is told when it has used it up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.clients import Shares, client_of, network_of
from server.errors import TooManyRequests
from server.settings import Settings


class Clock:
    """A clock that the test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("address", "client", "network"),
    [
        ("192.0.2.77", "192.0.2.77/32", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.77/32", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("no address", "", ""),
        (None, "", ""),
    ],
)
def test_client_is_an_address_and_its_network_is_what_the_log_has(
    address: str | None, client: str, network: str
) -> None:
    scope = {"client": address and (address, 1)}
    assert (client_of(scope), network_of(scope)) == (client, network)


def test_share_is_used_up_and_comes_back() -> None:
    clock = Clock()
    shares = Shares(60, clock)
    for _ in range(2):
        shares.check("192.0.2.1/32")
        shares.charge("192.0.2.1/32", 75)
    with pytest.raises(TooManyRequests) as raised:
        shares.check("192.0.2.1/32")
    assert (raised.value.problem(), raised.value.headers()) == (
        {
            "type": "/problems/too-many-requests",
            "title": "Too many requests",
            "status": 429,
            "detail": "You have used your share of 60 seconds a minute.",
            "hint": "Repeated queries come from memory and cost nothing.",
            "retry_after": 31,
        },
        {"Retry-After": "31"},
    )
    shares.check("192.0.2.2/32")
    clock.now = 31.0
    shares.check("192.0.2.1/32")


def test_share_does_not_grow_without_end() -> None:
    clock = Clock()
    shares = Shares(60, clock)
    shares.charge("192.0.2.1/32", 1)
    clock.now = 1e6
    shares.charge("192.0.2.1/32", 120)
    with pytest.raises(TooManyRequests):
        shares.check("192.0.2.1/32")


@pytest.mark.parametrize(
    ("seconds", "client"), [(0, "192.0.2.1/32"), (60, "127.0.0.1/32"), (60, "::/64"), (60, "")]
)
def test_without_a_limit_and_from_here_nobody_is_refused(seconds: float, client: str) -> None:
    shares = Shares(seconds)
    shares.charge(client, 1e6)
    shares.check(client)


def test_client_that_has_used_its_share_is_refused_and_others_are_not(
    serve: Callable[[Settings], Any], data_set: Path
) -> None:
    """What comes from memory is free."""
    own = Settings(store=data_set, workers=1, client_seconds=0.00001, queue_seconds=20)
    http: httpx.Client = serve(own).client

    def ask(query: str, client: str) -> httpx.Response:
        headers = {"X-Forwarded-For": client}
        return http.get("/sparql", params={"query": query}, headers=headers)

    first = ask("ASK {}", "192.0.2.1")
    second, other, again = [
        ask(*each)
        for each in (
            ("ASK { ?s ?p 1 }", "192.0.2.1"),
            ("ASK { ?s ?p 2 }", "192.0.2.2"),
            ("ASK {}", "192.0.2.1"),
        )
    ]
    assert [each.status_code for each in (first, second, other, again)] == [200, 429, 200, 200]
    assert int(second.headers["retry-after"]) > 60
