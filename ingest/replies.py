"""Facts of one document that respond to facts of the document that it answers.

Only documents that answer each other by number or day are looked at (`cg:answers`,
`ingest.chains`): there the parties are reversed, and the matter is one of a few. The commitments,
refusals and offers of the later one are held against the requests and offers of the earlier. How
likely each pair is an answer, a logistic regression says by its signs (`replies.json`, made by
`tools/train_responses.py` from annotated pairs). All that is likely enough is a candidate and none
is asserted, since too few of the likeliest are right (bench/ACCURACY.md).
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from ingest.chains import Step
from ingest.model import Agent, ExtractionRun, Fact, Kind, Manner, Quote, Response
from ingest.responses import ANSWERING, ASKING, MANNERS, Weights
from ingest.signs import VERB
from ingest.told import Told, acts, are_curated

RUN = ExtractionRun("run/replies-1", "Acts that answer those of an earlier document", "1")
"""The version rises with every change of what is found, the weights included."""

MOST = 40
"""Acts of a document that are looked at, so that long ones take no longer by the square."""
KEPT = 3
"""Facts that one answers, at most: the likeliest."""
SHOWN = 4
"""Words that both acts have, of those that a reason names."""

_STEM = 6
_WORD = re.compile(r"[^\W\d_][\w’'-]{3,}|\d[\d,.]*\d|\d")
_COMMON = frozenset(
    "that this with from have been were will would which their they them there should could shall "
    "also such than then when what where whom whose into upon under about after before other some "
    "more most only very being made make it's your our ours said dept department embassy telegram "
    "government govt believe think view that's".split()
)
"""Words that nearly all telegrams have."""
_NOUN = re.compile(
    r"\W*(?:\w+ )?(?:agreement|assurance|acceptance|approval|refusal|support|promise|undertaking"
    r"|commitment|opposition|decision|offer|intention|willingness)s?\W*",
    re.IGNORECASE,
)
"""Triggers that name an act, often an older one, and do not tell it."""
_CONVEYED = re.compile(
    r"\b(?:I|we|Amb\w*|Emb\w*) (?:\w+ )?(?:told|replied|said|assured|pointed|informed|stated"
    r"|answered|explained|reiterated|emphasi[sz]ed)\b[^.;]*$",
    re.IGNORECASE,
)
"""Before what the sender told others, perhaps as instructed."""
_SELF = re.compile(r"\bI\W*$")
_GIVEN = re.compile(r"assur|promis|warn", re.IGNORECASE)
_UNSURE = re.compile(
    r"\b(?:might|may|would|could|should|if|whether|unless|not)\b[^.;]{0,60}$", re.IGNORECASE
)
_WOULD = re.compile(r"might|would|could", re.IGNORECASE)
_OPEN = re.compile(
    r"\b(?:comments?|instructions?|views?|guidance|evaluation|estimate|thinking|opinion|informed"
    r"|recommendations)\b",
    re.IGNORECASE,
)
"""Words of requests to be told something, which are neither accepted nor refused."""
_NEXT = 15
"""Code points behind a trigger where they stand."""

SIGNS = (
    "likeness", "asking verb", "acting noun", "conveyed", "unsure", "ends there", "place", "asked",
    "answered",
)  # fmt: skip
"""The names of the numbers in a row."""
_ENOUGH = 0.4
"""Quotes that are more alike are no likelier one and its answer: some are copied."""


class Page(NamedTuple):
    """A document: its text and its acts in their order."""

    text: str
    acts: Sequence[Told]


class Pair(NamedTuple):
    """Two acts of which the later may answer the earlier, their signs and what both tell of."""

    earlier: Told
    later: Told
    signs: tuple[float, ...]
    shared: tuple[str, ...]


@cache
def weights() -> Weights:
    """Return the weights that come with the program."""
    text = files("ingest").joinpath("replies.json").read_text(encoding="utf-8")
    return Weights.read(text, SIGNS)


def replies(steps: Iterable[Step], sides: Iterable[Path]) -> Iterator[Response]:
    """Yield the answers among the facts of documents that answer others, and what may be one.

    `sides` are the side files of the parts that have the documents. Of two acts that a curator
    wrote down, the curator has said what there is.
    """
    shelf = Shelf.of(sides)
    for step in steps:
        if step.relation == "answers":
            found = pairs(shelf.page(step.before), shelf.page(step.document))
            yield from judged(found, weights())


def judged(found: Iterable[Pair], by: Weights) -> Iterator[Response]:
    """Yield what is likely enough among some pairs, for each later act the likeliest."""
    likely: dict[str, list[tuple[float, Pair]]] = {}
    for pair in found:
        likelihood = by.likelihood(pair.signs)
        if likelihood >= by.possible and not are_curated(pair[:2]):
            likely.setdefault(pair.later.id, []).append((likelihood, pair))
    for each in likely.values():
        each.sort(key=lambda one: (-one[0], one[1].earlier.id))
        for likelihood, pair in each[:KEPT]:
            ends = pair.later.id, pair.earlier.id
            sure = round(likelihood, 3), likelihood >= by.asserted
            yield Response(*ends, manner(pair), RUN.id, reason(pair), *sure)


def manner(pair: Pair) -> Manner:
    """Return how an act answers: who asks to be told something is answered."""
    is_open = _OPEN.search(f"{pair.earlier.trigger}{pair.earlier.behind[:_NEXT]}")
    return Manner.ANSWER if is_open else MANNERS.get(pair.later.kind, Manner.ANSWER)


def reason(pair: Pair) -> str:
    """Tell in words why an act is thought to answer another."""
    trigger, other = (act.trigger or act.quote for act in (pair.later, pair.earlier))
    words = ", ".join(pair.shared)
    both = [f"both tell of {words}"] if words else []
    return "; ".join([f"“{trigger}” in the answer to the document of “{other}”", *both])


# Signs


def pairs(earlier: Page, later: Page) -> Iterator[Pair]:
    """Yield the pairs of acts of a document and one that answers it."""
    asked = [act for act in earlier.acts if act.kind in ASKING]
    answers = [act for act in later.acts if act.kind in ANSWERING]
    if not asked or not answers:
        return
    likeness = _Likeness.of(earlier, later)
    counts = math.log1p(len(asked)), math.log1p(len(answers))
    for answer in answers[:MOST]:
        for one in asked[:MOST]:
            if not one.kind is answer.kind is Kind.OFFER:
                alike = min(likeness.quotes(one, answer), _ENOUGH)
                signs = alike, *_wording(one, answer), *counts
                yield Pair(one, answer, (*map(float, signs),), likeness.shared(one, answer))


def _wording(earlier: Told, later: Told) -> Sequence[float]:
    """Return the signs of the words of both acts, and how far down the later one stands."""
    trigger, before = later.trigger, later.before
    given = _SELF.search(before) and _GIVEN.search(trigger)
    ends = re.split(r"[.;\n]", later.behind, maxsplit=1)[0]
    return (
        VERB.search(earlier.trigger) is not None,
        _NOUN.fullmatch(trigger) is not None,
        _CONVEYED.search(before) is not None or given is not None,
        _UNSURE.search(before) is not None or _WOULD.search(trigger) is not None,
        len(ends) < 25,
        math.log1p(later.sentence),
    )


@dataclass(frozen=True, slots=True)
class _Likeness:
    """How alike the words of acts of two documents are: those that few sentences have weigh more.

    It is the cosine of the stems that each has, weighted by the logarithm of how many sentences of
    both documents there are to one that has the stem.
    """

    weights: Mapping[str, float]
    most: float

    @classmethod
    def of(cls, *pages: Page) -> _Likeness:
        """Weigh the words of some documents."""
        every = [words for page in pages for words in _sentences(page)]
        counts = Counter(stem for words in every for stem in words)
        whole = len(every) + 1
        return cls({stem: math.log(whole / n) for stem, n in counts.items()}, math.log(whole))

    def quotes(self, one: Told, other: Told) -> float:
        """Return how alike the quotes of two acts are, 0 to 1."""
        words, others = stems(one.quote).keys(), stems(other.quote).keys()
        sizes = self._size(words) * self._size(others)
        return self._size(words & others) / math.sqrt(sizes) if sizes else 0.0

    def shared(self, one: Told, other: Told) -> tuple[str, ...]:
        """Return the rarest words of a quote that the other has, too, as the later one has them."""
        common = set(stems(one.quote))
        words = {stem: word for stem, word in stems(other.quote).items() if stem in common}
        rarest = sorted(words, key=lambda stem: (-self._weight(stem), stem))[:SHOWN]
        return tuple(words[stem] for stem in rarest)

    def _size(self, some: Iterable[str]) -> float:
        return sum(self._weight(stem) ** 2 for stem in some)

    def _weight(self, stem: str) -> float:
        return self.weights.get(stem, self.most)


def _sentences(page: Page) -> Iterator[Iterable[str]]:
    """Yield the stems of each sentence, as its full stops part them."""
    yield from (stems(words) for words in re.split(r"[.?!\n]\s", page.text))


def stems(words: str) -> dict[str, str]:
    """Return the beginnings of words that not all telegrams have, each with the first such word."""
    found: dict[str, str] = {}
    for word in _WORD.findall(words):
        if (low := word.lower()) not in _COMMON:
            found.setdefault(low[:_STEM], word)
    return found


# Documents of the parts

_FACTS = "SELECT * FROM fact WHERE document = ? AND kind <> 'meeting'"
_AGENTS = "SELECT role, entity, printed FROM fact_agent WHERE fact = ? ORDER BY position"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The side files of parts, by volume."""

    sides: Mapping[str, Path]

    @classmethod
    def of(cls, sides: Iterable[Path]) -> Shelf:
        """Look which volume each side file has."""
        found = {}
        for side in sides:
            with closing(sqlite3.connect(side)) as db:
                found.update({volume: side for (volume,) in db.execute("SELECT id FROM volume")})
        return cls(found)

    def page(self, document: str) -> Page:
        """Return a document with its acts."""
        with closing(sqlite3.connect(self.sides[document.partition("/")[0]])) as db:
            db.row_factory = sqlite3.Row
            [[text]] = db.execute("SELECT text FROM document WHERE id = ?", (document,))
            facts = [_fact(db, row) for row in db.execute(_FACTS, (document,))]
            return Page(text, acts(text, facts))


def _fact(db: sqlite3.Connection, row: sqlite3.Row) -> Fact:
    """Return what answers are found by of a fact."""
    agents: dict[str, list[Agent]] = {}
    for role, entity, printed in db.execute(_AGENTS, (row["number"],)):
        agents.setdefault(role, []).append(Agent(entity, printed))
    trigger = row["trigger_words"]
    return Fact(
        row["id"],
        row["document"],
        Kind(row["kind"]),
        Quote(row["quote"], row["quote_start"], row["quote_end"]),
        row["content"],
        row["status"],
        row["origin"],
        trigger=Quote(trigger, row["trigger_start"], row["trigger_end"]) if trigger else None,
        actors=(*agents.get("actor", ()),),
        addressees=(*agents.get("addressee", ()),),
        confidence=row["confidence"],
    )
