"""Time the build of volumes, beside what it cannot be faster than, and beside a peer.

    python -m bench.ingest FOLDER [JOBS]

FOLDER holds volumes (.xml or .xml.gz). For one, ten and all of them, in the same run: the
floor (lxml reading the same files, an element at a time, and doing nothing), the bulk load of
the finished N-Quads by pyoxigraph, and the whole build. At last an rdflib Dataset is filled
and serialised with the quads of one volume. Sizes are those of the XML, unpacked.
"""

from __future__ import annotations

import gzip
import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from unittest.mock import patch

from lxml import etree
from rdflib import Dataset

from ingest.build import Outcome, Sources, build, knowing, read_context
from ingest.nquads import load_store
from ingest.reason import Reasoner
from ingest.volume import GRAPH, make_part

DATA = Path(__file__).parent.parent / "data"
TEI = "{http://www.tei-c.org/ns/1.0}"
Made = TypeVar("Made")


def read_only(path: Path) -> int:
    """Read a volume by lxml, free each document, and return the size of its XML in bytes."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        for _, node in etree.iterparse(file, tag=TEI + "div", huge_tree=True):
            if node.get("type") == "document":
                node.clear()
        return file.tell()


def timed(make: Callable[[], Made]) -> tuple[Made, float]:
    """Return what a function makes, and the seconds of wall time that it takes."""
    start = time.perf_counter()
    made = make()
    return made, time.perf_counter() - start


def floor(paths: Sequence[Path], jobs: int) -> int:
    """Read volumes in several processes and do nothing; return their size."""
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        return sum(pool.map(read_only, paths))


def load(outcome: Outcome, folder: Path) -> int:
    """Load the N-Quads of a build as it does, and return how many there are."""
    parts = sorted((outcome.folder.parents[1] / "parts").glob(f"*/*/{GRAPH}"))
    store, seconds = timed(lambda: load_store(folder / "loaded", parts))
    print(f"  bulk load by pyoxigraph {seconds:8.1f} s  {len(store) / seconds:10,.0f} quads/s")
    return len(store)


def by_rdflib(outcome: Outcome) -> None:
    """Fill an rdflib Dataset with the quads of the first volume, and write it out again."""
    part = min((outcome.folder.parents[1] / "parts").glob(f"*/*/{GRAPH}"))

    def fill_and_write() -> int:
        data = Dataset()
        data.parse(data=quads, format="nquads")
        return len(data.serialize(format="nquads"))

    quads = gzip.decompress(part.read_bytes()).decode()
    _, seconds = timed(fill_and_write)
    print(f"rdflib, {quads.count(chr(10)):,} quads of one volume, in and out: {seconds:.1f} s")


def reasoning(path: Path, folder: Path) -> None:
    """Print which share of the time to make a part goes into reasoning."""
    context, _ = read_context(Sources((path,), DATA / "authority", DATA / "curated"))
    informed, spent = knowing(context), 0.0

    def watched(method: Callable[..., Made]) -> Callable[..., Made]:
        def call(*arguments: Any) -> Made:
            nonlocal spent
            made, seconds = timed(lambda: method(*arguments))
            spent += seconds
            return made

        return call

    with ExitStack() as patched:
        for name in ("knowing", "conclude", "bridges"):
            new = watched(getattr(Reasoner, name))
            patched.enter_context(patch.object(Reasoner, name, new))
        report, whole = timed(lambda: make_part(path, folder / "reasoned", context, informed))
    print(
        f"reasoning, {report.documents} documents of {path.name}: {spent / whole:.0%} of the time"
    )


def measure(paths: Sequence[Path], jobs: int) -> Outcome:
    """Print the floor, the build and the load of some volumes."""
    size, bare = timed(lambda: floor(paths, jobs))
    with TemporaryDirectory() as name:
        folder = Path(name)
        sources = Sources(tuple(paths), DATA / "authority", DATA / "curated")
        outcome, whole = timed(lambda: build(sources, folder / "graph", jobs=jobs))
        totals = outcome.totals
        print(f"{len(paths)} volumes, {size / 1e6:.0f} MB, {totals['documents']:,} documents")
        print(f"  floor: lxml             {bare:8.1f} s  {size / 1e6 / bare:10.1f} MB/s")
        print(f"  build, load included    {whole:8.1f} s  {size / 1e6 / whole:10.1f} MB/s")
        print(f"                          {totals['documents'] / whole:10,.0f} documents/s")
        print(f"                          {totals['quads'] / whole:10,.0f} quads/s")
        load(outcome, folder)
        reasoning(max(paths, key=lambda path: path.stat().st_size), folder)
        if len(paths) == 1:
            by_rdflib(outcome)
    return outcome


def main() -> None:
    """Measure one, ten and all volumes of a folder."""
    folder, jobs = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2
    paths = sorted(path for path in folder.iterdir() if path.name.endswith((".xml", ".xml.gz")))
    for number in sorted({1, min(10, len(paths)), len(paths)}):
        measure(paths[:: len(paths) // number][:number], jobs)
    for who, name in ((resource.RUSAGE_SELF, "this"), (resource.RUSAGE_CHILDREN, "largest other")):
        print(f"peak memory of {name} process: {resource.getrusage(who).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
