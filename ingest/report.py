"""What became of each volume: how much is in the graph, what is not known of it, and why.

A build leaves the report beside the data set; nothing that was lost is told only once.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dataset
from ingest.model import Kind, Problem

COLUMNS = (
    "without date",
    "without sender",
    "mentions of no entry",
    "references to no document",
)
"""The counts of a volume that the table shows."""
KINDS = tuple(kind.value for kind in Kind)


class NoReport(Exception):
    """There is no data set, or it has no report."""


def read_report(store: Path) -> dict[str, Any]:
    """Return the report of the version that is served.

    Raises NoReport, with what to do.
    """
    folder = dataset.current(store)
    if folder is None or not (folder / "report.json").exists():
        raise NoReport(f"{store}: there is no report; run `cablegraph build`")
    report: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return report


def table(report: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield a head, a row a volume and the sums, as text."""
    names = ("documents", "facts", *COLUMNS)
    yield ("volume", *names)
    for volume, counts in _counted(report):
        yield (volume, *(str(counts.get(name, 0)) for name in names))


def facts(report: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield a head, a row a volume and the sums: facts by kind, and in 1,000 words, as text."""
    yield ("volume", "words", *KINDS, "in 1,000 words")
    for volume, counts in _counted(report):
        rate = 1000 * counts["facts"] / counts["words"] if counts["words"] else 0
        yield (volume, *(str(counts[name]) for name in ("words", *KINDS)), f"{rate:.1f}")


def _counted(report: dict[str, Any]) -> Iterator[tuple[str, Counter[str]]]:
    """Yield each volume with its counts, and at last all."""
    sums: Counter[str] = Counter()
    for volume in report["volumes"]:
        whole = {name: volume[name] for name in ("documents", "facts")}
        counts = Counter(whole | volume["counts"])
        sums.update(counts)
        yield volume["volume"] or volume["file"], counts
    yield "all", sums


def problems(report: dict[str, Any], volume: str | None = None) -> list[Problem]:
    """Return the problems of a report, those that lost something first; of a volume, if named."""
    found = [Problem(**problem) for problem in report["problems"]]
    of_volume = [p for p in found if volume is None or volume in Path(p.file).name]
    return sorted(of_volume, key=lambda problem: not problem.fatal)
