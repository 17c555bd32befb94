"""What lies around an entity: those it had most to do with, and the ties among all of them."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter

from ontology.names import DATA
from server import reading
from server.answers import FactAnswer, NetworkAnswer, NetworkNode, NetworkTie, Page
from server.edtf import days
from server.errors import InvalidRequest
from server.facets import Chosen, Mask
from server.reading import Span
from server.side import EntityRow, Side

MOST_NODES = 500
"""So many entities can be moved about smoothly in a browser."""

SIZES = (25, 50, 100, 250, MOST_NODES)
"""What the page offers."""


_TIES = TypeAdapter(list[NetworkTie])
"""All ties are checked at once: one by one they took a tenth of the time of a page."""


def chosen(kinds: tuple[str, ...], start: str | None, end: str | None) -> Chosen:
    """Return the features by which facts are chosen: their kinds, and from when to when."""
    first, last = days(start, end)
    given: dict[str, tuple[str, ...]] = {"kind": kinds} if kinds else {}
    return given | ({"days": (first or "", last or "")} if first or last else {})


def network(side: Side, entity: str, which: Chosen, nodes: int) -> NetworkAnswer:
    """Return an entity by its id with the others that share most facts with it, so many in all."""
    found = side.ties.around(entity, nodes - 1, _within(side, which))
    rows = side.entities_by_id([entity, *found.counts])
    centre = rows[entity]
    return NetworkAnswer(
        entity=reading.name(entity, centre.label),
        nodes=[
            _node(rows[id], count) for id, count in {entity: centre.facts, **found.counts}.items()
        ],
        ties=_TIES.validate_python(found.ties, from_attributes=True),
        neighbours=found.neighbours,
        left_out=found.left_out,
    )


def _node(row: EntityRow, count: int) -> NetworkNode:
    return NetworkNode(id=row.id, iri=DATA + row.id, label=row.label, type=row.type, count=count)


def between(side: Side, one: str, other: str, which: Chosen, span: Span) -> Page[FactAnswer]:
    """Return the facts that tie two entities, in the order of time."""
    if one == other:
        raise InvalidRequest("These are one and the same.", hint="Name two entities.")
    table = side.fact_table
    numbers = table.numbers[side.ties.between(one, other, _within(side, which))].tolist()
    rows = side.facts_numbered(span.part(numbers))
    items = reading.fact_answers(side, rows)
    return Page[FactAnswer](items=items, total=len(numbers), next=span.next(len(numbers)))


def _within(side: Side, which: Chosen) -> Mask:
    return side.fact_table.narrowed(which).mask


# As a table


@dataclass(frozen=True, slots=True)
class Strand:
    """What one of a pair did (`outward`), or the other; of meetings there is one."""

    kind: str
    outward: bool
    count: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entities and all that ties them."""

    one: NetworkNode
    other: NetworkNode
    ties: tuple[NetworkTie, ...]

    @property
    def count(self) -> int:
        """In how many facts they are tied."""
        return sum(tie.count for tie in self.ties)

    @property
    def strands(self) -> list[Strand]:
        """What the one did, or the other, the most first; of thousands of pairs few are shown."""
        strands = (
            Strand(tie.kind, tie.kind == "meeting" or tie.subject == self.one.id, tie.count)
            for tie in self.ties
        )
        return sorted(strands, key=lambda each: (-each.count, each.kind))


def pairs(found: NetworkAnswer) -> tuple[list[Pair], list[Pair]]:
    """Join the ties of each two, the strongest first: those of the entity, and of the others."""
    order = {node.id: at for at, node in enumerate(found.nodes)}
    joined: dict[tuple[int, int], list[NetworkTie]] = {}
    for tie in found.ties:
        one, other = order[tie.subject], order[tie.object]
        joined.setdefault((one, other) if one < other else (other, one), []).append(tie)
    nodes = found.nodes
    all_pairs = [Pair(nodes[at[0]], nodes[at[1]], tuple(joined[at])) for at in sorted(joined)]
    all_pairs.sort(key=lambda pair: -pair.count)
    own = [pair for pair in all_pairs if pair.one is nodes[0]]
    return own, [pair for pair in all_pairs if pair.one is not nodes[0]]
