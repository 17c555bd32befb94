"""Links to Wikidata join the entities, unless a life speaks against one.

Who signs, sends or takes part must be alive. Lists and registers are read before the documents, so
that a link is found without them; when they have been read, an exact match with an item of whom
they could not be becomes a close one, and says why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from ingest.model import Entity, WikidataLink

YOUNGEST = 15
"""Nobody of fewer years writes telegrams, or is sent any."""


class Active(NamedTuple):
    """The years of a person's documents: the first is no later, and the last no earlier."""

    first: int | None
    last: int | None


def linked(
    entities: Iterable[Entity], links: Mapping[str, WikidataLink], active: Mapping[str, Active]
) -> tuple[list[Entity], list[str]]:
    """Return the entities with the links of those of whom the authority says nothing.

    Also return what was found to be impossible, for whoever looks after the links.
    """
    found: list[Entity] = []
    doubts: list[str] = []
    for entity in entities:
        link = entity.link if entity.link.state != "not-searched" else links.get(entity.id)
        if link and (doubt := _doubt(link, active.get(entity.id))):
            link = replace(link, exact=False, evidence=f"{link.evidence}; {doubt}")
            doubts.append(f"{entity.id}: {link.item}: {doubt}; the link is no exact match")
        found.append(replace(entity, link=link) if link else entity)
    return found, doubts


def _doubt(link: WikidataLink, active: Active | None) -> str | None:
    """Say why the item of an exact match cannot be who wrote in some years."""
    if not link.exact or active is None:
        return None
    if link.died and active.last and active.last > link.died:
        return f"has documents of {active.last}, and the item says died in {link.died}"
    if link.born and active.first and active.first < link.born + YOUNGEST:
        return f"has documents of {active.first}, and the item says born in {link.born}"
    return None
