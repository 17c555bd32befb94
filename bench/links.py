"""How well persons are linked to Wikidata, by cross-validation over persons looked up by hand."""

from __future__ import annotations

import csv
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from bench.persons import known_persons
from bench.scoring import Share
from ingest.items import Index, build_index, lines_of
from ingest.link import EXACT, Listed, questions, weighed
from ingest.model import ListedPerson
from ingest.trees import Array

FOLDS = 10
GROWTH = {
    "max_iter": 150,
    "learning_rate": 0.05,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 10,
    "l2_regularization": 3.0,
    "max_features": 0.4,
    "random_state": 0,
}


@dataclass(frozen=True, slots=True)
class Case:
    """A person who was looked up: the right item or "NIL", how sure that is, the candidates."""

    name: str
    right: str
    level: str  # A: dates agree, B: office or description read, C: name and life only, N: none
    items: tuple[str, ...]
    rows: Array


@dataclass(frozen=True)
class Grown:
    """Trees that say whether a candidate is the one."""

    tree: HistGradientBoostingClassifier

    def likely(self, rows: Array) -> Array:
        """Return for each row how likely it is the one, 0 to 1, in one column."""
        with threadpool_limits(1):
            return np.asarray(self.tree.predict_proba(rows)[:, 1:], np.float32)


def cases(shared: Path) -> list[Case]:
    """Return all persons that were looked up, with their candidates in the candidate file."""
    source = shared / "linking" / "wikidata-candidates.jsonl.gz"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "items.sqlite"
        for _ in build_index([(str(source), lines_of(source))], path):
            pass
        return [case for case, _ in looked_up_by_hand(shared, Index(path))]


def looked_up_by_hand(shared: Path, index: Index) -> Iterator[tuple[Case, Listed]]:
    """Yield the persons that were looked up, with the candidates that an index has for them."""
    persons = _pooled(shared)
    for row in _rows(shared):
        yield _case(row, persons, index)


def _rows(shared: Path) -> Iterator[dict[str, str]]:
    path = shared / "linking" / "persons-gold.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _pooled(shared: Path) -> dict[str, list[ListedPerson]]:
    """Return all entries of each person, by the Office's number."""
    persons: defaultdict[str, list[ListedPerson]] = defaultdict(list)
    for entry, person in known_persons(shared).items():
        persons[person].append(entry)
    return persons


def _case(
    row: dict[str, str], persons: dict[str, list[ListedPerson]], index: Index
) -> tuple[Case, Listed]:
    own = ListedPerson(row["volume"], row["p_id"], row["name"], row["description"])
    entries = {one.key: one for one in (own, *persons.get(row["hsg_person"], ()))}
    person = Listed(tuple(entries.values()))
    items, rows = questions(person, index)
    qids = tuple(one.qid for one in items)
    return Case(row["name"], row["gold"], row["level"], qids, rows), person


def grown(known: Iterable[Case]) -> Grown:
    """Return trees that have learnt from some persons."""
    taken = [case for case in known if case.items]
    rows = np.vstack([case.rows for case in taken])
    right = [item == case.right for case in taken for item in case.items]
    with threadpool_limits(1):
        return Grown(HistGradientBoostingClassifier(**GROWTH).fit(rows, right))


class Best(NamedTuple):
    """The likeliest candidate of a person, if there is any."""

    case: Case
    item: str | None
    likely: float

    @property
    def right(self) -> bool:
        """Whether it is the one."""
        return self.item == self.case.right


def cross_validated(known: Sequence[Case]) -> list[Best]:
    """Return what trees say of persons that they were not grown from."""
    order = random.Random(0).sample(range(len(known)), len(known))
    found: list[Best] = []
    for fold in range(FOLDS):
        held = {*order[fold::FOLDS]}
        trees = grown(case for number, case in enumerate(known) if number not in held)
        found += (_best(known[number], trees) for number in sorted(held))
    return found


def _best(case: Case, trees: Grown) -> Best:
    if not case.items:
        return Best(case, None, 0.0)
    likely = weighed(case.rows, trees)
    place = likely.index(max(likely))
    return Best(case, case.items[place], likely[place])


class Linked(NamedTuple):
    """How exact matches agree with what was found by hand."""

    persons: int
    precision: Share
    recall: Share  # of those who have an item
    false: Share  # of those who have none
    precision_read: Share  # without those whose item rests on name and life only


def measured(found: Sequence[Best], least: float = EXACT) -> Linked:
    """Count the links from some likelihood on."""
    links = [one for one in found if one.likely >= least]
    read = [one for one in links if one.case.level != "C"]
    linkable = sum(one.case.right != "NIL" for one in found)
    false = sum(one.case.right == "NIL" for one in links)
    return Linked(
        len(found),
        Share(sum(one.right for one in links), len(links)),
        Share(sum(one.right for one in links), linkable),
        Share(false, len(found) - linkable),
        Share(sum(one.right for one in read), len(read)),
    )
