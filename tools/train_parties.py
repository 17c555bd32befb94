"""Make what comes after the model: thresholds and calibration, and the trees that say who is meant.

    python tools/train_parties.py SHARED

SHARED holds `gold/`, the annotations, and `corpus/`, the volumes. Both are made by what models
said of documents that they were not taught with (`tests/gold/acts.jsonl.gz`, which `tools/train.py`
writes), so that scores mean what they mean in new documents: `ingest/acts.json` and
`ingest/parties.onnx`. `make eval` makes others, from four folds each, to measure what these are
worth. The seed is fixed; it takes two minutes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench.accuracy import Gold, cases_in, documents_in, keep_settings  # noqa: E402
from bench.grow import grown  # noqa: E402
from bench.recall import recalled  # noqa: E402
from ingest.parties import ROLES, TREES  # noqa: E402
from ingest.tagger import MODEL  # noqa: E402
from ingest.trees import Trees  # noqa: E402
from tools.trees import export  # noqa: E402


def main() -> None:
    """Make them from all annotated documents."""
    if len(sys.argv) != 2:
        sys.exit("Name the folder that holds gold/ and corpus/: train_parties.py ../shared")
    shared, acts = Path(sys.argv[1]), recalled()
    gold = Gold.read(shared)
    documents = documents_in(shared, gold.facts)
    keep_settings(documents, acts, gold, MODEL.with_suffix(".json"))
    known = [case for one in documents for case in cases_in(one, acts[one.key], gold)]
    trees = grown(known)
    export([trees.trees[role] for role in ROLES], TREES)
    rows = np.vstack([case.rows for case in known])
    apart = np.abs(Trees(TREES).likely(rows) - trees.likely(rows))
    print(f"{TREES}: grown from {len(known):,} acts; the file is right to {apart.mean():.1e}")


if __name__ == "__main__":
    main()
