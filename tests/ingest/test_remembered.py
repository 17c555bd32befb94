"""What was found in a document is remembered until the document, the model or the code changes."""

import ast
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.candidates import Candidate
from ingest.model import Document, Kind, Span
from ingest.parties import files_of
from ingest.remembered import CODE, Remembered, act_line, act_of
from ingest.tagger import MODEL, Act, Meant
from tests.ingest.papers import telegram

NASSER = Candidate("Nasser", "Nasser’s", 10, 18, "person/nasser")
ACT = Act(Kind.OFFER, Span(1, 3), Span(0, 9), 0.5123, "made", (Meant(NASSER, 0.5, 0.25, 0.0),))
INGEST = Path(__file__).parents[2] / "ingest"


class Counted:
    """Finds one act in every document, and counts how often it is asked."""

    asked = 0

    def acts(self, document: Document) -> tuple[Act, ...]:
        self.asked += 1
        return (ACT,)

    def confidence(self, act: Act) -> float:
        return act.score


@pytest.fixture
def model(tmp_path) -> Path:
    """A copy of the model's files."""
    for file in files_of(MODEL):
        shutil.copy(file, tmp_path)
    copy: Path = tmp_path / MODEL.name
    return copy


def test_an_act_is_remembered_as_it_was():
    assert act_of(act_line(ACT)) == ACT


def test_what_was_found_once_is_not_looked_for_again(tmp_path, model):
    finder, document = Counted(), telegram("Nasser asked.")
    first = Remembered(finder, model, tmp_path / "memory.sqlite")
    assert [*first.acts(document)] == [ACT]
    later = Remembered(finder, model, tmp_path / "memory.sqlite")
    assert [*later.acts(document)] == [ACT]
    assert (finder.asked, later.confidence(ACT)) == (1, 0.5123)


def test_a_document_that_changed_is_read_again(tmp_path, model):
    finder, document = Counted(), telegram("Nasser asked.")
    memory = Remembered(finder, model, tmp_path / "memory.sqlite")
    for each in (document, telegram("Nasser offered."), replace(document, sender=None)):
        memory.acts(each)
    assert finder.asked == 3


def test_a_model_that_changed_reads_again(tmp_path, model):
    finder, document = Counted(), telegram("Nasser asked.")
    Remembered(finder, model, tmp_path / "memory.sqlite").acts(document)
    other = tmp_path / "other"
    other.mkdir()
    for file in files_of(model):
        (other / file.name).write_bytes(file.read_bytes() + b" ")
    Remembered(finder, other / model.name, tmp_path / "memory.sqlite").acts(document)
    assert finder.asked == 2


def test_a_memory_that_cannot_be_read_is_begun_again(tmp_path, model):
    path, finder, document = tmp_path / "memory.sqlite", Counted(), telegram("Nasser asked.")
    path.write_bytes(b"no database" * 100)
    Remembered(finder, model, path).acts(document)
    Remembered(finder, model, path).acts(document)
    assert finder.asked == 1


def test_the_code_that_is_named_is_all_that_reads_a_document():
    """What `parties` imports of this package, and what that imports, and so on."""
    found, left = set(), {"parties"}
    while left:
        name = left.pop()
        found.add(name)
        tree = ast.parse((INGEST / f"{name}.py").read_text(encoding="utf-8"))
        modules = [one.module or "" for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)]
        left |= {each[7:] for each in modules if each.startswith("ingest.")} - found
    assert {*CODE} == {*found, "nations.tsv"}
