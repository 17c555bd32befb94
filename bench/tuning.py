"""Thresholds and calibration, from what models said of documents that they were not taught with.

A fold is told by the hash of a document's name, so that no document is in two.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.scoring import KINDS, Annotated, Rules, Tally, matches, tally
from ingest.extract import quoted
from ingest.model import Document
from ingest.tagger import Act, Settings, log_odds

FOLDS = 5
THRESHOLDS = tuple(round(0.30 + 0.02 * step, 2) for step in range(26))


def fold_of(document: str) -> int:
    """Return the fold that a document, `VOLUME/ID`, is held back in."""
    return int(hashlib.sha256(document.encode()).hexdigest(), 16) % FOLDS


@dataclass(frozen=True, slots=True)
class Sweep:
    """One document: how its acts count at each threshold, by kind, and which are right."""

    tallies: tuple[Mapping[str, Tally], ...]
    judged: tuple[tuple[str, float, bool], ...]  # kind, score, whether annotators have it


def sweep(
    document: Document,
    acts: Sequence[Act],
    gold: Sequence[Annotated],
    text: Mapping[str, Any],
    rules: Rules,
) -> Sweep:
    """Hold the acts of a document against annotations, at each threshold."""
    found: list[Annotated] = [
        {
            "type": act.kind.value,
            "quote": quoted(document, act.quote).exact,
            "score": act.score,
        }
        for act in acts
    ]
    right = {*matches(gold, found, text, rules).values()}
    return Sweep(
        tuple(
            tally(gold, [one for one in found if one["score"] >= least], text, rules)
            for least in THRESHOLDS
        ),
        tuple((act.kind.value, act.score, n in right) for n, act in enumerate(acts)),
    )


def settings(sweeps: Iterable[Sweep]) -> Settings:
    """Return for each kind the threshold with the best F1, and the calibration from there on."""
    known = [*sweeps]
    thresholds = {kind: _best(kind, known) for kind in KINDS}
    calibration = {kind: _calibration(kind, thresholds[kind], known) for kind in KINDS}
    return Settings(thresholds, calibration)


def _best(kind: str, sweeps: Sequence[Sweep]) -> float:
    whole = [
        sum((one.tallies[at][kind] for one in sweeps), Tally()) for at in range(len(THRESHOLDS))
    ]
    return THRESHOLDS[max(range(len(THRESHOLDS)), key=lambda at: whole[at].f1)]


def _calibration(kind: str, threshold: float, sweeps: Sequence[Sweep]) -> tuple[float, float]:
    """Fit slope and base of a logistic curve by Newton's method (Platt 1999)."""
    judged = [
        (log_odds(score), right)
        for one in sweeps
        for name, score, right in one.judged
        if name == kind and score >= threshold
    ]
    odds = np.array([[value, 1.0] for value, _ in judged])
    right = np.array([float(value) for _, value in judged])
    curve = np.zeros(2)
    for _ in range(30):
        likely = 1 / (1 + np.exp(-np.clip(odds @ curve, -30, 30)))
        slope = odds.T @ (right - likely) - 1e-3 * curve
        bend = (odds * (likely * (1 - likely))[:, None]).T @ odds + 1e-3 * np.eye(2)
        curve = curve + np.linalg.solve(bend, slope)
    return round(float(curve[0]), 4), round(float(curve[1]), 4)
