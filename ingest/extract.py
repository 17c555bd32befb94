"""Facts from the running text of a document: the acts that are read there, made facts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from ingest.authority import Authority
from ingest.candidates import Candidate, head_parties
from ingest.curated import fact_hash, gist
from ingest.model import Agent, Document, ExtractionRun, Fact, Kind, Quote, Span
from ingest.tagger import Act
from ingest.when import deadline_of, moment_of
from ingest.where import place_of
from ingest.windows import OWN

RUN = ExtractionRun("run/acts-3", "Acts that a language model finds in the text", "3")
"""The version rises with every change of what is found, the model's file included."""

_BEFORE, _BEHIND = " ,.;:!?)]’”'–—-", " ,;:([“‘–—-"
"""What does not begin, or end, a quote."""

_FORCES = {
    Kind.REQUEST: (
        ("demand", re.compile(r"demand|insist|require|ultimatum|\bmust\b", re.I)),
        ("urge", re.compile(r"\burg|press|appeal|exhort|plea\b|plead|implor", re.I)),
        ("recommend", re.compile(r"recommend|advis|counsel", re.I)),
        ("propose", re.compile(r"propos|suggest", re.I)),
        (
            "instruct",
            re.compile(r"instruct|direct|order|you should|please|authori[sz]|you will", re.I),
        ),
        (
            "ask",
            re.compile(r"ask|request|seek|sought|hope|would appreciate|would like|invit", re.I),
        ),
    ),
    Kind.COMMITMENT: (
        ("assure", re.compile(r"assur", re.I)),
        ("promise", re.compile(r"promis|pledg|undert|guarant|commit", re.I)),
        ("agree", re.compile(r"agre|accept|consent|approv|concur|no objection", re.I)),
        ("decide", re.compile(r"decid|decision", re.I)),
        ("intend", re.compile(r"inten|plan|\bwill\b|shall|going to|propos", re.I)),
    ),
}
"""What a trigger says of how an act is put, tried in this order."""

_CONDITION = re.compile(
    r"\b(?:if|unless|provided(?: that)?|on condition that|subject to|in the event)\s"
    r"[^,;:.()]{4,160}",
    re.I,
)
_QUANTITY = re.compile(
    r"(?:[$£]\s?\d[\d,.]*\d(?:\s(?:million|billion|thousand))?"
    r"|\b\d[\d,.]*(?:\s(?:million|billion|thousand))?\s(?:long |short |metric )?"
    r"(?:tons?|dollars|pounds|aircraft|planes|bombers|fighters|tanks|guns|troops|men|divisions?|battalions|barrels|bushels"
    r"|rifles|ships|vessels|percent)\b)"
)
_TELLING = re.compile(
    r"inform|tell|say|assur|convey|state|reply|advis|point out|make clear|express|stress|explain|"
    r"emphasi[sz]e|indicate|take (?:the )?line|deliver|note|remind",
    re.I,
)
"""Verbs of instructions to speak: what follows is for the one instructed to present."""


class Finder(Protocol):
    """What finds acts in a document (`ingest.parties.Reader`)."""

    def acts(self, document: Document) -> Iterable[Act]:
        """Return the acts that a document tells of, in the order of their triggers."""

    def confidence(self, act: Act) -> float:
        """Return how likely it is that a reader would find the act there, too."""


class Extractor:
    """Finds the facts that the text of a document tells."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def facts(self, document: Document, authority: Authority) -> list[Fact]:
        """Return the facts of a document in the order of their triggers; no two have one name."""
        acts = [*self._finder.acts(document)]
        facts: dict[str, Fact] = {}
        for number, act in enumerate(acts):
            instructed = _is_instructed(document, act, acts[:number])
            fact = _fact(document, act, self._finder.confidence(act), authority, instructed)
            facts.setdefault(fact.id, fact)
        return list(facts.values())


def _fact(
    document: Document, act: Act, confidence: float, authority: Authority, instructed: bool
) -> Fact:
    def agents(*candidates: Candidate | None) -> tuple[Agent, ...]:
        return tuple(_agent(one, authority) for one in candidates if one)

    quote, trigger = quoted(document, act.quote), quoted(document, act.trigger)
    sender, recipient = head_parties(document)
    offset = trigger.start - quote.start
    fact = Fact(
        id=f"{document.key}/{fact_hash(act.kind, quote, offset, document.text)}",
        document=document.key,
        kind=act.kind,
        quote=quote,
        trigger=trigger,
        content=gist(quote.exact),
        status="instructed" if instructed else act.status,
        origin=RUN.id,
        actors=agents(act.actor),
        addressees=agents(act.addressee),
        participants=agents(*act.participants),
        presented_by=agents(recipient) if instructed else (),
        reported_by=agents(sender) if sender != act.actor else (),
        date=moment_of(document, act.kind, act.status, quote.exact),
        confidence=confidence,
    )
    if fact.kind is Kind.MEETING:
        return replace(fact, location=place_of(document, quote, trigger, authority))
    return _with_particulars(fact, document)


def _agent(one: Candidate, authority: Authority) -> Agent:
    known = authority.named(one.label, "state", "organization", "position")
    return Agent(one.entity or known, one.printed, one.label)


def quoted(document: Document, span: Span) -> Quote:
    """Return the whole words that a span touches, without the punctuation around them."""
    text, start, end = document.text, span.start, span.end
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    words = text[start:end]
    inner = words.lstrip(_BEFORE).rstrip(_BEHIND)
    if inner:  # Nothing else is left of punctuation alone.
        start += words.index(inner)
    return Quote(inner or words, start, start + len(inner or words))


def _is_instructed(document: Document, act: Act, before: Sequence[Act]) -> bool:
    """Say whether an act is to be put by the recipient, whom the same words ask to speak."""
    if act.kind is Kind.MEETING or act.status != "made":
        return False
    sender, recipient = head_parties(document)
    return any(
        one.kind is Kind.REQUEST
        and recipient == one.addressee
        and one.actor in (sender, OWN)
        and act.actor in (sender, OWN)
        and act.addressee != recipient
        and one.quote.start <= act.quote.start < one.quote.end
        and _TELLING.search(document.text, one.trigger.start, act.trigger.start)
        for one in before
    )


def _with_particulars(fact: Fact, document: Document) -> Fact:
    """Add what only requests, offers, commitments and refusals have."""
    words = fact.quote.exact
    condition, quantity = _CONDITION.search(words), _QUANTITY.search(words)
    return replace(
        fact,
        force=_force(fact),
        condition=condition.group().strip() if condition else None,
        quantity=quantity.group() if quantity else None,
        deadline=deadline_of(document, words),
    )


def _force(fact: Fact) -> str | None:
    words = fact.trigger.exact if fact.trigger else ""
    return next((name for name, form in _FORCES.get(fact.kind, ()) if form.search(words)), None)
