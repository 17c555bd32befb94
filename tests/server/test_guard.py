"""The guard lets no call of SERVICE through that the engine would make, and nothing hang."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Store
from rdflib.plugins.sparql.parser import parseQuery

from server import guard
from server.errors import LoadForbidden, QueryTooComplex, ServiceForbidden, UpdateForbidden
from server.settings import Settings

CALL = "SERVICE <http://127.0.0.1:1/> {?x ?y ?z}"

CALLS = [
    "SELECT * { SERVICE <http://127.0.0.1:1/> {?x ?y ?z} }",
    "SELECT * { sErViCe SILENT <http://127.0.0.1:1/> {} }",
    "SELECT * { SERVICE?x{} }",
    "SELECT * { SERVICESILENT<http://127.0.0.1:1/>{} }",
    "SELECT * { SERVICE # <http://127.0.0.1:1/>\n <http://127.0.0.1:1/> # {\r {} }",
    "PREFIX : <http://127.0.0.1:1/> SELECT * { SERVICE :a {} }",
    "PREFIX : <http://127.0.0.1:1/> SELECT * { SERVICE:{} }",
    "PREFIX : <http://127.0.0.1:1/> SELECT * { SERVICE :a·b {} }",
    "PREFIX e: <http://127.0.0.1:1/> SELECT * { SERVICEe:a{} }",
    "SELECT * { ?s ?p trueSERVICE <http://127.0.0.1:1/> {} }",
    "SELECT * { ?s ?p 1e1SERVICE <http://127.0.0.1:1/> {} }",
    f"SELECT * {{ ?s ?p [] . {CALL} }}",
    f"SELECT * {{ ?s ?p '#'{CALL} }}",
    f"SELECT * {{ FILTER NOT EXISTS {{ {CALL} }} }}",
    f"SELECT * {{ {{ SELECT * {{ {CALL} }} }} }}",
    f"ASK {{ {CALL} }}",
    f"CONSTRUCT {{}} WHERE {{ {CALL} }}",
    f"DESCRIBE ?x {{ {CALL} }}",
]

TRAPS = [
    # What looks like an IRI is an operator, a variable and a comment.
    f'SELECT * {{ FILTER(?a<?b#>"""\n) {CALL} #"""\n}}',
    f"SELECT * {{ FILTER(?a<'>'||'''x'''){CALL}#'\n}}",
    # A long string with an escape that does not exist is a short one, and what follows.
    f'SELECT * {{ VALUES ?x {{""" "}} {CALL} #\\z"""\n}}',
    f'SELECT * {{ VALUES ?x {{""" "}} {CALL} #\\uD800"""\n}}',
    # A prefix that is not declared is no prefix.
    "PREFIX : <http://127.0.0.1:1/> SELECT * { ?s ?p trueservice:x {} }",
    # `http://a:SERVICE` is not an IRI, so the name ends before.
    "PREFIX ex: <http://a:> SELECT * { ?s ?p ex:SERVICE <http://127.0.0.1:1/> {} }",
]

HARMLESS = [
    f"SELECT * {{ ?s ?p ?o }} # {CALL}",
    f'SELECT * {{ ?s ?p "{CALL}" }}',
    f"SELECT * {{ ?s ?p '{CALL}'@en }}",
    f'SELECT * {{ ?s ?p """ "{CALL}" \n""" }}',
    f"SELECT * {{ ?s <http://h/#x'> ?o }} # {CALL}",
    f'SELECT * {{ ?s ?p "\\"{CALL}\\t" }}',
    "SELECT ?service WHERE { ?service ?p ?o OPTIONAL { ?o ?p ?service } }",
    "SELECT ?service ?p { ?service ?p ?o }",
    "PREFIX service: <http://127.0.0.1:1/> SELECT * { ?s service:x ?o . { ?a ?b ?c } }",
    "PREFIX e: <http://127.0.0.1:1/> SELECT * { GRAPH e:Foreign-Service { ?s e:service ?o } }",
    "SELECT * { ?s <http://h/service> ?o . { ?a ?b ?c } }",
    "SELECT * { ?s ?p ?o FILTER(?o < 5 && ?o > 1) }",
]


def parses(query: str) -> bool:
    """Say whether the engine takes the text for a query."""
    try:
        Store().query(query)
    except SyntaxError:
        return False
    except OSError:  # Nobody listens where the queries of these tests call.
        return True
    return True


def calls(query: str) -> bool:
    """Say whether a SERVICE of the query is one to the engine: misspelt, nothing parses."""
    return parses(query) and not all(
        parses(f"{query[: found.start()]}SERVIKE{query[found.end() :]}")
        for found in re.finditer("service", query, re.IGNORECASE)
    )


@pytest.mark.parametrize("query", CALLS + TRAPS)
def test_a_call_of_another_server_is_refused(query: str) -> None:
    assert calls(query)
    with pytest.raises(ServiceForbidden):
        guard.check(query, Settings())


@pytest.mark.parametrize("query", HARMLESS)
def test_the_word_service_may_be_used(query: str) -> None:
    assert parses(query)
    assert guard.check(query, Settings()).calls_service is False


PIECES = ['"""', "'''", "'", '"', "#", ">", "<", "\\z", "x", "\n", " ", "||", "?b", "service"]
PIECES += ["\\u0041", "\\'", ")", "(", "1", "true", "ex:", ".", "?", "{", "}", "<a", ":", "·"]
junk = st.lists(st.sampled_from(PIECES), max_size=5).map("".join)
terms = st.one_of(
    junk,
    st.builds('"{}"'.format, junk),
    st.builds("'''{}'''".format, junk),
    st.builds("<{}>".format, junk),
    st.builds("ex:{}".format, junk),
    st.sampled_from(["?a", "1", "true", "ex:"]),
)
elements = st.one_of(
    st.sampled_from([CALL, "SERVICE ex:a {}", "service:x {}", "SERVICE?s{}", "servicesilent<u>{}"]),
    st.builds("?s ?p {} .".format, terms),
    st.builds("?s ex:p?{}".format, terms),
    st.builds("#{}\n".format, terms),
    st.builds("FILTER({}<{})".format, terms, terms),
    st.builds("FILTER({}<{}>{}||{})".format, terms, terms, terms, terms),
    st.builds("VALUES ?v {{{} {}}}".format, terms, terms),
    st.builds("OPTIONAL {{ ?s {} ?o }}".format, terms),
)
PROLOGUE = "PREFIX ex: <http://a:> PREFIX : <http://b/> BASE <http://z/> "


@given(st.lists(elements, min_size=1, max_size=5))
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
def test_no_call_that_the_engine_would_make_passes(parts: list[str]) -> None:
    query = f"{PROLOGUE}SELECT * {{{' '.join(parts)}}}"
    if calls(query):
        assert guard.outline(query).calls_service


@given(st.text())
def test_any_text_is_taken_in_whole(text: str) -> None:
    assert "".join(token.text for token in guard.tokens(text)) == text


def w3c_queries(shared: Path) -> Iterator[tuple[str, str]]:
    """Give name and text of each query of the W3C test suites that is UTF-8."""
    for file in sorted((shared / "w3c" / "sparql").rglob("*.rq")):
        yield file.name, file.read_text(encoding="utf-8")


NESTED = ["service03.rq", "service06.rq"]
"""Queries with one SERVICE in another, on which the parser of rdflib does not come to an end."""


def has_service(name: str, query: str) -> bool:
    """Say whether the query has a SERVICE clause, according to the parser of rdflib.

    A query without the letters is not parsed: no parser could find the word in it.
    """
    if name in NESTED or "service" not in query.lower():
        return name in NESTED
    return "ServiceGraphPattern" in str(parseQuery(query))


def test_guard_agrees_with_another_parser_on_the_w3c_queries(shared: Path) -> None:
    disagreements = [
        name
        for name, query in w3c_queries(shared)
        if guard.outline(query).calls_service != has_service(name, query)
    ]
    assert disagreements == []


def test_w3c_queries_are_within_the_limits(shared: Path) -> None:
    refused = []
    for name, query in w3c_queries(shared):
        try:
            guard.check(query, Settings())
        except QueryTooComplex:
            refused.append(name)
        except ServiceForbidden:
            assert has_service(name, query)
    assert refused == []


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        (
            "ASK {FILTER(" + "(" * 63 + "1" + ")" * 63 + ")}",
            "The query has 65 levels of brackets; 64 are allowed.",
        ),
        (
            "ASK {" + "?s ?p ?o." * 301 + "}",
            "The query has 301 triple patterns and list items; 300 are allowed.",
        ),
        (
            "ASK {?s " + "/".join(["<p>"] * 102) + " ?o}",
            "The query has 101 operators; 100 are allowed.",
        ),
        ("ASK {FILTER(1" + "||1" * 101 + ")}", "The query has 101 operators; 100 are allowed."),
        ("ASK {} #" + "é" * 32_765, "The query has 65538 bytes of text; 65536 are allowed."),
    ],
)
def test_a_query_that_is_too_large_to_plan_is_refused(query: str, detail: str) -> None:
    with pytest.raises(QueryTooComplex) as refusal:
        guard.check(query, Settings())
    assert refusal.value.detail == detail


def test_brackets_in_strings_do_not_count() -> None:
    query = 'ASK { ?s ?p "((((....////" } # ((((((....////'
    assert guard.outline(query) == guard.Outline(
        verb="ask",
        names_graphs=False,
        changes=False,
        calls_service=False,
        depth=1,
        separators=0,
        operators=0,
    )


@pytest.mark.parametrize(
    "query",
    ["INSERT DATA {}", "PREFIX select: <u> DELETE WHERE {?s ?p ?o}", "load <http://127.0.0.1:1/>"],
)
def test_an_update_is_refused(query: str) -> None:
    with pytest.raises(UpdateForbidden):
        guard.check(query, Settings())


def test_outline_tells_what_the_engine_does_not() -> None:
    outline = guard.outline("SELECT (now() AS ?t) FROM <http://h/> WHERE {?s ?p ?o. ?o ?p ?s}")
    assert outline == guard.Outline(
        verb="select",
        names_graphs=True,
        changes=True,
        calls_service=False,
        depth=2,
        separators=1,
        operators=0,
    )


@pytest.mark.parametrize(
    "piece", ['"', "'", '"""', "'''", '"\\', "'''\\", "<", "<a", "\\", "service:", "#", "{", "é"]
)
def test_long_text_is_read_once(piece: str) -> None:
    """Work that grows with the square of the text would take hours here, and be stopped."""
    outline = guard.outline(piece * (60_000 // len(piece)))
    assert not outline.changes


# Updates

IN_UPDATES = {
    "INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }": ServiceForbidden,
    "DELETE WHERE { ?s ?p ?o } ; INSERT { ?s ?p ?o } where{serviceSILENT?x{} }": ServiceForbidden,
    f'INSERT {{}} WHERE {{ FILTER(?a<?b#>"""\n) {CALL} #"""\n }}': ServiceForbidden,
    "LOAD <http://127.0.0.1:1/>": LoadForbidden,
    "CLEAR ALL ; loadSILENT<http://127.0.0.1:1/>INTO GRAPH <g>": LoadForbidden,
    "PREFIX x: <http://127.0.0.1:1/> LOADx:": LoadForbidden,
}
"""Updates that would call another server, and what is said of them where only the guard is."""


@pytest.mark.parametrize("update", IN_UPDATES)
def test_update_that_calls_another_server_is_refused(update: str) -> None:
    with pytest.raises(IN_UPDATES[update]):
        guard.check_update(update, is_sealed=False)


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <urn:a#b> <urn:p> 'The Foreign Service \\u00e9, to load' }",
        "INSERT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(?o = 'SERVICE <x> {}') }",
        "# LOAD <x>\nCLEAR ALL",
    ],
)
def test_update_with_the_words_only_is_made(update: str) -> None:
    guard.check_update(update, is_sealed=True)


def test_load_is_left_to_a_process_that_is_sealed() -> None:
    """There it fails as it should: with an error, or silently."""
    guard.check_update("LOAD SILENT <http://127.0.0.1:1/>", is_sealed=True)
