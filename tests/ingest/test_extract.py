"""Acts that the tagger sees become facts, with their words and what these say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.authority import Authority
from ingest.candidates import Candidate, head_parties
from ingest.extract import RUN, Extractor, quoted
from ingest.model import Agent, Document, Entity, Fact, Kind, Moment, Quote, Span
from ingest.tagger import Act, Meant
from ingest.windows import NOBODY, OWN
from tests.ingest.papers import telegram

FRANCE = Candidate("France", "French")
AUTHORITY = Authority(
    [Entity("state/france", "France"), Entity("state/united-states", "United States")]
)


class Seen:
    """What sees in a document the acts that a test says."""

    def __init__(self, *acts: Act) -> None:
        self._acts = acts

    def acts(self, document: Document) -> tuple[Act, ...]:
        return self._acts

    def confidence(self, act: Act) -> float:
        return act.score / 2


def act(
    document: Document,
    kind: Kind,
    trigger: str,
    quote: str,
    actor: Candidate | None = None,
    addressee: Candidate | None = None,
    *present: Candidate,
    status: str = "made",
) -> Act:
    people = [(one, (0.9, 0.0, 0.0)) for one in [actor] if one]
    people += [(one, (0.0, 0.9, 0.0)) for one in [addressee] if one]
    people += [(one, (0.0, 0.0, 0.9)) for one in present]
    people.append((NOBODY, (0.1, 0.1, 0.0)))
    meant = tuple(Meant(one, *likely) for one, likely in people)
    return Act(kind, span(document, trigger), span(document, quote), 0.8, status, meant)


def span(document: Document, words: str) -> Span:
    start = document.text.index(words)
    return Span(start, start + len(words))


def facts(document: Document, *acts: Act) -> list[Fact]:
    return Extractor(Seen(*acts)).facts(document, AUTHORITY)


def test_a_fact_has_its_words_its_parties_and_its_run():
    document = telegram("French today asked us for 50,000 tons of wheat if crop fails.")
    sentence = document.text.split("\n")[1]
    quote = document.text.index(sentence)
    assert facts(document, act(document, Kind.REQUEST, "asked", sentence, FRANCE, OWN)) == [
        Fact(
            id="frus1955-57v14/d7/93988ae6",
            document="frus1955-57v14/d7",
            kind=Kind.REQUEST,
            quote=Quote(sentence, quote, quote + len(sentence)),
            trigger=Quote("asked", quote + 13, quote + 18),
            content=sentence,
            status="made",
            origin=RUN.id,
            actors=(Agent("state/france", "French", "France"),),
            addressees=(Agent("state/united-states", "we", "United States"),),
            reported_by=(Agent(None, "Embassy in Egypt", "Embassy in Egypt"),),
            force="ask",
            date=Moment("1955-01-07", "1955-01-07", "1955-01-07", "today"),
            condition="if crop fails",
            quantity="50,000 tons",
            confidence=0.4,
        )
    ]


def test_a_meeting_has_participants_and_no_particulars_of_acts():
    document = telegram("Saw Fawzi by January 20 if able.")
    fawzi = Candidate("Fawzi", "Fawzi")
    [fact] = facts(
        document, act(document, Kind.MEETING, "Saw", "Saw Fawzi by January 20 if able", None, None,
                      fawzi, status="planned")
    )  # fmt: skip
    assert fact.participants == (Agent(None, "Fawzi", "Fawzi"),)
    assert (fact.condition, fact.deadline, fact.force, fact.status) == (None, None, None, "planned")
    assert fact.date == Moment("1955-01-20", "1955-01-20", "1955-01-20", "January 20")


def test_what_the_recipient_is_asked_to_say_is_instructed_and_presented_by_it():
    document = telegram("Please tell Fawzi that we will send wheat.")
    sender, recipient = head_parties(document)
    sentence = "Please tell Fawzi that we will send wheat"
    asked = act(document, Kind.REQUEST, "Please", sentence, sender, recipient)
    said = act(document, Kind.COMMITMENT, "will send", sentence, OWN, Candidate("Fawzi", "Fawzi"))
    request, commitment = facts(document, asked, said)
    assert (request.status, request.presented_by) == ("made", ())
    assert commitment.status == "instructed"
    assert commitment.presented_by == (Agent(None, "Department of State", "Department of State"),)
    alone = facts(document, said)
    assert [fact.status for fact in alone] == ["made"]


def test_what_the_sender_does_is_reported_by_nobody_else():
    document = telegram("I will report.")
    sender, _ = head_parties(document)
    [fact] = facts(document, act(document, Kind.COMMITMENT, "will", "I will report", sender))
    assert (fact.actors, fact.reported_by) == ((Agent(None, *2 * ["Embassy in Egypt"]),), ())


@pytest.mark.parametrize(
    ("kind", "trigger", "force"),
    [
        (Kind.REQUEST, "demanded", "demand"),
        (Kind.REQUEST, "urged", "urge"),
        (Kind.REQUEST, "recommends", "recommend"),
        (Kind.REQUEST, "suggests", "propose"),
        (Kind.REQUEST, "Please", "instruct"),
        (Kind.REQUEST, "would appreciate", "ask"),
        (Kind.REQUEST, "wanted", None),
        (Kind.COMMITMENT, "assured", "assure"),
        (Kind.COMMITMENT, "promised", "promise"),
        (Kind.COMMITMENT, "agreed", "agree"),
        (Kind.COMMITMENT, "decided", "decide"),
        (Kind.COMMITMENT, "will", "intend"),
        (Kind.OFFER, "offered", None),
    ],
)
def test_the_trigger_says_how_an_act_is_put(kind, trigger, force):
    document = telegram(f"He {trigger} it.")
    [fact] = facts(document, act(document, kind, trigger, f"He {trigger} it"))
    assert fact.force == force


def test_a_long_quote_is_shortened_in_the_gist_only():
    document = telegram("He asked " + "very " * 100 + "much.")
    words = document.text.split("\n")[1]
    [fact] = facts(document, act(document, Kind.REQUEST, "asked", words))
    assert fact.quote.exact == words
    assert fact.content == words[:299].rstrip() + "…"


def test_the_same_words_of_a_kind_are_one_fact():
    document = telegram("He asked for it.")
    one = act(document, Kind.REQUEST, "asked", "He asked for it")
    assert len(facts(document, one, one)) == 1


@given(st.text(alphabet="aB ,.’“1\n—", min_size=1, max_size=40), st.data())
def test_a_quote_is_whole_words_of_the_text(words, data):
    document = telegram(words)
    start = data.draw(st.integers(0, len(document.text) - 1))
    end = data.draw(st.integers(start + 1, len(document.text)))
    quote = quoted(document, Span(start, end))
    assert quote.exact == document.text[quote.start : quote.end] != ""
    assert quote.start == 0 or not document.text[quote.start - 1].isalnum()
    assert not document.text[quote.end : quote.end + 1].isalnum()
