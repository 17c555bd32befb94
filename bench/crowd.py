"""Build a data set with invented facts, as many as the text of its documents may hold.

    python -m bench.crowd SOURCE... --store STORE [--officers FOLDER] [--links FOLDER] [--jobs N]

builds STORE as `cablegraph build` does, but no model reads the text: an act is where a word stands
that often tells of one, if the last act is far enough before it. Their number, kinds and words are
much like those that the model finds; who acts towards whom is taken in turn from the sender, the
recipient and those whom the editors tagged. Every third commitment or refusal answers the request
before it: about as many answers as there would be if all were found, and many more than are. So
the graph, the side file, threads and answers have the size that they may come to.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

from ingest import volume
from ingest.build import Sources, build
from ingest.candidates import Candidate, head_parties
from ingest.extract import Extractor
from ingest.model import Document, Fact, Kind, Response, Span
from ingest.responses import MANNERS, RUN, within
from ingest.sentences import sentences
from ingest.tagger import MODEL, Act, Meant

WORDS = {
    Kind.REQUEST: r"ask\w*|request\w*|urg\w+|suggest\w*|propos\w+|recommend\w*|should|hope\w*",
    Kind.COMMITMENT: r"agree[ds]?|will|assur\w+|promis\w+|accept\w*|approv\w+|undert\w+",
    Kind.REFUSAL: r"refus\w+|reject\w*|declin\w+|oppos\w+|cannot|unable",
    Kind.OFFER: r"offer\w*|ready|prepared|willing",
    Kind.MEETING: r"met|meeting|conversation|talks?|discuss\w+|conference",
}
"""Words that often tell of a fact of each kind."""
APART = 60
"""Characters between two facts, at least: then there are 14 in a thousand words, as in 1,376
documents of 16 volumes that the model read."""
ANSWERED = 3
"""One of so many commitments and refusals answers the request before it."""

_TELLING = re.compile(
    "|".join(rf"(?P<{kind.value}>\b(?:{words})\b)" for kind, words in WORDS.items()), re.IGNORECASE
)


class Inventor:
    """Finds facts where words stand that often tell of some."""

    def acts(self, document: Document) -> list[Act]:
        """Return acts far enough from each other."""
        found: list[Act] = []
        people, last = _people(document), -APART
        for block in document.blocks:
            for sentence in sentences(document.text, block.start, block.end):
                telling = _TELLING.search(document.text, sentence.start, sentence.end)
                if telling and telling.lastgroup and telling.start() - last >= APART:
                    last = telling.start()
                    kind, trigger = Kind(telling.lastgroup), Span(*telling.span())
                    found.append(_act(kind, trigger, sentence, people, len(found)))
        return found

    def confidence(self, act: Act) -> float:
        """Return one of the values that the model's have."""
        return 0.5 + act.trigger.start % 50 / 100


def _people(document: Document) -> list[Candidate]:
    text, tagged = document.text, {one.entity: one for one in document.mentions if one.entity}
    named = (
        Candidate(text[one.start : one.end], text[one.start : one.end], one.start, one.end, entity)
        for entity, one in tagged.items()
    )
    return [*filter(None, head_parties(document)), *named]


def _act(kind: Kind, trigger: Span, quote: Span, people: Sequence[Candidate], number: int) -> Act:
    status = "held" if kind is Kind.MEETING else "made"
    pair = [*islice(_in_turn(people, number), 2)] if len(people) > 1 else people
    present = kind is Kind.MEETING
    meant = tuple(
        Meant(one, float(not present and place == 0), float(not present and place == 1), present)
        for place, one in enumerate(pair)
    )
    return Act(kind, trigger, quote, 0.9, status, meant)


def _in_turn(people: Sequence[Candidate], number: int) -> Iterator[Candidate]:
    """Yield the first, or the second, and one of the others; now and then the other way round."""
    first, others = people[0], people[1:]
    other = others[number // 2 % len(others)]
    yield from (first, other) if number % 2 else (other, first)


def answered(document: Document, facts: Sequence[Fact]) -> list[Response]:
    """Return what answers in a document, and more of it than there is."""
    known, asked, number = {one.later: one for one in within(document, facts)}, None, 0
    for fact in facts:
        if fact.kind is Kind.REQUEST:
            asked = fact
        elif asked and fact.kind in MANNERS:
            number += 1
            how = MANNERS[fact.kind]
            if number % ANSWERED == 0:
                known[fact.id] = Response(fact.id, asked.id, how, RUN.id, "invented", 0.9)
    return [*known.values()]


def main() -> None:
    """Build the data set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", type=Path, nargs="+")
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--officers", type=Path)
    parser.add_argument("--links", type=Path)
    parser.add_argument("--jobs", type=int)
    given = parser.parse_args()
    data = Path(__file__).parents[1] / "data"
    folders = data / "authority", data / "curated", MODEL, given.links, given.officers
    start = time.perf_counter()
    made = build(Sources(tuple(given.sources), *folders), given.store, jobs=given.jobs)
    print(f"{made.totals['facts']:,} facts, {made.totals['quads']:,} quads in", end=" ")
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ in ("__main__", "__mp_main__"):  # The processes of a build begin with this file, too.
    volume.extractor = cache(lambda *_: Extractor(Inventor()))
    volume.within = answered  # type: ignore[attr-defined]
if __name__ == "__main__":
    main()
