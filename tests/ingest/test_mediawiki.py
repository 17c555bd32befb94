"""A wiki is asked politely, and whatever it answers, only a whole answer is believed."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from importlib.metadata import version

import pytest

from ingest import mediawiki
from ingest.link import Unanswered
from ingest.mediawiki import Json, MediaWiki, NoWiki, TooLarge
from ingest.web import Pace, Visitor
from tests.ingest.wikidata import Answer, Wiki, entity, said, sent, serving

QUICK = Pace(between=0, timeout=30, tries=3, wait=1, longest=60)
IMPATIENT = replace(QUICK, timeout=1)
QUESTION = {"action": "wbgetentities", "ids": "Q1", "props": "labels"}
BUSY = {"error": {"code": "maxlag", "info": "Waiting for db1: 7 seconds lagged.", "lag": 7}}


@pytest.fixture
def wiki(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wiki]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(Wiki([entity("Q1", "Universe")])) as server:
        yield server


@pytest.fixture
def slept() -> list[float]:
    """The waits so far, which take no time."""
    return []


@pytest.fixture
def asking(wiki: Wiki, slept: list[float]) -> MediaWiki:
    return MediaWiki(wiki.address, visitor(slept))


def visitor(slept: list[float], pace: Pace = QUICK) -> Visitor:
    return Visitor(pace, lambda seconds: slept.append(seconds) if seconds else None)


def label(answer: Json) -> str:
    found: str = answer["entities"]["Q1"]["labels"]["en"]["value"]
    return found


def cut(content: bytes) -> Answer:
    return sent(content, Content_Length=str(len(content) + 100))


def silent(until: threading.Event) -> Answer:
    def wait(_: BaseHTTPRequestHandler) -> None:
        until.wait(60)

    return wait


def test_a_question_says_who_asks_and_that_it_can_wait(wiki, asking, slept):
    assert asking.ask(QUESTION, label) == "Universe"
    assert wiki.asked == [{**QUESTION, "format": "json", "maxlag": "5"}]
    assert wiki.agents == {f"cablegraph/{version('cablegraph')} (+https://w3id.org/cablegraph/)"}
    assert slept == []


ANSWER = gzip.compress(json.dumps({"entities": {}}).encode())


@pytest.mark.parametrize(
    ("bad", "wait"),
    [
        (sent(b"", 429, Retry_After="7"), 7),
        (sent(b"", 503, Retry_After="5"), 5),
        (sent(b"", 500), 1),
        (sent(b"", 502), 1),
        (said(BUSY, Retry_After="5"), 5),
        (said(BUSY, 503, Retry_After="5"), 5),
        (said({"error": "ratelimited"}), 1),
        (sent(b"<html>Our servers are currently under maintenance.</html>"), 1),
        (sent(b""), 1),
        (sent(b'{"entities": {"Q1": {"lab'), 1),
        (cut(b'{"entities": {"Q1": {"lab'), 1),
        (sent(ANSWER[:-9], Content_Encoding="gzip"), 1),
        (sent(b"no gzip", Content_Encoding="gzip"), 1),
        (said([1, 2]), 1),
        (said({}), 1),
        (said({"entities": {"Q1": {"labels": 7}}}), 1),
        (said({"entities": {"Q2": {}}}), 1),
        (lambda handler: handler.connection.shutdown(socket.SHUT_RDWR), 1),
    ],
)
def test_what_is_no_whole_answer_is_asked_for_again(wiki, asking, slept, bad, wait):
    wiki.answers = [bad]
    assert asking.ask(QUESTION, label) == "Universe"
    assert (len(wiki.asked), slept) == (2, [wait])


def test_a_wiki_that_says_nothing_in_time_is_asked_again(wiki, slept):
    done, asking = threading.Event(), MediaWiki(wiki.address, visitor(slept, IMPATIENT))
    wiki.answers = [silent(done)]
    assert asking.ask(QUESTION, label) == "Universe"
    done.set()
    assert (len(wiki.asked), slept) == (2, [1])


def test_an_answer_that_comes_drop_by_drop_is_not_waited_for(wiki, asking, monkeypatch):
    monkeypatch.setattr(mediawiki, "SLOW", -1)
    with pytest.raises(Unanswered, match="the answer comes too slowly"):
        asking.ask(QUESTION, label)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (sent(b"", 503), "the server answers 503 Service Unavailable"),
        (said(BUSY), "the server answers with the error maxlag"),
        (sent(b"<html>"), "the server answers with something that is no JSON"),
        (said([]), "the server answers with JSON that is no object"),
        (said({"entities": {}}), "the server answers something else than it was asked for"),
        (sent(ANSWER[:-9], Content_Encoding="gzip"), "the answer breaks off"),
    ],
)
def test_after_several_attempts_there_is_no_answer(wiki, asking, slept, bad, reason):
    """The waits grow, and it is not said that there is nothing."""
    wiki.answers = [bad] * 9
    with pytest.raises(Unanswered) as raised:
        asking.ask(QUESTION, label)
    assert str(raised.value) == f"{wiki.address}/w/api.php: {reason}"
    assert not raised.value.final
    assert (len(wiki.asked), slept) == (3, [1, 2])


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (sent(b"", 403), "the server answers 403 Forbidden"),
        (sent(b"", 404), "the server answers 404 Not Found"),
        (
            sent(b"", 429, Retry_After="3600"),
            "the server answers 429 Too Many Requests, and asks to wait 3600 s; try again then",
        ),
        (
            said(BUSY, Retry_After="61"),
            "the server answers with the error maxlag, and asks to wait 61 s; try again then",
        ),
    ],
)
def test_a_wiki_that_sends_us_away_is_left_alone(wiki, asking, slept, bad, reason):
    wiki.answers = [bad]
    with pytest.raises(Unanswered) as raised:
        asking.ask(QUESTION, label)
    assert str(raised.value) == f"{wiki.address}/w/api.php: {reason}"
    assert raised.value.final
    assert (len(wiki.asked), slept) == (1, [])


def test_a_wiki_that_cannot_be_reached_is_tried_several_times(slept):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    asking = MediaWiki(f"http://127.0.0.1:{port}/", visitor(slept))
    with pytest.raises(Unanswered, match="cannot be reached: Connection refused"):
        asking.ask(QUESTION, label)
    assert slept == [1, 2]


@pytest.mark.parametrize("packed", [True, False])
def test_an_answer_without_end_is_not_kept_in_memory(wiki, asking, monkeypatch, packed):
    monkeypatch.setattr(mediawiki, "MOST_BYTES", 1 << 20)
    wiki.answers = [sent(b" " * (2 << 20), packed=packed)]
    with pytest.raises(TooLarge, match="more than 1 MB; no such answer"):
        asking.ask(QUESTION, label)
    assert len(wiki.asked) == 1


@pytest.mark.parametrize("address", ["", "wikidata.org", "file:///etc/passwd", "https://x/?a"])
def test_an_address_that_is_not_of_the_web_is_refused(address):
    with pytest.raises(NoWiki, match=r"is no address of a wiki; give one such as https:"):
        MediaWiki(address, visitor([]))
