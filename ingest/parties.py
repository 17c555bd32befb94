"""Who is meant: each act is read a second time beside all who are named near it.

The tagger points at words within its window. Here all that is known of each candidate is weighed
by boosted trees: what the tagger says of it, where it is named before and behind the act's words,
how long ago, in what role the head has it, whom the neighbouring acts mean. `parties.onnx` holds
the trees, which `tools/train_parties.py` grows from what held-back models said of annotated
documents.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from ingest.candidates import Candidate, head_parties, listed_party, nations
from ingest.model import RECORDS_OF_MEETINGS, Document, Kind
from ingest.tagger import KINDS, Act, Meant, Settings
from ingest.trees import Array, Weighs
from ingest.windows import NOBODY, OWN, known_in, sentences_in

TREES = Path(__file__).parent / "parties.onnx"
ROLES = ("actor", "addressee", "present")
"""In the order of the trees' answers."""
NEAR = 6
"""Who is named in so many sentences before that of the act may be meant."""
UNLIKELY = 0.05
"""Who is less likely meant, whatever the role, is not told of."""
FAR = 9_999
"""Characters: the distance of what is not there."""
_LAST = 30
"""The rank of who was not named lately."""

_PRONOUNS = (
    "i me my",
    "we us our",
    "you your",
    "he him his she her",
    "they them their",
    "it its",
    "who which that",
    "this these",
)
_PRONOUN = {word: n for n, words in enumerate(_PRONOUNS, start=1) for word in words.split()}
_ASIDE = (("to ",), ("by ",), ("with ", "from "))
"""Prepositions right before a name."""
_YOU, _WE, _I, _HE, _ME = (
    re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for words in ("you|your", "we|our|us", "i|my", "he|his|him", "me|us")
)
_INSTRUCTING = re.compile(r"please|you", re.IGNORECASE)

Row = list[float]


def files_of(model: Path) -> tuple[Path, Path, Path]:
    """Return the files that what is found depends on: the model, its settings, the trees."""
    return model, model.with_suffix(".json"), model.with_name(TREES.name)


class Sees(Protocol):
    """What sees acts in a document, however weak, such as the tagger."""

    def acts(self, document: Document) -> Iterable[Act]:
        """Return the acts that a document may tell of."""


class Reader:
    """Reads a document twice, for acts and for parties, and keeps what reaches the thresholds."""

    def __init__(self, sees: Sees, weighs: Weighs, settings: Settings) -> None:
        self._sees, self._weighs, self._settings = sees, weighs, settings

    def acts(self, document: Document) -> list[Act]:
        """Return the acts that a document tells of, in the order of their triggers."""
        acts = reread(document, ordered(self._sees.acts(document)), self._weighs)
        return [act for act in acts if self._settings.counts(act)]

    def confidence(self, act: Act) -> float:
        """Return how likely it is that a reader would find the act there, too."""
        return self._settings.confidence(act)


def ordered(acts: Iterable[Act]) -> list[Act]:
    """Return acts in the order of their triggers."""
    return sorted(acts, key=lambda act: (act.trigger.start, act.kind))


def reread(document: Document, acts: Sequence[Act], weighs: Weighs) -> list[Act]:
    """Return the acts of a document, in order, with who is likely meant in each."""
    asked = questions(document, acts)
    if not asked:
        return []
    likely = weighs.likely(np.vstack([rows for _, rows in asked]))
    ends = np.cumsum([len(people) for people, _ in asked])[:-1]
    return [
        replace(act, people=_meant(act, people, answer))
        for act, (people, _), answer in zip(acts, asked, np.split(likely, ends), strict=True)
    ]


def _meant(act: Act, people: Sequence[Candidate], likely: Array) -> tuple[Meant, ...]:
    """Meetings have participants; all else has an actor and an addressee."""
    asked = (0, 0, 1) if act.kind is Kind.MEETING else (1, 1, 0)
    answers = (likely.astype(float) * asked).round(3).tolist()
    each = zip(people, answers, strict=True)
    return tuple(Meant(one, *answer) for one, answer in each if max(answer) >= UNLIKELY)


def questions(document: Document, acts: Sequence[Act]) -> list[tuple[list[Candidate], Array]]:
    """Return for each act of a document those who may be meant, and a row of numbers for each."""
    if not acts:
        return []
    scene, means = _Scene.of(document), _means(acts)
    return [_question(_Asked.of(scene, acts, number), means) for number in range(len(acts))]


def _means(acts: Sequence[Act]) -> dict[str, Meant]:
    """Return how likely each is meant in the acts of a document on the whole."""
    sums: defaultdict[str, list[float]] = defaultdict(lambda: [0.0] * len(ROLES))
    people: dict[str, Candidate] = {}
    whole = sum(act.score for act in acts)
    for act in acts:
        for each in act.people:
            people[each.one.label] = each.one
            for place, role in enumerate(ROLES):
                sums[each.one.label][place] += act.score / whole * getattr(each, role)
    return {label: Meant(one, *sums[label]) for label, one in people.items()}


@dataclass(frozen=True, slots=True)
class _Scene:
    """A document as far as it tells who may be meant in it.

    `known` are all who are named in the text that is read, in order; `starts` and `sentences` are
    offsets of their names, and of the sentences.
    """

    document: Document
    known: list[Candidate]
    starts: list[int]
    sentences: list[tuple[int, int]]
    often: Counter[str]
    sender: Candidate | None
    recipient: Candidate | None
    present: list[Candidate]

    @classmethod
    def of(cls, document: Document) -> "_Scene":
        """Read a document's head and names."""
        known = known_in(document)
        return cls(
            document,
            known,
            [one.start for one in known],
            [(span.start, span.end) for span in sentences_in(document)]
            or [(0, len(document.text))],
            Counter(one.label for one in known),
            *head_parties(document),
            [listed_party(party) for party in document.participants],
        )

    def sentence(self, place: int) -> int:
        """Return the number of the sentence that an offset of the text is in."""
        return max(0, bisect_right(self.sentences, place, key=lambda span: span[0]) - 1)

    def role(self, label: str) -> int:
        """Return whom a label is of: own government, nobody, sender, recipient, or another."""
        head = (one.label if one else None for one in (self.sender, self.recipient))
        roles = [OWN.label, NOBODY.label, *head]
        return roles.index(label) if label in roles else len(roles)


@dataclass(frozen=True, slots=True)
class _Asked:
    """An act, whom its neighbours mean, and the number and the place of its sentence."""

    scene: _Scene
    act: Act
    before: Mapping[str, Meant]
    after: Mapping[str, Meant]
    sentence: int
    start: int
    end: int

    @classmethod
    def of(cls, scene: _Scene, acts: Sequence[Act], number: int) -> "_Asked":
        """Ask who is meant in one of the acts of a document."""
        act, sentence = acts[number], scene.sentence(acts[number].trigger.start)
        return cls(
            scene,
            act,
            _by_label(acts[number - 1]) if number else {},
            _by_label(acts[number + 1]) if number + 1 < len(acts) else {},
            sentence,
            *scene.sentences[sentence],
        )

    def near(self) -> list[Candidate]:
        """Return those who are named in the sentence and shortly before it."""
        scene = self.scene
        start = scene.sentences[max(0, self.sentence - NEAR)][0]
        return scene.known[bisect_left(scene.starts, start) : bisect_left(scene.starts, self.end)]


def _by_label(act: Act) -> dict[str, Meant]:
    return {one.one.label: one for one in act.people}


def _question(asked: _Asked, means: Mapping[str, Meant]) -> tuple[list[Candidate], Array]:
    near, pointed = asked.near(), _by_label(asked.act)
    places, recent, about = _places(asked, near), _recent(asked, near), _about(asked)
    rows = [
        [
            *_pointed(asked.act, pointed.get(label)),
            *_standing(asked.scene, label, names),
            *_around(asked, [one for one in names if one.start >= asked.start]),
            *_earlier(asked, [one for one in names if one.start < asked.start]),
            recent.get(label, _LAST),
            *(v for meant in (means, asked.before, asked.after) for v in _pair(meant.get(label))),
            *about,
        ]
        for label, names in places.items()
    ]
    people = [_shown(asked, label, names) for label, names in places.items()]
    return people, np.array(rows, np.float32)


def _places(asked: _Asked, near: Sequence[Candidate]) -> dict[str, list[Candidate]]:
    """Return by label where each is named who may be meant."""
    found: dict[str, list[Candidate]] = {one.label: [] for one in _everywhere(asked)}
    for one in near:
        found.setdefault(one.label, []).append(one)
    return found


def _everywhere(asked: _Asked) -> list[Candidate]:
    """Return those who may be meant wherever they are named."""
    scene = asked.scene
    heads = [one for one in (scene.sender, scene.recipient) if one]
    return [OWN, NOBODY, *heads, *scene.present, *(meant.one for meant in asked.act.people)]


def _shown(asked: _Asked, label: str, names: Sequence[Candidate]) -> Candidate:
    """Return the candidate by the name that is nearest to the act's trigger."""
    if names:
        return min(names, key=lambda one: abs(one.start - asked.act.trigger.start))
    return next(one for one in _everywhere(asked) if one.label == label)


def _recent(asked: _Asked, near: Sequence[Candidate]) -> dict[str, int]:
    """Return the rank of those named before the trigger, the last first."""
    before = (one.label for one in reversed(near) if one.start < asked.act.trigger.start)
    return {label: rank for rank, label in enumerate(dict.fromkeys(before))}


def _pair(meant: Meant | None) -> Row:
    return [meant.actor, meant.addressee] if meant else [0, 0]


def _pointed(act: Act, meant: Meant | None) -> Row:
    """Return what the tagger says of one, and how far that is from what it says of the best."""
    own = [*_pair(meant), meant.present if meant else 0]
    best = [max((getattr(one, role) for one in act.people), default=0) for role in ROLES]
    return [*own, *(value - most for value, most in zip(own, best, strict=True))]


def _standing(scene: _Scene, label: str, names: Sequence[Candidate]) -> Row:
    """Return who one is in the document: the role in the head, how often named, what it is."""
    return [
        scene.role(label),
        any(label == one.label for one in scene.present),
        len(names),
        scene.often[label],
        label.lower() in nations(),
        len(label.split()),
        any(one.entity for one in names),
    ]


def _around(asked: _Asked, names: Sequence[Candidate]) -> Row:
    """Return where one is named in the act's sentence."""
    trigger, text = asked.act.trigger, asked.scene.document.text
    before = [trigger.start - one.end for one in names if one.end <= trigger.start]
    behind = [one.start - trigger.end for one in names if one.start >= trigger.end]
    aside = [text[max(0, one.start - 5) : one.start].lower() for one in names]
    return [
        min(before, default=FAR),
        min(behind, default=FAR),
        len(before),
        len(behind),
        *(any(words.endswith(each) for words in aside) for each in _ASIDE),
    ]


def _earlier(asked: _Asked, names: Sequence[Candidate]) -> Row:
    """Return how many sentences ago one was named, how far within that one, and how often."""
    if not names:
        return [NEAR + 3, FAR, 0]
    scene = asked.scene
    last = scene.sentence(names[-1].start)
    return [
        asked.sentence - last,
        names[-1].start - scene.sentences[last][0],
        sum(scene.sentence(one.start) == asked.sentence - 1 for one in names),
    ]


def _about(asked: _Asked) -> Row:
    """Return what is the same for all who may be meant: the act, its words, the document."""
    act, scene, text = asked.act, asked.scene, asked.scene.document.text
    before, behind = text[asked.start : act.trigger.start], text[act.trigger.end : asked.end]
    words = ["", "", *before.split()]
    return [
        KINDS.index(act.kind),
        act.score,
        act.status == "made",
        _pronoun(words[-1]),
        _pronoun(words[-2]),
        *(form.search(before) is not None for form in (_YOU, _WE, _I, _HE)),
        _YOU.search(behind) is not None,
        _ME.search(behind[:40]) is not None,
        _is_imperative(act, text, asked.start),
        len(words) - 2,
        asked.sentence,
        len(scene.present),
        scene.document.form in RECORDS_OF_MEETINGS,
        _sent_by(scene),
    ]


def _pronoun(word: str) -> int:
    return _PRONOUN.get(word.strip(".,;:()“”\"'").lower(), 0)


def _is_imperative(act: Act, text: str, start: int) -> bool:
    words = text[act.trigger.start : act.trigger.end]
    return _INSTRUCTING.search(words) is not None or act.trigger.start - start < 4


def _sent_by(scene: _Scene) -> int:
    """Say whether nobody is known to send the document, the department does, or another."""
    if scene.sender is None:
        return 0
    return 1 if scene.sender.label.startswith("Department of State") else 2
