"""Telegrams that a text cites are read with their posts, numbers and days, word by word."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.citations import citations
from ingest.model import Block, Citation, Document, Form, Moment, Party, Quote

HEAD = "4. Telegram From the Department of State to the Embassy in Vietnam"
DEPARTMENT, SAIGON = ("washington",), ("vietnam",)


def telegram(text, sender="Department of State", recipient="Embassy in Vietnam"):
    """A telegram of one paragraph, from Washington to Saigon unless said otherwise."""
    whole = f"{HEAD}\n{text}"
    return Document(
        volume="frus1964-68v02",
        id="d4",
        form=Form.TELEGRAM,
        head=HEAD,
        text=whole,
        sender=Party(sender, sender),
        recipient=Party(recipient, recipient),
        sent=Moment("1965-01-05", "1965-01-05", "1965-01-05"),
        blocks=(Block("head", 0, len(HEAD)), Block("paragraph", len(HEAD) + 1, len(whole))),
    )


def read(text, **parties):
    """What is cited in a text, without where it stands."""
    return [
        (one.quote.exact, one.series, one.number, one.senders, one.recipients)
        for one in citations(telegram(text, **parties))
    ]


@pytest.mark.parametrize(
    ("text", "words", "series", "number", "senders", "recipients"),
    [
        ("Ref: Embtel 2032.", "Embtel 2032", "", "2032", SAIGON, DEPARTMENT),
        ("Your 2108 received.", "Your 2108", "", "2108", SAIGON, DEPARTMENT),
        ("Further to our 1386.", "our 1386", "", "1386", DEPARTMENT, SAIGON),
        ("See Deptel 236.", "Deptel 236", "", "236", DEPARTMENT, SAIGON),
        ("As in Saigon’s 266,", "Saigon’s 266", "", "266", SAIGON, DEPARTMENT),
        ("Kuala Lumpur's 731 is good.", "Kuala Lumpur's 731", "", "731", ("malaysia",), DEPARTMENT),
        ("Ref: State 123456.", "State 123456", "", "123456", DEPARTMENT, SAIGON),
        (
            "the Department’s telegram No. 12 of May 3, 1964",
            "Department’s telegram No. 12 of May 3, 1964",
            "", "12", DEPARTMENT, SAIGON,
        ),
        ("in tel 652 from Kabul.", "tel 652 from Kabul", "", "652", ("afghanistan",), DEPARTMENT),
        ("Deptel 371 to Nicosia.", "Deptel 371 to Nicosia", "", "371", DEPARTMENT, ("cyprus",)),
        ("Embassy despatch 45 says", "Embassy despatch 45", "despatch", "45", SAIGON, DEPARTMENT),
        ("Ref: CA–1234.", "CA–1234", "ca", "1234", (), ()),
        ("my telegram 72 [27].", "my telegram 72 [27]", "", "27", DEPARTMENT, SAIGON),
        ("See Secto 12.", "Secto 12", "secto", "12", (), ()),
        ("Saigon’s A–299 tells", "Saigon’s A–299", "a", "299", SAIGON, DEPARTMENT),
        ("Depcirtel 1791.", "Depcirtel 1791", "circular", "1791", DEPARTMENT, ()),
        (
            "Deptel 4309 rptd info Paris 3506.",
            "Deptel 4309 rptd info Paris 3506",
            "", "4309", DEPARTMENT, SAIGON,
        ),
    ],
)  # fmt: skip
def test_a_citation_tells_its_number_and_its_posts(
    text, words, series, number, senders, recipients
):
    assert read(text) == [(words, series, number, senders, recipients)]


def test_a_list_of_numbers_is_as_many_citations():
    assert [(words, number) for words, _, number, *_ in read("Embtels 912, 913 and 920.")] == [
        ("Embtels 912", "912"),
        ("913", "913"),
        ("920", "920"),
    ]


def test_numbers_under_which_it_went_elsewhere_are_of_the_same_telegram():
    [one] = citations(telegram("Saigon 4529 repeated Paris 1191, London 77."))
    assert one.also == (("france", "1191"), ("united-kingdom", "77"))


def test_after_such_numbers_others_are_cited():
    found = read("Deptel 4309 rptd info Paris 3506, Deptel 4330.")
    assert [words for words, *_ in found] == ["Deptel 4309 rptd info Paris 3506", "Deptel 4330"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("urtel 507 May 3.", (5, 3, None)),
        ("Embassy telegram 1850, June 5, 1964.", (6, 5, 1964)),
        ("Embtel 1850 dated 5 June 64.", (6, 5, 1964)),
        ("Embtel 1850.", (None, None, None)),
    ],
)
def test_a_day_is_read_as_far_as_it_is_printed(text, day):
    [one] = citations(telegram(text))
    assert (one.month, one.day, one.year) == day


def test_a_telegram_may_be_told_by_its_day_alone():
    start = len(HEAD) + 1
    assert citations(telegram("Urtel May 3 received.")) == [
        Citation(Quote("Urtel May 3", start, start + 11), "", None, SAIGON, DEPARTMENT, 5, 3)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "your 40 divisions",
        "Geneva 1954",
        "about 300 men",
        "CAS Saigon 1448",
        "our 24 planes",
        "NSC 5514 of May 3",
        "the embassy 500 miles away",
        "3.5 million, 20,000 and $300",
    ],
)
def test_other_numbers_are_left(text):
    assert read(text) == []


def test_seen_from_the_post_mine_and_yours_are_the_other_way_round():
    parties = {"sender": "Embassy in Vietnam", "recipient": "Department of State"}
    assert read("Your 1386 and my 2032.", **parties) == [
        ("Your 1386", "", "1386", DEPARTMENT, SAIGON),
        ("my 2032", "", "2032", SAIGON, DEPARTMENT),
    ]


WORDS = st.sampled_from(
    "Embtel Deptel your 2108 No. telegram , ; and May 3 to from Saigon’s Paris – rptd 1 ( ) Secto"
    " \n 1964 A– circular of p.m. 6".split(" ")
)


@given(st.lists(WORDS, max_size=25).map(" ".join))
def test_citations_are_verbatim_and_in_order_and_do_not_overlap(text):
    document = telegram(text)
    found = [one.quote for one in citations(document)]
    assert all(document.text[one.start : one.end] == one.exact for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
