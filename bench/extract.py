"""Measure how fast facts are found in the text of volumes.

    python -m bench.extract VOLUME…

For each volume, on one core: from TEI to N-Quads without and with facts from the text, in words
per CPU second; and the floor, the model alone over the same windows. Then all volumes at once in
two processes, against one after the other.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from ingest.build import Sources, knowing, read_context
from ingest.model import Document
from ingest.readers import read_source
from ingest.tagger import MODEL, Tagger
from ingest.volume import extractor, make_part
from ingest.windows import windows

ROOT = Path(__file__).parent.parent


class Speed(NamedTuple):
    """CPU seconds for one volume, and what was read and found."""

    words: int
    facts: int
    plain: float
    found: float
    floor: float
    memory: float  # MiB, the most that the process had

    @property
    def row(self) -> str:
        """What is told of a volume, as a row of Markdown."""
        rates = (self.words / seconds for seconds in (self.plain, self.found, self.floor))
        each = 1000 * self.facts / self.words
        return " | ".join(
            [
                f"{self.words:,}",
                f"{each:.1f}",
                *(f"{rate:,.0f}" for rate in rates),
                f"{self.memory:,.0f}",
            ]
        )


def measure(path: Path) -> Speed:
    """Read a volume three times: without facts from the text, with them, and the model alone."""
    documents = [item for item in read_source(path) if isinstance(item, Document)]
    tagger = Tagger(MODEL)
    rows = [one for document in documents for one in windows(document, tagger.tokenizer)]
    extractor(MODEL)
    plain, _ = _part(path, None)
    found, facts = _part(path, MODEL)
    started = time.process_time()
    for window in rows:
        tagger.scores(window)
    floor = time.process_time() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Speed(sum(one.words for one in documents), facts, plain, found, floor, memory)


def _part(path: Path, model: Path | None) -> tuple[float, int]:
    """Make the part of a volume; return the CPU seconds and the number of facts."""
    context, _ = read_context(
        Sources((path,), ROOT / "data/authority", ROOT / "data/curated", model)
    )
    reasoner = knowing(context)
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        report = make_part(path, Path(folder) / "part", context, reasoner)
        return time.process_time() - started, report.facts


def at_once(paths: Sequence[Path], jobs: int) -> float:
    """Return the seconds in which so many processes read volumes with facts from the text."""
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        started = time.perf_counter()
        list(pool.map(_found, paths))
        return time.perf_counter() - started


def _found(path: Path) -> int:
    return _part(path, MODEL)[1]


def main() -> None:
    """Print a table with a row a volume."""
    paths = [Path(word) for word in sys.argv[1:]]
    if not paths:
        sys.exit("Name volumes: python -m bench.extract data/volumes/*.xml")
    print(
        "| volume | words | facts per 1,000 | words/s without text | with | the model alone | MiB |"
    )
    print("|---|---|---|---|---|---|---|")
    for path in paths:
        print(f"| {path.name} | {measure(path).row} |", flush=True)
    one, two = at_once(paths, 1), at_once(paths, 2)
    print(f"\nTwo processes take {two:.1f} s, one {one:.1f} s: {one / two / 2:.0%} of twice one.")


if __name__ == "__main__":
    main()
