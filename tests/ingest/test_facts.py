"""The facts of a document: a curator's first, then those of the form, then those of the text."""

import pytest

from ingest.authority import Authority
from ingest.curated import CuratedFile, read_curated
from ingest.extract import RUN as ACTS
from ingest.meetings import RUN as RECORDED
from ingest.model import Document, Entity, Form, Kind, Party
from ingest.tagger import MODEL
from ingest.volume import Context, facts_of
from tests.ingest.papers import telegram

CALLED = "I called on Foreign Minister Fawzi this morning."
ASKED = "He asked me for immediate delivery of wheat."
CURATED = """\
document: frus1955-57v14/d7
curator: A. Historian
complete: {complete}
reported_by: []
facts:
  - key: call
    kind: meeting
    quote: called on Foreign Minister Fawzi
    content: a call
    status: held
    participants: [state/egypt, state/united-states]
"""


def context(tmp_path, curated: str = "", text: bool = True) -> Context:
    """What a document is read with, and perhaps a curator's file."""
    files: dict[str, CuratedFile] = {}
    if curated:
        path = tmp_path / "d7.yaml"
        path.write_text(curated, encoding="utf-8")
        file = read_curated(path)
        assert isinstance(file, CuratedFile), file
        files = {file.curation.document: file}
    states = [Entity("state/egypt", "Egypt"), Entity("state/united-states", "United States")]
    return Context(Authority(states), files, MODEL if text else None)


def told(document: Document, known: Context) -> list[tuple[str, str]]:
    facts, problems = facts_of(document, known)
    assert problems == []
    return [(fact.kind.value, fact.origin) for fact in facts]


@pytest.fixture
def document() -> Document:
    return telegram(CALLED, ASKED)


def test_the_text_is_read_for_facts(document, tmp_path):
    assert told(document, context(tmp_path)) == [("meeting", ACTS.id), ("request", ACTS.id)]


def test_nothing_is_looked_for_in_the_text_without_a_model(document, tmp_path):
    assert told(document, context(tmp_path, text=False)) == []


def test_a_curator_s_fact_stands_for_the_one_that_was_found_in_its_words(document, tmp_path):
    known = context(tmp_path, CURATED.format(complete="false"))
    curation = "curation/frus1955-57v14/d7"
    assert told(document, known) == [("meeting", curation), ("request", ACTS.id)]


def test_nothing_is_added_to_what_is_completely_curated(document, tmp_path):
    known = context(tmp_path, CURATED.format(complete="true"))
    assert [kind for kind, _ in told(document, known)] == ["meeting"]


DECIDED = """\
document: frus1955-57v14/d7
curator: A. Historian
facts: []
accepted:
  - kind: request
    quote: asked me for immediate delivery
rejected:
  - kind: meeting
    quote: called on Foreign Minister Fawzi
    reason: He was out.
"""


def test_a_reader_may_accept_and_reject_what_is_found(document, tmp_path):
    facts, problems = facts_of(document, context(tmp_path, DECIDED))
    assert [(fact.kind, fact.confidence, fact.origin) for fact in facts] == [
        (Kind.REQUEST, 1.0, ACTS.id)
    ]
    assert problems == []


def test_decisions_about_words_that_are_gone_are_told(tmp_path):
    other = telegram("The weather was fine.")
    facts, problems = facts_of(other, context(tmp_path, DECIDED))
    assert facts == []
    assert [(problem.line, problem.category) for problem in problems] == [
        (8, "bad-fact"),
        (5, "bad-fact"),
    ]
    unseen = DECIDED.replace("asked me for immediate delivery", "The weather was fine.")
    _, [_, problem] = facts_of(other, context(tmp_path, unseen))
    assert problem.message == (
        'no program finds the accepted request "The weather was fine."; write it as a fact'
    )


def test_a_recorded_meeting_has_the_words_that_introduce_it(tmp_path):
    parties = (Party("Mr. Hare"), Party("Mr. Fawzi"))
    record = telegram(CALLED, ASKED, form=Form.CONVERSATION, participants=parties)
    head = "4. Memorandum of a Conversation"
    record = Document(
        **{
            **{name: getattr(record, name) for name in record.__dataclass_fields__},
            "text": record.text.replace(record.head, head.ljust(len(record.head))),
            "head": head,
        }
    )
    facts, _ = facts_of(record, context(tmp_path))
    [meeting] = [fact for fact in facts if fact.kind is Kind.MEETING]
    assert meeting.origin == RECORDED.id
    assert meeting.quote.exact == CALLED
    assert meeting.support[0].exact == head
    assert [one.printed for one in meeting.participants] == ["Mr. Hare", "Mr. Fawzi"]
