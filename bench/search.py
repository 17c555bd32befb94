"""Time searches and lists on a service that runs.

python -m bench.search http://127.0.0.1:8000
"""

from __future__ import annotations

import sys
import time

import httpx

PAGES = ("/search?q=petropavlovsk", "/search?q=agreement", "/documents")
REQUESTS = 100


def times(client: httpx.Client, page: str) -> list[float]:
    """Return how many milliseconds each of some requests for a page took, in order."""
    taken = []
    for _ in range(REQUESTS):
        start = time.perf_counter()
        client.get(page).raise_for_status()
        taken.append(1000 * (time.perf_counter() - start))
    return sorted(taken)


def main() -> None:
    """Print the median and the 95th percentile for each page."""
    with httpx.Client(base_url=sys.argv[1], headers={"Accept": "text/html"}) as client:
        for page in PAGES:
            taken = times(client, page)
            print(f"{page:<26}{taken[REQUESTS // 2]:8.1f} ms{taken[95 * REQUESTS // 100]:8.1f} ms")


if __name__ == "__main__":
    main()
