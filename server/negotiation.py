"""Choose the format of an answer by the Accept header (RFC 9110, section 12.5.1).

An offer counts with the weight of the most specific range that matches it, so that
`text/*;q=0.5, text/csv;q=0` refuses CSV. Among equal weights the order of the offers decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 500
"""Characters of the longest header whose choice is remembered."""


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One item of an Accept header: what is acceptable, and how much it is wanted."""

    type: str
    weight: float

    def specificity(self, media_type: str) -> int:
        """How closely the range names the type: 0 not at all, 3 exactly."""
        if self.type == media_type:
            return 3
        if self.type == f"{media_type.partition('/')[0]}/*":
            return 2
        return 1 if self.type == "*/*" else 0


def weighted(header: str) -> Iterator[tuple[str, float]]:
    """Read a list with weights, such as an Accept header."""
    for item in header.split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        yield name, _weight(parameters)


def media_ranges(accept: str) -> Iterator[MediaRange]:
    """Read an Accept header; an item that cannot be read is left out."""
    return (MediaRange(name, weight) for name, weight in weighted(accept) if "/" in name)


def choose(accept: str | None, offers: Iterable[str]) -> str | None:
    """Give the offer that the client wants most; None if it wants none of them."""
    if accept is not None and len(accept) > LONGEST:
        return _choose.__wrapped__(accept, tuple(offers))
    return _choose(accept, tuple(offers))


@lru_cache(256)
def _choose(accept: str | None, offers: tuple[str, ...]) -> str | None:
    ranges = list(media_ranges(accept or "")) or [MediaRange("*/*", 1.0)]
    best = max(offers, key=lambda offer: _wanted(offer, ranges), default=None)
    return best if best is not None and _wanted(best, ranges) > 0 else None


def _wanted(offer: str, ranges: list[MediaRange]) -> float:
    closest = max(ranges, key=lambda each: each.specificity(offer))
    return closest.weight if closest.specificity(offer) else 0.0


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return _number(value)
    return 1.0


def _number(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0
