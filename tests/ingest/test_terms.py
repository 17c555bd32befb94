"""Terms are written as every RDF parser reads them."""

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from pyoxigraph import Quad as ParsedQuad

from ingest.terms import Quad, edtf, english, iri, line, term, text, thing, typed


def read(quad: Quad) -> ParsedQuad:
    [found] = parse(line(quad).encode(), format=RdfFormat.N_QUADS)
    assert isinstance(found, ParsedQuad)
    return found


def test_a_quad_is_one_line_of_n_quads():
    quad = Quad(
        thing("fact/v/d1/3f9a2c11"), term("content"), english("a base"), thing("graph/v/d1")
    )
    assert line(quad) == (
        "<https://w3id.org/cablegraph/fact/v/d1/3f9a2c11> "
        "<https://w3id.org/cablegraph/ontology#content> "
        '"a base"@en <https://w3id.org/cablegraph/graph/v/d1> .'
    )


def test_literals_have_their_datatypes():
    date = "http://www.w3.org/2001/XMLSchema#date"
    assert typed("1944-10-17", "date") == f'"1944-10-17"^^<{date}>'
    assert edtf("1944-10") == '"1944-10"^^<http://id.loc.gov/datatypes/edtf/EDTF>'


@given(st.text())
def test_any_text_survives_as_a_literal(value):
    quad = Quad(thing("a"), term("content"), text(value), thing("g"))
    assert "\n" not in line(quad)
    assert read(quad).object == Literal(value)


def test_a_lone_surrogate_becomes_the_replacement_character():
    assert text("a\ud800b") == '"a\ufffdb"'


@given(st.text())
def test_any_text_gives_an_iri_that_parses_and_keeps_what_an_iri_may_hold(value):
    found = read(Quad(iri(f"https://example.org/{value}"), term("about"), thing("b"), thing("g")))
    assert isinstance(found.subject, NamedNode)
    if value.isascii() and value.isalnum():
        assert found.subject == NamedNode(f"https://example.org/{value}")
