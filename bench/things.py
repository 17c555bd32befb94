"""How well places, states, bodies, offices and events are linked to Wikidata.

A name that was looked up by hand is that of an entity of the authority, if one has it, or else of
one of which nothing but the name is known; what stands in parentheses is another name of it.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench.scoring import Share
from ingest.authority import Authority, read_authority
from ingest.gazetteer import Thing, link_things
from ingest.items import thing_of
from ingest.model import Entity, WikidataLink

DATA = Path(__file__).parents[1] / "data"
_TYPES = {
    "city": "place",
    "territory": "place",
    "country": "state",
    "org": "organization",
    "place": "place",
    "position": "position",
    "event": "topic",
}
_PARENTHESES = re.compile(r"\s*\(([^)]*)\)")
_OF_OTHERS = re.compile("British|Soviet|Chin|Japan|Viet|Communist Party")
"""What tells in a name that a body is not one of the United States."""


class LinkedThings(NamedTuple):
    """How links agree with what was found by hand: names, exact matches, right ones of these."""

    names: int
    exact: int
    right: int

    @property
    def precision(self) -> Share:
        """The share of exact matches that are right."""
        return Share(self.right, self.exact)

    @property
    def recall(self) -> Share:
        """The share of names that have their item."""
        return Share(self.right, self.names)


class Named:
    """The items of a file by their names."""

    def __init__(self, path: Path) -> None:
        """Read a file of items, one a line."""
        self._things: defaultdict[str, list[Thing]] = defaultdict(list)
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                thing = thing_of(line)
                for name in thing.names:
                    self._things[name].append(thing)

    def __call__(self, names: Iterable[str]) -> list[Thing]:
        """Return the items that have one of some names, each once."""
        found = {one.qid: one for name in names for one in self._things.get(name, ())}
        return [found[qid] for qid in sorted(found)]


def linked_things(shared: Path) -> LinkedThings:
    """Link what was looked up by hand."""
    authority, _ = read_authority(DATA / "authority")
    named = Named(shared / "linking" / "wikidata-places-orgs.jsonl.gz")
    right = [*_looked_up(shared / "linking" / "places-orgs-gold.tsv", authority)]
    found = [(item, _link(entity, authority, named)) for entity, item in right]
    exact = [(item, link) for item, link in found if link.item and link.exact]
    return LinkedThings(len(right), len(exact), sum(item == link.item for item, link in exact))


def seed_links(shared: Path) -> dict[str, tuple[str | None, str | None]]:
    """Return the item that each thing of the first telegram has, and the one that was found.

    What the authority says of the item is not used.
    """
    authority, _ = read_authority(DATA / "authority")
    named = Named(shared / "linking" / "wikidata-places-orgs.jsonl.gz")
    found = {}
    for row in _rows(shared / "linking" / "seed.tsv"):
        if row["type"] != "person":
            entity = _entity(row["mention"], row["type"], authority)
            item = None if row["qid"] == "unverified" else row["qid"]
            found[row["mention"]] = (item, _link(entity, authority, named).item)
    return found


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _looked_up(path: Path, authority: Authority) -> Iterator[tuple[Entity, str]]:
    for row in _rows(path):
        yield _entity(row["mention"], row["type"], authority), row["qid"]


def _entity(mention: str, type_: str, authority: Authority) -> Entity:
    """Return the entity that a name means."""
    names = [*_PARENTHESES.sub("", mention).split(" / "), *_PARENTHESES.findall(mention)]
    wanted = (_TYPES[type_], *(("state",) if type_ == "place" else ()))
    known = authority.named(names[0], *wanted) if len(names) == 1 else None
    if known:
        return authority.entities[known]
    ours = wanted[0] in ("organization", "position") and not _OF_OTHERS.search(mention)
    state = "state/united-states" if ours else None
    return Entity(f"{wanted[0]}/x", names[0], tuple(names[1:]), represents=state)


def _link(entity: Entity, authority: Authority, named: Named) -> WikidataLink:
    """Link an entity as if nobody had done so yet."""
    plain = Entity(
        entity.id,
        entity.label,
        entity.names,
        represents=entity.represents,
        part_of=entity.part_of,
    )
    others = [authority.entities[entity.part_of]] if entity.part_of else []
    links = {one.id: link for one, link in link_things([plain, *others], named)}
    return links[entity.id]
