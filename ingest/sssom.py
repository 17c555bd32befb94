"""Links to Wikidata as SSSOM writes mappings: tab-separated, one a line, each with its reasons.

A person who was looked for in vain has `sssom:NoTermFound` for an object: that is not the same as
not being looked for, who is in no line. Other items that a person may be are mappings of their own,
by `cg:possibleMatch`. Four columns that SSSOM has not, and allows, tell when the person of an item
lived, and where a place is.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

from ingest.model import MOST_ALTERNATIVES, Alternative, Entity, Problem, WikidataLink
from ontology.names import DATA, TERMS

_COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "confidence",
    "mapping_tool",
    "comment",
    "item_born",
    "item_died",
    "item_latitude",
    "item_longitude",
)
_HEAD = f"""\
# curie_map:
#   cg: {TERMS}
#   cgd: {DATA}
#   geo: http://www.w3.org/2003/01/geo/wgs84_pos#
#   skos: http://www.w3.org/2004/02/skos/core#
#   semapv: https://w3id.org/semapv/vocab/
#   sssom: https://w3id.org/sssom/
#   wikidata: http://www.wikidata.org/entity/
# mapping_set_id: {DATA}graph/links
# license: https://creativecommons.org/publicdomain/zero/1.0/
# extension_definitions:
#   - slot_name: item_born
#     property: cg:born
#   - slot_name: item_died
#     property: cg:died
#   - slot_name: item_latitude
#     property: geo:lat
#   - slot_name: item_longitude
#     property: geo:long
"""
_NONE = "sssom:NoTermFound"
_PREDICATES = {True: "skos:exactMatch", False: "skos:closeMatch"}
_POSSIBLE = "cg:possibleMatch"
_ITEM = re.compile(r"Q[1-9][0-9]*")
_MANUAL, _BY_PROGRAM = "semapv:ManualMappingCuration", "semapv:CompositeMatching"
TOOL = "cablegraph link"


def write_links(path: Path, links: Iterable[tuple[Entity, WikidataLink]]) -> None:
    """Write links in the order in which they come; the file appears when it is whole."""
    making = path.with_name(f"{path.name}.making")
    path.parent.mkdir(parents=True, exist_ok=True)
    with making.open("w", encoding="utf-8", newline="") as file:
        file.write(_HEAD)
        rows = csv.writer(file, delimiter="\t", lineterminator="\n")
        rows.writerow(_COLUMNS)
        rows.writerows(row for entity, link in links for row in _rows(entity, link))
    making.rename(path)


def _rows(entity: Entity, link: WikidataLink) -> Iterator[tuple[str, ...]]:
    item = f"wikidata:{link.item}" if link.item else _NONE
    how = (_MANUAL, "") if link.manual else (_BY_PROGRAM, TOOL)
    own = (link.born, link.died, *(link.coordinates or (None, None)))
    said = tuple("" if each is None else str(each) for each in own)
    yield (
        _row(entity, _PREDICATES[link.exact], item, "", link.confidence, link.evidence, how) + said
    )
    for one in link.alternatives:
        told = (one.label, one.confidence, one.evidence, how)
        yield _row(entity, _POSSIBLE, f"wikidata:{one.item}", *told) + ("",) * len(own)


def _row(
    entity: Entity,
    predicate: str,
    item: str,
    label: str,
    likely: float | None,
    evidence: str,
    how: tuple[str, str],
) -> tuple[str, ...]:
    return (
        f"cgd:{entity.id}",
        entity.label,
        predicate,
        item,
        " ".join(label.split()),
        how[0],
        "" if likely is None else f"{likely:.3f}",
        how[1],
        " ".join(evidence.split()),
    )


def read_links(folder: Path) -> tuple[dict[str, WikidataLink], list[Problem]]:
    """Return the links of all files of a folder by entity, and what is wrong with some lines."""
    links: dict[str, WikidataLink] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.sssom.tsv")):
        found, wrong = _read(path)
        problems += wrong
        links = {**found, **links}
    return links, problems


def _read(path: Path) -> tuple[dict[str, WikidataLink], list[Problem]]:
    """Return the links of a file, each with its alternatives, and what is wrong with it."""
    links: dict[str, WikidataLink] = {}
    others: defaultdict[str, list[Alternative]] = defaultdict(list)
    problems: list[Problem] = []
    for found in _mappings(path):
        match found:
            case Problem():
                problems.append(found)
            case id, Alternative() as other:
                others[id].append(other)
            case id, WikidataLink() as link:
                links.setdefault(id, link)
    for id in others.keys() & links.keys():
        order = sorted(others[id], key=lambda one: -one.confidence)
        links[id] = replace(links[id], alternatives=tuple(order[:MOST_ALTERNATIVES]))
    return links, problems


def _mappings(path: Path) -> Iterator[tuple[str, WikidataLink | Alternative] | Problem]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        yield Problem(str(path), None, f"cannot be read: {error}", "unreadable")
        return
    head = sum(line.startswith("#") for line in lines)
    rows = csv.DictReader(lines[head:], delimiter="\t")
    for number, row in enumerate(rows, start=head + 2):
        try:
            yield row["subject_id"].removeprefix("cgd:"), _mapping(row)
        except (KeyError, ValueError, TypeError, AttributeError):
            message = f"not a mapping; it wants the columns {', '.join(_COLUMNS)}"
            yield Problem(str(path), number, message, "bad-link")


def _mapping(row: Mapping[str, str]) -> WikidataLink | Alternative:
    item = row["object_id"].removeprefix("wikidata:")
    if item == _NONE:
        return WikidataLink("none-found", manual=_is_manual(row))
    if not _ITEM.fullmatch(item):
        raise ValueError(item)
    likely = float(row["confidence"])
    if not 0 <= likely <= 1:
        raise ValueError(likely)
    if row["predicate_id"] == _POSSIBLE:
        return Alternative(item, row["object_label"], likely, row["comment"])
    exact = row["predicate_id"] == _PREDICATES[True]
    link = WikidataLink("linked", item, exact, likely, row["comment"], _is_manual(row))
    return replace(link, **_said(row))


class _Said(TypedDict):
    """What the item of a mapping says; a file of others need not have it."""

    born: int | None
    died: int | None
    coordinates: tuple[float, float] | None


def _said(row: Mapping[str, str]) -> _Said:
    born, died, latitude, longitude = (row.get(name) for name in _COLUMNS[-4:])
    return _Said(
        born=int(born) if born else None,
        died=int(died) if died else None,
        coordinates=(float(latitude), float(longitude)) if latitude and longitude else None,
    )


def _is_manual(row: Mapping[str, str]) -> bool:
    return row["mapping_justification"] == _MANUAL
