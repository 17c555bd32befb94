"""Read rules from the ontology: what OWL 2 RL makes of its axioms, and its own CONSTRUCT queries.

`_TABLE` is the part of the W3C's rule tables (https://www.w3.org/TR/owl2-profiles/#tab-rules)
that draws conclusions about things: an axiom found in the ontology becomes one rule about the
data. The part about the terms themselves (scm-*) is not here, for the ontology comes closed
under it. Equality is left out, because two names of one thing are one IRI in our data: an
axiom that could make two things equal, or that lies outside OWL 2 RL, is refused by name, so
that none is dropped unseen. What a literal is, SHACL checks: datatypes conclude nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, URIRef
from rdflib.namespace import XSD
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import ResultRow
from rdflib.term import Node

from ingest.terms import Triple, iri, text

Pattern = tuple[str, str, str]
"""A triple in which a term that begins with a question mark is a variable."""

Key = tuple[str, str]

TYPE = f"<{RDF.type}>"
_PREFIXES = {"rdf": RDF, "rdfs": RDFS, "owl": OWL}


class UnsupportedAxiom(ValueError):
    """The ontology has an axiom whose conclusions would be lost."""


class UnsupportedRule(ValueError):
    """A CONSTRUCT query is more than patterns and inequalities."""


class Construct(Protocol):
    """A SPARQL CONSTRUCT query and the name to complain by."""

    @property
    def name(self) -> str:
        """What the query is called."""

    @property
    def text(self) -> str:
        """The query, with its prefixes."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Where `body` holds and no pair of `differ` is one term, `head` holds.

    Without a head, the body must not hold, and `name` says why.
    """

    name: str
    body: tuple[Pattern, ...]
    head: tuple[Pattern, ...] = ()
    differ: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Schema:
    """Where the ontology has `axiom`, for each of its $-variables: the rule from body to head.

    Without a head, `never` says what the axiom forbids.
    """

    code: str
    axiom: str
    body: str
    head: str = ""
    never: str = ""


_TABLE = (
    _Schema("prp-dom", "$p rdfs:domain $c", "?x $p ?y", "?x a $c"),
    _Schema("prp-rng", "$p rdfs:range $c", "?x $p ?y", "?y a $c"),
    _Schema("prp-symp", "$p a owl:SymmetricProperty", "?x $p ?y", "?y $p ?x"),
    _Schema("prp-trp", "$p a owl:TransitiveProperty", "?x $p ?y . ?y $p ?z", "?x $p ?z"),
    _Schema("prp-spo1", "$p rdfs:subPropertyOf $q", "?x $p ?y", "?x $q ?y"),
    _Schema("prp-eqp1", "$p owl:equivalentProperty $q", "?x $p ?y", "?x $q ?y"),
    _Schema("prp-eqp2", "$p owl:equivalentProperty $q", "?x $q ?y", "?x $p ?y"),
    _Schema("prp-inv1", "$p owl:inverseOf $q", "?x $p ?y", "?y $q ?x"),
    _Schema("prp-inv2", "$p owl:inverseOf $q", "?x $q ?y", "?y $p ?x"),
    _Schema("cax-sco", "$c rdfs:subClassOf $d", "?x a $c", "?x a $d"),
    _Schema("cax-eqc1", "$c owl:equivalentClass $d", "?x a $c", "?x a $d"),
    _Schema("cax-eqc2", "$c owl:equivalentClass $d", "?x a $d", "?x a $c"),
    _Schema("cls-int2", "$c owl:intersectionOf/rdf:rest*/rdf:first $d", "?x a $c", "?x a $d"),
    _Schema("cls-uni", "$c owl:unionOf/rdf:rest*/rdf:first $d", "?x a $d", "?x a $c"),
    _Schema(
        "cls-svf1",
        "$c owl:someValuesFrom $d ; owl:onProperty $p . FILTER($d != owl:Thing)",
        "?x $p ?y . ?y a $d",
        "?x a $c",
    ),
    _Schema(
        "cls-svf2", "$c owl:someValuesFrom owl:Thing ; owl:onProperty $p", "?x $p ?y", "?x a $c"
    ),
    _Schema(
        "cls-avf",
        "$c owl:allValuesFrom $d ; owl:onProperty $p",
        "?x a $c . ?x $p ?y",
        "?y a $d",
    ),
    _Schema("cls-hv1", "$c owl:hasValue $v ; owl:onProperty $p", "?x a $c", "?x $p $v"),
    _Schema("cls-hv2", "$c owl:hasValue $v ; owl:onProperty $p", "?x $p $v", "?x a $c"),
    _Schema(
        "cls-com",
        "$c owl:complementOf $d",
        "?x a $c . ?x a $d",
        never="$c is whatever is not $d",
    ),
    _Schema(
        "cls-maxc1",
        "$c owl:maxCardinality ?n ; owl:onProperty $p . FILTER(?n = 0)",
        "?x a $c . ?x $p ?y",
        never="$c has no $p",
    ),
    _Schema(
        "cls-maxqc1",
        "$c owl:maxQualifiedCardinality ?n ; owl:onProperty $p ; owl:onClass $d ."
        " FILTER(?n = 0 && $d != owl:Thing)",
        "?x a $c . ?x $p ?y . ?y a $d",
        never="$c has no $p that is $d",
    ),
    _Schema(
        "cls-maxqc2",
        "$c owl:maxQualifiedCardinality ?n ; owl:onProperty $p ; owl:onClass owl:Thing ."
        " FILTER(?n = 0)",
        "?x a $c . ?x $p ?y",
        never="$c has no $p",
    ),
    _Schema(
        "cax-dw", "$c owl:disjointWith $d", "?x a $c . ?x a $d", never="nothing is both $c and $d"
    ),
    _Schema(
        "cax-adc",
        "[] a owl:AllDisjointClasses ; owl:members/rdf:rest* ?l ."
        " ?l rdf:first $c ; rdf:rest+/rdf:first $d",
        "?x a $c . ?x a $d",
        never="nothing is both $c and $d",
    ),
    _Schema(
        "prp-pdw",
        "$p owl:propertyDisjointWith $q",
        "?x $p ?y . ?x $q ?y",
        never="no two things are related by both $p and $q",
    ),
    _Schema(
        "prp-adp",
        "[] a owl:AllDisjointProperties ; owl:members/rdf:rest* ?l ."
        " ?l rdf:first $p ; rdf:rest+/rdf:first $q",
        "?x $p ?y . ?x $q ?y",
        never="no two things are related by both $p and $q",
    ),
    _Schema(
        "prp-irp", "$p a owl:IrreflexiveProperty", "?x $p ?x", never="nothing has itself as $p"
    ),
    _Schema(
        "prp-asyp",
        "$p a owl:AsymmetricProperty",
        "?x $p ?y . ?y $p ?x",
        never="$p does not hold both ways",
    ),
    _Schema(
        "prp-npa",
        "[] owl:sourceIndividual $x ; owl:assertionProperty $p ;"
        " owl:targetIndividual|owl:targetValue $y",
        "$x $p $y",
        never="$x does not have $y as $p",
    ),
)

_UNSUPPORTED = (
    ("$s owl:sameAs $o . FILTER($s != $o)", "one thing has one IRI"),
    ("$s a $o . FILTER($o = owl:FunctionalProperty)", "let a SHACL shape count the values"),
    ("$s a $o . FILTER($o = owl:InverseFunctionalProperty)", "let a SHACL shape compare them"),
    ("$s a $o . FILTER($o = owl:ReflexiveProperty)", "it is outside OWL 2 RL"),
    ("$s owl:hasKey $o", "let a SHACL shape compare the keys"),
    ("$s owl:hasSelf $o", "it is outside OWL 2 RL"),
    ("$s owl:disjointUnionOf $o", "it is outside OWL 2 RL: use owl:unionOf, owl:disjointWith"),
    ("$s owl:onDataRange $o", "let a SHACL shape check the literals"),
    *(
        (f"$s owl:{name} $o . FILTER({limit})", "let a SHACL shape count the values")
        for name, limit in (
            ("maxCardinality", "$o != 0"),
            ("maxQualifiedCardinality", "$o != 0"),
            ("cardinality", "true"),
            ("qualifiedCardinality", "true"),
            ("minCardinality", "true"),
            ("minQualifiedCardinality", "true"),
        )
    ),
)
"""Axioms that no rule here stands for, and what to do instead."""


_HARMLESS = """
    Class Thing Nothing Ontology OntologyProperty ObjectProperty DatatypeProperty
    AnnotationProperty NamedIndividual Restriction DataRange DeprecatedClass DeprecatedProperty
    Axiom Annotation AllDifferent NegativePropertyAssertion differentFrom distinctMembers oneOf
    versionInfo versionIRI imports priorVersion backwardCompatibleWith incompatibleWith
    deprecated annotatedSource annotatedProperty annotatedTarget onDatatype withRestrictions
    propertyChainAxiom
"""
"""Terms of OWL that entail nothing about data, or nothing that the closure does not hold yet."""

_UNDERSTOOD = frozenset(f"owl:{name}" for name in _HARMLESS.split()).union(
    *(re.findall(r"owl:\w+", f"{schema.axiom} {schema.body}") for schema in _TABLE),
    *(re.findall(r"owl:\w+", axiom) for axiom, _ in _UNSUPPORTED),
)


def read_rules(closed: Graph, constructs: Iterable[Construct], ours: str) -> list[Rule]:
    """Return the rules for data of an ontology closed under OWL 2 RL and of its CONSTRUCT queries.

    Only those that lead to a triple of ours, directly or through others, or to a fault: those
    whose predicate, or class if it gives a type, begins with `ours`.
    """
    _refuse_unsupported(closed)
    found = [*_owl_rules(closed), *(_construct_rule(query) for query in constructs)]
    rules, datatypes = _useful(_distinct(found), ours), _datatypes(closed)
    _refuse_variable_types(rules)
    _refuse_typed_literals(rules, datatypes)
    return [rule for rule in rules if not _types_literals(rule, datatypes)]


def key(pattern: Pattern) -> Key:
    """Return what to look rules up by: the predicate, and the class if the pattern gives a type."""
    _, predicate, value = pattern
    return predicate, value if predicate == TYPE else ""


def triples_of(graph: Iterable[tuple[Node, Node, Node]]) -> list[Triple]:
    """Return a graph's triples as N-Triples terms, in no particular order."""
    return [(written(s), written(p), written(o)) for s, p, o in graph]


def written(node: Node) -> str:
    """Return a node as N-Triples writes it; a variable with its question mark."""
    if isinstance(node, Literal):
        return text(node) + _suffix(node)
    if isinstance(node, URIRef):
        return iri(node)
    return f"_:{node}" if isinstance(node, BNode) else f"?{node}"


def _suffix(literal: Literal) -> str:
    if literal.language:
        return f"@{literal.language}"
    plain = literal.datatype is None or literal.datatype == XSD.string
    return "" if plain else f"^^<{literal.datatype}>"


def _owl_rules(closed: Graph) -> Iterator[Rule]:
    for schema in _TABLE:
        for found in _query(closed, schema.axiom):
            yield _instance(schema, found, closed)
    yield Rule("nothing is an owl:Nothing", (("?x", TYPE, written(OWL.Nothing)),))
    yield from _intersections(closed)
    yield from _chains(closed)


@cache
def _prepared(where: str) -> Query:
    return prepareQuery(f"SELECT * WHERE {{ {where} }}", initNs=_PREFIXES)


def _query(closed: Graph, where: str) -> Iterator[dict[str, Node]]:
    for row in closed.query(_prepared(where)):
        assert isinstance(row, ResultRow)
        yield dict(row.asdict())


def _instance(schema: _Schema, found: Mapping[str, Node], closed: Graph) -> Rule:
    terms = {f"${name}": written(node) for name, node in found.items()}
    name = _filled(schema.never, found, closed) if schema.never else schema.code
    return Rule(name, _patterns(schema.body, terms), _patterns(schema.head, terms))


def _patterns(text: str, terms: Mapping[str, str]) -> tuple[Pattern, ...]:
    """Return the patterns of a rule in `_TABLE`, with its $-variables filled in."""
    known = {"a": TYPE, **terms}
    words = [known.get(word, word) for word in text.split()]
    return tuple((words[i], words[i + 1], words[i + 2]) for i in range(0, len(words), 4))


def _filled(text: str, found: Mapping[str, Node], closed: Graph) -> str:
    """Return a sentence of `_TABLE` with its $-variables as prefixed names."""
    return re.sub(r"\$(\w+)", lambda match: _short(found[match[1]], closed), text)


def _short(node: Node, closed: Graph) -> str:
    """Return a name for people; a restriction has none, and is known by its property."""
    if isinstance(node, BNode):
        shown = " ".join(_short(name, closed) for name in closed.objects(node, OWL.onProperty))
        return f"[ owl:onProperty {shown} ]" if shown else "[ ]"
    assert isinstance(node, URIRef | Literal)
    return node.n3(closed.namespace_manager)


def _intersections(closed: Graph) -> Iterator[Rule]:
    for whole, parts in closed.subject_objects(OWL.intersectionOf):
        body = tuple(("?x", TYPE, written(part)) for part in closed.items(parts))
        yield Rule("cls-int1", body, (("?x", TYPE, written(whole)),))


def _chains(closed: Graph) -> Iterator[Rule]:
    for whole, parts in closed.subject_objects(OWL.propertyChainAxiom):
        links = [written(part) for part in closed.items(parts)]
        body = tuple((f"?x{i}", link, f"?x{i + 1}") for i, link in enumerate(links))
        yield Rule("prp-spo2", body, (("?x0", written(whole), f"?x{len(links)}"),))


def _refuse_unsupported(closed: Graph) -> None:
    for axiom, remedy in _UNSUPPORTED:
        for found in _query(closed, axiom):
            predicate = "rdf:type" if " a $o" in axiom else axiom.split()[1]
            shown = f"{_short(found['s'], closed)} {predicate} {_short(found['o'], closed)}"
            raise UnsupportedAxiom(f"{shown}: not supported; {remedy}.")
    for triple in closed:
        used = str(triple[2] if triple[1] == RDF.type else triple[1])
        if used.startswith(str(OWL)) and used.replace(str(OWL), "owl:") not in _UNDERSTOOD:
            shown = " ".join(_short(node, closed) for node in triple)
            raise UnsupportedAxiom(f"{shown}: not a term of OWL 2 RL.")


def _distinct(rules: Iterable[Rule]) -> list[Rule]:
    """Each rule once, without those that conclude what they start from."""
    found = {(frozenset(rule.body), rule.head, rule.differ): rule for rule in rules}
    return [rule for rule in found.values() if not (rule.head and {*rule.head} <= {*rule.body})]


def is_ours(pattern: Pattern, ours: str) -> bool:
    """Tell whether the predicate, or the class if a type is given, begins with `ours`."""
    predicate, name = key(pattern)
    return (name or predicate).startswith(ours)


def _useful(rules: list[Rule], ours: str) -> list[Rule]:
    """Keep what states a fault, concludes something of ours, or is of use to a rule kept."""
    wanted = {key(pattern) for rule in rules if not rule.head for pattern in rule.body}
    kept: list[Rule] = [rule for rule in rules if not rule.head]
    rest = [rule for rule in rules if rule.head]
    while found := [rule for rule in rest if _concludes(rule, wanted, ours)]:
        kept += found
        rest = [rule for rule in rest if rule not in found]
        wanted |= {key(pattern) for rule in found for pattern in rule.body}
    return kept


def _concludes(rule: Rule, wanted: set[Key], ours: str) -> bool:
    return any(
        is_ours(pattern, ours) or key(pattern) in wanted or is_variable(key(pattern)[1])
        for pattern in rule.head
    )


def _datatypes(closed: Graph) -> frozenset[str]:
    declared = closed.subjects(RDF.type, RDFS.Datatype)
    schema = (XSD[name] for name in XSD.__annotations__)
    return frozenset(written(node) for node in (RDFS.Literal, RDF.langString, *schema, *declared))


def _types_literals(rule: Rule, datatypes: frozenset[str]) -> bool:
    return any(key(pattern)[1] in datatypes for pattern in rule.body)


def _refuse_typed_literals(rules: Iterable[Rule], datatypes: frozenset[str]) -> None:
    for rule in rules:
        if rule.head and _types_literals(rule, datatypes):
            raise UnsupportedAxiom(
                f"{_shown(rule)}: not supported, because the types of literals are not concluded;"
                " let a SHACL shape check them."
            )


def _refuse_variable_types(rules: Iterable[Rule]) -> None:
    for rule in rules:
        if any(is_variable(key(pattern)[1]) for pattern in (*rule.body, *rule.head)):
            raise UnsupportedAxiom(
                f"{_shown(rule)}: not supported, because rdf:type is not a property like others."
            )


def _shown(rule: Rule) -> str:
    body, head = (" . ".join(map(" ".join, patterns)) for patterns in (rule.body, rule.head))
    return f"{rule.name}, {body} => {head}"


def _construct_rule(query: Construct) -> Rule:
    """Return the rule that a CONSTRUCT query states, if it has only patterns and inequalities."""
    algebra: CompValue = prepareQuery(query.text).algebra
    try:
        body, differ = _conditions(algebra)
        rule = Rule(query.name, body, _triples(algebra.template), differ)
        _check(rule)
    except UnsupportedRule as problem:
        raise UnsupportedRule(f"{query.name}: {problem}") from None
    return rule


def _conditions(part: CompValue) -> tuple[tuple[Pattern, ...], tuple[tuple[str, str], ...]]:
    """Return the patterns of a part of a query, and its pairs of terms that must differ."""
    match part.name:
        case "BGP":
            return _triples(part.triples), ()
        case "Join":
            (body, differ), (more, others) = _conditions(part.p1), _conditions(part.p2)
            return body + more, differ + others
        case "Filter":
            body, differ = _conditions(part.p)
            return body, differ + tuple(_inequalities(part.expr))
        case "ConstructQuery" | "Project" if not part.datasetClause:
            return _conditions(part.p)
    raise UnsupportedRule(f"{part.name} is not supported, only patterns and FILTER(?a != ?b).")


def _inequalities(condition: Any) -> Iterator[tuple[str, str]]:
    name = getattr(condition, "name", condition)
    if name == "ConditionalAndExpression":
        for part in (condition.expr, *condition.other):
            yield from _inequalities(part)
    elif name == "RelationalExpression" and condition.op == "!=":
        yield written(condition.expr), written(condition.other)
    else:
        raise UnsupportedRule(f"FILTER with {name} is not supported, only ?a != ?b.")


def _triples(triples: Iterable[tuple[Any, Any, Any]]) -> tuple[Pattern, ...]:
    for _, predicate, value in triples:
        if not isinstance(value if predicate == RDF.type else predicate, URIRef):
            raise UnsupportedRule("each predicate, and each class, must be named.")
    return tuple((_blank(s), written(p), _blank(o)) for s, p, o in triples)


def _blank(node: Node) -> str:
    """Return a term of a query, in which a blank node stands for a variable."""
    return f"?_{node}" if isinstance(node, BNode) else written(node)


def _check(rule: Rule) -> None:
    bound = variables(rule.body)
    used = variables([*rule.head, *((left, "", right) for left, right in rule.differ)])
    if unbound := sorted(used - bound):
        raise UnsupportedRule(f"{unbound[0]} is not in a pattern of the WHERE clause.")
    if not _is_connected(rule.body):
        raise UnsupportedRule("its patterns share no variable, so that it pairs all with all.")


def is_variable(name: str) -> bool:
    """Tell whether a term of a pattern is a variable."""
    return name.startswith("?")


def variables(patterns: Iterable[Pattern]) -> frozenset[str]:
    """Return the variables of some patterns."""
    return frozenset(name for s, _, o in patterns for name in (s, o) if is_variable(name))


def _is_connected(body: tuple[Pattern, ...]) -> bool:
    reached, rest = variables(body[:1]), list(body[1:])
    while found := [pattern for pattern in rest if variables([pattern]) & reached]:
        reached |= variables(found)
        rest = [pattern for pattern in rest if pattern not in found]
    return not rest
