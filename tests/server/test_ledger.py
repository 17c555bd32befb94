"""The ledger: what one side owes another on a day, and which documents say so."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import httpx
import pytest

from server import ledger
from server.answers import Coverage, LedgerEntry
from server.reading import Span
from server.side import Side
from tests.server.test_pages import read, words

NO_ANSWER = ("two minesweepers", "no answer found")
SOVIETS, AMERICANS = "state/soviet-union", "state/united-states"


@pytest.fixture(scope="module")
def side(talks: Path) -> Side:
    return Side(talks / "side.sqlite")


def owed(side: Side, debtor: str, creditor: str, at: str | None = None) -> list[LedgerEntry]:
    return ledger.ledger(side, ledger.asked(side, debtor, creditor, at), Span()).entries.items


def states(side: Side, debtor: str, creditor: str, at: str | None = None) -> list[tuple[str, str]]:
    return [(entry.content, entry.state) for entry in owed(side, debtor, creditor, at)]


def test_a_side_owes_what_it_promised_and_offered_and_an_answer_to_what_was_asked(
    side: Side,
) -> None:
    assert states(side, SOVIETS, AMERICANS) == [
        ("the use of Petropavlovsk", "answered"),
        ("weather stations", "conditional"),
        ("a list of airfields", "withdrawn"),
        ("officers may visit Komsomolsk", "open"),
        ("agreed to the use of Petropavlovsk", "open"),
    ]
    assert states(side, AMERICANS, SOVIETS) == [
        ("six hundred trucks", "answered"),
        ("two minesweepers", "no answer found"),
        ("would send the trucks", "fulfilled"),
    ]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("1944-09", []),
        ("1944-10-04", [("six hundred trucks", "open"), ("two minesweepers", "no answer found")]),
        (
            "1944-10-05",
            [("six hundred trucks", "refused"), ("two minesweepers", "no answer found")],
        ),
        (
            "1944-10",
            [
                ("six hundred trucks", "answered"),
                NO_ANSWER,
                ("would send the trucks", "open"),
            ],
        ),
    ],
)
def test_the_state_is_that_of_the_day(side: Side, at: str, expected: list[tuple[str, str]]) -> None:
    assert states(side, AMERICANS, SOVIETS, at) == expected


def test_an_instruction_to_ask_and_a_fulfilment_are_not_in_the_ledger(side: Side) -> None:
    both = {**dict(states(side, SOVIETS, AMERICANS)), **dict(states(side, AMERICANS, SOVIETS))}
    left_out = {"the use of the airfield at Komsomolsk", "the last trucks were handed over"}
    assert left_out.isdisjoint(both)


def test_a_state_has_the_documents_that_say_so(side: Side) -> None:
    [trucks] = [e for e in owed(side, AMERICANS, SOVIETS) if e.content == "six hundred trucks"]
    assert [(each.content, each.date and each.date.edtf) for each in trucks.because] == [
        ("would send the trucks", "1944-10-12")
    ]
    assert trucks.because[0].document.id == "document/talks1944/d1"
    assert trucks.coverage is None


def test_no_answer_found_tells_how_much_of_the_record_was_read(side: Side) -> None:
    """Four documents are later, all with curated facts; two have acts between the sides."""
    entries = {entry.content: entry for entry in owed(side, AMERICANS, SOVIETS)}
    assert entries["two minesweepers"].coverage == Coverage(documents=4, read=4, dealing=2)
    [_, by_then, _] = owed(side, AMERICANS, SOVIETS, "1944-10-16")
    assert by_then.coverage == Coverage(documents=1, read=1, dealing=1)


def test_one_state_can_be_asked_for_and_all_are_counted(
    talks_api: httpx.Client, side: Side
) -> None:
    asked = ledger.asked(side, SOVIETS, AMERICANS, None, ("withdrawn",))
    found = ledger.ledger(side, asked, Span())
    assert [entry.content for entry in found.entries.items] == ["a list of airfields"]
    assert found.states == {"answered": 1, "conditional": 1, "open": 2, "withdrawn": 1}
    answer = talks_api.get("/api/ledger?debtor=soviet-union&creditor=united-states&state=withdrawn")
    assert [each["content"] for each in answer.json()["items"]] == ["a list of airfields"]


def test_as_csv_each_row_has_its_state_and_the_citations(talks_api: httpx.Client) -> None:
    answer = talks_api.get("/api/ledger?debtor=united-states&creditor=soviet-union&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["content"], row["state"]) for row in rows[:2]] == [
        ("six hundred trucks", "answered"),
        ("two minesweepers", "no answer found"),
    ]
    assert rows[0]["because"].startswith("fact/talks1944/d1/")
    assert "Talks of 1944" in rows[0]["because"]
    assert "Talks of 1944" in rows[0]["citation"]
    assert rows[1]["coverage"] == "4 documents, 4 read, 2 dealing"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("debtor=soviet-union&creditor=soviet-union", 422),
        ("debtor=atlantis&creditor=soviet-union", 404),
        ("debtor=soviet-union&creditor=united-states&at=then", 422),
        ("debtor=soviet-union&creditor=united-states&state=lost", 422),
        ("debtor=soviet-union", 422),
    ],
)
def test_what_cannot_be_answered_says_why(talks_api: httpx.Client, query: str, status: int) -> None:
    answer = talks_api.get(f"/api/ledger?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )


def test_the_page_shows_the_two_sides_with_states_and_reasons(talks_api: httpx.Client) -> None:
    page = read(talks_api, "/ledger?debtor=united-states&creditor=soviet-union")
    acts = page.xpath("//li[contains(@class, 'act ')]")
    assert [(act.get("class").split()[1], words(act.xpath(".//strong")[0])) for act in acts] == [
        ("other", "Answered"),
        ("other", "No answer found"),
        ("one", "Fulfilled"),
    ]
    assert "would send the trucks" in words(acts[0])
    assert "4 documents from then on; 4 were read for facts" in words(acts[1])
    [table] = page.xpath("//a[@download]/@href")
    assert talks_api.get(table).text.count("talks1944") > 3
