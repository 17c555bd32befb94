"""Each act is read again beside all who are named near it, and the trees say who is meant."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.candidates import Candidate
from ingest.model import Document, Kind, Span
from ingest.parties import NEAR, TREES, UNLIKELY, Reader, ordered, questions, reread
from ingest.tagger import KINDS, MODEL, Act, Meant, Settings, Tagger
from ingest.trees import Array, Trees
from ingest.windows import NOBODY, OWN
from tests.ingest.papers import telegram

SETTINGS = Settings(dict.fromkeys(KINDS, 0.5), dict.fromkeys(KINDS, (1.0, 0.0)))
NASSER = Candidate("Nasser", "Nasser")


class First:
    """Takes the first candidate for the actor, the second for the addressee, the third is there."""

    def likely(self, rows: Array) -> Array:
        return np.eye(len(rows), 3, dtype=np.float32) * np.float32(0.9)


class Seen:
    """What sees in a document the acts that a test says."""

    def __init__(self, *acts: Act) -> None:
        self._acts = acts

    def acts(self, document: Document) -> tuple[Act, ...]:
        return self._acts


def act(document: Document, words: str, *people: Meant, kind=Kind.REQUEST, score=0.8) -> Act:
    start = document.text.index(words)
    span = Span(start, start + len(words))
    return Act(kind, span, span, score, "made", people)


def labels(document: Document, *acts: Act) -> list[list[str]]:
    """The labels of those who may be meant in each act."""
    return [[one.label for one in people] for people, _ in questions(document, acts)]


def column(document: Document, place: int, *acts: Act) -> dict[str, float]:
    """One of the numbers of each who may be meant in the first act, by label."""
    people, rows = questions(document, acts)[0]
    return {one.label: float(row[place]) for one, row in zip(people, rows, strict=True)}


def test_all_who_are_named_near_may_be_meant_and_the_parties_of_the_head():
    document = telegram("Then Nasser saw Fawzi.", "Later Dulles asked for wheat.")
    assert labels(document, act(document, "asked")) == [
        [
            "United States",
            "",
            "Embassy in Egypt",
            "Department of State",
            "Nasser",
            "Fawzi",
            "Dulles",
        ]
    ]


def test_who_was_named_long_ago_is_not_meant_unless_the_tagger_says_so():
    document = telegram("Yesterday Nasser spoke.", *["It rained."] * NEAR, "He asked for wheat.")
    assert "Nasser" not in labels(document, act(document, "asked"))[0]
    assert "Nasser" in labels(document, act(document, "asked", Meant(NASSER, 0.4, 0, 0)))[0]


def test_a_candidate_is_shown_by_the_name_nearest_to_the_act():
    document = telegram("Yesterday Nasser spoke.", "Then Nasser asked.")
    [(people, _)] = questions(document, [act(document, "asked")])
    [nasser] = [one for one in people if one.label == "Nasser"]
    assert document.text[nasser.start - 5 : nasser.end] == "Then Nasser"


def test_each_row_tells_the_tagger_s_mind_the_role_and_the_distance():
    document = telegram("We told Nasser that Fawzi asked Dulles.")
    one = act(document, "asked", Meant(NASSER, 0.4, 0.1, 0.0))
    assert column(document, 0, one)["Nasser"] == pytest.approx(0.4)
    roles = column(document, 6, one)
    assert [roles[name] for name in ("United States", "", "Embassy in Egypt", "Nasser")] == [
        0,
        1,
        2,
        4,
    ]
    before, behind = column(document, 13, one), column(document, 14, one)
    assert (before["Fawzi"], behind["Dulles"]) == (1, 1)
    assert before["Dulles"] == behind["Fawzi"] == 9999


def test_acts_get_the_people_that_the_trees_take():
    document = telegram("Nasser asked for wheat.", "He met Dulles.")
    request, meeting = reread(
        document, [act(document, "asked"), act(document, "met", kind=Kind.MEETING)], First()
    )
    assert (request.actor, request.addressee, request.participants) == (OWN, None, ())
    assert (meeting.actor, meeting.addressee) == (None, None)
    assert [each.one.label for each in request.people] == ["United States", ""]
    assert all(max(one.actor, one.addressee, one.present) >= UNLIKELY for one in request.people)


def test_only_what_reaches_its_threshold_is_kept_in_the_order_of_the_text():
    document = telegram("Nasser asked for wheat.", "He offered cotton.", "He refused.")
    acts = [
        act(document, "refused", kind=Kind.REFUSAL),
        act(document, "offered", kind=Kind.OFFER, score=0.4),
        act(document, "asked"),
    ]
    reader = Reader(Seen(*acts), First(), SETTINGS)
    assert [one.kind for one in reader.acts(document)] == [Kind.REQUEST, Kind.REFUSAL]
    assert Reader(Seen(), First(), SETTINGS).acts(document) == []
    assert reader.confidence(acts[0]) == pytest.approx(0.8)


@pytest.fixture(scope="module")
def trees():
    return Trees(TREES)


def test_the_trees_take_the_subject_for_the_actor(trees):
    document = telegram("Prime Minister Nasser asked Ambassador Byroade for wheat.")
    reader = Reader(Tagger(MODEL), trees, SETTINGS)
    [request] = [one for one in reader.acts(document) if one.kind is Kind.REQUEST]
    assert request.actor
    assert "Nasser" in request.actor.label


def test_the_trees_give_a_likelihood_for_each_role(trees):
    document = telegram("Nasser asked Dulles for wheat.")
    [(people, rows)] = questions(document, [act(document, "asked")])
    likely = trees.likely(rows)
    assert likely.shape == (len(people), 3)
    assert ((likely >= 0) & (likely <= 1)).all()


@given(st.lists(st.text(max_size=60), max_size=6), st.data())
def test_any_text_and_any_acts_have_answers(paragraphs, data):
    document = telegram(*paragraphs)
    end = len(document.text)
    spans = st.tuples(st.integers(0, end), st.integers(0, end)).map(sorted).map(lambda s: Span(*s))
    acts = data.draw(
        st.lists(
            st.builds(
                Act, st.sampled_from(KINDS), spans, spans, st.floats(0.3, 1), st.just("made"),
                st.just((Meant(NOBODY, 0.1, 0.1, 0.1),)),
            ),
            max_size=4,
        )
    )  # fmt: skip
    assert len(reread(document, ordered(acts), First())) == len(acts)
