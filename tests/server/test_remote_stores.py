"""What the service answers over a store of its own, it answers over one of another server, too.

The tests of the JSON routes, the pages, the RDF of things, the SPARQL protocol and the named
queries are those of the service over its own store: here their clients are of a service over
another server with the same data.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from inspect import signature
from pathlib import Path

import httpx
import pytest

import queries
from ontology.names import DATA
from server.settings import Settings
from tests.conftest import running
from tests.server import test_api, test_graphs, test_pages, test_sparql, test_things
from tests.server.side_fixture import Built
from tests.stores import STORES, loaded
from tests.test_query_answers import ANSWERS

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")

LONG = {
    "test_every_iri_of_ours_in_the_store_answers",
    "test_every_link_leads_somewhere",
    "test_nothing_asked_fails_the_service",
}
"""They ask for hundreds of pages and things, of which the others ask for some."""

for _module in (test_api, test_graphs, test_pages, test_sparql, test_things):
    for _name, _test in vars(_module).items():
        if not _name.startswith("test_") or _name in LONG:
            continue
        if {"api", "client"} & signature(_test).parameters.keys():
            globals()[f"{_name}_in_{_module.__name__.rpartition('.')[2]}"] = _test


OWN_GRAPHS = ("graph_is_given_whole", "query3-50"), ("request_may_name_the_graphs", "graphs0-50")
"""Tests that count the default graph: that of Virtuoso has its own graphs, too."""


@pytest.fixture(autouse=True)
def differences(request: pytest.FixtureRequest) -> None:
    """Expect those tests to fail."""
    name = request.node.name
    if "virtuoso" in name and any(test in name and case in name for test, case in OWN_GRAPHS):
        request.applymarker(pytest.mark.xfail(reason="it has graphs of its own", strict=True))


@contextmanager
def over(kind: str, data_set: Path, folder: Path) -> Iterator[httpx.Client]:
    """Run a server with a data set, and the service over it."""
    with ExitStack() as stack:
        server = stack.enter_context(loaded(kind, data_set, folder))
        settings = Settings(store=server.endpoint, side=data_set, port=0, queue_seconds=60)
        yield stack.enter_context(running(settings)).client


@pytest.fixture(scope="module", params=STORES)
def api(
    request: pytest.FixtureRequest, built: Built, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A client of the service over another server with the sample."""
    folder = built.data_set.folder.parents[1]
    with over(request.param, folder, tmp_path_factory.mktemp(request.param)) as client:
        yield client


@pytest.fixture(scope="module", params=STORES)
def client(
    request: pytest.FixtureRequest, data_set: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A client of the service over another server with the smallest data set."""
    with over(request.param, data_set, tmp_path_factory.mktemp(request.param)) as client:
        yield client


@pytest.mark.parametrize(
    ("thing", "words", "count"),
    [
        ("?document", "Petropavlovsk base", 1),
        ("<document/frus1945Malta/d256>", "Petropavlovsk base", 1),
        ("<document/frus1945Malta/d256>", "Reykjavik", 0),
        ("?document", "Reykjavik", 0),
    ],
)
def test_words_are_found_by_the_side_file(
    api: httpx.Client, thing: str, words: str, count: int
) -> None:
    query = f"""
        PREFIX cg: <https://w3id.org/cablegraph/ontology#>
        SELECT (COUNT(*) AS ?n) {{ {thing} cg:matches "{words}" . {thing} a cg:Telegram }}
    """
    answer = api.get("/sparql", params={"query": query, "format": "csv"})
    assert answer.text.split() == ["n", str(count)]


@pytest.mark.parametrize("name", queries.names())
def test_named_query_answers_as_expected(api: httpx.Client, name: str) -> None:
    query = queries.load(name)
    answer = api.get(f"/api/queries/{name}", params=query.examples).json()
    rows = [
        {key: value.removeprefix(DATA) for key, value in row.items() if value is not None}
        for row in answer["items"]
    ]
    assert rows == ANSWERS[name]
