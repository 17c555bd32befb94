"""The worker processes that answer queries: few, busy with one query each, and killable.

Whatever goes wrong, the remedy is the same: the process is killed and a fresh one takes its
place. That holds for a query that runs too long, uses too much memory or crashes, for a
client that leaves, and for a process that has served long enough. `server.lending` says whose
turn it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from server.clients import CLIENT
from server.errors import (
    AppError,
    DataSetUnreadable,
    QueryCrashed,
    QueryMemory,
    QueryTimeout,
    Stopping,
)
from server.jobs import DATA, FAIL, FRAME, LAST, Endpoint, Job, line_of, unpack_error
from server.lending import Lending, Loan
from server.recent import Recent
from server.settings import Settings
from server.usage import Usage

log = logging.getLogger(__name__)

PARTS = Path(__file__).parents[1]

MOMENT = 1.0
"""Seconds after which a query counts as slow."""

MOST_SLOW = 10_000
"""Slow queries that are remembered at a time."""


class WorkerEnded(Exception):
    """The process ended, or was killed, while something was expected of it."""


class Worker:
    """One worker process and the pipes to it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._jobs = process.stdin
        self._frames = process.stdout
        self.served = 0
        self.busy = False
        self.overdue = False
        self._doomed = False

    @classmethod
    async def start(cls, *words: str) -> Worker:
        """Start a process: the name of its program, and the words that it is told."""
        path = os.pathsep.join(filter(None, [str(PARTS), os.environ.get("PYTHONPATH")]))
        return cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", *words),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": path, "RUST_BACKTRACE": "0"},
            )
        )

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process has not ended, and is not about to."""
        return self._process.returncode is None and not self._doomed

    async def open(self, store: Path | Endpoint) -> None:
        """Have the process open a store, in place of the one before; kill it if it cannot."""
        try:
            await self._write(line_of(store))
            await self.frame()
        except BaseException:
            self.kill()
            await self.ended()
            raise

    async def send(self, *lines: bytes) -> None:
        """Give the process a job."""
        self.served += 1
        self.busy = True
        await self._write(*lines)

    async def _write(self, *lines: bytes) -> None:
        self._jobs.writelines(lines)
        try:
            await self._jobs.drain()
        except ConnectionError as error:
            raise WorkerEnded from error

    async def frame(self) -> tuple[bytes, bytes]:
        """Read the next frame; a frame that reports an error is raised as that error."""
        try:
            kind, length = FRAME.unpack(await self._frames.readexactly(FRAME.size))
            content = await self._frames.readexactly(length)
        except EOFError as error:
            raise WorkerEnded from error
        if kind in (LAST, FAIL):
            self.busy = False
        if kind == FAIL:
            raise unpack_error(content)
        return kind, content

    def expire(self) -> None:
        """Kill the process because its query took too long."""
        self.overdue = True
        self.kill()

    def kill(self) -> None:
        """Kill the process, if it has not ended, and do not read what it had still to say.

        asyncio tells the end of a process only after that of its pipes (until Python 3.12), and
        a pipe that is full and that nobody reads never ends: it is closed here.
        """
        # Not Process.kill: that may collect the exit status before asyncio does (Python 3.11).
        self._doomed = True
        with contextlib.suppress(ProcessLookupError):
            if self._process.returncode is None:
                os.kill(self.pid, signal.SIGKILL)
        transport = self._process._transport  # type: ignore[attr-defined]  # nothing public has it
        if pipe := transport.get_pipe_transport(1):
            pipe.close()

    async def dismiss(self) -> None:
        """End the process: an idle one by the end of its input."""
        self._jobs.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.ended(), 0 if self.busy else 2)
        self.kill()
        await self.ended()

    async def ended(self) -> int:
        """Wait for the end of the process; give its exit status, negative for a signal."""
        return await self._process.wait()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer whose first part has come: its format is known, and whether there is more.

    `coding` is its content coding, or empty. `whole` is the answer, if its first part is also
    the last. `parts` gives all of them. The next is read when it is asked for; until then the
    worker waits.
    """

    media_type: str
    coding: str
    whole: bytes | None
    parts: Callable[[], AsyncIterator[bytes]]

    @classmethod
    def of(cls, media_type: str, coding: str, whole: bytes) -> Answer:
        """Make an answer of what is known as a whole."""
        return cls(media_type, coding, whole, partial(_parts, whole, None))


class Spare:
    """Processes that have served a version which is served no more, and can open another one.

    To start a process takes longer than all else when a version follows another, as it does with
    each update.
    """

    def __init__(self, settings: Settings) -> None:
        """Keep as many as serve a version, where updates are allowed; elsewhere none."""
        self._most = settings.workers if settings.update_token_file else 0
        self._workers: list[Worker] = []

    def put(self, worker: Worker) -> bool:
        """Keep a process if there is a use for it; say whether it is kept."""
        is_kept = worker.alive and not worker.busy and len(self._workers) < self._most
        if is_kept:
            self._workers.append(worker)
        return is_kept

    async def take(self, store: Path | Endpoint) -> Worker | None:
        """Give a process that has opened this store; None if there is none."""
        while self._workers:
            worker = self._workers.pop()
            if worker.alive:
                with contextlib.suppress(WorkerEnded):
                    await worker.open(store)
                    return worker
        return None

    async def stop(self) -> None:
        """End the processes."""
        workers, self._workers = self._workers, []
        await asyncio.gather(*(worker.dismiss() for worker in workers))


class Pool:
    """The worker processes over one store."""

    def __init__(
        self,
        source: Path | Endpoint,
        settings: Settings,
        usage: Usage | None = None,
        spare: Spare | None = None,
    ) -> None:
        self._source = source
        self._settings = settings
        self._usage = usage or Usage.of(settings)
        self._spare = spare or Spare(settings)
        self._lending: Lending[Worker] = Lending(settings)
        self._slow: Recent[bytes, bool] = Recent(MOST_SLOW)
        self._alive: set[Worker] = set()
        self._keepers: list[asyncio.Task[None]] = []
        self._stopping = False

    @property
    def pids(self) -> set[int]:
        """The numbers of the processes that are alive."""
        return {worker.pid for worker in self._alive}

    @property
    def waiting(self) -> int:
        """How many queries wait for a worker."""
        return self._lending.waiting

    @property
    def lent(self) -> int:
        """How many workers answer a query."""
        return self._lending.lent

    async def start(self) -> None:
        """Start the processes; fail if they cannot open the store."""
        starts = [self._start_one() for _ in range(self._settings.workers)]
        for result in await asyncio.gather(*starts, return_exceptions=True):
            if isinstance(result, BaseException):
                await self.stop()
                raise result
            self._lending.put(result)
            self._keepers.append(asyncio.create_task(self._keep(result)))

    async def stop(self) -> None:
        """Let go of the processes, by force where a query still runs."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        left = [worker for worker in self._alive if self._stopping or not self._spare.put(worker)]
        await asyncio.gather(*(worker.dismiss() for worker in left))
        self._alive.clear()

    def abandon(self) -> None:
        """End what still runs, because the service is being stopped."""
        self._stopping = True
        for worker in self._alive:
            if worker.busy:
                worker.kill()

    async def answer(self, job: Job) -> bytes:
        """Answer a job as a whole; for what is known to be small."""
        async with self.run(job, client="") as answer:
            return b"".join([part async for part in answer.parts()])

    @asynccontextmanager
    async def run(
        self, job: Job, seconds: float | None = None, client: str | None = None
    ) -> AsyncIterator[Answer]:
        """Run a job of the client who asks, and give its answer once the first part is there.

        The time runs until the block ends. A block that ends before the answer does, be it by
        an error or because the client has left, ends the process as well. A job that is recalled
        to let others pass waits again, and has all its time again.
        """
        limit = min(seconds or self._settings.query_seconds, self._settings.query_seconds)
        payer, question = CLIENT.get(), job.question
        client = payer if client is None else client
        self._usage.shares.check(payer)
        answer = None
        while answer is None:
            is_slow = self._slow.get(question) is not None
            async with self._lending.borrow(client, is_slow) as loan:
                assert loan.worker is not None
                start = time.monotonic()
                with self._watched(loan, loan.worker, question, limit):
                    try:
                        answer = await _begin(loan.worker, job)
                        loan.has_begun = True
                        yield answer
                    except WorkerEnded as error:
                        if answer is not None or not loan.recalled:
                            raise await self._cause(loan.worker, limit) from error
                        self._usage.metrics.ended.labels("recalled").inc()
                    finally:
                        self._usage.note(payer, job, time.monotonic() - start)

    @contextmanager
    def _watched(
        self, loan: Loan[Worker], worker: Worker, question: bytes, limit: float
    ) -> Iterator[None]:
        """Kill a worker whose query takes too long; note one that takes longer than a moment."""

        def note() -> None:
            self._slow.put(question, True)
            self._lending.note_slow(loan)

        loop = asyncio.get_running_loop()
        alarms = loop.call_later(limit, worker.expire), loop.call_later(MOMENT, note)
        try:
            yield
        finally:
            for alarm in alarms:
                alarm.cancel()
            # One that is not done, or has served enough, makes room for a fresh one.
            if worker.busy or worker.served >= self._settings.worker_queries:
                self._end(worker, "left" if worker.busy else "served")

    def _end(self, worker: Worker, cause: str) -> None:
        """Kill a worker, and count why; one that is dead was counted."""
        if worker.alive:
            self._usage.metrics.ended.labels(cause).inc()
        worker.kill()

    async def _cause(self, worker: Worker, seconds: float) -> AppError:
        """Say why a process ended in the middle of a query."""
        worker.kill()
        status = await worker.ended()
        log.warning("worker ended by %s while it answered a query", _signal_name(status))
        error = self._error(worker, status, seconds)
        self._usage.metrics.ended.labels(error.slug).inc()
        return error

    def _error(self, worker: Worker, status: int, seconds: float) -> AppError:
        if self._stopping:
            return Stopping("The query was stopped because the service is being stopped.")
        if worker.overdue:
            return timed_out(seconds)
        if status in (-signal.SIGABRT, -signal.SIGKILL):
            limit = self._settings.worker_memory
            return QueryMemory(f"The query used more than {limit} MiB of memory.", limit=limit)
        return QueryCrashed(
            "The query ended the process that ran it.", hint="It may be nested too deeply."
        )

    async def _start_one(self) -> Worker:
        try:
            worker = await self._spare.take(self._source)
            if worker is None:
                worker = await Worker.start("server.worker", str(self._settings.worker_memory))
                await worker.open(self._source)
        except WorkerEnded as error:
            place = self._source if isinstance(self._source, Path) else self._source.address
            raise DataSetUnreadable(f"{place}: a worker process cannot start.") from error
        self._alive.add(worker)
        return worker

    async def _keep(self, worker: Worker) -> None:
        """Put a fresh process in the place of each that ends, for whatever reason."""
        while True:
            await worker.ended()
            self._alive.discard(worker)
            worker = await self._start_again()
            self._lending.put(worker)

    async def _start_again(self) -> Worker:
        while True:
            try:
                return await self._start_one()
            except (AppError, OSError):
                log.exception("a worker process cannot start; trying again in a second")
                await asyncio.sleep(1)


async def _begin(worker: Worker, job: Job) -> Answer:
    """Send a job and wait for the first part of its answer."""
    await worker.send(job.line)
    _, head = await worker.frame()
    media_type, _, coding = head.decode().partition(" ")
    kind, content = await worker.frame()
    if kind == LAST:
        return Answer.of(media_type, coding, content)
    return Answer(media_type, coding, None, partial(_parts, content, worker))


async def _parts(first: bytes, worker: Worker | None) -> AsyncIterator[bytes]:
    """Give the first part of an answer, and the others from the worker."""
    yield first
    kind = DATA if worker else LAST
    while worker and kind != LAST:
        kind, content = await worker.frame()
        yield content


def timed_out(seconds: float) -> QueryTimeout:
    """Say that a query was stopped after so many seconds."""
    return QueryTimeout(
        f"The query was stopped after {seconds:g} seconds.",
        hint="Ask for less: fewer patterns without a common variable, or a LIMIT.",
        limit=seconds,
    )


def _signal_name(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"itself with status {status}"
