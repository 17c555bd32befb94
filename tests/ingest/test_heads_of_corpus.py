"""Heads and signatures of whole volumes are understood as well as they were."""

from collections import Counter

from bench.offices import understood
from tests.floors import FLOORS

VOLUMES = ("frus1952-54v12p2", "frus1961-63v22", "frus1964-68v18", "frus1969-76ve04")


def test_who_is_found_by_office_and_day_is_who_the_editors_print_and_tag(shared):
    counts = sum(understood(shared, *VOLUMES).values(), Counter[str]())
    reached = {name: counts[f"{name} right"] / counts[name] for name in FLOORS["heads"]}
    assert {name: share for name, share in reached.items() if share < FLOORS["heads"][name]} == {}
    assert counts["found"] / counts["known"] >= FLOORS["heads found"]
