"""Terms that are written into a query mean what they mean beside it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, QueryTriples, Store, Triple

import queries
from server.graph import DESCRIPTION, full_iri, substitutions
from server.inscribing import with_terms
from server.jobs import Job, Term
from server.local import ask
from server.matches import expand
from server.things import DOCUMENT, WHOLE_GRAPH
from tests.server.side_fixture import Built

U = {"x": Term("u:x"), "w": Term('"a"\n', "http://www.w3.org/2001/XMLSchema#string")}


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("ASK { $x ?p ?x . ?xx ?p '$x' } # ?x", "ASK { <u:x> ?p <u:x> . ?xx ?p '$x' } # ?x"),
        ("SELECT $x ?y WHERE { ?y a $x }", "SELECT (<u:x> AS $x) ?y WHERE { ?y a <u:x> }"),
        ("SELECT (STR($x) AS ?y) { }", "SELECT (STR(<u:x>) AS ?y) { }"),
        ("SELECT ?y { BIND(1 AS ?x) }", "SELECT ?y { BIND(1 AS ?x) }"),
        (
            "SELECT $x { } GROUP BY $x HAVING ($x > 1) ORDER BY DESC($x) ?x LIMIT 1",
            "SELECT (<u:x> AS $x) { } GROUP BY (<u:x>) HAVING (<u:x> > 1) ORDER BY DESC(<u:x>) "
            "(<u:x>) LIMIT 1",
        ),
        (
            "SELECT $x { { SELECT $x ?y { $x ?p ?y } GROUP BY $x ?y } { $x ?p ?y } }",
            "SELECT (<u:x> AS $x) { { SELECT (<u:x> AS $x_10) ?y { <u:x> ?p ?y } "
            "GROUP BY (<u:x>) ?y } { <u:x> ?p ?y } }",
        ),
        ("ASK { ?s ?p $w }", 'ASK { ?s ?p "\\"a\\"\\n" }'),
    ],
)
def test_term_stands_where_its_variable_stood(query: str, written: str) -> None:
    assert with_terms(query, U) == written
    Store().query(written)


@pytest.mark.parametrize("name", queries.names())
def test_named_query_has_the_same_answer(built: Built, name: str) -> None:
    query = queries.load(name)
    job = expand(
        Job(query.text, substitutions=substitutions(query, query.examples)),
        built.side.matches,
        100,
    )
    assert rows(built, written(job), query.columns) == rows(built, job, query.columns)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        (DESCRIPTION, "person/stalin-joseph"),
        (DOCUMENT, "document/frus1945Malta/d256"),
        (WHOLE_GRAPH, "graph/links"),
    ],
)
def test_description_has_the_same_triples(built: Built, query: str, path: str) -> None:
    job = Job(query, substitutions={"iri": Term(full_iri(path))})
    assert triples(built, written(job)) == triples(built, job) != set()


def triples(built: Built, job: Job) -> set[Triple]:
    """The triples that a job makes."""
    found = ask(built.store, job)
    assert isinstance(found, QueryTriples)
    return set(found)


def written(job: Job) -> Job:
    """The same job, without anything beside the text."""
    return replace(job, query=with_terms(job.query, job.substitutions), substitutions={})


def rows(built: Built, job: Job, columns: tuple[str, ...]) -> list[dict[str, object]]:
    """The rows that a job finds, of these columns."""
    found = ask(built.store, job)
    assert isinstance(found, QuerySolutions)
    content = json.loads(found.serialize(format=QueryResultsFormat.JSON) or b"")
    return [
        {column: row[column] for column in columns if column in row}
        for row in content["results"]["bindings"]
    ]
