"""An act answers another by its words: it governs what it answers, or follows it at once."""

import pytest

from ingest.model import Kind, Manner
from ingest.responses import MOST, REACH, Weights, manner, pairs, reason, responses, weights
from ingest.signs import SIGNS, between, is_embedded
from ingest.told import BEHIND, Told, named

KINDS = {"R": Kind.REQUEST, "O": Kind.OFFER, "C": Kind.COMMITMENT, "F": Kind.REFUSAL}


def acts(*told: str, origin: str = "run/acts-2") -> list[Told]:
    """Make the acts of sentences in which triggers are marked: "He [R:asked] for it"."""
    found: list[Told] = []
    start = 0
    for number, marked in enumerate(told):
        words, marks = "", []
        for piece in marked.split("["):
            inside, closed, after = piece.partition("]")
            if closed:
                kind, _, trigger = inside.partition(":")
                marks.append((KINDS[kind], trigger, len(words)))
                words += trigger + after
            else:
                words += piece
        for kind, trigger, at in marks:
            found.append(
                Told(
                    id=f"v/d1/{len(found)}",
                    document="v/d1",
                    kind=kind,
                    quote=words,
                    trigger=trigger,
                    start=start,
                    end=start + len(words),
                    at=start + at,
                    sentence=number,
                    paragraph=0,
                    before=words[:at],
                    behind=words[at + len(trigger) :][:BEHIND],
                    actors=frozenset(),
                    addressees=frozenset(),
                    confidence=0.6,
                    origin=origin,
                )
            )
        start += len(words) + 1
    return found


def signs(*told: str) -> dict[str, float]:
    [pair] = pairs(acts(*told))
    return dict(zip(SIGNS, pair.signs, strict=True))


def test_an_act_governs_the_request_that_is_its_object():
    assert signs("The Group [C:agreed to] the British [R:proposal].")["governs"] == 1
    assert signs("He [C:agreed] that they [R:requested] it.")["governs"] == 0


def test_an_answer_in_one_breath_is_joined_to_what_it_answers():
    assert signs("He [R:asked] for planes, but the General [F:refused].")["in one breath"] == 1
    assert signs("The [R:suggestion] was [C:approved].")["in one breath"] == 1


def test_an_answer_right_after_begins_the_next_sentence():
    assert signs("He [R:suggested] a date.", "The Minister [C:agreed].")["right after"] == 1
    assert signs("He [R:suggested] a date.", "If so, he [C:agreed].")["right after"] == 0


def test_what_stands_in_the_clause_that_asks_is_no_answer():
    asked = acts("He [R:asked] whether Gen. Wood would [C:accept] it.")
    assert is_embedded(*asked)
    assert [*pairs(asked)] == []


def test_the_words_between_two_acts_of_a_sentence_are_the_same_either_way():
    one, other = acts("He [R:asked] for planes, but was [F:refused].")
    assert between(one, other) == between(other, one) == " for planes, but was "


def test_only_commitments_refusals_and_offers_answer_and_only_requests_and_offers_are_answered():
    told = acts("He [R:asked].", "He [R:urged].", "They [C:agreed].", "They [F:refused].")
    kinds = {(pair.earlier.trigger, pair.later.trigger) for pair in pairs(told)}
    assert kinds == {(one, other) for one in ("asked", "urged") for other in ("agreed", "refused")}


def test_acts_far_apart_are_no_pair():
    gap = ["Nothing."] * REACH
    assert [*pairs(acts("He [R:asked].", *gap, "They [C:agreed]."))] == []
    assert len([*pairs(acts("He [R:asked].", *gap[1:], "They [C:agreed]."))]) == 1


def test_a_long_document_has_pairs_in_proportion():
    """Acts are compared with their neighbours alone."""
    crowd = acts("[R:asked] and [C:agreed] " * 200)
    assert len([*pairs(crowd)]) <= 2 * MOST * len(crowd)


EVERY = Weights(10.0, tuple(0.0 for _ in SIGNS), 0.3, 0.8)
"""Weights by which every pair is an answer."""


def test_an_answer_has_its_likelihood_its_manner_and_a_reason_in_words():
    told = acts("He [R:asked] for planes, but the General [F:refused] the request.")
    [one] = responses(told, EVERY)
    assert (one.later, one.earlier) == (told[1].id, told[0].id)
    assert (one.manner, one.asserted, one.origin) == (Manner.REFUSE, True, "run/responses-1")
    assert one.confidence == 1.0
    assert one.reason == "“refused” in the same sentence as “asked”; what is answered is named"


@pytest.mark.parametrize(
    ("sentences", "words"),
    [
        (("He [R:asked].", "They [C:agreed]."), "“agreed” in the sentence after “asked”"),
        (("He [R:asked].", "So.", "They [C:agreed]."), "“agreed” 2 sentences after “asked”"),
        (("[C:Agreed to] the [R:request]",), "“Agreed to” in the same sentence as “request”"),
    ],
)
def test_the_reason_says_where_the_acts_stand(sentences, words):
    [pair] = pairs(acts(*sentences))
    assert reason(pair).startswith(words)


@pytest.mark.parametrize(
    ("sentences", "how"),
    [
        (("He [R:asked] for it.", "They [C:agreed]."), Manner.ACCEPT),
        (("He [R:asked] for it.", "They [F:declined]."), Manner.REFUSE),
        (("He [R:asked] for it.", "They [O:were ready to] talk."), Manner.ANSWER),
        (("He [R:asked whether] it was so.", "They [C:agreed]."), Manner.ANSWER),
    ],
)
def test_commitments_accept_and_refusals_refuse_but_a_question_is_answered(sentences, how):
    [pair] = pairs(acts(*sentences))
    assert manner(pair) is how


def test_below_the_threshold_it_is_a_candidate_and_far_below_nothing():
    told = acts("He [R:asked].", "They [C:agreed].")
    even = Weights(0.0, tuple(0.0 for _ in SIGNS), 0.3, 0.8)
    assert [one.asserted for one in responses(told, even)] == [False]
    assert [*responses(told, Weights(-9.0, even.weights, 0.3, 0.8))] == []


def test_what_a_curator_wrote_down_is_left_to_the_curator():
    told = acts("He [R:asked].", "They [C:agreed].", origin="curation/v/d1")
    assert [*responses(told, EVERY)] == []


def test_an_act_is_kept_and_read_as_it_was():
    [one, _] = acts("He [R:asked] for planes, but the General [F:refused].")
    assert Told.from_json(one.to_json()) == one


def test_who_acts_is_known_by_entity_whole_name_and_surname_and_never_by_a_pronoun():
    assert named("person/x", "Mr. Dulles") == {"person/x", "mr dulles", "dulles"}
    assert named(None, "we") == set()


def test_the_weights_have_one_for_each_sign():
    assert len(weights().weights) == len(SIGNS)
    assert weights().possible < weights().asserted
