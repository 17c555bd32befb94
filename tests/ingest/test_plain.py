"""Telegrams in plain text: what a file must say, and what is told of one that does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.model import Block, Document, Form, Moment, Party, Problem, Volume
from ingest.plain import read_telegrams
from ingest.records import Record, names

TELEGRAM = """\
Collection title: Telegrams from Cairo
Form: telegram
Number: 7
From: Embassy in Egypt
To: Department of State
Place: Cairo
Date: 1956-11-02T18:07Z
Received: 1956-11-03
Telegram number: 1304
Classification: Secret
Precedence: Niact
Source: Department of State, Central Files,
  611.74/11-256
Title: Telegram From the Embassy in Egypt to the Department of State

Saw Nasser  at noon.
He was calm.

  He asks for a meeting.
"""

Write = Callable[..., Path]


def read(path: Path) -> list[Any]:
    """Read all at once."""
    return list(read_telegrams(path))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write telegrams into the folder `cairo`; return it."""

    def write(**telegrams: str | bytes) -> Path:
        folder = tmp_path / "cairo"
        folder.mkdir(exist_ok=True)
        for name, words in telegrams.items():
            content = words.encode() if isinstance(words, str) else words
            (folder / f"{name}.txt").write_bytes(content)
        return folder

    return write


def test_a_telegram_says_all_that_a_document_can(write):
    head = "Telegram From the Embassy in Egypt to the Department of State"
    volume, document = read(write(d1=TELEGRAM))
    assert volume == Volume("cairo", "Telegrams from Cairo")
    assert document == Document(
        volume="cairo",
        id="d1",
        form=Form.TELEGRAM,
        head=head,
        text=f"{head}\nSaw Nasser at noon. He was calm.\nHe asks for a meeting.",
        number="7",
        sender=Party("Embassy in Egypt", "Embassy in Egypt"),
        recipient=Party("Department of State", "Department of State"),
        place="Cairo",
        sent=Moment("1956-11-02T18:07:00Z", "1956-11-02", "1956-11-02"),
        received=Moment("1956-11-03", "1956-11-03", "1956-11-03"),
        telegram_number="1304",
        classification="Secret",
        precedence="Niact",
        source="Department of State, Central Files, 611.74/11-256",
        source_parts=(
            ("repository", "Department of State"),
            ("file", "Central Files, 611.74/11-256"),
        ),
        blocks=(Block("head", 0, 61), Block("paragraph", 62, 94), Block("paragraph", 95, 117)),
    )


def test_the_smallest_telegram_has_a_date_and_a_word(write):
    volume, document = read(write(d1="Date: 1956\n\nYes."))
    assert volume == Volume("cairo", "cairo")
    assert document == Document(
        "cairo",
        "d1",
        Form.TELEGRAM,
        head="Telegram d1",
        text="Telegram d1\nYes.",
        sent=Moment("1956", "1956-01-01", "1956-12-31"),
        blocks=(Block("head", 0, 11), Block("paragraph", 12, 16)),
    )


def test_a_head_is_put_together_where_none_is_given(write):
    words = "Form: airgram\nTelegram number: A-5\nFrom: Cairo\nTo: Department\nDate: 1956\n\nYes."
    [_, document] = read(write(d1=words))
    assert document.head == "Airgram A-5 from Cairo to Department"


def test_the_telegrams_of_a_folder_are_one_volume_in_the_order_of_their_names(write, tmp_path):
    folder = write(b="Date: 1956\n\nNo.", a="Date: 1955\n\nYes.")
    (folder / ".hidden.txt").write_text("no telegram")
    (folder / "notes.md").write_text("no telegram")
    volume, *documents = read(folder)
    assert volume == Volume("cairo", "cairo")
    assert [(each.key, each.text) for each in documents] == [
        ("cairo/a", "Telegram a\nYes."),
        ("cairo/b", "Telegram b\nNo."),
    ]


def test_a_single_file_is_a_volume_of_its_own(write, monkeypatch):
    folder = write(b="Date: 1956\n\nNo.", a="Date: 1955\n\nYes.")
    monkeypatch.chdir(folder)
    volume, document = read(Path("b.txt"))
    assert (volume, document.key) == (Volume("cairo", "cairo"), "cairo/b")


def test_names_in_the_file_win_over_those_of_file_and_folder(write):
    words = "Collection: suez-1956\nID: first\nDate: 1956\n\nYes."
    volume, document = read(write(d1=words))
    assert (volume, document.key) == (Volume("suez-1956", "suez-1956"), "suez-1956/first")


def test_those_present_are_read_one_by_one(write):
    words = "Form: memorandum of conversation\nParticipants: Mr. Dulles; The Ambassador\nDate: 1956"
    [_, document] = read(write(d1=f"{words}\n\nYes."))
    assert document.form is Form.CONVERSATION
    assert document.participants == (
        Party("Mr. Dulles", None, "Dulles"),
        Party("Ambassador", "Ambassador"),
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_system(write, end):
    [_, document] = read(write(d1=end.join(["Date: 1956", "", "One", "", "Two", ""])))
    assert document.text == "Telegram d1\nOne\nTwo"


def test_a_byte_order_mark_is_no_part_of_the_first_field(write):
    [_, document] = read(write(d1=b"\xef\xbb\xbfDate: 1956\n\nYes."))
    assert document.sent == Moment("1956", "1956-01-01", "1956-12-31")


def test_a_telegram_without_a_date_is_read_and_noted(write):
    folder = write(d1="From: Cairo\n\nYes.")
    *_, note = read(folder)
    message = "it has no date; add a line `Date:`"
    assert note == Problem(f"{folder}/d1.txt", 1, message, "no-date", fatal=False)


FORMS = (
    "telegram, airgram, letter, memorandum, memorandum of conversation, note, minutes, report, "
    "editorial note, document"
)
FAULTS = {
    "Date: 1956\nForm: telegrm\n\nYes.": (
        2,
        f'form: "telegrm" is no form; write one of {FORMS}',
        "wrong-field",
    ),
    "Dat: 1956\n\nYes.": (1, '"dat" is no field; perhaps "date" is meant', "wrong-field"),
    "Date: 1956\nText: Yes.\n\nYes.": (
        2,
        f'"text" is no field; there are {", ".join(names()[:-4])}',
        "wrong-field",
    ),
    "Date: 1956\nZzzzz: 1\n\nYes.": (
        2,
        f'"zzzzz" is no field; there are {", ".join(names()[:-4])}',
        "wrong-field",
    ),
    "Date: 1956\nFrom:\n\nYes.": (
        2,
        "from: is empty; give a value, or leave it out",
        "wrong-field",
    ),
    "Date: 1956\nDate: 1957\n\nYes.": (2, "date: is there twice; leave one out", "wrong-field"),
    "Date: 1956-11-31\n\nYes.": (
        1,
        'date: "1956-11-31" names no day of the calendar',
        "wrong-field",
    ),
    "Date: 1956-11T18:07\n\nYes.": (
        1,
        'date: "1956-11T18:07" is not a time of a day; write 1944-10-17T18:07 or …T18:07:00Z',
        "wrong-field",
    ),
    "Date: ١٩٥٦\n\nYes.": (
        1,
        'date: "١٩٥٦" is not a date; write one in ASCII, such as 1944-10-17',
        "wrong-field",
    ),
    "ID: a b\nDate: 1956\n\nYes.": (
        1,
        'id: "a b" cannot be part of an address; use A to Z, a to z, 0 to 9, - and _',
        "wrong-field",
    ),
    "Place: Ca\x07iro\nDate: 1956\n\nYes.": (
        1,
        "place: holds the control character U+0007; remove it",
        "wrong-field",
    ),
    "Date: 1956\nPlace: " + "x" * 2001 + "\n\nYes.": (
        2,
        "place: has more than 2000 characters; shorten it",
        "wrong-field",
    ),
    "Date: 1956\nDept of State\n\nYes.": (
        2,
        "this is no line `Field: value`; a header and an empty line come first",
        "wrong-field",
    ),
    "Date: 1956\nForm: x\nReceived: y\n\nYes.": (
        2,
        f'form: "x" is no form; write one of {FORMS}; line 3: received: "y" is not a date; '
        "write 1944-10-17, 1944-10, 1944, 1944-10-17/1944-10-19, ../1944-10-17, "
        "[1944-11-16..1944-11-30], with ? for uncertain or ~ for about",
        "wrong-field",
    ),
    "Date: 1956\n": (1, "it has no text; add some", "no-text"),
    "Date: 1956\n\n \n\n": (1, "it has no text; add some", "no-text"),
    "": (1, "it has no text; add some", "no-text"),
}


@pytest.mark.parametrize(("words", "told"), FAULTS.items(), ids=range(len(FAULTS)))
def test_a_wrong_telegram_is_told_by_its_line_and_the_rest_is_read(write, words, told):
    folder = write(a=words, b="Date: 1956\n\nNo.")
    problem, volume, document = read(folder)
    line, message, category = told
    assert problem == Problem(f"{folder}/a.txt", line, message, category)
    assert (volume.id, document.id) == ("cairo", "b")


def test_a_file_that_is_no_telegram_is_told_by_its_first_lines(write):
    folder = write(a="word\n" * 100_000)
    [problem] = read(folder)
    assert problem.line == 1
    assert problem.message.count("this is no line") == 5


def test_a_file_that_is_not_utf_8_is_told_by_its_line(write):
    folder = write(a=b"Date: 1956\n\nCaf\xe9")
    assert read(folder) == [
        Problem(f"{folder}/a.txt", 3, "the file is not UTF-8; save it as UTF-8", "not-utf-8")
    ]


def test_a_file_that_is_too_large_is_left_out(write):
    folder = write(a=b"Date: 1956\n\n" + b"x" * (16 << 20))
    message = "the file has more than 16 MiB; put one telegram into each file"
    assert read(folder) == [Problem(f"{folder}/a.txt", None, message, "over-limit")]


def test_a_second_telegram_of_an_id_is_told(write):
    folder = write(a="ID: d1\nDate: 1956\n\nYes.", b="Date: 1956\nID: d1\n\nNo.")
    *_, problem = read(folder)
    message = "document d1 was there before; give each an id of its own"
    assert problem == Problem(f"{folder}/b.txt", 2, message, "duplicate-id")


def test_a_telegram_of_another_collection_is_told(write):
    folder = write(a="Date: 1956\n\nYes.", b="Collection: paris\nDate: 1956\n\nNo.")
    *_, problem = read(folder)
    message = 'collection: "paris" is another than "cairo" before; keep them apart'
    assert problem == Problem(f"{folder}/b.txt", 1, message, "other-collection")


def test_a_file_name_that_cannot_be_an_id_is_told(write):
    folder = write(**{"d 1": "Date: 1956\n\nYes."})
    message = 'the name "d 1" cannot be part of an address; give an id'
    assert read(folder) == [Problem(f"{folder}/d 1.txt", 1, message, "wrong-field")]


def test_a_folder_without_telegrams_and_a_file_that_is_not_there_are_told(write, tmp_path):
    folder = write()
    message = "the folder holds no telegrams; give one with .txt files"
    assert read(folder) == [Problem(str(folder), None, message, "empty")]
    message = "the file cannot be read (No such file or directory); check its path and rights"
    missing = folder / "d1.txt"
    assert read(missing) == [Problem(str(missing), None, message, "unreadable")]


def test_every_field_has_a_line_of_help():
    assert [name for name, field in Record.model_fields.items() if not field.description] == []


LINES = st.lists(
    st.one_of(
        st.builds("{}: {}".format, st.sampled_from(names()), st.text(max_size=30)),
        st.text(max_size=30),
    ),
    max_size=12,
).map("\n".join)


@given(words=LINES)
def test_whatever_is_written_is_read_or_told(tmp_path_factory, words):
    folder = tmp_path_factory.mktemp("any")
    (folder / "d1.txt").write_bytes(words.encode("utf-8", "surrogatepass"))
    found = read(folder / "d1.txt")
    documents = [each for each in found if isinstance(each, Document)]
    lost = [each for each in found if isinstance(each, Problem) and each.fatal]
    assert len(documents) + len(lost) == 1
    for document in documents:
        lines = [document.text[block.start : block.end] for block in document.blocks]
        assert "\n".join(lines) == document.text
        assert all(lines)
