"""Boosted trees that weigh who is meant, grown from annotated documents (`ingest.parties`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from bench.scoring import Annotated, Rules, matches
from ingest.extract import quoted
from ingest.model import Document
from ingest.parties import ROLES, questions
from ingest.tagger import Act
from ingest.trees import Array

GROWTH = {
    "max_iter": 150,
    "learning_rate": 0.06,
    "max_leaf_nodes": 20,
    "min_samples_leaf": 20,
    "l2_regularization": 2.0,
    "max_features": 0.5,
    "random_state": 0,
}
"""Of 100 to 200 trees of 12 to 20 leaves none was better by more than 0.01."""


@dataclass(frozen=True, slots=True)
class Case:
    """An act that annotators have, too: the rows of who may be meant, and whether each is.

    `right` has a value a row for each role that the act has.
    """

    rows: Array
    right: Mapping[str, list[bool]]


@dataclass(frozen=True, slots=True)
class Grown:
    """Trees for each role."""

    trees: Mapping[str, HistGradientBoostingClassifier]

    def likely(self, rows: Array) -> Array:
        """Return for each row how likely it is meant in each of the roles, 0 to 1."""
        with threadpool_limits(1):
            return np.column_stack([self.trees[role].predict_proba(rows)[:, 1] for role in ROLES])


def cases(
    document: Document,
    acts: Sequence[Act],
    facts: Sequence[Annotated],
    text: Mapping[str, Any],
    rules: Rules,
) -> Iterator[Case]:
    """Yield the acts of a document that annotators have, too."""
    found: list[Annotated] = [
        {"type": act.kind.value, "quote": quoted(document, act.quote).exact} for act in acts
    ]
    matched = {its: mine for mine, its in matches(facts, found, text, rules).items()}
    for number, (people, rows) in enumerate(questions(document, acts)):
        if number in matched:
            labels = [one.label for one in people]
            yield Case(rows, _right(facts[matched[number]], labels, rules))


def _right(fact: Annotated, labels: Sequence[str], rules: Rules) -> dict[str, list[bool]]:
    """Say of each label whether annotators mean it; the empty one stands for nobody."""
    same = rules["same_party"]
    if fact["type"] == "meeting":
        people = fact["participants"] or []
        return {"present": [any(same(name, label) for name in people) for label in labels]}
    return {
        role: [same(fact[role], label) if label else not fact[role] for label in labels]
        for role in ("actor", "addressee")
    }


def grown(known: Iterable[Case]) -> Grown:
    """Return trees that have learnt from some cases."""
    taken = [*known]
    return Grown({role: _tree([one for one in taken if role in one.right], role) for role in ROLES})


def _tree(known: Sequence[Case], role: str) -> HistGradientBoostingClassifier:
    rows = np.vstack([one.rows for one in known])
    right = np.concatenate([one.right[role] for one in known])
    with threadpool_limits(1):  # Threads that wait for each other on a busy machine take for ever.
        return HistGradientBoostingClassifier(**GROWTH).fit(rows, right)
