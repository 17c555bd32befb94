"""The journal of a data set: a line of JSON for each update that was asked for over HTTP.

    {"when": …, "who": …, "client": …, "what": {…}, "before": …, "after": …, "outcome": …}

`before` and `after` are versions, and `after` is null where nothing was changed. A line with the
outcome `applied` is on the disk before its version becomes the current one, so that no change is
without its line. If the system goes down between the two, the line is there and the change is not:
then its `after` is the `before` of no other line, nor the version that is served.
"""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NAME = "journal.jsonl"


def append(store: Path, entry: Mapping[str, Any]) -> None:
    """Add a line to the journal of a store; return when it is on the disk."""
    content = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
    descriptor = os.open(store / NAME, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        # One call, so that lines of several processes are not mixed.
        if os.write(descriptor, content) != len(content):
            raise OSError(f"{store / NAME}: the line was not written whole")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def line(
    what: Mapping[str, Any],
    before: str,
    after: str | None,
    outcome: str,
    who: str | None = None,
    client: str | None = None,
) -> dict[str, Any]:
    """Make a line: what was to be changed and by whom, and what came of it just now."""
    return {
        "when": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "who": who,
        "client": client,
        "what": what,
        "before": before,
        "after": after,
        "outcome": outcome,
    }
