"""Printed names to known entities: the sender, the recipient, and whom a document mentions.

A tag that points into the volume's list of persons decides; without one, the office as
printed names a position or body, and the person is the one who held it on the day of the
document (`ingest.offices`). A bare surname decides nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from ingest.authority import Authority
from ingest.model import Block, Document, Entity, ListedPerson, ListedTerm, Mention, Party
from ingest.offices import STATE, Holder, Offices


def listed_entity(item: ListedPerson | ListedTerm) -> Entity:
    """Return the entity of an entry in a volume's list, as that volume knows it.

    A person of several volumes is several entities until `ingest.unify` joins them. The ids of
    registers of officers are those of persons; they stay whatever volumes there are.
    """
    slug, listed = f"{item.volume}.{item.id}", (item.key,)
    if isinstance(item, ListedTerm):
        return Entity(f"topic/{slug}", item.term, description=item.meaning, listed_as=listed)
    surname, comma, given = item.name.partition(", ")
    return Entity(
        f"person/{item.id if item.tenures else slug}",
        item.name,
        (f"{given} {surname}",) if comma else (),
        item.description,
        represents=STATE if item.tenures else None,
        tenures=item.tenures,
        listed_as=listed,
        born=item.born,
        died=item.died,
    )


def resolved(
    document: Document, offices: Offices, listed: Mapping[str, str] | None = None
) -> Document:
    """Return a document with the entities that its names stand for.

    `listed` gives the entities of the volume's lists of persons and terms, by `xml:id`.
    """
    authority, tagged = offices.authority, listed or {}
    known = partial(_known, document=document, offices=offices, tagged=tagged)
    found = replace(
        document,
        sender=known(document.sender) if document.sender else None,
        recipient=known(document.recipient) if document.recipient else None,
        participants=tuple(known(party) for party in document.participants),
        sent_from=_place(document, document.place, authority),
        mentions=tuple(
            _mention(mention, document, authority, tagged) for mention in document.mentions
        ),
    )
    return replace(found, signers=tuple(dict.fromkeys(_signers(found, offices))))


def doubts(
    document: Document, offices: Offices, listed: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Yield where a head or a tag names another than the known holder of an office that day."""
    for party in (document.sender, document.recipient, *document.participants):
        if party is None:
            continue
        holder, tag = _holder(party, document, offices), _tagged(party, document, offices, listed)
        known = holder.contradicted or (holder.person if holder.certain and party.name else None)
        if known and (holder.contradicted or tag not in (None, known)):
            says = f"the tag means {tag}" if tag else "the head names another"
            yield f"{document.key}: {party.printed}: {says}; it was {known} that day"


def _holder(party: Party, document: Document, offices: Offices) -> Holder:
    day = document.sent.earliest if document.sent else None
    return offices.holder(party.office or "", party.name, day)


def _tagged(
    party: Party, document: Document, offices: Offices, listed: Mapping[str, str] | None
) -> str | None:
    """Return the person to whom the tag of a party points."""
    known = offices.authority.listed(document.volume, party.target)
    return known or (listed or {}).get(party.target or "")


def _known(party: Party, document: Document, offices: Offices, tagged: Mapping[str, str]) -> Party:
    """Return a party with the person and the office that it stands for.

    The tag tells the person, unless head, day and register agree on another: of the tags of
    FRUS that they contradict, all that we read were wrong (bench/ACCURACY.md).
    """
    tag, holder = _tagged(party, document, offices, tagged), _holder(party, document, offices)
    person = holder.person if holder.certain and party.name else tag or holder.person
    entities = tuple(filter(None, (person, holder.office)))
    return replace(party, entities=entities) if entities else party


def _signers(document: Document, offices: Offices) -> Iterator[str]:
    """Yield those who signed: the head of the sending body who is called so, else by the tags."""
    body = document.sender.office if document.sender else None
    day = document.sent.earliest if document.sent else None
    for block in document.blocks:
        if block.kind == "signature":
            words = document.text[block.start : block.end]
            known = offices.signer(body, words, day) if body and day else None
            yield from [known] if known else _people(document, block)


def _people(document: Document, block: Block) -> Iterator[str]:
    """Yield the persons whom the tags of a block mean."""
    for mention in document.mentions:
        within = block.start <= mention.start and mention.end <= block.end
        if within and mention.kind == "person" and mention.entity:
            yield mention.entity


def _place(document: Document, printed: str | None, authority: Authority) -> str | None:
    """Return the place that printed words name on the day of a document."""
    day = document.sent.earliest if document.sent else None
    return authority.named(printed, "place", day=day) if printed else None


def _mention(
    mention: Mention, document: Document, authority: Authority, tagged: Mapping[str, str]
) -> Mention:
    target, entity = mention.target, None
    if target:
        entity = tagged.get(target) or authority.listed(document.volume, target)
    elif mention.kind == "place":
        entity = _place(document, document.text[mention.start : mention.end], authority)
    if entity is None:
        return mention
    return Mention(mention.kind, mention.start, mention.end, target, entity)
