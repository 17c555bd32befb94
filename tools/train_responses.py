"""Make the weights by which answers are found from the open pairs.

    python tools/train_responses.py

writes `ingest/responses.json`, of answers in one document, and `ingest/replies.json`, of those in
another. The pairs that are kept for the final measurement are not read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench import replies, responses  # noqa: E402
from ingest.replies import SIGNS as SIGNS_ACROSS  # noqa: E402
from ingest.responses import Weights  # noqa: E402
from ingest.signs import SIGNS  # noqa: E402


def write(path: Path, made: Weights, signs: Sequence[str]) -> None:
    """Write weights as the program reads them."""
    kept = {
        "bias": made.bias,
        "weights": dict(zip(signs, made.weights, strict=True)),
        "possible": made.possible,
        "asserted": made.asserted,
    }
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Write the weights."""
    folder = ROOT / "ingest"
    write(folder / "responses.json", responses.fitted(responses.judged("open")), SIGNS)
    across = responses.fitted(replies.judged("open"), replies.LIMITS)
    write(folder / "replies.json", across, SIGNS_ACROSS)


if __name__ == "__main__":
    main()
