"""A meeting that several documents tell of is shown with all of its accounts."""

from __future__ import annotations

import httpx

from tests.server.test_pages import read, words


def test_a_meeting_has_its_accounts_and_whom_each_leaves_out(talks_api: httpx.Client) -> None:
    [meeting] = talks_api.get("/api/encounters").json()["items"]
    assert meeting["label"] == "1944-10-17: a talk with Marshal Stalin"
    assert meeting["rules"] == ["told"]
    assert [
        (each["document"]["id"], [one["label"] for one in each["omits"]])
        for each in meeting["accounts"]
    ] == [("document/talks1944/d3", []), ("document/talks1944/d4", ["Aleksei Antonov"])]


def test_the_page_of_each_account_shows_them_side_by_side(talks_api: httpx.Client) -> None:
    [meeting] = talks_api.get("/api/encounters").json()["items"]
    for account in meeting["accounts"]:
        rows = read(talks_api, f"/{account['id']}").xpath("//tbody/tr")
        cells = [[words(cell) for cell in row] for row in rows]
        assert [row[-1] for row in cells] == ["–", "Aleksei Antonov"]
        assert [row[0].startswith("This one") for row in cells] == [
            each is account for each in meeting["accounts"]
        ]


def test_a_meeting_in_rdf_leads_to_its_accounts(talks_api: httpx.Client) -> None:
    [meeting] = talks_api.get("/api/encounters").json()["items"]
    answer = talks_api.get(f"/{meeting['id']}", headers={"Accept": "application/n-triples"})
    assert answer.text.count("ontology#accountOf>") == 2


def test_no_section_of_accounts_where_one_document_tells_of_it(api: httpx.Client) -> None:
    [meeting, *_] = api.get("/api/facts?kind=meeting&status=held").json()["items"]
    page = api.get(f"/{meeting['id']}", headers={"Accept": "text/html"})
    assert "Told in" not in page.text
