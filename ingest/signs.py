"""What speaks for one act of a document answering another: signs, as numbers, of a pair of acts.

Most answers stand in the sentence of what they answer or in the next: "He suggested that ..., and
the President agreed", "accepted an offer of mediation", "The Minister replied that he was unable to
give such assurances". So the signs are the words of both acts, how they are joined, and who acts.
How many rare words two acts share says nothing more within a document (bench/ANSWERS.md).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from ingest.model import Kind
from ingest.told import Told
from ontology.names import fold

FAR = 12
"""Sentences beyond which distance makes no difference."""

_DECIDED = re.compile(
    r"agree|accept|consent|approv|concur|assent|no objection|acced|compl[yi]|acquiesc|refus|reject"
    r"|declin|turn\w* down|oppos|would do so|unable to (?:give|agree|accept|comply|grant)"
    r"|cannot (?:agree|accept|accede)|could (?:not|never) (?:agree|accept)|promised|assur"
    r"|undert(?:ook|ake)|support",
    re.I,
)
"""Triggers by which one accepts or refuses."""
_WILL = re.compile(r"\b(?:will|would|shall|intend\w*|plan\w*|going to)\b", re.I)
_NOUN = re.compile(
    r"\b(?:request|proposal|suggestion|offer|invitation|demand|recommendation|appeal|insistence"
    r"|application)s?\W*$",
    re.I,
)
"""Triggers that name what was asked or offered."""
VERB = re.compile(
    r"\b(?:ask(?:ed|s)?|request(?:ed|s)?|propos(?:ed|es)|suggest(?:ed|s)?|urg(?:ed|es)|invited"
    r"|demand(?:ed|s)|recommend(?:ed|s)?|appealed|insisted|offered|sought|inquired)\b",
    re.I,
)
"""Triggers that tell of asking or offering."""
_WISH = re.compile(r"should|must|hope|important|desir|need|would like|essential|helpful", re.I)
_QUESTION = re.compile(
    r"\b(?:asked?|asks|inquired?|wondered|queried)\b.{0,40}?"
    r"\b(?:whether|if|what|how|why|when|about)\b",
    re.I | re.S,
)
_REPLY = re.compile(r"\b(?:repl(?:y|ied|ies|ying)|answer\w*|respon\w+|in return)\b", re.I)
_NAMED = re.compile(
    r"request|propos|suggest|offer|invit|demand|recommend|appeal|\bplea\b|asked|formula|\bplan\b"
    r"|\bidea\b|draft",
    re.I,
)
"""Words by which an act names what it answers."""
_POINTING = re.compile(r"\W*(?:\w+\W+){0,3}?(?:this|that|it|so|these|them|such|thereto)\b", re.I)
_IF = re.compile(
    r"\b(?:if|whether|unless|until|should|in (?:the )?event|in case|provided|could|might|may|ought)"
    r"\b[^.;]*$",
    re.I,
)
_NOT_YET = re.compile(r"\b(?:if|whether|would|could|might|may|can|intended to|will)\b[^.;]*$", re.I)
_WE = re.compile(r"\b(?:we|i|our)\b[^.;:]*$", re.I)
_JOINED = re.compile(
    r"[;:]|,? (?:and|but|although|though|however|whereupon|which|while)\b|\breplied|\bresponse",
    re.I,
)
_JUST_JOINED = re.compile(
    r"(?:,? (?:and|but|although|however|whereupon|while|which|but that)|[;,:])\W[^,;:.]{0,45}$",
    re.I,
)
_IN_A_CLAUSE = re.compile(r"\b(?:that|whether|if)\b[^,;:]{0,40}$", re.I)
_WAS = re.compile(r"\b(?:was|were|has been|had been|been|is)\s*$", re.I)
_PARTED = re.compile(r"\b(?:that|whether|if|and|but|to [a-z]+ (?!the))\b|[,;:]", re.I)
_REST = re.compile(r"[^.;\n]*")
_WHOSE = re.compile(
    r"(?:(?P<name>[A-Z][\w.]+)(?:[’']s?)? (?:[a-z-]+ )?)"
    r"(?:request|propos|suggest|offer|invit|demand|recommend|appeal)"
)
"""Whose request or proposal an act names that it answers."""

SIGNS = (
    "refusal", "offer", "of offer", "decided", "will", "noun", "verb", "wish", "question", "reply",
    "names it", "points", "asked one acts", "asker acts", "both own", "conditional", "not yet",
    "ends there", "sure", "sure of earlier", "distance", "next sentence", "same paragraph",
    "asked between", "answered between", "joined", "governs", "told first", "in one breath",
    "right after", "names another's",
)  # fmt: skip
"""The names of the numbers in a row."""

Row = tuple[float, ...]


def row(earlier: Told, later: Told, asked: int, answered: int) -> Row:
    """Return the signs of two acts between which so many others ask, and answer."""
    wording = _wording(earlier, later)
    distance = later.sentence - earlier.sentence
    standing = (
        min(max(distance, 0), FAR),
        distance == 1,
        later.paragraph == earlier.paragraph,
        math.log1p(asked),
        math.log1p(answered),
        *_joining(earlier, later),
        _follows_at_once(earlier, later, asked),
        _names_anothers(earlier, later),
    )
    return tuple(float(sign) for sign in (*wording, *standing))


def _wording(earlier: Told, later: Told) -> Sequence[float]:
    """Return the signs of the words of both acts, and of who acts."""
    trigger, rest = later.trigger, later.quote.replace(later.trigger, " ", 1)
    asking = f"{earlier.before[-10:]}{earlier.trigger}{earlier.behind}"
    ends = _REST.match(later.behind)
    return (
        later.kind is Kind.REFUSAL,
        later.kind is Kind.OFFER,
        earlier.kind is Kind.OFFER,
        _has(_DECIDED, trigger),
        _has(_WILL, trigger),
        _has(_NOUN, earlier.trigger),
        _has(VERB, earlier.trigger),
        _has(_WISH, earlier.trigger),
        _has(_QUESTION, asking),
        _has(_REPLY, later.before) or _has(_REPLY, trigger),
        _has(_NAMED, rest),
        _POINTING.match(later.behind) is not None,
        not later.actors.isdisjoint(earlier.addressees),
        not later.actors.isdisjoint(earlier.actors),
        _has(_WE, earlier.before[-40:]) and _has(_WE, later.before[-40:] + trigger[:3]),
        _has(_IF, later.before),
        _has(_NOT_YET, earlier.before[-40:] + earlier.trigger[:12]),
        ends is not None and len(ends.group()) < 25,
        later.confidence,
        earlier.confidence,
    )


def _has(form: re.Pattern[str], words: str) -> bool:
    return form.search(words) is not None


def between(earlier: Told, later: Told) -> str:
    """Return the words between the triggers of two acts of one sentence, whichever comes first."""
    first, last = (earlier, later) if earlier.at < later.at else (later, earlier)
    return last.before[len(first.before) + len(first.trigger) :]


def is_embedded(earlier: Told, later: Told) -> bool:
    """Tell whether an act stands within the clause that asks: "asked whether he would accept"."""
    if earlier.sentence != later.sentence or later.at < earlier.at:
        return False
    words = between(earlier, later)
    return not (_has(_JOINED, words) or _is_told_of(earlier, words))


def _is_told_of(earlier: Told, words: str) -> bool:
    """Tell whether an act is the subject of what follows: "the suggestion was approved"."""
    return _has(_NOUN, earlier.trigger) and len(words) <= 60 and _has(_WAS, words)


def _joining(earlier: Told, later: Told) -> tuple[bool, bool, bool, bool]:
    """Return how two acts of one sentence are joined: nothing of acts of two."""
    if earlier.sentence != later.sentence:
        return False, False, False, False
    words, decided = between(earlier, later), _has(_DECIDED, later.trigger)
    named = _has(_NOUN, earlier.trigger)
    if later.at < earlier.at:
        plain = len(words) < 70 and not _has(_PARTED, words)
        governs = plain and decided and named and not _has(_IF, later.before)
        return False, governs, not governs, False
    told = decided and (named or _has(VERB, earlier.trigger)) and not _has(_IF, later.before)
    just = _has(_JUST_JOINED, words) and not _has(_IN_A_CLAUSE, words)
    at_once = told and (just or _is_told_of(earlier, words))
    return _has(_JOINED, words), False, False, at_once


def _names_anothers(earlier: Told, later: Told) -> bool:
    """Tell whether an act names the request of one who does not make the earlier one."""
    named = _WHOSE.search(later.behind)
    return named is not None and fold(named["name"]) not in earlier.actors


def _follows_at_once(earlier: Told, later: Told, asked: int) -> bool:
    """Tell whether the next sentence begins with an answer: "The President agreed"."""
    told = _has(_NOUN, earlier.trigger) or _has(VERB, earlier.trigger)
    return (
        told
        and later.sentence - earlier.sentence == 1
        and asked == 0
        and _has(_DECIDED, later.trigger)
        and not _has(_IF, later.before)
        and later.actors.isdisjoint(earlier.actors)
        and len(later.before.split()) <= 5
    )
