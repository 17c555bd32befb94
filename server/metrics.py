"""Numbers for Prometheus: how often, how long, how much, and what is going on just now.

No label has a value that a client chooses: routes are named by their patterns, outcomes by the
kinds of problems. What is going on is read when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from server.versions import Versions

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The numbers of one service."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Histogram(
            "cablegraph_request_seconds",
            "Time from a request to the end of its answer.",
            ("route", "outcome"),
            registry=self._registry,
            buckets=SECONDS,
        )
        self.sent_bytes = self._counter("sent_bytes", "Bytes of bodies that were sent.")
        self.answers = self._counter("answers", "Answers to SPARQL queries.", "source")
        self.worker_seconds = self._counter("worker_seconds", "Time for which workers were lent.")
        self.ended = self._counter("workers_ended", "Worker processes that ended.", "cause")
        ProcessCollector(registry=self._registry)
        self._file: Path | None = None

    def watch(self, versions: Versions) -> None:
        """Tell what is going on in these versions."""
        self._registry.register(_Now(versions))

    def share(self, folder: Path, process: int) -> None:
        """Be those of one of several processes, which find each other's in this folder."""
        self._file = folder / f"{process}.prom"

    @property
    def is_shared(self) -> bool:
        """Whether other processes show these numbers."""
        return self._file is not None

    def write(self) -> None:
        """Write the numbers to where the other processes find them."""
        if self._file is not None:
            new = self._file.with_suffix(".new")
            new.write_bytes(generate_latest(self._registry))
            new.replace(self._file)

    def text(self) -> bytes:
        """Write all numbers in the format of Prometheus; of several processes, those of each."""
        if self._file is None:
            return generate_latest(self._registry)
        self.write()
        return generate_latest(_Joined(self._file.parent))

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"cablegraph_{name}", what, labels, registry=self._registry)


class _Now(Collector):
    """Reads what is going on."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions

    def collect(self) -> Iterator[Metric]:
        """Give the numbers of this moment."""
        current = self._versions.current
        opened = self._versions.opened
        pools = [version.pool for version in opened]
        yield _gauge("queue_length", "Queries that wait.", sum(each.waiting for each in pools))
        yield _gauge("workers_busy", "Workers that are lent.", sum(each.lent for each in pools))
        yield _gauge("workers", "Worker processes.", sum(len(each.pids) for each in pools))
        kept = sum(version.memory.size for version in opened)
        yield _gauge("memory_bytes", "Bytes of finished answers.", kept)
        yield _gauge("versions_open", "Versions of the data set that are open.", len(opened))
        problem = self._versions.problem is not None
        yield _gauge("data_set_problem", "1 if the newest version cannot be opened.", problem)
        other = current.stated is not None and current.stated.problem is not None
        yield _gauge("store_problem", "1 if another server has not the version served.", other)
        served = GaugeMetricFamily(
            "cablegraph_data_set", "The version that is served.", labels=("version", "built")
        )
        served.add_metric((current.name, current.data_set.built), 1)
        yield served


class _Joined(Collector):
    """Reads what several processes have written; the label `process` tells them apart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        """Give the numbers of all processes, each kind once."""
        families: dict[str, Metric] = {}
        for file in sorted(self._folder.glob("*.prom")):
            for found in text_string_to_metric_families(file.read_text(encoding="utf-8")):
                metric = Metric(found.name, found.documentation, found.type)
                family = families.setdefault(found.name, metric)
                for sample in found.samples:
                    labels = {**sample.labels, "process": file.stem}
                    family.add_sample(sample.name, labels, sample.value)
        yield from families.values()


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"cablegraph_{name}", what, value=float(value))
