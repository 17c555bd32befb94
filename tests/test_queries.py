"""Every named query does what its header says, and a header that lies is refused."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from pyoxigraph import QuerySolutions, Store

import queries
from queries import BadQuery, Parameter, Query, QueryNotFound

MET = """\
#+ title: Whom a person met
#+ description: One row for each meeting.
#+ parameters:
#+   person: {type: iri, example: person/stalin-joseph, description: Who met.}
#+ columns: [other]
SELECT $person ?other
WHERE { ?meeting <urn:participant> $person, ?other . }
"""


@pytest.mark.parametrize("name", queries.names())
def test_header_matches_query(name: str) -> None:
    query = queries.load(name)
    found = Store().query(query.text)
    assert isinstance(found, QuerySolutions)
    assert [each.value for each in found.variables] == [*query.parameters, *query.columns]


@pytest.mark.parametrize("name", queries.names())
def test_header_says_what_is_asked(name: str) -> None:
    """The title is a phrase, as it stands in lists; the description is made of sentences."""
    query = queries.load(name)
    assert not query.title.endswith(".")
    assert query.description.endswith(".")
    assert all(query.examples.values())


def test_query_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "met.rq").write_text(MET, encoding="utf-8")
    assert queries.names(tmp_path) == ["met"]
    assert queries.load("met", tmp_path) == Query(
        name="met",
        title="Whom a person met",
        description="One row for each meeting.",
        parameters={"person": Parameter("iri", "person/stalin-joseph", "Who met.")},
        columns=("other",),
        text=MET,
    )


def test_query_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "met.rq").write_text(MET, encoding="utf-8")
    with pytest.raises(QueryNotFound) as error:
        queries.load("../met", tmp_path)
    assert str(error.value) == 'No query is called "../met". There are met.'


def test_example_may_look_like_a_date_to_yaml() -> None:
    text = MET.replace(
        "{type: iri, example: person/stalin-joseph", "{type: date, example: 1944-10-17"
    )
    assert queries.parse(text, "met", "met.rq").examples == {"person": "1944-10-17"}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("#+", "#", "there is no header (lines with #+) with title and description."),
        ("title:", "titel:", "the header has unknown keys: titel."),
        ("Whom a person met", "", "the header needs a title, as text."),
        ("One row for each meeting.", "[1]", "the header needs a description, as text."),
        ("[other]", "other", "the header needs columns, as a list of names."),
        ("  person: {", "  - {", "parameters must be a mapping of names."),
        ("type: iri, ", "", "parameter person needs a type and an example."),
        ("iri", "IRI", "the type of person must be one of iri, string, date, integer, number."),
        ("description: Who", "about: Who", "parameter person has unknown keys: about."),
        ("SELECT $person", "SELECT", "the SELECT in line 6 uses $person but does not select it."),
    ],
)
def test_header_that_is_wrong_is_refused(old: str, new: str, problem: str) -> None:
    with pytest.raises(BadQuery) as error:
        queries.parse(MET.replace(old, new), "met", "met.rq")
    assert str(error.value) == f"met.rq: {problem}"


def test_header_that_is_not_yaml_is_refused() -> None:
    with pytest.raises(BadQuery, match=r"^met.rq: the header \(lines with #\+\) is not YAML: "):
        queries.parse(MET.replace("met\n", "met: whom?\n"), "met", "met.rq")


def with_body(body: str) -> str:
    """Give a query with this body, of one parameter."""
    head = MET.partition("SELECT")[0].replace("[other]", "[n]")
    return head + dedent(body)


@pytest.mark.parametrize(
    "body",
    [
        "SELECT $person ?n { { SELECT (COUNT(*) AS ?n) { $person ?p ?o } } }",
        "SELECT $person ?n { { SELECT DISTINCT ?n WHERE { ?n ?p ?person } } ?n ?p $person }",
        "SELECT $person ?n { { SELECT ?n { { SELECT $person ?n { $person ?p ?n } } } } }",
    ],
)
def test_parameter_that_a_sub_select_drops_is_refused(body: str) -> None:
    """It would be another variable there, and the answer wrong without a sound."""
    with pytest.raises(BadQuery, match=r"uses \$person but does not select it"):
        queries.parse(with_body(body), "met", "met.rq")


@pytest.mark.parametrize(
    "body",
    [
        "SELECT $person ?n { { SELECT $person (1 AS ?n) { $person ?p ?o } GROUP BY $person }}",
        "SELECT $person ?n { { SELECT ?n { ?n ?p ?o } LIMIT 1 } $person ?p ?n }",
        "SELECT $person ?from FROM <u:x> WHERE { $person ?p ?from }",
        "SELECT $person ?n { { SELECT * { $person ?p ?n } } }",
        "SELECT $person ?n # SELECT ?n { $person }\n { $person <u:#{> ?n, 'SELECT ?n { $person' }",
    ],
)
def test_parameter_that_every_sub_select_passes_on_is_accepted(body: str) -> None:
    assert queries.parse(with_body(body), "met", "met.rq").columns == ("n",)
