"""The format that a client wants most is the one it gets (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import pytest

from server.negotiation import choose

OFFERS = ["application/json", "text/html", "text/csv"]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/*", "text/html"),
        ("text/*;q=0.9, text/html;q=0.1", "text/csv"),
        ("text/html;q=0, */*", "application/json"),
        ("text/html;level=1;q=0.5, text/csv;q=0.4", "text/html"),
        ("TEXT/CSV", "text/csv"),
        ("text/csv;q=2, text/html", "text/html"),
        ("text/csv;q=nan, text/html;q=0.1", "text/html"),
        ("text/csv;q=often, text/html;q=0.1", "text/html"),
        ("image/png", None),
        ("text/csv;q=0", None),
        ("nonsense", "application/json"),
    ],
)
def test_offer_is_chosen_by_weight(accept: str | None, chosen: str | None) -> None:
    assert choose(accept, OFFERS) == chosen
