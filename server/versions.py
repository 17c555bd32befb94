"""The version of the data set that is served, and the change to the next one while it is served.

A request takes hold of the version that is current when it begins and keeps it to its end:
store, side file and description are of one version, whatever is built meanwhile. Each version
has workers of its own. Those of a new one have opened it, and what every search needs has been
read, before it becomes current; those of the one before end with the last request that holds it.

A version in use is locked against removal by `cablegraph build`. What cannot be opened is told
once in the log, and by /health as long as it lasts; the version before stays current.

Where another server has the graph, its version may be another one, and change at any time. It is
asked which it has as often as a new version is looked for; as long as that is not the one that
is served, answers are remembered for no longer.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import math
import os
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from functools import partial

from fastapi import Request

from server.dataset import DataSet, hold_data_set
from server.errors import AppError
from server.graph import Graph
from server.jobs import Job
from server.memory import Memory
from server.peers import Peers
from server.settings import Settings
from server.side import Side
from server.stated import Stated, check, stated
from server.usage import Usage
from server.workers import Pool, Spare

log = logging.getLogger(__name__)

ALLOCATED = 50_000
"""Objects that are made before a search for garbage among the new ones: several answers."""

LONGEST_PAUSE = 60.0
"""Seconds between two tries to open a version that could not be opened."""


class Version:
    """One version of the data set, opened; `users` counts the requests that hold it.

    `stated` is what another server says of the graph, if one has it.
    """

    _opened: AsyncExitStack

    def __init__(
        self, data_set: DataSet, settings: Settings, usage: Usage, spare: Spare | None = None
    ) -> None:
        self.data_set = data_set
        self.side = Side(data_set.side)
        self.pool = Pool(settings.endpoint or data_set.store, settings, usage, spare)
        self.graph = Graph(data_set, self.pool, self.side, settings.query_matches)
        self._new_memory = partial(Memory, self.graph.run, settings, usage.metrics)
        self.memory = self._new_memory()
        self.users = 0
        self.stated: Stated | None = None

    @property
    def name(self) -> str:
        """The name of the version, part of every ETag."""
        return self.data_set.version

    @property
    def tag(self) -> str:
        """What every ETag begins with: the version, and that of another server if it differs."""
        differs = self.stated is not None and self.stated.version != self.name
        return f"{self.name}+{self.stated.version}" if self.stated and differs else self.name

    @classmethod
    async def open(
        cls,
        settings: Settings,
        usage: Usage,
        spare: Spare | None = None,
        before: Version | None = None,
    ) -> Version:
        """Open the current version, and see that its workers can read it.

        `before` is the one that is served: what both have in common is not read again.
        """
        has_store = settings.endpoint is None
        data_set, descriptor = hold_data_set(settings.folder, has_store=has_store)
        async with AsyncExitStack() as opened:
            opened.callback(os.close, descriptor)
            version = cls(data_set, settings, usage, spare)
            opened.callback(version.side.close)
            shares = before is not None and version.side.share(before.side)
            opened.push_async_callback(version.pool.stop)
            await version.pool.start()
            await version.pool.answer(Job("ASK { ?s ?p ?o }"))
            await asyncio.to_thread(version.side.read_tables)
            if not shares:
                _settle()
            if settings.endpoint is not None:
                await check(version.pool.answer)
                await version.compare()
            version._opened = opened.pop_all()
        return version

    async def compare(self) -> None:
        """Ask another server which version it has, and forget its answers if they may not last."""
        before = self.stated
        self.stated = await stated(self.pool.answer, self.name, before)
        if self.stated.version != self.name or self.stated != before:
            self.memory = self._new_memory()

    async def close(self) -> None:
        """End the workers and let go of the files."""
        await self._opened.aclose()


def _settle() -> None:
    """Take what is now in memory from the search for garbage, which else halts every answer.

    With the facts of 95 volumes such a search takes 70 ms. What an earlier version has left is
    found before.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATED, 10, 10)


class Versions:
    """The current version, and those before it on which requests still end."""

    current: Version

    def __init__(self, settings: Settings, usage: Usage, peers: Peers | None = None) -> None:
        self.problem: str | None = None
        self._settings = settings
        self._usage = usage
        self._peers = peers
        self._spare = Spare(settings)
        self._seen = -math.inf
        self._has_looked = asyncio.Condition()
        self._old: set[Version] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._look = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the current version, and look for newer ones from now on."""
        start = time.monotonic()
        self.current = await Version.open(self._settings, self._usage, self._spare)
        self._tell()
        await self._note(start)
        self._watcher = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """End everything, by force where a query still runs."""
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
        await asyncio.gather(*self._closing)
        await asyncio.gather(*(version.close() for version in self.opened))
        await self._spare.stop()

    def abandon(self) -> None:
        """End the queries that still run, because the service is being stopped."""
        for version in self.opened:
            version.pool.abandon()

    def look_now(self) -> None:
        """Look for a new version at once, not only when it is time."""
        self._look.set()

    async def follow(self) -> None:
        """Wait until new requests have what is current now, also those to other processes.

        If it cannot be opened, `problem` says why. Another process that does not follow within
        `server.peers.PATIENCE` is not waited for.
        """
        since = time.monotonic()
        self.look_now()
        async with self._has_looked:
            await self._has_looked.wait_for(lambda: self._seen >= since)
        if self._peers is not None:
            await self._peers.follow(since)

    @contextmanager
    def use(self) -> Iterator[Version]:
        """Give the current version, which stays open until the block ends."""
        version = self.current
        version.users += 1
        try:
            yield version
        finally:
            version.users -= 1
            self._let_go(version)

    async def _watch(self) -> None:
        pause = self._settings.look_seconds
        while True:
            await self._wait(pause)
            start = time.monotonic()
            await self._compare()
            if not self._is_new():
                pause, self.problem = self._settings.look_seconds, None
            elif await self._switch():
                pause = self._settings.look_seconds
            else:
                pause = min(2 * pause, LONGEST_PAUSE)
            await self._note(start)

    async def _note(self, moment: float) -> None:
        """Note that what was current at a moment is served now, if it can be."""
        async with self._has_looked:
            self._seen = moment
            self._has_looked.notify_all()
        if self._peers is not None:
            self._peers.tell(moment)

    async def _compare(self) -> None:
        if self._settings.endpoint is not None:
            before = self.current.stated
            await self.current.compare()
            self._tell(before)

    def _tell(self, before: Stated | None = None) -> None:
        """Tell what is wrong with the graph of another server, if that is new."""
        now = self.current.stated
        if now is not None and now.problem is not None and now != before:
            log.warning("%s", now.problem)

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._look.wait(), seconds or None)
        self._look.clear()

    def _is_new(self) -> bool:
        """Whether the link leads elsewhere than to what is served; that takes microseconds."""
        try:
            return not (self._settings.folder / "current").samefile(self.current.data_set.folder)
        except OSError:
            return True

    async def _switch(self) -> bool:
        """Make the new version current; say whether that could be done."""
        try:
            version = await Version.open(self._settings, self._usage, self._spare, self.current)
        except (AppError, OSError) as error:
            self._refuse(str(error))
            return False
        old, self.current, self.problem = self.current, version, None
        log.info("version %s is served in place of %s", version.name, old.name)
        self._tell()
        self._old.add(old)
        self._let_go(old)
        return True

    def _refuse(self, problem: str) -> None:
        if problem != self.problem:
            log.error("the new version cannot be served, %s stays: %s", self.current.name, problem)
        self.problem = problem

    def _let_go(self, version: Version) -> None:
        """Close a version that nobody needs any more."""
        if version.users == 0 and version in self._old:
            self._old.remove(version)
            task = asyncio.create_task(version.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    @property
    def opened(self) -> list[Version]:
        """The current version, and those on which requests still end."""
        return [*self._old, self.current]


def pinned(request: Request) -> Version:
    """Give the version that this request began with."""
    version: Version = request.state.version
    return version
