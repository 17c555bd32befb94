"""Write what a page was asked as SPARQL, so that a reader can take the question on.

The rows are those that the page finds: a test runs both. Every value goes in as a term that the
RDF library writes, never as text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from pyoxigraph import Literal, NamedNode

from ontology.names import DATA, TERMS
from server.facets import Chosen
from server.reading import ACTS, Sides

FORMS = (
    "Telegram", "Airgram", "Letter", "Memorandum", "MemorandumOfConversation", "Note", "Minutes",
    "Report", "EditorialNote",
)  # fmt: skip
"""The documentary forms; what has none of them is a Document and nothing more."""

NARROWER = {"Memorandum": ("MemorandumOfConversation",), "Document": FORMS}
"""Forms of which others are kinds: who asks for memoranda does not mean those."""

ROLES = {
    "actor": "cg:actor",
    "addressee": "cg:addressee",
    "participant": "cg:participant",
    "presented_by": "cg:presentedBy",
    "reported_by": "cg:reportedBy",
    "about": "cg:about",
    "location": "cg:location",
    "acting_state": "cg:actingState",
    "sender": "cg:sender",
    "recipient": "cg:recipient",
}
"""The properties of the parts that entities have in facts and documents."""

_PREFIXES = (
    "PREFIX cg: <https://w3id.org/cablegraph/ontology#>\n"
    "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
    "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>"
)
_FACTS = (
    "SELECT DISTINCT ?fact ?date ?content ?document",
    ("?fact cg:content ?content ; cg:statedIn ?document .",),
    ("OPTIONAL { ?fact cg:date ?date }",),
    "ORDER BY ?date ?fact",
)
_DOCUMENTS = (
    "SELECT DISTINCT ?document ?date ?title",
    ("?document a cg:Document ; rdfs:label ?title .",),
    ("OPTIONAL { ?document cg:dateSent ?date }",),
    "ORDER BY ?date ?document",
)


def facts(chosen: Chosen, words: str = "") -> str:
    """Return a query for the facts that have some features and hold some words."""
    return _query(_FACTS, "?fact", chosen, words)


def documents(chosen: Chosen, words: str = "") -> str:
    """Return a query for the documents that have some features and hold some words."""
    return _query(_DOCUMENTS, "?document", chosen, words)


def between(which: Sides) -> str:
    """Return a query for the acts of two sides towards each other."""
    one, other = (_term(DATA + id) for id in (which.one, which.other))
    lines = (
        f"VALUES (?by ?towards) {{ ({one} {other}) ({other} {one}) }}",
        "?fact cg:actor|cg:actingState ?by ; cg:addressee/cg:represents? ?towards .",
        *_kinds("?fact", which.kinds or ACTS),
        *(_days("?fact", which.days) if any(which.days) else ()),
    )
    select, needed, wanted, order = _FACTS
    return _written(select.replace("?fact", "?fact ?by"), [*needed, *lines, *wanted], order)


def _query(
    parts: tuple[str, tuple[str, ...], tuple[str, ...], str],
    thing: str,
    chosen: Chosen,
    words: str,
) -> str:
    select, needed, wanted, order = parts
    lines = [*_matching(thing, words)]
    for name, values in chosen.items():
        lines += _CLAUSES[name](thing, values) if name in _CLAUSES else _role(thing, name, values)
    return _written(select, [*needed, *lines, *wanted], order)


def _written(select: str, lines: Iterable[str], order: str) -> str:
    body = "\n".join(f"  {line}" for line in lines)
    return f"{_PREFIXES}\n{select}\nWHERE {{\n{body}\n}}\n{order}"


def _matching(thing: str, words: str) -> Iterator[str]:
    if words.strip():
        yield f"{thing} cg:matches {Literal(words)} ."


def _kinds(thing: str, values: Sequence[str]) -> Iterator[str]:
    yield _values("?kind", [TERMS + value.capitalize() for value in values])
    yield f"{thing} a ?kind ."


def _concepts(thing: str, name: str, values: Sequence[str]) -> Iterator[str]:
    yield _values(f"?{name}", [TERMS + value.capitalize() for value in values])
    yield f"{thing} cg:{name} ?{name} ."


def _forms(_: str, values: Sequence[str]) -> Iterator[str]:
    yield _values("?form", [TERMS + value for value in values])
    yield "?document a ?form ."
    narrower = {each for value in values for each in NARROWER.get(value, ())} - set(values)
    if narrower:
        classes = " ".join(_term(TERMS + each) for each in sorted(narrower))
        yield f"FILTER NOT EXISTS {{ VALUES ?other {{ {classes} }} ?document a ?other }}"


def _volumes(_: str, values: Sequence[str]) -> Iterator[str]:
    yield _values("?volume", [f"{DATA}volume/{value}" for value in values])
    yield "?document cg:partOf ?volume ."


def _days(thing: str, values: Sequence[str | None]) -> Iterator[str]:
    """Compare the date of a thing; of a fact without one, that of its document."""
    start, end = values
    for name in ("earliest", "latest"):
        yield f"OPTIONAL {{ {thing} cg:{name} ?{name} }}"
    if thing == "?fact":
        for name in ("earliest", "latest"):
            yield f"OPTIONAL {{ ?document cg:{name} ?{name}Sent }}"
        yield "BIND(BOUND(?earliest) || BOUND(?latest) AS ?dated)"
        yield "BIND(IF(?dated, ?earliest, ?earliestSent) AS ?first)"
        yield "BIND(IF(?dated, ?latest, ?latestSent) AS ?last)"
    else:
        yield "BIND(?earliest AS ?first) BIND(?latest AS ?last)"
    yield "FILTER(BOUND(?first) || BOUND(?last))"
    if start:
        yield f'FILTER(!BOUND(?last) || ?last >= "{start}"^^xsd:date)'
    if end:
        yield f'FILTER(!BOUND(?first) || ?first <= "{end}"^^xsd:date)'


def _confidence(thing: str, values: Sequence[str]) -> Iterator[str]:
    yield f"{thing} cg:confidence ?confidence ."
    yield f"FILTER(?confidence >= {min(map(float, values))})"


def _role(thing: str, name: str, values: Sequence[str]) -> Iterator[str]:
    path = "|".join(ROLES.values()) if name == "entity" else ROLES[name]
    yield _values(f"?{name}", [DATA + value for value in values])
    yield f"{thing} {path} ?{name} ."


_CLAUSES: Mapping[str, Callable[[str, Sequence[str]], Iterator[str]]] = {
    "kind": _kinds,
    "status": lambda thing, values: _concepts(thing, "status", values),
    "force": lambda thing, values: _concepts(thing, "force", values),
    "form": _forms,
    "volume": _volumes,
    "days": _days,
    "min_confidence": _confidence,
}


def _values(variable: str, iris: Iterable[str]) -> str:
    return f"VALUES {variable} {{ {' '.join(map(_term, iris))} }}"


def _term(iri: str) -> str:
    return str(NamedNode(iri))
