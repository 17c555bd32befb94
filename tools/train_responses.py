"""Make the weights by which answers are found (`ingest/responses.json`) from the open pairs.

    python tools/train_responses.py

The pairs that are kept for the final measurement (tests/gold/responses.jsonl.gz) are not read.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench.responses import ASSERTED, POSSIBLE, fitted, judged  # noqa: E402
from ingest.signs import SIGNS  # noqa: E402


def main() -> None:
    """Write the weights."""
    made = fitted(judged("open"))
    kept = {
        "bias": made.bias,
        "weights": dict(zip(SIGNS, made.weights, strict=True)),
        "possible": POSSIBLE,
        "asserted": ASSERTED,
    }
    path = ROOT / "ingest" / "responses.json"
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
