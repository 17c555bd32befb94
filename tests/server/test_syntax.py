"""A syntax error names the place that a person would name."""

from __future__ import annotations

import pytest

from server.syntax import syntax_error


def test_update_is_parsed_as_one_and_not_made() -> None:
    wrong = syntax_error("INSERT DATA { <urn:s> <urn:p> 1 } ;\nCLEAR XYZ", is_update=True)
    assert wrong.detail == 'Line 2, column 7: unexpected "XYZ".'


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("SELECT ?x WHRE {}", 'Line 1, column 11: unexpected "WHRE".'),
        ("SELECT * { ?s ?p ?o } LIMT 3", 'Line 1, column 23: unexpected "LIMT".'),
        ("SELECT * { ?s ?p ?o ?x }\n\n", 'Line 1, column 21: unexpected "?x".'),
        ("SELECT *\n{ ?s ?p ?o\n FILTER(?s = ) }\n", 'Line 3, column 14: unexpected ")".'),
        ("SELECT *\n{ ?s ?p ?o\n FILTR(?s) }", 'Line 3, column 2: unexpected "FILTR(?s)".'),
        ("SELECT * { ?s ?p ?o \n\n", "Line 1, column 20: unexpected end of the query."),
        ("", "Line 1, column 1: unexpected end of the query."),
        ("SELECT * { ?é ?p ?o ?x }", 'Line 1, column 21: unexpected "?x".'),
        ("ASK { ?s foo:bar ?o }", "Line 1, column 17: Prefix not found."),
        (
            "SELECT ?a (COUNT(*) AS ?b) { ?a ?c ?d }",
            "Line 1, column 40: The SELECT contains a variable that is unbound.",
        ),
    ],
)
def test_syntax_error_names_the_place(query: str, detail: str) -> None:
    assert syntax_error(query).detail == detail
