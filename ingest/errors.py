"""What can be wrong with a volume, as exceptions that say where, what and what to do.

They are raised where the fault is known and turned into a `Problem` in one place, so that one
bad document is noted and the volume goes on.
"""

from __future__ import annotations

from ingest.model import Problem


class InputError(Exception):
    """A fault of the input because of which a document or a volume is left out."""

    def __init__(self, file: object, line: int | None, message: str, category: str) -> None:
        self.problem = Problem(str(file), line, message, category)
        super().__init__(str(self.problem))


class UnreadableVolume(InputError):
    """A file of which nothing more can be read."""


class UnreadableDocument(InputError):
    """A document that cannot be read, or cannot be told from another."""


class ClusterError(Exception):
    """A cluster that is not there, or whose workers cannot do the work."""
