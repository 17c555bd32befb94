"""Documents as JSON lines: what a line must say, and that a wrong one costs only itself."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ingest import jsonlines
from ingest.jsonlines import read_json_lines
from ingest.model import Block, Document, Form, Mention, Moment, Note, Party, Problem, Volume
from ingest.records import WrongRecord, read_record, to_document

Write = Callable[..., Path]
LEAST = {"id": "d1", "date": "1956", "text": "Saw Nasser."}


def read(path: Path) -> list[Any]:
    """Read all at once."""
    return list(read_json_lines(path))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of lines: values as JSON, words and bytes as they are."""

    def write(*lines: Any, name: str = "cairo.jsonl") -> Path:
        path = tmp_path / name
        path.write_bytes(b"".join(encoded(line) + b"\n" for line in lines))
        return path

    return write


def encoded(line: Any) -> bytes:
    if isinstance(line, bytes):
        return line
    return line.encode() if isinstance(line, str) else json.dumps(line).encode()


def test_a_line_says_all_that_a_document_can(write):
    path = write(
        {
            "collection": "suez",
            "collection_title": "Suez, 1956",
            "id": "d1",
            "title": "Telegram to the Department",
            "form": "MemorandumOfConversation",
            "number": 7,
            "from": "Embassy in Egypt",
            "to": "the President",
            "participants": ["Mr. Dulles", "The Ambassador"],
            "place": "Cairo",
            "date": "1956-11-02",
            "received": "1956-11-03T02:00:00",
            "telegram_number": 1304,
            "classification": "Secret",
            "precedence": "Niact",
            "source": "611.74/11-256",
            "page": "https://example.org/suez/d1",
            "text": "Saw  Nasser.\n\nHe was in\nCairo.",
            "notes": [
                {"text": "Not printed.", "offset": 12},
                {"text": "Source: 611.74", "mark": "*", "kind": "source"},
            ],
            "mentions": [
                {"kind": "person", "start": 5, "end": 11, "words": "Nasser", "target": "p_NG1"},
                {"kind": "place", "start": 21, "end": 29, "words": "in Cairo"},
            ],
        }
    )
    text = "Telegram to the Department\nSaw Nasser.\nHe was in Cairo."
    volume, document = read(path)
    assert volume == Volume("suez", "Suez, 1956")
    assert document == Document(
        volume="suez",
        id="d1",
        form=Form.CONVERSATION,
        head="Telegram to the Department",
        text=text,
        number="7",
        sender=Party("Embassy in Egypt", "Embassy in Egypt"),
        recipient=Party("President", "President"),
        participants=(Party("Mr. Dulles", None, "Dulles"), Party("Ambassador", "Ambassador")),
        place="Cairo",
        sent=Moment("1956-11-02", "1956-11-02", "1956-11-02"),
        received=Moment("1956-11-03T02:00:00", "1956-11-03", "1956-11-03"),
        telegram_number="1304",
        classification="Secret",
        precedence="Niact",
        source="611.74/11-256",
        page="https://example.org/suez/d1",
        source_parts=(("file", "611.74/11-256"),),
        blocks=(Block("head", 0, 26), Block("paragraph", 27, 38), Block("paragraph", 39, 55)),
        notes=(
            Note("d1fn1", "1", "footnote", 38, "Not printed."),
            Note("d1fn2", "*", "source", 55, "Source: 611.74"),
        ),
        mentions=(Mention("person", 31, 37, "p_NG1"), Mention("place", 46, 54)),
    )
    assert [text[m.start : m.end] for m in document.mentions] == ["Nasser", "in Cairo"]


def test_paragraphs_may_be_given_one_by_one(write):
    mention = {"kind": "place", "start": 6, "end": 11, "words": "Cairo"}
    lines = {**LEAST, "text": None, "paragraphs": ["One  ", "Cairo"], "mentions": [mention]}
    [_, document] = read(write(lines))
    assert document.text == "Telegram d1\nOne\nCairo"
    assert document.mentions == (Mention("place", 16, 21),)


def test_a_collection_is_called_after_its_file_and_its_documents_follow_one_another(write):
    path = write(LEAST, "", {**LEAST, "id": "d2"}, name="suez-1956.jsonl")
    volume, *documents = read(path)
    assert volume == Volume("suez-1956", "suez-1956")
    assert [document.key for document in documents] == ["suez-1956/d1", "suez-1956/d2"]


def test_a_compressed_file_reads_the_same(write, tmp_path):
    path = write(LEAST, {**LEAST, "id": "d2"})
    packed = tmp_path / "cairo.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read(packed) == read(path)


def test_a_byte_order_mark_and_a_missing_last_line_feed_do_no_harm(write):
    path = write(LEAST)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().rstrip())
    assert [type(each) for each in read(path)] == [Volume, Document]


def test_a_document_without_a_date_is_read_and_noted(write):
    path = write({**LEAST, "date": None})
    *_, note = read(path)
    assert note == Problem(str(path), 1, "it has no date; add one", "no-date", fatal=False)


def misplaced(words: str) -> tuple[str, str]:
    return f"{words}; count characters, not bytes, from 0", "wrong-offset"


def mention(start: int, end: int, **more: Any) -> dict[str, Any]:
    return {**LEAST, "mentions": [{"kind": "person", "start": start, "end": end, **more}]}


FAULTS: list[tuple[Any, tuple[str, str]]] = [
    (b"{", ("not JSON (EOF while parsing an object); mend the line", "not-json")),
    (b'{"id": "\xff"}', ("not JSON (invalid unicode code point); mend the line", "not-json")),
    (b"[" * 10_000, ("not JSON (recursion limit exceeded); mend the line", "not-json")),
    ([LEAST], ("Input should be an object", "wrong-field")),
    ({**LEAST, "id": None}, ("it has no id; give it one", "no-id")),
    ({**LEAST, "txt": ""}, ('"txt" is no field; perhaps "text" is meant', "wrong-field")),
    (
        {**LEAST, "notes": [{"text": "A note.", "ofset": 1}]},
        ('"notes.0.ofset" is no field; perhaps "offset" is meant', "wrong-field"),
    ),
    ({**LEAST, "text": " "}, ("it has no text; add some", "no-text")),
    ({**LEAST, "text": None}, ("it has no text; add some", "no-text")),
    (
        {**LEAST, "paragraphs": []},
        ("has both text and paragraphs; leave one out", "wrong-field"),
    ),
    (
        {**LEAST, "text": "a\0"},
        ("text: holds the control character U+0000; remove it", "wrong-field"),
    ),
    (
        {**LEAST, "place": ["Cairo"]},
        ("place: Input should be a valid string", "wrong-field"),
    ),
    (
        {**LEAST, "date": {"y": 1}},
        (
            "date: \"{'y': 1}\" is not a date; write 1944-10-17, 1944-10, 1944, "
            "1944-10-17/1944-10-19, ../1944-10-17, [1944-11-16..1944-11-30], "
            "with ? for uncertain or ~ for about",
            "wrong-field",
        ),
    ),
    (
        mention(0, 3, kind="animal"),
        (
            "mentions.0.kind: Input should be 'person', 'term', 'place' or 'organization'",
            "wrong-field",
        ),
    ),
    (
        mention(-1, 3),
        ("mentions.0.start: Input should be greater than or equal to 0", "wrong-field"),
    ),
    (
        mention(0, True),
        ("mentions.0.end: Input should be a valid integer", "wrong-field"),
    ),
    (mention(4, 12), misplaced("mentions.0: 12 is behind the end of the text")),
    (mention(5, 5), misplaced("mentions.0: 5 to 5 is not a passage of one paragraph")),
    (mention(3, 4), misplaced("mentions.0: 3 to 4 is not a passage of one paragraph")),
    (mention(6, 5), misplaced("mentions.0: 6 to 5 is not a passage of one paragraph")),
    (
        mention(4, 10, words="Naguib"),
        misplaced('mentions.0: "Naguib" stands there as "Nasser"'),
    ),
    (
        {**mention(0, 6), "text": "One\n\nTwo"},
        misplaced("mentions.0: 0 to 6 is not a passage of one paragraph"),
    ),
    (
        {**LEAST, "notes": [{"text": "A note.", "offset": 12}]},
        misplaced("notes.0: 12 is behind the end of the text"),
    ),
]


@pytest.mark.parametrize(("line", "told"), FAULTS, ids=range(len(FAULTS)))
def test_a_wrong_line_is_told_and_the_rest_is_read(write, line, told):
    path = write(line, {**LEAST, "id": "d2"})
    problem, volume, document = read(path)
    assert problem == Problem(str(path), 1, *told)
    assert (volume.id, document.id) == ("cairo", "d2")


def test_a_second_document_of_an_id_and_one_of_another_collection_are_told(write):
    path = write(LEAST, LEAST, {**LEAST, "id": "d2", "collection": "paris"})
    _, _, second, other = read(path)
    assert second == Problem(
        str(path), 2, "document d1 was there before; give each an id of its own", "duplicate-id"
    )
    message = 'collection: "paris" is another than "cairo" before; keep them apart'
    assert other == Problem(str(path), 3, message, "other-collection")


def test_a_line_that_is_too_long_is_left_out_without_being_read_whole(write, monkeypatch):
    monkeypatch.setattr(jsonlines, "LONGEST", 100)
    path = write({**LEAST, "text": "x" * 1000}, LEAST)
    problem, _, document = read(path)
    message = "the line has more than 0 MiB; put one document on each"
    assert problem == Problem(str(path), 1, message, "over-limit")
    assert document.id == "d1"


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_file_is_told(tmp_path, content):
    path = tmp_path / "cairo.jsonl"
    path.write_bytes(content)
    message = "the file is empty; give one with a document a line"
    assert read(path) == [Problem(str(path), None, message, "empty")]


def test_a_file_that_is_not_there_is_told(tmp_path):
    path = tmp_path / "none.jsonl"
    message = "the file cannot be read (No such file or directory); check its path and rights"
    assert read(path) == [Problem(str(path), None, message, "unreadable")]


def test_a_damaged_archive_is_told_after_what_could_be_read(write, tmp_path):
    lines = [{**LEAST, "id": f"d{n}", "text": f"{n * n} " * 9000} for n in range(1, 20)]
    packed = tmp_path / "cairo.jsonl.gz"
    packed.write_bytes(gzip.compress(write(*lines).read_bytes())[:-500])
    _, *documents, problem = read(packed)
    assert len(documents) > 5
    assert (problem.category, problem.fatal) == ("truncated", True)
    assert problem.message.startswith("the compressed file is damaged (")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*LEAST, "mentions", "notes", "form"]), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(lines=st.lists(st.binary(max_size=40) | JSON.map(encoded), max_size=5))
def test_whatever_is_written_is_read_or_told(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("any") / "cairo.jsonl"
    path.write_bytes(b"\n".join(lines))
    assume(not path.read_bytes().startswith(b"\x1f\x8b"))  # That would be an archive.
    found = read(path)
    given = [line for line in path.read_bytes().split(b"\n") if line.strip()]
    documents = [each for each in found if isinstance(each, Document)]
    lost = [each for each in found if isinstance(each, Problem) and each.fatal]
    assert len(documents) + len(lost) == max(len(given), 1)


WORDS = st.text(st.sampled_from("ab é\t\n\r\f\u2003\u00a0😀"), min_size=1, max_size=40)


@given(data=st.data(), words=WORDS)
def test_a_mention_names_the_same_words_in_the_text_as_in_the_file(data, words):
    """White space is collapsed and a head put before: the offsets move with the words."""
    start = data.draw(st.integers(0, len(words)))
    end = data.draw(st.integers(start, len(words)))
    mention = {"kind": "term", "start": start, "end": end}
    try:
        record = read_record({"text": words, "mentions": [mention]})
        document = to_document(record, "v", "d1")
    except WrongRecord:
        return
    [found] = document.mentions
    spaces = " \t\n\r\f"
    given = words[start:end].strip(spaces)
    for space in spaces:
        given = given.replace(space, " ")
    meant = " ".join(filter(None, given.split(" ")))
    # Of a paragraph of nothing but unusual spaces nothing is in the text.
    assert document.text[found.start : found.end].strip() == meant.strip()
