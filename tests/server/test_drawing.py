"""The picture of an entity's relations."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from server.answers import Name, RelationAnswer
from server.drawing import MOST, ROW, Neighbour, Tie, draw, neighbours


def name(label: str) -> Name:
    """Make a name whose id is its label in lower case."""
    return Name(id=f"person/{label.lower()}", iri=None, label=label)


def relation(subject: str, predicate: str, other: str, count: int = 1) -> RelationAnswer:
    """Make a relation between two persons."""
    return RelationAnswer(
        subject=name(subject), predicate=predicate, object=name(other), count=count, facts=[]
    )


def test_neighbours_join_what_was_done_in_both_directions() -> None:
    found = neighbours(
        "person/stalin",
        [
            relation("Stalin", "met", "Harriman"),
            relation("Stalin", "promised", "Deane", 2),
            relation("Deane", "asked", "Stalin"),
        ],
    )
    assert found == [
        Neighbour(name("Deane"), (Tie("promised", True, 2), Tie("asked", False, 1))),
        Neighbour(name("Harriman"), (Tie("met", True, 1),)),
    ]


def test_an_arrow_shows_to_whom_but_a_meeting_has_none() -> None:
    around = neighbours(
        "person/stalin",
        [relation("Stalin", "asked", "Deane"), relation("Stalin", "met", "Harriman")],
    )
    arrows = {
        line.tie.predicate: bool(line.arrow) for node in draw(around).nodes for line in node.lines
    }
    assert arrows == {"asked": True, "met": False}


def test_a_line_begins_at_who_acts() -> None:
    [outward] = draw([Neighbour(name("Deane"), (Tie("asked", True, 1),))]).nodes[0].lines
    [inward] = draw([Neighbour(name("Deane"), (Tie("asked", False, 1),))]).nodes[0].lines
    assert outward.path.split()[0][1:] == inward.path.split()[-1]


def test_an_entity_without_relations_stands_alone() -> None:
    picture = draw([])
    assert (picture.nodes, picture.left_out, picture.height > 0) == ((), 0, True)


@given(st.integers(0, 40), st.sampled_from([1, 2]))
def test_names_never_cover_each_other_and_all_are_within_the_picture(
    count: int, sides: int
) -> None:
    around = [Neighbour(name(f"N{n}"), (Tie("asked", True, 1),)) for n in range(count)]
    picture = draw(around, sides)
    places = [(node.text_anchor, node.at.y) for node in picture.nodes]
    for anchor in ("start", "end"):
        rows = sorted(y for side, y in places if side == anchor)
        assert all(below - above > ROW - 0.1 for above, below in pairwise(rows))
    assert all(0 < node.at.x < picture.width for node in picture.nodes)
    assert all(0 < node.at.y < picture.height for node in picture.nodes)
    assert (len(picture.nodes), picture.left_out) == (min(count, MOST), max(0, count - MOST))
