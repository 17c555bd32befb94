"""Tell a program that writes SPARQL what there is to ask, and why it may have found nothing.

All that is said of a term comes from the ontology; how often it is used, from the description of
the data set (VoID); the examples, from the data themselves. Only what is special to asking this
service is written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from rdflib import OWL, RDF, RDFS, Graph, URIRef
from rdflib.namespace import SKOS, Namespace

import ontology
from ontology.names import DATA, TERMS
from server import guard
from server.answers import TermAnswer, TermsAnswer
from server.formats import PREFIXES
from server.rows import Cell, short, short_iri, shortened
from server.side import TYPES, Side

SDO = Namespace("https://schema.org/")
MATCHES = "cg:matches"
"""No triple has it, and yet it can be asked for."""

VOID = "http://rdfs.org/ns/void#"

PITFALLS = (
    "Declare each prefix that you use; nothing is declared for you.",
    "A relative IRI is one of ours: <person/stalin-joseph>. Do not guess: search_entities finds"
    " it by name.",
    'Labels and contents have a language: ?s rdfs:label "Moscow" finds nothing, "Moscow"@en does.',
    "cg:date and cg:dateSent keep the precision of their source (EDTF, also 1944-10 or 1944). To"
    ' compare, take cg:earliest and cg:latest: FILTER(?day >= "1944-10-01"^^xsd:date).',
    'To look for words write ?x cg:matches "words to find": it finds documents and facts with all'
    " of them. A FILTER with CONTAINS or REGEX reads everything and is slow.",
    "The words that support a fact: ?fact cg:evidence/oa:hasSelector/oa:exact ?quote.",
    "What follows from the ontology is in the data: wider classes, inverses, cg:actingState.",
    "The default graph is the union of all graphs. What stands in several of them is one"
    " solution; GRAPH ?g { … } gives one for each.",
    "Patterns without a common variable multiply, and are stopped at the deadline.",
    "SERVICE and updates are refused.",
)

# In the order of what they leave out: blank nodes and other sites, the terms, their alignments.
_IN_DATA = (
    f'STRSTARTS(STR(?s), "{DATA}") && !STRSTARTS(STR(?s), "{DATA}ontology")'
    f' && !STRSTARTS(STR(?s), "{DATA}alignments")'
)
_TERM = re.compile(r"cg:(\w+)")
_OWN = re.compile(rf"<(?:{re.escape(DATA)})?((?:{'|'.join(TYPES)})/[^>\s]+)>")


@dataclass(frozen=True, slots=True)
class Known:
    """A term of the ontology; what has no value is empty."""

    kind: str
    label: str
    definition: str
    note: str
    above: str
    domain: str
    range: str


@cache
def vocabulary() -> Mapping[str, Known]:
    """Give the terms of the ontology by their names (`cg:actor`), in its order."""
    graph = ontology.ontology()
    return {short_iri(str(term)): _known(graph, term) for term in ontology.terms()}


def _known(graph: Graph, term: URIRef) -> Known:
    return Known(
        kind=_kind(graph, term),
        label=str(graph.value(term, RDFS.label) or ""),
        definition=str(graph.value(term, SKOS.definition) or ""),
        note=str(graph.value(term, SKOS.scopeNote) or ""),
        above=_names(graph, term, RDFS.subClassOf, RDFS.subPropertyOf),
        domain=_names(graph, term, RDFS.domain, SDO.domainIncludes),
        range=_names(graph, term, RDFS.range, SDO.rangeIncludes),
    )


def _kind(graph: Graph, term: URIRef) -> str:
    types = set(graph.objects(term, RDF.type))
    if OWL.Class in types:
        return "class"
    if types & {OWL.ObjectProperty, OWL.DatatypeProperty}:
        return "property"
    return next((short_iri(str(each)) for each in types if str(each).startswith(TERMS)), "")


def _names(graph: Graph, term: URIRef, *predicates: URIRef) -> str:
    found = [each for predicate in predicates for each in graph.objects(term, predicate)]
    return " or ".join(sorted(short_iri(str(each)) for each in found if isinstance(each, URIRef)))


def known_terms(void: bytes) -> TermsAnswer:
    """Give the terms of the ontology, and others that the description of the data set has."""
    known, used = vocabulary(), counts(void)
    ours = (
        TermAnswer(
            name=name,
            kind=term.kind,
            label=term.label,
            definition=term.definition,
            uses=used.get(name, 0),
        )
        for name, term in known.items()
    )
    others = (
        TermAnswer(name=name, kind="", label="", definition="", uses=uses)
        for name, uses in used.items()
        if name not in known and not name.startswith("<")
    )
    return TermsAnswer(prefixes=PREFIXES, terms=[*ours, *others])


def counts(void: bytes) -> dict[str, int]:
    """Give how often each class and property is used, by name, as the description has it."""
    names: dict[object, str] = {}
    numbers: dict[object, int] = {}
    for quad in parse(void, format=RdfFormat.TURTLE):
        said = quad.predicate.value.removeprefix(VOID)
        if said in ("class", "property") and isinstance(quad.object, NamedNode):
            names[quad.subject] = short_iri(quad.object.value)
        elif said in ("entities", "triples") and isinstance(quad.object, Literal):
            numbers[quad.subject] = int(quad.object.value)
    return {name: numbers.get(part, 0) for part, name in names.items()}


def example_query(used: Mapping[str, int]) -> str:
    """Write the query for one triple with each property, of the data and not of the ontology."""
    known = vocabulary()
    names = [
        name
        for name in used
        if not name.startswith("<") and (name not in known or known[name].kind == "property")
    ]
    parts = (
        f"{{ SELECT ({name} AS ?p) ?s ?o {{ ?s {name} ?o FILTER({_IN_DATA}) }} LIMIT 1 }}"
        for name in names
    )
    return f"{_prefixes(PREFIXES)}\nSELECT ?p ?s ?o {{ {' UNION '.join(parts)} }}"


def card(title: str, used: Mapping[str, int], examples: list[list[Cell]]) -> str:
    """Write what there is to ask; `examples` are the rows of the query above."""
    shown = {short(row[0]): f"{short(row[1])} {_example(row[2])}" for row in examples}
    classes = list(_of_kind("class"))
    values = {name: list(_of_kind(name)) for name in classes}
    properties = list(_of_kind("property"))
    others = [name for name in sorted(shown) if name not in vocabulary()]
    body = [
        "# Classes: name < wider (instances): meaning ! what to mind",
        *(_class_line(name, used) for name in classes),
        "# Their values",
        *(f"{name}: {' '.join(each)}" for name, each in values.items() if each),
        "# Properties: name (triples) subject -> object: meaning ! what to mind | example",
        *(_property_line(name, used, shown) for name in properties),
        "# Properties of other vocabularies",
        *(f"{name} ({used[name]}) | {shown[name]}" for name in others),
        "# What goes wrong",
        *(f"- {pitfall}" for pitfall in PITFALLS),
    ]
    return "\n".join([title, "# Prefixes", _prefixes(_mentioned("\n".join(body))), *body])


def _of_kind(kind: str) -> Iterator[str]:
    return (name for name, term in vocabulary().items() if term.kind == kind)


def _example(value: Cell) -> str:
    return shortened(short(value), 80) if not isinstance(value, Literal) else _literal(value)


def _literal(value: Literal) -> str:
    kind = {"language": value.language} if value.language else {"datatype": value.datatype}
    return short(Literal(shortened(value.value, 60), **kind))


def _class_line(name: str, used: Mapping[str, int]) -> str:
    term = vocabulary()[name]
    above = f" < {term.above}" if term.above else ""
    return f"{name}{above} ({used.get(name, 0)}): {term.definition}{_note(term)}"


def _property_line(name: str, used: Mapping[str, int], shown: Mapping[str, str]) -> str:
    term = vocabulary()[name]
    ends = f"{term.domain or 'any'} -> {term.range or 'any'}"
    example = f" | {shown[name]}" if name in shown else ""
    return f"{name} ({used.get(name, 0)}) {ends}: {term.definition}{_note(term)}{example}"


def _note(term: Known) -> str:
    return f" ! {term.note}" if term.note else ""


def _mentioned(text: str) -> dict[str, str]:
    return {name: iri for name, iri in PREFIXES.items() if re.search(rf"\b{name}:\w", text)}


def _prefixes(prefixes: Mapping[str, str]) -> str:
    return "\n".join(f"PREFIX {name}: <{iri}>" for name, iri in prefixes.items())


def advice(query: str, used: Mapping[str, int], side: Side) -> list[str]:
    """Say why a query may have found nothing: terms and things that are not there, and others."""
    tokens = [token for token in guard.tokens(query) if token.kind != "space"]
    text = " ".join(token.text for token in tokens)
    return [
        *_unknown_terms(text, used),
        *_unknown_things(text, side),
        *_habits(text, tokens),
        "Take away one pattern at a time; schema_card shows how each property is used.",
    ]


def _unknown_terms(text: str, used: Mapping[str, int]) -> Iterator[str]:
    known = vocabulary()
    for name in dict.fromkeys(_TERM.findall(text.replace(f"<{TERMS}", "cg:"))):
        term = known.get(f"cg:{name}")
        if term is None:
            near = get_close_matches(f"cg:{name}", known, 1, 0.6)
            yield f"cg:{name} is no term.{f' Did you mean {near[0]}?' if near else ''}"
        elif term.kind in ("class", "property") and f"cg:{name}" not in {*used, MATCHES}:
            yield f"cg:{name} is not used in this data set."


def _unknown_things(text: str, side: Side) -> Iterator[str]:
    for id in list(dict.fromkeys(_OWN.findall(text)))[:5]:
        if side.entity(id) is None:
            near = side.nearest_names(id)
            meant = f" Did you mean <{'> or <'.join(near)}>?" if near else ""
            yield f"There is no <{id}>.{meant}"


def _habits(text: str, tokens: list[guard.Token]) -> Iterator[str]:
    if MATCHES not in text and _has_plain_string(tokens):
        yield 'A string without a language is not one with: write "words"@en, or compare STR(?x).'
    if re.search(r"cg:date(?:Sent)?\b", text) and "xsd:date" in text:
        yield "cg:date and cg:dateSent are EDTF; compare cg:earliest and cg:latest with xsd:date."


def _has_plain_string(tokens: list[guard.Token]) -> bool:
    """Whether a string without language or datatype is an object, or compared with something."""
    marks = ["", *("" if token.kind == "string" else token.text for token in tokens), ""]
    return any(
        token.kind == "string" and (marks[at] == "=" or marks[at + 2] in (".", ";", ",", "}", "]"))
        for at, token in enumerate(tokens)
    )
