"""Printed names become the entities that they stand for, and no others."""

from dataclasses import replace

import pytest

from ingest.authority import Authority
from ingest.model import Document, Entity, Form, Mention, Moment, Party, Tenure
from ingest.people import resolved

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
    found = resolved(document, AUTHORITY)
    known = replace(party, entities=entities)
    assert (found.sender, found.recipient, found.participants) == (known, known, (known,))


def test_mentions_are_known_by_target_and_places_by_name():
    person = Mention("person", 0, 6, "p_S1")
    place = Mention("place", 10, 16)
    bare = Mention("person", 18, 24)
    found = resolved(replace(DOCUMENT, mentions=(person, place, bare)), AUTHORITY)
    assert found.mentions == (
        replace(person, entity="person/stalin"),
        replace(place, entity="place/moscow"),
        bare,
    )
    assert found.mentioned == ["person/stalin", "place/moscow"]


def test_the_place_of_sending_is_known_by_name():
    assert resolved(replace(DOCUMENT, place="Moscow"), AUTHORITY).sent_from == "place/moscow"
    assert resolved(replace(DOCUMENT, place="Elsewhere"), AUTHORITY).sent_from is None
