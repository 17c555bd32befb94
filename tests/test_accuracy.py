"""The evaluation counts as the rules that come with the annotations do."""

import json
import runpy
import subprocess
import sys
from typing import Any, NamedTuple

import pytest

from bench.accuracy import (
    Gold,
    Judged,
    by_document,
    calibration_error,
    cross_validated,
    documents_in,
    faults,
    roles,
    seed,
    swept,
    table,
)
from bench.recall import document_line, keep, recalled
from bench.scoring import CORE, KINDS, Recorded, Share, Tally, interval, recorded, tally, text_of
from bench.tuning import THRESHOLDS, Sweep, fold_of, settings
from ingest.candidates import Candidate
from ingest.model import Kind, Span
from ingest.tagger import MODEL, Act, Meant, Settings
from tests.floors import FLOORS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
"""Trees are grown five times, which takes two minutes on a busy machine."""


@pytest.fixture(scope="module")
def gold(shared):
    return shared / "gold"


def guessed(facts):
    """Facts as a mediocre program finds them: some missing, some of another kind, some cut."""
    for number, fact in enumerate(facts):
        words = fact["quote"].split()
        if number % 4 == 1:
            yield {**fact, "type": KINDS[(number + 1) % 5]}
        elif number % 4 == 2:
            yield {**fact, "quote": " ".join(words[: len(words) // 2 + 1])}
        elif number % 4 == 3:
            yield from (fact, {**fact, "quote": fact["quote"][5:]})


def test_a_share_tells_where_that_of_all_lies():
    """As Wilson's interval is given in tables."""
    assert str(Share(9, 10)) == "0.900 (0.596-0.982)"
    assert Share(0, 0).interval == (0.0, 1.0)
    assert (Share(0, 5).interval[0], Share(5, 5).interval[1]) == (0.0, 1.0)


def test_facts_are_counted_as_the_annotators_scorer_counts_them(gold, tmp_path):
    rules = runpy.run_path(str(gold / "score.py"))
    texts, lines = by_document(gold / "dev-texts.jsonl"), by_document(gold / "dev-gold.jsonl")
    predicted, tallies = [], []
    for name, line in lines.items():
        found = [{**fact, "document": name} for fact in guessed(line["facts"])]
        predicted += found
        tallies.append(tally(line["facts"], found, text_of(texts[name]["paras"], rules), rules))
    path = tmp_path / "predicted.jsonl"
    path.write_text("\n".join(map(json.dumps, predicted)), encoding="utf-8")
    scored = subprocess.run(
        [
            sys.executable,
            gold / "score.py",
            gold / "dev-gold.jsonl",
            gold / "dev-texts.jsonl",
            path,
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    theirs = [line.rsplit(maxsplit=5) for line in scored.splitlines()[1:7]]
    ours = [[cell.strip() for cell in row.split("|")[1:7]] for row in [*table(tallies)][2:]]
    assert [[cell.replace(",", "") for cell in row] for row in ours] == theirs


def test_what_cannot_be_divided_is_nothing():
    assert (Tally().precision, Tally().recall, Tally().f1) == (0, 0, 0)
    one = Tally(hits=3, alarms=1, misses=2)
    assert (one.precision, one.recall, one.f1) == (3 / 4, 3 / 5, 2 / 3)


def test_an_interval_holds_the_value_and_is_the_same_each_time():
    tallies = [Tally(1, 0, 0)] * 60 + [Tally(0, 0, 1)] * 40
    low, high = interval(tallies, lambda one: one.recall)
    assert (low, high) == interval(tallies, lambda one: one.recall)
    assert 0.48 < low < 0.6 < high < 0.72


def test_a_recorded_meeting_is_compared_with_the_one_most_like_it():
    def held(*names, date=None):
        return {"type": "meeting", "status": "held", "participants": names, "date": date}

    gold = {
        "v#d1": [held("A"), held("A", "B", "C", date="1955-01-07"), {"type": "offer"}],
        "v#d2": [held("X", "Y")],
    }
    found: list[dict[str, Any]] = [
        {"document": "v#d1", "participants": ["A", "B", "D", "E"], "date": "1955-01-07"},
        {"document": "v#d2", "participants": ["A", "B"], "date": None},
    ]
    same = {"same_party": lambda one, other: one == other}
    assert recorded(gold, found, same) == Recorded(2, 1, Tally(2, 2, 1), 1)


# What models said of documents they were not taught with


def test_what_is_kept_of_acts_is_what_was_said(tmp_path):
    nasser = Candidate("Nasser", "Nasser’s", 10, 18)
    act = Act(Kind.OFFER, Span(1, 3), Span(0, 9), 0.5, "made", (Meant(nasser, 0.5, 0.25, 0.0),))
    keep([json.dumps(document_line("v/d1", act))], tmp_path / "acts.jsonl.gz")
    assert recalled(tmp_path / "acts.jsonl.gz") == {"v/d1": [act]}


def test_a_threshold_is_where_most_is_right_and_a_confidence_how_much_is():
    def one(score: float, right: bool) -> Sweep:
        found = [Tally(int(right), int(not right)) if score >= t else Tally() for t in THRESHOLDS]
        return Sweep(
            tuple(dict.fromkeys(KINDS, tally) for tally in found),
            tuple((kind, score, right) for kind in KINDS),
        )

    made = settings([one(0.4, False)] * 30 + [one(0.7, True)] * 30 + [one(0.7, False)] * 10)
    assert all(0.4 < threshold <= 0.7 for threshold in made.thresholds.values())
    act = Act(Kind.OFFER, Span(0, 1), Span(0, 1), 0.7, "made")
    assert made.confidence(act) == pytest.approx(0.75, abs=0.01)


class Whole(NamedTuple):
    """All documents of which it is kept what models said that were not taught with them."""

    gold: Gold
    sweeps: dict[str, Sweep]
    judged: list[Judged]


@pytest.fixture(scope="module")
def whole(shared):
    gold, acts = Gold.read(shared), recalled()
    documents = documents_in(shared, gold.facts)
    sweeps = swept(documents, acts, gold)
    return Whole(gold, sweeps, [*cross_validated(documents, acts, sweeps, gold)])


def test_each_document_is_judged_once_without_its_fold(whole):
    names = [one.document.key for one in whole.judged]
    assert sorted(names) == sorted(whole.sweeps)
    assert len({fold_of(name) for name in names}) > 1
    assert all(one.gold == whole.gold.facts[one.document.key] for one in whole.judged)


def test_parties_are_compared_as_the_annotators_scorer_compares_them(whole, shared, tmp_path):
    gold, _, found = whole
    wanted = {one.document.key.replace("/", "#") for one in found}
    lines = (shared / "gold" / "dev-gold.jsonl").read_text("utf-8").splitlines()
    few = tmp_path / "gold.jsonl"
    few.write_text("\n".join(line for line in lines if json.loads(line)["document"] in wanted))
    path = tmp_path / "found.jsonl"
    path.write_text("\n".join(json.dumps(fact) for one in found for fact in one.found))
    command = [sys.executable, shared / "gold" / "score.py", few]
    command += [shared / "gold" / "dev-texts.jsonl", path]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    parties = roles(found, gold.rules)
    assert f"actor {parties.actors.recall:.3f}" in printed
    assert f"addressee {parties.addressees.recall:.3f}" in printed
    assert f"core_f1={scored(found, *CORE):.3f}" in printed


def test_every_fault_is_told_with_its_class(whole):
    gold, _, found = whole
    wrong = faults(found, gold)
    alarms = sum(one.tallies[kind].alarms for one in found for kind in KINDS)
    misses = sum(one.tallies[kind].misses for one in found for kind in KINDS)
    assert sum(map(len, wrong.values())) == alarms + misses
    assert all("”" in example for examples in wrong.values() for example in examples)


def test_confidence_is_as_often_right_as_it_says(whole):
    assert 0 < calibration_error(whole.judged) < 0.1
    assert calibration_error([]) == 0


FACTS = FLOORS["facts"]


def test_facts_are_found_as_well_as_they_were(whole):
    """The scores may only rise: floors.json holds what was reached, rounded down."""
    gold, _, found = whole
    parties = roles(found, gold.rules)
    reached = {kind: scored(found, kind) for kind in KINDS} | {
        "core four": scored(found, *CORE),
        "actor": parties.actors.recall,
        "addressee": parties.addressees.recall,
        "participants": parties.participants.f1,
    }
    assert {name: score for name, score in reached.items() if score < FACTS[name]} == {}


def scored(found: list[Judged], *kinds: str) -> float:
    return sum((one.tallies[kind] for one in found for kind in kinds), Tally()).f1


def test_the_model_is_set_by_what_it_was_held_back_from(whole):
    assert Settings.read(MODEL.with_suffix(".json")) == settings(whole.sweeps.values())


def test_the_curated_telegram_is_found_as_well_as_it_was():
    curated, found, others = seed()
    assert (curated, found >= FACTS["of 18 curated"], others <= FACTS["beside them"]) == (
        18,
        True,
        True,
    )
