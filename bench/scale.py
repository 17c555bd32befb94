"""How time, memory and disk grow with the number of documents, and what three million would take.

    python -m bench.scale VOLUME... [--sizes 1,4,16] [--jobs 2] [--cluster]

Larger corpora are made of the volumes given: copies in which all years are moved by four, so that
numbers of telegrams begin anew, and in which the lists of persons are changed. A person stays the
same in one, two, four or eight copies after each other, as people serve for some years; then
somebody else takes the place, in every third case with the surname of another on the list. The rule
is seeded: the same volumes are the same corpora.

Each size is built in a process of its own, and what it does after reading is done in turn, so that
each stage has its own time, of one core, and its own peak of memory. Then the middle size is read
by one process and by two, and with --cluster by as many workers of a Dask cluster: this takes a
machine that has nothing else to do.
"""

from __future__ import annotations

import argparse
import gzip
import math
import re
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import linear_regression
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from ingest import build as building
from ingest.build import Sources, build
from ingest.remote import Folder
from ingest.shards import write

DATA = Path(__file__).parents[1] / "data"
YEARS = 4
"""By so many years each copy is later than the one before: leap days stay."""
EARLIEST = 1810
LARGE = (3_000_000, 300_000_000)
"""Documents to be looked ahead to: the State Department's cables of 1973-79, and a hundred such."""

_YEAR = re.compile(r"(?<![\d-])(1[89]\d\d)(?=(?:-\d\d){0,2}\b)")
_LISTED = re.compile(r'(<persName xml:id="[^"]+">)([^<,]+)(,?)([^<]*)(?=</persName>)')

STAGES = {
    "lists": ("lists_of",),
    "unify": ("all_persons",),
    "read": ("_make_parts",),
    "links and lives": ("_linked",),
    "threads": ("joined",),
    "meetings": ("met",),
    "what joins": ("_write_shared",),
    "index": ("side.assemble",),
    "RDF store": ("nquads.load_store",),
    "VoID": ("description",),
    "downloads": ("downloads.write",),
}
"""The functions of `ingest.build` that a build spends its time in, by what they are for."""


# Corpora


def corpus(volumes: Sequence[Path], times: int, folder: Path) -> list[Path]:
    """Write a corpus of so many times the documents."""
    found = []
    for path in volumes:
        name = path.name.partition(".xml")[0]
        text = gzip.decompress(path.read_bytes()).decode()
        for copy in range(times):
            new = folder / f"{name}x{copy:02}.xml.gz"
            varied = _moved(_renamed(text, name, copy), copy).replace(name, f"{name}x{copy:02}")
            new.write_bytes(gzip.compress(varied.encode(), 1, mtime=0))
            found.append(new)
    return found


def _moved(text: str, copy: int) -> str:
    """Move all years, to and fro around those of the original."""
    by = YEARS * ((copy + 1) // 2) * (-1 if copy % 2 else 1)
    return _YEAR.sub(lambda year: str(max(EARLIEST, int(year[1]) + by)), text)


def _renamed(text: str, name: str, copy: int) -> str:
    """Change the persons of a volume's list."""
    surnames = [found[2] for found in _LISTED.finditer(text)]

    def changed(found: re.Match[str]) -> str:
        start, surname, comma, given = found.groups()
        serves = 1 << Random(f"{name} {start}").randrange(4)  # copies
        if not copy // serves:
            return found[0]
        chance = Random(f"{name} {start} {copy // serves}")
        other = chance.choice(surnames) if chance.random() < 1 / 3 else _spelled(surname, chance)
        return f"{start}{other}{comma}{_spelled(given, chance)}"

    return _LISTED.sub(changed, text)


def _spelled(name: str, chance: Random) -> str:
    """Change vowels and consonants of a name, but not its initials: "Dean G." -> "Duan G."."""
    return re.sub(r"(?<=\w)[a-z]", lambda found: _letter(found[0], chance), name)


def _letter(letter: str, chance: Random) -> str:
    if chance.random() < 0.5:
        return letter
    return chance.choice("aeiou" if letter in "aeiou" else "bdfgklmnprst")


# Measuring


@dataclass(slots=True)
class Measured:
    """What a build took: seconds of one core and MB of each stage, and how much there is."""

    documents: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    peak: dict[str, float] = field(default_factory=dict)
    megabytes: dict[str, float] = field(default_factory=dict)


class _Watch:
    """Takes the time and the largest memory of stages, of which one runs at a time."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.peak: dict[str, float] = {}
        self._stage = ""
        self._done = threading.Event()

    def __enter__(self) -> _Watch:
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.02):
            stage = self._stage
            self.peak[stage] = max(self.peak.get(stage, 0), _memory())

    def watched(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that is a stage."""

        def call(*arguments: Any, **named: Any) -> Any:
            outer, self._stage = self._stage, stage
            started, before = time.process_time(), sum(self.seconds.values())
            try:
                return function(*arguments, **named)
            finally:
                inner = sum(self.seconds.values()) - before
                own = time.process_time() - started - inner
                self.seconds[stage] = self.seconds.get(stage, 0) + own
                self.peak[stage] = max(self.peak.get(stage, 0), _memory())
                self._stage = outer

        return call


def _memory() -> float:
    """Return the memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


class _InTurn:
    """An executor that does what it is given at once, so that no stage runs beside another."""

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> _InTurn:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Do it."""
        done: Future[Any] = Future()
        done.set_result(function(*arguments))
        return done


def measured(volumes: Sequence[Path], folder: Path, jobs: int) -> Measured:
    """Build some volumes and take the time and memory of each stage."""
    with ExitStack() as stack:
        watch = stack.enter_context(_Watch())
        stack.enter_context(patch.object(building, "ThreadPoolExecutor", _InTurn))
        for stage, names in STAGES.items():
            for name in names:
                owner, _, last = f"ingest.build.{name}".rpartition(".")
                target = sys.modules[owner] if owner in sys.modules else _part(owner)
                new = watch.watched(stage, getattr(target, last))
                stack.enter_context(patch.object(target, last, new))
        outcome = watch.watched("the rest", build)(_sources(volumes), folder, jobs=jobs)
        watch.watched("shards", write)(outcome.folder, Folder(str(folder / "shards")))
    found = Measured(outcome.totals["documents"], watch.seconds, watch.peak)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    found.seconds["read"] += children.ru_utime + children.ru_stime
    found.seconds["everything"] = sum(found.seconds.values())
    found.peak["a worker"] = children.ru_maxrss / 1024
    for name, path in {
        "parts": folder / "parts",
        "index": outcome.folder / "side.sqlite",
        "RDF store": outcome.folder / "store",
        "shards": folder / "shards",
    }.items():
        found.megabytes[name] = _size(path) / 1e6
    return found


def _part(owner: str) -> Any:
    return getattr(building, owner.removeprefix("ingest.build."))


def _sources(volumes: Sequence[Path]) -> Sources:
    return Sources(tuple(volumes), DATA / "authority", DATA / "curated")


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a process of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def read_seconds(volumes: Sequence[Path], jobs: int, scheduler: str | None) -> float:
    """Return how long it takes to read some volumes, by processes or on a cluster."""
    seconds = 0.0

    def timed(*arguments: Any) -> Any:
        nonlocal seconds
        started = time.perf_counter()
        made = make_parts(*arguments)
        seconds = time.perf_counter() - started
        return made

    make_parts = building._make_parts
    with TemporaryDirectory() as folder, patch.object(building, "_make_parts", timed):
        build(_sources(volumes), Path(folder), jobs=jobs, scheduler=scheduler)
    return seconds


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """Run a Dask cluster on this machine."""
    address, program = "tcp://127.0.0.1:8797", [sys.executable, "-m"]
    known = ["--no-dashboard", "--preload", "cablegraph"]
    commands = [["distributed.cli.dask_scheduler", "--port", "8797", "--host", "127.0.0.1", *known]]
    worker = ["distributed.cli.dask_worker", address, "--no-nanny", "--nthreads", "1", *known]
    commands += [worker] * workers
    with ExitStack() as stack, TemporaryDirectory() as scratch:
        for command in commands:
            process = subprocess.Popen([*program, *command], cwd=scratch, stderr=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.kill)
        from distributed import Client

        with Client(address, timeout=60, set_as_default=False) as client:  # type: ignore[no-untyped-call]
            client.wait_for_workers(workers, timeout=60)
        yield address


# Telling


LEAST = 0.5
"""Seconds of the largest size from which on it is said how a stage grows."""


def exponent(documents: Sequence[int], values: Sequence[float]) -> float:
    """Return the power of the number of documents with which something grows."""
    logs = [[math.log(max(value, 1e-3)) for value in each] for each in (documents, values)]
    return linear_regression(*logs).slope


def table(found: Sequence[Measured], of: str, unit: str) -> None:
    """Print what each stage took, and how it grows."""
    documents = [one.documents for one in found]
    print(f"\n| {unit} | " + " | ".join(f"{n:,}" for n in documents) + " | grows by |")
    print("|---" * (len(found) + 2) + "|")
    for name in getattr(found[-1], of):
        values = [getattr(one, of).get(name, 0.0) for one in found]
        told = " | ".join(f"{value:.1f}" for value in values)
        grows = "–" if values[-1] < LEAST else f"{exponent(documents, values):.2f}"
        print(f"| {name} | {told} | {grows} |")


def ahead(found: Sequence[Measured]) -> None:
    """Print what larger collections would take, by how it grew so far; at least in proportion."""
    print("\n| | " + " | ".join(f"{n:,} documents" for n in LARGE) + " |\n|---|---|---|")
    for of, words, scale in (("seconds", "hours of a core", 3600), ("megabytes", "GB", 1000)):
        for name, value in getattr(found[-1], of).items():
            if value >= LEAST:
                told = (f"{one / scale:,.1f}" for one in _ahead(found, of, name, value))
                print(f"| {name}, {words} | " + " | ".join(told) + " |")
    told = (f"{each / 1000:,.1f}" for each in _memory_ahead(*found[-2:]))
    print("| memory of the machine that builds, GB | " + " | ".join(told) + " |")


def _memory_ahead(before: Measured, last: Measured) -> Iterator[float]:
    """Yield MB in proportion to what the last step of sizes added, workers left out."""
    most, less = (
        max(value for name, value in one.peak.items() if name != "a worker")
        for one in (last, before)
    )
    each = (most - less) / (last.documents - before.documents)
    yield from (most + each * (n - last.documents) for n in LARGE)


def _ahead(found: Sequence[Measured], of: str, name: str, value: float) -> Iterator[float]:
    documents = [one.documents for one in found]
    power = max(1.0, exponent(documents, [getattr(one, of).get(name, 0.0) for one in found]))
    yield from (value * (n / documents[-1]) ** power for n in LARGE)


def main() -> None:
    """Measure all sizes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("volumes", nargs="+", type=Path)
    parser.add_argument("--sizes", default="1,4,16")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cluster", action="store_true")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    found: list[Measured] = []
    for size in sizes:
        with TemporaryDirectory() as folder:
            volumes = corpus(options.volumes, size, Path(folder))
            store = Path(folder) / "graph"
            found.append(apart(measured, volumes, store, options.jobs))
            if size == sizes[len(sizes) // 2]:
                compare(volumes, options.jobs, options.cluster)
    table(found, "seconds", "seconds")
    table(found, "peak", "MB of memory at most")
    table(found, "megabytes", "MB on disk")
    ahead(found)


def compare(volumes: Sequence[Path], jobs: int, with_cluster: bool) -> None:
    """Print how much faster several workers are than one."""
    one, several = (apart(read_seconds, volumes, number, None) for number in (1, jobs))
    print(f"read by one process {one:.1f} s, by {jobs} {several:.1f} s: {one / several:.2f} times")
    for number in (1, jobs) if with_cluster else ():
        with cluster(number) as address:
            seconds = apart(read_seconds, volumes, 1, address)
        print(f"read by {number} workers of a cluster {seconds:.1f} s")


if __name__ == "__main__":
    main()
