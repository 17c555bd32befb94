"""An index of Wikidata's items finds a person under every name that lists print."""

import gzip
import json

import pytest
from click.testing import CliRunner

from ingest import items as building
from ingest.cli import items as command
from ingest.items import Index, Item, NoIndex, build_index, forms, lines_of, words
from ingest.model import Problem
from ingest.names import PersonName

ALANBROOKE = {
    "qid": "Q335889",
    "label": "Alan Brooke, 1st Viscount Alanbrooke",
    "aliases": ["Lord Alanbrooke"],
    "description": "British field marshal",
    "birth": 1883,
    "death": 1963,
    "positions": [["Chief of the Imperial General Staff", "1941", "1946-06"], []],
    "country": "United Kingdom",
    "occupations": ["military officer"],
    "sources": ["vital"],
}
KIICHI = {"qid": "Q1", "label": "Kiichi Aichi"}


@pytest.fixture
def index(tmp_path) -> Index:
    lines = [json.dumps(one) + "\n" for one in (ALANBROOKE, KIICHI)]
    assert [*build_index([("x.jsonl", lines)], tmp_path / "items.sqlite")] == [2]
    return Index(tmp_path / "items.sqlite")


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("Alan Brooke, 1st Viscount Alanbrooke", "Brooke, Alan"),
        ("Alan Brooke, 1st Viscount Alanbrooke", "Alanbrooke, Alan"),
        ("Franklin Delano Roosevelt", "Roosevelt, Franklin Delano"),
        ("Fidel Castro Ruz", "Castro Ruz, Fidel"),
        ("Kiichi Aichi", "Aichi Kiichi"),
        ("Aichi Kiichi", "Aichi, Kiichi"),
        ("Washington, George", "Washington, George"),
        ("Theodore L. Eliot, Jr.", "Eliot, Theodore L., Jr."),
        ("Stalin", "Stalin"),
    ],
)
def test_a_name_has_the_forms_that_lists_print(name, listed):
    wanted = PersonName.of(listed)
    found = [(one.surname, one.given, one.suffix, one.words) for one in forms(name)]
    assert (wanted.surname, wanted.given, wanted.suffix, wanted.words) in found or any(
        words == wanted.words and not given for _, given, _, words in found
    )


def test_an_item_is_found_by_what_its_names_sound_like(index):
    for listed in ("Brooke, Sir Alan", "Alanbrooke, Lord"):
        assert [one.qid for one in index.items(PersonName.of(listed).keys)] == ["Q335889"]
    assert index.items(PersonName.of("Montgomery, Bernard").keys) == []
    assert index.items([]) == []


def test_an_item_is_what_its_line_says():
    assert Item.of(ALANBROOKE) == Item(
        "Q335889",
        "Alan Brooke, 1st Viscount Alanbrooke",
        ("Lord Alanbrooke",),
        "British field marshal",
        1883,
        1963,
        ("Chief of the Imperial General Staff",),
        (1941, 1946),
        "United Kingdom",
        ("military officer",),
        1,
    )


def test_rare_words_tell_more_than_common_ones(index):
    assert words("A British field marshal, born in May 1883") == {
        "british",
        "field",
        "marshal",
        "1883",
    }
    assert index.rarity.of("marshal") < index.rarity.of("unheard")


def test_words_are_counted_in_bounded_memory(index, tmp_path, monkeypatch):
    monkeypatch.setattr(building, "_MOST_COUNTED", 0)
    lines = map(json.dumps, (ALANBROOKE, KIICHI))
    assert [*build_index([("x.jsonl", lines)], tmp_path / "other.sqlite")] == [2]
    other = Index(tmp_path / "other.sqlite").rarity
    for word in ("marshal", "field", "unheard"):
        assert other.of(word) == index.rarity.of(word)


@pytest.mark.parametrize(
    ("line", "fault"),
    {
        "{": "no item: not JSON",
        '{"label": "x"}': "no item: Field required",
        '{"qid": "Q1", "label": 7}': "no item: Input should be a valid string",
        "[" * 5000: "no item: not JSON",
        "7": "no item: Input should be a valid dictionary or instance of _Line",
        " " * 1_000_001: "longer than 1,000,000 characters",
    }.items(),
)
def test_a_bad_line_is_told_and_the_rest_is_there(tmp_path, line, fault):
    lines = [line, json.dumps(KIICHI), "\n"]
    found = [*build_index([("x.jsonl", lines)], tmp_path / "i.sqlite")]
    assert [one.message for one in found if isinstance(one, Problem)] == [fault]
    assert len(Index(tmp_path / "i.sqlite").items(PersonName.of("Aichi, Kiichi").keys)) == 1


def test_without_an_index_it_says_how_to_make_one(tmp_path):
    for content in (None, b"no database" * 100, b""):
        path = tmp_path / "items.sqlite"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(NoIndex, match="make one with `cablegraph items`"):
            Index(path)


def test_the_command_reads_compressed_files_and_tells_how_many(tmp_path):
    file, out = tmp_path / "items.jsonl.gz", tmp_path / "folder" / "items.sqlite"
    with gzip.open(file, "wt", encoding="utf-8") as lines:
        lines.write(json.dumps(KIICHI) + "\n{\n")
    result = CliRunner().invoke(command, [str(file), "--out", str(out)])
    assert (result.exit_code, result.stdout) == (1, f"{out}: 1 items\n")
    assert result.stderr == f"{file}:2: no item: not JSON\n"


def test_a_file_that_is_cut_short_is_one_error_and_the_index_before_stays(tmp_path):
    file, out = tmp_path / "items.jsonl.gz", tmp_path / "items.sqlite"
    file.write_bytes(gzip.compress(json.dumps(KIICHI).encode()))
    assert CliRunner().invoke(command, [str(file), "--out", str(out)]).exit_code == 0
    before = out.read_bytes()
    file.write_bytes(gzip.compress(json.dumps(KIICHI).encode() * 100)[:-20])
    result = CliRunner().invoke(command, [str(file), "--out", str(out)])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {file}: not compressed as its name says, or cut short")
    assert out.read_bytes() == before


def test_a_line_without_end_is_read_in_parts(tmp_path):
    file = tmp_path / "items.jsonl"
    file.write_text("x" * 2_500_000 + "\n" + json.dumps(KIICHI))
    assert [len(line) for line in lines_of(file)] == [1_000_001, 1_000_001, 499_999, 38]
