"""Grow the trees that say which item of Wikidata a person is (`ingest/links.onnx`).

    python tools/train_links.py SHARED

SHARED holds `linking/`: persons whose items were looked up by hand, and the candidates. `make
eval` grows others, without the persons that it scores. The seed is fixed; it takes three minutes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench.links import cases, grown  # noqa: E402
from ingest.link import TREES  # noqa: E402
from ingest.trees import Trees  # noqa: E402
from tools.trees import export  # noqa: E402


def main() -> None:
    """Grow the trees from all persons that were looked up."""
    if len(sys.argv) != 2:
        sys.exit("Name the folder that holds linking/: train_links.py ../shared")
    known = cases(Path(sys.argv[1]))
    trees = grown(known)
    export([trees.tree], TREES)
    rows = np.vstack([case.rows for case in known if case.items])
    apart = np.abs(Trees(TREES).likely(rows) - trees.likely(rows))
    print(f"{TREES}: grown from {len(known):,} persons; the file is right to {apart.mean():.1e}")


if __name__ == "__main__":
    main()
