"""Put answers into words for a reader: the filters of the templates."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from pyoxigraph import Literal, NamedNode

from ontology.names import DATA
from queries import Query
from server.answers import (
    Date,
    EntityAnswer,
    FactAnswer,
    FactLink,
    Name,
    PlaceAnswer,
    TimelineEntry,
)
from server.charts import written
from server.edtf import written_out
from server.graph import substitutions
from server.matches import with_words
from server.ties import KINDS

FORCES = {
    "ask": "asked",
    "urge": "urged",
    "demand": "demanded",
    "propose": "proposed",
    "instruct": "instructed",
    "recommend": "recommended",
    "promise": "promised",
    "agree": "agreed",
    "assure": "assured",
    "decide": "decided",
    "intend": "intended",
}
PLAIN = {
    "meeting": "met",
    "request": "requested",
    "offer": "offered",
    "commitment": "undertook",
    "refusal": "refused",
}
LEVELS = {"1": "Certain", "0.9": "At least 90 %", "0.7": "At least 70 %", "0.5": "At least 50 %"}
FORMS = {
    "MemorandumOfConversation": "Memorandum of conversation",
    "EditorialNote": "Editorial note",
    "Note": "Diplomatic note",
}
TYPES = {
    "person": "people",
    "organization": "organizations",
    "state": "states",
    "place": "places",
    "position": "offices",
    "topic": "topics",
}
ROLES = {
    "actor": "acts",
    "addressee": "is addressed",
    "participant": "takes part",
    "presented_by": "conveys it",
    "reported_by": "reports it",
    "about": "is concerned",
    "location": "is the place",
    "acting_state": "is spoken for",
}
DONE = {
    ("request", "actor"): "asked",
    ("offer", "actor"): "offered",
    ("commitment", "actor"): "undertook",
    ("refusal", "actor"): "refused",
    ("request", "addressee"): "was asked",
    ("offer", "addressee"): "was offered",
    ("commitment", "addressee"): "was promised",
    ("refusal", "addressee"): "was refused",
    ("meeting", "participant"): "met",
}
TIES = {kind: relation for relation, kind in KINDS.items()}
LINKS = {
    "answer": ("Answers", "Is answered by"),
    "accept": ("Accepts", "Is accepted by"),
    "refuse": ("Refuses", "Is refused by"),
    "repeat": ("Repeats", "Is repeated by"),
    "change": ("Takes the place of", "Is replaced by"),
    "fulfil": ("Fulfils", "Is fulfilled by"),
}
STATES = {
    "linked": "Linked to Wikidata",
    "none-found": "Searched: no item found in Wikidata",
    "not-searched": "Not yet searched in Wikidata",
}


@pass_context
def href(context: Context | Mapping[str, str], id: str) -> str:
    """Return the address of a thing by the path of its IRI."""
    return f"{context['root']}/" + _quoted(id)


@lru_cache(20_000)
def _quoted(id: str) -> str:
    return quote(id, safe="/:@!$&'()*+,;=~-._")


@pass_context
def linked(context: Context, names: list[Name]) -> Markup:
    """Return names in a row, each with a link to its page if it has one.

    Not a macro: a page may have hundreds.
    """
    each = (
        f'<a href="{escape(href(context, it.id))}">{escape(it.label)}</a>'
        if it.id
        else escape(it.label)
        for it in names
    )
    return Markup(", ".join(each))


def local(iri: str) -> str | None:
    """Return the path of an IRI of ours; None for any other."""
    return iri.removeprefix(DATA) if iri.startswith(DATA) else None


def linked_by(link: FactLink) -> str:
    """Return how a fact is related to another one: "Accepts", "Is accepted by"."""
    forth, back = LINKS[link.manner]
    return back if link.relation.endswith("_by") else forth


def verb(fact: FactAnswer) -> str:
    """Return how it was put: "asked", "promised"."""
    return FORCES.get(fact.force or "", PLAIN.get(fact.kind, fact.kind))


def remark(fact: FactAnswer) -> str | None:
    """Return the status of a fact where it is not simply so: an instruction is not a request."""
    return None if fact.status in ("made", "held") else fact.status


def done(entry: TimelineEntry) -> str:
    """Return what an entity did in a fact, or what was done to it: "asked", "was asked"."""
    kind = entry.fact.kind
    words = (DONE[kind, role] for role in entry.roles if (kind, role) in DONE)
    return next(words, kind)


_DEFINITE = re.compile(
    r"\b(United|Union|Kingdom|Republic|Empire|States|Islands|Netherlands|Philippines|Nations|"
    r"Government|Department|Ministry|Embassy|Legation|Consulate|Mission|Delegation|Office|Agency|"
    r"Staff|Navy|Army|Council|Committee|Commission|President|Secretary|Ambassador|Minister)\b"
)


def definite(label: str) -> str:
    """Return a name as it stands within a sentence: "the Soviet Union", "France"."""
    return f"the {label}" if _DEFINITE.search(label) and "," not in label else label


def tie(kind: str, *, outward: bool = True) -> str:
    """Return what one did towards another by facts of a kind: "asked", or "was asked"."""
    word = TIES.get(kind, kind)
    return word if outward or kind == "meeting" else f"was {word}"


def position(place: PlaceAnswer | EntityAnswer) -> str | None:
    """Return where a place lies, to a hundredth of a degree: "55.75° N, 37.62° E"."""
    if place.latitude is None or place.longitude is None:
        return None
    latitude = f"{abs(place.latitude):.2f}° {'N' if place.latitude >= 0 else 'S'}"
    return f"{latitude}, {abs(place.longitude):.2f}° {'E' if place.longitude >= 0 else 'W'}"


def form(name: str) -> str:
    """Return the name of a documentary form."""
    return FORMS.get(name, name)


def choice(feature: str, value: str) -> str:
    """Return a value that can be chosen as a reader knows it."""
    if feature == "form":
        return form(value)
    return LEVELS.get(value, value) if feature == "min_confidence" else value.capitalize()


def volume(title: str) -> str:
    """Return the title of a volume without that of the whole series."""
    return re.sub(r"^Foreign Relations of the United States\W+(?:Diplomatic Papers\W+)?", "", title)


def thousands(number: int) -> str:
    """Return a number with its digits in groups."""
    return f"{number:,}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: "1 fact", "2 facts"."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def period(start: str | None, end: str | None) -> str:
    """Return from when to when an office was held; empty where neither is known."""
    if start and end:
        return f"{written_out(start)} – {written_out(end)}"
    if start:
        return f"from {written_out(start)}"
    return f"until {written_out(end)}" if end else ""


def when(date: Date | None, otherwise: Date | None = None) -> str:
    """Return when it was; of an act without a date, when its document was sent."""
    known = date or otherwise
    return known.text.strip().rstrip(".") if known else "undated"


def short(id: str) -> str:
    """Return a readable name for a path that has no label."""
    kind, _, rest = id.partition("/")
    return f"{kind}\u00a0{rest.rpartition('/')[2]}" if kind == "fact" else rest or id


def shortened(text: str, length: int) -> str:
    """Return a text that fits in so many characters, cut between words."""
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;") + "…"


def runnable(query: Query, values: dict[str, str]) -> str:
    """Return a named query with its parameters filled in, to be tried and changed.

    Each SELECT selects the parameters that it uses, so a VALUES in each binds them. Words to be
    searched for are also written where they are used, for no search is made for a variable.
    """
    terms = substitutions(query, values)
    text = with_words(query.text, terms)
    bound = "".join(
        f"\n  VALUES ${name} {{ {_term(term.value, term.datatype)} }}"
        for name, term in terms.items()
    )
    body = "\n".join(line for line in text.splitlines() if not line.startswith("#+"))
    return re.sub(r"\bWHERE\s*\{", lambda found: found[0] + bound, body).strip()


def _term(value: str, datatype: str | None) -> str:
    term = Literal(value, datatype=NamedNode(datatype)) if datatype else NamedNode(value)
    return str(term)


OF_VOLUME = """\
PREFIX cg: <https://w3id.org/cablegraph/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
CONSTRUCT {{ ?s ?p ?o }}
WHERE {{
  {{ SELECT DISTINCT ?graph {{
    {{ ?part cg:partOf <volume/{0}> . GRAPH ?graph {{ ?part rdfs:label ?name }} }}
    UNION {{ GRAPH ?graph {{ <volume/{0}> rdfs:label ?name }} }}
  }} }}
  GRAPH ?graph {{ ?s ?p ?o }}
}}
"""
"""What is stated in a volume and its documents."""

FILTERS: dict[str, Callable[..., Any]] = {
    "href": href,
    "linked": linked,
    "local": local,
    "verb": verb,
    "remark": remark,
    "done": done,
    "form": form,
    "given": lambda asked: {name: value for name, value in asked.items() if value},
    "tie": tie,
    "definite": definite,
    "type_name": lambda type_: "office" if type_ == "position" else type_,
    "thousands": thousands,
    "counted": counted,
    "period": period,
    "position": position,
    "when": when,
    "short": short,
    "shortened": shortened,
    "edtf": written_out,
    "written": written,
    "plural_type": lambda type_: TYPES.get(type_, type_),
    "role": lambda role: ROLES.get(role, role.replace("_", " ")),
    "link": linked_by,
    "of_volume": OF_VOLUME.format,
    "link_state": lambda state: STATES.get(state, state),
}
