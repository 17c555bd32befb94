"""The ontology as a page to read, made by pyLODE: every term with what is said of it.

pyLODE lists classes and properties, and says little more of them than RDFS does. It is given
what else we say: concepts, links to other vocabularies, and notes in which `cg:actor` is a
link. A term stands under its own name, so that its IRI, opened in a browser, leads to it. The
page loads nothing, so pyLODE's script, icons and style sheet are left out.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from dominate import document, tags, util  # type: ignore[import-untyped]
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, SDO, SKOS, VANN
from rdflib.term import Node

from ontology.names import TERMS

# When it is imported, pyLODE sends the log of the whole program to stderr at its fullest, unless
# somebody listens already.
logging.root.addHandler(_listener := logging.NullHandler())
from pylode import (  # type: ignore[import-untyped]  # noqa: E402
    ONT_PROPS,
    ONTDOC,
    OntPub,
    make_title_from_iri,
    section_html,
)

logging.root.removeHandler(_listener)

if TYPE_CHECKING:
    from ontology import Rule

_SECTIONS: Final = (
    ("classes", "Classes", OWL.Class),
    ("relations", "Relations between things", OWL.ObjectProperty),
    ("values", "Values of things", OWL.DatatypeProperty),
    ("concepts", "Schemes and their concepts", OWL.NamedIndividual),
)

_SAID: Final = {
    DCTERMS.title: "Title",
    DCTERMS.description: "Description",
    SKOS.scopeNote: "Note",
    SKOS.changeNote: "Reason",
    SKOS.example: "Example",
    DCTERMS.source: "Source",
    RDFS.subClassOf: "Kind of",
    RDFS.subPropertyOf: "Part of",
    RDFS.domain: "Said of",
    SDO.domainIncludes: "Said of, among others",
    RDFS.range: "Value",
    SDO.rangeIncludes: "Value, among others",
    SKOS.inScheme: "Scheme",
    SKOS.closeMatch: "Close to",
    SKOS.broadMatch: "Narrower than",
    SKOS.narrowMatch: "Wider than",
    SKOS.relatedMatch: "Compare",
    ONTDOC.superClassOf: "Kinds",
    ONTDOC.inDomainOf: "Has",
    ONTDOC.inDomainIncludesOf: "Can have",
    ONTDOC.inRangeOf: "Value of",
    ONTDOC.inRangeIncludesOf: "Can be value of",
    OWL.inverseOf: "Inverse",
    OWL.disjointWith: "Never also",
    SKOS.hasTopConcept: "Concepts",
    SKOS.note: "As a relation",
    OWL.propertyChainAxiom: "Follows from",
}

_BACKWARDS: Final = (
    (OWL.inverseOf, OWL.inverseOf),
    (OWL.disjointWith, OWL.disjointWith),
    (SKOS.inScheme, SKOS.hasTopConcept),
)

_CHARACTERS: Final[dict[Node, str]] = {
    OWL.SymmetricProperty: "holds both ways",
    OWL.AsymmetricProperty: "never holds both ways",
    OWL.TransitiveProperty: "carries on from one to the next",
    OWL.IrreflexiveProperty: "never relates a thing to itself",
}


def page(graph: Graph, ontology: URIRef, names: Sequence[str], rules: Sequence[Rule]) -> str:
    """Return the HTML page of an ontology; `names` gives its terms in their order."""
    shown = Graph(namespace_manager=graph.namespace_manager)
    shown += graph.triples((ontology, None, None))
    # In Markdown, since pyLODE would make a link of it.
    shown.set((ontology, VANN.preferredNamespaceUri, Literal(f"`{TERMS}`")))
    shown += graph.triples((None, RDFS.label, None))
    for name in names:
        shown += _statements(graph, URIRef(TERMS + name))
    # dominate asks for the event loop of its thread, and asyncio makes one for the main thread
    # that nobody closes; in another thread there is none.
    with ThreadPoolExecutor(1) as apart:
        made: str = apart.submit(lambda: _Page(shown, ontology, names, rules).make_html()).result()
    return made


def _statements(graph: Graph, term: URIRef) -> Iterator[tuple[Node, Node, Node]]:
    """Yield what is said of a term, in the form that pyLODE shows."""
    kinds = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.NamedIndividual}
    for predicate, value in graph.predicate_objects(term):
        if predicate == OWL.propertyChainAxiom:
            steps = [f"cg:{str(step).removeprefix(TERMS)}" for step in graph.items(value)]
            yield term, predicate, _linked(" then ".join(steps))
        elif value in _CHARACTERS:
            yield term, SKOS.note, Literal(_CHARACTERS[value])
        elif predicate in (SKOS.scopeNote, SKOS.changeNote):
            yield term, predicate, _linked(str(value))
        # A scheme of concepts would be taken for the ontology.
        elif predicate != RDF.type or value in kinds:
            yield term, predicate, value
    for predicate, back in _BACKWARDS:
        yield from ((term, back, other) for other in graph.subjects(predicate, term))


def _linked(text: str) -> Literal:
    """Return a note in which each of our terms, such as `cg:actor`, is a Markdown link."""
    return Literal(re.sub(r"cg:(\w+)", r"[\g<0>](#\1)", text))


class _Page(OntPub):  # type: ignore[misc]
    def __init__(
        self, graph: Graph, ontology: URIRef, names: Sequence[str], rules: Sequence[Rule]
    ) -> None:
        # Instead of pyLODE's own, which writes files beside its code, where we may not.
        self._ontdoc_inference(graph)
        self.ont, self.back_onts, self.ns = graph, Graph(), TERMS
        self.toc: dict[str, list[tuple[str, str]]] = {}
        self.rules = rules
        self.fids = {TERMS + name: name for name in names}
        titles = {prop: make_title_from_iri(prop) for prop in ONT_PROPS} | _SAID
        self.props_labeled = {
            prop: {"title": title, "description": title, "ont_title": prop.defrag()}
            for prop, title in titles.items()
        }
        self.doc = document(title=str(graph.value(ontology, DCTERMS.title)), lang="en")
        self.doc.is_pretty = False
        self.content = self.doc.add(tags.main())

    def _make_head(self, *_: object, **__: object) -> None:
        with self.doc.head:
            tags.meta(charset="utf-8")
            tags.meta(name="viewport", content="width=device-width, initial-scale=1")
            tags.style(util.raw(_CSS))

    def _make_body(self) -> None:
        self._make_metadata()
        contents = self.content.add(tags.nav(aria_label="Terms"))
        for key, title, kind in _SECTIONS:
            self.content += section_html(
                title, self.ont, self.back_onts, self.ns, kind, [*_SAID], self.toc, key,
                self.fids, self.props_labeled,
            )  # fmt: skip
            contents += tags.p(tags.a(title, href=f"#{key}"))
            contents += tags.ul(tags.li(tags.a(label, href=link)) for link, label in self.toc[key])
        contents += tags.p(tags.a("Rules", href="#rules"))
        self._make_rules()

    def _make_rules(self) -> None:
        section = self.content.add(tags.div(tags.h2("Rules"), id="rules"))
        for rule in self.rules:
            section += tags.div(
                tags.h3(rule.title), tags.p(rule.description),
                tags.pre(tags.code(rule.text), tabindex="0"),
                id=f"rule-{rule.name}", _class="entity",
            )  # fmt: skip


_CSS: Final = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 52rem; margin: 0 auto; padding: 1rem; }
h1, h2, h3 { line-height: 1.2; text-wrap: balance; }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); }
h3 { margin: 0; }
nav ul { padding: 0; display: flex; flex-wrap: wrap; gap: .1rem 1rem; list-style: none; }
.entity { margin: 1.5rem 0; padding-left: 1rem; border-left: 3px solid var(--line); }
.entity:target { border-left-color: currentColor; }
dl div { display: grid; grid-template-columns: 10rem minmax(0, 1fr); }
dd, dd p, td p, td ul { margin: 0; }
dd, td { overflow-wrap: anywhere; }
table { width: 100%; table-layout: fixed; border-spacing: 0; }
th { width: 10rem; padding: 0; text-align: left; vertical-align: top; font-weight: normal; }
th a, dt a { color: inherit; text-decoration: none; }
td pre { margin: 0; font: inherit; font-style: italic; white-space: pre-wrap; }
td ul { padding: 0; display: flex; flex-wrap: wrap; gap: 0 .8rem; list-style: none; }
sup { margin-left: .2em; font-size: .7em; line-height: 0; }
#rules pre { overflow-x: auto; padding: .5rem 1rem; border: 1px solid var(--line); }
@media (max-width: 30rem) { dl div, tr { display: block; } th, td { display: block; width: auto; } }
"""
