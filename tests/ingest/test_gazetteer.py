"""A place, state, body, office or topic is the item of its names and kind, or none."""

import pytest

from bench.things import linked_things, seed_links
from ingest.gazetteer import Thing, forms, link_thing, link_things
from ingest.model import Entity, WikidataLink
from tests.floors import FLOORS

MOSCOW = Thing("Q649", "Moscow", ("Moskva",), "populated place in Russia", "city", 4, 10_452_000)
IDAHO = Thing("Q499927", "Moscow", (), "City in Idaho, United States", "", 1)
KAZAKHSTAN = Thing("Q488379", "Petropavlovsk", (), "populated place in Kazakhstan", "city", 1)
KAMCHATKA = Thing(
    "Q7951",
    "Petropavlovsk Kamchatskiy",
    ("Petropavlovsk-Kamchatsky",),
    "populated place in Russia",
    "city",
    1,
)
MANCHURIA = Thing("Q81126", "Manchuria", (), "", "", 1)
CHAIRMAN = Thing("Q1763459", "Chairman of the Joint Chiefs of Staff", (), "office", "position", 1)
NAVY = Thing("Q742787", "United States Department of the Navy", (), "", "organization", 1)
STATE_STATES = Thing("Q533501", "Secretary of State", (), "official in state governments", "", 1)
STATE = Thing(
    "Q14213", "United States Secretary of State", ("Secretary of State",), "office", "position", 2
)
SAN_JOSE = Thing("Q3070", "San José", (), "populated place in Costa Rica", "city", 1, 335_007)
CALIFORNIA = Thing(
    "Q16553", "San Jose", (), "populated place in United States of America", "city", 3, 1_281_471
)
TANKER = Thing("Q1", "Kuibyshev", (), "Soviet film of 1944", "", 1)
EVERY = [
    *(MOSCOW, IDAHO, KAZAKHSTAN, KAMCHATKA, MANCHURIA, CHAIRMAN, NAVY, STATE_STATES, STATE),
    *(SAN_JOSE, CALIFORNIA, TANKER),
]
OURS = "state/united-states"


def named(names):
    """The items that have one of some names."""
    return [thing for thing in EVERY if thing.names & set(names)]


@pytest.mark.parametrize(
    ("entity", "within", "found"),
    [
        (Entity("place/moscow", "Moscow"), (), ("Q649", 0.97)),
        (Entity("place/m", "Moskva"), (), ("Q649", 0.97)),
        (Entity("place/p", "Petropavlovsk"), (), ("Q488379", 0.97)),
        (Entity("place/p", "Petropavlovsk-Kamchatsky", ("Petropavlovsk",)), (), ("Q7951", 0.97)),
        (Entity("place/manchuria", "Manchuria"), (), ("Q81126", 0.9)),
        (Entity("place/san-jose", "San José"), (), ("Q16553", 0.9)),
        (Entity("place/san-jose", "San José"), ("Costa Rica",), ("Q3070", 0.97)),
        (Entity("organization/jcs", "Joint Chiefs of Staff", represents=OURS), (), (None, None)),
        (Entity("organization/navy", "Navy Department", represents=OURS), (), ("Q742787", 0.97)),
        (Entity("position/s", "Secretary of State", represents=OURS), (), ("Q14213", 0.97)),
        (Entity("position/s", "The Secretaries of State", represents=OURS), (), (None, None)),
        (Entity("place/kuibyshev", "Kuibyshev"), (), (None, None)),
        (Entity("place/nowhere", "Nowhere"), (), (None, None)),
    ],
)  # fmt: skip
def test_the_item_of_a_thing_has_its_names_and_kind(entity, within, found):
    link = link_thing(entity, named(forms(entity)), within)
    assert (link.item, link.confidence) == found


def test_things_are_linked_of_which_the_authority_says_nothing():
    """What a place is part of tells which one of a name it is; persons are not asked for."""
    entities = [
        Entity("state/costa-rica", "Costa Rica"),
        Entity("place/san-jose", "San José", part_of="state/costa-rica"),
        Entity("place/moscow", "Moscow", link=WikidataLink("none-found")),
        Entity("person/moscow", "Moscow"),
    ]
    found = [(entity.id, link.item) for entity, link in link_things(entities, named)]
    assert found == [("state/costa-rica", None), ("place/san-jose", "Q3070")]


def test_one_of_two_that_fit_equally_is_a_close_match_unless_it_stands_out():
    twins = [Thing(f"Q{number}", "Georgetown", (), "town", "city", 1, 500) for number in (1, 2)]
    larger = Thing("Q3", "Georgetown", (), "town", "city", 1, 50_000)
    entity = Entity("place/georgetown", "Georgetown")
    link = link_thing(entity, twins)
    assert (link.item, link.exact, link.confidence) == ("Q2", False, 0.5)
    assert link_thing(entity, [*twins, larger]).exact


def test_a_link_says_what_a_reader_may_compare():
    assert link_thing(Entity("place/moscow", "Moscow"), [MOSCOW]) == WikidataLink(
        "linked",
        "Q649",
        exact=True,
        confidence=0.97,
        evidence="Moscow: populated place in Russia; the name agrees",
        manual=False,
    )


def test_names_are_looked_for_as_lists_may_write_them():
    assert forms(Entity("organization/x", "The War Department")) >= {
        "war department",
        "department of war",
        "united states department of war",
        "united states department of the war",
    }
    assert forms(Entity("place/x", "The Hague")) == {"hague"}


def test_things_are_linked_as_well_as_they_were(shared):
    found = linked_things(shared)
    least = FLOORS["things"]
    assert found.precision.value >= least["precision"]
    assert found.recall.value >= least["recall"]


def test_the_things_of_the_first_telegram_have_their_items_and_the_others_none(shared):
    assert [name for name, (item, found) in seed_links(shared).items() if item != found] == []
