"""How much more annotated documents would help: the same fold, read by models taught with fewer.

    python -m bench.curve SHARED WORK/fold-0-200.jsonl WORK/fold-0-400.jsonl WORK/fold-0.jsonl

`tools/train.py --fold 0 --documents 200` makes such a file. Thresholds are the best for the very
documents that are scored, alike for all, so that the scores are a little higher than those of
`make eval`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.accuracy import Gold, documents_in, swept
from bench.recall import acts_in
from bench.scoring import CORE, Tally
from bench.tuning import THRESHOLDS, settings


def core_f1(path: Path, shared: Path, gold: Gold) -> float:
    """Return the F1 of the core kinds of what a file says of its documents."""
    acts = acts_in(path.read_text(encoding="utf-8").splitlines())
    sweeps = swept(documents_in(shared, acts), acts, gold).values()
    best = {kind: THRESHOLDS.index(at) for kind, at in settings(sweeps).thresholds.items()}
    return sum((one.tallies[best[kind]][kind] for one in sweeps for kind in CORE), Tally()).f1


def main() -> None:
    """Print a line a file."""
    if len(sys.argv) < 3:
        sys.exit("Name the folder that holds gold/ and corpus/, and files of held-back acts")
    shared = Path(sys.argv[1])
    gold = Gold.read(shared)
    for name in sys.argv[2:]:
        print(f"{name}: core F1 {core_f1(Path(name), shared, gold):.3f}", flush=True)


if __name__ == "__main__":
    main()
