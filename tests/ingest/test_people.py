"""Printed names become the entities that they stand for, and no others."""

from dataclasses import replace

import pytest

from ingest.authority import Authority
from ingest.model import Block, Document, Entity, Form, Mention, Moment, Party, Tenure
from ingest.offices import Offices, office
from ingest.people import doubts, resolved

AUTHORITY = Authority(
    [
        Entity("position/president", "President of the United States", names=("President",)),
        Entity("organization/embassy", "Embassy in Egypt"),
        Entity("place/moscow", "Moscow"),
        Entity(
            "person/roosevelt",
            "Franklin D. Roosevelt",
            tenures=(Tenure("position/president", "1933-03-04", "1945-04-12", "x"),),
        ),
        Entity("person/stalin", "Joseph Stalin", names=("Stalin",), listed_as=("v#p_S1",)),
    ]
)
OFFICES = Offices(AUTHORITY)
DOCUMENT = Document("v", "d1", Form.TELEGRAM, "Head", "Stalin in Moscow, Stalin")
DAY = Moment("1944-10-17", "1944-10-17", "1944-10-17")


@pytest.mark.parametrize(
    ("party", "sent", "entities"),
    [
        (Party("Stalin", target="p_S1"), DAY, ("person/stalin",)),
        (Party("the President", "President"), DAY, ("person/roosevelt", "position/president")),
        (Party("the President", "President"), None, ("position/president",)),
        (Party("Embassy in Egypt", "Embassy in Egypt"), DAY, ("organization/embassy",)),
        (Party("Stalin", name="Stalin"), DAY, ()),
        (Party("Mr. X", "Consul in Nowhere", target="p_X"), DAY, ()),
    ],
    ids=["tag", "office and day", "office without day", "body", "bare surname", "unknown"],
)
def test_a_party_is_known_by_tag_or_by_office_and_day(party, sent, entities):
    document = replace(DOCUMENT, sender=party, recipient=party, participants=(party,), sent=sent)
    found = resolved(document, OFFICES)
    known = replace(party, entities=entities)
    assert (found.sender, found.recipient, found.participants) == (known, known, (known,))


BUNDY = "person/bundy-william"
FAR_EAST = office("Assistant Secretary of State for East Asian and Pacific Affairs")
EMBASSY = Entity("organization/egypt", "Embassy in Egypt", represents="state/united-states")
CAIRO = office("Ambassador in Egypt")
REGISTERED = Offices(
    Authority(
        [
            *(FAR_EAST, EMBASSY, CAIRO),
            Entity(BUNDY, "Bundy, William", tenures=(Tenure(FAR_EAST.id, "1964", "1969", "x"),)),
            Entity(
                "person/hare", "Hare, Raymond", tenures=(Tenure(CAIRO.id, "1956", "1959", "x"),)
            ),
        ]
    )
)
TITLE = "Assistant Secretary of State for Far Eastern Affairs"
IN_1965 = Moment("1965-02-16", "1965-02-16", "1965-02-16")
TAGS = {"p_MGB": "person/bundy-mcgeorge", "p_H": "person/hart-parker"}


@pytest.mark.parametrize(
    ("party", "person", "doubt"),
    [
        (
            Party("Bundy", TITLE, "Bundy", "p_MGB"),
            BUNDY,
            "v/d1: Bundy: the tag means person/bundy-mcgeorge; "
            "it was person/bundy-william that day",
        ),
        (Party("Hilsman", TITLE, "Hilsman"), None,
         "v/d1: Hilsman: the head names another; it was person/bundy-william that day"),
        (Party("the Assistant Secretary", TITLE, None, "p_MGB"), "person/bundy-mcgeorge", None),
        (Party("Bundy", "President's Special Assistant", "Bundy", "p_MGB"),
         "person/bundy-mcgeorge", None),
    ],
    ids=["tag against register", "head against register", "no name", "unknown office"],
)  # fmt: skip
def test_a_tag_that_head_and_register_contradict_is_doubted(party, person, doubt):
    document = replace(DOCUMENT, sender=party, sent=IN_1965)
    sender = resolved(document, REGISTERED, TAGS).sender
    assert sender is not None
    assert next((e for e in sender.entities if e.startswith("person/")), None) == person
    assert [*doubts(document, REGISTERED, TAGS)] == ([doubt] if doubt else [])


@pytest.mark.parametrize(
    ("words", "tag", "signers"),
    [
        ("Hare", None, ("person/hare",)),
        ("Hare", "p_H", ("person/hare",)),
        ("Hart", "p_H", ("person/hart-parker",)),
        ("Hart", None, ()),
    ],
)
def test_who_signed_is_the_head_of_the_mission_or_whom_a_tag_tells(words, tag, signers):
    document = replace(
        DOCUMENT,
        text=f"Saw Nasser.\n{words}",
        sender=Party("Embassy in Egypt", "Embassy in Egypt"),
        sent=Moment("1957-01-02", "1957-01-02", "1957-01-02"),
        blocks=(Block("paragraph", 0, 11), Block("signature", 12, 16)),
        mentions=(Mention("person", 4, 10, "p_MGB"), Mention("person", 12, 16, tag)),
    )
    assert resolved(document, REGISTERED, TAGS).signers == signers


def test_mentions_are_known_by_target_and_places_by_name():
    person = Mention("person", 0, 6, "p_S1")
    place = Mention("place", 10, 16)
    bare = Mention("person", 18, 24)
    found = resolved(replace(DOCUMENT, mentions=(person, place, bare)), OFFICES)
    assert found.mentions == (
        replace(person, entity="person/stalin"),
        replace(place, entity="place/moscow"),
        bare,
    )
    assert found.mentioned == ["person/stalin", "place/moscow"]


def test_the_place_of_sending_is_known_by_name():
    assert resolved(replace(DOCUMENT, place="Moscow"), OFFICES).sent_from == "place/moscow"
    assert resolved(replace(DOCUMENT, place="Elsewhere"), OFFICES).sent_from is None
