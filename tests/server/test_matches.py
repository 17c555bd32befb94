"""Words are searched for inside SPARQL as if each match were a triple, or refused out loud."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QueryBoolean, QueryTriples, Store

from cablegraph import main
from ontology.names import DATA, TERMS
from server.errors import AppError, QuerySyntax
from server.jobs import Job, Term
from server.matches import TooManyMatches, expand
from server.patterns import UnusableMatch
from server.settings import Settings
from tests.conftest import SHARED
from tests.server.side_fixture import Built

CG = f"PREFIX cg: <{TERMS}> "
TELEGRAM = "document/frus1945Malta/d256"
OFFER = "fact/frus1945Malta/d256/18310a3a"

FOUND = {'"red"': ["a", "b", "c"], '"blue"': ["b", "c", "d"], '"green"': [], '"dark" "red"': ["a"]}
"""What the searches of these tests find, by the expression: paths of things."""


def search(expression: str, limit: int) -> list[str]:
    """Search among four things."""
    return FOUND[expression][:limit]


def expanded(query: str, base: str | None = DATA, **terms: Term) -> str:
    """Give a query with what is found in it."""
    return expand(Job(query, base=base, substitutions=terms), search, 10).query


# The meaning


def thing(name: str) -> NamedNode:
    return NamedNode(DATA + name)


def store(*, with_matches: bool) -> Store:
    """Four things and what joins them, in two graphs; if need be a triple for each match."""
    links = ["ab", "bc", "cd", "da", "ac", "bb"]
    quads = [
        Quad(thing(link[0]), thing("to"), thing(link[1]), thing(f"g{link[0]}")) for link in links
    ]
    quads += [
        Quad(thing(name), thing("kind"), Literal(f"{n % 2}"), thing("g"))
        for n, name in enumerate("abcd")
    ]
    if with_matches:
        matches = NamedNode(f"{TERMS}matches")
        quads += [
            Quad(thing(path), matches, Literal(words), thing("g"))
            for words, expression in (
                ("red", '"red"'),
                ("blue", '"blue"'),
                ("dark red", '"dark" "red"'),
            )
            for path in FOUND[expression]
        ]
    made = Store()
    made.extend(quads)
    return made


PLAIN, AS_TRIPLES = store(with_matches=False), store(with_matches=True)


def rows(of: Store, query: str) -> Counter[str]:
    """Give the rows of an answer and how often each comes; their order is not told."""
    found = of.query(query, base_iri=DATA, use_default_graph_as_union=True)
    if isinstance(found, QueryBoolean):
        return Counter([str(found)])
    if isinstance(found, QueryTriples):
        return Counter(map(str, found))
    names = sorted(variable.value for variable in found.variables)
    return Counter(" ".join(f"{name}={row[name]}" for name in names) for row in found)


VARIABLES = st.sampled_from(["?x", "?y", "$z"])
WORDS = st.sampled_from(['"red"', "'blue'", '"""green"""', '"dark red"', '"red", "blue"'])
VERBS = st.sampled_from(
    ["cg:matches", f"<{TERMS}matches>", "<ontology#matches>", "other:ontology\\#matches"]
)
SPACE = st.sampled_from([" ", "\n", " # ; . } cg:matches {\n", "\t"])
MATCH = st.builds("{}{}{}".format, VERBS, SPACE, WORDS)
PAIR = MATCH | st.sampled_from(
    ["<to> ?y", "<to> <c>, ?x", "<kind> ?k", "^<to>/<to>* ?x", "<to> _:b"]
)
LIST = st.builds(
    lambda pairs, separator, end: separator.join(pairs) + end,
    st.lists(PAIR, min_size=1, max_size=4),
    st.sampled_from([" ; ", ";", " ;; "]),
    st.sampled_from(["", ";", " ; "]),
)
TRIPLES = st.one_of(
    st.builds("{}{}{}{}.".format, VARIABLES, SPACE, LIST, SPACE),
    st.builds("<a> {} .".format, LIST),
    st.builds("{} {} . _:b <to> ?y . ".format, VARIABLES, LIST),
    st.builds("{} <to> [ <to> ?y ; ^<to> ?x ]; {} .".format, VARIABLES, MATCH),
)


def groups(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Give all that a group can have, made of groups."""
    return st.one_of(
        inner.map("OPTIONAL {}".format),
        inner.map("MINUS {}".format),
        inner.map("FILTER EXISTS {}".format),
        inner.map("FILTER(NOT EXISTS {} || ?k < '1')".format),
        inner.map("GRAPH ?g {{ ?x <to> ?y }} {}".format),
        st.builds("{} UNION {}".format, inner, inner),
        inner.map("{{ SELECT DISTINCT ?x ?y {{ {} }} }}".format),
        inner.map("{{ SELECT ?x (COUNT(?y) AS ?n) WHERE {} GROUP BY ?x HAVING (?n > 0) }}".format),
    )


OTHER = st.sampled_from(
    [
        "FILTER(?x != <a>)",
        "FILTER(STR(?y) = 'cg:matches')",
        "VALUES ?x { <a> <b> } .",
        "VALUES () {()}",
    ]
)
GROUP = st.recursive(
    st.lists(TRIPLES | OTHER, max_size=4).map(lambda parts: f"{{{' '.join(parts)}}}"),
    lambda inner: st.lists(TRIPLES | OTHER | groups(inner), min_size=1, max_size=3).map(
        lambda parts: f"{{ {' '.join(parts)} }}"
    ),
    max_leaves=4,
)
HEADS = st.sampled_from(
    ["SELECT * ", "SELECT ?x WHERE", "CONSTRUCT { ?x cg:matches ?y } WHERE ", "ASK "]
)
PROLOGUE = f"PREFIX cg: <ontology#>\n# PREFIX cg: <x>\nprefix other:<{DATA}>"


@given(head=HEADS, group=GROUP)
@settings(max_examples=400, suppress_health_check=list(HealthCheck))
def test_answer_is_that_to_triples_which_are_not_there(head: str, group: str) -> None:
    query = f"{PROLOGUE} {head}{group}"
    try:
        expected = rows(AS_TRIPLES, query)
    except SyntaxError:  # A blank node in two groups.
        return
    assert rows(PLAIN, expanded(query)) == expected


# The text


SUBQUERY = "{ SELECT ?d { VALUES ?d { <https://w3id.org/cablegraph/a> } } }"


@pytest.mark.parametrize(
    ("pattern", "rewritten"),
    [
        ('?d cg:matches "dark red"', f"{SUBQUERY}"),
        ('?d cg:matches "dark red" . ?d a ?c', f"{SUBQUERY} ?d a ?c"),
        ('?d a ?c ; cg:matches "dark red"', f"{SUBQUERY} ?d a ?c ;"),
        ('?d a ?c ; cg:matches "dark red" ; a ?e', f"{SUBQUERY} ?d a ?c ; ; a ?e"),
        ('?d cg:matches "dark red" ; a ?c', f"{SUBQUERY} ?d a ?c"),
        ('?d cg:matches "dark red", "dark red"', f"{SUBQUERY} {SUBQUERY}"),
        ('?s ?p ?o . ?d cg:matches "dark red"', f"{SUBQUERY} ?s ?p ?o ."),
        ('OPTIONAL {} ?d cg:matches "dark red"', f"OPTIONAL {{}} {SUBQUERY}"),
        ('FILTER(1<2) ?d cg:matches "dark red"', f"{SUBQUERY} FILTER(1<2)"),
        ('?d cg:matches "dark red".cg:x ?p ?o', f"{SUBQUERY} cg:x ?p ?o"),
        ('<a> cg:matches "dark red"', "{}"),
        ('<a> cg:matches "dark red" . ?s ?p ?o', "{} ?s ?p ?o"),
        ('<b> cg:matches "dark red"', "VALUES () {  }"),
        ('?d cg:matches "green"', "{ SELECT ?d { VALUES ?d {  } } }"),
    ],
)
def test_pattern_gives_way_to_what_is_found(pattern: str, rewritten: str) -> None:
    text = expanded(f"{CG}SELECT * {{{pattern}}}")
    assert "".join(text.split()) == "".join(f"{CG}SELECT * {{{rewritten}}}".split())


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p ?o }",
        f'{CG}SELECT * {{ ?s ?p "cg:matches" }} # ?d cg:matches "red"',
        f"{CG}DESCRIBE cg:matches",
        f"{CG}SELECT * {{ cg:matches ?p ?o . ?s ?p cg:matches . VALUES ?v {{ cg:matches }} }}",
        f"{CG}SELECT * {{ ?s ?p ?o FILTER(?p = cg:matches) }}",
        f'{CG}CONSTRUCT {{ ?s cg:matches "red" }} WHERE {{ ?s ?p ?o }}',
        'PREFIX cg: <http://example.org/> SELECT * { ?d cg:matches "red" }',
        'SELECT * { ?d <ontology#Matches> "red" }',
    ],
)
def test_query_without_a_pattern_stays_as_it_is(query: str) -> None:
    job = Job(query, base=DATA)
    assert expand(job, search, 10) is job


def test_words_may_be_the_value_of_a_parameter() -> None:
    query = f"{CG}SELECT $words ?d {{ ?d cg:matches $words }}"
    assert SUBQUERY in expanded(query, words=Term("dark red", "string"))


def test_number_of_matches_is_limited_for_the_query_as_a_whole() -> None:
    """Found three times, and again, which is not counted twice, and three others."""
    query = CG + 'SELECT * { ?x cg:matches "red", "red" . ?y cg:matches "blue" }'
    assert expand(Job(query), search, 6).written == query
    with pytest.raises(TooManyMatches) as error:
        expand(Job(query), search, 5)
    assert error.value.problem() == {
        "type": "/problems/too-many-matches",
        "title": "Too many matches",
        "status": 400,
        "detail": "The words of cg:matches are found in more than 5 documents and facts.",
        "hint": "Give more words, or words in double quotes, which must follow each other.",
        "limit": 5,
    }


# What is refused


@pytest.mark.parametrize(
    ("group", "column", "problem"),
    [
        ("?d cg:matches ?words", 15, "what cg:matches searches for must be words in quotes"),
        ("?d cg:matches 'red'@en", 15, "what cg:matches searches for must be words in quotes"),
        ("?d cg:matches 'red'^^cg:x", 15, "what cg:matches searches for must be words in quotes"),
        ("?d cg:matches [ ?p 'red' ]", 15, "what cg:matches searches for must be words in quotes"),
        ("?d cg:matches 'red', ?w", 22, "what cg:matches searches for must be words in quotes"),
        ("?d cg:matches '...'", 15, "There are no words to search for."),
        ("?d cg:partOf/cg:matches 'red'", 14, "no search can be part of a path."),
        ("?d ^cg:matches 'red'", 5, "no search can be part of a path."),
        ("?d (cg:x|cg:matches)* 'red'", 10, "no search can be part of a path."),
        ("?d !cg:matches 'red'", 5, "no search can be part of a path."),
        ("[] cg:matches 'red'", 1, "the subject of cg:matches has no name."),
        ("?f cg:statedIn [ cg:matches 'red' ]", 16, "the subject of cg:matches has no name."),
        ("_:d cg:matches 'red'", 1, "the subject of cg:matches has no name."),
        ("?d cg:matches 'red' FILTER(?a <?b#>'1')", 31, "this can be read in two ways."),
        ("?d cg:matches 'r\\u0065d'", 15, "this can be read in two ways."),
    ],
)
def test_what_cannot_be_searched_for_is_refused(group: str, column: int, problem: str) -> None:
    with pytest.raises(UnusableMatch) as error:
        expanded(f"{CG}SELECT * {{\n{group}\n}}")
    assert error.value.detail.startswith(f"Line 2, column {column}: {problem}")
    assert (error.value.more, bool(error.value.hint)) == ({"line": 2, "column": column}, True)


def test_template_that_is_the_pattern_too_is_refused() -> None:
    with pytest.raises(UnusableMatch, match="no search can be part of a template"):
        expanded(f"{CG}CONSTRUCT WHERE {{ ?d cg:matches 'red' }}")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?d cg:matches 'red' ",
        "SELECT * { ?d cg:matches 'red' } }",
        "SELECT * { ?d cg:matches 'red }",
        "SELECT * { ?d cg:matches }",
        "SELECT * { ?d cg:matches 'red' ?e a ?c }",
        "SELECT * { cg:matches 'red' }",
        "SELECT * { ?d cg:matches 'red' . << ?s ?p ?o >> ?q ?r }",
        "SELECT * { ?d cg:matches 'red' . ?s trueOPTIONAL {} }",
    ],
)
def test_query_that_cannot_be_read_is_refused(query: str) -> None:
    with pytest.raises(QuerySyntax, match=r"^Line 1, column \d+: unexpected "):
        expanded(CG + query)


PIECES = ["cg:matches", "'red'", "?d", ";", ".", ",", "{", "}", "[", "]", "(", ")", "a", "OPTIONAL"]
PIECES += [
    "UNION",
    "FILTER",
    "VALUES",
    "SELECT",
    "<u:x>",
    "/",
    "^",
    "_:b",
    "BIND",
    "AS",
    "#\n",
    "@en",
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join))
@settings(max_examples=1000)
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    """What the engine takes for SPARQL and is not refused, it takes for SPARQL again."""
    query = f"{CG}SELECT * {{ {text} }}"
    try:
        rewritten = expanded(query)
    except AppError:
        return
    if parses(query):
        assert parses(rewritten)


def parses(query: str) -> bool:
    """Say whether the engine takes a text for SPARQL."""
    try:
        Store().query(query)
    except SyntaxError:
        return False
    except (OSError, RuntimeError):  # It cannot be evaluated, but is SPARQL.
        return True
    return True


UNREADABLE = {
    "1val1STRING_LITERAL1_with_UTF8_boundaries_escaped.rq",
    "syn-codepoint-escape-01.rq",
}
"""Queries of the W3C with numbers for characters in strings, which are refused."""


def test_every_query_of_the_w3c_can_be_read() -> None:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is missing; CABLEGRAPH_SHARED names it")
    refused = set()
    for file in sorted((SHARED / "w3c" / "sparql").rglob("*.rq")):
        query = f"PREFIX matches: <{TERMS}matches>\n{file.read_text(encoding='utf-8')}"
        try:
            if parses(query):
                expand(Job(query), search, 10)
        except (QuerySyntax, UnusableMatch):
            refused.add(file.name)
    assert refused == UNREADABLE


# The service


def ask(api: httpx.Client, group: str, **parameters: str) -> httpx.Response:
    """Ask for all rows, as CSV."""
    query = f"{CG}SELECT * {{ {group} }} ORDER BY ?d"
    return api.get("/sparql", params={"query": query, **parameters}, headers={"Accept": "text/csv"})


def found(answer: httpx.Response) -> list[str]:
    """Give the paths of the things in an answer of one column."""
    assert answer.status_code == 200, answer.text
    return [row.removeprefix(DATA) for row in answer.text.split()[1:]]


@pytest.mark.parametrize(
    ("group", "things"),
    [
        ('?d cg:matches "Petropavlovsk base"', [TELEGRAM, OFFER]),
        ('?d a cg:Telegram ; cg:matches "Petropavlovsk base"', [TELEGRAM]),
        ('?d a cg:Offer ; cg:matches "petropav*"', [OFFER]),
        ("?d cg:matches '\"as a base\"'", [TELEGRAM, OFFER]),
        ("?d cg:matches '\"base a as\"'", []),
        ('?d cg:matches "vladivostok"', []),
        (f'<{TELEGRAM}> cg:matches "petropavlovsk" . BIND(<{TELEGRAM}> AS ?d)', [TELEGRAM]),
        (f'<{TELEGRAM}> cg:matches "vladivostok" . BIND(<{TELEGRAM}> AS ?d)', []),
    ],
)
def test_words_find_documents_and_facts(api: httpx.Client, group: str, things: list[str]) -> None:
    assert found(ask(api, group)) == things


def test_named_query_takes_words(api: httpx.Client) -> None:
    answer = api.get("/api/queries/telegrams-with-words", params={"words": '"as a base"'}).json()
    assert [row["document"] for row in answer["items"]] == [DATA + TELEGRAM]


def test_answer_with_matches_is_known_by_its_tag(api: httpx.Client) -> None:
    """It is not searched for again: what is found depends on the version alone."""
    query = {"query": f'{CG}SELECT * {{ ?d cg:matches "base" }}'}
    tag = api.get("/sparql", params=query).headers["etag"]
    again = api.get("/sparql", params=query, headers={"If-None-Match": tag})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("group", "slug", "detail"),
    [
        ("?d cg:matches ?w", "unusable-match", "Line 1, column 77: what cg:matches searches for"),
        ('?d cg:matches "base" . ?d a', "query-syntax", 'Line 1, column 91: unexpected "}".'),
        (
            '?d cg:matches "base" FILTER(?d === 1)',
            "query-syntax",
            'Line 1, column 95: unexpected "==".',
        ),
        (
            '?d cg:matches "base" BIND(1 AS ?d)',
            "query-syntax",
            'Line 1, column 98: unexpected "}".',
        ),
    ],
)
def test_problem_is_told_of_what_was_written(
    api: httpx.Client, group: str, slug: str, detail: str
) -> None:
    problem = ask(api, group).json()
    assert (problem["type"], problem["status"]) == (f"/problems/{slug}", 400)
    assert problem["detail"].startswith(detail)


def test_page_shows_what_is_found_and_what_is_refused(api: httpx.Client) -> None:
    accept = {"Accept": "text/html"}
    pages = [
        api.get(
            "/sparql", params={"query": f"{CG}SELECT * {{ ?d cg:matches {words} }}"}, headers=accept
        )
        for words in ('"petropavlovsk"', "?words")
    ]
    assert [page.status_code for page in pages] == [200, 400]
    assert OFFER in pages[0].text
    assert "must be words in quotes" in pages[1].text


def test_too_many_matches_are_a_problem(built: Built, serve: Callable[[Settings], Any]) -> None:
    root = built.data_set.folder.parents[1]
    service = serve(Settings(store=root, port=0, workers=1, query_matches=3))
    problem = ask(service.client, '?d cg:matches "his"').json()
    assert (problem["type"], problem["limit"]) == ("/problems/too-many-matches", 3)


def test_command_searches_as_the_service_does(built: Built) -> None:
    store = str(built.data_set.folder.parents[1])
    query = f'{CG}SELECT ?d {{ ?d a cg:Offer ; cg:matches "base" }}'
    words = ("query", "-", "--store", store, "--format", "csv")
    assert CliRunner().invoke(main, words, input=query).stdout.split() == ["d", DATA + OFFER]
    refused = CliRunner().invoke(main, words, input=query.replace('"base"', "?words"))
    assert "what cg:matches searches for must be words in quotes" in refused.stderr


def test_guard_is_asked_before_the_search(api: httpx.Client) -> None:
    answer = ask(api, '?d cg:matches "base" SERVICE <http://127.0.0.1:1/> { ?s ?p ?o }')
    assert answer.json()["type"] == "/problems/service-forbidden"
