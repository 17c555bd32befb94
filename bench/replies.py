"""How well answers in other documents are found: acts that answer those of an earlier document.

    python -m bench.replies

prints the tables of bench/ACCURACY.md. bench/ANSWERS.md tells how the pairs were drawn and judged.
As with answers in one document (`bench.responses`), the open pairs teach the weights and are judged
here by weights that were made without their volume; the kept ones are of other volumes, were drawn
after weights and threshold were final, and judged without knowing how likely the program finds
them. Both halves are of the documents that answer another by number or day.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from bench.responses import Judged, Limits, as_shipped, calibration, cross_validated, show, table
from ingest.model import Manner
from ingest.replies import SIGNS, Page, manner, pairs, weights
from ingest.told import Told

GOLD = Path(__file__).parents[1] / "tests" / "gold" / "replies.jsonl.gz"
LIKELY = 0.7
"""From where four of five of the open pairs are right by weights made without their volume."""
LIMITS = Limits(0.4, 2.0, 0.3)
"""No answer is asserted: of the kept pairs from LIKELY on fewer than four of five are right.
Strengths of 0.1 to 1 all do about as well."""
BANDS = (0.0, 0.2, 0.4, 0.55, 0.7, 1.01)


def judged(half: str) -> list[Judged]:
    """Return the pairs of a half, open or kept."""
    with gzip.open(GOLD) as lines:
        documents = [*map(orjson.loads, lines)]
    return [one for each in documents if each["half"] == half for one in _judged(each)]


def _judged(line: dict[str, Any]) -> Iterator[Judged]:
    earlier, later = (_page(line[name]) for name in ("earlier", "later"))
    verdicts = {
        (earlier.acts[one].id, later.acts[other].id): (how and Manner(how), weight)
        for one, other, how, weight in line["judged"]
    }
    for pair in pairs(earlier, later):
        if verdict := verdicts.get((pair.earlier.id, pair.later.id)):
            yield Judged(line["later"]["document"], pair.signs, *verdict, manner(pair))


def _page(kept: dict[str, Any]) -> Page:
    return Page(kept["text"], [Told.from_json(act) for act in kept["acts"]])


def report() -> dict[str, str]:
    """Return the tables of answers in other documents."""
    open_, kept = judged("open"), judged("kept")
    tried, shipped = cross_validated(open_, LIMITS), as_shipped(kept, weights())
    halves = (("open", tried), ("kept", shipped))
    return {
        "volumes": str(len({one.volume for one in (*open_, *kept)})),
        "table": "\n".join(table(halves, LIKELY, "likely")),
        "calibration": "\n".join(calibration(shipped, BANDS)),
    }


def main() -> None:
    """Print the tables."""
    show(report(), SIGNS, weights())


if __name__ == "__main__":
    main()
