"""Form, date, sender and recipient of 300 documents of all volumes, read by hand.

`tests/gold/documents.tsv` says how they were drawn and judged; `tests/gold/floors.json` holds
the share of each that must be right, which may only rise.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pytest

from ingest.model import Document, Party
from ingest.tei import read_volume
from tests.floors import FLOORS

pytestmark = pytest.mark.slow

GOLD = Path(__file__).parents[1] / "gold"
LEAST = 0.97


class Judged(NamedTuple):
    """What a document is and says; a party is its office and its personal name."""

    id: str
    form: str
    sent: str
    sender: tuple[str, str]
    recipient: tuple[str, str]


def expected() -> list[Judged]:
    """Read the judgements."""
    lines = (GOLD / "documents.tsv").read_text("utf-8").splitlines()
    rows = csv.reader([line for line in lines if line[:1] != "#"][1:], delimiter="\t")
    return [
        Judged(row[0], row[1], row[2], named(row[3], row[4]), named(row[5], row[6])) for row in rows
    ]


def as_read(document: Document) -> Judged:
    """What the reader makes of a document, in the wording of the judgements."""
    return Judged(
        document.key,
        document.form,
        document.sent.edtf if document.sent else "",
        party(document.sender),
        party(document.recipient),
    )


def party(read: Party | None) -> tuple[str, str]:
    return named(read.office, read.name) if read else ("", "")


def named(office: str | None, name: str | None) -> tuple[str, str]:
    return plain(office), plain(name)


def plain(words: str | None) -> str:
    return " ".join((words or "").split()).removeprefix("The ").removeprefix("the ")


def pairs(corpus: Path) -> Iterator[tuple[Judged, Judged]]:
    """Give each judgement with what is read, from each volume once and no further than needed."""
    for volume, judged in groupby(expected(), lambda row: row.id.partition("/")[0]):
        wanted = {row.id: row for row in judged}
        for item in read_volume(corpus / f"{volume}.xml.gz"):
            if isinstance(item, Document) and item.key in wanted:
                yield wanted.pop(item.key), as_read(item)
                if not wanted:
                    break
        assert not wanted, f"{volume} lacks {sorted(wanted)}"


@pytest.fixture(scope="module")
def compared(shared: Path) -> list[tuple[Judged, Judged]]:
    return list(pairs(shared / "corpus"))


@pytest.mark.parametrize("field", ["form", "sent", "sender", "recipient"])
def test_documents_are_read_as_a_person_reads_them(
    compared: list[tuple[Judged, Judged]], field: str
) -> None:
    wrong = [
        f"{gold.id}: {getattr(gold, field)!r} is read as {getattr(read, field)!r}"
        for gold, read in compared
        if getattr(gold, field) != getattr(read, field)
    ]
    share = 1 - len(wrong) / len(compared)
    print(f"{field}: {share:.4f} of {len(compared)}", *wrong, sep="\n")  # noqa: T201

    assert share >= max(LEAST, FLOORS["documents"][field]), "\n".join(wrong)


def test_every_volume_is_in_the_sample(shared: Path) -> None:
    volumes = {path.name.partition(".")[0] for path in (shared / "corpus").glob("*.xml.gz")}

    assert {row.id.partition("/")[0] for row in expected()} == volumes
