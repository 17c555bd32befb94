"""Builders for the tests of the service."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.server.side_fixture import api, built, large, side, talks, talks_api

# Here, and not in each module, so that the sample is built once.
__all__ = ["api", "built", "large", "side", "talks", "talks_api"]


@pytest.fixture(scope="session")
def product() -> Callable[[str, int], str]:
    """Make a query over all combinations of so many triples; ten take longer than any test."""

    def build(start: str, triples: int) -> str:
        patterns = " . ".join(f"?s{n} ?p{n} ?o{n}" for n in range(triples))
        return f"{start} {{ {patterns} }}"

    return build
