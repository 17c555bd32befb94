"""Answers are found as well as it is told, on pairs that were judged by reading."""

import pytest

from bench import replies, responses
from bench.responses import as_shipped, fitted, measured
from ingest.replies import weights as weights_across
from ingest.responses import weights
from tests.floors import FLOORS

BENCHES = [(responses, weights()), (replies, weights_across())]


@pytest.mark.parametrize(("bench", "_"), BENCHES)
def test_the_halves_have_no_volume_in_common(bench, _):
    volumes = [{one.volume for one in bench.judged(half)} for half in ("open", "kept")]
    assert volumes[0].isdisjoint(volumes[1])
    assert len(volumes[0] | volumes[1]) >= 15


@pytest.mark.parametrize(("bench", "shipped"), BENCHES)
def test_the_weights_are_those_that_the_open_pairs_teach(bench, shipped):
    made = fitted(bench.judged("open"), bench.LIMITS)
    assert (shipped.possible, shipped.asserted) == bench.LIMITS[:2]
    assert abs(made.bias - shipped.bias) < 0.02
    apart = [abs(a - b) for a, b in zip(made.weights, shipped.weights, strict=True)]
    assert max(apart) < 0.02


def test_answers_are_found_as_well_as_before():
    kept = measured(as_shipped(responses.judged("kept"), weights()))
    assert kept.precision.value >= FLOORS["answers"]["precision"]
    assert kept.recall >= FLOORS["answers"]["recall"]
    assert kept.manners.value >= FLOORS["answers"]["manner"]


def test_answers_in_other_documents_are_found_as_well_as_before():
    found = as_shipped(replies.judged("kept"), weights_across())
    kept = measured(found, replies.LIKELY)
    assert kept.precision.value >= FLOORS["answers in other documents"]["precision"]
    assert kept.recall >= FLOORS["answers in other documents"]["recall"]
