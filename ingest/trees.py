"""Boosted trees in a file: rows of numbers in, likelihoods out (`tools/trees.py` writes them)."""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

Array = NDArray[np.float32]


class Trees:
    """Boosted trees, ready to judge rows in this process, on one core."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )

    def likely(self, rows: Array) -> Array:
        """Return for each row how likely each of the answers is, 0 to 1."""
        answers: list[Array] = self._session.run(["likely"], {"rows": rows})
        return answers[0]
