"""The ontology as Python values: its terms, its graphs, its shapes, its rules, its page.

The Turtle files in this folder are the one source. `CG` knows exactly the terms that
`cablegraph.ttl` defines, so that a misspelt term fails where it is written. The files are
read as resources of the package, so all of this works from a wheel too.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

import yaml
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import OWL, RDF, RDFS, ClosedNamespace, Namespace
from rdflib.term import Node

from ontology.names import DATA, TERMS

__all__ = [
    "BASE",
    "CG",
    "EDTF",
    "ONTOLOGY",
    "Rule",
    "closed",
    "context",
    "header",
    "ontology",
    "page",
    "rules",
    "shapes",
    "terms",
]

BASE: Final = Namespace(DATA)
"""What the IRIs of all our things begin with: `BASE["person/stalin-joseph"]`."""

ONTOLOGY: Final = URIRef(TERMS.removesuffix("#"))
"""The ontology itself, as a thing with a title and a version."""

EDTF: Final = URIRef("http://id.loc.gov/datatypes/edtf/EDTF")
"""The datatype of dates that keep the precision of their source."""

_FOLDER: Final = files(__name__)


def _text(name: str) -> str:
    return _FOLDER.joinpath(name).read_text(encoding="utf-8")


def _names() -> list[str]:
    # Each term begins a line of its own; to parse the file would slow every import down.
    return re.findall(r"^cg:(\w+)$", _text("cablegraph.ttl"), re.MULTILINE)


CG: Final = ClosedNamespace(TERMS, _names())
"""Our terms: `CG.actor`. A name that the ontology does not define raises an error."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that OWL 2 RL cannot say: a SPARQL CONSTRUCT, and what it is for."""

    name: str
    title: str
    description: str
    text: str


def terms() -> list[URIRef]:
    """Return our terms, in the order in which the ontology defines them."""
    return [CG[name] for name in _names()]


def ontology() -> Graph:
    """Return the terms, and their links to other vocabularies."""
    return _graph("cablegraph.ttl", "alignments.ttl")


def shapes() -> Graph:
    """Return the SHACL shapes: what a complete record has."""
    return _graph("shapes.ttl")


def _graph(*names: str) -> Graph:
    graph = Graph()
    for name in names:
        graph.parse(data=_text(name), format="turtle")
    return graph


def context() -> dict[str, Any]:
    """Return the JSON-LD context as a document: an object whose one key is `@context`."""
    found: dict[str, Any] = json.loads(_text("context.jsonld"))
    return found


def rules() -> list[Rule]:
    """Return the rules that go beyond OWL 2 RL, by name."""
    found = (file for file in _FOLDER.joinpath("rules").iterdir() if file.name.endswith(".rq"))
    return [_rule(file) for file in sorted(found, key=lambda file: file.name)]


def _rule(file: Traversable) -> Rule:
    text = file.read_text(encoding="utf-8")
    said = header(text)
    return Rule(file.name.removesuffix(".rq"), said["title"], said["description"], text)


def header(query: str) -> dict[str, str]:
    """Return what the lines of a query that begin with `#+` say, as YAML."""
    said = re.findall(r"^#\+ ?(.*)$", query, re.MULTILINE)
    found: dict[str, str] = yaml.safe_load("\n".join(said))
    return found


def closed() -> Graph:
    """Return the axioms with all that follows from them by the rules of OWL 2 RL.

    Labels, definitions and other annotations are left out: nothing follows from them, and the
    rules would compare each literal with each other one. Takes half a second.
    """
    from owlrl import (  # type: ignore[import-untyped]  # slow to import, and seldom needed
        DeductiveClosure,
        OWLRL_Semantics,
    )

    graph = _axioms(ontology())
    DeductiveClosure(OWLRL_Semantics).expand(graph)
    return graph


_VOCABULARIES: Final = (str(OWL), str(RDF), str(RDFS))
_ANNOTATIONS: Final = {RDFS.isDefinedBy, RDFS.seeAlso, OWL.versionIRI}


def _axioms(graph: Graph) -> Graph:
    axioms = Graph()
    axioms.bind("cg", TERMS)
    axioms += (triple for triple in graph if _is_axiom(*triple))
    return axioms


def _is_axiom(_: Node, predicate: Node, value: Node) -> bool:
    theirs = not str(predicate).startswith(_VOCABULARIES)
    words = isinstance(value, Literal) and not _says_with_literal(predicate)
    return not (theirs or predicate in _ANNOTATIONS or words)


def _says_with_literal(predicate: Node) -> bool:
    return predicate == OWL.hasValue or str(predicate).endswith("ardinality")


def page() -> str:
    """Return the ontology as one HTML page that loads nothing, to be read by people."""
    from ontology import describe  # made once; pyLODE is slow to import

    return describe.page(ontology(), ONTOLOGY, _names(), rules())
