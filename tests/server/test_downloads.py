"""The data set can be taken along whole: its statements, facts, links, and what they come from."""

from __future__ import annotations

import csv
import gzip

import httpx
import pytest
from pyoxigraph import RdfFormat, Store, parse

from ontology.names import DATA
from server.downloads import Tables, fact_rows
from server.errors import Busy
from server.side import Side
from tests.server.side_fixture import Built
from tests.server.test_pages import found, read, words


def got(api: httpx.Client, name: str, **headers: str) -> httpx.Response:
    return api.get(f"/data/{name}", headers=headers)


def links(api: httpx.Client, path: str) -> list[str]:
    """Return where some links of the page of the data set lead."""
    return found(read(api, "/data"), f"{path}/@href")


def quads(packed: bytes) -> Store:
    store = Store()
    store.extend(parse(gzip.decompress(packed), format=RdfFormat.N_QUADS))
    return store


def test_the_file_of_all_statements_has_each_of_them(api: httpx.Client, built: Built) -> None:
    answer = got(api, "graph.nq.gz")
    assert answer.headers["content-type"] == "application/gzip"
    assert set(quads(answer.content)) == set(built.store)


def test_the_file_of_a_volume_has_its_part_of_them(api: httpx.Client, built: Built) -> None:
    volume = set(quads(got(api, "frus1945Malta.nq.gz").content))
    document = f"{DATA}graph/frus1945Malta/d256"
    named = {quad for quad in built.store if quad.graph_name.value == document}
    assert named < volume < set(built.store)


def test_a_volume_can_be_had_as_turtle(api: httpx.Client, built: Built) -> None:
    [link] = links(api, "//a[@aria-label='Turtle of frus1945Malta']")
    own = f"{DATA}graph/frus1945Malta"
    triples = parse(api.get(link).content, format=RdfFormat.TURTLE)
    assert {triple.triple for triple in triples} == {
        quad.triple for quad in built.store if quad.graph_name.value in (own, f"{own}/d256")
    }


def test_the_page_of_the_data_set_leads_to_files_that_are_there(api: httpx.Client) -> None:
    files = links(api, "//a[@download]")
    assert [api.head(link).status_code for link in files] == [200] * 5


@pytest.mark.parametrize(
    ("page", "heading", "other"),
    [
        ("accuracy", "Accuracy", "answers"),
        ("answers", "Answers: how pairs were drawn and judged", None),
        ("methods", "Finding facts: what was tried", "accuracy"),
    ],
)
def test_what_was_measured_is_a_page(
    api: httpx.Client, page: str, heading: str, other: str | None
) -> None:
    article = read(api, f"/{page}")
    assert words(article.xpath("//main//h1")[0]) == heading
    assert other is None or found(article, f"//main//p//a[@href='{other}']")
    assert found(article, "//div[@class='scroll']/table/thead/tr/th")


def test_the_table_of_facts_is_that_of_the_list_of_all(api: httpx.Client) -> None:
    table = got(api, "facts.csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.text == api.get("/api/facts?limit=1000&format=csv").text


def test_a_long_table_is_written_in_pieces_and_is_the_same(side: Side) -> None:
    whole, pieces = list(fact_rows(side)), list(fact_rows(side, each=7))
    assert (len(whole), len(pieces)) == (1, 3)
    assert "".join(pieces) == whole[0]


def test_one_table_is_written_at_a_time() -> None:
    tables = Tables()
    tables.begin()
    with pytest.raises(Busy, match="being written for another"):
        tables.begin()
    tables.end()
    tables.begin()


def test_the_links_to_wikidata_are_mappings_with_their_reasons(api: httpx.Client) -> None:
    lines = got(api, "links.sssom.tsv").text.splitlines()
    rows = list(csv.DictReader((line for line in lines if line[:1] != "#"), delimiter="\t"))
    assert [
        (row["predicate_id"], row["object_id"], row["mapping_justification"])
        for row in rows
        if row["subject_id"] == "cgd:person/stalin-joseph"
    ] == [("skos:exactMatch", "wikidata:Q855", "semapv:ManualMappingCuration")]


def test_a_part_of_a_file_can_be_had_so_that_a_broken_download_goes_on(api: httpx.Client) -> None:
    whole = got(api, "graph.nq.gz")
    rest = got(api, "graph.nq.gz", Range="bytes=1000-")
    assert (rest.status_code, rest.content) == (206, whole.content[1000:])


def test_who_has_a_file_is_told_so(api: httpx.Client) -> None:
    tag = got(api, "persons.tsv").headers["etag"]
    assert got(api, "persons.tsv", **{"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("name", ["nothing.nq.gz", "..%2Fmanifest.json", "%2e%2e/side.sqlite"])
def test_nothing_else_is_given_away(api: httpx.Client, name: str) -> None:
    assert got(api, name).status_code == 404
