"""How answers are put into words."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

import queries
from server.answers import Date, FactAnswer
from server.wording import (
    counted,
    definite,
    href,
    period,
    remark,
    runnable,
    short,
    shortened,
    verb,
    when,
)


def test_a_period_says_only_what_is_known() -> None:
    given = [("1943-10-23", "1946-01"), ("1943", None), (None, "1946"), (None, None)]
    assert [period(start, end) for start, end in given] == [
        "23 October 1943 – January 1946",
        "from 1943",
        "until 1946",
        "",
    ]


def test_one_is_not_many() -> None:
    words = [counted(1, "fact"), counted(2, "fact"), counted(1200, "entry", "entries")]
    assert words == ["1 fact", "2 facts", "1,200 entries"]


def test_a_name_that_is_a_description_has_an_article_within_a_sentence() -> None:
    names = ["Soviet Union", "United States Navy", "Department of State", "France"]
    persons = ["Joseph Stalin", "President, Hollis"]
    assert [definite(name) for name in names + persons] == [
        "the Soviet Union",
        "the United States Navy",
        "the Department of State",
        "France",
        "Joseph Stalin",
        "President, Hollis",
    ]


def test_an_act_without_a_date_has_that_of_its_document() -> None:
    date = Date(edtf="1944-10-17", earliest=None, latest=None, text="17 October 1944.")
    assert [when(None, date), when(None)] == ["17 October 1944", "undated"]


def test_only_what_is_not_simply_so_is_remarked() -> None:
    facts = [FactAnswer.model_construct(status=it) for it in ("made", "held", "instructed")]
    assert [remark(fact) for fact in facts] == [None, None, "instructed"]


def test_a_fact_is_put_in_the_words_of_its_force_or_else_its_kind() -> None:
    urged = FactAnswer.model_construct(kind="request", force="urge")
    refused = FactAnswer.model_construct(kind="refusal", force=None)
    assert [verb(urged), verb(refused)] == ["urged", "refused"]


def test_an_address_leaves_nothing_of_an_id_open() -> None:
    assert href({"root": ""}, 'person/a b"?#') == "/person/a%20b%22%3F%23"


def test_a_thing_without_a_label_is_named_by_its_path() -> None:
    ids = ["fact/frus1945Malta/d256/ff8852b2", "document/frus1945Malta/d256"]
    assert [short(id) for id in ids] == ["fact\u00a0ff8852b2", "frus1945Malta/d256"]


def test_a_text_is_cut_between_words() -> None:
    assert [shortened("one two three", 9), shortened("one", 9)] == ["one two…", "one"]


@pytest.mark.parametrize("name", queries.names())
def test_a_named_query_with_its_values_filled_in_is_sparql(name: str) -> None:
    """It is offered to be tried and changed; the values are bound in every SELECT."""
    query = queries.load(name)
    text = runnable(query, query.examples)
    Store().query(text)
    assert "#+" not in text
    assert all(text.count(f"VALUES ${parameter} {{") >= 1 for parameter in query.parameters)
