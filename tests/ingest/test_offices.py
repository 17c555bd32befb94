"""A printed office is one that the registers know, and was held by somebody that day."""

from dataclasses import replace

import pytest

from ingest.authority import Authority
from ingest.model import Entity, Tenure
from ingest.offices import Holder, Offices, office, post, title

RUSSIA = office("Ambassador in the Soviet Union")
TSAR = office("Minister in Russia")
FAR_EAST = office("Assistant Secretary of State for East Asian and Pacific Affairs")
UNDER = office("Under Secretary of State")
PRESIDENT = replace(office("President of the United States"), names=("President",))


def person(slug: str, name: str, *held: tuple[Entity, str | None, str | None]) -> Entity:
    tenures = tuple(Tenure(each.id, start, end, "x") for each, start, end in held)
    return Entity(f"person/{slug}", name, tenures=tenures)


OFFICES = Offices(
    Authority(
        [
            *(RUSSIA, TSAR, FAR_EAST, UNDER, PRESIDENT),
            post(RUSSIA) or RUSSIA,
            person("standley", "Standley, William", (RUSSIA, "1942-04-14", "1943-09-19")),
            person("harriman", "Harriman, W. Averell", (RUSSIA, "1943-10-23", "1946-01-24")),
            person("francis", "Francis, David", (TSAR, "1916-05-05", "1917-11-07")),
            person("bundy", "Bundy, William P.", (FAR_EAST, "1964-03-16", "1969-05-04")),
            person("grew", "Grew, Joseph", (UNDER, "1944-12-20", "1945-08-15")),
            person("nobody", "Nobody, A.", (UNDER, None, None)),
            person("johnson", "Johnson, Lyndon B.", (PRESIDENT, "1963-11-22", "1969-01-20")),
            person("open", "Open, Otto", (FAR_EAST, "1971-01-01", None)),
        ]
    )
)


@pytest.mark.parametrize(
    ("role", "country", "day", "printed"),
    [
        ("Secretary of State", "", "1944", "Secretary of State"),
        ("Ambassador Extraordinary and Plenipotentiary", "Russia", "1943-10-23", RUSSIA.label),
        ("Envoy Extraordinary and Minister Plenipotentiary", "Russia", "1916", TSAR.label),
        ("Chargé d’Affaires ad interim", "Iran", "1934", "Chargé in Persia"),
        ("Chargé d’Affaires ad interim", "Iran", None, "Chargé in Iran"),
        ("Minister Resident/Consul General", "Liberia", "1900", "Minister in Liberia"),
        ("Personal Representative of the President", "Holy See", "1940",
         "Personal Representative of the President in the Holy See"),
    ],
)  # fmt: skip
def test_an_office_is_called_as_heads_of_its_time_print_it(role, country, day, printed):
    assert title(role, country, day) == printed


def test_the_mission_of_a_chief_is_known():
    assert post(RUSSIA) == Entity(
        "organization/embassy-in-the-soviet-union",
        "Embassy in the Soviet Union",
        names=("Legation in the Soviet Union",),
        represents="state/united-states",
    )
    assert post(UNDER) is None


@pytest.mark.parametrize(
    ("printed", "offices"),
    [
        ("Ambassador in the Soviet Union", (RUSSIA.id, TSAR.id)),
        ("American Ambassador to the USSR", (RUSSIA.id, TSAR.id)),
        ("Chargé in the Soviet Union", (RUSSIA.id, TSAR.id)),
        ("Minister in Russia", (TSAR.id, RUSSIA.id)),
        ("Legation in the Soviet Union", ("organization/embassy-in-the-soviet-union",)),
        ("Assistant Secretary of State for Far Eastern Affairs", (FAR_EAST.id,)),
        ("Acting Secretary of State", (UNDER.id,)),
        ("Ambassador in Atlantis", ()),
        ("Soviet Ambassador", ()),
        ("", ()),
    ],
)
def test_printed_titles_mean_offices_of_registers(printed, offices):
    assert OFFICES.meant(printed) == offices


@pytest.mark.parametrize(
    ("printed", "name", "day", "person", "certain"),
    [
        (RUSSIA.label, None, "1944-10-17", "person/harriman", True),
        (RUSSIA.label, None, "1943-10-01", None, False),
        (RUSSIA.label, "Harriman", "1943-10-01", "person/harriman", False),
        (RUSSIA.label, "Harriman", "1942-10-01", None, False),
        ("Minister in the Soviet Union", "W. A. Harriman", "1944-10-17", "person/harriman", False),
        ("Chargé in the Soviet Union", None, "1944-10-17", None, False),
        ("Chargé in the Soviet Union", "Kennan", "1944-10-17", None, False),
        ("Acting Secretary of State", None, "1945-05-01", None, False),
        ("Acting Secretary of State", "Grew", "1945-05-01", "person/grew", True),
        ("Assistant Secretary of State for Far Eastern Affairs", "Bundy and Mr. X", "1965-01-01",
         "person/bundy", True),
        ("Assistant Secretary of State for Far Eastern Affairs", "Open", "1971-03-01",
         "person/open", False),
        ("President", "Johnson, Jr.", "1965-01-01", "person/johnson", True),
        ("Under Secretary of State", "Nobody", "1945-05-01", None, False),
    ],
)  # fmt: skip
def test_the_holder_of_an_office_is_known_by_day_and_name(printed, name, day, person, certain):
    found = OFFICES.holder(printed, name, day)
    assert (found.person, found.certain) == (person, certain)


def test_a_head_that_names_another_than_the_only_holder_contradicts_him():
    found = OFFICES.holder(RUSSIA.label, "Kennan", "1944-10-17")
    assert found == Holder(RUSSIA.id, contradicted="person/harriman")


def test_another_states_president_is_none_of_ours():
    assert OFFICES.holder("President", "Nasser", "1965-01-01") == Holder()
    assert OFFICES.holder("President", None, "1965-01-01") == Holder(
        PRESIDENT.id, "person/johnson", certain=True
    )


def test_an_office_is_known_without_a_day():
    assert OFFICES.holder(RUSSIA.label, "Harriman", None) == Holder(RUSSIA.id)


@pytest.mark.parametrize(
    ("body", "name", "day", "person"),
    [
        ("Embassy in the Soviet Union", "Harriman", "1944-10-17", "person/harriman"),
        ("Embassy in the Soviet Union", "Kennan", "1944-10-17", None),
        ("Embassy in the Soviet Union", "", "1944-10-17", None),
        ("Department of State", "GREW", "1945-05-01", "person/grew"),
        ("Joint Chiefs of Staff", "Grew", "1945-05-01", None),
    ],
)
def test_who_signs_for_a_body_is_its_head(body, name, day, person):
    assert OFFICES.signer(body, name, day) == person
