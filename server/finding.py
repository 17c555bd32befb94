"""Search by words and by features together: what the page of the search shows.

The question is the query of an address, so that the address bar holds it; each choice beside the
results is a link to the address of a question with one value more, or less. Names of parameters
are those of /api/facts and /api/documents: the same question has its answer there, too.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

import numpy as np
from markupsafe import Markup

from ontology.names import fold
from server import asking, reading, wording
from server.answers import DocumentSummary, EntitySummary, FactAnswer, Page
from server.edtf import days, written_out
from server.errors import InvalidRequest
from server.facets import LEVELS, Narrowed, Numbers, Table
from server.reading import Span
from server.search import search_expression
from server.side import AGENTS, MARK, ROLES, UNMARK, EntityFilter, Side

ENTITIES = (*ROLES, "entity", "sender", "recipient")
"""Parameters whose values are entities."""

FEATURES = (
    "kind", *ENTITIES, "volume", "form", "status", "force", "min_confidence",
)  # fmt: skip
"""Parameters by which results are chosen, beside words and days."""

TITLES = {
    "kind": "Kind of fact",
    "actor": "Who",
    "addressee": "To whom",
    "participant": "Who met",
    "acting_state": "For which state",
    "about": "About",
    "location": "Where",
    "sender": "Sent by",
    "recipient": "Sent to",
    "days": "Year",
    "form": "Kind of document",
    "volume": "Volume",
    "status": "Status",
    "min_confidence": "How sure",
}
"""What can be chosen beside the results, in this order; `days` by year."""

HIDDEN = {
    "entity": "With",
    "presented_by": "Conveyed by",
    "reported_by": "Reported by",
    "force": "How it was put",
}
"""What an address may choose by, and a reader cannot."""

FIRST, MOST = 6, 40
"""How many values are shown at once, and how many in all."""

MOST_YEARS = 12
"""How many years are shown at once; of more, none but the one that was chosen."""

EACH = 8
"""How many names, facts and documents are shown where all three are."""

_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,100}")

Pair = tuple[str, str]


@dataclass(frozen=True)
class Question:
    """What is searched for: words, what to find, and the values of features, in order."""

    words: str = ""
    type: str = ""
    features: tuple[Pair, ...] = ()
    start: str = ""
    end: str = ""
    sort: str = ""

    @cached_property
    def chosen(self) -> dict[str, tuple[str, ...]]:
        """The values by feature, as tables are narrowed by them."""
        groups: dict[str, tuple[str, ...]] = {}
        for name, value in self.features:
            groups[name] = (*groups.get(name, ()), value)
        if self.start or self.end:
            first, last = days(self.start, self.end)
            groups["days"] = (first or "", last or "")
        return groups

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The question as the query of an address; nothing stands for what is not asked."""
        days = (("from", self.start), ("to", self.end))
        given = (("q", self.words), ("type", self.type), *self.features, *days, ("sort", self.sort))
        return tuple((name, value) for name, value in given if value)

    @property
    def narrowing(self) -> tuple[Pair, ...]:
        """That part of the query that a list in JSON takes."""
        return tuple(pair for pair in self.pairs if pair[0] not in ("type", "sort"))

    def having(self, name: str, value: str) -> tuple[Pair, ...]:
        """Return the query with one value more; of years and of least confidence there is one."""
        if name == "days":
            kept = self._without("from", "to")
            return (*kept, ("from", value), ("to", value))
        kept = self._without("min_confidence") if name == "min_confidence" else self.pairs
        return (*kept, (name, value))

    def lacking(self, name: str, value: str) -> tuple[Pair, ...]:
        """Return the query with one value less."""
        if name == "days":
            return self._without("from", "to")
        return tuple(pair for pair in self.pairs if pair != (name, value))

    def of_type(self, type_: str) -> tuple[Pair, ...]:
        """Return the query for one type of result."""
        return (*self._without("type"), *((("type", type_),) if type_ else ()))

    def sorted_by(self, sort: str) -> tuple[Pair, ...]:
        """Return the query with another order."""
        return (*self._without("sort"), *((("sort", sort),) if sort else ()))

    def _without(self, *names: str) -> tuple[Pair, ...]:
        return tuple(pair for pair in self.pairs if pair[0] not in names)


def question(side: Side, given: Iterable[Pair]) -> Question:
    """Read the query of an address; entities may be named in any way. Other names are passed by.

    Raises UnknownName, AmbiguousName, and InvalidRequest for what is not a number.
    """
    once = dict.fromkeys((name, value.strip()) for name, value in given if value.strip())
    words = {name: value for name, value in once if name not in FEATURES}
    features = dict.fromkeys(
        (name, _value(side, name, value))
        for feature in FEATURES
        for name, value in once
        if name == feature
    )
    return Question(
        words=words.get("q", ""),
        type=words.get("type", "") if words.get("type") in reading.SEARCHED else "",
        features=tuple(features),
        start=words.get("from", ""),
        end=words.get("to", ""),
        sort="time" if words.get("sort") == "time" else "",
    )


def _value(side: Side, name: str, value: str) -> str:
    if name in ENTITIES:
        return side.resolve(value, AGENTS if name in ("actor", "addressee") else ())
    if not _PLAIN.fullmatch(value):
        raise InvalidRequest(f'{name} cannot be "{value}".', hint="Choose one on the page.")
    if name == "min_confidence" and value not in LEVELS:
        raise InvalidRequest(
            f"min_confidence={value} cannot be chosen.", hint=f"Choose one of {', '.join(LEVELS)}."
        )
    return value


# What is found


@dataclass(frozen=True, slots=True)
class Found:
    """Facts or documents that were found: some of them, out of how many there are at all."""

    type: str
    narrowed: Narrowed
    numbers: Numbers

    @property
    def total(self) -> int:
        """How many were found."""
        return len(self.numbers)

    @property
    def of(self) -> int:
        """How many there are."""
        return len(self.narrowed.table.numbers)


@dataclass(frozen=True, slots=True)
class Option:
    """A value that can be chosen, or was, with the number of results that it leaves."""

    label: str
    count: int
    query: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A feature and its values: the first that are shown, and those behind them."""

    name: str
    title: str
    first: tuple[Option, ...]
    more: tuple[Option, ...]
    left_out: int


@dataclass(frozen=True)
class Search:
    """The answer to a question; what is shown of it is worked out when it is asked for."""

    side: Side
    asked: Question

    @cached_property
    def expression(self) -> str:
        """The words as SQLite searches for them; empty if none are given."""
        return search_expression(self.asked.words) if self.asked.words else ""

    @cached_property
    def type(self) -> str:
        """What is found; empty for all of it. Some features only facts or only documents have."""
        if self.asked.type:
            return self.asked.type
        able = [type_ for type_ in ("fact", "document") if self._can_be_asked(type_)]
        return able[0] if len(able) == 1 else ""

    @cached_property
    def facts(self) -> Found | None:
        """The facts that were found; None where no fact can be."""
        return self._found("fact")

    @cached_property
    def documents(self) -> Found | None:
        """The documents that were found; None where no document can be."""
        return self._found("document")

    @property
    def names(self) -> int | None:
        """How many entities have a name with these words; None where they are not looked for."""
        if self.asked.chosen or not self.expression:
            return None
        return self.side.count_entities(self._named)

    @property
    def _named(self) -> EntityFilter:
        return EntityFilter(words=tuple(fold(self.asked.words).split()[:8]))

    def _can_be_asked(self, type_: str) -> bool:
        return set(self.asked.chosen) <= set(self._table(type_).features)

    def _table(self, type_: str) -> Table:
        return self.side.fact_table if type_ == "fact" else self.side.document_table

    def _found(self, type_: str) -> Found | None:
        if not self._can_be_asked(type_):
            return None
        best = self.side.found(type_, self.expression) if self.expression else None
        narrowed = self._table(type_).narrowed(self.asked.chosen, best)
        left = narrowed.numbers
        if best is None or self.asked.sort:
            return Found(type_, narrowed, left)
        return Found(type_, narrowed, best[np.isin(best, left)])

    # A page of it

    def name_items(self, span: Span) -> Page[EntitySummary]:
        """Return some of the entities."""
        return reading.entities(self.side, self._named, span)

    def fact_items(self, span: Span) -> Page[FactAnswer]:
        """Return some of the facts."""
        numbers = _part(self.facts, span)
        items = reading.fact_answers(self.side, self.side.facts_numbered(numbers))
        total = self.facts.total if self.facts else 0
        return Page[FactAnswer](items=items, total=total, next=span.next(total))

    def document_items(self, span: Span) -> Page[DocumentSummary]:
        """Return some of the documents."""
        numbers = _part(self.documents, span)
        items = reading.document_summaries(self.side, self.side.documents_numbered(numbers))
        total = self.documents.total if self.documents else 0
        return Page[DocumentSummary](items=items, total=total, next=span.next(total))

    def marked(self, span: Span) -> dict[str, tuple[Markup, Markup]]:
        """Return content and quote of some facts, with the words found marked, by id."""
        if not self.expression:
            return {}
        found = self.side.highlighted(self.expression, _part(self.facts, span))
        return {
            f"fact/{id}": (_html(content), _html(quote)) for id, (content, quote) in found.items()
        }

    def passages(self, span: Span) -> dict[str, Markup]:
        """Return the passages of some documents that hold the words, by id."""
        if not self.expression:
            return {}
        rows = self.side.passages(self.expression, _part(self.documents, span))
        return {f"document/{row.id}": _html(row.snippet) for row in rows}

    # What can be chosen

    @property
    def removals(self) -> list[tuple[str, str, str]]:
        """Return what was chosen: the feature, the value in words, the query without it."""
        asked = self.asked
        labels = self._labels(self.asked.features)
        titles = TITLES | HIDDEN
        rows = [
            (titles[name], labels[name, value], urlencode(asked.lacking(name, value)))
            for name, value in asked.features
        ]
        if asked.start or asked.end:
            years = wording.period(asked.start or None, asked.end or None)
            same = written_out(asked.start) if asked.start == asked.end else years
            rows.append(("When", same, urlencode(asked.lacking("days", ""))))
        return rows

    @cached_property
    def facets(self) -> list[Facet]:
        """Return the features that can be chosen, with the number of results for each value."""
        counts = {name: self._counts(name) for name in TITLES}
        shown = {
            name: self._in_order(name, count)
            for name, count in counts.items()
            if self._values(name) or set(count.values()) - {self._total}
        }
        labels = self._labels((name, value) for name, them in shown.items() for value in them)
        return [
            self._facet(
                name,
                [self._option(name, value, counts[name], labels) for value in them],
                len(counts[name]) - len(them),
            )
            for name, them in shown.items()
        ]

    @cached_property
    def _searched(self) -> list[Found]:
        """The facts and documents of the types that are shown."""
        both = (self.facts, self.documents)
        return [found for found in both if found and self.type in ("", found.type)]

    @property
    def _total(self) -> int:
        return sum(found.total for found in self._searched)

    def _counts(self, name: str) -> Counter[str]:
        """Count what each value of a feature leaves, of all that is found."""
        counts = Counter[str]()
        for found in self._searched:
            if name in found.narrowed.table.features:
                counts.update(found.narrowed.count(name))
        counts.update(dict.fromkeys(self._values(name), 0) if counts else {})
        return counts

    def _values(self, name: str) -> tuple[str, ...]:
        """Return what was chosen of a feature."""
        if name == "days":
            one = self.asked.start == self.asked.end and len(self.asked.start) == 4
            return (self.asked.start,) if one else ()
        return self.asked.chosen.get(name, ())

    def _in_order(self, name: str, counts: Counter[str]) -> list[str]:
        """Return the values that are shown: what was chosen, then the most frequent."""
        if name in ("days", "min_confidence"):
            return sorted(counts, reverse=name == "min_confidence")
        chosen = self._values(name)
        ranked = sorted(counts, key=lambda value: (value not in chosen, -counts[value], value))
        return ranked[:MOST]

    def _option(
        self, name: str, value: str, counts: Counter[str], labels: Mapping[Pair, str]
    ) -> Option:
        chosen = value in self._values(name)
        change = self.asked.lacking if chosen else self.asked.having
        query = urlencode(change(name, value))
        return Option(labels[name, value], counts[value], query, chosen)

    def _facet(self, name: str, options: list[Option], left_out: int) -> Facet:
        if name == "days" and len(options) > MOST_YEARS:
            chosen = tuple(option for option in options if option.chosen)
            return Facet(name, TITLES[name], chosen, tuple(options), left_out)
        first = len(options) if name in ("days", "min_confidence") else FIRST
        return Facet(name, TITLES[name], tuple(options[:first]), tuple(options[first:]), left_out)

    def _labels(self, values: Iterable[Pair]) -> dict[Pair, str]:
        """Return the values in words."""
        pairs = list(values)
        entities = self.side.labels(value for name, value in pairs if name in ENTITIES)
        volumes = self.side.volumes
        return {
            (name, value): entities.get(value)
            or (
                wording.volume(volumes[value].title)
                if name == "volume" and value in volumes
                else None
            )
            or wording.choice(name, value)
            for name, value in pairs
        }

    # To be taken on

    @property
    def taken(self) -> Iterator[tuple[Found, str, str]]:
        """Yield what was found with the query for JSON and CSV, and its SPARQL."""
        for found in self._searched:
            write = asking.facts if found.type == "fact" else asking.documents
            text = write(self.asked.chosen, self.asked.words)
            yield found, urlencode(self.asked.narrowing), text


def _part(found: Found | None, span: Span) -> list[int]:
    span.check(found.total if found else 0)
    part: list[int] = (
        found.numbers[span.offset : span.offset + span.limit].tolist() if found else []
    )
    return part


def _html(text: str) -> Markup:
    return Markup(html.escape(text).replace(MARK, "<mark>").replace(UNMARK, "</mark>"))
