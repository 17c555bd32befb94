"""Accounts of one meeting are joined across documents, and what they leave out is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest
from pyoxigraph import QuerySolutions, RdfFormat, Store

from ingest.encounters import (
    CONFIDENCE,
    Account,
    Encounters,
    Holders,
    Named,
    Places,
    accounts,
    met,
    omissions,
    reconciled,
)
from ingest.meetings import RUN as RECORDED
from ingest.model import Agent, Document, Entity, Fact, Form, Kind, Moment, Quote, Tenure
from ingest.quads import encounter_quads
from ingest.side import Part
from ingest.terms import line

DAY = date(1964, 12, 9).toordinal()
PLACES = Places({"place/white-house": "place/washington"})


def account(document: str, *people: str, **fields: object) -> Account:
    """A record of a meeting on 9 December 1964, in Washington, with these persons."""
    given: dict[str, object] = {
        "fact": f"{document}/f",
        "day": DAY,
        "minute": None,
        "place": "place/washington",
        "recorded": True,
        "words": "Memorandum of Conversation",
        "content": "Laos",
        "people": frozenset(f"person/{name}" for name in people),
    }
    return Account(document=document, **{**given, **fields})  # type: ignore[arg-type]


def told(document: str, *people: str, **fields: object) -> Account:
    return account(document, *people, recorded=False, words="I saw him today.", **fields)


def joined(*found: Account) -> list[list[str]]:
    """The documents of each meeting that several tell of; the order of accounts does not count."""
    answers = {
        tuple(tuple(one.document for one in each.accounts) for each in reconciled(order, PLACES))
        for order in permutations(found)
    }
    [answer] = answers
    return [list(each) for each in answer]


FIVE = {"minute": 17 * 60}


def test_two_records_that_begin_at_one_minute_with_one_person_are_of_one_meeting():
    one, other = account("v1/d1", "rusk", "gromyko", **FIVE), account("v2/d2", "gromyko", **FIVE)
    assert joined(one, other) == [["v1/d1", "v2/d2"]]


@pytest.mark.parametrize(
    "other",
    [
        account("v2/d2", "rusk", "gromyko", minute=17 * 60 + 15),
        account("v2/d2", "rusk", "gromyko", place="place/london", **FIVE),
        account("v2/d2", "rusk", "gromyko", day=DAY + 1, **FIVE),
        account("v2/d2", "thompson", "dobrynin", **FIVE),
        account("v1/d1", "rusk", "gromyko", **FIVE),
    ],
    ids=["another hour", "another place", "the next day", "others", "the same document"],
)
def test_what_differs_is_another_meeting(other):
    assert joined(account("v1/d1", "rusk", "gromyko", **FIVE), other) == []


def test_a_place_within_the_other_is_the_same_place():
    one = account("v1/d1", "rusk", **FIVE)
    assert joined(one, account("v2/d2", "rusk", place="place/white-house", **FIVE)) == [
        ["v1/d1", "v2/d2"]
    ]


def test_records_without_an_hour_need_nearly_the_same_company():
    four = ("rusk", "gromyko", "thompson", "dobrynin")
    assert joined(account("v1/d1", *four), account("v1/d2", *four[:3])) == [["v1/d1", "v1/d2"]]
    assert joined(account("v1/d1", *four), account("v1/d2", *four[:2])) == []
    assert joined(account("v1/d1", "rusk"), account("v1/d2", "rusk")) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"words": "Conversation, White House"}, {"words": "Conversation, Department of State"}),
        ({"content": "Minutes, Morning Session"}, {"content": "Minutes, Afternoon Session"}),
        ({"content": "Tripartite Meeting"}, {"content": "Quadripartite Meeting"}),
        ({}, {"words": "Memorandum of a Telephone Conversation"}),
        ({}, {"opening": "After his talk with the Secretary Mr. Gromyko went on"}),
    ],
    ids=["building", "session", "sides", "telephone", "said to be another"],
)
def test_words_speak_against_a_join_where_no_hour_is_told(one, other):
    pair = [account("v1/d1", "rusk", "gromyko"), account("v1/d2", "rusk", "gromyko")]
    assert joined(*pair) == [["v1/d1", "v1/d2"]]
    assert joined(replace(pair[0], **one), replace(pair[1], **other)) == []


def test_a_record_without_an_hour_that_may_be_of_two_meetings_is_of_none():
    both = ("rusk", "gromyko")
    morning, evening = account("v1/d1", *both, minute=600), account("v1/d2", *both, minute=1200)
    assert joined(morning, evening, account("v1/d3", *both)) == []
    assert joined(morning, account("v1/d3", *both)) == [["v1/d1", "v1/d3"]]


def test_a_telegram_that_names_two_of_those_present_tells_of_their_meeting():
    record = account("v1/d1", "rusk", "gromyko", "thompson", **FIVE)
    assert joined(record, told("v2/d1", "rusk", "gromyko", place=None)) == [["v1/d1", "v2/d1"]]
    assert joined(record, told("v2/d1", "rusk", "dobrynin")) == []
    assert joined(record, told("v2/d1", "rusk")) == []


def test_records_come_first_and_the_first_names_the_meeting():
    record, cable = account("v2/d1", "rusk", "gromyko"), told("v1/d1", "rusk", "gromyko")
    [found] = reconciled([cable, record], PLACES)
    assert (found.id, found.label) == ("encounter/v2/d1/f", "1964-12-09: Laos")
    assert found.rules == {"told"}
    assert found.confidence == CONFIDENCE["told"]


def test_a_person_named_on_one_day_in_too_many_documents_joins_none_of_them():
    crowd = [account(f"v1/d{n}", "rusk", **FIVE) for n in range(61)]
    assert reconciled(crowd, PLACES) == []
    assert len(reconciled(crowd[:60], PLACES)) == 1


NAMED = Named(
    [
        Entity("person/rusk", "Rusk, Dean", ("Dean Rusk",), "Secretary of State"),
        Entity("person/gromyko", "Andrei Gromyko", description="Foreign Minister"),
    ]
)


@pytest.mark.parametrize(
    ("unknown", "left_out"),
    [
        ((), ["person/gromyko"]),
        (("mr gromyko of the embassy",), []),
        (("foreign minister",), []),
        (("secretary",), ["person/gromyko"]),
    ],
)
def test_an_account_omits_whom_another_names_unless_its_words_may_mean_them(unknown, left_out):
    whole = account("v1/d1", "rusk", "gromyko", **FIVE)
    [found] = reconciled([whole, account("v1/d2", "rusk", unknown=unknown, **FIVE)], PLACES)
    assert [*omissions(found, NAMED)] == [("v1/d2/f", who) for who in left_out]


def test_an_office_stands_for_its_holder_on_the_day_and_for_nobody_where_there_are_two():
    tenures = [Tenure("position/secretary", "1961-01-21", "1969-01-20", "")]
    rusk = Entity("person/rusk", "Rusk", tenures=tuple(tenures))
    other = Entity("person/ball", "Ball", tenures=tuple(tenures))
    assert Holders([rusk]).person("position/secretary", "1964-12-09") == "person/rusk"
    assert Holders([rusk]).person("position/secretary", "1970-12-09") == "position/secretary"
    assert Holders([rusk, other]).person("position/secretary", "1964-12-09") == "position/secretary"
    assert Holders([]).person("state/laos", "1964-12-09") == "state/laos"


# In the data set

HEAD = "78. Memorandum of Conversation"
OPENING = "Mr. Gromyko said that he had much to do here, and had had an exchange of views with the "
OPENING += "Secretary on all the questions that had been raised."


def part(folder, volume: str, *meetings: Fact):
    """Write a part with a document for each meeting, and return its side file."""
    path = folder / f"{volume}.sqlite"
    with Part(path) as out:
        for fact in meetings:
            id = fact.document.partition("/")[2]
            text = f"{HEAD}\nWashington, December 9, 1964, 5 p.m.\n{OPENING}"
            out.add_document(Document(volume, id, Form.CONVERSATION, HEAD, text), [fact], {})
    return path


def meeting(document: str, *people: Agent, at: str = "1964-12-09T17:00:00", **fields) -> Fact:
    given = {
        "kind": Kind.MEETING,
        "quote": Quote(HEAD, 0, len(HEAD)),
        "content": "Laos",
        "status": "held",
        "origin": RECORDED.id,
        "date": Moment(at, at[:10], at[:10]),
        "location": "place/washington",
        "participants": people,
    }
    return Fact(f"{document}/f", document, **{**given, **fields})


RUSK, GROMYKO = Agent("person/rusk", "The Secretary"), Agent("person/gromyko", "Gromyko")


def test_accounts_are_read_from_the_side_file_of_a_part(tmp_path):
    unknown = Agent(None, "Mr. Akalovsky (interpreting)")
    path = part(
        tmp_path,
        "v1",
        meeting("v1/d1", RUSK, unknown),
        meeting("v1/d2", RUSK, status="planned"),
        meeting("v1/d3", RUSK, date=None),
    )
    assert [*accounts(path, Holders([]))] == [
        Account(
            "v1/d1/f",
            "v1/d1",
            DAY,
            17 * 60,
            "place/washington",
            True,
            HEAD,
            "Laos",
            OPENING[:220],
            frozenset({"person/rusk"}),
            ("mr akalovsky interpreting",),
        )
    ]


def test_the_same_hour_in_two_volumes_is_one_meeting_in_graph_and_omissions(tmp_path):
    sides = [
        part(tmp_path, "v1", meeting("v1/d1", RUSK, GROMYKO)),
        part(tmp_path, "v2", meeting("v2/d1", RUSK)),
    ]
    found = met(sides, [])
    assert found.omitted == [("v2/d1/f", "person/gromyko")]
    store = Store()
    quads = "".join(line(quad) + "\n" for quad in encounter_quads(found))
    store.load(quads.encode(), RdfFormat.N_QUADS)
    rows = store.query(
        "PREFIX cg: <https://w3id.org/cablegraph/ontology#>"
        " PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>"
        " SELECT ?label ?fact ?person WHERE {"
        "  ?fact cg:accountOf ?met . ?met a cg:Encounter ; rdfs:label ?label ."
        "  OPTIONAL { ?fact cg:omits ?person } } ORDER BY ?fact",
        use_default_graph_as_union=True,
    )
    assert isinstance(rows, QuerySolutions)
    root = "https://w3id.org/cablegraph/"
    assert [[term and term.value.removeprefix(root) for term in row] for row in rows] == [
        ["1964-12-09: Laos", "fact/v1/d1/f", None],
        ["1964-12-09: Laos", "fact/v2/d1/f", "person/gromyko"],
    ]


def test_a_meeting_that_one_document_tells_of_is_no_encounter(tmp_path):
    assert met([part(tmp_path, "v1", meeting("v1/d1", RUSK, GROMYKO))], []) == Encounters()
