"""The ledger of two sides: what one owes the other on a day, and what says so.

A side owes what it promised, what it offered, and an answer to what the other asked of it. Only
acts that were made are in the ledger: an instruction to ask is not a request, and what fulfils a
promise is not another one. States follow from the responses of other facts by the rules of
`server.obligations`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from server import reading
from server.answers import Because, LedgerEntry, Page
from server.coverage import Record
from server.edtf import last_day
from server.obligations import Reply, Verdict, verdict
from server.reading import Sides, Span
from server.side import ActRow, ReplyRow, Side

OWED = {"debtor": ("commitment", "offer"), "creditor": ("request",)}
"""The kinds of act in a ledger, by the side that makes them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which ledger: the two sides, the last day that counts, and of which states."""

    debtor: str
    creditor: str
    at: str | None = None
    states: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """A page of a ledger in order of time, and how many obligations there are of each state."""

    entries: Page[LedgerEntry]
    states: dict[str, int]


def asked(
    side: Side, debtor: str, creditor: str, at: str | None, states: tuple[str, ...] = ()
) -> Asked:
    """Return which ledger is meant, of two sides by their names and the end of a day or month."""
    both = reading.sides(side, debtor, creditor, (), (None, None))
    return Asked(both.one, both.other, last_day(at) if at else None, states)


def ledger(side: Side, asked: Asked, span: Span) -> Ledger:
    """Return what one side owes another, in order of time."""
    judged = _judged(side, asked)
    states = Counter(each.state for _, each in judged)
    chosen = [each for each in judged if not asked.states or each[1].state in asked.states]
    items = _entries(side, asked, span.part(chosen))
    page = Page[LedgerEntry](items=items, total=len(chosen), next=span.next(len(chosen)))
    return Ledger(page, dict(sorted(states.items())))


def _judged(side: Side, asked: Asked) -> list[tuple[ActRow, Verdict]]:
    """Return the obligations of a ledger with their states, in the order of time."""
    numbers = {
        by: _numbers(side, asked, by, towards, OWED[role])
        for role, by, towards in (
            ("debtor", asked.debtor, asked.creditor),
            ("creditor", asked.creditor, asked.debtor),
        )
    }
    acts = side.acts(sorted({number for each in numbers.values() for number in each}))
    done = side.fulfilments(act.id for act in acts)
    told = [act for act in acts if act.id not in done and _is_by(act.day, asked.at)]
    replies = _replies(side, told, {n: by for by, each in numbers.items() for n in each})
    return [
        (act, verdict(act.kind, bool(act.condition), replies.get(act.id, ()), asked.at))
        for act in told
    ]


def _is_by(day: str | None, at: str | None) -> bool:
    return at is None or bool(day and day <= at)


def _numbers(side: Side, asked: Asked, by: str, towards: str, kinds: tuple[str, ...]) -> list[int]:
    which = Sides(asked.debtor, asked.creditor, kinds)
    return reading.acts_towards(side, which, by, towards, status="made")


def _replies(side: Side, acts: Iterable[ActRow], by: dict[int, str]) -> dict[str, list[Reply]]:
    """Return what responds to acts, by their ids; `by` tells whose each act is."""
    own = {act.id: by[act.number] for act in acts}
    rows = side.replies(own)
    numbers = np.array([row.number for row in rows], np.int64)
    acting = {each: _acts_for(side, each, numbers) for each in set(own.values())}
    found: dict[str, list[Reply]] = {}
    for place, row in enumerate(rows):
        found.setdefault(row.earlier, []).append(_reply(row, acting[own[row.earlier]][place]))
    return found


def _acts_for(side: Side, one: str, numbers: np.ndarray) -> np.ndarray:
    """Tell of facts whether a side acts in them, itself or through who speaks for it."""
    table = side.fact_table
    acts = table.features["actor"].holds([one]) | table.features["acting_state"].holds([one])
    return np.isin(numbers, table.numbers[acts])


def _reply(row: ReplyRow, by_own_side: bool) -> Reply:
    return Reply(row.later, row.kind, row.manner, bool(by_own_side), row.day, bool(row.asserted))


# What is shown


def _entries(
    side: Side, asked: Asked, judged: Sequence[tuple[ActRow, Verdict]]
) -> list[LedgerEntry]:
    rows = side.facts_numbered([act.number for act, _ in judged])
    answers = dict(zip((row.id for row in rows), reading.fact_answers(side, rows), strict=True))
    names = {
        id: reading.name(id, label)
        for id, label in side.labels((asked.debtor, asked.creditor)).items()
    }
    because = _because(side, {one.fact for _, each in judged for one in each.because})
    unanswered = any(each.state == "no answer found" for _, each in judged)
    cover = _record(side, asked).cover if unanswered else None
    return [
        LedgerEntry(
            **dict(answers[act.id]),
            by=names[asked.creditor if act.kind == "request" else asked.debtor],
            towards=names[asked.debtor if act.kind == "request" else asked.creditor],
            day=act.day,
            state=each.state,
            because=[because[one.fact] for one in each.because],
            coverage=cover(act.day, asked.at)
            if cover and each.state == "no answer found"
            else None,
        )
        for act, each in judged
    ]


def _because(side: Side, facts: Iterable[str]) -> dict[str, Because]:
    """Return the facts that make a state, with the documents that tell them."""
    rows = side.facts_by_id(facts)
    return {
        row.id: Because(
            id=answer.id,
            kind=answer.kind,
            content=answer.content,
            date=answer.date or answer.document_date,
            document=answer.document,
            citation=answer.citation,
        )
        for row, answer in zip(rows, reading.fact_answers(side, rows), strict=True)
    }


def _record(side: Side, asked: Asked) -> Record:
    """Return the days of the volumes in which the two sides deal with each other."""
    both = Sides(asked.debtor, asked.creditor)
    ends = ((both.one, both.other), (both.other, both.one))
    numbers = {number for end in ends for number in reading.acts_towards(side, both, *end)}
    return side.calendar.record(side.documents_telling(sorted(numbers)))
