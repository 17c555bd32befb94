"""The reasoner is compared with owlrl, which applies the rules of the W3C one by one.

Axioms and data are drawn at random from a small vocabulary, in which `cg:` is ours and `ex:` is
not; owlrl then takes milliseconds, and a failure shrinks to a few statements.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from owlrl import DeductiveClosure, OWLRL_Semantics  # type: ignore[import-untyped]
from rdflib import Graph, Literal

import ontology
from ingest.reason import Conclusions, Fault, Reasoner, compile_rules
from ingest.rules import TYPE, Construct, UnsupportedAxiom, UnsupportedRule, triples_of
from ingest.terms import Triple
from ontology.names import TERMS

PREFIXES = f"""
@prefix cg: <{TERMS}> .
@prefix ex: <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

AXIOMS = {
    "sub-class": "cg:A rdfs:subClassOf cg:B",
    "sub-class of another's": "cg:A rdfs:subClassOf ex:C",
    "super-class of another's": "ex:C rdfs:subClassOf cg:B",
    "equivalent class": "cg:B owl:equivalentClass ex:D",
    "sub-property": "cg:p rdfs:subPropertyOf cg:q",
    "super-property of another's": "ex:e rdfs:subPropertyOf cg:p",
    "sub-property of another's": "cg:q rdfs:subPropertyOf ex:e",
    "equivalent property": "cg:q owl:equivalentProperty ex:f",
    "domain": "cg:p rdfs:domain cg:A",
    "range": "cg:q rdfs:range cg:B",
    "range that is another's": "ex:e rdfs:range ex:C",
    "inverse": "cg:p owl:inverseOf cg:r",
    "inverse of itself": "cg:q owl:inverseOf cg:q",
    "inverse without a name": "cg:r rdfs:subPropertyOf [ owl:inverseOf cg:q ]",
    "symmetric": "cg:r a owl:SymmetricProperty",
    "transitive": "cg:q a owl:TransitiveProperty",
    "transitive other": "ex:e a owl:TransitiveProperty",
    "chain of one": "cg:q owl:propertyChainAxiom ( cg:p )",
    "chain of two": "cg:r owl:propertyChainAxiom ( cg:p cg:q )",
    "chain of three": "cg:p owl:propertyChainAxiom ( cg:r ex:e cg:r )",
    "chain into itself": "cg:p owl:propertyChainAxiom ( cg:q cg:p )",
    "has value": "cg:A owl:equivalentClass [ owl:onProperty cg:p ; owl:hasValue ex:a ]",
    "has literal": 'cg:B owl:equivalentClass [ owl:onProperty cg:q ; owl:hasValue "x" ]',
    "has class": "cg:A rdfs:subClassOf [ owl:onProperty cg:q ; owl:hasValue ex:b ]",
    "some values": "[ owl:onProperty cg:p ; owl:someValuesFrom cg:A ] rdfs:subClassOf cg:B",
    "some values at all": "[ owl:onProperty cg:q ; owl:someValuesFrom owl:Thing ]"
    " rdfs:subClassOf cg:B",
    "some values of some values": "[ owl:onProperty cg:p ; owl:someValuesFrom"
    " [ owl:onProperty cg:r ; owl:someValuesFrom cg:B ] ] rdfs:subClassOf cg:A",
    "all values": "cg:A rdfs:subClassOf [ owl:onProperty cg:q ; owl:allValuesFrom cg:B ]",
    "all values of another's": "ex:C rdfs:subClassOf"
    " [ owl:onProperty ex:e ; owl:allValuesFrom cg:A ]",
    "intersection": "cg:A owl:equivalentClass [ owl:intersectionOf ( cg:B ex:C ) ]",
    "intersection of three": "cg:B owl:intersectionOf ( cg:A ex:C ex:D )",
    "union": "cg:B owl:equivalentClass [ owl:unionOf ( cg:A ex:D ) ]",
    "one of": "cg:B owl:equivalentClass [ owl:oneOf ( ex:a ex:b ) ]",
    "everything": "owl:Thing rdfs:subClassOf cg:B",
    "class declared": "cg:A a owl:Class",
    "individual of ours": "cg:a a cg:A ; cg:p ex:a",
    "differences": "ex:a owl:differentFrom ex:b",
}


@dataclass(frozen=True)
class Query:
    name: str
    text: str


def construct(head: str, where: str) -> Query:
    prefixes = PREFIXES.replace("@prefix", "PREFIX").replace("> .", ">")
    return Query("example", f"{prefixes} CONSTRUCT {{ {head} }} WHERE {{ {where} }}")


QUERIES = [
    construct("?x cg:r ?y", "?z cg:p ?x, ?y . FILTER(?x != ?y)"),
    construct("?x cg:q ?x", "?x a cg:A . ?y cg:p ?x"),
    construct("?y a ex:C . ?x cg:p ?y", "?x ex:e ?y . FILTER(?y != ex:a && ?x != ?y)"),
    construct("?x a cg:B", "?x cg:q ?x"),
    construct("?x cg:r ex:a", "?x cg:p [ cg:q [ a cg:B ] ]"),
    construct("ex:a cg:q ?x", "ex:b cg:p ?x . ?x ex:e ex:c"),
]


def graph(turtle: str) -> Graph:
    return Graph().parse(data=f"{PREFIXES} {turtle} .", format="turtle")


def triples(turtle: str) -> list[Triple]:
    return sorted(triples_of(graph(turtle)))


def close(known: Graph, queries: Iterable[Construct] = ()) -> Graph:
    """Close a graph by owlrl and by queries in turn, until nothing is new."""
    size = 0
    while size < len(known):
        size = len(known)
        DeductiveClosure(OWLRL_Semantics).expand(known)
        found = [triple for query in queries for triple in known.query(query.text)]
        known += found  # type: ignore[arg-type]
    return known


def reasoner(axioms: str, *queries: Query) -> Reasoner:
    return compile_rules(close(graph(axioms)), queries)


def by_owlrl(axioms: Graph, data: Graph, queries: Iterable[Construct] = ()) -> list[Triple]:
    """What owlrl and the queries add in our terms about what is no literal."""
    known = {*triples_of(close(axioms, queries)), *triples_of(data)}
    added = {*triples_of(close(axioms + data, queries))} - known
    return sorted(
        (subject, predicate, value)
        for subject, predicate, value in added
        if not subject.startswith('"')
        and (value if predicate == TYPE else predicate).startswith(f"<{TERMS}")
    )


def one_of(names: str) -> st.SearchStrategy[str]:
    return st.sampled_from(names.split())


def statements(things: st.SearchStrategy[str], values: str) -> st.SearchStrategy[str]:
    """Single statements about some things; `values` are further objects, such as literals."""
    objects = things | one_of(values) if values else things
    return st.one_of(
        st.builds("{} a {}".format, things, one_of("cg:A cg:B ex:C ex:D")),
        st.builds("{} {} {}".format, things, one_of("cg:p cg:q cg:r ex:e ex:f"), objects),
    )


def some(what: st.SearchStrategy[str], most: int) -> st.SearchStrategy[str]:
    """Up to `most` statements, as Turtle."""
    return st.lists(what, min_size=1, max_size=most, unique=True).map(" . ".join)


ontologies = some(st.sampled_from(sorted(AXIOMS.values())), 6)
query_sets = st.lists(st.sampled_from(QUERIES), max_size=2, unique=True)
data_sets = some(statements(one_of("ex:a ex:b ex:c ex:d cg:a"), '"x" "y"@en "1"^^xsd:int'), 10)


@given(ontologies, query_sets, data_sets)
@settings(max_examples=40)
def test_it_concludes_what_owlrl_concludes(axioms: str, queries: list[Query], data: str) -> None:
    inferred = reasoner(axioms, *queries).infer(triples(data))
    assert inferred == by_owlrl(graph(axioms), graph(data), queries)


@pytest.mark.parametrize("kind", AXIOMS)
def test_every_kind_of_axiom_concludes_what_owlrl_concludes(kind: str) -> None:
    """On data in which every kind of axiom but the last finds something to do."""
    data = """
        ex:a a cg:A, cg:B, ex:C, ex:D ; cg:p ex:b ; cg:q ex:c ; cg:r ex:d ; ex:e ex:b .
        ex:b a cg:A, ex:C ; cg:p ex:a ; cg:q ex:b, "x" ; cg:r ex:c ; ex:e ex:c, ex:d .
        ex:c a cg:B ; cg:p ex:c ; cg:q ex:d ; cg:r ex:b ; ex:e ex:a .
        ex:d a ex:D ; cg:p ex:a ; cg:q ex:a ; cg:r ex:a, ex:d ; ex:f ex:b
    """
    inferred = reasoner(AXIOMS[kind]).infer(triples(data))
    assert inferred == by_owlrl(graph(AXIOMS[kind]), graph(data))


@given(ontologies, query_sets, data_sets)
@settings(max_examples=25)
def test_nothing_new_follows_from_what_was_inferred(
    axioms: str, queries: list[Query], data: str
) -> None:
    apply, given_data = reasoner(axioms, *queries), triples(data)
    assert apply.infer([*given_data, *apply.infer(given_data)]) == []


@given(ontologies, query_sets, data_sets, data_sets)
@settings(max_examples=25)
def test_what_is_known_counts_and_is_not_repeated(
    axioms: str, queries: list[Query], known: str, data: str
) -> None:
    apply = reasoner(axioms, *queries)
    before = {*triples(known), *apply.infer(triples(known))}
    after = {*triples(known), *triples(data), *apply.infer([*triples(known), *triples(data)])}
    found = apply.knowing(triples(known)).infer(triples(data))
    assert found == sorted(after - before - {*triples(data)})


shared_things = one_of("ex:a ex:b cg:a")
documents = st.tuples(
    some(statements(shared_things | one_of("ex:own1x ex:own1y"), ""), 6),
    some(statements(shared_things | one_of("ex:own2x ex:own2y"), ""), 6),
)


@given(ontologies, query_sets, documents)
@settings(max_examples=50)
def test_documents_and_their_bridges_conclude_what_the_whole_concludes(
    axioms: str, queries: list[Query], documents: tuple[str, str]
) -> None:
    apply = reasoner(axioms, *queries)
    stated: set[Triple] = set()
    inferred: set[Triple] = set()
    bridges: list[Triple] = []
    for number, document in enumerate(documents, start=1):
        own = f"<https://example.org/own{number}"
        stated.update(triples(document))
        inferred.update(apply.infer(triples(document)))
        bridges += apply.bridges([*triples(document), *apply.infer(triples(document))], own)
    inferred.update(apply.infer(bridges))
    assert sorted(inferred - stated) == apply.infer(stated)


def test_the_examples_of_the_ontology_have_owlrl_s_conclusions_and_no_fault() -> None:
    """Their literals are left out, for owlrl compares each with each and concludes nothing."""
    data = Graph()
    for file in (Path(ontology.__file__).parent / "examples").glob("*.ttl"):
        data += (triple for triple in Graph().parse(file) if not isinstance(triple[2], Literal))
    apply = compile_rules(ontology.closed(), ontology.rules())
    expected = by_owlrl(ontology.closed(), data, ontology.rules())
    assert apply.conclude(triples_of(data)) == Conclusions(expected, [])


MET = construct(
    "?one cg:metWith ?other",
    "?meeting a cg:Meeting ; cg:status cg:Held ; cg:participant ?one, ?other"
    " FILTER(?one != ?other)",
)
ACTS = """
    cg:Offer rdfs:subClassOf cg:Act . cg:Act rdfs:subClassOf cg:Fact . cg:Meeting rdfs:subClassOf
    cg:Fact . cg:actor rdfs:domain cg:Act ; rdfs:range cg:Agent ; owl:inverseOf cg:actedIn .
    cg:participant rdfs:domain cg:Meeting ; owl:inverseOf cg:participantIn .
    cg:metWith a owl:SymmetricProperty . cg:partOf a owl:TransitiveProperty .
    cg:actingState owl:propertyChainAxiom ( cg:actor cg:represents ) ; rdfs:range cg:State .
    cg:Held a cg:Status . cg:status rdfs:range cg:Status
"""


def test_participants_of_a_held_meeting_met_and_none_met_itself() -> None:
    meeting = "ex:m cg:status cg:Held ; cg:participant ex:a, ex:b"
    assert reasoner(ACTS, MET).infer(triples(meeting)) == triples(
        """
        ex:m a cg:Meeting, cg:Fact . ex:a cg:participantIn ex:m . ex:b cg:participantIn ex:m .
        ex:a cg:metWith ex:b . ex:b cg:metWith ex:a
        """
    )


def test_a_state_acts_through_whom_the_authority_knows_to_represent_it() -> None:
    """What the authority says is used, and neither repeated nor reasoned about again."""
    apply = reasoner(ACTS, MET).knowing(triples("ex:a cg:represents ex:s ; a cg:Agent"))
    assert apply.infer(triples("ex:o a cg:Offer ; cg:actor ex:a")) == triples(
        "ex:o a cg:Act, cg:Fact ; cg:actingState ex:s . ex:a cg:actedIn ex:o . ex:s a cg:State"
    )


def test_of_a_document_only_what_could_meet_another_document_is_a_bridge() -> None:
    """An actor may represent a state that another document names; a meeting is of one document."""
    document = triples(
        """
        ex:own1 a cg:Offer ; cg:actor ex:a ; cg:content "bases"@en .
        ex:own2 a cg:Meeting ; cg:status cg:Held ; cg:participant ex:a, ex:b
        """
    )
    apply = reasoner(ACTS, MET)
    found = apply.bridges([*document, *apply.infer(document)], "<https://example.org/own")
    assert found == triples("ex:own1 cg:actor ex:a")


def test_what_one_run_concludes_every_run_concludes_in_the_same_order() -> None:
    data = triples("ex:m cg:status cg:Held ; cg:participant ex:a, ex:b, ex:c, ex:d")
    first = reasoner(ACTS, MET).infer(data)
    assert first == sorted(first)
    assert reasoner(ACTS, MET).infer(data[::-1]) == first


def test_a_reasoner_can_be_sent_to_another_process() -> None:
    apply = reasoner(ACTS, MET).knowing(triples("ex:a cg:represents ex:s"))
    data = triples("ex:o cg:actor ex:a")
    assert pickle.loads(pickle.dumps(apply)).infer(data) == apply.infer(data)


@pytest.mark.parametrize(
    ("axiom", "data", "problem"),
    [
        ("cg:A owl:disjointWith cg:B", "ex:a a cg:A, cg:B", "nothing is both cg:A and cg:B"),
        ("cg:A owl:complementOf cg:B", "ex:a a cg:A, cg:B", "cg:A is whatever is not cg:B"),
        (
            "[] a owl:AllDisjointClasses ; owl:members ( ex:C cg:A cg:B )",
            "ex:a a cg:A, cg:B",
            "nothing is both cg:A and cg:B",
        ),
        (
            "cg:p owl:propertyDisjointWith cg:q",
            "ex:a cg:p ex:b ; cg:q ex:b",
            "no two things are related by both cg:p and cg:q",
        ),
        (
            "[] a owl:AllDisjointProperties ; owl:members ( cg:p cg:q cg:r )",
            "ex:a cg:q ex:b ; cg:r ex:b",
            "no two things are related by both cg:q and cg:r",
        ),
        ("cg:p a owl:IrreflexiveProperty", "ex:a cg:p ex:a", "nothing has itself as cg:p"),
        (
            "cg:p a owl:AsymmetricProperty",
            "ex:a cg:p ex:b . ex:b cg:p ex:a",
            "cg:p does not hold both ways",
        ),
        (
            "cg:A owl:equivalentClass [ owl:onProperty cg:p ; owl:maxCardinality 0 ]",
            "ex:a a cg:A ; cg:p ex:b",
            "[ owl:onProperty cg:p ] has no cg:p",
        ),
        (
            "cg:A owl:equivalentClass"
            " [ owl:onProperty cg:p ; owl:maxQualifiedCardinality 0 ; owl:onClass cg:B ]",
            "ex:a a cg:A ; cg:p ex:b . ex:b a cg:B",
            "[ owl:onProperty cg:p ] has no cg:p that is cg:B",
        ),
        (
            "[] owl:sourceIndividual ex:a ; owl:assertionProperty cg:p ; owl:targetIndividual ex:b",
            "ex:a cg:p ex:b",
            "ex:a does not have ex:b as cg:p",
        ),
        ("cg:A rdfs:subClassOf owl:Nothing", "ex:a a cg:A", "nothing is an owl:Nothing"),
    ],
)
def test_a_contradiction_is_a_fault(axiom: str, data: str, problem: str) -> None:
    [fault] = reasoner(axiom).conclude(triples(data)).faults
    assert fault.axiom == problem


def test_a_fault_names_the_axiom_and_the_triples() -> None:
    """Here one is stated, and the other follows from what is known."""
    apply = reasoner("cg:A owl:disjointWith cg:B . cg:p rdfs:domain cg:B")
    stated, followed = triples("ex:a a cg:A . ex:a a cg:B")
    known = apply.knowing(triples("ex:a cg:p ex:b"))
    fault = Fault("nothing is both cg:A and cg:B", (stated, followed))
    assert known.conclude([stated]) == Conclusions([], [fault])
    assert str(fault) == (
        "nothing is both cg:A and cg:B: "
        f"<https://example.org/a> {TYPE} <{TERMS}A> . <https://example.org/a> {TYPE} <{TERMS}B> ."
    )


@pytest.mark.parametrize(
    ("axiom", "message"),
    [
        (
            "cg:p a owl:FunctionalProperty",
            "cg:p rdf:type owl:FunctionalProperty: not supported; "
            "let a SHACL shape count the values.",
        ),
        ("cg:A owl:hasKey ( cg:p )", "cg:A owl:hasKey"),
        ("ex:a owl:sameAs ex:b", "owl:sameAs"),
        (
            "cg:A rdfs:subClassOf [ owl:onProperty cg:p ; owl:maxCardinality 1 ]",
            '[ owl:onProperty cg:p ] owl:maxCardinality "1"^^xsd:integer: not supported; '
            "let a SHACL shape count the values.",
        ),
        ("cg:A rdfs:subClassOf [ owl:onProperty cg:p ; owl:cardinality 0 ]", "owl:cardinality"),
        ("cg:A rdfs:subClassOf [ owl:onProperty cg:p ; owl:hasSelf true ]", "owl:hasSelf"),
        ("cg:p a owl:ReflexiveProperty", "owl:ReflexiveProperty"),
        ("cg:p owl:inverseFrom cg:q", "cg:p owl:inverseFrom cg:q: not a term of OWL 2 RL."),
        ("cg:p rdfs:subPropertyOf rdf:type", "rdf:type is not a property like others"),
        (
            "[ owl:onProperty cg:p ; owl:someValuesFrom xsd:date ] rdfs:subClassOf cg:A",
            "the types of literals are not concluded",
        ),
    ],
)
def test_an_axiom_that_would_be_lost_is_refused_by_name(axiom: str, message: str) -> None:
    with pytest.raises(UnsupportedAxiom) as problem:
        reasoner(axiom)
    assert message in str(problem.value)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (construct("?x a cg:A", "?x cg:p ?y MINUS { ?x a cg:B }"), "example: Minus is not"),
        (construct("?x a cg:A", "{ ?x cg:p ?y } UNION { ?x cg:q ?y }"), "example: Union is not"),
        (construct("?x a cg:A", "?x cg:p ?y FILTER(?y > 1)"), "example: FILTER with Relational"),
        (construct("?x a cg:A", "?x cg:p ?y FILTER(isIRI(?y))"), "example: FILTER with Builtin"),
        (construct("?x a cg:A", "?x ?p cg:a"), "example: each predicate, and each class, must be"),
        (construct("?x a ?y", "?x cg:p ?y"), "example: each predicate, and each class, must be"),
        (construct("?x a cg:A", "?x cg:p/cg:q* ?y"), "example: each predicate, and each class, m"),
        (construct("?z a cg:A", "?x cg:p ?y"), "example: ?z is not in a pattern"),
        (construct("[] cg:q ?x", "?x cg:p ?y"), "is not in a pattern"),
        (construct("?x cg:r ?y", "?x a cg:A . ?y a cg:B"), "example: its patterns share no var"),
        (Query("example", "SELECT * WHERE { ?s ?p ?o }"), "example: SelectQuery is not"),
    ],
)
def test_a_query_that_is_more_than_patterns_is_refused(query: Query, message: str) -> None:
    with pytest.raises(UnsupportedRule) as problem:
        reasoner("cg:A a owl:Class", query)
    assert message in str(problem.value)


def test_a_literal_in_a_rule_is_written_as_in_the_data() -> None:
    apply = reasoner(r'cg:A owl:equivalentClass [ owl:onProperty cg:p ; owl:hasValue "a\n\"b" ]')
    assert apply.infer(triples(r'ex:a cg:p "a\n\"b"')) == triples("ex:a a cg:A")
