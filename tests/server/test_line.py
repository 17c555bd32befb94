"""Clients take turns, and who has most in the line loses first."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as some

from server.line import Line


@dataclass(eq=False)
class One:
    """Someone who waits."""

    client: str
    name: str = ""


def in_line(*names: str) -> Line[One]:
    """Make a line; the first letter of a name is the client."""
    line: Line[One] = Line()
    for name in names:
        line.add(One(name[0], name))
    return line


def served(line: Line[One]) -> list[str]:
    """Serve all."""
    found = []
    while (one := line.next(lambda one: True)) is not None:
        found.append(one.name)
    return found


def test_clients_take_turns() -> None:
    assert served(in_line("a1", "a2", "a3", "b1", "c1", "b2")) == "a1 b1 c1 a2 b2 a3".split()


def test_who_may_not_go_is_passed_over() -> None:
    line = in_line("a1", "a2", "b1")
    first = line.next(lambda one: one.name != "a1")
    assert first is not None
    assert [first.name, *served(line)] == ["a2", "b1", "a1"]


def test_last_of_the_client_with_most_is_sent_away() -> None:
    line = in_line("a1", "b1", "b2", "c1")
    assert (line.last_of_most().name, len(line)) == ("b2", 3)


def test_who_has_left_is_not_served() -> None:
    line = in_line("a1", "b1")
    gone = One("a", "gone")
    line.add(gone)
    for _ in range(2):
        line.leave(gone)
    assert served(line) == ["a1", "b1"]


@given(some.lists(some.sampled_from("abc"), max_size=30))
def test_nobody_is_served_twice_before_another_once(clients: list[str]) -> None:
    line = in_line(*(f"{client}{number}" for number, client in enumerate(clients)))
    order = [name[0] for name in served(line)]
    assert sorted(order) == sorted(clients)
    for at in range(len(order)):
        counts = [order[: at + 1].count(each) for each in set(clients) if each in order[at + 1 :]]
        assert not counts or max(counts) - min(counts) <= 1
