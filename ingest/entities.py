"""What an entity of Wikidata says of a human, as its dumps and its API write it in JSON.

    {"type": "item", "id": "Q8007", "labels": {"en": {"language": "en", "value": "Franklin D. …"}},
     "claims": {"P31": [{"mainsnak": {"snaktype": "value", "datavalue": {"value": {"id": "Q5"}}},
                         "rank": "normal"}], …}, …}

Of the statements about a property those of preferred rank count, or else those of normal rank; of
offices all do but the deprecated ones, for the present one is often preferred. A date that is less
exact than a year, unknown or of nobody is no date. Offices, countries and occupations are items
themselves, whose labels stand elsewhere: `line_of` leaves their numbers, `worded` puts words.

`sources`, which `ingest/links.onnx` was grown with, is the number of lists of notable people that
name a person. Wikidata says nothing of the kind, and how many Wikipedias have an article
(`sitelinks`) is another thing, so that everyone has one: Wikidata itself.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from ontology.names import fold

HUMAN = "Q5"
MOST_NAMES, MOST_PARTS = 50, 200
"""How many aliases, spellings, offices and the like are kept of one human."""
LONGEST_NAME = 200

ENGLISH = ("en", "mul", "en-us", "en-gb", "en-ca")
"""Languages of English labels; `mul` is for names that are the same in all of them."""
LATIN = ("de", "fr", "es", "pt", "it", "nl", "pl", "sv", "cs", "tr", "id", "vi")
_NOT_LATIN = re.compile(r"[\u0370-\u1dff\u1f00-\u1fff\u2c00-\U0010ffff]")
_TIME = re.compile(r"([+-]\d{4,})-\d\d-\d\d")
_YEAR = 9
"""The precision of a year: 8 is a decade, 10 a month."""
_NUMBER = re.compile(r"Q[1-9][0-9]{0,12}")

Entity = Mapping[str, Any]
Line = dict[str, Any]
"""A line of a file of items (`ingest/items.py`)."""


class BadEntity(ValueError):
    """JSON that is no entity as Wikidata writes it."""


def line_of(entity: Any) -> Line | None:
    """Return what an entity says of a human, with other items as their numbers.

    None if it is no human, was deleted, leads elsewhere or has no name in Latin letters. Raises
    BadEntity.
    """
    try:
        statements = _part(entity, "claims")
        is_human = HUMAN in _items(_held(statements.get("P31", ())))
        return _line(entity, statements) if is_human and entity.get("type") == "item" else None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise BadEntity(f"no entity of Wikidata: {type(error).__name__} {error}") from error


def label_of(entity: Any) -> str | None:
    """Return what an item is called, in English if it may be; None if it has no name.

    Raises BadEntity.
    """
    try:
        return _label(_part(entity, "labels"))
    except (AttributeError, KeyError, TypeError) as error:
        raise BadEntity(f"no entity of Wikidata: {type(error).__name__} {error}") from error


def mentioned(line: Line) -> Iterator[str]:
    """Yield the numbers of the items whose labels a line needs."""
    yield from (office for office, *_ in line["positions"])
    yield from line["countries"]
    yield from line["occupations"]


def worded(line: Line, labels: Mapping[str, str]) -> Line:
    """Return a line with words for numbers; what has no label, as if deleted, is left out."""
    countries = [labels[one] for one in line["countries"] if one in labels]
    told = {name: value for name, value in line.items() if name != "countries"}
    return {
        **told,
        "positions": [[labels.get(office), *years] for office, *years in line["positions"]],
        "country": ", ".join(countries),
        "occupations": [labels[one] for one in line["occupations"] if one in labels],
        "sources": ["Wikidata"],
    }


def _line(entity: Entity, statements: Entity) -> Line | None:
    label = _label(_part(entity, "labels"))
    if label is None:
        return None
    aliases, spellings = _names(entity, label)
    return {
        "qid": _number(entity["id"]),
        "label": label,
        "aliases": aliases,
        "spellings": spellings,
        "description": _english(_part(entity, "descriptions")),
        "birth": _year_of(_best(statements, "P569")),
        "death": _year_of(_best(statements, "P570")),
        "positions": [*islice(_positions(statements.get("P39", ())), MOST_PARTS)],
        "countries": _items(_best(statements, "P27"))[:MOST_PARTS],
        "occupations": _items(_best(statements, "P106"))[:MOST_PARTS],
        "sitelinks": len(_part(entity, "sitelinks")),
    }


def _part(entity: Entity, name: str) -> Entity:
    """Return a part of an entity; one that is empty is written as a list, or not at all."""
    part = entity.get(name)
    if part and not isinstance(part, Mapping):
        raise TypeError(name)
    return part or {}


# Names


def _label(labels: Entity) -> str | None:
    order = dict.fromkeys((*ENGLISH, *LATIN, *sorted(labels)))
    found = (labels[language]["value"] for language in order if language in labels)
    return next(filter(_is_name, found), None)


def _english(descriptions: Entity) -> str:
    found = (descriptions[one]["value"] for one in ENGLISH if one in descriptions)
    return str(next(found, ""))[:1000]


def _names(entity: Entity, label: str) -> tuple[list[str], list[str]]:
    """Return the aliases in English, and the further spellings of other languages."""
    labels, aliases = _part(entity, "labels"), _part(entity, "aliases")
    known, every = {fold(label)}, dict.fromkeys((*labels, *aliases))
    english = [name for one in ENGLISH for name in _in(one, labels, aliases)]
    others = [name for one in every if one not in ENGLISH for name in _in(one, labels, aliases)]
    return _further(english, known), _further(others, known)


def _in(language: str, labels: Entity, aliases: Entity) -> Iterator[str]:
    for one in (*([labels[language]] if language in labels else []), *aliases.get(language, ())):
        yield one["value"]


def _further(names: Iterable[str], known: set[str]) -> list[str]:
    """Return the names that are not known yet, and know them."""
    found = []
    for name in names:
        if _is_name(name) and (key := fold(name)) not in known:
            known.add(key)
            found.append(name)
    return found[:MOST_NAMES]


def _is_name(text: str) -> bool:
    return 0 < len(text) <= LONGEST_NAME and not _NOT_LATIN.search(text)


# Statements


def _held(statements: Iterable[Entity]) -> list[Entity]:
    """Return the statements that are not known to be wrong."""
    return [one for one in statements if one["rank"] != "deprecated"]


def _best(statements: Entity, name: str) -> list[Entity]:
    """Return the statements about a property that Wikidata holds for the best."""
    held = _held(statements.get(name, ()))
    return [one for one in held if one["rank"] == "preferred"] or held


def _value(snak: Entity) -> Any:
    """Return the value of a statement or qualifier; None if it is unknown or there is none."""
    return snak["datavalue"]["value"] if snak["snaktype"] == "value" else None


def _items(statements: Iterable[Entity]) -> list[str]:
    values = (_value(one["mainsnak"]) for one in statements)
    return [*dict.fromkeys(_number(value["id"]) for value in values if value)]


def _number(id: str) -> str:
    if not _NUMBER.fullmatch(id):
        raise ValueError(id)
    return id


def _year_of(statements: Iterable[Entity]) -> int | None:
    years = (_year(_value(one["mainsnak"])) for one in statements)
    return next((year for year in years if year is not None), None)


def _year(time: Entity | None) -> int | None:
    """Return the year of a time; of those before Christ it is negative."""
    if time is None or time["precision"] < _YEAR:
        return None
    found = _TIME.match(time["time"])
    return int(found[1]) if found and len(found[1]) == len("+1945") else None


def _positions(statements: Iterable[Entity]) -> Iterator[list[str | None]]:
    """Yield each office with the years in which it began and ended."""
    for one in _held(statements):
        if value := _value(one["mainsnak"]):
            qualifiers = one.get("qualifiers") or {}
            yield [_number(value["id"]), *(_span(qualifiers.get(end, ())) for end in _ENDS)]


_ENDS = ("P580", "P582")
"""Start time and end time."""


def _span(snaks: Iterable[Entity]) -> str | None:
    years = (_year(_value(one)) for one in snaks)
    return next((f"{year:04}" for year in years if year is not None and year > 0), None)
