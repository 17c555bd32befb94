"""Score the facts that programs find against annotated telegrams, and write bench/ACCURACY.md.

    python -m bench.accuracy SHARED

SHARED holds `gold/`, the annotations with the rules that score them (`score.py`), and `corpus/`,
the volumes. What a program learnt from annotations must not be scored here on the same ones.
Intervals are 95 % of 1,000 samples of the documents, drawn with replacement.
"""

from __future__ import annotations

import json
import random
import runpy
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from ingest.annotations import annotation
from ingest.model import Document, Kind
from ingest.readers import read_source
from ingest.volume import found_facts

ROOT = Path(__file__).parent.parent
KINDS = tuple(kind.value for kind in Kind)
CORE = KINDS[:4]
SAMPLES = 1000

Annotated = dict[str, Any]
"""One fact as the annotations have it: document, type, quote, participants, and so on."""
Rules = Mapping[str, Callable[..., Any]]
"""The functions of `score.py`: how a quote is located, and when two names are one party's."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many facts were found, found where there are none, and not found."""

    hits: int = 0
    alarms: int = 0
    misses: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Return both together."""
        return Tally(self.hits + other.hits, self.alarms + other.alarms, self.misses + other.misses)

    @property
    def precision(self) -> float:
        """The share of what was found that is right; 0 if nothing was found."""
        return _share(self.hits, self.hits + self.alarms)

    @property
    def recall(self) -> float:
        """The share of what there is that was found; 0 if there is nothing."""
        return _share(self.hits, self.hits + self.misses)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return _share(2 * self.hits, 2 * self.hits + self.alarms + self.misses)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


class Recorded(NamedTuple):
    """How recorded meetings compare with the annotators' of the same document."""

    meetings: int
    annotated: int
    participants: Tally
    dates: int


def text_of(paragraphs: Sequence[str], rules: Rules) -> dict[str, Any]:
    """Return a document's words as the rules look them up."""
    words = rules["tokens"](" ".join(paragraphs))
    index: defaultdict[str, list[int]] = defaultdict(list)
    for number, word in enumerate(words):
        index[word].append(number)
    return {"tokens": words, "index": index}


def tally(
    gold: Sequence[Annotated], found: Sequence[Annotated], text: Mapping[str, Any], rules: Rules
) -> dict[str, Tally]:
    """Match the facts of one document, one to one and the largest overlap first; count by kind."""
    spans = [[rules["locate"](fact["quote"], text) for fact in facts] for facts in (gold, found)]
    pairs = sorted(_pairs(gold, found, *spans), reverse=True)
    matched: dict[int, int] = {}
    for _, one, other in pairs:
        if -one not in matched and -other not in matched.values():
            matched[-one] = -other
    return {kind: _tally(kind, gold, found, matched) for kind in KINDS}


def _pairs(
    gold: Sequence[Annotated], found: Sequence[Annotated], ours: list[Any], theirs: list[Any]
) -> Iterator[tuple[int, int, int]]:
    for one, mine in enumerate(ours):
        for other, its in enumerate(theirs):
            if mine and its and gold[one]["type"] == found[other]["type"]:
                shared = min(mine[1], its[1]) - max(mine[0], its[0])
                if shared > 0 and shared >= 0.5 * min(mine[1] - mine[0], its[1] - its[0]):
                    yield shared, -one, -other


def _tally(
    kind: str, gold: Sequence[Annotated], found: Sequence[Annotated], matched: dict[int, int]
) -> Tally:
    hits = sum(gold[one]["type"] == kind for one in matched)
    return Tally(
        hits,
        sum(fact["type"] == kind for fact in found) - hits,
        sum(fact["type"] == kind for fact in gold) - hits,
    )


def interval(tallies: Sequence[Tally], measure: Callable[[Tally], float]) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile of a measure over samples of the documents."""
    draw = random.Random(0)
    values = sorted(
        measure(sum(draw.choices(tallies, k=len(tallies)), Tally())) for _ in range(SAMPLES)
    )
    return values[round(0.025 * SAMPLES)], values[round(0.975 * SAMPLES) - 1]


def recorded(
    gold: Mapping[str, Sequence[Annotated]], found: Iterable[Annotated], rules: Rules
) -> Recorded:
    """Compare each recorded meeting with the held one whose participants are most like its own."""
    meetings = annotated = dates = 0
    participants = Tally()
    for fact in found:
        meetings += 1
        held = [one for one in gold[fact["document"]] if one.get("status") == "held"]
        shared = [(_alike(one, fact, rules), one) for one in held if one["type"] == "meeting"]
        best, one = max(shared, key=lambda pair: pair[0].f1, default=(Tally(), {}))
        if best.f1 >= 0.3:
            annotated += 1
            participants += best
            dates += one["date"] in (None, fact["date"])
    return Recorded(meetings, annotated, participants, dates)


def _alike(one: Annotated, other: Annotated, rules: Rules) -> Tally:
    want, have = one.get("participants") or [], other["participants"]
    hits = sum(any(rules["same_party"](name, known) for known in have) for name in want)
    right = sum(any(rules["same_party"](known, name) for name in want) for known in have)
    return Tally(hits, len(have) - right, len(want) - hits)


# Reading


def by_document(path: Path) -> dict[str, Any]:
    """Read lines of JSON, each about one document, by its key, which has / where they have #."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {record["document"].replace("#", "/"): record for record in map(json.loads, lines)}


def facts_in(volume: Path, documents: frozenset[str]) -> list[Annotated]:
    """Return what programs find in some documents of a volume, in the form of annotations."""
    return [
        annotation(fact, {})
        for item in read_source(volume)
        if isinstance(item, Document) and item.key in documents
        for fact in found_facts(item)
    ]


def find(documents: Iterable[str], corpus: Path) -> Iterator[Annotated]:
    """Yield what programs find in documents, a process a volume at a time."""
    volumes = sorted({name.partition("/")[0] for name in documents})
    paths = [corpus / f"{name}.xml.gz" for name in volumes]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for facts in pool.map(facts_in, paths, repeat(frozenset(documents))):
            yield from facts


# Telling


def table(tallies: Sequence[Mapping[str, Tally]]) -> Iterator[str]:
    """Yield a row a kind and one for the four core kinds, as Markdown."""
    yield "| kind | annotated | found | precision | recall | F1 | 95 % of F1 |"
    yield "|---|---|---|---|---|---|---|"
    for name, kinds in (*((kind, (kind,)) for kind in KINDS), ("core four", CORE)):
        each = [sum((one[kind] for kind in kinds), Tally()) for one in tallies]
        whole, (low, high) = sum(each, Tally()), interval(each, lambda one: one.f1)
        yield (
            f"| {name} | {whole.hits + whole.misses:,} | {whole.hits + whole.alarms:,} | "
            f"{whole.precision:.3f} | {whole.recall:.3f} | {whole.f1:.3f} | {low:.3f}-{high:.3f} |"
        )


def report(shared: Path) -> str:
    """Score what programs find in the annotated documents, and tell it as Markdown."""
    rules = runpy.run_path(str(shared / "gold" / "score.py"))
    texts = by_document(shared / "gold" / "dev-texts.jsonl")
    lines = by_document(shared / "gold" / "dev-gold.jsonl")
    gold = {name: line["facts"] for name, line in lines.items()}
    found: dict[str, list[Annotated]] = {name: [] for name in gold}
    for fact in find(gold, shared / "corpus"):
        found[fact["document"]].append(fact)
    tallies = [
        tally(gold[name], found[name], text_of(texts[name]["paras"], rules), rules)
        for name in sorted(gold)
    ]
    meetings = recorded(gold, [fact for facts in found.values() for fact in facts], rules)
    return TEXT.format(
        documents=len(gold),
        facts=sum(map(len, gold.values())),
        table="\n".join(table(tallies)),
        meetings=meetings.meetings,
        annotated=meetings.annotated,
        precision=meetings.participants.precision,
        recall=meetings.participants.recall,
        dates=meetings.dates,
    )


TEXT = """\
# Accuracy

`make eval SHARED=…` writes this page: what programs find in {documents:,} annotated documents
with {facts:,} facts, scored by the rules that come with the annotations.

{table}

So far programs find only meetings that documents record by their form (`ingest/meetings.py`).
Their evidence is the heading, which the annotators did not see, so that the table does not count
them as found. Beside the annotators' own of the same document:

| recorded meetings | |
|---|---|
| all (27 in version 1: the heading and the list of each say that it was held) | {meetings} |
| which the annotators have too, from the words below heading and lists | {annotated} |
| of these, with the same date, or without one | {dates} |
| precision of their participants (most false alarms are aides) | {precision:.2f} |
| recall of their participants | {recall:.2f} |
"""


def main() -> None:
    """Print the report and keep it as bench/ACCURACY.md."""
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "gold").is_dir():
        sys.exit("Name the folder that holds gold/ and corpus/: make eval SHARED=../shared")
    text = report(Path(sys.argv[1]))
    (ROOT / "bench" / "ACCURACY.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
