"""Boosted trees in a file: rows of numbers in, likelihoods out (`tools/trees.py` writes them)."""

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.session import session

Array = NDArray[np.float32]


class Weighs(Protocol):
    """What says how likely candidates are the ones, such as the trees."""

    def likely(self, rows: Array) -> Array:
        """Return for each row how likely each of the answers is, 0 to 1."""


class Trees:
    """Boosted trees, ready to judge rows in this process, on one core."""

    def __init__(self, path: Path) -> None:
        self._session = session(path)

    def likely(self, rows: Array) -> Array:
        """Return for each row how likely each of the answers is, 0 to 1."""
        answers: list[Array] = self._session.run(["likely"], {"rows": rows})
        return answers[0]
