"""The state of an obligation follows from its responses by rules."""

from __future__ import annotations

import pytest

from server.obligations import Reply, State, Verdict, verdict

SPRING, SUMMER, AUTUMN = "1944-04-01", "1944-07-01", "1944-10-01"


def reply(kind: str, manner: str, day: str | None = SUMMER, **fields: bool) -> Reply:
    """A reply, of the other side and in summer if nothing else is said."""
    return Reply(
        f"{kind}-{manner}-{day}", kind, manner, **{"by_own_side": False, **fields}, day=day
    )


GRANTED = reply("commitment", "accept")
REFUSED = reply("refusal", "refuse")
DONE = reply("commitment", "fulfil", AUTUMN)
TAKEN_BACK = reply("refusal", "refuse", by_own_side=True)
ASKED_AGAIN = reply("request", "repeat", by_own_side=True)
IN_OTHER_WORDS = reply("request", "change", by_own_side=True)
ASKED_IN_TURN = reply("request", "answer")
THEIR_REPETITION = reply("request", "repeat")


@pytest.mark.parametrize(
    ("kind", "conditional", "replies", "at", "state"),
    [
        ("request", False, [], SUMMER, "no answer found"),
        ("request", False, [], None, "no answer found"),
        ("request", True, [], SUMMER, "no answer found"),
        ("request", False, [GRANTED], SPRING, "open"),
        ("request", False, [GRANTED], SUMMER, "answered"),
        ("request", False, [ASKED_IN_TURN], SUMMER, "answered"),
        ("request", False, [REFUSED], SUMMER, "refused"),
        ("request", False, [REFUSED, reply("commitment", "accept", AUTUMN)], SUMMER, "refused"),
        ("request", False, [REFUSED, reply("commitment", "accept", AUTUMN)], AUTUMN, "answered"),
        ("request", False, [reply("refusal", "answer")], SUMMER, "refused"),
        ("request", False, [GRANTED, DONE], SUMMER, "answered"),
        ("request", False, [GRANTED, DONE], AUTUMN, "fulfilled"),
        ("request", False, [DONE, reply("refusal", "refuse", "1945-01-01")], None, "fulfilled"),
        ("request", False, [TAKEN_BACK], SUMMER, "withdrawn"),
        ("request", False, [ASKED_AGAIN], SUMMER, "no answer found"),
        ("request", False, [IN_OTHER_WORDS], SUMMER, "no answer found"),
        ("request", False, [THEIR_REPETITION], SUMMER, "no answer found"),
        ("request", False, [reply("commitment", "accept", None)], AUTUMN, "open"),
        ("request", False, [reply("commitment", "accept", None)], None, "answered"),
        ("offer", False, [], SUMMER, "no answer found"),
        ("offer", True, [], SUMMER, "conditional"),
        ("offer", True, [GRANTED], SUMMER, "answered"),
        ("offer", False, [REFUSED], SUMMER, "refused"),
        ("commitment", False, [], SUMMER, "open"),
        ("commitment", True, [], SUMMER, "conditional"),
        ("commitment", True, [DONE], AUTUMN, "fulfilled"),
        ("commitment", False, [DONE], SUMMER, "open"),
        ("commitment", False, [TAKEN_BACK], SUMMER, "withdrawn"),
        ("commitment", False, [TAKEN_BACK, DONE], AUTUMN, "fulfilled"),
    ],
)
def test_state(
    kind: str, conditional: bool, replies: list[Reply], at: str | None, state: State
) -> None:
    assert verdict(kind, conditional, replies, at).state == state


def test_the_last_reply_counts_whatever_their_order() -> None:
    granted = reply("commitment", "accept", AUTUMN)
    assert verdict("request", False, [granted, REFUSED], None) == Verdict("answered", (granted,))


def test_a_candidate_changes_nothing_and_is_told() -> None:
    candidate = reply("commitment", "accept", asserted=False)
    assert verdict("request", False, [candidate], None) == Verdict(
        "no answer found", (), (candidate,)
    )


def test_all_that_fulfils_is_told() -> None:
    again = reply("commitment", "fulfil", "1944-11-01")
    assert verdict("commitment", False, [again, GRANTED, DONE], None).because == (DONE, again)
