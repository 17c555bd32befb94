"""Names: of our things and terms on the web, and how those of people are compared.

The one definition that the ingest and the server share.
"""

import re
import unicodedata

DATA = "https://w3id.org/cablegraph/"
"""What the IRIs of all our things begin with; the rest is the path that the server answers."""

TERMS = "https://w3id.org/cablegraph/ontology#"
"""What the IRIs of all terms of the ontology begin with."""

VERSION_GRAPH = f"{DATA}graph/version"
"""The graph in which a data set says its version: loaded last, it tells that all is there."""

_OTHER = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Return a name in the form in which names are compared.

    Accents, case and punctuation do not count: "Nuri al-Saʿīd" and "nuri al said" are equal.
    """
    plain = text
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text).translate(_MARKS)
    return _OTHER.sub(" ", plain.casefold()).strip()


def slug(name: str) -> str:
    """Return a name as it stands in the IRI of a thing: "ambassador-in-egypt"."""
    return fold(name).replace(" ", "-")


class _Marks(dict[int, int | None]):
    """What each character is without marks, by its number; those that were asked for."""

    def __missing__(self, number: int) -> int | None:
        character = chr(number)
        self[number] = None if _is_mark(character) else number
        return self[number]


def _is_mark(character: str) -> bool:
    """Whether a character only changes another: an accent, or a sign such as that of ayn."""
    return bool(unicodedata.combining(character)) or unicodedata.category(character) == "Lm"


_MARKS = _Marks()
