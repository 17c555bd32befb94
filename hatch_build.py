"""Put the parts under one name in the wheel.

In the source tree each part is a top-level package, so that every tool finds it without a
setting. Installed like that, a package called `server` would land in site-packages, where
another project's can overwrite it. So the wheel holds them in `cablegraph/parts`; the
launcher `cablegraph.py` puts that folder on the path. An editable install needs none of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MADE = {"__pycache__", "node_modules"}
ARTICLES = ("bench/ACCURACY.md", "bench/ANSWERS.md", "bench/METHODS.md")
"""What the service shows of the rest."""
PARTS = ("ontology", "queries", "dataset", "ingest", "server")


class PartsHook(BuildHookInterface[Any]):
    """Says where in the wheel each part and the launcher go."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill in the wheel, and leave an editable install as it is."""
        if version == "standard":
            files = (*files_of_parts(Path(self.root)), *ARTICLES)
            places = {file: f"cablegraph/parts/{file}" for file in files}
            build_data["force_include"] |= {"cablegraph.py": "cablegraph/__init__.py", **places}


def files_of_parts(root: Path) -> list[str]:
    """Every file of every part, whatever its kind, relative to the root."""
    files = (path for part in PARTS for path in (root / part).rglob("*") if path.is_file())
    return sorted(str(file.relative_to(root)) for file in files if MADE.isdisjoint(file.parts))
