"""A short query finds a worker although long ones run, and no worker is ever lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from server.errors import Busy
from server.lending import Lending, Loan
from server.settings import Settings


class Worker:
    """What is lent."""

    alive = True

    def kill(self) -> None:
        """End."""
        self.alive = False


class Asker:
    """One who asks for a worker, and holds it until told."""

    def __init__(self, lending: Lending[Worker], client: str, *, is_slow: bool = False) -> None:
        self._done = asyncio.Event()
        self.worker: Worker | None = None
        self.loan: Loan[Worker] | None = None
        self.task = asyncio.create_task(self._ask(lending, client, is_slow))

    async def _ask(self, lending: Lending[Worker], client: str, is_slow: bool) -> None:
        async with lending.borrow(client, is_slow) as loan:
            self.worker, self.loan = loan.worker, loan
            await self._done.wait()

    async def give_back(self) -> None:
        """Give the worker back."""
        self._done.set()
        await self.task


def lend(scenario: Callable[[Lending[Worker]], Awaitable[Any]], **values: Any) -> None:
    """Run what a test describes, with workers of a number."""

    async def bounded() -> None:
        lending: Lending[Worker] = Lending(
            Settings(**{"workers": 2, "queue_seconds": 30, **values})
        )
        workers = [Worker() for _ in range(values.get("workers", 2))]
        for worker in workers:
            lending.put(worker)
        async with asyncio.timeout(10):
            await scenario(lending)

    asyncio.run(bounded())


async def settle() -> None:
    """Let everyone go on as far as possible."""
    for _ in range(5):
        await asyncio.sleep(0)


async def all_of(lending: Lending[Worker], *who: str, is_slow: bool = False) -> list[Asker]:
    """Let several ask, one after the other."""
    askers = [Asker(lending, client, is_slow=is_slow) for client in who]
    await settle()
    return askers


def test_slow_queries_leave_one_worker_to_others() -> None:
    async def scenario(lending: Lending[Worker]) -> None:
        first, second = await all_of(lending, "a", "b", is_slow=True)
        assert (bool(first.worker), bool(second.worker)) == (True, False)
        [short] = await all_of(lending, "c")
        assert short.worker
        await short.give_back()
        await settle()
        assert not second.worker
        await first.give_back()
        await second.give_back()
        assert second.worker

    lend(scenario)


def test_query_that_proves_slow_counts_as_slow() -> None:
    async def scenario(lending: Lending[Worker]) -> None:
        async with lending.borrow("a", is_slow=False) as loan:
            loan.is_slow = True
            [slow] = await all_of(lending, "b", is_slow=True)
            [short] = await all_of(lending, "b")
            assert (slow.worker, bool(short.worker)) == (None, True)
            await short.give_back()
        await slow.give_back()

    lend(scenario)


def recalled(*askers: Asker) -> list[bool]:
    """Tell whose worker was recalled, and that this ended it."""
    loans = [asker.loan for asker in askers]
    assert all(loan and loan.worker and loan.worker.alive != loan.recalled for loan in loans)
    return [loan is not None and loan.recalled for loan in loans]


@pytest.mark.parametrize(
    ("begun", "expected"),
    [((), [False, True]), ((1,), [True, False]), ((0, 1), [False, False])],
)
def test_of_too_many_slow_ones_the_last_that_has_not_begun_lets_others_pass(
    begun: tuple[int, ...], expected: list[bool]
) -> None:
    async def scenario(lending: Lending[Worker]) -> None:
        askers = await all_of(lending, "a", "a", "a")
        for number, asker in enumerate(askers[:2]):
            assert asker.loan
            asker.loan.has_begun = number in begun
            lending.note_slow(asker.loan)
        assert recalled(*askers[:2]) == expected
        for asker in askers:
            await asker.give_back()

    lend(scenario)


def test_slow_ones_have_all_workers_while_no_short_one_waits() -> None:
    async def scenario(lending: Lending[Worker]) -> None:
        first, second = await all_of(lending, "a", "a")
        for asker in (first, second):
            assert asker.loan
            lending.note_slow(asker.loan)
        [slow] = await all_of(lending, "a", is_slow=True)
        assert recalled(first, second) == [False, False]
        [short] = await all_of(lending, "a")
        assert recalled(first, second) == [False, True]
        for asker in (first, second, short, slow):
            await asker.give_back()

    lend(scenario)


def test_client_alone_may_have_all_workers() -> None:
    async def scenario(lending: Lending[Worker]) -> None:
        askers = await all_of(lending, "a", "a", "a")
        assert [bool(asker.worker) for asker in askers] == [True, True, False]
        for asker in askers:
            await asker.give_back()

    lend(scenario)


def test_where_others_are_a_client_leaves_one_worker() -> None:
    async def scenario(lending: Lending[Worker]) -> None:
        [other] = await all_of(lending, "b")
        await other.give_back()
        first, second = await all_of(lending, "a", "a")
        assert (bool(first.worker), second.worker) == (True, None)
        [other] = await all_of(lending, "b")
        assert other.worker
        assert (bool(first.worker), second.worker) == (True, None)
        await first.give_back()
        for asker in (second, other):
            await asker.give_back()

    lend(scenario)


def test_what_our_own_pages_ask_counts_for_no_client() -> None:
    async def scenario(lending: Lending[Worker]) -> None:
        askers = await all_of(lending, "b", "a", "", "")
        assert [bool(asker.worker) for asker in askers] == [True, True, False, False]
        await askers[0].give_back()
        await settle()
        assert askers[2].worker
        for asker in askers[1:]:
            await asker.give_back()

    lend(scenario)


def test_single_worker_is_lent_to_whoever_comes() -> None:
    async def scenario(lending: Lending[Worker]) -> None:
        for client in "abab":
            [asker] = await all_of(lending, client, is_slow=True)
            assert asker.worker
            await asker.give_back()

    lend(scenario, workers=1)


def test_clients_that_wait_take_turns() -> None:
    async def scenario(lending: Lending[Worker]) -> None:
        [holder] = await all_of(lending, "z")
        askers = await all_of(lending, "a", "a", "b")
        order = []
        for _ in range(3):
            await holder.give_back()
            await settle()
            [holder] = [asker for asker in askers if asker.worker and not asker.task.done()]
            order.append(askers.index(holder))
        await holder.give_back()
        assert order == [0, 2, 1]

    lend(scenario, workers=1)


def test_full_queue_refuses_the_last_of_the_client_with_most() -> None:
    async def scenario(lending: Lending[Worker]) -> None:
        [holder] = await all_of(lending, "z")
        first, second = await all_of(lending, "a", "a")
        [other] = await all_of(lending, "b")
        with pytest.raises(Busy, match="the queue is full"):
            await second.task
        assert lending.waiting == 2
        for asker in (holder, first, other):
            await asker.give_back()

    lend(scenario, workers=1, queue_length=2)


def test_nobody_waits_long() -> None:
    async def scenario(lending: Lending[Worker]) -> None:
        [holder, waiting] = await all_of(lending, "a", "a")
        with pytest.raises(Busy, match="All workers are busy"):
            await waiting.task
        await holder.give_back()
        assert (lending.waiting, lending.lent) == (0, 0)

    lend(scenario, workers=1, queue_seconds=0.01)


def test_who_leaves_is_out_of_the_line() -> None:
    async def scenario(lending: Lending[Worker]) -> None:
        holder, leaving, staying = await all_of(lending, "a", "a", "a")
        leaving.task.cancel()
        await settle()
        assert lending.waiting == 1
        await holder.give_back()
        await settle()
        assert staying.worker
        await staying.give_back()

    lend(scenario, workers=1)


def test_who_leaves_when_it_is_its_turn_loses_no_worker() -> None:
    async def scenario(lending: Lending[Worker]) -> None:
        async with lending.borrow("a", is_slow=False):
            [leaving] = await all_of(lending, "a")
        leaving.task.cancel()  # It has been given the worker, and has not yet seen it.
        await settle()
        [next_] = await all_of(lending, "a")
        assert next_.worker
        await next_.give_back()

    lend(scenario, workers=1)


def test_worker_that_is_dead_is_not_lent() -> None:
    async def scenario(lending: Lending[Worker]) -> None:
        async with lending.borrow("a", is_slow=False) as loan:
            assert loan.worker
            loan.worker.alive = False
        [waiting] = await all_of(lending, "a")
        assert not waiting.worker
        fresh = Worker()
        lending.put(fresh)
        await settle()
        assert waiting.worker is fresh
        await waiting.give_back()

    lend(scenario, workers=1)


@settings(max_examples=50)
@given(
    workers=some.integers(1, 3),
    steps=some.lists(
        some.tuples(
            some.sampled_from("abc"), some.booleans(), some.sampled_from(("stay", "end", "leave"))
        ),
        max_size=25,
    ),
)
def test_no_worker_is_lost_whatever_happens(
    workers: int, steps: list[tuple[str, bool, str]]
) -> None:
    async def scenario(lending: Lending[Worker]) -> None:
        askers: list[Asker] = []
        for client, is_slow, then in steps:
            askers.append(Asker(lending, client, is_slow=is_slow))
            if len(askers) % 2:
                await settle()
            assert lending.lent <= workers
            victim = askers[len(askers) // 2]
            if then == "leave":
                victim.task.cancel()
            elif then == "end" and victim.worker:
                await asyncio.wait([asyncio.create_task(victim.give_back())])
        for asker in askers:
            asker.task.cancel()
        await asyncio.wait([asker.task for asker in askers]) if askers else None
        assert (lending.waiting, lending.lent) == (0, 0)
        again = await all_of(lending, *[""] * workers)
        assert [bool(asker.worker) for asker in again] == [True] * workers

    lend(scenario, workers=workers, queue_length=5)
