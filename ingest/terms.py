"""RDF terms as N-Quads writes them: text, because a build writes millions and reads none.

A quad is four such terms. Escaping follows the canonical form of RDF 1.1 N-Triples (only
`"`, `\\`, line feed and carriage return), so that equal quads are equal lines.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from ontology.names import DATA, TERMS

Triple = tuple[str, str, str]


class Quad(NamedTuple):
    """A statement and the graph that makes it."""

    subject: str
    predicate: str
    object: str
    graph: str


_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})
_UNSAFE = re.compile(r"[^A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]|%(?![0-9A-Fa-f]{2})")
_SURROGATE = re.compile(r"[\ud800-\udfff]")

_XSD = "http://www.w3.org/2001/XMLSchema#"


def iri(text: str) -> str:
    """Return the term of an IRI; what no URI may hold is percent-encoded as UTF-8."""
    main, mark, fragment = _UNSAFE.sub(_encoded, text).partition("#")
    return f"<{main}{mark}{fragment.replace('#', '%23')}>"


def _encoded(found: re.Match[str]) -> str:
    return quote(found[0], errors="replace")


@lru_cache(maxsize=1 << 12)
def thing(path: str) -> str:
    """Return the term of one of our things, by the path of its IRI."""
    return iri(DATA + path)


def term(name: str) -> str:
    """Return the term of a word of our ontology."""
    return f"<{TERMS}{name}>"


def text(value: str) -> str:
    """Return a plain string literal. Lone surrogates, which RDF cannot hold, become U+FFFD."""
    return f'"{_SURROGATE.sub(chr(0xFFFD), value).translate(_ESCAPES)}"'


def english(value: str) -> str:
    """Return a literal in English."""
    return text(value) + "@en"


def typed(value: str, datatype: str) -> str:
    """Return a literal of an XML Schema datatype, such as `date`."""
    return f"{text(value)}^^<{_XSD}{datatype}>"


def edtf(value: str) -> str:
    """Return a date literal in Extended Date/Time Format."""
    return f"{text(value)}^^<http://id.loc.gov/datatypes/edtf/EDTF>"


def line(quad: Quad) -> str:
    """Return the line of a quad in an N-Quads file, without its line feed."""
    return f"{quad.subject} {quad.predicate} {quad.object} {quad.graph} ."
