"""Entities as Wikidata writes them."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def snak(value: Any, kind: str = "value") -> Json:
    """What a statement or qualifier says; the value is an item's number, or a time."""
    if kind != "value":
        return {"snaktype": kind, "property": "P1"}
    is_item = isinstance(value, str) and value.startswith("Q")
    held = {"entity-type": "item", "numeric-id": int(value[1:]), "id": value} if is_item else value
    return {"snaktype": "value", "property": "P1", "datavalue": {"value": held}}


def time(text: str, precision: int = 11) -> Json:
    """A time, by default exact to the day."""
    return {
        "time": text,
        "timezone": 0,
        "before": 0,
        "after": 0,
        "precision": precision,
        "calendarmodel": "http://www.wikidata.org/entity/Q1985727",
    }


def year(number: int) -> Json:
    """A time that is exact to the year."""
    return time(f"{'+' if number > 0 else '-'}{abs(number):04}-00-00T00:00:00Z", 9)


def statement(
    value: Any, rank: str = "normal", kind: str = "value", **qualifiers: Json | None
) -> Json:
    """A statement; qualifiers are times, or None for one that is unknown."""
    said = {
        name: [snak(each, "value" if each else "somevalue")] for name, each in qualifiers.items()
    }
    found: Json = {"mainsnak": snak(value, kind), "type": "statement", "rank": rank}
    return {**found, "qualifiers": said} if said else found


def texts(**languages: str) -> Json:
    """Labels or descriptions by language."""
    return {
        one.replace("_", "-"): {"language": one.replace("_", "-"), "value": text}
        for one, text in languages.items()
    }


def entity(id: str, label: str = "", **parts: Any) -> Json:
    """An item with an English label; what is empty is written as a list, as Wikidata does."""
    labels = texts(en=label) if label else {}
    whole: Json = {
        "type": "item",
        "id": id,
        "labels": labels or [],
        "descriptions": [],
        "aliases": [],
        "claims": [],
        "sitelinks": [],
    }
    return {**whole, **parts}


def human(id: str, label: str = "", claims: Json | None = None, **parts: Any) -> Json:
    """An item that is a human."""
    return entity(id, label, claims={"P31": [statement("Q5")], **(claims or {})}, **parts)


ROOSEVELT = human(
    "Q8007",
    "Franklin Delano Roosevelt",
    claims={
        "P569": [statement(time("+1882-01-30T00:00:00Z"))],
        "P570": [statement(time("+1945-04-12T00:00:00Z"))],
        "P39": [
            statement("Q11696", P580=time("+1933-03-04T00:00:00Z"), P582=year(1945)),
            statement("Q889821", P580=year(1929), P582=None),
            statement("Q404", rank="deprecated"),
        ],
        "P27": [statement("Q30")],
        "P106": [statement("Q82955"), statement("Q40348")],
    },
    labels=texts(en="Franklin Delano Roosevelt", fr="Franklin Roosevelt", ru="Франклин Рузвельт"),
    descriptions=texts(
        en="president of the United States from 1933 to 1945", de="Präsident der USA"
    ),
    aliases={
        "en": [{"language": "en", "value": "FDR"}, {"language": "en", "value": "F. D. Roosevelt"}],
        "lv": [{"language": "lv", "value": "Franklins Rūzvelts"}],
        "de": [{"language": "de", "value": "FDR"}],
    },
    sitelinks={"enwiki": {"site": "enwiki", "title": "Franklin D. Roosevelt"}, "dewiki": {}},
)
"""A human as full as they come."""

OTHERS = [
    entity("Q5", "human"),
    entity("Q11696", "President of the United States"),
    entity("Q889821", "Governor of New York"),
    entity("Q30", "United States", claims={"P31": [statement("Q6256")]}),
    entity("Q82955", labels=texts(mul="politician")),
    entity("Q40348", labels=texts(de="Rechtsanwalt", en="lawyer")),
]
"""The items that he names."""

LINE = {
    "qid": "Q8007",
    "label": "Franklin Delano Roosevelt",
    "aliases": ["FDR", "F. D. Roosevelt"],
    "spellings": ["Franklin Roosevelt", "Franklins Rūzvelts"],
    "description": "president of the United States from 1933 to 1945",
    "birth": 1882,
    "death": 1945,
    "positions": [
        ["President of the United States", "1933", "1945"],
        ["Governor of New York", "1929", None],
    ],
    "country": "United States",
    "occupations": ["politician", "lawyer"],
    "sitelinks": 2,
    "sources": ["Wikidata"],
}
"""What a file of items says of him."""
