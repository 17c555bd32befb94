"""Turn rules into tables that are quick to apply.

Two kinds of rule are told apart. Most have one pattern, and what follows from a triple by these
alone, over any number of steps, is worked out here, once: an entry of the table lists it. For a
rule that joins patterns there is a plan for each of its patterns, the seed: given new triples
that match the seed, look the other patterns up in an index of what is known.

Everything here is plain data and functions of the module, so that tables can be pickled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest.rules import TYPE, Key, Pattern, Rule, is_variable, key, variables
from ingest.terms import Triple

Row = tuple[str, ...]
"""A partial match: the subject and object of the seed, the plan's constants, what was looked up."""


_FAULT = "fault"
"""Where a plan's columns hold the text of a fault."""


@dataclass(slots=True)
class Memory:
    """Triples with all that follows from them, and indexes of those that rules look up.

    `below` are earlier layers, such as the authority file under a document; they are only read.
    """

    below: tuple[Memory, ...] = ()
    triples: set[Triple] = field(default_factory=set)
    objects: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    subjects: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    @property
    def layers(self) -> tuple[Memory, ...]:
        """Return this layer and those below it."""
        return (self, *self.below)

    def holds(self, triple: Triple) -> bool:
        """Tell whether this layer or one below has the triple."""
        return triple in self.triples or any(triple in layer.triples for layer in self.below)

    def without(self, triples: Iterable[Triple]) -> list[Triple]:
        """Return those triples, each once, that no layer has."""
        found = list(dict.fromkeys(triples))
        for layer in self.layers:
            found = [triple for triple in found if triple not in layer.triples]
        return found


class Step(NamedTuple):
    """One look-up of a plan: `left` and `right` are columns of a row, `name` a predicate or class.

    `run` returns the rows that pass, each with what was looked up as further columns.
    """

    run: Callable[[list[Row], Memory, Step], list[Row]]
    left: int = 0
    name: str = ""
    right: int = 0
    clashes: Mapping[str, str] = {}
    """Classes that a thing must not have too, each with why."""


class Maker(NamedTuple):
    """A triple to make of a row: columns of its subject and object, and its predicate.

    `joins` is the key of the made triple if a plan begins with it, else None.
    """

    subject: int
    predicate: str
    object: int
    joins: Key | None


class Plan(NamedTuple):
    """How to complete a match of a rule's seed, and what to make of each complete row.

    A row of a rule without conclusion is a fault, and `fault` the column that says why.
    """

    constants: Row
    steps: tuple[Step, ...]
    makers: tuple[Maker, ...]
    fault: int | None = None


class Reach(NamedTuple):
    """Which triples of a key may meet another document's in a rule.

    All of them, or those whose subject or object is something that other documents name too.
    """

    always: bool = False
    by_subject: bool = False
    by_object: bool = False

    def wider(self, other: Reach) -> Reach:
        """Return the reach of what either reaches."""
        return Reach(*(one or two for one, two in zip(self, other, strict=True)))

    def before(self, maker: Maker) -> Reach:
        """Return the reach of the triples from which a triple of this reach is made."""
        both = ((maker.subject, self.by_subject), (maker.object, self.by_object))
        columns = [column for column, counts in both if counts]
        fixed = any(column > 1 for column in columns)
        return Reach(self.always or fixed, 0 in columns, 1 in columns)


class Entry(NamedTuple):
    """What to do with the triples of one predicate, or of one class."""

    key: Key
    constants: Row
    makers: tuple[Maker, ...]
    plans: tuple[Plan, ...]
    lists_objects: bool
    lists_subjects: bool
    reach: Reach


Tables = tuple[Mapping[str, Entry], Mapping[str, Entry]]
"""The entries of predicates, and those of classes."""


def tables(rules: Sequence[Rule], wanted: Callable[[Pattern], bool]) -> Tables:
    """Return the tables of some rules; `wanted` tells which conclusions are for others to see."""
    alone = [rule for rule in rules if _stands_alone(rule)]
    joining = [rule for rule in rules if not _stands_alone(rule)]
    entries = list(_Compiler(alone, joining, wanted).entries())
    return (
        {entry.key[0]: entry for entry in entries if entry.key[0] != TYPE},
        {entry.key[1]: entry for entry in entries if entry.key[0] == TYPE},
    )


def _stands_alone(rule: Rule) -> bool:
    """Tell whether a rule follows from any one triple of its key, whatever the triple's terms."""
    (subject, predicate, value), *more = rule.body
    free = predicate == TYPE or (is_variable(value) and value != subject)
    return bool(rule.head) and not more and not rule.differ and is_variable(subject) and free


class _Compiler:
    """The rules by key, while the entries are made of them."""

    def __init__(
        self, alone: Iterable[Rule], joining: Sequence[Rule], wanted: Callable[[Pattern], bool]
    ) -> None:
        self._alone = defaultdict[Key, list[Rule]](list)
        for rule in alone:
            self._alone[key(rule.body[0])].append(rule)
        self._seeds = {key(pattern) for rule in joining for pattern in rule.body}
        self._plans = defaultdict[Key, list[Plan]](list)
        for name, clashes in _clashes(joining).items():
            self._plans[TYPE, name].append(_clash_plan(clashes))
        for rule in joining:
            for seed in () if _is_clash(rule) else dict.fromkeys(rule.body):
                self._plans[key(seed)].append(self._plan(rule, seed))
        self._wanted = wanted
        self._reach = _reaches([*alone, *joining], wanted)

    def entries(self) -> Iterator[Entry]:
        """Yield an entry for each key that a rule begins with."""
        looked_up = {(s.run, s.name) for ps in self._plans.values() for p in ps for s in p.steps}
        for name in sorted({*self._alone, *self._plans}):
            constants, makers = self._consequences(name)
            yield Entry(
                name,
                constants,
                makers,
                tuple(self._plans.get(name, ())),
                (_objects, name[0]) in looked_up or any(map(_looks_up_types, self._plans[name])),
                (_subjects, name[0]) in looked_up,
                self._reached(name, makers),
            )

    def _consequences(self, name: Key) -> tuple[Row, tuple[Maker, ...]]:
        start: Pattern = ("?s", name[0], name[1] or "?o")
        found = [p for p in self._follow(start) if self._wanted(p) or key(p) in self._seeds]
        columns = {start[0]: 0, start[2]: 1}
        constants = _constants(found, columns)
        return constants, tuple(self._maker(pattern, columns) for pattern in found)

    def _reached(self, name: Key, makers: Iterable[Maker]) -> Reach:
        """Return the reach of a key's triples and of what follows from each by itself."""
        reach = self._reach.get(name, Reach())
        for maker in makers:
            if maker.joins in self._reach:
                reach = reach.wider(self._reach[maker.joins].before(maker))
        return reach

    def _follow(self, start: Pattern) -> list[Pattern]:
        """Return all that follows from a triple by rules of one pattern, in any number of steps."""
        found = [start]
        for pattern in found:
            for rule in self._alone.get(key(pattern), ()):
                bound = dict(zip(rule.body[0], pattern, strict=True))
                made = [_filled(head, bound) for head in rule.head]
                found += [new for new in dict.fromkeys(made) if new not in found]
        return found[1:]

    def _maker(self, pattern: Pattern, columns: Mapping[str, int]) -> Maker:
        subject, predicate, value = pattern
        joins = key(pattern) if key(pattern) in self._seeds else None
        return Maker(columns[subject], predicate, columns[value], joins)

    def _plan(self, rule: Rule, seed: Pattern) -> Plan:
        makes = rule.head or rule.body
        columns = _seed_columns(seed)
        constants = _constants([*_untyped(rule.body), *makes, *_pairs(rule)], columns)
        if not rule.head:
            columns[_FAULT] = 2 + len(constants)
            constants = (*constants, rule.name)
        steps = [*_seed_steps(seed, columns), *_steps(rule, seed, columns)]
        makers = tuple(self._maker(pattern, columns) for pattern in makes)
        return Plan(constants, tuple(steps), makers, columns.get(_FAULT))


def _is_clash(rule: Rule) -> bool:
    """Tell whether a rule forbids a thing to be of two classes."""
    subjects, predicates = {s for s, _, _ in rule.body}, {p for _, p, _ in rule.body}
    same = len(subjects) == 1 and predicates == {TYPE}
    return not rule.head and len(rule.body) == 2 and same and is_variable(min(subjects))


def _clashes(rules: Iterable[Rule]) -> dict[str, dict[str, str]]:
    """Return for each class those that nothing of it can have too, each with why.

    An ontology declares its main classes disjoint, each with each: one look at what a thing is
    takes the place of a plan for each pair.
    """
    clashes = defaultdict[str, dict[str, str]](dict)
    for rule in filter(_is_clash, rules):
        (_, _, one), (_, _, other) = rule.body
        clashes[one][other] = clashes[other][one] = rule.name
    return clashes


def _clash_plan(clashes: Mapping[str, str]) -> Plan:
    step = Step(_types, clashes=clashes)
    return Plan((), (step,), (Maker(0, TYPE, 1, None), Maker(0, TYPE, 2, None)), fault=3)


def _looks_up_types(plan: Plan) -> bool:
    return any(step.run is _types for step in plan.steps)


def _filled(pattern: Pattern, bound: Mapping[str, str]) -> Pattern:
    subject, predicate, value = pattern
    return bound.get(subject, subject), predicate, bound.get(value, value)


def _untyped(body: Iterable[Pattern]) -> list[Pattern]:
    return [pattern for pattern in body if pattern[1] != TYPE]


def _pairs(rule: Rule) -> list[Pattern]:
    return [(left, "", right) for left, right in rule.differ]


def _constants(patterns: Iterable[Pattern], columns: dict[str, int]) -> Row:
    """Give a column to each term of some patterns that has none, and return those terms."""
    terms = dict.fromkeys(name for s, _, o in patterns for name in (s, o))
    missing = [name for name in terms if name not in columns and not is_variable(name)]
    columns.update((name, 2 + i) for i, name in enumerate(missing))
    return tuple(missing)


def _seed_columns(seed: Pattern) -> dict[str, int]:
    subject, predicate, value = seed
    columns = {value: 1} if is_variable(value) or predicate == TYPE else {}
    return columns | ({subject: 0} if is_variable(subject) else {})


def _seed_steps(seed: Pattern, columns: Mapping[str, int]) -> Iterator[Step]:
    """Yield what a triple of the seed's key must fulfil to match it."""
    subject, predicate, value = seed
    if columns[subject] != 0:
        yield Step(_same, 0, "", columns[subject])
    if predicate != TYPE and columns[value] != 1:
        yield Step(_same, 1, "", columns[value])


def _steps(rule: Rule, seed: Pattern, columns: dict[str, int]) -> Iterator[Step]:
    """Yield the look-ups of the other patterns, those with most terms bound first."""
    rest = [pattern for pattern in rule.body if pattern != seed]
    width = 2 + sum(column >= 2 for column in columns.values())
    differ = [*rule.differ]
    while True:
        for pair in [pair for pair in differ if {*pair} <= {*columns}]:
            differ.remove(pair)
            yield Step(_differ, columns[pair[0]], "", columns[pair[1]])
        if not rest:
            return
        rest.sort(key=lambda pattern: _unbound(pattern, columns))
        pattern = rest.pop(0)
        yield _step(pattern, columns)
        for name in variables([pattern]) - {*columns}:
            columns[name] = width
            width += 1


def _unbound(pattern: Pattern, columns: Mapping[str, int]) -> int:
    """Count the places of a pattern that are still open; with two it cannot be looked up."""
    subject, predicate, value = pattern
    if predicate == TYPE:
        return 0 if subject in columns else 2
    return (subject not in columns) + (value not in columns)


def _step(pattern: Pattern, columns: Mapping[str, int]) -> Step:
    subject, predicate, value = pattern
    if predicate == TYPE:
        return Step(_is_a, columns[subject], value)
    if value not in columns:
        return Step(_objects, columns[subject], predicate)
    if subject not in columns:
        return Step(_subjects, 0, predicate, columns[value])
    return Step(_holds, columns[subject], predicate, columns[value])


def _is_a(rows: list[Row], memory: Memory, step: Step) -> list[Row]:
    left, name = step.left, step.name
    return [row for row in rows if memory.holds((row[left], TYPE, name))]


def _holds(rows: list[Row], memory: Memory, step: Step) -> list[Row]:
    left, name, right = step.left, step.name, step.right
    return [row for row in rows if memory.holds((row[left], name, row[right]))]


def _objects(rows: list[Row], memory: Memory, step: Step) -> list[Row]:
    left, name = step.left, step.name
    return [
        (*row, found)
        for layer in memory.layers
        for row in rows
        for found in layer.objects.get((row[left], name), ())
    ]


def _subjects(rows: list[Row], memory: Memory, step: Step) -> list[Row]:
    name, right = step.name, step.right
    return [
        (*row, found)
        for layer in memory.layers
        for row in rows
        for found in layer.subjects.get((name, row[right]), ())
    ]


def _types(rows: list[Row], memory: Memory, step: Step) -> list[Row]:
    clashes = step.clashes
    return [
        (*row, found, clashes[found])
        for layer in memory.layers
        for row in rows
        for found in layer.objects.get((row[0], TYPE), ())
        if found in clashes
    ]


def _same(rows: list[Row], _memory: Memory, step: Step) -> list[Row]:
    left, right = step.left, step.right
    return [row for row in rows if row[left] == row[right]]


def _differ(rows: list[Row], _memory: Memory, step: Step) -> list[Row]:
    left, right = step.left, step.right
    return [row for row in rows if row[left] != row[right]]


def _reaches(rules: Sequence[Rule], wanted: Callable[[Pattern], bool]) -> dict[Key, Reach]:
    """Tell how the triples of each key may meet another document's in a rule.

    Where all patterns of a rule share a variable, they meet only at what both documents name.
    Any other rule with joins may need all triples that match. So may a rule that starts from
    what one with joins concludes, for that may come from elsewhere, and a rule with conclusions
    that are not handed out, for they cannot be passed on. Faults do not count.
    """
    late = _concluded_late(rules)
    reach = defaultdict[Key, Reach](Reach)
    for rule in rules:
        if rule.head and len(rule.body) > 1:
            near = not any(key(pattern) in late for pattern in rule.body)
            near = near and all(wanted(pattern) for pattern in rule.head)
            for pattern in rule.body:
                reach[key(pattern)] = reach[key(pattern)].wider(_reach(pattern, rule, near))
    return reach


def _reach(pattern: Pattern, rule: Rule, near: bool) -> Reach:
    shared = frozenset.intersection(*(variables([other]) for other in rule.body))
    if not (near and shared):
        return Reach(always=True)
    centre = min(shared)
    return Reach(by_subject=pattern[0] == centre, by_object=pattern[2] == centre)


def _concluded_late(rules: Sequence[Rule]) -> set[Key]:
    """Return the keys of all that depends on a rule with joins."""
    late: set[Key] = set()
    size = -1
    while size < len(late):
        size = len(late)
        for rule in rules:
            if len(rule.body) > 1 or key(rule.body[0]) in late:
                late.update(key(pattern) for pattern in rule.head)
    return late
