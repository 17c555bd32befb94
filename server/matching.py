"""Find the entities that a row of somebody's table may mean, and say how likely each is.

Candidates come from the index of names: those that bear the name, those with a name that holds
its words, and where these are few, those that share a word or only the beginnings of words.
The score, from 0 to 100, weighs the likeness of the names against what else is given. It is an
order for a person to look at, not a probability.

A match is certain only where nobody has to look: one entity alone bears exactly this name, or
an identifier names it, no other name is as good as equal, and nothing that is given speaks against
it. A surname alone is no name of one person, however few of them this graph knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache

from ontology.names import DATA, fold
from server.properties import PROPERTIES, Entity, Given, agreement, item, known_entities
from server.side import EntityRow, Side

WEIGHT_OF_NAME = 2
"""How many agreeing properties outweigh a name."""

MOST_SIMILAR = 40
"""Entities that each kind of search for names may find."""

MOST_WORDS = 12
"""Words of a name that are searched for; more of them never name one thing better."""

LEAST_LIKENESS = 0.3
"""Names that are less alike are not proposed."""

SAME_WORD = 0.75
"""Ratio of equal letters from which two words are one word spelt in two ways."""

TOO_LIKE = 0.9
"""Names that are so alike may well be of one person: "W. Averell" and "William Averell"."""

INITIAL = 0.8
"""How far an initial is the name that begins with it."""


@dataclass(frozen=True, slots=True)
class Clue:
    """Something that is known of a row beside its name: values of a property.

    `quantifier` says which of them count: any, all or none. A candidate must agree with a clue
    that is `required`.
    """

    property: str
    values: tuple[Given, ...]
    quantifier: str = "any"
    required: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A row: the names by which it may be known, and clues. `types` None stands for all."""

    names: tuple[str, ...]
    types: tuple[str, ...] | None
    limit: int
    clues: tuple[Clue, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity that may be meant.

    `likeness` is that of the names, None if none was given; `agreements` tell of each property
    that is known how far it agrees. All are from 0 to 1, and `score` from 0 to 100.
    """

    row: EntityRow
    score: float
    likeness: float | None
    agreements: dict[str, float]
    certain: bool = False

    @property
    def contradicted(self) -> bool:
        """Whether something that is given speaks against it."""
        return any(each < 0.5 for each in self.agreements.values())


def candidates(side: Side, question: Question) -> list[Candidate]:
    """Return the entities that may be meant, the likeliest first."""
    if question.types == ():  # Nothing has a type that there is not.
        return []
    search = _Search(side, question)
    found = [search.candidate(entity) for entity in search.entities.values()]
    likely = [each for each in found if search.keeps(each)]
    likely.sort(key=lambda each: (-each.score, -each.row.facts, each.row.id))
    told = [replace(each, certain=search.is_certain(each, likely)) for each in likely]
    return told[: question.limit]


class _Search:
    """One row with the entities that were found for it."""

    def __init__(self, side: Side, question: Question) -> None:
        self._clues = _with_bearers(side, question.clues)
        self._readings = list(dict.fromkeys(_readings(question.names)))
        bearers = side.bearers(self._readings)
        named = identified(side, question.names)
        pointed = identified(side, _items(question.clues))
        similar = _similar(side, self._readings, question.types) if self._readings else []
        ids = dict.fromkeys([*named, *pointed, *_all(bearers.values()), *similar])
        known = known_entities(side, ids)
        types = question.types
        self.entities = {
            id: each for id, each in known.items() if types is None or each.row.type in types
        }
        self._named, self._pointed = self._left(named), self._left(pointed)
        self._bearers = self._left(_all(bearers.values()))
        self._has_full_name = any(" " in reading for reading in self._readings)

    def _left(self, ids: Iterable[str]) -> set[str]:
        return {id for id in ids if id in self.entities}

    def candidate(self, entity: Entity) -> Candidate:
        """Weigh one entity."""
        likeness = self._likeness(entity)
        agreements: dict[str, float] = {}
        for clue in self._clues:
            if (found := _agreement(clue, entity)) is not None:
                agreements[clue.property] = min(found, agreements.get(clue.property, 1.0))
        weighed = [*agreements.values(), *[likeness] * WEIGHT_OF_NAME]
        known = [each for each in weighed if each is not None]
        score = round(100 * sum(known) / len(known), 1) if known else 0.0
        return Candidate(entity.row, score, likeness, agreements)

    def keeps(self, candidate: Candidate) -> bool:
        """Whether a candidate is worth a look, and agrees with what it must agree with."""
        for clue in self._clues:
            unknown = 1.0 if clue.quantifier == "none" else 0.0
            if clue.required and candidate.agreements.get(clue.property, unknown) < 0.5:
                return False
        return (
            candidate.row.id in self._pointed
            or candidate.likeness is None
            or candidate.likeness >= LEAST_LIKENESS
        )

    def _likeness(self, entity: Entity) -> float | None:
        if not self._readings:
            return None
        if entity.row.id in self._named:
            return 1.0
        names = {fold(name) for name in entity.names}
        return max(
            (likeness(reading, name) for reading in self._readings for name in names), default=0.0
        )

    def is_certain(self, candidate: Candidate, all_: Sequence[Candidate]) -> bool:
        """Whether nobody needs to look: it is named by an identifier or by a name of its own."""
        one = {candidate.row.id}
        if candidate.contradicted:
            return False
        if self._named:
            return self._named == one
        if self._pointed:
            return self._pointed == one and (
                candidate.likeness is None or candidate.likeness >= 0.5
            )
        return self._bearers == one and self._tells(candidate) and not _rivals(candidate, all_)

    def _tells(self, candidate: Candidate) -> bool:
        """Whether the name is more than a surname, or something else agrees."""
        is_person = candidate.row.type == "person"
        return not is_person or self._has_full_name or 1.0 in candidate.agreements.values()


def _rivals(candidate: Candidate, all_: Sequence[Candidate]) -> list[Candidate]:
    """Return those that may be meant as well: nothing speaks against them but a letter or two."""
    return [
        each
        for each in all_
        if each.row.id != candidate.row.id
        and not each.contradicted
        and (each.likeness or 0.0) >= TOO_LIKE
    ]


def likeness(one: str, other: str) -> float:
    """Return how alike two folded names are, from 0 to 1, whatever the order of their words.

    Initials alone are no likeness: some word must be the same, or the same but for its spelling.
    """
    if one == other:
        return 1.0
    left, right = one.split(), other.split()
    pairs = list(_pairs(left, right))
    if not any(len(word) > 1 and len(like) > 1 for word, like, _ in pairs):
        return 0.0
    # Not quite 1: the same words in another order are not the same name.
    return 0.99 * 2 * sum(ratio for *_, ratio in pairs) / (len(left) + len(right))


def _pairs(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[str, str, float]]:
    """Pair each word with the likest that is left."""
    rest = list(right)
    for word in left:
        ratios = [_likeness_of_words(word, each) for each in rest]
        best = max(ratios, default=0.0)
        if best:
            yield word, rest.pop(ratios.index(best)), best


@lru_cache(maxsize=65_536)
def _likeness_of_words(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if one[0] != other[0]:
        return 0.0
    if len(one) == 1 or len(other) == 1:
        return INITIAL
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    return ratio if ratio >= SAME_WORD else 0.0


def _agreement(clue: Clue, entity: Entity) -> float | None:
    """Return how far an entity agrees; None if one cannot tell, as of a property nobody knows."""
    if clue.property not in PROPERTIES:
        return None
    return agreement(PROPERTIES[clue.property], clue.values, clue.quantifier, entity)


def _readings(names: Iterable[str]) -> Iterator[str]:
    """Give the folded forms of names: as they are, and "Dulles, John Foster" turned round."""
    for name in names:
        last, _, first = name.partition(",")
        turned = [f"{first} {last}"] if "," not in first else []
        for reading in (name, *turned):
            if words := fold(reading).split()[:MOST_WORDS]:
                yield " ".join(words)


def identified(side: Side, texts: Iterable[str]) -> list[str]:
    """Return the entities that identifiers name: our IRIs and ids, and items of Wikidata."""
    given = [text.strip() for text in texts]
    ids = [text.removeprefix(DATA) for text in given]
    items = [found for text in given if (found := item(text))]
    return [*side.labels(ids), *side.entities_of(items)]


def _items(clues: Iterable[Clue]) -> list[str]:
    return [
        given.id or given.text
        for clue in clues
        for given in clue.values
        if clue.property == "wikidata" and clue.quantifier != "none"
    ]


def _similar(side: Side, readings: Sequence[str], types: Sequence[str] | None) -> list[str]:
    """Return entities by their names: first by all words, then by one, then by beginnings."""
    found: list[str] = []
    for pattern in (_all_words, _one_word, _beginnings):
        if len(found) < MOST_SIMILAR:
            match = " OR ".join(f"({pattern(reading.split())})" for reading in readings)
            found += side.similar(match, MOST_SIMILAR, types or ())
    return found


def _all_words(words: Sequence[str]) -> str:
    return " AND ".join(f'"{word}"*' for word in words)


def _one_word(words: Sequence[str]) -> str:
    return " OR ".join(f'"{word}"' for word in words)


def _beginnings(words: Sequence[str]) -> str:
    return " AND ".join(f'"{word[:3]}"*' for word in words)


def _with_bearers(side: Side, clues: Sequence[Clue]) -> list[Clue]:
    """Put beside each name that is given the entities that bear it, to compare by them too."""
    bearers = side.bearers(fold(given.text) for clue in clues for given in clue.values)

    def with_own(given: Given) -> Given:
        return (
            given if given.id else replace(given, bearers=tuple(bearers.get(fold(given.text), ())))
        )

    return [replace(clue, values=tuple(map(with_own, clue.values))) for clue in clues]


def _all(groups: Iterable[Sequence[str]]) -> list[str]:
    return [each for group in groups for each in group]
