"""Conclude what the ontology entails, so that a query finds it without reasoning.

The rules come from the ontology (`ingest.rules`) and are applied until nothing new follows, each
round to the triples that the round before found. A document is reasoned about on its own,
knowing the authority file and its volume:

    reasoner = compile_rules(ontology.closed(), ontology.rules()).knowing(authority)
    inferred, faults = reasoner.knowing(volume).conclude(document)

Where a rule could join two documents, `bridges` gives the triples of each that it may need, and
to conclude from those of all documents together gives the rest.

Blank nodes and literals are terms like any other on the way, as they are in owlrl. What is
handed out has a predicate or class of ours, and no literal as its subject.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from rdflib import Graph

from ingest.plans import Entry, Memory, Plan, Row, Tables, tables
from ingest.rules import TYPE, Construct, Key, is_ours, read_rules, triples_of
from ingest.terms import Triple
from ontology.names import TERMS


class Fault(NamedTuple):
    """Triples that cannot all be true, and the axiom that says so."""

    axiom: str
    triples: tuple[Triple, ...]

    def __str__(self) -> str:
        """Return one line, with the triples in N-Triples."""
        return f"{self.axiom}: {' . '.join(' '.join(triple) for triple in self.triples)} ."


class Conclusions(NamedTuple):
    """What follows from some triples and is not among them, and contradictions; both sorted."""

    inferred: list[Triple]
    faults: list[Fault]


@dataclass(frozen=True, slots=True)
class Reasoner:
    """The rules of an ontology, and what is known before a document is read."""

    tables: Tables
    ours: str
    known: tuple[Memory, ...] = ()

    def knowing(self, triples: Iterable[Triple]) -> Reasoner:
        """Return a reasoner that takes more triples, and all that follows from them, as known."""
        return replace(self, known=(self._run(triples).memory, *self.known))

    def conclude(self, triples: Iterable[Triple]) -> Conclusions:
        """Return what follows from some triples with what is known, and is in neither."""
        run = self._run(triples)
        inferred = sorted(t for t in run.new if t[0][0] != '"' and is_ours(t, self.ours))
        return Conclusions(inferred, sorted(run.faults))

    def infer(self, triples: Iterable[Triple]) -> list[Triple]:
        """Return the new triples of `conclude`."""
        return self.conclude(triples).inferred

    def bridges(self, triples: Iterable[Triple], own: str | tuple[str, ...]) -> list[Triple]:
        """Return those of a document's triples that a rule may join with another document's.

        Terms that begin with `own` are things, such as its facts, that no other document names.
        A triple that follows from one before it by itself is left out.
        """
        run = _Run(self.tables, Memory())
        found = (triple for triple in triples if self._bridges(triple, own))
        return [triple for triple in found if run.learn_alone(triple)]

    def _bridges(self, triple: Triple, own: str | tuple[str, ...]) -> bool:
        entry = self._entry(triple)
        if entry is None:
            return False
        subject, _, value = triple
        always, by_subject, by_object = entry.reach
        shared = by_subject and not subject.startswith(own)
        return always or shared or (by_object and not value.startswith(own))

    def uses(self, triple: Triple) -> bool:
        """Tell whether a triple is of our terms, or of use to a rule."""
        return is_ours(triple, self.ours) or self._entry(triple) is not None

    def _entry(self, triple: Triple) -> Entry | None:
        properties, classes = self.tables
        _, predicate, value = triple
        return classes.get(value) if predicate == TYPE else properties.get(predicate)

    def _run(self, triples: Iterable[Triple]) -> _Run:
        run = _Run(self.tables, Memory(self.known))
        run.add(triples)
        return run


def compile_rules(
    closed: Graph, constructs: Iterable[Construct] = (), ours: str = f"<{TERMS}"
) -> Reasoner:
    """Return the reasoner of an ontology, closed under OWL 2 RL, and of its CONSTRUCT queries.

    The ontology's own things, such as its concepts, are known to it. An axiom or query that
    it could not follow in full raises UnsupportedAxiom or UnsupportedRule.
    """
    rules = read_rules(closed, constructs, ours)
    reasoner = Reasoner(tables(rules, partial(is_ours, ours=ours)), ours)
    return reasoner.knowing(triple for triple in triples_of(closed) if reasoner.uses(triple))


class _Run:
    """What is known and what is new, while triples are added."""

    def __init__(self, tables: Tables, memory: Memory) -> None:
        self.memory = memory
        self.new: list[Triple] = []
        self.faults: set[Fault] = set()
        self._properties, self._classes = tables

    def add(self, triples: Iterable[Triple]) -> None:
        """Take triples as given, and conclude all that follows."""
        fresh = self._learn(triples)
        while fresh:
            found = self._join(self._expand(fresh))
            fresh = self._learn(found)
            self.new += fresh

    def learn_alone(self, triple: Triple) -> bool:
        """Take a triple as given with what follows by rules of one pattern, unless it is known."""
        fresh = self._learn([triple])
        self._expand(fresh)
        return bool(fresh)

    def _learn(self, triples: Iterable[Triple]) -> list[Triple]:
        fresh = self.memory.without(triples)
        self.memory.triples.update(fresh)
        return fresh

    def _expand(self, fresh: list[Triple]) -> dict[Key, list[Row]]:
        """Conclude what follows by rules of one pattern; return what rules with joins can use.

        Most of the time goes here, so that names are local and calls few.
        """
        properties, classes, new = self._properties, self._classes, self.new
        known, below = self.memory.triples, [layer.triples for layer in self.memory.below]
        joining: defaultdict[Key, list[Row]] = defaultdict(list)
        for subject, predicate, value in fresh:
            entry = classes.get(value) if predicate == TYPE else properties.get(predicate)
            if entry is None:
                continue
            if entry.plans:
                joining[entry.key].append((subject, value))
            row = (subject, value, *entry.constants)
            for left, name, right, joins in entry.makers:
                made = (row[left], name, row[right])
                if made in known:
                    continue
                for layer in below:
                    if made in layer:
                        break
                else:
                    known.add(made)
                    new.append(made)
                    if joins:
                        joining[joins].append((made[0], made[2]))
        return joining

    def _join(self, joining: dict[Key, list[Row]]) -> list[Triple]:
        """Note faults and return what follows by rules with joins from triples newly known."""
        entries = [(self._entry(key), rows) for key, rows in joining.items()]
        for entry, rows in entries:
            self._index(entry, rows)
        return [
            made
            for entry, rows in entries
            for plan in entry.plans
            for made in self._complete(plan, rows)
        ]

    def _entry(self, key: Key) -> Entry:
        predicate, name = key
        return self._classes[name] if predicate == TYPE else self._properties[predicate]

    def _index(self, entry: Entry, rows: list[Row]) -> None:
        predicate = entry.key[0]
        if entry.lists_objects:
            for subject, value in rows:
                self.memory.objects.setdefault((subject, predicate), []).append(value)
        if entry.lists_subjects:
            for subject, value in rows:
                self.memory.subjects.setdefault((predicate, value), []).append(subject)

    def _complete(self, plan: Plan, rows: list[Row]) -> list[Triple]:
        """Return what a plan makes of matches of its seed."""
        if plan.constants:
            rows = [row + plan.constants for row in rows]
        for step in plan.steps:
            if not rows:
                return []
            rows = step.run(rows, self.memory, step)
        if plan.fault is not None:
            self.faults.update(Fault(row[plan.fault], (*sorted(_made(plan, row)),)) for row in rows)
            return []
        return [triple for row in rows for triple in _made(plan, row)]


def _made(plan: Plan, row: Row) -> list[Triple]:
    return [(row[left], name, row[right]) for left, name, right, _ in plan.makers]
