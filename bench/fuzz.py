"""Read malformed and odd text for facts for some minutes: nothing may fail or stall.

    python -m bench.fuzz MINUTES [SEED]

Each text is told by its number, so that a failure can be made again. What is tried: any
characters, capitals only, no stops, words of telegrams in any order, one paragraph of many words,
very long words, other scripts.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from ingest.authority import Authority
from ingest.extract import Extractor
from ingest.model import Block, Document, Form, Party
from ingest.tagger import MODEL
from ingest.volume import extractor

ROOT = Path(__file__).parent.parent
SLOW = 2.0
"""CPU seconds for 1,000 characters; what takes longer is told."""
SAMPLE = (ROOT / "data/sample/frus1945Malta.xml").read_text(encoding="utf-8")
WORDS = SAMPLE.split()
SCRIPTS = ((32, 126), (0, 0x2FF), (0x370, 0x5FF), (0x600, 0x6FF), (0x4E00, 0x9FFF), (0, 0x10FFFF))


def text(draw: random.Random) -> str:
    """Return some odd text."""
    kind, size = draw.randrange(5), draw.choice((0, 1, 5, 50, 500, 3000))
    if kind == 0:
        low, high = draw.choice(SCRIPTS)
        return "".join(chr(draw.randint(low, high)) for _ in range(size))
    if kind == 1:
        return " ".join(draw.choices(WORDS, k=size)).upper()
    if kind == 2:
        return draw.choice(("a", "(", ".", "asked ", "will agree to ")) * size
    separator = draw.choice((" ", ". ", "; ", "\n", " and ", "\x00", " "))
    return separator.join(draw.choices(WORDS, k=size))


def document(draw: random.Random) -> Document:
    """Return a telegram of some paragraphs of odd text."""
    paragraphs = [text(draw) for _ in range(draw.randint(0, 3))]
    blocks, start = [], 0
    for one in paragraphs:
        blocks.append(Block("paragraph", start, start + len(one)))
        start += len(one) + 1
    parties = [Party(text(draw)[:80]) if draw.random() < 0.5 else None for _ in range(2)]
    return Document(
        volume="fuzz",
        id="d1",
        form=draw.choice([*Form]),
        head=text(draw)[:200],
        text="\n".join(paragraphs),
        sender=parties[0],
        recipient=parties[1],
        blocks=tuple(blocks),
    )


def read(number: int, seed: int, finder: Extractor) -> int:
    """Read one document; return the number of facts, whose quotes must stand in it."""
    one = document(random.Random(f"{seed} {number}"))
    started = time.process_time()
    facts = finder.facts(one, Authority())
    seconds = time.process_time() - started
    if seconds > SLOW * (1 + len(one.text) / 1000):
        print(f"text {number}: {seconds:.1f} s for {len(one.text):,} characters", flush=True)
    for fact in facts:
        assert one.text[fact.quote.start : fact.quote.end] == fact.quote.exact, number
    return len(facts)


def main() -> None:
    """Read texts until the time is over; the first failure ends it."""
    if len(sys.argv) < 2:
        sys.exit("Say for how many minutes: python -m bench.fuzz 10")
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    finder, end = extractor(MODEL), time.monotonic() + 60 * float(sys.argv[1])
    number = facts = 0
    while time.monotonic() < end:
        try:
            facts += read(number, seed, finder)
        except Exception:
            print(f"text {number} with seed {seed} failed", flush=True)
            raise
        number += 1
    print(f"{number:,} texts read with seed {seed}, {facts:,} facts, no failure")


if __name__ == "__main__":
    main()
