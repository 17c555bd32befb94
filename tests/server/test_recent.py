"""A memory of limited size keeps what was used last."""

from __future__ import annotations

from collections import OrderedDict

from hypothesis import given
from hypothesis import strategies as some

from server.recent import Recent


def test_what_was_used_longest_ago_makes_room() -> None:
    recent: Recent[str, int] = Recent(3)
    for number, name in enumerate("abc"):
        recent.put(name, number)
    assert recent.get("a") == 0
    recent.put("d", 3)
    assert [recent.get(name) for name in "abcd"] == [0, None, 2, 3]


def test_value_that_is_larger_than_all_is_not_kept() -> None:
    recent: Recent[str, str] = Recent(10)
    recent.put("a", "long", 11)
    assert (recent.get("a"), len(recent), recent.size) == (None, 0, 0)


@given(some.lists(some.tuples(some.sampled_from("abcd"), some.integers(1, 5)), max_size=40))
def test_sizes_are_counted_whatever_is_put(puts: list[tuple[str, int]]) -> None:
    recent: Recent[str, int] = Recent(10)
    expected: OrderedDict[str, int] = OrderedDict()
    for name, size in puts:
        recent.put(name, size, size)
        expected[name] = size
        expected.move_to_end(name)
        while sum(expected.values()) > 10:
            expected.popitem(last=False)
        assert (recent.size, len(recent)) == (sum(expected.values()), len(expected))
    assert {name: recent.get(name) for name in expected} == expected
