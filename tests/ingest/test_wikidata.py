"""Wikidata's own search finds the items that a person may be, and is asked for nothing twice."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import mediawiki
from ingest.items import Item
from ingest.link import Listed, Unanswered
from ingest.model import ListedPerson
from ingest.names import asked_as
from ingest.web import Pace, Visitor
from ingest.wikidata import BATCH, FOUND, KEPT, Wikidata, _questions
from tests.ingest.wikidata import (
    LINE,
    OTHERS,
    ROOSEVELT,
    Wiki,
    entity,
    human,
    said,
    sent,
    serving,
    statement,
    texts,
)

HUMANS = " haswbstatement:P31=Q5"
AVERELL = human("Q345531", "William Averell Harriman", {"P106": [statement("Q82955")]})
EDWARD = human("Q1292518", "E. H. Harriman")
COLLEGE = entity("Q9", "Averell Harriman College", claims={"P31": [statement("Q3918")]})
MILLERS = [human(f"Q{number}", f"Miller Otto {number}") for number in range(1000, 1099)]

Asks = Callable[..., Wikidata]


@pytest.fixture
def wiki(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiki]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    entities = [*OTHERS, ROOSEVELT, AVERELL, EDWARD, COLLEGE, *MILLERS]
    with serving(Wiki(entities, {"Q77": "Q345531"})) as server:
        yield server


@pytest.fixture
def asks(wiki: Wiki, tmp_path: Path) -> Iterator[Asks]:
    """What asks the wiki; its memory outlives it."""
    opened: list[Wikidata] = []

    def ask(now: float = 0.0, address: str = wiki.address) -> Wikidata:
        quick = Visitor(Pace(between=0, tries=2), lambda _: None)
        opened.append(Wikidata(tmp_path / "wikidata.sqlite", address, quick, lambda: now))
        return opened[-1]

    yield ask
    for each in opened:
        each.close()


def listed(*names: str) -> Listed:
    entries = (
        ListedPerson(f"frus{1940 + n}v01", f"p{n}", name, "") for n, name in enumerate(names)
    )
    return Listed(tuple(entries))


def labels(items: list[Item]) -> list[str]:
    return [item.label for item in items]


def test_a_person_is_found_though_the_list_turns_the_name_round(wiki, asks):
    """Namesakes are found, too: without them a person who has no item would be taken for one."""
    found = asks().candidates(listed("Harriman, W. Averell"))
    assert labels(found) == ["William Averell Harriman", "E. H. Harriman"]
    assert wiki.questions == [
        "averell harriman" + HUMANS,
        "harriman" + HUMANS,
        "Q345531|Q1292518",
        "Q82955",
    ]
    assert wiki.asked[0] == {
        "action": "query",
        "list": "search",
        "srsearch": "averell harriman haswbstatement:P31=Q5",
        "srnamespace": "0",
        "srlimit": str(FOUND),
        "srprop": "",
        "format": "json",
        "maxlag": "5",
    }


def test_an_item_is_what_a_dump_says_of_it(asks):
    [found] = asks().candidates(listed("Roosevelt, Franklin D."))
    assert found == Item.of(LINE)


def test_if_nobody_has_all_given_names_one_of_them_will_do(wiki, asks):
    assert labels(asks().candidates(listed("Roosevelt, Delano John"))) == [LINE["label"]]
    assert [text.removesuffix(HUMANS) for text in wiki.questions[:3]] == [
        "delano john roosevelt",
        "delano roosevelt",
        "roosevelt",
    ]


def test_every_name_of_a_person_is_asked_for_the_usual_first(wiki, asks):
    person = listed("Rosevelt (Roosevelt), Franklin", "Ruzvelts, Franklins", "Ruzvelts, Franklins")
    assert labels(asks().candidates(person)) == [LINE["label"]]
    assert [text.removesuffix(HUMANS) for text in wiki.questions[:6]] == [
        "franklins ruzvelts",
        "ruzvelts",
        "franklin rosevelt",
        "rosevelt",
        "franklin roosevelt",
        "roosevelt",
    ]


def test_nobody_is_found_under_a_name_that_nobody_has(wiki, asks):
    assert asks().candidates(listed("Xylander, Otto")) == []
    assert [text.removesuffix(HUMANS) for text in wiki.questions] == ["otto xylander", "xylander"]


def test_entities_come_fifty_at_a_time(wiki, asks):
    """The search says at most fifty for a question, and the two questions find the same ones."""
    assert len(asks().candidates(listed("Miller, Otto"))) == FOUND
    [batch] = [one["ids"].split("|") for one in wiki.asked if "claims" in one.get("props", "")]
    assert len(batch) == BATCH


def test_entities_that_are_too_large_together_are_asked_for_in_halves(wiki, asks, monkeypatch):
    whole = asks().candidates(listed("Miller, Otto"))
    monkeypatch.setattr(mediawiki, "MOST_BYTES", 8000)
    assert asks(KEPT + 1).candidates(listed("Miller, Otto")) == whole
    sizes = [len(one["ids"].split("|")) for one in wiki.asked if "claims" in one.get("props", "")]
    assert sizes[:4] == [50, 50, 25, 12]
    monkeypatch.setattr(mediawiki, "MOST_BYTES", 2000)
    with pytest.raises(Unanswered, match="no such answer"):
        asks().candidates(listed("Roosevelt, Franklin"))


def test_an_item_that_was_merged_or_deleted_since_it_was_found_is_no_other_person(wiki, asks):
    found = {"query": {"search": [{"title": id} for id in ("Q77", "Q345531", "Q404")]}}
    wiki.answers = [said(found)] * 2
    assert labels(asks().candidates(listed("Harriman, Averell"))) == ["William Averell Harriman"]


@pytest.mark.parametrize(
    "bad",
    [
        {"query": {"search": [{"title": "Averell Harriman"}]}},
        {"query": {}},
        {
            "warnings": {"search": {"*": "The search timed out, only partial results are given."}},
            "query": {"search": []},
        },
    ],
    ids=["no numbers", "no list", "cut short"],
)
def test_a_search_that_is_not_whole_is_no_answer(wiki, asks, bad):
    wiki.answers = [said(bad)] * 2
    with pytest.raises(Unanswered):
        asks().candidates(listed("Harriman, Averell"))
    assert len(asks().candidates(listed("Harriman, Averell"))) == 2


@pytest.mark.parametrize(
    "bad",
    [
        {"Q345531": {"type": "item", "id": "Q345531", "labels": {}}},
        {"Q345531": EDWARD},
        {"Q345531": {**AVERELL, "claims": {"P31": [{"rank": "normal"}]}}},
        {},
    ],
    ids=["without its statements", "another one", "in another shape", "none"],
)
def test_an_entity_that_is_not_whole_is_no_answer(wiki, asks, bad):
    found = said({"query": {"search": [{"title": "Q345531"}]}})
    wiki.answers = [found, found, *[said({"entities": bad})] * 2]
    with pytest.raises(Unanswered, match="something else than it was asked for"):
        asks().candidates(listed("Harriman, Averell"))


def test_what_was_answered_is_remembered_also_by_the_next_run(wiki, asks):
    person = listed("Harriman, W. Averell")
    found = asks().candidates(person)
    count = len(wiki.asked)
    assert asks(KEPT - 1).candidates(person) == found
    assert len(wiki.asked) == count
    assert labels(asks().candidates(listed("Harriman, Edward"))) == labels(found)
    assert wiki.questions[count:] == ["edward harriman" + HUMANS]
    assert asks(KEPT).candidates(person) == found
    assert len(wiki.asked) == 2 * count + 1


def test_a_question_without_an_answer_is_not_remembered(wiki, asks):
    person = listed("Harriman, W. Averell")
    wiki.answers = [sent(b"", 503)] * 2
    with pytest.raises(Unanswered):
        asks().candidates(person)
    assert len(asks().candidates(person)) == 2


def test_what_one_wiki_says_is_not_taken_for_what_another_says(wiki, asks):
    person = listed("Harriman, W. Averell")
    asks().candidates(person)
    with serving(Wiki()) as other:
        assert asks(address=other.address).candidates(person) == []
        assert len(other.asked) == 2


@pytest.mark.parametrize("damage", ["rubbish", "version"])
def test_a_memory_that_cannot_be_read_is_begun_again(wiki, asks, tmp_path, damage):
    path = tmp_path / "wikidata.sqlite"
    if damage == "rubbish":
        path.write_bytes(b"no database" * 100)
    else:
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA user_version = 99")
    assert len(asks().candidates(listed("Harriman, Averell"))) == 2
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM answer").fetchone() == (5,)


def test_a_memory_that_cannot_be_written_is_a_fault_and_is_kept(asks, tmp_path):
    (tmp_path / "wikidata.sqlite").mkdir()
    with pytest.raises(sqlite3.OperationalError):
        asks()
    assert (tmp_path / "wikidata.sqlite").is_dir()


@given(st.text(max_size=300), st.sampled_from(["%s", "%s, Otto", "Miller, %s", "A (%s), B"]))
def test_a_name_never_becomes_an_order_to_the_search(text: str, form: str):
    for surname, given_names in asked_as(form % text):
        for question in _questions(surname, given_names):
            assert not re.search(r"[^\w'’ -]|_|(?:^| )-|\b(?:AND|OR|NOT)\b", question)
            assert len(question.split()) <= 10


def test_titles_suffixes_and_initials_are_not_asked_for():
    def asked(name: str) -> list[tuple[str, str]]:
        return [(" ".join(surname), " ".join(given)) for surname, given in asked_as(name)]

    assert asked("MacArthur, General Douglas, II") == [("macarthur", "douglas")]
    assert asked("Harriman, W. A., Jr.") == [("harriman", "")]
    assert asked("Karame (Karami), Rashid") == [("karame", "rashid"), ("karami", "rashid")]
    assert asked("Aichi Kiichi") == [("aichi kiichi", "")]
    assert asked("Areilza, José María de") == [("areilza", "josé maría")]
    assert asked("Stalin, Marshal of the Soviet Union Iosif") == [("stalin", "iosif")]
    assert asked("Castro Ruz, Fidel") == [("castro ruz", "fidel")]
    assert asked("X") == [("x", "")]


def test_texts_of_other_scripts_are_no_candidates_names(wiki, asks):
    wiki.entities["Q345531"] = {**AVERELL, "labels": texts(ru="Гарриман")}
    assert labels(asks().candidates(listed("Harriman, W. Averell"))) == ["E. H. Harriman"]
