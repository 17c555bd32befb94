"""No part imports one beside or above it.

`ingest` ends in files and `server` begins with files, so neither needs the other; both look
down, at `ontology` and at `dataset`, how versions lie on disk, and `server` also at `queries`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BELOW: dict[str, set[str]] = {
    "ontology": set(),
    "queries": {"ontology"},
    "dataset": set(),
    "ingest": {"ontology", "dataset"},
    "server": {"ontology", "queries", "dataset"},
}
OURS = {*BELOW, "bench", "cablegraph", "hatch_build", "tests", "tools"}


def imported(file: Path) -> Iterator[str]:
    """The first name of each module that a file imports, wherever in the file it does so."""
    for node in ast.walk(ast.parse(file.read_bytes(), str(file))):
        match node:
            case ast.Import(names=names):
                yield from (alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module)):
                yield module.partition(".")[0]


@pytest.mark.parametrize("part", BELOW)
def test_part_imports_only_what_lies_below_it(part: str) -> None:
    allowed = BELOW[part] | {part}
    breaches = {
        (str(file.relative_to(ROOT)), name)
        for file in (ROOT / part).rglob("*.py")
        for name in imported(file)
        if name in OURS - allowed
    }
    assert breaches == set()
