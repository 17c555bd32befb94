"""Acts of one document answer those of the document that it answers."""

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.chains import Step
from ingest.model import Document, Fact, Form, Kind, Manner, Quote, Response, Volume
from ingest.replies import KEPT, MOST, SIGNS, Page, judged, manner, pairs, reason, replies, stems
from ingest.responses import Weights
from ingest.side import Part
from ingest.told import acts

KINDS = {"R": Kind.REQUEST, "O": Kind.OFFER, "C": Kind.COMMITMENT, "F": Kind.REFUSAL}


def letter(key: str, *told: str, origin: str = "run/acts-2") -> tuple[Document, list[Fact]]:
    """Make a document with a fact for each sentence that marks its trigger: "We [R:ask] for it"."""
    text = ""
    facts: list[Fact] = []
    for sentence in told:
        before, kind, rest = sentence.replace("[", "]").replace(":", "]", 1).split("]", 2)
        trigger, behind = rest.split("]", 1)
        start, at = len(text), len(text) + len(before)
        text += f"{before}{trigger}{behind} "
        quote = Quote(text[start:-1], start, len(text) - 1)
        words = Quote(trigger, at, at + len(trigger))
        id = f"{key}/{len(facts)}"
        facts.append(Fact(id, key, KINDS[kind], quote, "", "made", origin, trigger=words))
    volume, _, name = key.partition("/")
    return Document(volume, name, Form.TELEGRAM, key, text), facts


def page(key: str, *told: str, **fields: str) -> Page:
    document, facts = letter(key, *told, **fields)
    return Page(document.text, acts(document.text, facts))


ASKED = page("v/d1", "We [R:recommend] taking up aid to Jordan in May.", "We [R:urge] patience.")
AGREED = page("v/d2", "We [C:agree] that aid to Jordan be taken up.", "They [F:rejected] it all.")


def signs(earlier: str, later: str) -> dict[str, float]:
    [pair] = pairs(page("v/d1", earlier), page("v/d2", later))
    return dict(zip(SIGNS, pair.signs, strict=True))


def test_each_answering_act_is_held_against_each_that_asks():
    met = {(pair.earlier.trigger, pair.later.trigger) for pair in pairs(ASKED, AGREED)}
    assert met == {(one, other) for one in ("recommend", "urge") for other in ("agree", "rejected")}


def test_an_offer_does_not_answer_an_offer():
    assert [*pairs(page("v/d1", "We [O:offer] wheat."), page("v/d2", "We [O:offer] rice."))] == []


def test_acts_that_share_rare_words_are_alike():
    [best, *rest] = sorted(pairs(ASKED, AGREED), key=lambda pair: -pair.signs[0])
    assert (best.earlier.trigger, best.later.trigger) == ("recommend", "agree")
    assert best.signs[0] > max(pair.signs[0] for pair in rest)
    assert sorted(best.shared) == ["Jordan"]


def test_words_are_compared_by_how_they_begin_and_common_ones_not_at_all():
    assert stems("The Embassy requested requests of 1,500 tons") == {
        "reques": "requested",
        "1,500": "1,500",
        "tons": "tons",
    }


@pytest.mark.parametrize(
    ("later", "sign"),
    [
        ("Their [C:assurances] are noted.", "acting noun"),
        ("I told him that we [C:agree] with it.", "conveyed"),
        ("I [C:promised] him this.", "conveyed"),
        ("If they [C:accept] it, all is well.", "unsure"),
        ("They [C:would accept] it.", "unsure"),
        ("They [C:agreed].", "ends there"),
    ],
)
def test_what_speaks_against_an_answer_is_told_by_its_words(later, sign):
    plain = signs("We [R:ask] this.", "We [C:agree] to what you ask in your long telegram.")
    assert (plain[sign], signs("We [R:ask] this.", later)[sign]) == (0, 1)


EVERY = Weights(0.0, (9.0, *(0.0 for _ in SIGNS[1:])), 0.4, 2.0)
"""Weights by which every pair is likely, and the likelier the more alike."""


def test_what_is_likely_is_a_candidate_with_its_likelihood_and_a_reason():
    [found] = [one for one in judged(pairs(ASKED, AGREED), EVERY) if one.confidence > 0.5]
    words = "“agree” in the answer to the document of “recommend”; both tell of "
    assert (found.later, found.earlier, found.manner) == ("v/d2/0", "v/d1/0", Manner.ACCEPT)
    assert (found.origin, found.asserted) == ("run/replies-1", False)
    assert found.reason.startswith(words)


def test_of_what_an_act_may_answer_the_likeliest_are_kept():
    many = page("v/d1", *(f"We [R:ask] for item {number}." for number in range(KEPT + 2)))
    assert len([*judged(pairs(many, page("v/d2", "We [C:agree].")), EVERY)]) == KEPT


def test_a_long_document_has_pairs_in_proportion():
    long = [page(f"v/d{n}", *(["We [R:ask]."] * 90), *(["We [C:agree]."] * 90)) for n in (1, 2)]
    assert len([*pairs(*long)]) == MOST * MOST


def test_what_a_curator_wrote_down_is_left_to_the_curator():
    pages = [page(f"v/d{n}", "We [R:ask].", "We [C:agree].", origin="curation/v") for n in (1, 2)]
    assert [*judged(pairs(*pages), EVERY)] == []


@pytest.mark.parametrize(
    ("earlier", "later", "how"),
    [
        ("We [R:recommend] it.", "We [C:approve] it.", Manner.ACCEPT),
        ("We [R:recommend] it.", "We [F:oppose] it.", Manner.REFUSE),
        ("We [R:recommend] it.", "We [O:are ready] for it.", Manner.ANSWER),
        ("We [R:request] your comments.", "We [C:agree] with it.", Manner.ANSWER),
    ],
)
def test_who_asks_to_be_told_something_is_answered(earlier, later, how):
    [pair] = pairs(page("v/d1", earlier), page("v/d2", later))
    assert manner(pair) is how


def test_a_reason_without_common_words_names_the_acts():
    [pair] = pairs(page("v/d1", "We [R:ask] this."), page("v/d2", "They [C:agree]."))
    assert reason(pair) == "“agree” in the answer to the document of “ask”"


def part(folder: Path, volume: str, *told: tuple[Document, list[Fact]]) -> Path:
    path = folder / f"{volume}.sqlite"
    with Part(path) as out:
        for document, facts in told:
            out.add_document(document, facts, {})
        out.add_volume(Volume(volume, volume))
    return path


def test_documents_that_answer_each_other_are_read_across_volumes(tmp_path):
    request = letter("v/d1", "We [R:recommend] taking up aid to Jordan on July 27.")
    answer = letter("w/d2", "We [C:agree] with taking up aid to Jordan on July 27.")
    sides = [part(tmp_path, "v", request), part(tmp_path, "w", answer)]
    [found] = replies([Step("w/d2", "v/d1", "answers")], sides)
    assert replace(found, confidence=0.0, reason="") == Response(
        "w/d2/0", "v/d1/0", Manner.ACCEPT, "run/replies-1", "", 0.0, False
    )
    assert [*replies([Step("w/d2", "v/d1", "follows")], sides)] == []
