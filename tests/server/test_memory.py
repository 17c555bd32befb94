"""An answer is found once, by one worker, and a query that failed badly is not tried again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from server.errors import AppError, Busy, QueryCrashed, QueryMemory, QuerySyntax, QueryTimeout
from server.jobs import Job
from server.memory import Known, Memory
from server.metrics import Metrics
from server.repeated import Repeated
from server.settings import Settings
from server.workers import Answer

Product = Callable[[str, int], str]
SHORT = Job("ASK {}")


class Source:
    """Answers each job in parts, or with an error, when the test lets it; counts the runs."""

    def __init__(self, *parts: bytes, error: AppError | None = None) -> None:
        self.runs: list[float] = []
        self.go = asyncio.Event()
        self.go.set()
        self.error = error
        self._parts = parts or (b"answer",)

    @asynccontextmanager
    async def run(self, job: Job, seconds: float) -> AsyncIterator[Answer]:
        """Give the answer, as `Pool.run` does."""
        self.runs.append(seconds)
        await self.go.wait()
        if self.error is not None:
            raise self.error
        if len(self._parts) == 1:
            yield Answer.of("text/csv", "", self._parts[0])
        else:
            yield Answer("text/csv", "", None, self._give)

    async def _give(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part


async def read(memory: Memory, job: Job = SHORT, seconds: float = 30) -> bytes:
    """Read the whole of an answer."""
    async with memory.run(job, seconds) as answer:
        return b"".join([part async for part in answer.parts()])


def play(scenario: Callable[[], Awaitable[Any]]) -> Any:
    """Run what a test describes."""

    async def bounded() -> Any:
        async with asyncio.timeout(60):
            return await scenario()

    return asyncio.run(bounded())


def memory_of(source: Source, **settings: Any) -> Memory:
    """Make a memory over a source."""
    return Memory(source.run, Settings(**settings), Metrics())


# Answers


@pytest.mark.parametrize("parts", [(b"short",), (b"in two ", b"parts")])
def test_second_answer_comes_from_memory(parts: tuple[bytes, ...]) -> None:
    async def scenario() -> None:
        source = Source(*parts)
        memory = memory_of(source)
        assert [await read(memory), await read(memory)] == [b"".join(parts)] * 2
        assert len(source.runs) == 1

    play(scenario)


@pytest.mark.parametrize(
    "other",
    [
        Job("ASK { }"),
        Job("ASK {}", rows="text/csv"),
        Job("ASK {}", default_graphs=("graph:1",)),
        Job("ASK {}", named_graphs=("graph:1",)),
        Job("ASK {}", union=False),
    ],
)
def test_other_question_or_format_has_its_own_answer(other: Job) -> None:
    async def scenario() -> None:
        source = Source()
        memory = memory_of(source)
        await read(memory, SHORT)
        await read(memory, other)
        assert len(source.runs) == 2

    play(scenario)


@pytest.mark.parametrize("parts", [(b"x" * 2000,), (b"x" * 1000,) * 2])
def test_answer_that_takes_too_much_of_the_memory_is_not_kept(parts: tuple[bytes, ...]) -> None:
    async def scenario() -> None:
        source = Source(*parts)
        memory = memory_of(source, cache_bytes=32_000)
        assert len(await read(memory)) == len(await read(memory)) == 2000
        assert len(source.runs) == 2

    play(scenario)


def test_answer_that_was_left_in_the_middle_is_not_kept() -> None:
    async def scenario() -> None:
        source = Source(b"one", b"two")
        memory = memory_of(source)
        async with memory.run(SHORT, 30) as answer:
            assert await anext(answer.parts()) == b"one"
        assert await read(memory) == b"onetwo"
        assert len(source.runs) == 2

    play(scenario)


# At the same time


def test_many_who_ask_the_same_at_once_share_one_worker() -> None:
    async def scenario() -> None:
        source = Source()
        source.go.clear()
        memory = memory_of(source)
        asking = [asyncio.create_task(read(memory)) for _ in range(10)]
        await asyncio.sleep(0)
        source.go.set()
        assert await asyncio.gather(*asking) == [b"answer"] * 10
        assert len(source.runs) == 1

    play(scenario)


def test_nobody_waits_for_the_end_of_a_long_answer() -> None:
    """It goes at the pace of its reader."""

    async def scenario() -> None:
        source = Source(b"one", b"two")
        memory = memory_of(source, cache_bytes=0)
        async with memory.run(SHORT, 30) as answer:
            assert await anext(answer.parts()) == b"one"
            assert await read(memory) == b"onetwo"
        assert len(source.runs) == 2

    play(scenario)


def test_who_waits_for_an_answer_that_proves_long_runs_the_query_too() -> None:
    async def scenario() -> None:
        source = Source(b"one", b"two")
        source.go.clear()
        memory = memory_of(source)
        asking = [asyncio.create_task(read(memory)) for _ in range(2)]
        await asyncio.sleep(0)
        source.go.set()
        assert await asyncio.gather(*asking) == [b"onetwo"] * 2
        assert len(source.runs) == 2

    play(scenario)


def test_another_runs_the_query_if_who_ran_it_leaves() -> None:
    async def scenario() -> None:
        source = Source()
        source.go.clear()
        memory = memory_of(source)
        first, *others = [asyncio.create_task(read(memory)) for _ in range(4)]
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])
        source.go.set()
        assert await asyncio.gather(*others) == [b"answer"] * 3
        assert len(source.runs) == 2

    play(scenario)


def test_nobody_waits_longer_than_the_time_that_was_asked_for() -> None:
    async def scenario() -> None:
        source = Source()
        source.go.clear()
        memory = memory_of(source)
        first = asyncio.create_task(read(memory))
        await asyncio.sleep(0)
        with pytest.raises(QueryTimeout, match=r"stopped after 0\.05 seconds"):
            await read(memory, seconds=0.05)
        source.go.set()
        assert await first == b"answer"

    play(scenario)


@pytest.mark.parametrize("error", [Busy("Full."), QuerySyntax("Line 1.", line=1, column=2)])
def test_those_who_wait_have_the_same_error(error: AppError) -> None:
    """But the next who asks has another try."""

    async def scenario() -> None:
        source = Source(error=error)
        source.go.clear()
        memory = memory_of(source)
        asking = [asyncio.create_task(read(memory)) for _ in range(3)]
        await asyncio.sleep(0)
        source.go.set()
        found = await asyncio.gather(*asking, return_exceptions=True)
        problems = [each.problem() for each in found if isinstance(each, AppError)]
        assert problems == [error.problem()] * 3
        assert len(source.runs) == 1
        source.error = None
        assert await read(memory) == b"answer"

    play(scenario)


def test_who_has_more_time_tries_again() -> None:
    async def scenario() -> None:
        source = Source(error=QueryTimeout("Too long."))
        source.go.clear()
        memory = memory_of(source)
        hasty = asyncio.create_task(read(memory, seconds=1))
        await asyncio.sleep(0)
        patient = asyncio.create_task(read(memory, seconds=30))
        await asyncio.sleep(0)
        source.go.set()
        with pytest.raises(QueryTimeout):
            await hasty
        source.error = None
        assert await patient == b"answer"

    play(scenario)


# Failures


@pytest.mark.parametrize("kind", [QueryTimeout, QueryMemory, QueryCrashed])
def test_query_that_failed_badly_is_not_run_again(kind: type[AppError]) -> None:
    """In no format: the problem is that of the first time."""

    async def scenario() -> None:
        error = kind("It failed.", hint="Ask for less.", limit=30)
        source = Source(error=error)
        memory = memory_of(source)
        for job in (SHORT, SHORT, SHORT.in_format("text/csv")):
            with pytest.raises(kind) as raised:
                await read(memory, job)
            assert raised.value.problem() == error.problem()
        assert len(source.runs) == 1

    play(scenario)


@pytest.mark.parametrize(("kind", "runs"), [(QueryTimeout, 2), (QueryMemory, 1), (QueryCrashed, 1)])
def test_only_a_query_that_ran_too_long_may_try_with_more_time(
    kind: type[AppError], runs: int
) -> None:
    async def scenario() -> None:
        source = Source(error=kind("It failed."))
        memory = memory_of(source)
        for seconds in (10, 5, 20):
            with pytest.raises(kind):
                await read(memory, seconds=seconds)
        assert len(source.runs) == runs

    play(scenario)


def test_failure_is_forgotten_after_a_time() -> None:
    async def scenario() -> None:
        source = Source(error=QueryCrashed("It failed."))
        memory = memory_of(source, failure_seconds=0)
        for _ in range(2):
            with pytest.raises(QueryCrashed):
                await read(memory)
        assert len(source.runs) == 2

    play(scenario)


def test_answer_that_breaks_in_the_middle_is_no_failure_of_the_query() -> None:
    """Its reader may have been slow."""

    async def scenario() -> None:
        source = Source(b"one", b"two")
        memory = memory_of(source)
        with pytest.raises(QueryTimeout):
            async with memory.run(SHORT, 30):
                raise QueryTimeout("The reader was slow.")
        assert await read(memory) == b"onetwo"

    play(scenario)


# Over HTTP


def test_query_that_ran_too_long_is_refused_at_once_the_next_time(
    client: httpx.Client, product: Product
) -> None:
    """No worker runs it: it would be killed, and another started."""
    query = {"query": product("SELECT (SUM(1) AS ?n)", 10), "timeout": "0.3"}
    answers = [client.get("/sparql", params=query), client.post("/sparql", data=query)]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert answers[0].json() == answers[1].json()


def test_repeated_request_has_the_same_answer_with_the_same_headers(client: httpx.Client) -> None:
    url = "/sparql?query=SELECT (1 AS ?one) {}"
    first, second, head = [client.request(method, url) for method in ("GET", "GET", "HEAD")]
    expected = {**first.headers, "date": ""}
    assert [{**again.headers, "date": ""} for again in (second, head)] == [expected] * 2
    assert (second.content, head.content) == (first.content, b"")


KEPT = [
    "/api/facts",
    "/api/facts?format=csv",
    "/api/volumes",
    "/person/stalin-joseph",
    "/document/frus1945Malta/d256",
    "/search?q=petropavlovsk",
]


@pytest.mark.parametrize("url", KEPT)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_a_list_a_thing_or_a_page_is_the_same_the_second_time(
    client: httpx.Client, url: str, coding: str
) -> None:
    headers = {"Accept-Encoding": coding}
    first, second, head = [
        client.request(way, url, headers=headers) for way in ("GET", "GET", "HEAD")
    ]
    expected = {**first.headers, "date": ""}
    assert [{**again.headers, "date": ""} for again in (second, head)] == [expected] * 2
    assert (first.status_code, second.content, head.content) == (200, first.content, b"")


class Made:
    """An app whose answers may be kept; it counts those that it makes."""

    def __init__(self, status: int = 200, parts: tuple[bytes, ...] = (b"an ", b"answer")) -> None:
        self.number = 0
        self._status, self._parts = status, parts

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.number += 1
        scope["state"]["repeatable"] = Known('"tag"')
        await send({"type": "http.response.start", "status": self._status, "headers": []})
        for part in self._parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def asked(app: Made, *requests: dict[str, Any], memory: int = 100_000) -> list[bytes]:
    """Put requests to an app through what keeps answers; give the bodies."""
    kept = memory_of(Source(), cache_bytes=memory)
    bodies: list[bytes] = []

    async def send(message: Any) -> None:
        bodies[-1] += message.get("body", b"")

    async def scenario() -> None:
        for request in requests:
            bodies.append(b"")
            state = {"version": SimpleNamespace(memory=kept)}
            scope = {"type": "http", "method": "GET", "scheme": "http", "path": "/a",
                     "query_string": b"", "headers": [], "state": state}  # fmt: skip
            await Repeated(app)(scope | request, None, send)  # type: ignore[arg-type]

    play(scenario)
    return bodies


def test_an_answer_that_is_kept_is_made_once() -> None:
    made = Made()
    assert (asked(made, {}, {}, {}), made.number) == ([b"an answer"] * 3, 1)


@pytest.mark.parametrize(
    "other",
    [
        {"path": "/b"},
        {"query_string": b"x=1"},
        {"scheme": "https"},
        {"headers": [(b"accept", b"text/csv")]},
        {"headers": [(b"host", b"another.example")]},
        {"root_path": "/root"},
    ],
)
def test_another_request_has_an_answer_of_its_own(other: dict[str, Any]) -> None:
    made = Made()
    asked(made, {}, other, {}, other)
    assert made.number == 2


@pytest.mark.parametrize(
    ("made", "request_", "memory"),
    [
        (Made(status=404), {}, 100_000),
        (Made(), {"method": "HEAD"}, 100_000),
        (Made(), {}, 0),
        (Made(parts=(b"x" * 4000, b"x" * 4000)), {}, 100_000),
        (Made(), {"query_string": b"x" * 9000}, 100_000),
    ],
    ids=["an error", "a head", "nothing is kept", "a long answer", "a long address"],
)
def test_what_cannot_be_kept_is_made_again(
    made: Made, request_: dict[str, Any], memory: int
) -> None:
    asked(made, request_, request_, memory=memory)
    assert made.number == 2


def test_pages_of_other_sites_may_repeat_a_request(client: httpx.Client) -> None:
    url = "/sparql?query=SELECT (5 AS ?five) {}"
    client.get(url)
    answers = [client.get(url, headers={"Origin": "https://example.org"}) for _ in range(2)]
    assert [answer.headers["access-control-allow-origin"] for answer in answers] == ["*", "*"]


def test_query_that_is_too_long_to_remember_is_answered_again(client: httpx.Client) -> None:
    url = f"/sparql?query=ASK {{}} %23{'x' * 9000}"
    assert [client.get(url).json()["boolean"] for _ in range(2)] == [True, True]


def test_repeated_request_may_know_the_answer(client: httpx.Client) -> None:
    url = "/sparql?query=SELECT (2 AS ?two) {}"
    tag = client.get(url).headers["etag"]
    known, unknown = [
        client.get(url, headers={"If-None-Match": each}) for each in (tag, '"another"')
    ]
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    assert "content-type" not in known.headers
    assert (unknown.status_code, unknown.headers["etag"]) == (200, tag)


def test_answer_that_is_known_need_not_be_found(client: httpx.Client) -> None:
    """The tag holds for every request that asks the same."""
    url = "/sparql?query=SELECT (4 AS ?four) {}"
    tag = client.get(url).headers["etag"]
    answer = client.get(f"{url}&timeout=5", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.headers["etag"]) == (304, tag)


def test_repeated_request_in_another_format_is_another(client: httpx.Client) -> None:
    url = "/sparql?query=SELECT (3 AS ?three) {}"
    types = [
        client.get(url, headers={"Accept": accept}).headers["content-type"]
        for accept in ("text/csv", "application/json", "text/csv", "application/json")
    ]
    assert types == ["text/csv; charset=utf-8", "application/json"] * 2


def test_answer_that_changes_is_found_anew(client: httpx.Client) -> None:
    answers = {client.get("/sparql?query=SELECT (UUID() AS ?x) {}").text for _ in range(2)}
    assert len(answers) == 2
