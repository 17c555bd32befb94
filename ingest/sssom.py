"""Links to Wikidata as SSSOM writes mappings: tab-separated, one a line, each with its reasons.

A person who was looked for in vain has `sssom:NoTermFound` for an object: that is not the same as
not being looked for, who is in no line.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ingest.model import Entity, Problem, WikidataLink
from ontology.names import DATA

_COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "mapping_justification",
    "confidence",
    "mapping_tool",
    "comment",
)
_HEAD = (
    f"# curie_map:\n#   cgd: {DATA}\n#   skos: http://www.w3.org/2004/02/skos/core#\n"
    "#   semapv: https://w3id.org/semapv/vocab/\n#   sssom: https://w3id.org/sssom/\n"
    "#   wikidata: http://www.wikidata.org/entity/\n"
    "# license: https://creativecommons.org/publicdomain/zero/1.0/\n"
)
_NONE = "sssom:NoTermFound"
_PREDICATES = {True: "skos:exactMatch", False: "skos:closeMatch"}
TOOL = "cablegraph link"


def write_links(path: Path, links: Iterable[tuple[Entity, WikidataLink]]) -> None:
    """Write links in the order in which they come; the file appears when it is whole."""
    making = path.with_name(f"{path.name}.making")
    path.parent.mkdir(parents=True, exist_ok=True)
    with making.open("w", encoding="utf-8", newline="") as file:
        file.write(_HEAD)
        rows = csv.writer(file, delimiter="\t", lineterminator="\n")
        rows.writerow(_COLUMNS)
        rows.writerows(_row(entity, link) for entity, link in links)
    making.rename(path)


def _row(entity: Entity, link: WikidataLink) -> tuple[str, ...]:
    item = f"wikidata:{link.item}" if link.item else _NONE
    likely = "" if link.confidence is None else f"{link.confidence:.3f}"
    return (
        f"cgd:{entity.id}",
        entity.label,
        _PREDICATES[link.exact],
        item,
        "semapv:CompositeMatching",
        likely,
        TOOL,
        " ".join(link.evidence.split()),
    )


def read_links(folder: Path) -> tuple[dict[str, WikidataLink], list[Problem]]:
    """Return the links of all files of a folder by entity, and what is wrong with some lines."""
    links: dict[str, WikidataLink] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.sssom.tsv")):
        for found in _read(path):
            if isinstance(found, Problem):
                problems.append(found)
            else:
                links.setdefault(*found)
    return links, problems


def _read(path: Path) -> Iterator[tuple[str, WikidataLink] | Problem]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        yield Problem(str(path), None, f"cannot be read: {error}", "unreadable")
        return
    head = sum(line.startswith("#") for line in lines)
    rows = csv.DictReader(lines[head:], delimiter="\t")
    for number, row in enumerate(rows, start=head + 2):
        try:
            yield row["subject_id"].removeprefix("cgd:"), _link(row)
        except (KeyError, ValueError, TypeError, AttributeError):
            message = f"not a mapping; it wants the columns {', '.join(_COLUMNS)}"
            yield Problem(str(path), number, message, "bad-link")


def _link(row: Mapping[str, str]) -> WikidataLink:
    item = row["object_id"].removeprefix("wikidata:")
    if item == _NONE:
        return WikidataLink("none-found")
    if not (item[:1] == "Q" and item[1:].isdigit()):
        raise ValueError(item)
    exact = row["predicate_id"] == _PREDICATES[True]
    likely = float(row["confidence"])
    if not 0 <= likely <= 1:
        raise ValueError(likely)
    manual = row["mapping_justification"] == "semapv:ManualMappingCuration"
    return WikidataLink("linked", item, exact, likely, row["comment"], manual)
