"""The ontology: every term complete, every axiom in OWL 2 RL, every example and shape true."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from owlrl import DeductiveClosure, OWLRL_Semantics  # type: ignore[import-untyped]
from pyoxigraph import Quad, RdfFormat, parse
from pyshacl import validate
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import (
    DCTERMS,
    FOAF,
    ORG,
    OWL,
    PROV,
    RDF,
    RDFS,
    SDO,
    SH,
    SKOS,
    TIME,
    VANN,
    XSD,
)
from rdflib.term import Node

import ontology
from ontology import BASE, CG, EDTF, ONTOLOGY, Rule

FOLDER = Path(ontology.__file__).parent
EXAMPLES = sorted((FOLDER / "examples").glob("*.ttl"))
CHECKS = sorted((FOLDER / "checks").glob("*.rq"))
TURTLE = [*sorted(FOLDER.glob("*.ttl")), *EXAMPLES]

TERMS = ontology.ontology()
SHAPES = ontology.shapes()
NAMES = [str(term).removeprefix(str(CG)) for term in ontology.terms()]

PREFIXES = """
PREFIX cg: <https://w3id.org/cablegraph/ontology#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX edtf: <http://id.loc.gov/datatypes/edtf/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX geo: <http://www.w3.org/2003/01/geo/wgs84_pos#>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX sssom: <https://w3id.org/sssom/>
PREFIX wd: <http://www.wikidata.org/entity/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""


def name(path: Path) -> str:
    return path.stem


def turtle(text: str) -> Graph:
    """Return a small graph; relative IRIs are of our things."""
    return Graph().parse(data=f"BASE <{BASE}>\n{PREFIXES}\n{text}", format="turtle")


def example(label: str) -> Graph:
    return Graph().parse(FOLDER / "examples" / f"{label}.ttl")


# Terms


def test_names_are_those_of_the_graph() -> None:
    assert set(TERMS.subjects(RDFS.isDefinedBy, ONTOLOGY)) == set(ontology.terms())
    assert len(set(NAMES)) == len(NAMES)


def test_unknown_term_is_refused() -> None:
    with pytest.raises(AttributeError, match="addresee"):
        CG.addresee  # noqa: B018


@pytest.mark.parametrize("path", CHECKS, ids=name)
def test_ontology_passes_check(path: Path) -> None:
    assert list((TERMS + SHAPES).query(path.read_text())) == []


BREACHES = {
    "label": 'cg:x rdfs:isDefinedBy <ontology> ; rdfs:label "x"@en , "y"@en .',
    "label-shared": """
        cg:x rdfs:isDefinedBy <ontology> ; rdfs:label "x"@en .
        cg:y rdfs:isDefinedBy <ontology> ; rdfs:label "x"@en .
    """,
    "definition": 'cg:x rdfs:isDefinedBy <ontology> ; skos:definition "Ein X."@de .',
    "definition-sentence": """
        cg:x rdfs:isDefinedBy <ontology> ; skos:definition "An x. It is not a y."@en .
    """,
    "example": 'cg:x rdfs:isDefinedBy <ontology> ; skos:example ""@en .',
    "source": "cg:x rdfs:isDefinedBy <ontology> ; dcterms:source <https://example.org/> .",
    "kind": "cg:x rdfs:isDefinedBy <ontology> ; a owl:Class , owl:ObjectProperty .",
    "name": "cg:Sent_by rdfs:isDefinedBy <ontology> ; a owl:ObjectProperty .",
    "domain": "cg:x rdfs:isDefinedBy <ontology> ; a owl:DatatypeProperty .",
    "range": "cg:x rdfs:isDefinedBy <ontology> ; a owl:ObjectProperty ; rdfs:domain cg:Fact .",
    "two-domains": "cg:x rdfs:isDefinedBy <ontology> ; rdfs:domain cg:Fact , cg:Agent .",
    "inverse": "cg:x rdfs:domain cg:Fact ; owl:inverseOf cg:y . cg:y rdfs:range cg:Agent .",
    "functional": "cg:x a owl:FunctionalProperty .",
    "concept": "cg:X rdfs:isDefinedBy <ontology> ; a skos:Concept ; skos:inScheme cg:Forces .",
    "unknown": "<fact/x> cg:addresee <person/y> .",
    "shape-message": 'cg:x sh:property [ sh:path cg:actor ; sh:message "Wrong." ] .',
    "deprecated": "cg:x owl:deprecated true .",
}


@pytest.mark.parametrize("path", CHECKS, ids=name)
def test_check_finds_its_breach(path: Path) -> None:
    assert len(turtle(BREACHES[path.stem]).query(path.read_text())) > 0


@pytest.mark.parametrize("path", CHECKS, ids=name)
def test_header_of_check_says_what_to_do(path: Path) -> None:
    assert list(ontology.header(path.read_text())) == ["title", "problem", "remedy"]


STATEMENT = re.compile(
    r"""(?:
      | [#@].*                # a comment or a prefix
      | \S+                   # a subject
      | [ ]{4}\S.*[;(\[{]     # a statement
      | [ ]{4}[)\]] ;?        # the end of a list
      | [ ]{6,}.*             # a line of a list, a nested shape or a query
      | [ ]{4}\}\"\"\" [ ];   # the end of a query
      | \.
    )""",
    re.VERBOSE,
)


@pytest.mark.parametrize("path", TURTLE, ids=name)
def test_one_statement_a_line_and_the_dot_on_its_own(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert [line for line in lines if not STATEMENT.fullmatch(line)] == []


# The profile


DATATYPES = """
    decimal integer nonNegativeInteger nonPositiveInteger positiveInteger negativeInteger long int
    short byte unsignedLong unsignedInt unsignedShort unsignedByte float double string
    normalizedString token language Name NCName NMTOKEN boolean hexBinary base64Binary anyURI
    dateTime dateTimeStamp
"""
RL_DATATYPES = {
    RDF.PlainLiteral,
    RDF.XMLLiteral,
    RDFS.Literal,
    *(XSD[local] for local in DATATYPES.split()),
}
"""https://www.w3.org/TR/owl2-profiles/#Entities_3"""


class Profile:
    """The grammar of OWL 2 RL: https://www.w3.org/TR/owl2-profiles/#OWL_2_RL."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def faults(self) -> Iterator[str]:
        """Yield each axiom that is outside of the profile."""
        for lower, upper in self.graph.subject_objects(RDFS.subClassOf):
            yield from self._require(self.is_sub(lower), "subclass", lower)
            yield from self._require(self.is_super(upper), "superclass", upper)
        for pair in self.graph.subject_objects(OWL.equivalentClass):
            for part in pair:
                yield from self._require(self.is_equivalent(part), "equivalent class", part)
        for part in self._disjoint():
            yield from self._require(self.is_sub(part), "disjoint class", part)
        for predicate in (RDFS.domain, RDFS.range):
            for prop, of in self.graph.subject_objects(predicate):
                values = predicate == RDFS.range and self._is_data(prop)
                good = of in RL_DATATYPES if values else self.is_super(of)
                yield from self._require(good, predicate.fragment, of)
        yield from self._outside()
        yield from self._not_simple()

    def is_sub(self, node: Node | None) -> bool:
        """Can it stand on the left of a subclass axiom."""
        if node is None or isinstance(node, URIRef):
            return node != OWL.Thing
        for predicate in (OWL.intersectionOf, OWL.unionOf):
            if members := self.graph.value(node, predicate):
                return all(self.is_sub(part) for part in self.graph.items(members))
        filler = self.graph.value(node, OWL.someValuesFrom)
        if filler is not None:
            return filler == OWL.Thing or filler in RL_DATATYPES or self.is_sub(filler)
        return self._has(node, OWL.oneOf) or self._has(node, OWL.hasValue)

    def is_super(self, node: Node) -> bool:
        """Can it stand on the right of a subclass axiom, or be a domain or range."""
        if isinstance(node, URIRef):
            return node != OWL.Thing
        if members := self.graph.value(node, OWL.intersectionOf):
            return all(self.is_super(part) for part in self.graph.items(members))
        if (other := self.graph.value(node, OWL.complementOf)) is not None:
            return self.is_sub(other)
        if (filler := self.graph.value(node, OWL.allValuesFrom)) is not None:
            return filler in RL_DATATYPES or self.is_super(filler)
        for predicate in (OWL.maxCardinality, OWL.maxQualifiedCardinality):
            if (count := self.graph.value(node, predicate)) is not None:
                filler = self.graph.value(node, OWL.onClass, default=OWL.Thing)
                return int(str(count)) in {0, 1} and (filler == OWL.Thing or self.is_sub(filler))
        return self._has(node, OWL.hasValue)

    def is_equivalent(self, node: Node) -> bool:
        """Can it stand in an axiom of equivalent classes."""
        if isinstance(node, URIRef):
            return node != OWL.Thing
        if members := self.graph.value(node, OWL.intersectionOf):
            return all(self.is_equivalent(part) for part in self.graph.items(members))
        return self._has(node, OWL.hasValue)

    def _disjoint(self) -> Iterator[Node]:
        for pair in self.graph.subject_objects(OWL.disjointWith):
            yield from pair
        for axiom in self.graph.subjects(RDF.type, OWL.AllDisjointClasses):
            for members in self.graph.objects(axiom, OWL.members):
                yield from self.graph.items(members)

    def _outside(self) -> Iterator[str]:
        for predicate in (OWL.hasSelf, OWL.disjointUnionOf, OWL.onDataRange, OWL.minCardinality):
            yield from (f"{predicate.fragment}" for _ in self.graph.subjects(predicate))
        for kind in (OWL.ReflexiveProperty, RDFS.Datatype):
            yield from (f"{kind.fragment}: {s}" for s in self.graph.subjects(RDF.type, kind))

    def _not_simple(self) -> Iterator[str]:
        """Yield relations of which OWL 2 DL asks that they follow from no chain, and that do."""
        for kind in (OWL.AsymmetricProperty, OWL.IrreflexiveProperty):
            for prop in self.graph.subjects(RDF.type, kind):
                chained = self._has(prop, OWL.propertyChainAxiom)
                transitive = (prop, RDF.type, OWL.TransitiveProperty) in self.graph
                yield from self._require(not (chained or transitive), kind.fragment, prop)

    def _is_data(self, prop: Node) -> bool:
        return (prop, RDF.type, OWL.DatatypeProperty) in self.graph

    def _has(self, node: Node, predicate: URIRef) -> bool:
        return (node, predicate, None) in self.graph

    @staticmethod
    def _require(good: bool, role: str, node: Node) -> Iterator[str]:
        if not good:
            yield f"{role}: {node}"


def test_every_axiom_is_in_owl_2_rl() -> None:
    assert list(Profile(TERMS).faults()) == []


@pytest.mark.parametrize(
    "axiom",
    [
        "cg:A rdfs:subClassOf [ owl:onProperty cg:p ; owl:someValuesFrom cg:B ] .",
        "cg:A rdfs:subClassOf [ owl:unionOf ( cg:B cg:C ) ] .",
        "cg:A rdfs:subClassOf [ owl:onProperty cg:p ; owl:minCardinality 1 ] .",
        "cg:A rdfs:subClassOf [ owl:onProperty cg:p ; owl:maxCardinality 2 ] .",
        "cg:A rdfs:subClassOf [ owl:oneOf ( cg:x cg:y ) ] .",
        "cg:A rdfs:subClassOf owl:Thing .",
        "cg:A owl:equivalentClass [ owl:unionOf ( cg:B cg:C ) ] .",
        "[ owl:onProperty cg:p ; owl:allValuesFrom cg:B ] rdfs:subClassOf cg:A .",
        "cg:p rdfs:domain [ owl:unionOf ( cg:B cg:C ) ] .",
        "cg:p a owl:DatatypeProperty ; rdfs:range xsd:date .",
        "cg:p a owl:ReflexiveProperty .",
        "cg:p a owl:IrreflexiveProperty , owl:TransitiveProperty .",
        "edtf:EDTF a rdfs:Datatype .",
        "cg:A owl:disjointWith [ owl:complementOf cg:B ] .",
    ],
)
def test_axiom_outside_owl_2_rl_is_found(axiom: str) -> None:
    assert len(list(Profile(turtle(axiom)).faults())) > 0


@pytest.mark.parametrize(
    "axiom",
    [
        "[ owl:onProperty cg:p ; owl:someValuesFrom cg:B ] rdfs:subClassOf cg:A .",
        "[ owl:unionOf ( cg:B cg:C ) ] rdfs:subClassOf cg:A .",
        "cg:A rdfs:subClassOf [ owl:onProperty cg:p ; owl:hasValue cg:x ] .",
        "cg:A rdfs:subClassOf [ owl:onProperty cg:p ; owl:allValuesFrom cg:B ] .",
        "cg:A rdfs:subClassOf [ owl:complementOf cg:B ] .",
        "cg:A rdfs:subClassOf [ owl:onProperty cg:p ; owl:maxCardinality 1 ] .",
        "cg:p a owl:DatatypeProperty ; rdfs:range xsd:dateTime .",
    ],
)
def test_axiom_inside_owl_2_rl_is_let_pass(axiom: str) -> None:
    assert list(Profile(turtle(axiom)).faults()) == []


# What follows


ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")


def conclude(data: Graph) -> Graph:
    """Return data with all that follows from it and the ontology."""
    graph = ontology.closed() + data
    DeductiveClosure(OWLRL_Semantics).expand(graph)
    return graph


def faults(graph: Graph) -> list[str]:
    return sorted(str(message) for message in graph.objects(None, ERROR))


def instances() -> Graph:
    """Return one new thing of each class, and one pair of new things for each relation."""
    graph = Graph()
    for number, term in enumerate(ontology.terms()):
        one, other = BASE[f"thing/{number}"], BASE[f"other/{number}"]
        if (term, RDF.type, OWL.Class) in TERMS:
            graph.add((one, RDF.type, term))
        elif (term, RDF.type, OWL.ObjectProperty) in TERMS:
            graph.add((one, term, other))
        elif (term, RDF.type, OWL.DatatypeProperty) in TERMS:
            graph.add((one, term, value_of(term)))
    return graph


def value_of(term: URIRef) -> Literal:
    kind = TERMS.value(term, RDFS.range)
    kind = TERMS.value(term, SDO.rangeIncludes) if kind == RDFS.Literal else kind
    samples = {
        XSD.date: "1944-10-17",
        XSD.decimal: "0.9",
        XSD.integer: "481",
        XSD.boolean: "true",
    }
    text = samples.get(URIRef(str(kind)), "1944-10-17")
    return Literal(text, datatype=kind if isinstance(kind, URIRef) else None)


def test_every_class_and_relation_can_have_an_instance() -> None:
    concluded = conclude(instances())
    assert faults(concluded) == []
    assert [*concluded.subjects(RDF.type, OWL.Nothing)] == []


def test_examples_contradict_neither_the_ontology_nor_each_other() -> None:
    together = sum((Graph().parse(path) for path in EXAMPLES), Graph())
    assert faults(conclude(together)) == []


CONTRADICTIONS = [
    "<person/1> a cg:Person , cg:Organization .",
    "<fact/2> cg:location <state/2> . <state/2> a cg:State .",
    "<fact/3> a cg:Request , cg:Refusal .",
    "<fact/4> a cg:Offer ; cg:participant <person/4> .",
    "<document/5> a cg:Telegram ; cg:participant <person/5> .",
    "<document/6> a cg:EditorialNote , cg:Telegram .",
    "<fact/7> cg:respondsTo <fact/70> . <fact/70> cg:respondsTo <fact/7> .",
    "<person/8> cg:metWith <person/8> .",
]


@pytest.fixture(scope="module")
def contradicted() -> str:
    """What is wrong with the data of all the cases, which share no thing."""
    return " ".join(faults(conclude(sum((turtle(data) for data in CONTRADICTIONS), Graph()))))


@pytest.mark.parametrize("data", CONTRADICTIONS)
def test_contradiction_is_found(data: str, contradicted: str) -> None:
    things = re.findall(r"<(\w+/\d+)>", data)
    assert any(f"{BASE}{thing}" in contradicted for thing in things)


CONCLUSIONS = [
    (
        "<fact/1> cg:actor <person/1> . <person/1> cg:represents <state/1> .",
        "<fact/1> cg:actingState <state/1> .",
    ),
    (
        "<person/2> cg:memberOf <organization/2> . <organization/2> cg:represents <state/2> .",
        "<person/2> cg:represents <state/2> .",
    ),
    (
        "<document/3> cg:partOf <division/3> . <division/3> cg:partOf <volume/3> .",
        "<volume/3> cg:hasPart <document/3> .",
    ),
    ("<fact/4> cg:participant <person/4> .", "<person/4> cg:participantIn <fact/4> ."),
    ("<fact/5> cg:actor <person/5> .", "<person/5> a cg:Agent ; cg:actedIn <fact/5> ."),
    ("<document/6> cg:states <fact/6> .", "<fact/6> cg:statedIn <document/6> ."),
    ("<fact/7> cg:conflictsWith <fact/8> .", "<fact/8> cg:conflictsWith <fact/7> ."),
    ("<document/9> a cg:MemorandumOfConversation .", "<document/9> a cg:Document , prov:Entity ."),
    ("<document/10> cg:sender <person/10> .", "<person/10> a foaf:Agent ."),
]


@pytest.fixture(scope="module")
def concluded() -> Graph:
    """All that follows from the data of all the cases, which share no thing."""
    return conclude(sum((turtle(data) for data, _ in CONCLUSIONS), Graph()))


@pytest.mark.parametrize(("data", "conclusion"), CONCLUSIONS)
def test_conclusion_follows(data: str, conclusion: str, concluded: Graph) -> None:
    assert list(turtle(conclusion) - concluded) == []
    assert list(turtle(conclusion) - turtle(data)) != []


RULES = {
    "met-with": (
        """
        <fact/1> a cg:Meeting ; cg:status cg:Held ; cg:participant <person/a> , <person/b> .
        <fact/2> a cg:Meeting ; cg:status cg:Planned ; cg:participant <person/a> , <person/c> .
        """,
        "<person/a> cg:metWith <person/b> . <person/b> cg:metWith <person/a> .",
    ),
    "acting-state-itself": (
        """
        <fact/1> cg:actor <state/a> . <state/a> a cg:State .
        <fact/2> cg:actor <person/b> . <person/b> a cg:Person .
        """,
        "<fact/1> cg:actingState <state/a> .",
    ),
}


@pytest.mark.parametrize("rule", ontology.rules(), ids=lambda rule: rule.name)
def test_rule_concludes(rule: Rule) -> None:
    data, conclusion = RULES[rule.name]
    assert set(turtle(data).query(rule.text)) == set(turtle(conclusion))


@pytest.mark.parametrize("rule", ontology.rules(), ids=lambda rule: rule.name)
def test_rule_uses_terms_of_the_ontology(rule: Rule) -> None:
    assert set(re.findall(r"\bcg:(\w+)", rule.text)) <= set(NAMES)
    assert rule.title
    assert rule.description


# Terms of others


def words(namespace: str, text: str) -> set[str]:
    return {namespace + word for word in text.split()}


CRM = "http://www.cidoc-crm.org/cidoc-crm/"
GEO = "http://www.w3.org/2003/01/geo/wgs84_pos#"
OA = "http://www.w3.org/ns/oa#"
RICO = "https://www.ica.org/standards/RiC/ontology#"
SEMAPV = "https://w3id.org/semapv/vocab/"
SSSOM = "https://w3id.org/sssom/"

KNOWN = [
    *(DCTERMS, FOAF, ORG, OWL, PROV, RDF, RDFS, SDO, SH, SKOS, TIME, VANN, XSD),
]
"""Vocabularies of which rdflib has every term."""

LISTED = {
    str(EDTF),
    # https://github.com/ICA-EGAD/RiC-O, RiC-O_1-1_list-of-classes.csv, -object-properties.csv
    *words(
        RICO,
        """
        Agent Person CorporateBody Position Place PositionHoldingRelation RecordSet Record Event
        hasSender hasAddressee isOrWasPartOf hasOrHadPart isOrWasMemberOf thingIsSourceOfRelation
        relationHasTarget isOrWasPerformedBy hasOrHadParticipant isOrWasParticipantIn
        hasOrHadLocation knows isReplyTo
        """,
    ),
    # https://www.cidoc-crm.org/rdfs/7.1.3/CIDOC_CRM_v7.1.3.rdf
    *words(
        CRM,
        """
        E7_Activity E21_Person E31_Document E39_Actor E53_Place E74_Group P7_took_place_at
        P11_had_participant P14_carried_out_by P67_refers_to P82a_begin_of_the_begin
        P82b_end_of_the_end
        """,
    ),
    # https://www.w3.org/ns/oa
    *words(
        OA,
        """
        SpecificResource TextQuoteSelector TextPositionSelector hasTarget hasSource hasSelector
        exact prefix suffix start end
        """,
    ),
    # https://w3id.org/sssom/schema/, version 1.0
    *words(SSSOM, "mapping_justification confidence object_label NoTermFound"),
    *words(
        SEMAPV,
        """
        MappingReview ManualMappingCuration LogicalReasoning LexicalMatching CompositeMatching
        UnspecifiedMatching SemanticSimilarityThresholdMatching LexicalSimilarityThresholdMatching
        MappingChaining
        """,
    ),
    # https://www.w3.org/2003/01/geo/wgs84_pos; rdflib has them under https, as nobody else
    *words(GEO, "SpatialThing lat long"),
}

PLACES = re.compile(
    r"https://w3id\.org/cablegraph/|https://history\.state\.gov/|https://creativecommons\.org/"
    r"|https://github\.com/|http://www\.wikidata\.org/entity/"
)
"""Things and pages, which are no terms."""


def exists(iri: str) -> bool:
    known = any(iri.startswith(str(ns)) and URIRef(iri) in ns for ns in KNOWN)
    return known or iri in LISTED or bool(PLACES.match(iri))


def iris(graph: Graph) -> set[str]:
    return {str(node) for triple in graph for node in triple if isinstance(node, URIRef)}


@pytest.mark.parametrize("path", TURTLE, ids=name)
def test_every_term_of_others_exists(path: Path) -> None:
    used = iris(Graph().parse(path)) | {
        str(literal.datatype)
        for literal in Graph().parse(path).objects()
        if isinstance(literal, Literal) and literal.datatype
    }
    assert sorted(iri for iri in used if not exists(iri)) == []


def test_term_that_does_not_exist_is_found() -> None:
    assert not exists("http://www.w3.org/ns/prov#wasGeneratedFrom")
    assert not exists(RICO + "hasReceivers")


# Examples


def broken(data: Graph) -> set[str]:
    """Return the messages of the shapes that data does not conform to."""
    _, report, _ = validate(data, shacl_graph=SHAPES)
    return {str(message) for message in report.objects(None, SH.resultMessage)}


@pytest.mark.parametrize("path", EXAMPLES, ids=name)
def test_example_conforms_and_has_the_class(path: Path) -> None:
    data = Graph().parse(path)
    assert broken(data) == set()
    assert list(data.subjects(RDF.type, CG[path.stem])) != []


def test_every_class_has_an_example() -> None:
    classes = {term for term in ontology.terms() if (term, RDF.type, OWL.Class) in TERMS}
    assert {path.stem for path in EXAMPLES} == {str(c).removeprefix(str(CG)) for c in classes}


@pytest.mark.parametrize("path", EXAMPLES, ids=name)
def test_example_has_no_blank_node(path: Path) -> None:
    assert [n for t in Graph().parse(path) for n in t if isinstance(n, BNode)] == []


def test_examples_still_conform_with_all_that_follows() -> None:
    """What a reasoner adds must not break what was complete."""
    together = sum((Graph().parse(path) for path in EXAMPLES), Graph())
    described = set(together.subjects(RDF.type))
    ours = Graph()
    ours += (t for t in conclude(together) if t[0] in described and not isinstance(t[2], BNode))
    assert len(ours) > len(together)
    assert broken(ours) == set()


# Shapes


def without(predicate: str) -> str:
    return f"DELETE WHERE {{ ?s {predicate} ?o }}"


def lacking(predicate: str) -> str:
    """Leave something out of responses, and not of the facts that they are of."""
    return f"DELETE WHERE {{ ?s {predicate} ?o . ?s a cg:Response }}"


def change(predicate: str, value: str) -> str:
    where = f"{{ ?s {predicate} ?o }}"
    return f"DELETE {where} INSERT {{ ?s {predicate} {value} }} WHERE {where}"


def add(cls: str, predicate: str, value: str) -> str:
    return f"INSERT {{ ?s {predicate} {value} }} WHERE {{ ?s a {cls} }}"


def rename(cls: str, iri: str) -> str:
    """Name the things of a class otherwise; `[]` makes them blank nodes."""
    made = "BNODE()" if iri == "[]" else f"<{BASE}{iri}>"
    return f"""
    DELETE {{ ?s ?p ?o }} INSERT {{ ?new ?p ?o }}
    WHERE {{ {{ SELECT ?s ({made} AS ?new) {{ ?s a {cls} }} }} ?s ?p ?o }}
    """


NO_PLACE = "A meeting is located in something that is no place"
NO_FIRST_DAY = "A date has no first day"
NO_LAST_DAY = "A date has no last day"
NO_ADDRESS = "The public page of a document or volume is not an address"
NOT_LABELLED = "A thing has no English label, or more than one"
NOT_POSITIONED = "A position does not begin before it ends"
NOT_QUOTED = "The trigger of a fact is not in its quote"
WRONG_LENGTH = "The quote is not as long as its position says"
WRONG_SOURCE = "The evidence of a fact is in another document than the fact"

RESPONSE_NOT_STATED = "A response is asserted and not stated, or a candidate that is stated"
WORDS_ELSEWHERE = "The words of a citation are in another document"
FAULTS = [
    # Facts
    ("Offer", rename("cg:Offer", "[]"), {"A fact has no IRI"}),
    ("Offer", add("cg:Offer", "a", "cg:Request"), {"A fact is not of exactly one kind"}),
    ("Offer", without("cg:content"), {"A fact has no content, or more than one"}),
    ("Offer", change("cg:content", '""@en'), {"A fact has no content, or more than one"}),
    ("Offer", change("cg:content", '"le port"@fr'), {"A fact has no content, or more than one"}),
    (
        "Offer",
        without("cg:statedIn"),
        {"A fact is not stated in exactly one document", WRONG_SOURCE},
    ),
    ("Offer", change("cg:statedIn", "<document/frus1945Malta/d257>"), {WRONG_SOURCE}),
    ("Offer", without("cg:voice"), {"A fact has no known voice"}),
    ("Offer", change("cg:voice", "cg:Made"), {"A fact has no known voice"}),
    ("Offer", without("cg:status"), {"A fact has no status, or more than one"}),
    ("Offer", without("cg:confidence"), {"A fact has no confidence from 0 to 1"}),
    ("Offer", change("cg:confidence", "1.2"), {"A fact has no confidence from 0 to 1"}),
    ("Offer", change("cg:confidence", "1e0"), {"A fact has no confidence from 0 to 1"}),
    ("Offer", without("prov:wasGeneratedBy"), {"A fact does not say where it comes from"}),
    ("Offer", without("cg:evidence"), {"A fact has no evidence", WRONG_SOURCE, NOT_QUOTED}),
    ("Offer", change("cg:trigger", '"promised"'), {NOT_QUOTED}),
    ("Offer", change("cg:trigger", '"offered"@en'), {"A trigger is not one piece of text"}),
    ("Offer", change("cg:date", '"1944"^^xsd:gYear'), {"A date is not one EDTF literal"}),
    ("Offer", change("cg:date", '"October 1944"^^edtf:EDTF'), {"A date is not one EDTF literal"}),
    (
        "Offer",
        change("cg:reportedBy", "<place/moscow>"),
        {"A fact is reported by something that is no agent"},
    ),
    ("Offer", change("cg:about", '"a base"'), {"A fact is about something that has no IRI"}),
    ("Offer", without("cg:earliest"), {NO_FIRST_DAY}),
    ("Offer", without("cg:latest"), {NO_LAST_DAY}),
    (
        "Offer",
        change("cg:earliest", '"1944"'),
        {"The earliest day is not one xsd:date", "The earliest day is after the latest"},
    ),
    (
        "Offer",
        change("cg:latest", '"1944"'),
        {"The latest day is not one xsd:date", "The earliest day is after the latest"},
    ),
    (
        "Offer",
        change("cg:latest", '"1944-10-16"^^xsd:date'),
        {"The earliest day is after the latest"},
    ),
    # Meetings
    (
        "Meeting",
        change("cg:status", "cg:Made"),
        {"A meeting has a status that meetings do not have"},
    ),
    ("Meeting", change("cg:participant", "<place/moscow>"), {"A participant is no agent"}),
    (
        "Meeting",
        add("cg:Meeting", "cg:participantAsPrinted", '"you"@en'),
        {"The printed name of someone in a fact is not plain text"},
    ),
    ("Status", change("cg:location", "<state/soviet-union>"), {NO_PLACE}),
    ("Status", add("cg:Meeting", "cg:location", "<place/saigon>"), {NO_PLACE}),
    ("Meeting", add("cg:Meeting", "cg:actor", "<person/x>"), {"A meeting has what only acts have"}),
    # Acts
    ("Offer", change("cg:status", "cg:Held"), {"An act has a status that acts do not have"}),
    ("Offer", change("cg:actor", "<document/x/y>"), {"An act names something that is no agent"}),
    ("Offer", change("cg:addressee", '"us"'), {"An act names something that is no agent"}),
    ("Offer", change("cg:force", "cg:Made"), {"An act has no known force, or more than one"}),
    (
        "Offer",
        add("cg:Offer", "cg:force", "cg:Ask"),
        {"An act has no known force, or more than one"},
    ),
    ("Request", change("cg:quantity", "1000000"), {"A condition or quantity is not plain text"}),
    ("Commitment", change("cg:deadline", '"1944-10"'), {"A deadline is not one day"}),
    (
        "Offer",
        add("cg:Offer", "cg:participant", "<person/x>"),
        {"An act has what only meetings have"},
    ),
    (
        "Request",
        change("cg:force", "cg:Promise"),
        {"A request has a force that requests do not have"},
    ),
    (
        "Commitment",
        change("cg:force", "cg:Ask"),
        {"A commitment has a force that commitments do not have"},
    ),
    # Evidence
    (
        "Offer",
        without("oa:hasSource"),
        {"Evidence does not say which document it is in", WRONG_SOURCE},
    ),
    ("Offer", change("oa:hasSource", "<document/x/y>"), {WRONG_SOURCE}),
    (
        "Offer",
        "DELETE WHERE { ?s a oa:TextQuoteSelector }",
        {"Evidence has no quote, or more than one"},
    ),
    (
        "Offer",
        "DELETE WHERE { ?s a oa:TextPositionSelector }",
        {"Evidence has no position, or more than one"},
    ),
    ("Offer", change("oa:exact", '"offered us"'), {WRONG_LENGTH}),
    ("Offer", without("oa:exact"), {"A quote has no words", NOT_QUOTED}),
    ("Offer", change("oa:exact", '"  "'), {"A quote has no words", NOT_QUOTED, WRONG_LENGTH}),
    ("Offer", change("oa:prefix", '"st."@en'), {"The words around a quote are not plain text"}),
    ("Offer", without("oa:start"), {NOT_POSITIONED}),
    ("Offer", change("oa:start", "1600"), {NOT_POSITIONED, WRONG_LENGTH}),
    ("Offer", change("oa:start", "-1"), {NOT_POSITIONED, WRONG_LENGTH}),
    ("Offer", without("oa:end"), {"A position has no end"}),
    # Documents
    ("Telegram", rename("cg:Telegram", "[]"), {"A document has no IRI"}),
    ("Telegram", without("rdfs:label"), {NOT_LABELLED}),
    ("Telegram", add("cg:Telegram", "rdfs:label", '"Other"@en'), {NOT_LABELLED}),
    ("Telegram", change("rdfs:label", '"Telegramm"@de'), {NOT_LABELLED}),
    ("Telegram", without("cg:partOf"), {"A document or division is in no volume"}),
    (
        "Division",
        "DELETE WHERE { <division/frus1964-68v02/comp1> cg:partOf ?o }",
        {"A document or division is in no volume"},
    ),
    ("Telegram", change("foaf:isPrimaryTopicOf", '"d1"'), {NO_ADDRESS}),
    ("Volume", change("foaf:isPrimaryTopicOf", '"frus"'), {NO_ADDRESS}),
    (
        "Telegram",
        add("cg:Telegram", "cg:participant", "<person/x>"),
        {"A document has participants"},
    ),
    (
        "Telegram",
        change("cg:dateSent", '"2 January 1965"^^edtf:EDTF'),
        {"A document's date is not EDTF"},
    ),
    ("Telegram", without("cg:earliest"), {NO_FIRST_DAY}),
    (
        "Telegram",
        change("cg:recipient", "<place/washington>"),
        {"A sender or recipient is no agent"},
    ),
    (
        "Telegram",
        add("cg:Telegram", "cg:signedBy", "<state/vietnam>"),
        {"A document is signed by something that is no person"},
    ),
    (
        "Telegram",
        change("cg:sentFrom", "<state/vietnam>"),
        {"A document was sent from something that is no place"},
    ),
    ("Telegram", change("cg:telegramNumber", "2014"), {"What a document prints is not plain text"}),
    ("Telegram", change("cg:wordCount", '"many"'), {"A word count is not one number"}),
    (
        "Telegram",
        add("cg:Telegram", "cg:redactionCount", "0"),
        {"A redaction count is not one number from 1"},
    ),
    (
        "EditorialNote",
        change("cg:voice", "cg:SenderVoice"),
        {"A fact of an editorial note is not in the editor's voice"},
    ),
    (
        "EditorialNote",
        add("cg:EditorialNote", "cg:sender", "<person/x>"),
        {"An editorial note has a sender or recipient"},
    ),
    # Entities
    ("Position", rename("cg:Position", "[]"), {"An entity has no IRI"}),
    (
        "Topic",
        without("cg:linkState"),
        {"It is not known whether an entity has been looked for in Wikidata"},
    ),
    (
        "Topic",
        change("cg:linkState", "cg:Made"),
        {"An entity has no known link state, or more than one"},
    ),
    (
        "Topic",
        change("cg:linkState", "cg:Linked"),
        {"An entity is said to be linked and has no match"},
    ),
    (
        "Tenure",
        change("cg:linkState", "cg:NotSearched"),
        {"An entity has a match and is said to have none"},
    ),
    ("Tenure", change("skos:exactMatch", '"Q345531"'), {"A match is not an IRI"}),
    (
        "Topic",
        add("cg:Topic", "cg:possibleMatch", "<topic/x>"),
        {"A possible match is no item of Wikidata, or there are more than three"},
    ),
    (
        "Position",
        change("cg:represents", "<place/washington>"),
        {"An agent represents something that is no state"},
    ),
    (
        "Organization",
        change("cg:memberOf", "<state/united-states>"),
        {"A person is a member of something that is no organization"},
    ),
    (
        "Tenure",
        change("cg:holds", "<position/x>"),
        {
            "A person holds something that is no tenure",
            "A tenure is not held by exactly one person",
        },
    ),
    ("Name", without("cg:hasName"), {"A name is not that of exactly one thing"}),
    ("Name", change("cg:usedFrom", '"1914"'), {"A name has no time"}),
    (
        "State",
        change("cg:existedFrom", '"1922"'),
        {"A thing began or ceased at something that is no date"},
    ),
    (
        "Person",
        change("cg:born", '"1891"'),
        {"A life begins or ends at something that is no date"},
    ),
    ("Place", change("geo:lat", "153.06"), {"A latitude is not one number from -90 to 90"}),
    ("Place", change("geo:long", "258.62"), {"A longitude is not one number from -180 to 180"}),
    ("Place", without("geo:lat"), {"A longitude has no latitude"}),
    ("Place", without("geo:long"), {"A latitude has no longitude"}),
    ("Tenure", without("cg:office"), {"A tenure is not of exactly one office"}),
    ("Tenure", without("cg:holds"), {"A tenure is not held by exactly one person"}),
    (
        "Tenure",
        change("cg:tenureStart", '"1943"'),
        {"A tenure begins or ends at something that is no date"},
    ),
    ("Tenure", without("dcterms:source"), {"A tenure has no source"}),
    # Links
    ("State", without("owl:annotatedSource"), {"A link does not say what it links"}),
    (
        "State",
        change("owl:annotatedProperty", "owl:sameAs"),
        {"A link does not say how it links", "A link is described but not stated"},
    ),
    ("State", without("owl:annotatedTarget"), {"A link has no target"}),
    ("State", without("sssom:mapping_justification"), {"A link does not say how it was found"}),
    ("State", change("sssom:confidence", "2.0"), {"A link has no confidence from 0 to 1"}),
    ("State", without("rdfs:comment"), {"A link has no evidence"}),
    ("State", change("owl:annotatedTarget", "wd:Q159"), {"A link is described but not stated"}),
    # Encounters
    (
        "Encounter",
        "INSERT DATA { <fact/frus1964-68v11/d54/5e6f7a8b> cg:accountOf <encounter/x> }",
        {
            "An account tells of two encounters",
            "An encounter has no label, or several",
            "An encounter has no two accounts",
            "All accounts of an encounter stand in one document",
            "An encounter has no confidence from 0 to 1",
        },
    ),
    ("Encounter", without("rdfs:label"), {"An encounter has no label, or several"}),
    (
        "Encounter",
        "DELETE DATA { <fact/frus1964-68v11/d54/5e6f7a8b> cg:accountOf"
        " <encounter/frus1964-68v14/d78/1a2b3c4d> }",
        {"An encounter has no two accounts", "All accounts of an encounter stand in one document"},
    ),
    (
        "Encounter",
        "DELETE { ?s cg:confidence ?c } WHERE { ?s a cg:Encounter ; cg:confidence ?c }",
        {"An encounter has no confidence from 0 to 1"},
    ),
    # Citations
    (
        "Citation",
        without("cg:citedIn"),
        {"A citation does not stand in exactly one document", WORDS_ELSEWHERE},
    ),
    (
        "Citation",
        change("oa:hasSource", "<document/frus1964-68v02/d3>"),
        {WORDS_ELSEWHERE},
    ),
    (
        "Citation",
        add("cg:Citation", "cg:refersTo", "<cited/vietnam/washington/1850-1964>"),
        {"A citation does not cite exactly one document"},
    ),
    ("Citation", without("cg:voice"), {"A citation has no known voice"}),
    (
        "Citation",
        "DELETE WHERE { ?s cg:evidence ?o . ?s a cg:Citation }",
        {"A citation has no words, or several passages", WORDS_ELSEWHERE},
    ),
    ("CitedDocument", without("rdfs:label"), {"A cited document has no label, or several"}),
    ("CitedDocument", without("cg:telegramNumber"), {"A cited document has no number"}),
    # Responses
    ("Response", without("cg:laterFact"), {"A response does not say which one fact responds"}),
    (
        "Response",
        change("cg:earlierFact", "<fact/frus1945Malta/d256/c21a3423>"),
        {"A response does not say which other fact it is to", RESPONSE_NOT_STATED},
    ),
    (
        "Response",
        change("cg:manner", "cg:Agree"),
        {"A response has no known manner, or more than one"},
    ),
    ("Response", without("cg:asserted"), {"It is not known whether a response is asserted"}),
    ("Response", change("cg:asserted", "false"), {RESPONSE_NOT_STATED}),
    ("Response", without("cg:respondsTo"), {RESPONSE_NOT_STATED}),
    ("Response", lacking("cg:confidence"), {"A response has no confidence from 0 to 1"}),
    ("Response", without("rdfs:comment"), {"A response has no reason"}),
    (
        "Response",
        lacking("prov:wasGeneratedBy"),
        {"A response does not say where it comes from"},
    ),
    ("Response", lacking("cg:evidence"), {"A response has no evidence"}),
    # Where facts come from
    ("Curation", without("dcterms:creator"), {"A curation does not say who read the document"}),
    (
        "ExtractionRun",
        without("schema:softwareVersion"),
        {"An extraction run does not say which version ran"},
    ),
]


def test_store_may_keep_a_count_as_an_integer() -> None:
    """Oxigraph knows one type of integers, whatever it was given."""
    data = example("Offer")
    data.update(f"{PREFIXES}\n" + change("oa:start", "1513"))
    data.update(f"{PREFIXES}\n" + change("oa:end", "1571"))
    assert broken(data) == set()


@pytest.mark.parametrize(
    ("date", "day"),
    [
        ("../1944-10-17", "cg:earliest"),
        ("[..1944-10-17]", "cg:earliest"),
        ("1944-10-17/..", "cg:latest"),
        ("1944-10-17/", "cg:latest"),
    ],
)
def test_open_interval_needs_one_day_only(date: str, day: str) -> None:
    data = example("Offer")
    data.update(f"{PREFIXES}\n" + change("cg:date", f'"{date}"^^edtf:EDTF'))
    data.update(f"{PREFIXES}\n" + without(day))
    assert broken(data) == set()


def fault(message: str) -> str:
    return message.partition(": ")[0]


@pytest.mark.parametrize(("label", "update", "expected"), FAULTS)
def test_shapes_find_what_is_wrong(label: str, update: str, expected: set[str]) -> None:
    data = example(label)
    data.update(f"BASE <{BASE}>\n{PREFIXES}\n{update}")
    assert {fault(message) for message in broken(data)} == expected


def test_every_message_of_the_shapes_is_tested() -> None:
    messages = {fault(str(message)) for message in SHAPES.objects(None, SH.message)}
    assert messages == set().union(*(expected for _, _, expected in FAULTS))


# JSON-LD


CONTEXT = ontology.context()["@context"]


def quads(text: str, form: RdfFormat) -> set[Quad]:
    """Read RDF with a second reader, so that no fault of the first hides one of ours."""
    return set(parse(text.encode(), format=form))


@pytest.mark.parametrize("path", EXAMPLES, ids=name)
def test_json_ld_says_what_turtle_says(path: Path) -> None:
    text = Graph().parse(path).serialize(format="json-ld", context=CONTEXT, auto_compact=False)
    assert quads(text, RdfFormat.JSON_LD) == quads(path.read_text(), RdfFormat.TURTLE)
    assert set(keys(text)) <= {*CONTEXT, "@graph", "@value", "@type", "@language"}


def keys(text: str) -> Iterator[str]:
    """Return the keys of a JSON-LD document outside of its context."""
    todo = [part for key, part in json.loads(text).items() if key != "@context"]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            yield from part
        todo += (
            [*part.values()] if isinstance(part, dict) else part if isinstance(part, list) else []
        )


def test_context_has_every_term_under_its_own_name() -> None:
    short = {
        key: value["@id"] if isinstance(value, dict) else value
        for key, value in CONTEXT.items()
        if key != "@version"
    }
    assert {key for key, iri in short.items() if iri == f"cg:{key}"} == set(NAMES)


@pytest.mark.parametrize("key", [key for key, value in CONTEXT.items() if key[0] != "@"])
def test_context_leads_to_terms_that_exist(key: str) -> None:
    value = CONTEXT[key]
    iri = value["@id"] if isinstance(value, dict) else value
    prefix, _, local = iri.partition(":")
    full = CONTEXT[prefix] + local if prefix in CONTEXT else iri
    assert iri.startswith("@") or full.endswith(("#", "/")) or exists(full) or str(CG) in full


def test_plain_json_is_read_as_a_fact() -> None:
    """What a program writes by hand: strings and names, no IRIs of terms."""
    document = {
        "@context": [CONTEXT, {"@base": str(BASE)}],
        "id": "fact/frus1945Malta/d256/749765d1",
        "type": "Offer",
        "actor": ["person/stalin-joseph"],
        "force": "Propose",
        "content": "the use of Petropavlovsk as a base",
        "date": "1944-10-17",
        "confidence": "1.0",
    }
    fact = f"""BASE <{BASE}> {PREFIXES}
    <fact/frus1945Malta/d256/749765d1> a cg:Offer ;
        cg:actor <person/stalin-joseph> ;
        cg:force cg:Propose ;
        cg:content "the use of Petropavlovsk as a base"@en ;
        cg:date "1944-10-17"^^edtf:EDTF ;
        cg:confidence 1.0 .
    """
    assert quads(json.dumps(document), RdfFormat.JSON_LD) == quads(fact, RdfFormat.TURTLE)


# The page


class Page(HTMLParser):
    """What a page has: the ids, the links, and what a browser would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if tag == "a" else []
        self.loads += (
            [tag] if "src" in found or tag in {"link", "script", "iframe", "object"} else []
        )

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(ontology.page())


@pytest.mark.parametrize("term", NAMES)
def test_page_has_every_term_with_its_definition(term: str, page: Page) -> None:
    assert page.ids.count(term) == 1
    assert str(TERMS.value(CG[term], SKOS.definition)) in page.text


def test_page_loads_nothing_and_its_links_lead_somewhere(page: Page) -> None:
    assert page.loads == []
    assert "url(" not in page.text
    assert "@import" not in page.text
    assert [link for link in page.links if link[0] == "#" and link[1:] not in page.ids] == []
    assert [link for link in page.links if link[0] != "#" and not link.startswith("http")] == []


def test_page_names_what_is_derived(page: Page) -> None:
    assert "Follows From" in page.text
    assert all(rule.title in page.text for rule in ontology.rules())


def test_page_leaves_the_log_as_it_is() -> None:
    """What makes the page would send the whole program's log to stderr."""
    code = "import logging as l, ontology; ontology.page(); print(l.root.level, l.root.handlers)"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (made.stdout, made.stderr) == ("30 []\n", "")
