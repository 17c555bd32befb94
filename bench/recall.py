"""What models said of annotated documents that they were not taught with.

`tests/gold/acts.jsonl.gz` has one act a line: its spans, its score, and who may be meant. It stands
in for the model, so that all that comes after the model can be measured again in a minute.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ingest.candidates import Candidate
from ingest.model import Document, Kind, Span
from ingest.tagger import Act, Meant, Settings

RECALLED = Path(__file__).parent.parent / "tests" / "gold" / "acts.jsonl.gz"

Line = dict[str, Any]


def act_line(document: str, act: Act) -> Line:
    """Return an act as a line of the file has it."""
    return {
        "document": document,
        "kind": act.kind.value,
        "trigger": [act.trigger.start, act.trigger.end],
        "quote": [act.quote.start, act.quote.end],
        "score": round(act.score, 4),
        "status": act.status,
        "people": [_line(meant) for meant in act.people],
    }


def _line(meant: Meant) -> list[Any]:
    one = meant.one
    likely = (meant.actor, meant.addressee, meant.present)
    return [one.label, one.printed, one.start, one.end, *likely]


def keep(lines: Iterable[str], path: Path = RECALLED) -> None:
    """Write the file; the same lines give the same bytes."""
    text = "".join(f"{line}\n" for line in sorted(lines))
    path.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))


def recalled(path: Path = RECALLED) -> dict[str, list[Act]]:
    """Return the acts of each document."""
    acts: defaultdict[str, list[Act]] = defaultdict(list)
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
    for line in map(json.loads, lines):
        acts[line["document"]].append(_act(line))
    return acts


def _act(line: Line) -> Act:
    return Act(
        Kind(line["kind"]),
        Span(*line["trigger"]),
        Span(*line["quote"]),
        line["score"],
        line["status"],
        tuple(Meant(Candidate(*one[:4]), *one[4:]) for one in line["people"]),
    )


class Recall:
    """Says of documents what models said of them."""

    def __init__(self, acts: Mapping[str, Sequence[Act]], settings: Settings) -> None:
        self._acts, self._settings = acts, settings

    def acts(self, document: Document) -> Iterator[Act]:
        """Yield the acts of a document that reach the thresholds."""
        thresholds = self._settings.thresholds
        for act in self._acts.get(document.key, ()):
            if act.score >= thresholds[act.kind]:
                yield act

    def confidence(self, act: Act) -> float:
        """Return how likely it is that a reader would find the act there, too."""
        return self._settings.confidence(act)
