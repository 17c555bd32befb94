"""A build on a cluster is the build of one machine, whatever becomes of its workers."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from distributed import Client

from ingest.build import Outcome, Sources, build
from ingest.errors import ClusterError
from ingest.remote import Folder
from ingest.shards import write
from tests.ingest.folders import VOLUME, copied
from tests.stores import free_port

VOLUMES = 12


def sources_in(folder: Path) -> Sources:
    """Copy the sample a dozen times, under other names, with a file that is no volume."""
    sources = copied(folder)
    text = (folder / VOLUME).read_text(encoding="utf-8")
    for number in range(1, VOLUMES):
        name = f"frus1945v{number:02}"
        path = folder / "sample" / f"{name}.xml"
        path.write_text(text.replace("frus1945Malta", name), encoding="utf-8")
    (folder / "sample" / "bad.xml").write_text("<TEI", encoding="utf-8")
    return sources


class Cluster:
    """A scheduler and workers, each in a process of its own."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack, self._folder = stack, folder
        self.address = f"tcp://127.0.0.1:{free_port()}"
        port = self.address.rpartition(":")[2]
        words = f"--host 127.0.0.1 --port {port} --no-dashboard --preload cablegraph"
        self._start("scheduler", *words.split())

    def worker(self) -> subprocess.Popen[bytes]:
        """Start a worker with one thread, without a nanny that would start it again."""
        words = "--no-nanny --no-dashboard --nthreads 1 --preload cablegraph --local-directory"
        return self._start("worker", self.address, *words.split(), str(self._folder))

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]],
            stderr=subprocess.DEVNULL,
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with ExitStack() as stack:
        yield Cluster(stack, tmp_path / "workers")


@contextmanager
def client(cluster: Cluster) -> Iterator[Client]:
    """Watch a cluster."""
    with Client(cluster.address, timeout=300, set_as_default=False) as watching:
        yield watching


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sources, Outcome, dict[str, bytes]]:
    """The build of this machine, and its shards."""
    folder = tmp_path_factory.mktemp("local")
    sources = sources_in(folder / "data")
    outcome = build(sources, folder / "graph", jobs=1)
    return sources, outcome, shards(outcome, folder)


def shards(outcome: Outcome, folder: Path) -> dict[str, bytes]:
    """Write the shards of a build, and give all their files."""
    write(outcome.folder, Folder(str(folder / "shards")))
    files = (path for path in (folder / "shards").rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def parts(store: Path) -> dict[str, bytes]:
    """Give all files of all parts."""
    found = (path for path in (store / "parts").rglob("*") if path.is_file())
    return {str(path.relative_to(store)): path.read_bytes() for path in found}


def test_a_build_that_loses_a_worker_has_the_bytes_of_a_build_on_one_machine(
    local, cluster, tmp_path
):
    """Three workers, of which one is killed when the first volume is there."""
    sources, here, expected = local
    workers = [cluster.worker() for _ in range(3)]
    killed: list[int] = []

    def kill_one(stage: str, done: int, total: int) -> None:
        if 0 < done < total and not killed:
            workers[0].kill()
            killed.append(done)

    with client(cluster) as watching:
        watching.wait_for_workers(3, timeout=300)
        there = build(sources, tmp_path / "graph", scheduler=cluster.address, progress=kill_one)
        assert len(killed) == 1
        while len(watching.scheduler_info()["workers"]) > 2:
            time.sleep(0.1)
    assert shards(there, tmp_path) == expected
    assert parts(tmp_path / "graph") == parts(here.folder.parents[1])
    assert (there.version, there.totals) == (here.version, here.totals)
    assert there.problems == here.problems
    assert sorted(map(str, there.reports)) == sorted(map(str, here.reports))


def test_a_worker_that_comes_late_is_given_work(local, cluster, tmp_path):
    """The only worker is killed, and all that is left falls to one that did not exist before."""
    sources, _, expected = local
    first = cluster.worker()
    seen: list[int] = []

    def replace_it(stage: str, done: int, total: int) -> None:
        if 0 < done < total and not seen:
            first.kill()
            cluster.worker()
            seen.append(done)

    there = build(sources, tmp_path / "graph", scheduler=cluster.address, progress=replace_it)
    assert shards(there, tmp_path) == expected


def test_without_a_scheduler_there_is_one_clear_error(local, tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.cluster.PATIENCE", 1)
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(ClusterError, match=rf"{address}: no scheduler with a worker answers"):
        build(local[0], tmp_path / "graph", scheduler=address)


def test_a_worker_with_other_code_is_told(local, cluster, tmp_path, monkeypatch):
    cluster.worker()
    monkeypatch.setattr("ingest.cluster.code_version", lambda: "other")
    with pytest.raises(ClusterError, match="a worker has another version of cablegraph: tcp://"):
        build(local[0], tmp_path / "graph", scheduler=cluster.address)
