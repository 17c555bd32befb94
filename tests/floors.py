"""What was reached, rounded down: scores may only rise."""

import json
from pathlib import Path
from typing import Any

FLOORS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "gold" / "floors.json").read_text(encoding="utf-8")
)
