"""The report tells what became of each volume, and names every problem."""

import json

import pytest
from click.testing import CliRunner

from ingest.build import build
from ingest.cli import report
from ingest.model import CATEGORIES, Problem
from ingest.report import NoReport, facts, problems, read_report, table
from tests.ingest.folders import VOLUME, alter, copied


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A data set of the sample, without its date, and of a file that is no TEI."""
    folder = tmp_path_factory.mktemp("report")
    sources = copied(folder)
    alter(folder / VOLUME, ', <date when="1944-10-17">17 October 1944</date>.<lb/>[Received ', "")
    alter(folder / VOLUME, '<date when="1944-10-18">18 October</date>.]', "")
    (folder / "sample" / "note.xml").write_text("<note/>", encoding="utf-8")
    build(sources, folder / "graph", jobs=1)
    return folder / "graph"


def test_a_row_a_volume_and_the_sums(store):
    head = ("volume", "documents", "facts", "without date", "without sender",
            "mentions of no entry", "references to no document")  # fmt: skip
    assert list(table(read_report(store))) == [
        head,
        ("frus1945Malta", "1", "18", "1", "0", "0", "0"),
        ("note.xml", "0", "0", "0", "0", "0", "0"),
        ("all", "1", "18", "1", "0", "0", "0"),
    ]


def test_facts_are_told_by_kind_and_by_the_number_of_words(store):
    kinds = ("meeting", "request", "offer", "commitment", "refusal")
    sample = ("475", "3", "4", "2", "9", "0", "37.9")
    assert list(facts(read_report(store))) == [
        ("volume", "words", *kinds, "in 1,000 words"),
        ("frus1945Malta", *sample),
        ("note.xml", "0", "0", "0", "0", "0", "0", "0.0"),
        ("all", *sample),
    ]


def test_what_was_lost_comes_first(store):
    found = problems(read_report(store))
    assert [(problem.category, problem.fatal) for problem in found] == [
        ("not-tei", True),
        ("no-date", False),
    ]


def test_the_problems_of_one_volume(store):
    found = problems(read_report(store), "frus1945Malta")
    assert [problem.category for problem in found] == ["no-date"]


def test_a_problem_has_a_category_that_is_explained():
    with pytest.raises(ValueError, match="the category 'odd' is not explained"):
        Problem("a.xml", 1, "it is odd", "odd")


def test_the_command_prints_table_problems_and_categories(store):
    result = CliRunner().invoke(report, ["--store", str(store)])
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert lines[1].split() == ["frus1945Malta", "1", "18", "1", "0", "0", "0"]
    assert lines[-2:] == [
        f"1 no-date: {CATEGORIES['no-date']}",
        f"1 not-tei: {CATEGORIES['not-tei']}",
    ]


def test_the_command_gives_the_whole_as_json(store):
    result = CliRunner().invoke(report, ["--store", str(store), "--format", "json"])
    assert json.loads(result.stdout) == read_report(store)


def test_without_a_data_set_it_says_what_to_do(tmp_path):
    with pytest.raises(NoReport, match=r"there is no report; run `cablegraph build`$"):
        read_report(tmp_path)
    result = CliRunner().invoke(report, ["--store", str(tmp_path)])
    assert (result.exit_code, result.stderr) == (
        1,
        f"Error: {tmp_path}: there is no report; run `cablegraph build`\n",
    )
