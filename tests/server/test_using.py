"""An update that is put to graphs by its request does what it does with USING in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from server.errors import BadRequest
from server.using import put_to

A, B, C = "http://h/a", "http://h/b", "http://h/c"
DATA = f"""
    <urn:in> <urn:is> 'nowhere' .
    GRAPH <{A}> {{ <urn:in> <urn:is> 'a' }} GRAPH <{B}> {{ <urn:in> <urn:is> 'b' }}
    GRAPH <{C}> {{ <urn:in> <urn:is> 'c' }}
"""


def after(update: str) -> set[Quad]:
    """Give what is there after an update."""
    store = Store()
    store.update(f"INSERT DATA {{ {DATA} }}")
    store.update(update)
    return set(store)


UPDATES = {
    "INSERT { <urn:o> ?p ?o } WHERE { ?s ?p ?o }": (
        "INSERT {{ <urn:o> ?p ?o }} {} WHERE {{ ?s ?p ?o }}"
    ),
    "delete{?s ?p ?o}insert{<urn:o> ?p ?o}where{?s ?p ?o}": (
        "DELETE {{ ?s ?p ?o }} INSERT {{ <urn:o> ?p ?o }} {} WHERE {{ ?s ?p ?o }}"
    ),
    "DELETE WHERE # { }\n { ?s ?p ?o . GRAPH ?g { ?s ?p ?x } }": (
        "DELETE {{ ?s ?p ?o . GRAPH ?g {{ ?s ?p ?x }} }} {} "
        "WHERE {{ ?s ?p ?o . GRAPH ?g {{ ?s ?p ?x }} }}"
    ),
    "INSERT { <urn:o> ?p ?g } WHERE { GRAPH ?g { ?s ?p '}WHERE{' } }": (
        "INSERT {{ <urn:o> ?p ?g }} {} WHERE {{ GRAPH ?g {{ ?s ?p '}}WHERE{{' }} }}"
    ),
    "PREFIX where: <urn:> CLEAR GRAPH <http://h/c> ; INSERT { GRAPH where:n { ?s ?p ?g } } "
    "WHERE { GRAPH ?g { ?s ?p ?o FILTER EXISTS { ?s ?where ?o } } }": (
        "CLEAR GRAPH <http://h/c> ; INSERT {{ GRAPH <urn:n> {{ ?s ?p ?g }} }} {} "
        "WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    ),
    "ADD <http://h/a> TO GRAPH <http://h/b> ; INSERT DATA { <urn:x> <urn:where> 'WHERE' }": (
        "ADD <http://h/a> TO GRAPH <http://h/b> ; "
        "INSERT DATA {{ <urn:x> <urn:where> 'WHERE' }} # {}"
    ),
}


@pytest.mark.parametrize(
    ("graphs", "named"), [((A,), ()), ((A, B), ()), ((), (B,)), ((A,), (B, C))], ids=str
)
@pytest.mark.parametrize("update", UPDATES)
def test_request_is_the_same_as_using(
    update: str, graphs: tuple[str, ...], named: tuple[str, ...]
) -> None:
    clauses = [*(f"USING <{iri}>" for iri in graphs), *(f"USING NAMED <{iri}>" for iri in named)]
    by_hand = UPDATES[update].format(" ".join(clauses))
    assert after(put_to(update, graphs, named)) == after(by_hand)


def test_without_graphs_an_update_stays_as_it_is() -> None:
    assert put_to("DELETEWHERE{?s ?p ?o}", (), ()) == "DELETEWHERE{?s ?p ?o}"


@pytest.mark.parametrize(
    "update",
    [
        f"INSERT {{ ?s ?p ?o }} USING <{A}> WHERE {{ ?s ?p ?o }}",
        f"WITH <{A}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}",
        f"CLEAR ALL ; INSERT {{ ?s ?p ?o }}using named<{A}>WHERE {{ ?s ?p ?o }}",
    ],
)
def test_update_that_names_graphs_itself_is_refused(update: str) -> None:
    with pytest.raises(BadRequest, match="and the request names graphs as well"):
        put_to(update, (B,), ())


GLUED = [
    "DELETEWHERE { ?s ?p ?o }",
    "PREFIX x: <http://h/> WITHx:a DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    f"INSERT {{ ?s ?p ?o }} USINGNAMED<{A}> WHERE {{ ?s ?p ?o }}",
    "PREFIX x: <http://h/> INSERT { ?s ?p ?o } USINGx:a WHERE { ?s ?p ?o }",
    "INSERT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(?a<?b#>\n) }",
]


@pytest.mark.parametrize("update", GLUED)
def test_update_that_could_be_misread_is_refused(update: str) -> None:
    with pytest.raises(BadRequest, match="Write USING and USING NAMED in the update itself"):
        put_to(update, (B,), ())


PIECES = (
    "DELETE INSERT WHERE DATA USING NAMED WITH CLEAR DROP GRAPH ALL DEFAULT ; { } "
    "?s ?p ?o <http://h/a> x:a <urn:p> '}' \"WHERE\" # \n FILTER ( ) . PREFIX x: <http://h/>"
).split(" ")


@given(st.lists(st.sampled_from(PIECES), max_size=14), st.sampled_from([" ", ""]))
def test_whatever_is_sent_nothing_outside_of_the_graphs_is_read(words: list[str], gap: str) -> None:
    """Graphs that are empty: no pattern finds anything, so no update copies or removes it so."""
    update = gap.join(["INSERT { <urn:found> ?p ?o } WHERE { ?s ?p ?o } ;", *words])
    store = Store()
    store.update("INSERT DATA { <urn:in> <urn:is> 'nowhere' }")
    try:
        store.update(put_to(update, ("urn:empty",), ()))
    except (BadRequest, SyntaxError, RuntimeError):
        return
    found = store.quads_for_pattern(NamedNode("urn:found"), None, None, DefaultGraph())
    assert list(found) == []
