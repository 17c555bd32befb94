"""The graph answers named queries and describes its things."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from pyoxigraph import RdfFormat, Triple, parse

import queries
from queries import Query
from server.dataset import find_data_set
from server.errors import InvalidRequest
from server.graph import Graph, full_iri, substitutions
from server.jobs import Job, Term
from server.settings import Settings
from server.side import Side
from server.workers import Pool

DATA = "https://w3id.org/cablegraph/"
XSD = "http://www.w3.org/2001/XMLSchema#"
Value = TypeVar("Value")

HEADER = """\
#+ title: A test
#+ description: A test.
#+ parameters:
"""


@pytest.fixture
def ask(data_set: Path) -> Callable[[Callable[[Graph], Awaitable[Value]]], Value]:
    """Ask the graph something, with a worker that lives as long."""

    async def scenario(question: Callable[[Graph], Awaitable[Value]]) -> Value:
        found = find_data_set(data_set)
        pool = Pool(found.store, Settings(store=data_set, workers=1))
        await pool.start()
        try:
            return await question(Graph(found, pool, Side(found.side), matches=10))
        finally:
            await pool.stop()

    return lambda question: asyncio.run(scenario(question))


def query(parameters: str, columns: str, text: str) -> Query:
    """Make a query from the parts of its file."""
    return queries.parse(f"{HEADER}{parameters}#+ columns: {columns}\n{text}", "test", "test.rq")


LABELS = query(
    "#+   thing: {type: iri, example: person/stalin-joseph}\n",
    "[label, description]",
    """
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    SELECT $thing ?label ?description
    { $thing rdfs:label ?label OPTIONAL { $thing rdfs:comment ?description } }
    """,
)


@pytest.mark.parametrize("thing", ["person/stalin-joseph", f"{DATA}person/stalin-joseph"])
def test_rows_leave_out_what_has_no_value(
    ask: Callable[..., list[dict[str, str]]], thing: str
) -> None:
    rows = ask(lambda graph: graph.rows(LABELS, thing=thing))
    assert rows == [{"label": "Joseph Stalin"}]


def test_value_is_a_term_and_never_text(ask: Callable[..., list[dict[str, str]]]) -> None:
    """A value that looks like SPARQL finds what is called so, and that is nothing."""
    named = query(
        "#+   name: {type: string, example: Joseph Stalin}\n",
        "[thing]",
        """
        SELECT $name ?thing
        { ?thing <http://www.w3.org/2000/01/rdf-schema#label> ?label FILTER(STR(?label) = $name) }
        """,
    )
    assert ask(lambda graph: graph.rows(named, name='" || "1" = "1')) == []
    assert ask(lambda graph: graph.rows(named, name="Joseph Stalin")) == [
        {"thing": f"{DATA}person/stalin-joseph"}
    ]


def test_types_of_parameters_become_datatypes() -> None:
    typed = query(
        "#+   a: {type: iri, example: x}\n#+   b: {type: string, example: x}\n"
        "#+   c: {type: date, example: 1944-10-17}\n#+   d: {type: integer, example: 1}\n"
        "#+   e: {type: number, example: 0.5}\n",
        "[]",
        "SELECT $a $b $c $d $e {}",
    )
    values = {"a": "state/france", "b": "x", "c": "1944-10-17", "d": "7", "e": "0.5"}
    assert substitutions(typed, values) == {
        "a": Term(f"{DATA}state/france"),
        "b": Term("x", f"{XSD}string"),
        "c": Term("1944-10-17", f"{XSD}date"),
        "d": Term("7", f"{XSD}integer"),
        "e": Term("0.5", f"{XSD}decimal"),
    }


@pytest.mark.parametrize(
    ("type_", "value"),
    [("date", "1944-13-01"), ("date", "17 October"), ("integer", "1.5"), ("number", "many")],
)
def test_value_of_another_type_is_refused(type_: str, value: str) -> None:
    typed = query(f"#+   x: {{type: {type_}, example: 1}}\n", "[]", "SELECT $x {}")
    with pytest.raises(InvalidRequest) as error:
        substitutions(typed, {"x": value})
    assert error.value.detail == f'x: "{value}" is not of type {type_}.'
    assert error.value.hint == "An example is 1."


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({}, "test needs a value for thing."),
        ({"thing": "x", "other": "y"}, "test has no parameter other."),
        ({"thing": "a b"}, "\"a b\" is not an IRI: Invalid IRI code point ' '."),
    ],
)
def test_parameters_must_be_those_of_the_query(values: dict[str, str], problem: str) -> None:
    with pytest.raises(InvalidRequest) as error:
        substitutions(LABELS, values)
    assert error.value.detail == problem


@pytest.mark.parametrize(
    ("path", "iri"),
    [
        ("person/x", f"{DATA}person/x"),
        ("/person/x", f"{DATA}person/x"),
        (f"{DATA}person/x", f"{DATA}person/x"),
        ("http://www.wikidata.org/entity/Q855", "http://www.wikidata.org/entity/Q855"),
        ("urn:isbn:1", "urn:isbn:1"),
    ],
)
def test_thing_of_ours_may_be_named_by_its_path(path: str, iri: str) -> None:
    assert full_iri(path) == iri


def described(ask: Callable[..., bytes], path: str) -> set[Triple]:
    """Give the triples of a description."""
    content = ask(lambda graph: graph.describe(path, "application/n-triples"))
    return {quad.triple for quad in parse(io.BytesIO(content), format=RdfFormat.N_TRIPLES)}


def whole_graph(ask: Callable[..., bytes], subject: str) -> set[Triple]:
    """Give all triples whose subject begins so."""
    job = Job(f'CONSTRUCT {{?s ?p ?o}} {{?s ?p ?o FILTER(STRSTARTS(STR(?s), "{subject}"))}}')
    content = ask(lambda graph: graph.pool.answer(job.in_format("application/n-triples")))
    return {quad.triple for quad in parse(io.BytesIO(content), format=RdfFormat.N_TRIPLES)}


def test_fact_is_described_with_its_words(ask: Callable[..., bytes]) -> None:
    """The nodes that hold quote and position belong to the fact."""
    fact = "fact/frus1945Malta/d256/3f9a2c11"
    assert described(ask, fact) == whole_graph(ask, f"{DATA}{fact}")
    assert len(described(ask, fact)) == 26


def test_thing_is_described_with_what_points_to_it(ask: Callable[..., bytes]) -> None:
    found = described(ask, "state/united-states")
    subjects = sorted(str(triple.subject)[1:-1].removeprefix(DATA) for triple in found)
    assert subjects == [
        "fact/frus1945Malta/d256/3f9a2c11",
        "person/harriman-w-averell",
        "state/united-states",
        "state/united-states",
    ]


def test_description_comes_in_the_format_that_is_asked_for(ask: Callable[..., bytes]) -> None:
    content = ask(lambda graph: graph.describe("person/stalin-joseph", "application/ld+json"))
    assert content.startswith(b'[{"@id":"')


def test_unknown_thing_has_an_empty_description(ask: Callable[..., bytes]) -> None:
    assert described(ask, "person/nobody") == set()
