"""Answers are found as well as it is told, on pairs that were judged by reading."""

from bench.responses import ASSERTED, POSSIBLE, as_shipped, fitted, judged, measured
from ingest.responses import weights
from tests.floors import FLOORS


def test_the_halves_have_no_volume_in_common():
    volumes = [{one.volume for one in judged(half)} for half in ("open", "kept")]
    assert volumes[0].isdisjoint(volumes[1])
    assert len(volumes[0] | volumes[1]) >= 15


def test_the_weights_are_those_that_the_open_pairs_teach():
    made, shipped = fitted(judged("open")), weights()
    assert (shipped.possible, shipped.asserted) == (POSSIBLE, ASSERTED)
    assert abs(made.bias - shipped.bias) < 0.02
    apart = [abs(a - b) for a, b in zip(made.weights, shipped.weights, strict=True)]
    assert max(apart) < 0.02


def test_answers_are_found_as_well_as_before():
    kept = measured(as_shipped(judged("kept")))
    assert kept.precision.value >= FLOORS["answers"]["precision"]
    assert kept.recall >= FLOORS["answers"]["recall"]
    assert kept.manners.value >= FLOORS["answers"]["manner"]
