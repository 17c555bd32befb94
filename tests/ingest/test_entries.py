"""YAML files as people write them, with the mistakes that people make."""

from pathlib import Path

import pytest

from ingest.entries import MOST_BYTES, Written, as_written, mappings, read_yaml
from ingest.model import Problem


@pytest.fixture
def written(tmp_path):
    """Write a file and read it."""

    def write(content: str | bytes):
        path = tmp_path / "entries.yaml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path, read_yaml(path)

    return write


def test_scalars_stay_what_was_typed(written):
    path, value = written("- date: 1944-10-17\n  answer: no\n  number: 007\n")
    [entry] = mappings(value, path, 1)
    assert entry == Written(1, {"date": "1944-10-17", "answer": "no", "number": "007"})


def test_each_entry_knows_its_line(written):
    path, value = written("# a comment\n- a: 1\n\n- b: 2\n  c: 3\n- d: {e: [f, {g: 4}]}\n")
    assert list(mappings(value, path, 1)) == [
        Written(2, {"a": "1"}),
        Written(4, {"b": "2", "c": "3"}),
        Written(6, {"d": {"e": ["f", {"g": "4"}]}}),
    ]
    assert as_written(value[1]).line == 4


def test_an_item_that_is_no_entry_is_a_problem_and_the_rest_is_read(written):
    path, value = written("- a: 1\n- just words\n- b: 2\n")
    message = '"just words" is not an entry; write `field: value` lines'
    assert list(mappings(value, path, 1)) == [
        Written(1, {"a": "1"}),
        Problem(str(path), 1, message, "bad-entry"),
        Written(3, {"b": "2"}),
    ]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("- a: [1\n", 2, "not valid YAML: expected ',' or ']', but got '<stream end>'"),
        ("- a: &x 1\n- b: *x\n", 2, "not valid YAML: aliases are not allowed"),
        ("- a: 1\n  a: 2\n", 1, 'not valid YAML: "a" stands twice in one entry'),
        ("- a: \x07\n", None, "not valid YAML: unacceptable character #x0007"),
        (b"- a: \xff\n", None, "not UTF-8 text; save it as UTF-8"),
        ("[" * 5000, None, "nested too deeply; use plain lists"),
        (" " * (MOST_BYTES + 1), None, "larger than 8 MiB; split it into several files"),
    ],
    ids=["unclosed", "alias", "twice", "control", "latin-1", "nested", "large"],
)
def test_a_file_that_cannot_be_read_is_one_problem(written, content, line, message):
    path, value = written(content)
    assert isinstance(value, Problem)
    assert (value.file, value.line) == (str(path), line)
    assert value.message.startswith(message)


def test_a_missing_file_is_one_problem(tmp_path):
    path = tmp_path / "nowhere.yaml"
    message = "cannot be read: No such file or directory"
    assert read_yaml(path) == Problem(str(path), None, message, "unreadable")


def test_an_entity_bomb_of_aliases_costs_nothing():
    """Nine lines that would stand for a gigabyte are refused at the first alias."""
    assert isinstance(read_yaml(Path(__file__).with_name("bomb.yaml")), Problem)
