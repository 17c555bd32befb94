"""What every page sends: whole HTML, strict headers, links that lead somewhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin

import httpx
import pytest
from lxml import html

from ingest.build import Sources, build
from server.pages import STATIC, asset
from server.settings import Settings
from tests.conftest import Service

ROOT = Path(__file__).parents[2]
HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
DOCUMENT = "/document/frus1945Malta/d256"
PAGES = (
    "/",
    "/search?q=petropavlovsk",
    "/documents",
    "/entities",
    "/search",
    "/search?kind=request&actor=stalin",
    "/compare",
    "/compare?a=soviet-union&b=united-states",
    "/ledger",
    "/ledger?debtor=soviet-union&creditor=united-states&at=1944-12",
    "/network",
    "/network?entity=stalin",
    "/network?entity=stalin&other=person/harriman-w-averell",
    "/map",
    "/map?entity=stalin",
    "/queries",
    "/queries/acts-of",
    "/queries/acts-of?actor=stalin",
    "/queries/acts-of?actor=stalin&view=line",
    "/sparql",
    "/docs",
    "/about",
    DOCUMENT,
    "/volume/frus1945Malta",
    "/person/stalin-joseph",
    "/state/soviet-union",
    "/place/petropavlovsk-kamchatsky",
)

every_page = pytest.mark.parametrize("path", PAGES)


def read(client: httpx.Client, path: str, status: int = 200) -> html.HtmlElement:
    """Read a page."""
    answer = client.get(path, headers=HTML)
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "text/html; charset=utf-8",
    ), f"{path}: {answer.text[:300]}"
    return html.fromstring(answer.text)


def found(page: html.HtmlElement, path: str) -> list[Any]:
    """Find what an XPath leads to."""
    result = page.xpath(path)
    assert isinstance(result, list)
    return result


def words(node: html.HtmlElement) -> str:
    """Give the text of an element, white space collapsed."""
    return " ".join(node.text_content().split())


@every_page
def test_page_allows_only_script_and_style_of_this_host(api: httpx.Client, path: str) -> None:
    policy = api.get(path, headers=HTML).headers["content-security-policy"]
    assert policy.split("; ")[:3] == ["default-src 'none'", "script-src 'self'", "style-src 'self'"]


@every_page
def test_page_has_no_script_or_style_in_it(api: httpx.Client, path: str) -> None:
    """The policy would stop it."""
    page = read(api, path)
    inline = page.xpath("//script[not(@src) and not(@type='application/ld+json')] | //style")
    assert [*inline, *page.xpath("//@style"), *page.xpath("//@onclick")] == []


@every_page
def test_names_of_places_in_a_page_are_used_once(api: httpx.Client, path: str) -> None:
    ids = read(api, path).xpath("//@id")
    assert sorted(ids) == sorted(set(ids))


def test_every_link_leads_somewhere(api: httpx.Client) -> None:
    """Each page that can be reached from the start, and each place in it that is linked to."""
    pages: dict[str, set[str]] = {}
    wanted, broken = ["/"], []
    while wanted:
        path = wanted.pop()
        if path in pages:
            continue
        answer = api.get(path, headers=HTML)
        if answer.status_code != 200:
            broken.append(path)
        is_page = answer.headers["content-type"].startswith("text/html")
        pages[path] = set(found(html.fromstring(answer.text), "//@id")) if is_page else set()
        if is_page:
            wanted += [urldefrag(link).url for link in links(answer.text, path)]
    assert broken == []


def links(text: str, path: str) -> Iterator[str]:
    """Give the links of a page to this host; without those to ever narrower searches."""
    followed = "//a[not(@rel='nofollow')]/@href | //link/@href | //script/@src"
    for link in found(html.fromstring(text), followed):
        target = urljoin(path, link)
        if target.startswith("/"):
            yield target


@pytest.mark.parametrize("path", [DOCUMENT, "/person/stalin-joseph", "/about"])
def test_every_link_within_a_page_has_its_place(api: httpx.Client, path: str) -> None:
    page = read(api, path)
    targets = {link[1:] for link in page.xpath("//a/@href") if link.startswith("#")}
    assert targets - set(page.xpath("//@id")) == set()


def test_the_evidence_on_the_page_is_the_evidence_of_the_facts(api: httpx.Client) -> None:
    page = read(api, DOCUMENT)
    facts = api.get(f"/api/documents{DOCUMENT.removeprefix('/document')}/facts").json()["items"]
    shown = {
        number: "".join(page.xpath(f"//mark[@data-fact='{number}']//text()"))
        for number in range(1, len(facts) + 1)
    }
    assert shown == {
        number: "".join(words["exact"] for words in fact["evidence"])
        for number, fact in enumerate(facts, 1)
    }


def test_the_words_on_the_page_are_the_words_of_the_document(api: httpx.Client) -> None:
    """Marks, names, notes and page breaks take nothing away from the text."""
    page = read(api, DOCUMENT)
    for mark in page.xpath("//sup | //a[contains(@class, 'chip')] | //span[@class='page-break']"):
        mark.drop_tree()
    shown = page.xpath("//h1[@id='head'] | //p[starts-with(@class, 'b-')]")
    text = api.get(f"/api/documents{DOCUMENT.removeprefix('/document')}").json()["text"]
    assert [block.text_content().replace("\u2060", "") for block in shown] == text.split("\n")


def test_a_document_tells_reference_managers_what_it_is(api: httpx.Client) -> None:
    page = read(api, DOCUMENT)
    told = {
        meta.get("name").removeprefix("citation_"): meta.get("content")
        for meta in page.xpath("//meta[starts-with(@name, 'citation_')]")
    }
    public = "https://history.state.gov/historicaldocuments/frus1945Malta/d256"
    assert told == {
        "title": "The Ambassador in the Soviet Union (Harriman) to the President",
        "inbook_title": "Foreign Relations of the United States: Diplomatic Papers, "
        "Conferences at Malta and Yalta, 1945",
        "author": "Ambassador in the Soviet Union (Harriman)",
        "date": "1944-10-17",
        "firstpage": "370",
        "lastpage": "371",
        "publisher": "Government Printing Office",
        "public_url": public,
        "language": "en",
    }
    assert page.xpath("string(//link[@rel='canonical']/@href)") == public


def test_a_document_is_cited_as_historians_do(api: httpx.Client) -> None:
    [citation] = read(api, DOCUMENT).xpath("//p[@class='citation']")
    assert words(citation) == (
        "The Ambassador in the Soviet Union (Harriman) to the President, 17 October 1944, in "
        "Foreign Relations of the United States: Diplomatic Papers, Conferences at Malta and "
        "Yalta, 1945 (Washington: Government Printing Office, 1955), document 256, "
        "history.state.gov/historicaldocuments/frus1945Malta/d256."
    )


def test_a_document_that_nobody_publishes_is_cited_by_its_iri(
    tmp_path: Path, serve: Callable[[Settings], Service]
) -> None:
    """Such as one of a collection of telegrams in plain text."""
    folder = tmp_path / "cairo1956"
    folder.mkdir()
    (folder / "d1.txt").write_text("From: Embassy in Egypt\n\nSaw Nasser.", encoding="utf-8")
    build(Sources((folder,), tmp_path / "none", tmp_path / "none"), tmp_path / "graph", jobs=1)
    client = serve(Settings(store=tmp_path / "graph")).client
    page = read(client, "/document/cairo1956/d1")
    [citation] = page.xpath("//p[@class='citation']")
    assert words(citation) == (
        "Telegram from Embassy in Egypt, in cairo1956, d1, "
        "w3id.org/cablegraph/document/cairo1956/d1."
    )
    assert page.xpath("//a[contains(@href, 'history.state.gov/historicaldocuments/')]") == []
    assert client.get("/api/documents/cairo1956/d1").json()["public_page"] is None
    assert client.get("/volume/cairo1956").status_code == 200


def test_the_description_in_a_document_is_of_schema_org(api: httpx.Client) -> None:
    text = read(api, DOCUMENT).xpath("string(//script[@type='application/ld+json'])")
    told = json.loads(text)
    assert (told["@context"], told["@type"], told["dateCreated"]) == (
        "https://schema.org",
        "ArchiveComponent",
        "1944-10-17",
    )


def test_what_is_searched_for_is_shown_and_not_obeyed(api: httpx.Client) -> None:
    page = read(api, "/search?q=%22%3E%3Cb%3Epetropavlovsk")
    assert page.xpath("//main//b") == []
    assert page.xpath("string(//input[@id='q']/@value)") == '"><b>petropavlovsk'


def test_a_search_for_nothing_says_so(api: httpx.Client) -> None:
    [problem] = read(api, "/search?q=...").xpath("//div[@role='alert']")
    assert words(problem).startswith("Nothing to search for.")


def test_the_start_page_answers_a_question(api: httpx.Client) -> None:
    [example] = read(api, "/").xpath("//section[@class='example']")
    assert [words(quote) for quote in example.xpath(".//blockquote")] == [
        "One subject that he asks be given urgent consideration is cooperation from us in the "
        "build up of supplies and equipment in the Far East through Pacific ports prior to the "
        "outbreak of hostilities.",
        "He hopes for help from our Navy",
        "He emphasized the need for secrecy and the mutual disadvantage of arousing prematurely "
        "Japanese suspicions.",
    ]


@pytest.mark.parametrize(
    ("path", "status", "heading"),
    [
        ("/nowhere", 404, "Not found"),
        ("/person/nobody", 404, "Unknown name"),
        ("/queries/nothing", 404, "Not found"),
        ("/search?type=fact&page=7", 404, "Not found"),
        ("/search?actor=nobody", 404, "Unknown name"),
        ("/compare?kind=wish", 422, "Invalid request"),
        ("/queries/commitments-between?debtor=nobody&creditor=japan", 404, None),
    ],
)
def test_what_is_wrong_is_told_in_the_frame_of_all_pages(
    api: httpx.Client, path: str, status: int, heading: str | None
) -> None:
    page = read(api, path, status)
    assert len(page.xpath("//header[@class='site']")) == 1
    assert heading is None or words(page.xpath("//h1")[0]) == heading


def test_a_page_can_be_asked_for_its_head_only(api: httpx.Client) -> None:
    answer = api.head("/about")
    assert (answer.status_code, answer.text) == (200, "")


def test_a_page_that_is_known_is_not_sent_again(api: httpx.Client) -> None:
    tag = api.get("/about", headers=HTML).headers["etag"]
    again = api.get("/about", headers={**HTML, "If-None-Match": tag})
    assert (again.status_code, again.text) == (304, "")


def test_the_address_of_a_file_changes_with_it() -> None:
    assert asset("site.css").startswith("/static/site.css?v=")
    assert asset("site.css") != asset("site.js")


def test_the_files_of_others_are_the_versions_that_are_asked_for() -> None:
    """After a change of tools/vendor/package.json, `npm run build` there makes them anew."""
    packages = json.loads((ROOT / "tools" / "vendor" / "package.json").read_text())
    listed = (STATIC / "vendor" / "README.md").read_text()
    tools = {"d3-geo", "esbuild", "topojson-client"}
    asked = {
        name: version for name, version in packages["devDependencies"].items() if name not in tools
    }
    assert [name for name, version in asked.items() if f"| {version} |" not in listed] == []
