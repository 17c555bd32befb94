"""What is remembered of queries while a version is served: their answers, and their failures.

A version never changes, so an answer that was found once is the answer. Finished answers are
kept, the ones used last, within a number of bytes; one that is very long is not kept. Who asks
what is being answered just then waits for that answer instead of a worker of its own.

A query that ran too long or ended its process would do so again, and programs ask again at
once. So for some minutes the same query is refused with the same problem, unless it is given
more time than it had.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from server.errors import AppError, QueryCrashed, QueryMemory, QueryTimeout
from server.jobs import Job
from server.metrics import Metrics
from server.recent import Recent
from server.settings import Settings
from server.workers import Answer, timed_out

MOST_FAILURES = 10_000
"""Failures that are remembered at a time."""

MOST_REQUESTS = 2_000
"""Requests that are remembered word by word."""

OVERHEAD = 500
"""Bytes that an answer is counted with beyond its own, so that small ones do not come free."""

SHARE = 16
"""One answer may take a sixteenth of the memory."""

MORE = 1.1
"""How much more time than it had a query must be given to be run again."""


@dataclass(frozen=True, slots=True)
class Failure:
    """How a query ended that is not run again until a time, unless it is given more seconds."""

    error: AppError
    seconds: float
    until: float


@dataclass(frozen=True, slots=True)
class Running:
    """A query that is being answered: `end` will be its answer, its error, or None.

    None says that the answer is too long to wait for. The end is cancelled if who asked left.
    """

    seconds: float
    end: asyncio.Future[Answer | AppError | None]


@dataclass(slots=True)
class Known:
    """A request that came before: the tag of its answer, and what else is known of both.

    `query` is the hash of its query, if it is one. `key` names the answer in the memory; it is
    empty until that is kept. `headers` are those of the answer, `route` is what gave it.
    """

    tag: str
    query: str | None = None
    key: bytes = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    route: object = None


Run = Callable[[Job, float], AbstractAsyncContextManager[Answer]]
"""Gives the answer to a job, which may take so many seconds; see `Pool.run`."""


class Memory:
    """Answers jobs by running them, the second time from memory."""

    def __init__(self, run: Run, settings: Settings, metrics: Metrics) -> None:
        self._run = run
        self._metrics = metrics
        self._settings = settings
        self._answers: Recent[bytes, Answer] = Recent(settings.cache_bytes)
        self._failures: Recent[bytes, Failure] = Recent(MOST_FAILURES)
        self._running: dict[bytes, Running] = {}
        self.requests: Recent[tuple[bytes, ...], Known] = Recent(MOST_REQUESTS)

    @property
    def size(self) -> int:
        """Bytes of the answers that are kept."""
        return self._answers.size

    def kept(self, key: bytes) -> Answer | None:
        """Give the answer to a job by its key, if it is kept."""
        answer = self._answers.get(key)
        if answer is not None:
            self._metrics.answers.labels("memory").inc()
        return answer

    def again(self, known: Known) -> Answer | None:
        """Give the answer to a request that came before, if it is kept."""
        return self.kept(known.key) if known.query else self._answers.get(known.key)

    def keep(self, key: bytes, answer: Answer) -> None:
        """Keep an answer, if it is not too long for that."""
        whole = answer.whole
        if whole is not None and self.holds(len(whole)):
            kept = Answer.of(answer.media_type, answer.coding, whole)
            self._answers.put(key, kept, len(whole) + OVERHEAD)

    def holds(self, size: int) -> bool:
        """Tell whether an answer of so many bytes can be kept."""
        return (size + OVERHEAD) * SHARE <= self._settings.cache_bytes

    @asynccontextmanager
    async def run(self, job: Job, seconds: float) -> AsyncIterator[Answer]:
        """Give the answer to a job, from memory or by running it."""
        key = job.key
        answer = self.kept(key)
        if answer is None and key in self._running:
            end = time.monotonic() + seconds
            answer = await self._shared(key, seconds)
            seconds = _left(end)
        if answer is not None:
            yield answer
        else:
            self._refuse_failed(job, seconds)
            async with self._first(job, key, seconds) as answer:
                yield answer

    async def _shared(self, key: bytes, seconds: float) -> Answer | None:
        """Wait for the answer that another finds just now; None if it has to be found."""
        end = time.monotonic() + seconds
        while running := self._running.get(key):
            await asyncio.wait([running.end], timeout=_left(end))
            if not running.end.done():
                raise timed_out(seconds)
            if running.end.cancelled():
                continue
            found = running.end.result()
            if found is None:
                return None
            if not isinstance(found, AppError):
                self._metrics.answers.labels("shared").inc()
                return found
            if not isinstance(found, QueryTimeout) or seconds <= MORE * running.seconds:
                raise found.again()
        return None

    @asynccontextmanager
    async def _first(self, job: Job, key: bytes, seconds: float) -> AsyncIterator[Answer]:
        """Run a job, and tell those who wait for its answer how it ended."""
        self._metrics.answers.labels("worker").inc()
        running = Running(seconds, asyncio.get_running_loop().create_future())
        self._running[key] = running
        try:
            async with self._run(job, seconds) as answer:
                self.keep(key, answer)
                self._end(key, running, None if answer.whole is None else answer)
                if answer.whole is None:
                    yield replace(answer, parts=partial(self._copied, key, answer))
            if answer.whole is not None:  # The worker is free while it is sent.
                yield answer
        except AppError as error:
            if not running.end.done():
                self._remember(job, seconds, error)
                self._end(key, running, error)
            raise
        finally:
            running.end.cancel()
            self._end(key, running, None)

    def _end(self, key: bytes, running: Running, end: Answer | AppError | None) -> None:
        if not running.end.done():
            running.end.set_result(end)
        if self._running.get(key) is running:
            del self._running[key]

    async def _copied(self, key: bytes, answer: Answer) -> AsyncIterator[bytes]:
        """Give the parts of a long answer, and keep them if they are not too much in the end."""
        copy = bytearray()
        size = 0
        async for part in answer.parts():
            size += len(part)
            if self.holds(size):
                copy += part
            yield part
        if self.holds(size):
            self.keep(key, replace(answer, whole=bytes(copy)))

    def _remember(self, job: Job, seconds: float, error: AppError) -> None:
        """Remember how a query failed, if it would fail so again."""
        if isinstance(error, QueryTimeout | QueryMemory | QueryCrashed):
            enough = seconds if isinstance(error, QueryTimeout) else math.inf
            until = time.monotonic() + self._settings.failure_seconds
            self._failures.put(job.question, Failure(error.again(), enough, until))

    def _refuse_failed(self, job: Job, seconds: float) -> None:
        if not len(self._failures):
            return
        failure = self._failures.get(job.question)
        if failure and time.monotonic() < failure.until and seconds <= MORE * failure.seconds:
            raise failure.error.again()


def _left(end: float) -> float:
    return max(0.01, end - time.monotonic())
