"""What the model says of a window: which words express an act, which tell it, and whose it is.

The model is one file, `acts.onnx`: a small language model (all-MiniLM-L6-v2, 22 million weights,
8 bits each) taught with annotated telegrams by `tools/train.py`, with its vocabulary and
small layers in its metadata. What was set afterwards by annotations is in `acts.json`.
"""

import json
import math
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from ingest.candidates import Candidate
from ingest.model import Document, Kind, Span
from ingest.session import session
from ingest.windows import Window, windows

MODEL = Path(__file__).parent / "acts.onnx"

KINDS = tuple(Kind)
STATUSES = ("made", "hypothetical", "held", "planned", "proposed", "cancelled")
"""In the order of the model's answers; the first two are for acts, the others for meetings."""
ROLES = 3
"""Actor, addressee, participant."""
_LONGEST_QUOTE = 60
"""Words. So the annotators' guidelines."""
_SHORTEST_QUOTE = 6
_SHORTEST_CLAUSE = 4
_CLAUSE = re.compile(r";\s|,\s(?:and|but)\s|\s(?:and|but)\s(?=(?:I|we|he|she|they|you|it)\s)")
"""What ends a clause that tells an act of its own."""
_IN_QUOTE = 0.3
IN_TRIGGER = 0.3
PRESENT = 0.4
SURE = 0.2
"""From these scores on, a word belongs to a quote or trigger, one takes part in a meeting, and an
actor or addressee is told: the less likely are right once in six times."""
PEOPLE = 6
"""So many of those most likely meant are kept for each role."""

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Meant:
    """One who may be meant, and how likely, 0 to 1: as actor, as addressee, as participant.

    Without a label it stands for nobody whom the document names.
    """

    one: Candidate
    actor: float
    addressee: float
    present: float


@dataclass(frozen=True, slots=True)
class Act:
    """A fact as the model sees it: spans of the document's text, and who may be meant.

    `score` is the model's own, 0 to 1, and not calibrated.
    """

    kind: Kind
    trigger: Span
    quote: Span
    score: float
    status: str
    people: tuple[Meant, ...] = ()

    @property
    def actor(self) -> Candidate | None:
        """Who acts, None if that is nobody whom the document names, or not sure enough."""
        best = self._parties()
        return best[0].one if best and best[0].one.label and best[0].actor >= SURE else None

    @property
    def addressee(self) -> Candidate | None:
        """Whom it is directed to, in the same way."""
        best = self._parties()
        return best[1].one if best and best[1].one.label and best[1].addressee >= SURE else None

    def _parties(self) -> tuple[Meant, Meant] | None:
        """Return the likeliest pair of actor and addressee: nobody acts towards oneself."""
        pairs = ((x, y) for x in self.people for y in self.people if x != y or not x.one.label)
        return max(pairs, key=lambda pair: pair[0].actor * pair[1].addressee, default=None)

    @property
    def participants(self) -> tuple[Candidate, ...]:
        """Who takes part in a meeting."""
        here = (each.one for each in self.people if each.present >= PRESENT and each.one.label)
        return tuple(here)


@dataclass(frozen=True, slots=True)
class Heads:
    """The small layers over the language model.

    `question` and `answer` (each weights and bias) and `asked` (a row a kind) say who fits an
    act; `distance` is what the distance adds, by role and bucket; `status` says how it stands.
    """

    question: tuple[Array, Array]
    answer: tuple[Array, Array]
    asked: Array
    distance: Array
    status: tuple[Array, Array]

    @classmethod
    def of(cls, layers: Mapping[str, Array]) -> "Heads":
        """Return the layers of the model by the names that it has for them."""
        return cls(
            question=(layers["q.weight"], layers["q.bias"]),
            answer=(layers["k.weight"], layers["k.bias"]),
            asked=layers["kq.weight"],
            distance=layers["dist"],
            status=(layers["status.weight"], layers["status.bias"]),
        )

    def pointers(
        self, states: Array, kind: int, pieces: Sequence[int], places: Sequence[int]
    ) -> tuple[Array, Array]:
        """Return the trigger's state, and a score for each role and place."""
        trigger = states[list(pieces)].mean(axis=0)
        question = (self.question[0] @ trigger + self.question[1] + self.asked[kind]).reshape(
            ROLES, -1
        )
        answers = (states[list(places)] @ self.answer[0].T + self.answer[1]).reshape(
            len(places), ROLES, -1
        )
        scores = np.einsum("rd,crd->rc", question, answers) / np.sqrt(question.shape[1])
        middle = (pieces[0] + pieces[-1]) // 2
        buckets = [bucket(place - middle) for place in places]
        return trigger, scores + self.distance[:, buckets]


@dataclass(frozen=True, slots=True)
class Settings:
    """What was set on annotated documents: per kind the score that counts, and what it is worth.

    `calibration` has slope and base of the logistic curve from log-odds of a score to those of a
    match with an annotator's fact.
    """

    thresholds: Mapping[str, float]
    calibration: Mapping[str, tuple[float, float]]

    def confidence(self, act: Act) -> float:
        """Return how likely it is that a reader would find the act there, too."""
        slope, base = self.calibration[act.kind]
        return round(1 / (1 + math.exp(-slope * log_odds(act.score) - base)), 3)

    def counts(self, act: Act) -> bool:
        """Say whether the score of an act reaches the threshold of its kind."""
        return act.score >= self.thresholds[act.kind]

    @classmethod
    def read(cls, path: Path) -> "Settings":
        """Read the settings that lie beside the model."""
        kept = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            kept["thresholds"], {kind: (a, b) for kind, (a, b) in kept["calibration"].items()}
        )


def log_odds(score: float) -> float:
    """Return the logarithm of the odds of a score, which is between 0 and 1."""
    return math.log(max(score, 1e-6) / max(1 - score, 1e-6))


class Tagger:
    """The model, ready to read documents in this process, on one core."""

    def __init__(self, path: Path = MODEL) -> None:
        self._session = session(path, disable_quant_qdq="1")
        known = self._session.get_modelmeta().custom_metadata_map
        self.tokenizer = Tokenizer.from_str(known["tokenizer"])
        self._heads = Heads.of(_layers(known["heads"]))

    def acts(self, document: Document) -> Iterator[Act]:
        """Yield the acts that a document may tell of, however weak their score."""
        for window in windows(document, self.tokenizer):
            yield from acts(window, document.text, *self.scores(window), self._heads)

    def scores(self, window: Window) -> tuple[Array, Array]:
        """Return the scores and the states of the pieces of a window.

        One at a time: batches of 16 took half as long again, as they do not fit the cache.
        """
        ids = np.array([window.ids], np.int64)
        tags, states = self._session.run(
            ["tags", "states"], {"ids": ids, "mask": np.ones_like(ids)}
        )
        return tags[0], states[0]


def _layers(text: str) -> dict[str, Array]:
    """Read the small layers from the metadata of the model."""
    return {
        name: np.frombuffer(b64decode(layer["data"]), np.float16)
        .astype(np.float32)
        .reshape(layer["shape"])
        for name, layer in json.loads(text).items()
    }


def bucket(distance: int) -> int:
    """Return which of 16 groups a distance in word pieces is in: 8 before, 8 after."""
    return min(7, (abs(distance) + 1).bit_length() - 1) + 8 * (distance >= 0)


def acts(window: Window, text: str, tags: Array, states: Array, heads: Heads) -> Iterator[Act]:
    """Yield the acts that the scores of the word pieces of a window tell of.

    `tags` has a row for each piece, and a column for each kind's triggers and each kind's quotes;
    `states` is the language model's last layer.
    """
    for first, last in _parts(window):
        found = [
            (round(float(tags[pieces, kind].max()), 4), kind, pieces)
            for kind in range(len(KINDS))
            for pieces in _runs(tags[:, kind], first, last)
        ]
        told = []
        for score, kind, pieces in _apart(found):
            quote = _quote(window, tags[:, len(KINDS) + kind], pieces, first, last)
            told.append(_act(window, states, heads, kind, pieces, quote, score))
        yield from told_once(told, text)


def told_once(acts: Sequence[Act], text: str) -> list[Act]:
    """Return acts without those that a better one of their kind tells in the same words.

    A clause has often two words that express its act ("asked", "for immediate delivery"): to
    count them once raised the F1 of the core kinds from 0.622 to 0.640. Two clauses of a
    sentence are told apart first.
    """
    kept: list[Act] = []
    for act in sorted(_by_clause(acts, text), key=lambda act: -act.score):
        if not any(one.kind is act.kind and _overlap(one.quote, act.quote) for one in kept):
            kept.append(act)
    return sorted(kept, key=lambda act: act.trigger.start)


def _by_clause(acts: Sequence[Act], text: str) -> list[Act]:
    """Cut overlapping quotes of one kind where a clause ends between their triggers."""
    cut: list[Act] = []
    for act in sorted(acts, key=lambda act: act.trigger.start):
        for place, one in enumerate(cut):
            if one.kind is not act.kind or act.quote.start >= one.quote.end:
                continue
            if ends := [*_CLAUSE.finditer(text, one.trigger.end, act.trigger.start)]:
                first = Span(one.quote.start, ends[-1].start())
                second = Span(ends[-1].end(), act.quote.end)
                if _is_long(first, text) and _is_long(second, text):
                    cut[place] = replace(one, quote=first)
                    act = replace(act, quote=second)
        cut.append(act)
    return cut


def _is_long(span: Span, text: str) -> bool:
    return len(text[span.start : span.end].split()) >= _SHORTEST_CLAUSE


def _overlap(one: Span, other: Span) -> bool:
    """Say whether two spans share half of the shorter one."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return 2 * shared >= min(one.end - one.start, other.end - other.start)


def _parts(window: Window) -> Iterator[tuple[int, int]]:
    """Yield the first piece of each sentence, and that after its last."""
    yield from pairwise([*window.sentences, len(window.ids) - 1])


def _runs(scores: Array, first: int, last: int) -> Iterator[list[int]]:
    """Yield the pieces in a row that may express an act."""
    run: list[int] = []
    for piece in range(first, last + 1):
        if piece < last and scores[piece] >= IN_TRIGGER:
            run.append(piece)
        elif run:
            yield run
            run = []


def _apart(found: list[tuple[float, int, list[int]]]) -> list[tuple[float, int, list[int]]]:
    """Return those whose words are not also another kind's with a better score."""
    kept: list[tuple[float, int, list[int]]] = []
    for one in sorted(found, key=lambda each: -each[0]):
        if not any(set(one[2]) & set(other[2]) for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda each: each[2])


def _quote(window: Window, scores: Array, pieces: list[int], first: int, last: int) -> Span:
    """Return the words around a trigger that tell its act; the sentence if they are too few."""
    low, high = pieces[0], pieces[-1]
    while low > first and scores[low - 1] >= _IN_QUOTE:
        low -= 1
    while high + 1 < last and scores[high + 1] >= _IN_QUOTE:
        high += 1
    words = _words(window, low, high)
    if len(words) < _SHORTEST_QUOTE:
        words = _words(window, first, last - 1)
    if len(words) > _LONGEST_QUOTE:
        place = words.index(window.words[pieces[0] - window.first])
        words = words[max(0, place - _LONGEST_QUOTE // 3) :][:_LONGEST_QUOTE]
    return Span(words[0][0], words[-1][1])


def _words(window: Window, low: int, high: int) -> list[tuple[int, int]]:
    """Return the words that the pieces from one to another belong to, each once."""
    spans = window.words[low - window.first : high + 1 - window.first]
    return list(dict.fromkeys(spans))


def _act(
    window: Window,
    states: Array,
    heads: Heads,
    kind: int,
    pieces: list[int],
    quote: Span,
    score: float,
) -> Act:
    people = [candidate for candidate, _ in window.candidates]
    places = [place for _, place in window.candidates]
    trigger, scores = heads.pointers(states, kind, pieces, places)
    first, last = (2, len(STATUSES)) if KINDS[kind] is Kind.MEETING else (0, 2)
    status = (heads.status[0] @ trigger + heads.status[1])[first:last]
    start, end = (window.words[piece - window.first] for piece in (pieces[0], pieces[-1]))
    return Act(
        KINDS[kind],
        Span(start[0], end[1]),
        quote,
        score,
        STATUSES[first + int(status.argmax())],
        _meant(people, scores, KINDS[kind]),
    )


def _meant(people: Sequence[Candidate], scores: Array, kind: Kind) -> tuple[Meant, ...]:
    """Return those most likely meant; what bears the same label counts together."""
    likely = np.exp(scores - scores.max(axis=1, keepdims=True))
    likely /= likely.sum(axis=1, keepdims=True)
    likely[2] = 1 / (1 + np.exp(-scores[2]))
    if kind is Kind.MEETING:
        likely[:2] = 0
    else:
        likely[2] = 0
    places: dict[str, list[int]] = {}
    for place, one in enumerate(people):
        places.setdefault(one.label, []).append(place)
    meant = [_together(people, likely, same) for same in places.values()]
    kept = {
        each.one.label
        for role in ("actor", "addressee", "present")
        for each in sorted(meant, key=lambda each: -getattr(each, role))[:PEOPLE]
    }
    return tuple(each for each in meant if each.one.label in kept)


def _together(people: Sequence[Candidate], likely: Array, places: list[int]) -> Meant:
    """Return one who is named at some places, by the likeliest of them."""
    best = max(places, key=lambda place: float(likely[:, place].max()))
    actor, addressee = (round(float(likely[role, places].sum()), 3) for role in (0, 1))
    return Meant(people[best], actor, addressee, round(float(likely[2, places].max()), 3))
