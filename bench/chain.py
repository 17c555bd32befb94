"""Measure how long chaining takes on 2 processes: what answers what, and which document which.

    python -m bench.chain STORE

STORE is a data set with facts, such as `python -m bench.crowd` builds. Its parts are read: 10 that
are spread over them, then all. Answers in one document are found by two processes, as when parts
are made, with the time to read the acts from the part, which then are there. Citations and threads,
and answers in other documents, are found afterwards by one process. What is printed is a table for
bench/RESULTS.md.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from ingest.chains import joined
from ingest.replies import Shelf, replies
from ingest.responses import responses, weights

PROCESSES, FEW = 2, 10


class Took(NamedTuple):
    """How many parts and acts there were, and the seconds that each stage took."""

    parts: int
    acts: int
    answers: float
    threads: float
    replies: float

    @property
    def whole(self) -> float:
        """The seconds of all stages."""
        return self.answers + self.threads + self.replies


def acts_answered(side: Path) -> int:
    """Find the answers in the documents of a part; return how many acts it has."""
    with closing(sqlite3.connect(side)) as db:
        documents = [one for (one,) in db.execute("SELECT DISTINCT document FROM fact")]
    shelf, acts = Shelf.of([side]), 0
    for document in documents:
        told = shelf.page(document).acts
        acts += len(told)
        for _ in responses(told, weights()):
            pass
    return acts


def chained(parts: Sequence[Path]) -> Took:
    """Chain what some parts hold."""
    sides = sorted((part / "side.sqlite" for part in parts), key=os.path.getsize, reverse=True)
    times = [time.perf_counter()]
    with ProcessPoolExecutor(PROCESSES) as pool:
        acts = sum(pool.map(acts_answered, sides))
    times.append(time.perf_counter())
    steps = joined(parts).steps.values()
    times.append(time.perf_counter())
    for _ in replies(steps, sides):
        pass
    times.append(time.perf_counter())
    took = (end - start for start, end in pairwise(times))
    return Took(len(parts), acts, *took)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parts = sorted(parser.parse_args().store.glob("parts/*/*"))
    print("| volumes | acts | answers | threads | in other documents | all | acts/s |")
    print("|---|---|---|---|---|---|---|")
    for some in (parts[:: max(1, len(parts) // FEW)][:FEW], parts):
        one = chained(some)
        seconds = " | ".join(f"{each:.1f} s" for each in (*one[2:], one.whole))
        print(f"| {one.parts} | {one.acts:,} | {seconds} | {one.acts / one.whole:,.0f} |")


if __name__ == "__main__":
    main()
