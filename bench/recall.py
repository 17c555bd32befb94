"""What models said of annotated documents that they were not taught with.

`tests/gold/acts.jsonl.gz` has one act a line: its spans, its score, and who may be meant. It stands
in for the model, so that all that comes after the model can be measured again in a minute.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ingest.model import Document
from ingest.remembered import Line, act_line, act_of
from ingest.tagger import Act

RECALLED = Path(__file__).parent.parent / "tests" / "gold" / "acts.jsonl.gz"


def document_line(document: str, act: Act) -> Line:
    """Return an act as a line of the file has it."""
    return {"document": document, **act_line(act)}


def keep(lines: Iterable[str], path: Path = RECALLED) -> None:
    """Write the file; the same lines give the same bytes."""
    text = "".join(f"{line}\n" for line in sorted(lines))
    path.write_bytes(gzip.compress(text.encode("utf-8"), 9, mtime=0))


def recalled(path: Path = RECALLED) -> dict[str, list[Act]]:
    """Return the acts of each document."""
    return acts_in(gzip.decompress(path.read_bytes()).decode("utf-8").splitlines())


def acts_in(lines: Iterable[str]) -> dict[str, list[Act]]:
    """Return the acts that lines tell, by document."""
    acts: defaultdict[str, list[Act]] = defaultdict(list)
    for line in map(json.loads, lines):
        acts[line["document"]].append(act_of(line))
    return acts


class Recalled:
    """Sees in documents what models saw that were not taught with them."""

    def __init__(self, acts: Mapping[str, Sequence[Act]]) -> None:
        self._acts = acts

    def acts(self, document: Document) -> Sequence[Act]:
        """Return the acts that a document may tell of."""
        return self._acts.get(document.key, ())
