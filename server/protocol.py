"""The messages of the reconciliation protocol, in the two forms that are in use.

The W3C Entity Reconciliation Community Group published versions 0.1 and 0.2, which OpenRefine
speaks: a batch is a set of queries by names of the client's own, sent as the field of a form. Its
draft of version 1.0 sends lists as JSON. Both ask and answer the same, and become the same
`Question`. What is longer or more than a client has reason to send is refused.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from server.answers import Answer
from server.errors import BodyTooLarge
from server.matching import Candidate, Clue, Question
from server.properties import PROPERTIES, Given, Property
from server.side import TYPES

MOST_QUERIES = 50
"""Queries in one batch."""

MOST_ROWS = 1000
"""Entities of which one request may ask the properties."""

MOST_CANDIDATES = 50
"""Candidates for one query: a larger limit is taken for this one."""

MOST_NAMES = 5
"""Names that a row may have."""

MOST_CLUES = 10
"""Properties of a row, and values of one of them."""

CANDIDATES = 10
"""Candidates for a query that does not say how many."""

NAMES_OF_TYPES = {
    "Person": "Person",
    "Organization": "Organization",
    "State": "State",
    "Place": "Place",
    "Position": "Office",
    "Topic": "Topic",
}
"""Types by the names of their classes in the ontology, and as people call them."""

Text = Annotated[str, StringConstraints(max_length=500)]
_Part = TypeVar("_Part")


class TooManyRows(BodyTooLarge):
    """The request has more queries or rows than one request may have: `limit` says how many."""

    slug = "too-many-rows"
    title = "Too many rows in one request"


# What is asked


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class Reference(_Asked):
    """An entity that the client has reconciled before."""

    id: Text
    """Its id."""
    name: Text | None = None
    """Its name."""


GivenValue = Text | bool | int | float | Reference
GivenValues = GivenValue | Annotated[list[GivenValue], Field(max_length=MOST_CLUES)]


class PropertyGiven(_Asked):
    """A value that the entity should have (0.2)."""

    pid: Text
    """The id of the property."""
    v: GivenValues
    """The value, or several of which one is enough."""


class Query(_Asked):
    """What a row is looked up by (0.2)."""

    model_config = ConfigDict(extra="forbid")

    query: Text | None = None
    """The name, or an identifier."""
    type: Text | Annotated[list[Text], Field(max_length=MOST_CLUES)] | None = None
    """One type, or several of which one is enough."""
    limit: Annotated[int, Field(ge=1)] = CANDIDATES
    """Most candidates."""
    properties: Annotated[list[PropertyGiven], Field(max_length=MOST_CLUES)] = []
    """What else is known of the row."""
    type_strict: Literal["any", "should", "all"] | None = None
    """Means nothing here: an entity has one type."""

    @model_validator(mode="after")
    def asks_something(self) -> Query:
        """Refuse a query that looks for nothing."""
        if self.query is None and not self.properties:
            raise ValueError("it needs a query or properties")
        return self

    def question(self) -> Question:
        """Say what is asked."""
        types = [self.type] if isinstance(self.type, str) else self.type
        clues = tuple(Clue(each.pid, _given(each.v)) for each in self.properties)
        names = (self.query,) if self.query else ()
        return Question(names, _types(types), min(self.limit, MOST_CANDIDATES), clues)


class Condition(_Asked):
    """Something that the entity should be (1.0 draft)."""

    matchType: Literal["name", "property"]  # noqa: N815  # the protocol's name
    """Whether it is about its names or about a property."""
    propertyId: Text | None = None  # noqa: N815
    """The id of the property."""
    propertyValue: GivenValues  # noqa: N815
    """The name, the value, or several."""
    required: bool = False
    """Whether what does not agree is no candidate."""
    matchQuantifier: Literal["any", "all", "none"] = "any"  # noqa: N815
    """Which of several values count."""
    matchQualifier: Text | None = None  # noqa: N815
    """Means nothing here: each property has its own way to be compared."""

    @model_validator(mode="after")
    def names_its_property(self) -> Condition:
        """Refuse a condition about a property that is not named."""
        if self.matchType == "property" and self.propertyId is None:
            raise ValueError("it needs a propertyId")
        return self


class DraftQuery(_Asked):
    """What a row is looked up by (1.0 draft)."""

    model_config = ConfigDict(extra="forbid")

    conditions: Annotated[list[Condition], Field(min_length=1, max_length=MOST_CLUES)]
    """What is known of the row."""
    type: Text | None = None
    """The type that it must have."""
    limit: Annotated[int, Field(ge=1)] = CANDIDATES
    """Most candidates."""
    lang: Text | None = None
    """Language of the names; all are looked at."""
    dir: Text | None = None
    """Direction of the text, which does not matter."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which the row may be known."""
        named = (each for each in self.conditions if each.matchType == "name")
        return tuple(given.text for each in named for given in _given(each.propertyValue))

    @model_validator(mode="after")
    def has_few_names(self) -> DraftQuery:
        """Refuse a query with more names than one row has."""
        if len(self.names) > MOST_NAMES:
            raise ValueError(f"it has {len(self.names)} names; {MOST_NAMES} are allowed")
        return self

    def question(self) -> Question:
        """Say what is asked."""
        clues = tuple(
            Clue(each.propertyId, _given(each.propertyValue), each.matchQuantifier, each.required)
            for each in self.conditions
            if each.matchType == "property" and each.propertyId is not None
        )
        types = None if self.type is None else [self.type]
        return Question(self.names, _types(types), min(self.limit, MOST_CANDIDATES), clues)


class DraftBatch(_Asked):
    """A list of queries (1.0 draft)."""

    queries: list[DraftQuery]
    """The queries."""


class PropertyAsked(_Asked):
    """A property to be told."""

    id: Text
    """Its id."""
    settings: dict[str, object] | None = None
    """Means nothing here: no property has settings."""


class ExtensionQuery(_Asked):
    """Entities, and what is to be told of them."""

    ids: list[Text]
    """The ids of the entities."""
    properties: Annotated[list[PropertyAsked], Field(max_length=50)]
    """The properties."""


def bounded(parts: list[_Part], limit: int = MOST_QUERIES) -> list[_Part]:
    """Refuse a request with more than so many parts."""
    if len(parts) > limit:
        raise TooManyRows(
            f"The request has {len(parts)} rows; {limit} are allowed.",
            hint="Send them in several requests.",
            limit=limit,
        )
    return parts


def type_of(id: str) -> str | None:
    """Return our type for an id of the protocol; None if there is none."""
    name = id.rpartition("#")[2].lower()
    return name if name in TYPES else None


def _types(ids: list[str] | None) -> tuple[str, ...] | None:
    known = [type_of(id) for id in ids or ()]
    return tuple(each for each in known if each) if ids else None


def _given(values: GivenValues) -> tuple[Given, ...]:
    listed = values if isinstance(values, list) else [values]
    return tuple(map(_one_given, listed))


def _one_given(value: GivenValue) -> Given:
    if isinstance(value, Reference):
        return Given(value.name or value.id, value.id)
    # 1944.0 is the year 1944.
    return Given(str(int(value) if isinstance(value, float) and value.is_integer() else value))


# What is answered


class TypeAnswer(Answer):
    """A type of entity."""

    id: str
    """The name of its class in the ontology."""
    name: str
    """What people call it."""


class FeatureAnswer(Answer):
    """One reason for a score."""

    id: str
    """`likeness` of the name, or a property."""
    name: str
    """What is compared."""
    value: float
    """How far it agrees, from 0 to 1."""


class CandidateAnswer(Answer):
    """An entity that may be meant."""

    id: str
    """The path of its IRI."""
    name: str
    """Its preferred name."""
    description: str
    """What it is."""
    type: list[TypeAnswer]
    """Its type."""
    score: float
    """How well it fits, from 0 to 100."""
    features: list[FeatureAnswer]
    """What the score is made of."""
    match: bool
    """Whether it is certain: one entity alone bears this name, and nothing speaks against it."""


class Result(Answer):
    """The candidates for one query (0.2)."""

    result: list[CandidateAnswer]
    """The likeliest first."""


class DraftResult(Answer):
    """The candidates for one query (1.0 draft)."""

    candidates: list[CandidateAnswer]
    """The likeliest first."""


class DraftResults(Answer):
    """The candidates for each query, in their order (1.0 draft)."""

    results: list[DraftResult]
    """A result for each query."""


class Suggestion(Answer):
    """An entity, a type or a property to choose."""

    id: str
    """Its id."""
    name: str
    """Its name."""
    description: str
    """What tells it from its namesakes."""
    notable: Annotated[tuple[TypeAnswer, ...], Field(exclude_if=lambda it: not it)] = ()
    """Of an entity, its type."""


class Suggestions(Answer):
    """What begins like what was typed."""

    result: list[Suggestion]
    """The most used first."""


class Flyout(Answer):
    """A small view of something that was suggested."""

    id: str
    """Its id."""
    html: str
    """The view, as HTML."""


class PropertyAnswer(Answer):
    """A property."""

    id: str
    """Its id."""
    name: str
    """Its name."""


class Proposal(Answer):
    """The properties that entities of a type have."""

    type: str
    """The type that was asked for."""
    limit: int
    """Most properties."""
    properties: list[PropertyAnswer]
    """The most useful first."""


class Meta(Answer):
    """A column of properties."""

    id: str
    """The id of the property."""
    name: str
    """The name of the property."""
    type: Annotated[TypeAnswer | None, Field(exclude_if=lambda it: it is None)] = None
    """The type of its values, if they are entities of one type."""
    service: Annotated[str | None, Field(exclude_if=lambda it: it is None)] = None
    """The service whose entities the values are, if it is not this one."""


Cell = dict[str, str | int | float]


class Extension(Answer):
    """What is told of entities (0.2): a cell by entity and property."""

    meta: list[Meta]
    """The properties."""
    rows: dict[str, dict[str, list[Cell]]]
    """The values."""


class DraftCells(Answer):
    """The values of one property of one entity."""

    id: str
    """The property."""
    values: list[Cell]
    """Its values."""


class DraftRow(Answer):
    """What is told of one entity."""

    id: str
    """The entity, as it was named."""
    properties: list[DraftCells]
    """The properties in the order in which they were asked for."""


class DraftExtension(Answer):
    """What is told of entities (1.0 draft), in their order."""

    meta: list[Meta]
    """The properties."""
    rows: list[DraftRow]
    """A row for each entity."""


def type_answer(type_: str) -> TypeAnswer:
    """Return one of our types as the protocol names it."""
    return TypeAnswer(id=type_.capitalize(), name=NAMES_OF_TYPES[type_.capitalize()])


def candidate_answer(found: Candidate) -> CandidateAnswer:
    """Write a candidate."""
    row = found.row
    return CandidateAnswer(
        id=row.id,
        name=row.label,
        description=row.description,
        type=[type_answer(row.type)],
        score=found.score,
        features=_features(found),
        match=found.certain,
    )


def _features(found: Candidate) -> list[FeatureAnswer]:
    told = {id: (PROPERTIES[id].name, value) for id, value in found.agreements.items()}
    if found.likeness is not None:
        told = {"likeness": ("Likeness of the name", found.likeness)} | told
    return [
        FeatureAnswer(id=id, name=name, value=round(value, 3)) for id, (name, value) in told.items()
    ]


def properties_of(type_: str | None) -> list[Property]:
    """Return the properties that entities of a type have; of any type, if there is none."""
    return [each for each in PROPERTIES.values() if type_ is None or type_ in each.types]
