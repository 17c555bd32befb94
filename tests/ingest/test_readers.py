"""Which reader reads what, and that every kind of source becomes a data set."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ingest import jsonlines, plain, readers, tei
from ingest.build import build, find_volumes
from ingest.model import Document, Problem, Volume
from ingest.readers import find_sources, name_of, read_source, size_of, suffixes
from ingest.records import names
from tests.ingest.folders import DATA, copied

ROOT = Path(__file__).parents[2]
TELEGRAM = "From: Embassy in Egypt\nTo: Department of State\nDate: 1956-11-02\n\nSaw Nasser.\n"


def write(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(TELEGRAM)


def test_each_suffix_has_a_reader():
    assert dict(readers.READERS) == {
        ".xml": tei.read_volume,
        ".xml.gz": tei.read_volume,
        ".txt": plain.read_telegrams,
        ".jsonl": jsonlines.read_json_lines,
        ".jsonl.gz": jsonlines.read_json_lines,
    }
    assert suffixes() == tuple(readers.READERS)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("v.xml", "v"),
        ("v.xml.gz", "v"),
        ("V.XML", "V"),
        ("v.jsonl.gz", "v"),
        ("cairo/d1.txt", "cairo"),
        ("cairo", "cairo"),
        ("v.pdf", "v.pdf"),
    ],
)
def test_a_source_is_called_after_its_file_or_a_collection_after_its_folder(
    tmp_path, monkeypatch, path, name
):
    write(tmp_path, "cairo/d1.txt")
    monkeypatch.chdir(tmp_path)
    assert name_of(Path(path)) == name


def test_a_source_is_read_by_its_suffix_and_a_folder_as_telegrams(tmp_path):
    write(tmp_path, "cairo/d1.txt", "cairo/d2.txt")
    (tmp_path / "suez.jsonl").write_text('{"id": "d1", "date": "1956", "text": "Yes."}\n')
    sources = [DATA / "sample/frus1945Malta.xml", tmp_path / "cairo", tmp_path / "suez.jsonl"]
    items = [[type(item) for item in read_source(source)] for source in sources]
    assert [[kind for kind in kinds if kind in (Volume, Document)] for kinds in items] == [
        [Volume, Document],
        [Volume, Document, Document],
        [Volume, Document],
    ]


def test_a_file_that_nobody_reads_is_one_clear_problem():
    message = (
        "no reader for such a file; give one that ends in .xml, .xml.gz, .txt, .jsonl, .jsonl.gz"
    )
    assert list(read_source(Path("v.pdf"))) == [Problem("v.pdf", None, message, "unknown-format")]


def test_volumes_and_folders_of_telegrams_are_found_side_by_side(tmp_path):
    write(tmp_path, "b.xml", "a.jsonl.gz", "cairo/d1.txt", "empty/readme.md", "x.pdf", ".z.xml")
    assert list(find_sources(tmp_path)) == [
        tmp_path / "a.jsonl.gz",
        tmp_path / "b.xml",
        tmp_path / "cairo",
    ]
    assert list(find_sources(tmp_path / "b.xml")) == [tmp_path / "b.xml"]
    assert list(find_sources(tmp_path / "cairo")) == [tmp_path / "cairo"]


def test_telegrams_beside_volumes_are_not_read_and_it_is_noted(tmp_path):
    write(tmp_path, "b.xml", "d1.txt", "d2.txt")
    message = "text beside volumes is not read; put telegrams into a folder of their own"
    assert list(find_sources(tmp_path)) == [
        tmp_path / "b.xml",
        Problem(f"{tmp_path}/d1.txt", None, message, "stray-text", fatal=False),
    ]


def test_two_telegrams_named_one_by_one_are_not_two_volumes(tmp_path):
    write(tmp_path, "cairo/d1.txt", "cairo/d2.txt")
    first, second = tmp_path / "cairo/d1.txt", tmp_path / "cairo/d2.txt"
    message = (
        f"the same volume as {first}; to read all telegrams of {tmp_path}/cairo, name the folder"
    )
    assert find_volumes([first, second]) == (
        [first],
        [Problem(str(second), None, message, "duplicate-volume")],
    )


def test_a_collection_is_as_large_as_its_telegrams(tmp_path):
    write(tmp_path, "cairo/d1.txt", "cairo/d2.txt", "cairo/x.md")
    assert size_of(tmp_path / "cairo") == 2 * len(TELEGRAM)


@pytest.fixture
def sources(tmp_path):
    """The sample, with a folder of telegrams and a file of JSON lines beside it."""
    sources = copied(tmp_path)
    write(tmp_path / "sample", "cairo/d1.txt", "cairo/d2.txt")
    document = {"id": "d1", "date": "1956", "from": "Embassy in Egypt", "text": "Asks for help."}
    (tmp_path / "sample/suez.jsonl").write_text(json.dumps(document) + "\n")
    (tmp_path / "curated/suez").mkdir()
    (tmp_path / "curated/suez/d1.yaml").write_text(
        "document: suez/d1\ncurator: J\nfacts:\n"
        "  - {key: help, kind: request, quote: Asks for help, content: help, status: made,"
        " force: ask, actor: person/stalin-joseph, addressee: state/united-states}\n"
    )
    return sources


def test_all_kinds_of_source_become_one_data_set(sources, tmp_path):
    outcome = build(sources, tmp_path / "graph", jobs=1)
    assert outcome.problems == []
    with closing(sqlite3.connect(outcome.folder / "side.sqlite")) as side:
        assert side.execute("SELECT id, sender FROM document ORDER BY id").fetchall() == [
            ("cairo/d1", "Embassy in Egypt"),
            ("cairo/d2", "Embassy in Egypt"),
            ("frus1945Malta/d256", "Ambassador in the Soviet Union (Harriman)"),
            ("suez/d1", "Embassy in Egypt"),
        ]
        facts = side.execute("SELECT quote FROM fact WHERE document = 'suez/d1'").fetchall()
        assert facts == [("Asks for help",)]


def test_a_collection_is_read_again_when_one_of_its_telegrams_changed(sources, tmp_path):
    build(sources, tmp_path / "graph", jobs=1)
    assert build(sources, tmp_path / "graph", jobs=1).unchanged
    write(tmp_path / "sample", "cairo/d3.txt")
    outcome = build(sources, tmp_path / "graph", jobs=1)
    assert (outcome.reused, outcome.totals["documents"]) == (2, 5)


def test_every_field_is_explained():
    explained = (ROOT / "data/README.md").read_text(encoding="utf-8")
    assert [name for name in names() if f"`{name}`" not in explained] == []
