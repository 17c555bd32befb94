"""Lend the workers, so that a short query does not wait behind long ones.

Most queries take milliseconds and some take all the time they may; which, is known only when
they have run. So:

- Clients take turns (`server.line`).
- A query that runs for longer than a moment is slow, and so is the same query the next time.
  Slow ones hold all workers but one. If more have turned out to be slow and another query
  waits, the last of them that has not begun its answer is stopped, and goes back into the line.
- If several clients are there, each holds all workers but one. What our own pages and routes
  ask is short, and counts for no client.

With a single worker there is nothing to keep back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from server.errors import Busy
from server.line import Line
from server.settings import Settings

PRESENCE = 60.0
"""Seconds for which a client that has asked is taken to be there."""


class Mortal(Protocol):
    """What can be lent while it is alive."""

    @property
    def alive(self) -> bool:
        """Whether it can be used."""

    def kill(self) -> None:
        """End it, whatever it does."""


Lent = TypeVar("Lent", bound=Mortal)


@dataclass(eq=False, slots=True)
class Loan(Generic[Lent]):
    """A worker in the hands of a client, or promised to it: `worker` is None until it is given.

    `has_begun` says that part of an answer has come; until then it can be recalled.
    """

    client: str
    is_slow: bool
    given: asyncio.Future[None] = field(repr=False)
    worker: Lent | None = None
    has_begun: bool = False
    recalled: bool = False


class Lending(Generic[Lent]):
    """The workers that are free, those that are lent, and those who wait for one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._free: list[Lent] = []
        self._line: Line[Loan[Lent]] = Line()
        self._loans: dict[Loan[Lent], None] = {}  # A set that keeps its order.
        # The two clients that asked last, and when.
        self._last = self._before = ("", -PRESENCE)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._line)

    @property
    def lent(self) -> int:
        """How many workers are lent."""
        return len(self._loans)

    def put(self, worker: Lent) -> None:
        """Let a worker be lent from now on."""
        self._free.append(worker)
        self._lend()

    @asynccontextmanager
    async def borrow(self, client: str, is_slow: bool) -> AsyncIterator[Loan[Lent]]:
        """Wait for a worker, if not too many wait already; it is given back if it is alive."""
        self._note(client)
        loan: Loan[Lent] = Loan(client, is_slow, asyncio.get_running_loop().create_future())
        self._line.add(loan)
        self._lend()
        try:
            if loan.worker is None:
                self._recall()
                await self._wait(loan)
            yield loan
        finally:
            self._line.leave(loan)
            self._loans.pop(loan, None)
            if loan.worker is not None:
                self.put(loan.worker)

    async def _wait(self, loan: Loan[Lent]) -> None:
        if len(self._line) > self._settings.queue_length:
            refused = self._line.last_of_most()
            refused.given.set_exception(Busy("All workers are busy and the queue is full."))
        try:
            async with asyncio.timeout(self._settings.queue_seconds):
                await loan.given
        except TimeoutError:
            raise Busy("All workers are busy.") from None

    def _lend(self) -> None:
        """Give the free workers to those who wait; the one used last is the quickest."""
        while self._free:
            if not self._free[-1].alive:
                self._free.pop()
            elif (loan := self._line.next(self._may_have_one)) is not None:
                loan.worker = self._free.pop()
                self._loans[loan] = None
                loan.given.set_result(None)
            else:
                break

    def note_slow(self, loan: Loan[Lent]) -> None:
        """Take note that a query is slow."""
        loan.is_slow = True
        self._recall()

    def _recall(self) -> None:
        """End a slow query if there are too many of them and another waits."""
        most = self._settings.workers - 1
        slow = [each for each in self._loans if each.is_slow]
        if not 0 < most < len(slow) or not self._line.has(lambda each: not each.is_slow):
            return
        for loan in reversed(slow):
            if not loan.has_begun and loan.worker is not None:
                loan.recalled = True
                loan.worker.kill()
                return

    def _may_have_one(self, loan: Loan[Lent]) -> bool:
        if loan.given.done():  # It was cancelled, and is about to leave.
            return False
        most = self._settings.workers - 1
        slow = sum(each.is_slow for each in self._loans)
        own = sum(each.client == loan.client for each in self._loans)
        kept_back = (loan.is_slow and slow >= most) or (self._has_others(loan) and own >= most)
        return most == 0 or not kept_back

    def _note(self, client: str) -> None:
        if client == "":
            return
        if client != self._last[0]:
            self._before = self._last
        self._last = client, time.monotonic()

    def _has_others(self, loan: Loan[Lent]) -> bool:
        """Whether a client but this one is there."""
        other = self._before if self._last[0] == loan.client else self._last
        return loan.client != "" and time.monotonic() - other[1] < PRESENCE
