"""What the model says becomes acts: triggers, quotes, and who is meant."""

import json

import numpy as np
import pytest

from ingest.candidates import Candidate
from ingest.model import Kind, Span
from ingest.tagger import KINDS, MODEL, Act, Heads, Meant, Settings, Tagger, acts, bucket
from ingest.windows import NOBODY, OWN, Window
from tests.ingest.papers import telegram

WORDS = "Nasser asked that we go home. Dulles will do so at once if he may."


@pytest.fixture(scope="module")
def tagger():
    return Tagger(MODEL)


def window() -> Window:
    """Ten words, each one piece, of two sentences, behind [CLS] and [SEP]."""
    spans, start = [], 0
    for word in WORDS.split():
        spans.append((start, start + len(word)))
        start += len(word) + 1
    nasser, dulles = Candidate("Nasser", "Nasser", 0, 6), Candidate("Dulles", "Dulles", 30, 36)
    people = [(OWN, 0), (NOBODY, 1), (nasser, 2), (dulles, 8)]
    return Window([*range(2 + len(spans) + 1)], 2, spans, people, [2, 8])


def heads() -> Heads:
    """Layers to which all places are alike, but that the nearer one is the likelier actor."""
    zero = np.zeros((6, 4), np.float32)
    distance = np.zeros((3, 16), np.float32)
    distance[0, 0:8] = -np.arange(8)
    distance[0, 8:16] = -np.arange(8) - 9
    return Heads(
        (zero, np.zeros(6, np.float32)),
        (zero, np.zeros(6, np.float32)),
        np.zeros((5, 6), np.float32),
        distance,
        (zero, np.array([1, 0, 0, 2, 0, 0], np.float32)),
    )


def seen(scores: dict[tuple[Kind, str], float], quotes: dict[tuple[Kind, str], float]) -> list[Act]:
    """The acts that some scores of words, in triggers and in quotes, come to."""
    words = WORDS.split()
    tags = np.zeros((2 + len(words) + 1, 10), np.float32)
    for first, each in ((0, scores), (5, quotes)):
        for (kind, word), score in each.items():
            tags[2 + words.index(word), first + KINDS.index(kind)] = score
    states = np.zeros((len(tags), 4), np.float32)
    return [*acts(window(), WORDS, tags, states, heads())]


def test_a_word_that_may_express_an_act_is_a_trigger_and_its_neighbours_join_it():
    [act] = seen({(Kind.COMMITMENT, "will"): 0.7, (Kind.COMMITMENT, "do"): 0.4}, {})
    assert (act.kind, WORDS[act.trigger.start : act.trigger.end]) == (Kind.COMMITMENT, "will do")
    assert act.score == pytest.approx(0.7)
    assert act.status == "made"


def test_a_word_that_hardly_expresses_an_act_is_none():
    assert seen({(Kind.REQUEST, "asked"): 0.29}, {}) == []


def test_words_of_two_kinds_are_the_likelier():
    found = seen({(Kind.REQUEST, "asked"): 0.8, (Kind.OFFER, "asked"): 0.7}, {})
    assert [act.kind for act in found] == [Kind.REQUEST]


def test_an_act_that_two_words_of_a_clause_express_is_told_once():
    found = seen({(Kind.REQUEST, "asked"): 0.8, (Kind.REQUEST, "go"): 0.7}, {})
    assert [WORDS[act.trigger.start : act.trigger.end] for act in found] == ["asked"]


def test_a_meeting_has_a_status_of_its_own():
    assert [act.status for act in seen({(Kind.MEETING, "go"): 0.9}, {})] == ["planned"]


def test_the_quote_is_the_sentence_unless_enough_words_belong_to_it():
    [act] = seen({(Kind.REQUEST, "asked"): 0.9}, {(Kind.REQUEST, "that"): 0.9})
    assert WORDS[act.quote.start : act.quote.end] == "Nasser asked that we go home."
    inside = {(Kind.COMMITMENT, word): 0.9 for word in ("do", "so", "at", "once", "if", "Dulles")}
    [act] = seen({(Kind.COMMITMENT, "will"): 0.9}, inside)
    assert WORDS[act.quote.start : act.quote.end] == "Dulles will do so at once if"


def test_the_nearest_before_is_meant_where_nothing_else_tells():
    [will] = seen({(Kind.COMMITMENT, "will"): 0.9}, {})
    assert (will.actor and will.actor.label) == "Dulles"


def test_who_is_not_sure_enough_or_nobody_is_not_told():
    nasser = Candidate("Nasser", "Nasser")
    meant = (Meant(nasser, 0.19, 0.4, 0.0), Meant(NOBODY, 0.2, 0.5, 0.0))
    act = Act(Kind.REQUEST, Span(0, 1), Span(0, 1), 0.9, "made", meant)
    assert (act.actor, act.addressee, act.participants) == (None, None, ())


def test_nobody_acts_towards_oneself():
    nasser, dulles = Candidate("Nasser", "Nasser"), Candidate("Dulles", "Dulles")
    meant = (Meant(nasser, 0.6, 0.6, 0.7), Meant(dulles, 0.3, 0.4, 0.2), Meant(NOBODY, 0.1, 0, 0.9))
    act = Act(Kind.REQUEST, Span(0, 1), Span(0, 1), 0.9, "made", meant)
    assert (act.actor, act.addressee, act.participants) == (nasser, dulles, (nasser,))


def test_distances_fall_into_sixteen_buckets():
    assert [bucket(d) for d in (-300, -2, -1, 0, 1, 2, 300)] == [7, 1, 1, 8, 9, 9, 15]


def test_a_confidence_is_what_a_score_has_proved_to_be_worth(tmp_path):
    path = tmp_path / "acts.json"
    kept = {"thresholds": {"offer": 0.5}, "calibration": {"offer": [2.0, -1.0]}}
    path.write_text(json.dumps(kept), encoding="utf-8")
    act = Act(Kind.OFFER, Span(0, 1), Span(0, 1), 0.5, "made")
    settings = Settings.read(path)
    assert settings.confidence(act) == 0.269
    assert settings.counts(act)
    assert not settings.counts(Act(Kind.OFFER, Span(0, 1), Span(0, 1), 0.49, "made"))


def test_the_model_sees_what_a_telegram_tells(tagger):
    document = telegram(
        "Prime Minister Nasser asked me today for immediate delivery of wheat.",
        "I called on Foreign Minister Fawzi this morning.",
    )
    words = {(act.kind, document.text[act.trigger.start :][:5]) for act in tagger.acts(document)}
    assert words >= {(Kind.REQUEST, "asked"), (Kind.MEETING, "calle")}


@pytest.mark.parametrize(
    "text",
    ["", ".", "\x00\x01", "word " * 3000, "STOP " * 500, "Він просить допомоги.", "a" * 5000],
)
def test_odd_text_is_read_to_its_end(tagger, text):
    assert all(act.quote.start < act.quote.end for act in tagger.acts(telegram(text or " ")))
