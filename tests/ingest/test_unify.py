"""Entries of several volumes' lists of persons become one person each, for stated reasons."""

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.persons import compared, joined
from ingest.authority import Authority
from ingest.model import Entity, ListedPerson, Tenure
from ingest.unify import Unified, _compare, _Entry, _pairs, _rarity, unified
from tests.floors import FLOORS

SECRETARY = "Secretary of State from January 1961"
BANKER = "Chairman of the Export-Import Bank"


def entry(volume: str, name: str, description: str = SECRETARY, id: str = "p_1") -> ListedPerson:
    return ListedPerson(volume, id, name, description)


def persons(*entries: ListedPerson, authority: tuple[Entity, ...] = ()) -> list[set[str]]:
    """The entries of each person."""
    found = unified(entries, Authority(authority))
    groups: dict[str, set[str]] = {}
    for key, person in found.persons.items():
        groups.setdefault(person, set()).add(key)
    return sorted(groups.values(), key=sorted)


# What else lists are about, so that words are rare or common.
OTHERS = [
    entry("frus1950v01", f"{name}, Anna", f"{office} of {place}", f"p_{number}")
    for number, (name, office, place) in enumerate(
        (name, office, place)
        for name in ("Aalto", "Bergson", "Ciano", "Dupont", "Eden")
        for office, place in (("Minister", "Finland"), ("Consul", "Peru"))
    )
]


def of_two(one: ListedPerson, other: ListedPerson, *authority: Entity) -> bool:
    """Whether two entries are of one person."""
    found = unified([one, other, *OTHERS], Authority(authority)).persons
    return found[one.key] == found[other.key]


def test_the_same_name_is_one_person():
    assert of_two(entry("frus1961v01", "Rusk, Dean"), entry("frus1964v02", "Rusk, Dean", BANKER))


def test_the_same_first_name_a_lifetime_apart_needs_a_description_that_fits():
    young, old = entry("frus1964v02", "Adams, John"), entry("frus1861v01", "Adams, John", BANKER)
    assert not of_two(young, old)
    assert of_two(young, entry("frus1861v01", "Adams, John"))


def test_an_initial_joins_only_with_a_description_that_fits():
    assert of_two(entry("frus1961v01", "Rusk, D."), entry("frus1964v02", "Rusk, Dean"))
    assert not of_two(entry("frus1961v01", "Rusk, D."), entry("frus1964v02", "Rusk, Dean", BANKER))


def test_what_is_weak_is_no_bridge():
    """Rusk, D. may be Dean or David; these two are not one because of it."""
    bridge = entry("frus1961v01", "Rusk, D.")
    dean, david = entry("frus1964v02", "Rusk, Dean"), entry("frus1965v03", "Rusk, David")
    found = unified([bridge, dean, david, *OTHERS], Authority()).persons
    assert found[dean.key] != found[david.key]
    assert found[bridge.key] in (found[dean.key], found[david.key])


def test_a_numbered_name_is_another_person():
    general, nephew = "MacArthur, Douglas", "MacArthur, Douglas, II"
    assert not of_two(entry("frus1951v01", general), entry("frus1958v01", nephew))
    assert not of_two(
        entry("frus1951v01", "Hoover, Herbert, Sr."), entry("frus1951v02", "Hoover, Herbert, Jr.")
    )


def test_a_surname_may_be_spelled_otherwise_if_the_rest_fits():
    assert of_two(
        entry("frus1961v01", "Kosygin, Aleksei"), entry("frus1964v02", "Kossygin, Alexei")
    )
    assert not of_two(
        entry("frus1961v01", "Kosygin, Aleksei"), entry("frus1964v02", "Kossygin, Alexei", BANKER)
    )
    assert of_two(
        entry("frus1961v01", "al-Asad (Assad), Hafez"), entry("frus1970v02", "Assad, Hafez")
    )


def test_the_authority_decides():
    one, other = entry("frus1961v01", "Rusk, Dean"), entry("frus1964v02", "Bowles, Chester")
    same = Entity("person/rusk-dean", "Dean Rusk", listed_as=(one.key, other.key))
    assert of_two(one, other, same)
    twin = entry("frus1964v02", "Rusk, Dean")
    apart = Entity("person/rusk-dean", "Dean Rusk", listed_as=(one.key,), not_listed_as=(twin.key,))
    assert not of_two(one, twin, apart)
    assert of_two(one, twin, Entity("person/rusk-dean", "Dean Rusk", listed_as=(one.key,)))
    two = Entity("person/rusk-2", "Dean Rusk", listed_as=(twin.key,))
    assert not of_two(one, twin, Entity("person/rusk-1", "Dean Rusk", listed_as=(one.key,)), two)


def test_a_person_has_the_id_of_its_oldest_entry_and_the_usual_name():
    entries = [
        entry("frus1964v02", "Rusk, Dean", "Secretary"),
        entry("frus1969v03", "Rusk, Dean", "Secretary"),
        entry("frus1950v01", "Rusk, Dean A.", "Deputy Under Secretary", "p_RD"),
    ]
    [person] = unified(entries, Authority()).entities
    assert person == Entity(
        "person/frus1950v01.p_RD",
        "Rusk, Dean",
        ("Dean A. Rusk", "Dean Rusk", "Rusk, Dean A."),
        "Deputy Under Secretary",
        listed_as=("frus1950v01#p_RD", "frus1964v02#p_1", "frus1969v03#p_1"),
    )


def test_a_person_of_the_authority_keeps_what_is_said_of_him_there():
    known = Entity(
        "person/rusk", "Dean Rusk", ("Rusk",), "A diplomat.", listed_as=("frus1961v01#p_1",)
    )
    entries = [entry("frus1961v01", "Rusk, Dean"), entry("frus1964v02", "Rusk, Dean", id="p_9")]
    [person] = unified(entries, Authority([known])).entities
    assert person == Entity(
        "person/rusk",
        "Dean Rusk",
        ("Rusk", "Rusk, Dean"),
        "A diplomat.",
        listed_as=("frus1961v01#p_1", "frus1964v02#p_9"),
    )


def test_every_entry_tells_why_it_joined():
    found = unified(
        [entry("frus1961v01", "Rusk, Dean"), entry("frus1964v02", "Rusk, Dean")], Authority()
    )
    reasons = [join.reason for join in found.joins if join.reason]
    assert reasons == [
        "the same surname and first name, as in frus1961v01#p_1; descriptions alike 0.00"
    ]
    assert found.table().splitlines()[0] == "entry\tperson\treason"
    assert len(found.table().splitlines()) == 3


def test_the_order_of_the_entries_does_not_matter():
    entries = [
        *OTHERS,
        *(
            entry(f"frus19{year}v01", name)
            for year, name in enumerate(("Rusk, Dean", "Rusk, D."), 61)
        ),
        entry("frus1970v01", "Rusk, Dean A."),
    ]
    first = unified(entries, Authority())
    for seed in range(5):
        shuffled = random.Random(seed).sample(entries, len(entries))
        assert unified(shuffled, Authority()) == first


def test_no_entries_are_nobody():
    assert unified([], Authority()) == Unified((), ())


def test_groupings_are_compared_by_pairs_and_by_entry():
    known = {"a": "1", "b": "1", "c": "1", "d": "2"}
    found = {"a": "x", "b": "x", "c": "y", "d": "y"}
    measured = compared(known, found)
    assert measured[:3] == (4, 2, 2)
    assert measured[3:5] == (1 / 2, 1 / 3)
    assert measured[5:] == pytest.approx((3 / 4, (2 / 3 * 2 + 1 / 3 + 1) / 4))


@pytest.mark.slow
def test_persons_are_joined_as_well_as_they_were(shared):
    reached = joined(shared)._asdict()
    assert {
        name: reached[name] for name, least in FLOORS["persons"].items() if reached[name] < least
    } == {}


def officer(id: str, name: str, description: str = "Ambassador in Egypt, 1956–1959"):
    held = (Tenure("position/ambassador-in-egypt", "1956", "1959", "x"),)
    return ListedPerson("pocom", id, name, description, held, 1901, 1994)


def test_an_officer_of_a_register_gives_a_person_id_offices_and_life():
    entries = [
        entry("frus1955v14", "Hare, Raymond A.", "Ambassador to Egypt"),
        officer("hare", "Hare, Raymond"),
    ]
    [person] = unified(entries, Authority()).entities
    assert (person.id, person.label) == ("person/hare", "Hare, Raymond A.")
    assert (person.tenures, person.born, person.died) == (entries[1].tenures, 1901, 1994)
    assert person.represents == "state/united-states"
    assert person.listed_as == ("pocom#hare", "frus1955v14#p_1")


def test_two_officers_of_a_register_are_two_persons():
    """Each entry of a list joins the one whose name fits better."""
    pierce, dill = officer("w-p", "Rogers, William Pierce"), officer("w-d", "Rogers, William Dill")
    listed = [
        entry("frus1969v01", "Rogers, William P.", "Ambassador in Egypt, 1956–1959"),
        entry("frus1973v01", "Rogers, William D.", "Ambassador in Egypt, 1956–1959"),
    ]
    assert persons(pierce, dill, *listed) == [
        {"frus1969v01#p_1", "pocom#w-p"},
        {"frus1973v01#p_1", "pocom#w-d"},
    ]


def test_an_authority_person_with_the_id_of_an_officer_is_that_officer():
    known = Entity(
        "person/hare", "Raymond Hare", tenures=(Tenure("position/x", "1947", None, "y"),)
    )
    [person] = unified([officer("hare", "Hare, Raymond")], Authority([known])).entities
    assert person.label == "Raymond Hare"
    assert [tenure.position for tenure in person.tenures] == [
        "position/x",
        "position/ambassador-in-egypt",
    ]


def test_only_the_persons_of_some_entries_are_kept_with_all_of_theirs():
    entries = [entry("frus1961v01", "Rusk, Dean"), entry("frus1964v02", "Rusk, Dean"), *OTHERS]
    kept = unified(entries, Authority()).only({"frus1964v02#p_1"})
    assert [one.id for one in kept.entities] == ["person/frus1961v01.p_1"]
    assert [*kept.persons] == ["frus1961v01#p_1", "frus1964v02#p_1"]


def test_a_junior_is_not_the_officer_without_junior():
    father = officer("morgenthau-henry", "Morgenthau, Henry")
    son = entry("frus1943v01", "Morgenthau, Henry, Jr.", "Ambassador in Egypt, 1956–1959")
    assert persons(father, son) == [{"frus1943v01#p_1"}, {"pocom#morgenthau-henry"}]


# Which entries are compared

GIVEN = ["", "William", "Bill", "W.", "W. Averell", "Averell", "William A.", "Wm", "Will", "Kurt"]
DESCRIPTIONS = [SECRETARY, BANKER, "", "Secretary of the Bank"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Meier", "Meyer", "Maier (Meyer)", "Mayer"]),
            st.sampled_from([*GIVEN, "Curt", "Cyrus", "Averell W.", "J. Kurt"]),
            st.sampled_from(DESCRIPTIONS),
        ),
        min_size=9,
        max_size=30,
    )
)
def test_what_is_not_compared_would_not_have_been_joined(rows):
    """Of a surname that many bear, only those are compared for whom something may speak."""
    entries = [
        _Entry.of(entry(f"frus19{50 + number}v01", f"{surname}, {name}".rstrip(", "), told))
        for number, (surname, name, told) in enumerate(rows)
    ]
    rarity = _rarity(entries)
    bonds = {
        (a, b)
        for a, b in combinations(range(len(entries)), 2)
        if entries[a].name.keys & entries[b].name.keys and _compare(entries[a], entries[b], rarity)
    }
    assert bonds <= set(_pairs(entries))
