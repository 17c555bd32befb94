"""Printed names to known entities: the sender, the recipient, and whom a document mentions.

A tag that points into the volume's list of persons decides; without one, the office as
printed names a position or body, and the person is the one who held it on the day of the
document. A bare surname decides nothing.
"""

from collections.abc import Mapping
from dataclasses import replace

from ingest.authority import Authority
from ingest.model import Document, Entity, ListedPerson, ListedTerm, Mention, Party


def listed_entity(item: ListedPerson | ListedTerm) -> Entity:
    """Return the entity of an entry in a volume's list, as that volume knows it.

    A person of several volumes is several entities until the authority joins them.
    """
    slug, listed = f"{item.volume}.{item.id}", (item.key,)
    if isinstance(item, ListedTerm):
        return Entity(f"topic/{slug}", item.term, description=item.meaning, listed_as=listed)
    surname, comma, given = item.name.partition(", ")
    names = (f"{given} {surname}",) if comma else ()
    return Entity(f"person/{slug}", item.name, names, item.description, listed_as=listed)


def resolved(
    document: Document, authority: Authority, listed: Mapping[str, str] | None = None
) -> Document:
    """Return a document with the entities that its names stand for.

    `listed` gives the entities of the volume's lists of persons and terms, by `xml:id`.
    """
    day = document.sent.earliest if document.sent else None
    tagged = listed or {}

    def known(party: Party) -> Party:
        return _known(party, document.volume, authority, tagged, day)

    return replace(
        document,
        sender=known(document.sender) if document.sender else None,
        recipient=known(document.recipient) if document.recipient else None,
        participants=tuple(known(party) for party in document.participants),
        sent_from=authority.named(document.place, "place") if document.place else None,
        mentions=tuple(
            _mention(mention, document, authority, tagged) for mention in document.mentions
        ),
    )


def _known(
    party: Party, volume: str, authority: Authority, tagged: Mapping[str, str], day: str | None
) -> Party:
    office = authority.named(party.office, "position", "organization") if party.office else None
    person = authority.listed(volume, party.target) or tagged.get(party.target or "")
    if person is None and office is not None and day is not None:
        person = authority.holder(office, day)
    entities = tuple(entity for entity in (person, office) if entity)
    return replace(party, entities=entities) if entities else party


def _mention(
    mention: Mention, document: Document, authority: Authority, tagged: Mapping[str, str]
) -> Mention:
    target, entity = mention.target, None
    if target:
        entity = tagged.get(target) or authority.listed(document.volume, target)
    elif mention.kind == "place":
        entity = authority.named(document.text[mention.start : mention.end], "place")
    if entity is None:
        return mention
    return Mention(mention.kind, mention.start, mention.end, target, entity)
