"""Which item of Wikidata a place, state, body, office or topic is: by its names and what it is.

Of such things there are few of one name and one kind, and lists of them name both: so clear rules
do. An item must be of the kind; it fits the better, the more of the names it bears, and as labels
rather than aliases. Between items that fit equally, the one that more lists name, or the larger
place, is meant, but that is no exact match.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ingest.model import Entity, WikidataLink
from ontology.names import fold

EXACT = 0.8
"""The likelihood from which on a link is an exact match."""
_SURE, _SEEMS, _DOUBTED = 0.97, 0.9, 0.5
"""Likelihoods: of the only item that fits, of one whose kind nothing tells, of one of several.
Set by hand; bench/ACCURACY.md says how often exact matches are right."""


@dataclass(frozen=True)
class Thing:
    """What a list of Wikidata's items says of something other than a person.

    `type` is city, territory, state, organization, position, or empty where the list does not say.
    """

    qid: str
    label: str
    aliases: tuple[str, ...] = ()
    description: str = ""
    type: str = ""
    sources: int = 0
    population: int = 0
    coordinates: tuple[float, float] | None = None  # latitude, longitude

    @property
    def names(self) -> set[str]:
        """Its names as they are compared."""
        return {plain(name) for name in (self.label, *self.aliases)}


_WORDS = {
    "place": "populated place city capital town village port island region province peninsula "
    "territory settlement municipality mandate administration borough district county sea river "
    "strait canal continent area metropolis commune oblast republics",
    "state": "country state republic empire kingdom nation federation dominion monarchy sultanate",
    "organization": "organization organisation department agency party army navy force forces "
    "council committee bureau institution bank fund police ministry league branch government "
    "commission corps union movement alliance service company corporation legislature court body",
    "position": "office head official minister member chief leader rank post secretary",
    "topic": "war conflict battle crisis revolution treaty conference uprising coup invasion "
    "campaign theatre tension agreement plan doctrine rebellion operation incident",
}
_DESCRIBED = {
    kind: re.compile(rf"\b(?:{'|'.join(words.split())})\b", re.IGNORECASE)
    for kind, words in _WORDS.items()
}
"""What descriptions of each kind of thing say."""
_TYPES = {
    "city": {"place"},
    "territory": {"place", "state"},
    "state": {"state"},
    "organization": {"organization"},
    "position": {"position"},
}
"""The kinds of thing that each type of a list may be."""
_OURS = "state/united-states"
_AMERICAN = re.compile(r"\b(?:united states|u s)\b")
_DEPARTMENT = re.compile(r"(?P<of>.+) department")


def plain(name: str) -> str:
    """Return a name in the form in which names of things are compared."""
    return fold(name).removeprefix("the ")


class Fit(NamedTuple):
    """How well an item fits: the greater, the better."""

    there: bool  # where the thing is, or of the United States if the thing is theirs
    names: int  # how many of ours it bears
    kind: int  # how sure it is that it is of the kind
    closeness: int  # 0 if its label is ours, less for aliases and changed forms
    sources: int
    population: int


def link_thing(entity: Entity, things: Iterable[Thing], within: Sequence[str] = ()) -> WikidataLink:
    """Return which of some items that share a name with an entity it is, if any.

    `within` are the names of the larger place or body that it is part of.
    """
    fits = [(fit, thing) for thing in things if (fit := _fit(entity, thing, within))]
    if not fits:
        return WikidataLink("none-found")
    (best, thing), *others = sorted(fits, key=lambda one: (one[0], one[1].qid), reverse=True)
    likely = _SEEMS if best.kind == _UNKNOWN else _SURE
    if others and others[0][0][:4] == best[:4]:
        likely = _SEEMS if _is_outstanding(best, others[0][0]) else _DOUBTED
    reason = f"{thing.label}: {thing.description or 'nothing said of it'}; the name agrees"
    return WikidataLink(
        "linked",
        thing.qid,
        likely >= EXACT,
        likely,
        reason,
        manual=False,
        coordinates=thing.coordinates,
    )


def _is_outstanding(best: Fit, other: Fit) -> bool:
    return best.sources > other.sources or best.population > 10 * other.population


def _fit(entity: Entity, thing: Thing, within: Sequence[str]) -> Fit | None:
    """Return how well an item fits; None if it is of another kind, or bears no name of ours."""
    kind, label, theirs = _kind(entity, thing), plain(thing.label), thing.names
    shared = [way for way in _ways(entity) if way.form in theirs]
    if not kind or not shared:
        return None
    closeness = max(-way.cost - (way.form != label) for way in shared)
    names = len({way.name for way in shared})
    there = _is_there(entity, thing, within)
    return Fit(there, names, kind, closeness, thing.sources, thing.population)


def _is_there(entity: Entity, thing: Thing, within: Sequence[str]) -> bool:
    said = f" {plain(f'{thing.label} {thing.description}')} "
    names = [*within, *(["United States"] if entity.represents == _OURS else [])]
    return any(f" {plain(name)} " in said for name in names)


_UNKNOWN, _TOLD, _TYPED = 1, 2, 3
"""How the kind of an item is known: not at all, by its description, by the list."""


def _kind(entity: Entity, thing: Thing) -> int:
    """Return how sure it is that an item is of the kind of an entity; 0 if it is not."""
    if thing.type:
        return _TYPED * (entity.type in _TYPES.get(thing.type, ()))
    if not thing.description:
        return _UNKNOWN
    return _TOLD * bool(_DESCRIBED[entity.type].search(thing.description))


class _Way(NamedTuple):
    """A way to write a name of ours, and how far it is from the name."""

    name: str
    form: str
    cost: int


def forms(entity: Entity) -> set[str]:
    """Return all ways to write the names of an entity, to look for items by."""
    return {way.form for way in _ways(entity)}


def _ways(entity: Entity) -> Iterator[_Way]:
    for number, name in enumerate((entity.label, *entity.names)):
        for form, cost in _written(plain(name), entity.type).items():
            yield _Way(plain(name), form, cost + 2 * (number > 0))


def _written(name: str, type_: str) -> Mapping[str, int]:
    """Return the ways to write a name: "Navy Department" is the United States' of the Navy."""
    found = {name: 0}
    if type_ in ("organization", "position"):
        if department := _DEPARTMENT.fullmatch(name):
            found |= {f"department of {article}{department['of']}": 1 for article in ("", "the ")}
        for form in [*found]:
            bare = _AMERICAN.sub("", form).strip()
            found = {bare: 1, f"united states {bare}": 1} | found
        found = {form.removesuffix("s"): 2 for form in found} | found
        found = {f"{form}s": 2 for form in found if not form.endswith("s")} | found
    return found


Named = Callable[[Iterable[str]], Iterable[Thing]]
"""What gives the items that have one of some names, such as `ingest.items.Index.things`."""


def link_things(
    entities: Collection[Entity], named: Named
) -> Iterator[tuple[Entity, WikidataLink]]:
    """Yield the things, no persons, whom the authority says nothing of, with what was found."""
    known = {entity.id: entity for entity in entities}
    for entity in entities:
        if entity.type != "person" and entity.link.state == "not-searched":
            whole = known.get(entity.part_of or "")
            within = (whole.label, *whole.names) if whole else ()
            yield entity, link_thing(entity, named(forms(entity)), within)
