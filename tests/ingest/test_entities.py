"""What an entity of Wikidata says of a human, and what is not taken for an answer."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.entities import MOST_NAMES, BadEntity, label_of, line_of, mentioned, worded
from ingest.items import Item
from tests.ingest.wikidata import (
    LINE,
    OTHERS,
    ROOSEVELT,
    Json,
    entity,
    human,
    statement,
    texts,
    time,
    year,
)


def read(whole: Json) -> Json:
    line = line_of(whole)
    assert line is not None
    return line


def test_a_human_is_a_line_of_a_file_of_items():
    line, labels = read(ROOSEVELT), {one["id"]: label_of(one) or "" for one in OTHERS}
    assert [*mentioned(line)] == ["Q11696", "Q889821", "Q30", "Q82955", "Q40348"]
    assert worded(line, labels) == LINE
    item = Item.of(LINE)
    assert (item.years, item.sources, item.sitelinks) == ((1933, 1945, 1929), 1, 2)
    assert "Franklins Rūzvelts" in item.spellings


def test_what_has_no_label_is_left_out_and_its_years_are_kept():
    line = worded(read(ROOSEVELT), {"Q11696": "President"})
    assert line["positions"] == [["President", "1933", "1945"], [None, "1929", None]]
    assert (line["country"], line["occupations"]) == ("", [])


@pytest.mark.parametrize(
    "other",
    [
        entity("Q1", "a thing", claims={"P31": [statement("Q6256")]}),
        entity("Q1", "without statements"),
        entity("Q1", "wrongly", claims={"P31": [statement("Q5", rank="deprecated")]}),
        {"id": "Q1", "missing": ""},
        {"entity": "Q1", "redirect": "Q2"},
        {**human("P31", "instance of"), "type": "property"},
        human("Q1"),
        human("Q1", labels=texts(ru="Иван", zh="伊万", ar="إيفان")),
        human("Q1", labels=texts(en="", de="x" * 201)),
    ],
    ids=[
        "a thing",
        "no statements",
        "deprecated",
        "deleted",
        "redirect",
        "property",
        "nameless",
        "in other letters",
        "without a usable name",
    ],
)
def test_who_is_no_human_with_a_name_is_no_candidate(other):
    assert line_of(other) is None


@pytest.mark.parametrize(
    ("statements", "birth"),
    [
        ([statement(time("+1882-01-30T00:00:00Z"))], 1882),
        ([statement(year(1882))], 1882),
        ([statement(time("+1882-01-00T00:00:00Z", 10))], 1882),
        ([statement(time("+1880-00-00T00:00:00Z", 8))], None),
        ([statement(time("+1801-00-00T00:00:00Z", 7))], None),
        ([statement(time("-0044-03-15T00:00:00Z"))], -44),
        ([statement(time("-13798000000-00-00T00:00:00Z", 9))], None),
        ([statement(None, kind="somevalue")], None),
        ([statement(None, kind="novalue")], None),
        ([statement(year(1880)), statement(year(1882), rank="preferred")], 1882),
        ([statement(year(1880), rank="deprecated"), statement(year(1882))], 1882),
        ([statement(year(1880), rank="deprecated")], None),
        ([statement(year(1880)), statement(None, rank="preferred", kind="somevalue")], None),
        ([statement(time("+1880-00-00T00:00:00Z", 8)), statement(year(1882))], 1882),
    ],
)
def test_a_date_counts_if_it_is_as_exact_as_a_year_and_of_the_best_rank(statements, birth):
    assert read(human("Q1", "A", {"P569": statements}))["birth"] == birth


def test_an_office_before_christ_has_no_years():
    [office] = read(human("Q1", "A", {"P39": [statement("Q2", P580=year(-44))]}))["positions"]
    assert office == ["Q2", None, None]


def test_an_office_that_is_unknown_is_left_out_and_one_that_is_preferred_is_not_alone():
    offices = [
        statement("Q2"),
        statement(None, kind="somevalue"),
        statement("Q3", rank="preferred"),
    ]
    line = read(human("Q1", "A", {"P39": offices}))
    assert [office for office, *_ in line["positions"]] == ["Q2", "Q3"]


def test_names_come_from_all_languages_each_once_and_not_without_end():
    many = [{"language": "de", "value": f"Aliasname {number}"} for number in range(1000)]
    line = read(
        human("Q1", labels=texts(mul="Ho Chi Minh", vi="Hồ Chí Minh"), aliases={"de": many})
    )
    assert (line["label"], line["aliases"]) == ("Ho Chi Minh", [])
    assert line["spellings"] == [f"Aliasname {number}" for number in range(MOST_NAMES)]


def test_the_label_is_english_if_it_may_be_and_else_any_in_latin_letters():
    def label(**languages: str) -> str:
        found: str = read(human("Q1", labels=texts(**languages)))["label"]
        return found

    assert label(de="Köln", en_gb="Cologne", zz="x") == "Cologne"
    assert label(zz="Zz", fr="Fr", de="De") == "De"
    assert label(zz="Zz", ru="Иван") == "Zz"


@pytest.mark.parametrize(
    "wrong",
    [
        {"claims": ["P31"]},
        {"claims": {"P31": 7}},
        {"claims": {"P31": [{"rank": "normal"}]}},
        {"claims": {"P31": [statement("Q5")], "P27": [statement("Q05")]}},
        {"claims": {"P31": [statement("Q5")], "P569": [statement({"time": 7, "precision": 11})]}},
        {"labels": {"en": "Roosevelt"}},
        {"aliases": {"en": ["FDR"]}},
        {"descriptions": 7},
        {"sitelinks": "enwiki"},
        {"id": 8007},
    ],
    ids=str,
)
def test_an_entity_in_another_shape_is_refused(wrong):
    with pytest.raises(BadEntity, match="no entity of Wikidata"):
        line_of({**ROOSEVELT, **wrong})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(JSON, st.sampled_from(["claims", "labels", "aliases", "descriptions", "sitelinks", "type"]))
def test_whatever_an_entity_holds_it_is_read_or_refused(anything: Any, part: str):
    for whole in (anything, {**ROOSEVELT, part: anything}):
        for reads in (line_of, label_of):
            with suppress(BadEntity):
                reads(whole)


@given(JSON, st.sampled_from(["P31", "P569", "P39", "P27"]))
def test_whatever_a_statement_holds_it_is_read_or_refused(anything: Any, name: str):
    for held in (anything, [anything], [{"rank": "normal", "mainsnak": anything}]):
        with suppress(BadEntity):
            line_of(human("Q1", "A", {name: held}))
