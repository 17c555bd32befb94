"""How well answers are found: commitments, refusals and offers that answer requests and offers.

    python -m bench.responses

prints the tables of bench/ACCURACY.md. bench/ANSWERS.md tells how the pairs were drawn and judged.
The open ones teach the weights (`tools/train_responses.py`), and are judged here by weights that
were made without their volume. The kept ones were drawn from other volumes after the weights and
the threshold were final, and judged without knowing how likely the program finds them.
"""

from __future__ import annotations

import gzip
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from bench.scoring import SAMPLES, Share, share
from ingest.model import Manner
from ingest.responses import Weights, manner, pairs, weights
from ingest.signs import SIGNS
from ingest.told import Told

GOLD = Path(__file__).parents[1] / "tests" / "gold" / "responses.jsonl.gz"


class Limits(NamedTuple):
    """From which likelihood an answer is a candidate, and is asserted; how firm weights are.

    `strength` is the inverse of the regularisation.
    """

    possible: float
    asserted: float
    strength: float


LIMITS = Limits(0.3, 0.75, 0.1)
"""There nine of ten of the open pairs are right by weights that were made without their volume.
Strengths of 0.01 to 0.3 all do about as well."""


class Judged(NamedTuple):
    """A pair that was judged by reading: how the later act answers, None where it does not.

    `weight` is of how many pairs it was drawn, `found` how the program says that it answers.
    """

    document: str
    signs: Sequence[float]
    manner: Manner | None
    weight: float
    found: Manner

    @property
    def is_right(self) -> bool:
        """Whether the later act answers the earlier one."""
        return self.manner is not None

    @property
    def volume(self) -> str:
        """The volume of the document of the later act."""
        return self.document.partition("/")[0]


def judged(half: str) -> list[Judged]:
    """Return the pairs of a half, open or kept."""
    with gzip.open(GOLD) as lines:
        documents = [*map(orjson.loads, lines)]
    return [one for each in documents if each["half"] == half for one in _judged(each)]


def _judged(document: dict[str, Any]) -> Iterator[Judged]:
    acts = [Told.from_json(act) for act in document["acts"]]
    verdicts = {
        (acts[earlier].id, acts[later].id): (how and Manner(how), weight)
        for earlier, later, how, weight in document["judged"]
    }
    for pair in pairs(acts):
        if verdict := verdicts.get((pair.earlier.id, pair.later.id)):
            yield Judged(document["document"], pair.signs, *verdict, manner(pair))


def fitted(cases: Sequence[Judged], limits: Limits = LIMITS) -> Weights:
    """Return weights by logistic regression on judged pairs."""
    rows = np.array([one.signs for one in cases])
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(C=limits.strength, max_iter=2000)
    model.fit(scaler.transform(rows), [one.is_right for one in cases])
    each = model.coef_[0] / scaler.scale_
    bias = float(model.intercept_[0] - each @ scaler.mean_)
    return Weights(round(bias, 3), tuple(each.round(3).tolist()), *limits[:2])


def cross_validated(cases: Sequence[Judged], limits: Limits = LIMITS) -> list[tuple[Judged, float]]:
    """Return each pair with its likelihood by weights that were made without its volume."""
    found = []
    for volume in sorted({one.volume for one in cases}):
        by = fitted([one for one in cases if one.volume != volume], limits)
        found += [(one, by.likelihood(one.signs)) for one in cases if one.volume == volume]
    return found


def as_shipped(cases: Iterable[Judged], by: Weights) -> list[tuple[Judged, float]]:
    """Return each pair with its likelihood by the weights that come with the program."""
    return [(one, by.likelihood(one.signs)) for one in cases]


class Measured(NamedTuple):
    """How well answers are found.

    `recall` is of the answers within reach in the same documents, estimated from the pairs that
    were drawn; `manners` are the asserted answers whose manner is right too.
    """

    pairs: int
    right: int
    precision: Share
    recall: float
    interval: tuple[float, float]
    manners: Share


def measured(found: Sequence[tuple[Judged, float]], least: float = LIMITS.asserted) -> Measured:
    """Count what is asserted: all that is as likely as this at least."""
    asserted = [one for one, likelihood in found if likelihood >= least]
    right = [one for one in asserted if one.is_right]
    return Measured(
        len(found),
        sum(one.is_right for one, _ in found),
        Share(len(right), len(asserted)),
        _recall(found, least),
        _interval(found, partial(_recall, least=least)),
        Share(sum(one.found is one.manner for one in right), len(right)),
    )


def _recall(found: Sequence[tuple[Judged, float]], least: float) -> float:
    right = [(one.weight, likelihood >= least) for one, likelihood in found if one.is_right]
    return share(sum(w for w, hit in right if hit), sum(w for w, _ in right))


def _interval(
    found: Sequence[tuple[Judged, float]],
    measure: Callable[[Sequence[tuple[Judged, float]]], float],
) -> tuple[float, float]:
    """Return where a measure lies in 95 of 100 samples of the documents."""
    documents: dict[str, list[tuple[Judged, float]]] = {}
    for one in found:
        documents.setdefault(one[0].document, []).append(one)
    groups, draw = [*documents.values()], random.Random(0)
    values = sorted(
        measure([one for group in draw.choices(groups, k=len(groups)) for one in group])
        for _ in range(SAMPLES)
    )
    return values[round(0.025 * SAMPLES)], values[round(0.975 * SAMPLES) - 1]


BANDS = (0.0, 0.1, 0.3, 0.5, 0.75, 1.01)


def table(
    halves: Iterable[tuple[str, Sequence[tuple[Judged, float]]]],
    least: float = LIMITS.asserted,
    name: str = "asserted",
) -> Iterator[str]:
    """Yield a row for each half, as Markdown; `name` is what those of such likelihood are."""
    yield f"| pairs | judged | right | {name} | precision | recall | manner right |"
    yield "|---|---|---|---|---|---|---|"
    for name, found in halves:
        one = measured(found, least)
        low, high = one.interval
        yield (
            f"| {name} | {one.pairs} | {one.right} | {one.precision.whole} | {one.precision} |"
            f" {one.recall:.2f} ({low:.2f}-{high:.2f}) | {one.manners} |"
        )


def calibration(
    found: Sequence[tuple[Judged, float]], bands: Sequence[float] = BANDS
) -> Iterator[str]:
    """Yield how many are right by likelihood, as Markdown."""
    yield "| likelihood | pairs | mean likelihood | right |"
    yield "|---|---|---|---|"
    for low, high in pairwise(bands):
        each = [(one, p) for one, p in found if low <= p < high]
        mean = share(sum(p for _, p in each), len(each))
        right = Share(sum(one.is_right for one, _ in each), len(each))
        yield f"| {low:.2f}-{min(high, 1):.2f} | {len(each)} | {mean:.2f} | {right} |"


def report() -> dict[str, str]:
    """Return the tables of answers, and how many volumes the halves are of."""
    open_, kept = judged("open"), judged("kept")
    tried, shipped = cross_validated(open_), as_shipped(kept, weights())
    volumes = Counter(one.volume for one in (*open_, *kept))
    return {
        "volumes": str(len(volumes)),
        "table": "\n".join(table((("open", tried), ("kept", shipped)))),
        "calibration": "\n".join(calibration(shipped)),
    }


def show(tables: dict[str, str], signs: Sequence[str], by: Weights) -> None:
    """Print the tables of a report, and the signs, the strongest first."""
    print(tables["table"], tables["calibration"], sep="\n\n")
    strongest = sorted(zip(signs, by.weights, strict=True), key=lambda one: -abs(one[1]))
    print("\n" + ", ".join(f"{sign} {weight:.2f}" for sign, weight in strongest))


def main() -> None:
    """Print the tables."""
    show(report(), SIGNS, weights())


if __name__ == "__main__":
    main()
