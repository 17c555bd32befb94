"""Citations: what historians write, and what their programs read."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.citing import Source, bibtex, chicago, csl, publisher, ris
from server.reading import source
from server.side import Side
from tests.server.test_pages import read, words

D256 = "frus1945Malta/d256"
TITLE = "The Ambassador in the Soviet Union (Harriman) to the President"
VOLUME = (
    "Foreign Relations of the United States: Diplomatic Papers, Conferences at Malta and Yalta, "
    "1945"
)
NOTE = (
    f"{TITLE}, 17 October 1944, in {VOLUME} (Washington: Government Printing Office, 1955), "
    "document 256, history.state.gov/historicaldocuments/frus1945Malta/d256"
)


@pytest.fixture(scope="session")
def telegram(side: Side) -> Source:
    """Telegram 256."""
    return source(side, f"document/{D256}")


def test_a_note_is_in_the_style_of_chicago(telegram: Source) -> None:
    assert chicago(telegram) == f"{NOTE}."


def test_a_fact_is_cited_with_its_words_and_its_own_address(telegram: Source) -> None:
    fact = telegram.quoting(f"fact/{D256}/18310a3a", "He hopes for\nhelp from our Navy.")
    assert chicago(fact) == (
        f"“He hopes for help from our Navy,” {NOTE}; "
        f"fact at w3id.org/cablegraph/fact/{D256}/18310a3a."
    )


def test_bibtex_has_a_part_of_a_volume(telegram: Source) -> None:
    assert bibtex(telegram) == "\n".join(
        (
            "@incollection{frus1945Malta-d256,",
            "  author = {{Ambassador in the Soviet Union (Harriman)}},",
            f"  title = {{{{{TITLE}}}}},",
            f"  booktitle = {{{{{VOLUME}}}}},",
            "  publisher = {Government Printing Office},",
            "  address = {Washington},",
            "  year = {1955},",
            "  pages = {370--371},",
            "  url = {https://history.state.gov/historicaldocuments/frus1945Malta/d256},",
            "  note = {Document 256, 17 October 1944}",
            "}",
            "",
        )
    )


def test_ris_has_a_chapter(telegram: Source) -> None:
    assert ris(telegram).split("\r\n") == [
        "TY  - CHAP",
        "ID  - frus1945Malta-d256",
        "AU  - Ambassador in the Soviet Union (Harriman)",
        f"TI  - {TITLE}",
        f"T2  - {VOLUME}",
        "PB  - Government Printing Office",
        "CY  - Washington",
        "PY  - 1955",
        "SP  - 370",
        "EP  - 371",
        "LA  - en",
        "UR  - https://history.state.gov/historicaldocuments/frus1945Malta/d256",
        "N1  - Document 256, 17 October 1944",
        "ER  - ",
        "",
    ]


def test_csl_json_tells_the_day_of_the_document_from_the_year_of_the_volume(
    telegram: Source,
) -> None:
    assert json.loads(csl(telegram)) == [
        {
            "id": "frus1945Malta-d256",
            "type": "chapter",
            "title": TITLE,
            "author": [{"literal": "Ambassador in the Soviet Union (Harriman)"}],
            "container-title": VOLUME,
            "publisher": "Government Printing Office",
            "publisher-place": "Washington",
            "issued": {"date-parts": [[1955]]},
            "original-date": {"date-parts": [[1944, 10, 17]]},
            "page": "370-371",
            "language": "en",
            "URL": "https://history.state.gov/historicaldocuments/frus1945Malta/d256",
            "note": "Document 256, 17 October 1944",
        }
    ]


@pytest.mark.parametrize(
    ("day", "date", "told"),
    [
        ("1944-10", "October 1944", {"date-parts": [[1944, 10]]}),
        ("1944-10-01/1944-10-03", "", {"date-parts": [[1944, 10, 1], [1944, 10, 3]]}),
        ("1944~", "about 1944", {"literal": "about 1944"}),
        ("", "", None),
    ],
)
def test_a_date_that_has_no_parts_stays_words(
    telegram: Source, day: str, date: str, told: object
) -> None:
    [item] = json.loads(csl(replace(telegram, day=day, date=date)))
    assert item.get("original-date") == told


@given(st.text(min_size=1))
def test_no_title_breaks_a_reference(title: str) -> None:
    """Braces are balanced, whatever is between them, and each line of RIS has a tag."""
    cited = Source("k", title, title, "", "", title, "", "d1", "", "", "https://e.org/", title, "i")
    text = re.sub(r"\\[{}]", "", bibtex(cited))
    assert text.count("{") == text.count("}")
    lines = ris(cited).removesuffix("\r\n").split("\r\n")
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines)


@pytest.mark.parametrize(
    ("year", "name"),
    [
        ("1955", "Government Printing Office"),
        ("2014", "Government Printing Office"),
        ("2015", "Government Publishing Office"),
    ],
)
def test_publisher_has_the_name_of_its_time(year: str, name: str) -> None:
    assert publisher(year) == name


@pytest.mark.parametrize("thing", [f"document/{D256}", "fact"])
def test_the_page_shows_the_note(api: httpx.Client, side: Side, thing: str) -> None:
    path = api.get("/api/facts?kind=offer").json()["items"][0]["id"] if thing == "fact" else thing
    [shown] = read(api, f"/{path}").xpath("//p[@id='citation']")
    assert words(shown) == chicago(source(side, path))


# As files


@pytest.mark.parametrize(
    ("suffix", "media_type", "start"),
    [
        ("bib", "application/x-bibtex", "@incollection{frus1945Malta-d256"),
        ("ris", "application/x-research-info-systems", "TY  - CHAP"),
        ("csl", "application/vnd.citationstyles.csl+json", "["),
    ],
)
def test_a_reference_is_a_file_by_suffix_or_header(
    api: httpx.Client, suffix: str, media_type: str, start: str
) -> None:
    by_suffix = api.get(f"/document/{D256}.{suffix}")
    by_header = api.get(f"/document/{D256}", headers={"Accept": media_type})
    assert by_suffix.text == by_header.text
    assert by_suffix.text.startswith(start)
    assert by_suffix.headers["content-type"].partition(";")[0] == media_type
    assert by_suffix.headers["content-disposition"] == (
        f'attachment; filename="frus1945Malta-d256.{suffix}"'
    )
    link = f'/document/{D256}.{suffix}>; rel="alternate"; type="{media_type}"'
    assert link in by_suffix.headers["link"]


def test_a_fact_has_a_reference_and_a_person_has_none(api: httpx.Client) -> None:
    [fact, *_] = api.get("/api/facts?kind=offer").json()["items"]
    [item] = json.loads(api.get(f"/{fact['id']}.csl").text)
    assert item["annote"] == f"“{fact['evidence'][0]['exact']}” ({fact['iri']})"
    answer = api.get("/person/stalin-joseph.ris")
    assert (answer.status_code, answer.json()["type"]) == (406, "/problems/not-acceptable")


def test_what_is_not_there_has_no_reference(api: httpx.Client) -> None:
    assert api.get("/document/frus1945Malta/d9999.ris").status_code == 404


def test_lists_carry_citations(api: httpx.Client) -> None:
    for path in ("/api/facts?limit=1", "/api/documents"):
        assert [item["citation"] for item in api.get(path).json()["items"]] == [f"{NOTE}."]
