"""Printed names to known entities: the sender, the recipient, and whom a document mentions.

A tag that points into the volume's list of persons decides; without one, the office as
printed names a position or body, and the person is the one who held it on the day of the
document. A bare surname decides nothing.
"""

from dataclasses import replace

from ingest.authority import Authority
from ingest.model import Document, Mention, Party


def resolved(document: Document, authority: Authority) -> Document:
    """Return a document with the entities that its names stand for."""
    day = document.sent.earliest if document.sent else None

    def known(party: Party) -> Party:
        return _known(party, document.volume, authority, day)

    return replace(
        document,
        sender=known(document.sender) if document.sender else None,
        recipient=known(document.recipient) if document.recipient else None,
        participants=tuple(known(party) for party in document.participants),
        sent_from=authority.named(document.place, "place") if document.place else None,
        mentions=tuple(_mention(mention, document, authority) for mention in document.mentions),
    )


def _known(party: Party, volume: str, authority: Authority, day: str | None) -> Party:
    office = authority.named(party.office, "position", "organization") if party.office else None
    person = authority.listed(volume, party.target)
    if person is None and office is not None and day is not None:
        person = authority.holder(office, day)
    return replace(party, entities=tuple(entity for entity in (person, office) if entity))


def _mention(mention: Mention, document: Document, authority: Authority) -> Mention:
    if mention.target:
        entity = authority.listed(document.volume, mention.target)
    elif mention.kind == "place":
        entity = authority.named(document.text[mention.start : mention.end], "place")
    else:
        entity = None
    return replace(mention, entity=entity) if entity else mention
