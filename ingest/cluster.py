"""Read volumes on a Dask cluster, by the same steps as in processes of this machine.

A task is given the bytes of a volume and gives back those of its part: workers need no disk, store
or address in common with this machine, only the same code. What all volumes are read with is kept
by each worker, and by those that come later, too. Work that a lost worker had is done again by
another; parts are put into their place here, so that none is there twice. Only a few tasks a worker
are handed out at a time: the scheduler never holds more volumes than are soon read.

What was found in the text of a document is remembered on one machine only (`acts.sqlite`).
"""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from distributed import (
    Client,
    Future,
    KilledWorker,
    Worker,
    WorkerPlugin,
    as_completed,
    get_worker,
)

from ingest import readers, tagger
from ingest.build import code_version
from ingest.errors import ClusterError
from ingest.model import Problem
from ingest.reason import Reasoner
from ingest.volume import Context, Report, make_part

AHEAD = 2
"""Volumes that wait for each thread of a worker, so that it never waits for this machine."""

PATIENCE = 60
"""Seconds to wait for the scheduler, and for the first worker."""

_NO_CODE = (
    "its scheduler or workers do not know cablegraph; install the same version there, and start "
    "them with `--preload cablegraph`"
)


@dataclass(frozen=True, slots=True)
class Task:
    """A volume to be read: its files, packed, and the persons of its own list."""

    source: str
    files: bytes
    persons: Mapping[str, str]
    code: str

    @classmethod
    def of(cls, source: Path, persons: Mapping[str, str]) -> Task:
        """Pack a volume."""
        return cls(str(source), _packed(source, readers.files_of(source)), persons, code_version())


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a volume: its report, and its part, packed; None where there is none."""

    report: str
    part: bytes | None


class Shared(WorkerPlugin):
    """What all volumes of a build are read with; each worker has it, whenever it comes."""

    idempotent = True

    def __init__(self, name: str, context: Context, reasoner: Reasoner) -> None:
        self.name = name
        self.context = replace(context, memory=None)
        self.reasoner = reasoner

    def setup(self, worker: Worker) -> None:
        """Take the model that is installed here."""
        if self.context.model:
            self.context = replace(self.context, model=tagger.MODEL)


def read_volumes(
    scheduler: str,
    volumes: Sequence[tuple[Path, Path, Mapping[str, str]]],
    context: Context,
    reasoner: Reasoner,
) -> Iterator[tuple[Path, Report]]:
    """Yield each volume with its report as soon as its part is there.

    `volumes` has each volume, the folder of its part, and the persons of its list. Raises
    ClusterError.
    """
    folders = {source: folder for source, folder, _ in volumes}
    tasks = (Task.of(source, persons) for source, _, persons in volumes)
    name = f"cablegraph-{uuid4().hex}"
    try:
        with _client(scheduler) as client:
            client.wait_for_workers(1, timeout=PATIENCE)
            for run in (client.run, client.run_on_scheduler):
                run(exec, "import ingest.cluster")  # What we send cannot be read without it.
            client.register_plugin(Shared(name, context, reasoner), name=name)
            try:
                for source, made in _made(client, name, tasks):
                    if made.part is not None:
                        _put(made.part, folders[source])
                    yield source, Report.from_json(made.report)
            finally:
                client.unregister_worker_plugin(name)
    except ModuleNotFoundError as error:
        raise ClusterError(f"{scheduler}: {_NO_CODE} ({error})") from error
    except (OSError, TimeoutError) as error:
        message = f"no scheduler with a worker answers there in {PATIENCE} s ({error})"
        raise ClusterError(f"{scheduler}: {message}") from error


def _client(scheduler: str) -> Client:
    return Client(scheduler, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]


def _made(client: Client, name: str, tasks: Iterator[Task]) -> Iterator[tuple[Path, Made]]:
    """Yield what was made of each volume, a few of them ahead of whoever takes it."""
    running: dict[Any, Path] = {}
    finished: Any = as_completed(loop=client.loop)  # type: ignore[no-untyped-call]

    def hand_out() -> None:
        room = (1 + AHEAD) * max(1, _threads(client))
        while len(running) < room and (task := next(tasks, None)):
            future = client.submit(make, name, task, pure=False, key=f"read-{uuid4().hex}")
            running[future.key] = Path(task.source)
            finished.add(future)

    hand_out()
    for future in finished:
        source = running.pop(future.key)
        made = _result(future, source)
        future.release()
        hand_out()
        yield source, made


def _threads(client: Client) -> int:
    threads: dict[str, int] = client.nthreads()  # type: ignore[no-untyped-call]
    return sum(threads.values())


def _result(future: Future[Made], source: Path) -> Made:
    try:
        return future.result()
    except KilledWorker:
        message = "reading was cut short: workers were lost again and again, perhaps for memory"
        problem = Problem(str(source), None, f"{message}; build again", "killed")
        return Made(Report(str(source), problems=[problem]).to_json(), None)


def make(name: str, task: Task) -> Made:
    """Read a volume in a worker of a cluster."""
    if task.code != code_version():
        raise ClusterError(f"a worker has another version of cablegraph: {get_worker().address}")
    shared: Any = get_worker().plugins[name]
    return part_of(task, shared.context, shared.reasoner)


def part_of(task: Task, context: Context, reasoner: Reasoner) -> Made:
    """Read a volume in a folder that is then removed; return its part as it would be elsewhere."""
    source = Path(task.source).absolute()
    with TemporaryDirectory() as scratch:
        copy = Path(scratch, source.parent.name, source.name)
        part = Path(scratch, "part")
        _unpack(task.files, copy.parent)
        report = make_part(copy, part, replace(context, persons=task.persons), reasoner)
        # Both as JSON writes them: what is told of the copy is told of the original.
        told = _quoted(report.to_json(), str(copy), task.source)
        if report.volume is None:
            return Made(told, None)
        (part / "report.json").write_text(told, encoding="utf-8")
        return Made(told, _packed(part, sorted(part.iterdir())))


def _quoted(text: str, old: str, new: str) -> str:
    was, becomes = (json.dumps(words, ensure_ascii=False)[1:-1] for words in (old, new))
    return text.replace(was, becomes)


def _packed(root: Path, files: Iterable[Path]) -> bytes:
    """Pack files by their names behind the folder that a file or folder is in."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for file in files:
            archive.add(file, str(file.relative_to(root.parent)))
    return packed.getvalue()


def _unpack(packed: bytes, folder: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")


def _put(packed: bytes, folder: Path) -> None:
    """Put a part into its place, as `make_part` does; one that is there already stays."""
    making = folder.with_name(f"{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    _unpack(packed, making)
    if not folder.exists():
        (making / "part").rename(folder)
    shutil.rmtree(making, ignore_errors=True)
