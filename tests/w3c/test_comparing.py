"""Results are told apart where they differ, and only there."""

from __future__ import annotations

from pyoxigraph import BlankNode, Literal, NamedNode

from tests.w3c.comparing import Row, same

A, B = BlankNode("a"), BlankNode("b")
X = NamedNode("urn:x")


def row(**values: NamedNode | BlankNode | Literal) -> Row:
    """Make a row."""
    return frozenset(values.items())


def test_blank_nodes_may_have_other_names_but_must_be_the_same_ones() -> None:
    once = [row(s=A, o=A), row(s=B)]
    assert same(once, [row(s=B, o=B), row(s=A)])
    assert not same(once, [row(s=A, o=B), row(s=B)])
    assert not same([row(s=A), row(o=A)], [row(s=A), row(o=B)])


def test_number_of_equal_rows_counts_unless_the_suite_is_lax() -> None:
    assert not same([row(s=X), row(s=X)], [row(s=X)])
    assert same([row(s=X), row(s=X)], [row(s=X)], lax=True)
    assert not same([], [row()])


def test_order_counts_where_it_is_told() -> None:
    up, down = [row(s=Literal(1)), row(s=Literal(2))], [row(s=Literal(2)), row(s=Literal(1))]
    assert same(up, down)
    assert not same(up, down, ordered=True)


def test_values_names_and_kinds_of_results_count() -> None:
    assert not same([row(s=Literal("1"))], [row(s=Literal(1))])
    assert not same([row(s=X)], [row(o=X)])
    assert not same(True, [row(s=X)])
    assert not same(True, False)
