"""The evaluation counts as the rules that come with the annotations do."""

import json
import runpy
import subprocess
import sys
from typing import Any

import pytest

from bench.accuracy import (
    KINDS,
    Recorded,
    Tally,
    by_document,
    interval,
    recorded,
    table,
    tally,
    text_of,
)


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
