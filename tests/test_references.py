"""What the editors say of citations is counted as it is told, and the program stays as good."""

import pytest

from bench.references import Case, cases, cites, table


@pytest.mark.parametrize("words", ["see Embtel 2032", "your 2108, June 4,", "telegram of May 3"])
def test_words_that_end_in_a_number_or_day_of_a_telegram_cite_one(words):
    assert cites(words)


@pytest.mark.parametrize("words", ["on January 17,", "your letter", "in my telegram"])
def test_other_words_do_not(words):
    assert not cites(words)


def case(outcome, year=1955, citing="frus1955-57v01/d1"):
    return Case(citing, year, "Embtel 1", "Document 2.", ("v/d2",), None, outcome)


def test_the_table_counts_by_period_and_by_what_was_tuned_on():
    found = [case("right"), case("unresolved"), case("false", 1965, "frus1964-68v02/d1")]
    rows = [line.split(" | ")[:6] for line in table(found).splitlines()[2:]]
    assert [row for row in rows if row[1:3] != ["0", "0"]] == [
        ["| 1946-1960", "2", "1", "0", "1", "0"],
        ["| volumes tuned on", "2", "1", "0", "1", "0"],
        ["| all", "2", "1", "0", "1", "0"],
    ]


@pytest.mark.timeout(600)
def test_cited_telegrams_are_found_as_the_editors_find_them(shared):
    """In one volume that was not read while the rules were made."""
    outcomes = [one.outcome for one in cases(shared, "frus1958-60v14", jobs=1)]
    right = outcomes.count("right")
    resolved = right + sum(map(outcomes.count, ("wrong", "unresolved", "overlooked")))
    assert right / (right + sum(map(outcomes.count, ("wrong", "false")))) >= 0.97
    assert right / resolved >= 0.85
