"""How well entries of lists of persons are joined, beside the Office of the Historian's own joins.

The Office has unified most persons of FRUS by hand (`linking/people-unification.tsv`, a strong
silver standard: one or two records in a hundred are split or joined wrongly there).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ingest.authority import Authority
from ingest.model import ListedPerson
from ingest.unify import unified


class Joined(NamedTuple):
    """Precision and recall of the joins, by pairs of entries and by B-cubed (Bagga 1998)."""

    entries: int
    persons: int
    found: int
    pair_precision: float
    pair_recall: float
    cubed_precision: float
    cubed_recall: float


def known_persons(shared: Path) -> dict[ListedPerson, str]:
    """Return the entries that the Office has unified, each with its person."""
    path = shared / "linking" / "people-unification.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {
            ListedPerson(row["volume"], row["p_id"], row["name"], row["description"]): row[
                "person_id"
            ]
            for row in rows
        }


def joined(shared: Path) -> Joined:
    """Join the entries that the Office has unified, and compare."""
    known = known_persons(shared)
    persons = unified(known, Authority()).persons
    return compared({one.key: person for one, person in known.items()}, persons)


def compared(known: Mapping[str, str], found: Mapping[str, str]) -> Joined:
    """Compare two groupings of the same entries."""
    both = Counter((known[key], found[key]) for key in known)
    ours, theirs = Counter(found.values()), Counter(known.values())
    shared = _pairs(both)
    return Joined(
        len(known),
        len(theirs),
        len(ours),
        shared / max(1, _pairs(ours)),
        shared / max(1, _pairs(theirs)),
        sum(n * n / ours[its] for (_, its), n in both.items()) / len(known),
        sum(n * n / theirs[mine] for (mine, _), n in both.items()) / len(known),
    )


def _pairs(sizes: Counter[str] | Counter[tuple[str, str]]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())
