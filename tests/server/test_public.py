"""The service behind a proxy that puts it under a path of another address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
import pytest
from lxml import html
from pydantic import ValidationError
from pyoxigraph import RdfFormat, parse

from server.settings import Settings
from tests.conftest import running
from tests.server.side_fixture import Built, api, built
from tests.server.test_pages import HTML, PAGES, found

__all__ = ["api", "built"]

WORDS = "query=ASK%7B%7D"


class Proxy(BaseHTTPRequestHandler):
    """Passes on what is below /cables, without that, as nginx does with `proxy_pass …/`."""

    behind: httpx.Client

    def do_GET(self) -> None:
        if not self.path.startswith("/cables/"):
            self.send_error(404)
            return
        wanted = self.path.removeprefix("/cables")
        headers = {"Accept": self.headers["Accept"], "Accept-Encoding": "identity"}
        answer = self.behind.get(wanted, headers=headers)
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name not in ("date", "server"):
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, format: str, *words: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Place:
    """The address of the service as its users see it, and a client that sees nothing else."""

    address: str
    client: httpx.Client

    def get(self, address: str) -> httpx.Response:
        """Ask as a browser does."""
        return self.client.get(address, headers=HTML)


@pytest.fixture(scope="module")
def place(built: Built) -> Iterator[Place]:
    """The sample behind a proxy of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        address = f"http://127.0.0.1:{proxy.server_port}/cables"
        settings = Settings(
            store=built.data_set.folder.parents[1],
            port=0,
            workers=1,
            public_url=address,
            queue_seconds=20,
        )
        with running(settings) as service, httpx.Client(timeout=60) as client:
            Proxy.behind = service.client
            thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            try:
                yield Place(address, client)
            finally:
                proxy.shutdown()
                thread.join()


def test_every_link_of_every_page_stays_below_the_path(place: Place) -> None:
    """Also those of scripts, styles and forms: what leads out of it would be lost.

    Of each kind of link one is followed; that all lead somewhere is tested without a proxy.
    """
    pages = [f"{place.address}{path}" for path in PAGES]
    links = {link for page in pages for link in here(place.get(page).text, page)}
    kinds = {kind(link.removeprefix(place.address)): link for link in links}
    assert [link for link in links if not link.startswith(f"{place.address}/")] == []
    assert [link for link in kinds.values() if place.get(link).status_code != 200] == []
    assert {("", ""), ("document", ""), ("person", ".ttl"), ("static", ".js")} <= set(kinds)


def kind(path: str) -> tuple[str, str]:
    """Tell links apart by the first name in their path, and by the format."""
    pure = PurePosixPath(urlsplit(path).path)
    return [*pure.parts, ""][1], pure.suffix


def here(text: str, address: str) -> Iterator[str]:
    """Give the links of a page that lead to the host of the proxy."""
    for link in found(html.fromstring(text), "//@href | //@src | //@action"):
        target = urldefrag(urljoin(address, link)).url
        if target.startswith(urljoin(address, "/")):
            yield target


def test_pages_name_the_address_that_users_see(place: Place) -> None:
    about = place.get(f"{place.address}/about")
    assert f"<code>{place.address}/reconcile</code>" in about.text
    form = place.get(f"{place.address}/sparql")
    assert f" {place.address}/sparql</code>" in form.text


def test_scripts_find_what_they_ask_for(place: Place) -> None:
    """They make its address of their own, which is below /cables/static/."""
    scripts = {
        name: place.client.get(f"{place.address}/static/{name}.js") for name in ("site", "docs")
    }
    assert 'new URL("..", document.currentScript.src)' in scripts["site"].text
    assert 'new URL("../openapi.json", document.currentScript.src)' in scripts["docs"].text
    assert place.client.get(f"{place.address}/api/complete?q=sta").status_code == 200


def test_descriptions_name_the_public_endpoint(place: Place) -> None:
    def endpoints(path: str, term: str) -> set[str]:
        answer = place.client.get(place.address + path, headers={"Accept": "text/turtle"})
        quads = parse(answer.content, format=RdfFormat.TURTLE)
        return {str(quad.object) for quad in quads if quad.predicate.value.endswith(term)}

    assert endpoints("/sparql", "#endpoint") == {f"<{place.address}/sparql>"}
    assert endpoints("/.well-known/void", "#sparqlEndpoint") == {
        f"<{place.address}/sparql>",
        "<https://w3id.org/cablegraph/sparql>",
    }


def test_openapi_names_the_public_address(place: Place) -> None:
    described = place.client.get(f"{place.address}/openapi.json").json()
    assert described["servers"] == [{"url": place.address}]
    assert "/api/facts" in described["paths"]


def test_every_example_of_the_index_can_be_followed(place: Place) -> None:
    index = place.client.get(f"{place.address}/api").json()
    addresses = [index["sparql"], index["description"], *(it["example"] for it in index["routes"])]
    answers = [place.client.get(urljoin(place.address, each)) for each in addresses]
    assert [answer.status_code for answer in answers] == [200] * len(addresses)


def test_a_list_leads_to_its_next_page(place: Place) -> None:
    answer = place.client.get(f"{place.address}/api/facts?limit=2")
    assert answer.json()["next"] == "/cables/api/facts?limit=2&page=2"
    assert answer.links["next"]["url"] == answer.json()["next"]
    context = answer.links["http://www.w3.org/ns/json-ld#context"]["url"]
    assert place.client.get(urljoin(place.address, context)).status_code == 200


def test_a_thing_names_its_other_formats(place: Place) -> None:
    links = place.client.get(f"{place.address}/person/stalin-joseph.json").headers["link"]
    assert '</cables/person/stalin-joseph.ttl>; rel="alternate"; type="text/turtle"' in links


def test_a_problem_leads_to_its_explanation(place: Place) -> None:
    problem = place.client.get(f"{place.address}/nothing").json()
    assert problem["detail"] == "There is nothing at /cables/nothing."
    explained = place.client.get(urljoin(place.address, problem["type"])).json()
    assert (explained["type"], explained["title"]) == (problem["type"], problem["title"])


def test_the_icon_is_found_where_browsers_look(place: Place) -> None:
    answer = place.client.get(f"{place.address}/favicon.ico", follow_redirects=True)
    assert answer.headers["content-type"] == "image/svg+xml"


def test_reconciliation_leads_back_through_the_proxy(place: Place) -> None:
    manifest = place.client.get(f"{place.address}/reconcile").json()
    suggest = manifest["suggest"]["entity"]
    asked = f"{suggest['service_url']}{suggest['service_path']}?prefix=sta"
    assert place.client.get(asked).json()["result"][0]["id"] == "person/stalin-joseph"
    seen = place.client.get(manifest["view"]["url"].replace("{{id}}", "person/stalin-joseph"))
    assert seen.status_code == 200


def test_a_repeated_query_comes_from_memory(place: Place) -> None:
    for _ in range(2):
        place.client.get(f"{place.address}/sparql?{WORDS}")
    numbers = place.client.get(f"{place.address}/metrics").text
    assert 'cablegraph_answers_total{source="memory"}' in numbers
    assert 'route="/static"' in numbers


def test_an_answer_under_another_address_has_another_tag(api: httpx.Client) -> None:
    """It names addresses, so a client must not keep it when they change."""
    hosts = ("a.example", "a.example", "b.example")
    first, again, other = (
        api.get("/reconcile", headers={"Host": host}).headers["etag"] for host in hosts
    )
    assert (first == again, first == other) == (True, False)


@pytest.mark.parametrize(
    "address",
    [
        "example.org",
        "ftp://example.org",
        "https://",
        "https://a b",
        "https://a/?q",
        "https://a/<b>",
    ],
)
def test_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="is not an address such as https://"):
        Settings(public_url=address)


@pytest.mark.parametrize("proxies", ["localhost", "10.0.0.0/33", "*", "10.0.0.1,,"])
def test_proxies_are_addresses_or_networks(proxies: str) -> None:
    """Anything else would be believed in nobody, or (*) in everybody."""
    with pytest.raises(ValidationError, match="does not appear to be an IPv4 or IPv6 network"):
        Settings(proxies=proxies)


def test_settings_that_are_empty_stand_for_none() -> None:
    assert (Settings(proxies="").proxies, Settings(public_url="").public_url) == (None, None)
