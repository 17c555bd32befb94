"""The changes of the graph: one after another, each made by a process that may be killed.

The process (`server.writer`) is started with the first change and stays. The time of a change runs
from the moment at which no other process is in its way. Whoever asked for it is answered when new
requests meet what was changed. A client that leaves does not stop its change.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.concurrency import run_in_threadpool

import dataset
from dataset import journal
from server.changes import Change, Done
from server.errors import (
    AppError,
    Busy,
    CannotWrite,
    DataSetUnreadable,
    Stopping,
    UpdateStopped,
)
from server.settings import Settings
from server.versions import Versions
from server.workers import Worker, WorkerEnded

log = logging.getLogger(__name__)


class Writing:
    """The process that changes the graph, and those who wait for it."""

    def __init__(self, settings: Settings, versions: Versions) -> None:
        self._settings = settings
        self._versions = versions
        self._turn = asyncio.Lock()
        self._present = 0
        self._worker: Worker | None = None
        self._is_stopping = False

    @property
    def pid(self) -> int | None:
        """The number of the process, if there is one."""
        return self._worker.pid if self._worker is not None and self._worker.alive else None

    async def make(self, change: Change, body: bytes) -> Done:
        """Make a change; return when it is served, or raise why it was not made."""
        async with self._in_turn():
            done = await self._made(change, body)
        await self._versions.follow()
        if self._versions.problem is not None:
            raise DataSetUnreadable(
                f"The change was made, as version {done.version}, but cannot be served: "
                f"{self._versions.problem}"
            )
        return done

    def abandon(self) -> None:
        """End the change that is made just now, because the service is being stopped."""
        self._is_stopping = True
        if self._worker is not None and self._worker.busy:
            self._worker.kill()

    async def stop(self) -> None:
        """End the process."""
        self._is_stopping = True
        if self._worker is not None:
            await self._worker.dismiss()

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        if self._present > self._settings.update_queue:
            raise Busy(f"{self._present} other changes are being made or wait.")
        self._present += 1
        try:
            async with self._turn:
                yield
        finally:
            self._present -= 1

    async def _made(self, change: Change, body: bytes) -> Done:
        worker = await self._ready()
        done: Done | None = None
        try:
            await worker.send(change.line, body)
            await worker.frame()
            done = await self._in_time(worker)
            await worker.frame()
        except WorkerEnded as error:
            if done is None or not self._is_current(done):
                raise await self._stopped(change, body, await self._cause(worker)) from error
        except UpdateStopped as error:
            worker.kill()
            raise await self._stopped(change, body, error) from error
        except (CannotWrite, asyncio.CancelledError):
            worker.kill()
            raise
        return done

    async def _ready(self) -> Worker:
        """Give the process, or a fresh one in the place of one that has ended or served enough."""
        worker = self._worker
        if worker is None or not worker.alive or worker.served >= self._settings.worker_queries:
            if worker is not None:
                await worker.dismiss()
            words = (str(self._settings.folder), str(self._settings.worker_memory))
            worker = self._worker = await Worker.start("server.writer", *words)
        return worker

    async def _in_time(self, worker: Worker) -> Done:
        """Wait until a change is about to take effect; kill the process if that takes too long."""
        alarm = asyncio.get_running_loop().call_later(self._settings.update_seconds, worker.expire)
        try:
            _, content = await worker.frame()
        finally:
            alarm.cancel()
        return Done(**json.loads(content))

    def _is_current(self, done: Done) -> bool:
        """Whether a change took effect although its process has not come to say so."""
        folder = dataset.current(self._settings.folder)
        return folder is not None and folder.name == done.version

    async def _cause(self, worker: Worker) -> AppError:
        worker.kill()
        status = await worker.ended()
        log.warning("the writer ended with status %d while it made a change", status)
        settings = self._settings
        if self._is_stopping:
            return Stopping("The change was stopped because the service is being stopped.")
        if worker.overdue:
            reason = f"took longer than {settings.update_seconds:g} seconds"
        elif status in (-signal.SIGABRT, -signal.SIGKILL):
            reason = f"used more than {settings.worker_memory} MiB of memory"
        else:
            reason = "ended the process that made it"
        return UpdateStopped(f"The change {reason}; nothing was changed.")

    async def _stopped(self, change: Change, body: bytes, error: AppError) -> AppError:
        """Tell the journal of a change whose process cannot."""
        before = dataset.current(self._settings.folder)
        name = "" if before is None else before.name
        what = change.told(body)
        line = journal.line(what, name, None, error.slug, change.who, change.client)
        await run_in_threadpool(journal.append, self._settings.folder, line)
        return error
