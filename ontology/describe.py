"""The ontology as a page to read: every term with its definition, example, source and links.

The page is one HTML document that loads nothing. A term stands under its own name, so that
its IRI, opened in a browser, leads to it. pyLODE was tried and left out: its page has no
concepts, names some classes otherwise than their IRIs do, and takes a concept scheme for
the ontology.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape
from rdflib import Graph, URIRef
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, SDO, SKOS, VANN
from rdflib.term import Node

from ontology.names import TERMS

if TYPE_CHECKING:
    from ontology import Rule

Rows = list[tuple[str, list[Markup]]]


@dataclass(frozen=True, slots=True)
class Entry:
    """What the page says of one term."""

    name: str
    label: str
    definition: str
    notes: list[Markup]
    example: str
    source: str
    rows: Rows


@dataclass(frozen=True, slots=True)
class Section:
    """The terms of one kind."""

    id: str
    title: str
    entries: list[Entry]


_SECTIONS: Final = (
    ("classes", "Classes", OWL.Class),
    ("relations", "Relations between things", OWL.ObjectProperty),
    ("values", "Values of things", OWL.DatatypeProperty),
    ("concepts", "Schemes and their concepts", OWL.NamedIndividual),
)

_SAID: Final = (
    ("Kind of", RDFS.subClassOf),
    ("Part of", RDFS.subPropertyOf),
    ("Said of", RDFS.domain),
    ("Said of, among others", SDO.domainIncludes),
    ("Value", RDFS.range),
    ("Value, among others", SDO.rangeIncludes),
    ("Inverse", OWL.inverseOf),
    ("Never also", OWL.disjointWith),
    ("Scheme", SKOS.inScheme),
    ("Close to", SKOS.closeMatch),
    ("Narrower than", SKOS.broadMatch),
    ("Wider than", SKOS.narrowMatch),
    ("Compare", SKOS.relatedMatch),
)

_SAID_OF_IT: Final = (
    ("Kinds", RDFS.subClassOf),
    ("Has", RDFS.domain),
    ("Can have", SDO.domainIncludes),
    ("Value of", RDFS.range),
    ("Can be value of", SDO.rangeIncludes),
    ("Inverse", OWL.inverseOf),
    ("Never also", OWL.disjointWith),
    ("Concepts", SKOS.inScheme),
)

_CHARACTERS: Final = {
    OWL.SymmetricProperty: "holds both ways",
    OWL.AsymmetricProperty: "never holds both ways",
    OWL.TransitiveProperty: "carries on from one to the next",
    OWL.IrreflexiveProperty: "never relates a thing to itself",
}


def page(graph: Graph, ontology: URIRef, names: Sequence[str], rules: Sequence[Rule]) -> str:
    """Return the HTML page of an ontology; `names` gives its terms in their order."""
    made = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = made.from_string(files("ontology").joinpath("page.html").read_text("utf-8"))
    return template.render(
        title=_said(graph, ontology, DCTERMS.title),
        description=_said(graph, ontology, DCTERMS.description),
        prefix=_said(graph, ontology, VANN.preferredNamespacePrefix),
        about=_about(graph, ontology),
        sections=[
            Section(key, title, _entries(graph, names, kind)) for key, title, kind in _SECTIONS
        ],
        rules=rules,
    )


def _said(graph: Graph, subject: Node, predicate: URIRef) -> str:
    return str(graph.value(subject, predicate, any=False))


def _about(graph: Graph, ontology: URIRef) -> Rows:
    return [
        ("IRI", [_code(ontology)]),
        ("Terms begin with", [_code(TERMS)]),
        ("Version", [escape(_said(graph, ontology, OWL.versionInfo))]),
        ("By", [escape(_said(graph, ontology, DCTERMS.creator))]),
        ("Licence", [_link(graph, graph.value(ontology, DCTERMS.license))]),
    ]


def _entries(graph: Graph, names: Iterable[str], kind: URIRef) -> list[Entry]:
    terms = (URIRef(TERMS + name) for name in names)
    return [_entry(graph, term) for term in terms if (term, RDF.type, kind) in graph]


def _entry(graph: Graph, term: URIRef) -> Entry:
    notes = (*graph.objects(term, SKOS.scopeNote), *graph.objects(term, SKOS.changeNote))
    return Entry(
        name=term.removeprefix(TERMS),
        label=_said(graph, term, RDFS.label),
        definition=_said(graph, term, SKOS.definition),
        notes=[_linked(str(note)) for note in notes],
        example=_said(graph, term, SKOS.example),
        source=_said(graph, term, DCTERMS.source),
        rows=list(_rows(graph, term)),
    )


def _rows(graph: Graph, term: URIRef) -> Iterator[tuple[str, list[Markup]]]:
    """Yield what is said of a term, and in which statements about others it stands."""
    for name, predicate in _SAID:
        yield from _row(graph, name, graph.objects(term, predicate))
    for name, predicate in _SAID_OF_IT:
        yield from _row(graph, name, graph.subjects(predicate, term))
    kinds = set(graph.objects(term, RDF.type))
    characters = [escape(words) for kind, words in _CHARACTERS.items() if kind in kinds]
    if characters:
        yield "As a relation", characters
    for chain in graph.objects(term, OWL.propertyChainAxiom):
        yield "Follows from", [Markup(" then ").join(_link(graph, p) for p in graph.items(chain))]


def _row(graph: Graph, name: str, nodes: Iterable[Node]) -> Iterator[tuple[str, list[Markup]]]:
    named = sorted({node for node in nodes if isinstance(node, URIRef)})
    if named:
        yield name, [_link(graph, node) for node in named]


def _link(graph: Graph, node: Node | None) -> Markup:
    """Return a link to a term: within the page to ours, by a short name to one of others."""
    address = str(node)
    if address.startswith(TERMS):
        label = graph.value(URIRef(address), RDFS.label)
        return Markup('<a href="#{}">{}</a>').format(address.removeprefix(TERMS), label)
    known = graph.value(node, RDFS.label)
    words = str(known or graph.namespace_manager.normalizeUri(address)).strip("<>")
    return Markup('<a href="{}">{}</a>').format(address, words)


def _linked(text: str) -> Markup:
    """Return a note in which each of our terms, such as `cg:actor`, is a link."""
    return Markup(re.sub(r"cg:(\w+)", r'<a href="#\1">\g<0></a>', str(escape(text))))


def _code(text: str) -> Markup:
    return Markup("<code>{}</code>").format(text)
