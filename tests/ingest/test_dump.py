"""The humans of a dump of Wikidata, as large as it may be and as broken as it may come."""

from __future__ import annotations

import bz2
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest import dump as dumps
from ingest.cli import items as command
from ingest.dump import NotADump, humans, is_dump
from ingest.items import Index
from ingest.model import Problem
from ingest.names import PersonName
from tests.ingest.wikidata import LINE, OTHERS, ROOSEVELT, Json, entity, human, statement

PACK: dict[str, Callable[[bytes], bytes]] = {
    ".json": bytes,
    ".json.gz": gzip.compress,
    ".json.bz2": lambda text: bz2.compress(text[:500]) + bz2.compress(text[500:]),
}
ALL = [*OTHERS[:3], ROOSEVELT, *OTHERS[3:]]


def dump(*lines: Json | str) -> bytes:
    """Entities as a dump has them; a line that is text goes in as it is."""
    texts = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in lines]
    return ("[\n" + ",\n".join(texts) + "\n]\n").encode()


def compact(one: Json) -> str:
    """An entity in exactly the spacing of a dump."""
    return json.dumps(one, separators=(",", ":"))


def read(path: Path) -> list[Json | Problem]:
    found = humans(path, path.parent, lambda *_: None)
    return [one if isinstance(one, Problem) else json.loads(one) for one in found]


@pytest.mark.parametrize("suffix", PACK)
def test_a_dump_is_read_in_every_form_in_which_it_is_published(tmp_path, suffix):
    path = tmp_path / f"latest-all{suffix}"
    path.write_bytes(PACK[suffix](dump(*map(compact, ALL))))
    assert is_dump(path)
    assert read(path) == [LINE]
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize(
    "text",
    [
        dump(*ALL),
        "\n".join(map(json.dumps, ALL)).encode(),
        dump(*({"id": one["id"], **one} for one in ALL)),
        dump(*({"labels": one["labels"], **one} for one in ALL)),
        dump(*ALL).replace(b"[\n", b"[", 1).replace(b"\n]\n", b"]"),
        b"\n\n" + dump(*ALL).replace(b"\n", b"\r\n"),
    ],
    ids=["spaced", "without brackets", "id first", "id late", "brackets beside", "other line ends"],
)
def test_the_spacing_and_the_order_of_keys_do_not_matter(tmp_path, text):
    path = tmp_path / "some.json"
    path.write_bytes(text)
    assert read(path) == [LINE]


def test_a_bad_line_is_told_with_its_number_and_the_rest_is_read(tmp_path):
    path = tmp_path / "some.json"
    cut = compact(ROOSEVELT)
    path.write_bytes(
        dump(
            *OTHERS,
            cut[: len(cut) // 2],
            cut[: cut.rindex("Q5")] + '"Q5"}',
            human("Q1", "Odd", {"P39": 7}),
            human("Q2", "Otto Maier", {"P39": [statement("Q404")], "P106": [statement("Q82955")]}),
            {"entity": "Q3", "redirect": "Q2"},
            {"id": "Q404", "missing": ""},
            "7",
        )
    )
    *problems, line = read(path)
    assert [str(one).partition(": unexpected")[0] for one in problems] == [
        f"{path}:8: left out: not an entity, or one that is longer than 16 MB",
        f"{path}:9: left out: not JSON",
        f"{path}:10: left out: no entity of Wikidata: TypeError 'int' object is not iterable",
        f"{path}:14: left out: not an entity, or one that is longer than 16 MB",
    ]
    assert isinstance(line, dict)
    assert (line["label"], line["positions"]) == ("Otto Maier", [[None, None, None]])
    assert line["occupations"] == ["politician"]


def test_a_line_without_end_is_left_out_and_not_kept_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(dumps, "LONGEST", 5000)
    path = tmp_path / "some.json"
    path.write_bytes(dump(*ALL, human("Q2", "x" * 20_000), human("Q3", "Otto Maier")))
    lines = read(path)
    assert [str(one) for one in lines if isinstance(one, Problem)] == [
        f"{path}:9: left out: not an entity, or one that is longer than 16 MB"
    ]
    assert [one["label"] for one in lines if isinstance(one, dict)] == [LINE["label"], "Otto Maier"]


def test_a_dump_without_its_end_is_refused(tmp_path):
    path = tmp_path / "some.json"
    path.write_bytes(dump(*ALL)[:-3])
    with pytest.raises(NotADump, match="cut short: it does not end with a bracket; get it again"):
        read(path)


def test_what_is_no_dump_is_given_up_before_all_of_it_is_told(tmp_path):
    path = tmp_path / "some.json"
    path.write_bytes(b"[\n" + b"rubbish\n" * 1002)
    found = humans(path, tmp_path, lambda *_: None)
    with pytest.raises(NotADump, match="over 1,000 bad lines; this is no dump of Wikidata"):
        assert len([*found]) == 1000


def test_how_far_it_is_is_told_in_bytes_of_the_file_for_both_readings(tmp_path):
    path, told = tmp_path / "some.json", []
    thing = compact(entity("Q1", "a thing"))
    path.write_bytes(dump(*[thing] * 12_000))
    assert [*humans(path, tmp_path, lambda *said: told.append(said))] == []
    size = path.stat().st_size
    stages = ["reading humans"] * 2 + ["reading labels of offices and the like"] * 2
    assert [stage for stage, _, _ in told] == stages
    assert {total for *_, total in told} == {2 * size}
    done = [done for _, done, _ in told]
    assert done == sorted(done)
    assert done[1] < size < done[2]


def test_a_file_of_items_is_no_dump(tmp_path):
    for text in ('{"qid": "Q1", "label": "A"}\n', "", "rubbish\n", '"claims"'):
        (tmp_path / "items.jsonl").write_text(text)
        assert not is_dump(tmp_path / "items.jsonl")


def test_the_command_makes_an_index_of_the_humans_of_a_dump(tmp_path):
    file, out = tmp_path / "latest-all.json.bz2", tmp_path / "items.sqlite"
    file.write_bytes(bz2.compress(dump(*ALL, "rubbish", human("Q2", "Otto Maier"))))
    result = CliRunner().invoke(command, [str(file), "--out", str(out)])
    assert (result.exit_code, result.stdout) == (1, f"{out}: 2 items\n")
    assert result.stderr.startswith(f"{file}:9: left out: not an entity")
    for listed in ("Roosevelt, Franklin D.", "Ruzvelts, Franklins"):
        [item] = Index(out).items(PersonName.of(listed).keys)
        assert item.text == (
            "president of the United States from 1933 to 1945 President of the United States "
            "Governor of New York United States politician lawyer"
        )


def test_a_dump_that_is_cut_short_is_one_error_and_the_index_before_stays(tmp_path):
    out = tmp_path / "items.sqlite"
    out.write_bytes(b"before")
    for name, content, fault in (
        ("a.json", dump(*ALL)[:-3], "cut short: it does not end with a bracket"),
        ("a.json.bz2", bz2.compress(dump(*ALL))[:-9], "not compressed as its name says, or cut"),
        ("a.json.gz", b"[\n", "not compressed as its name says, or cut short"),
        ("b.json.bz2", b"[\n", "not compressed as its name says, or cut short"),
    ):
        (tmp_path / name).write_bytes(content)
        result = CliRunner().invoke(command, [str(tmp_path / name), "--out", str(out)])
        assert result.exit_code == 1
        assert result.stderr.startswith(f"Error: {tmp_path / name}: {fault}")
        assert out.read_bytes() == b"before"


def test_a_fault_of_the_disk_is_told_as_such(tmp_path):
    file = tmp_path / "some.json"
    file.write_bytes(dump(*ALL))
    (tmp_path / "items.sqlite.making").mkdir()
    result = CliRunner().invoke(command, [str(file), "--out", str(tmp_path / "items.sqlite")])
    assert (result.exit_code, result.stderr.endswith("put it right and begin again\n")) == (1, True)
    assert result.stderr.startswith(f"Error: {tmp_path}: ")
