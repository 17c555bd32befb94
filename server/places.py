"""Where facts took place, and the places that they concern."""

from __future__ import annotations

from ontology.names import DATA
from server.answers import Page, PlaceAnswer
from server.facets import Chosen
from server.reading import Span
from server.side import EntityRow, Side


def places(side: Side, which: Chosen) -> list[PlaceAnswer]:
    """Return the places of some facts, those with most facts first."""
    narrowed = side.fact_table.narrowed(which)
    located, about = narrowed.count("location"), narrowed.count("about")
    rows = side.entities_by_id({*located, *(about.keys() & side.places)})
    found = [place(row, located.get(id, 0), about.get(id, 0)) for id, row in rows.items()]
    return sorted(found, key=lambda each: (-each.facts, each.label))


def page(side: Side, which: Chosen, span: Span) -> Page[PlaceAnswer]:
    """Return a page of the places of some facts."""
    found = places(side, which)
    items = list(span.part(found))
    return Page[PlaceAnswer](items=items, total=len(found), next=span.next(len(found)))


def place(row: EntityRow, located: int = 0, about: int = 0) -> PlaceAnswer:
    """Return an entity as a place."""
    return PlaceAnswer(
        id=row.id,
        iri=DATA + row.id,
        label=row.label,
        latitude=row.latitude,
        longitude=row.longitude,
        located=located,
        about=about,
    )
