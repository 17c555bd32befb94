"""The processes that serve together tell each other how new a version they serve.

Each writes into a file the moment of its last look, which a clock says that is the same for all.
So one that has made a new version knows when no request can meet the one before. To look at once
they are told by a signal, which the process that started them passes on.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 10.0
"""Seconds after which a process that does not follow is not waited for: it may have ended."""

PAUSE = 0.005
"""Seconds between two looks into the files of the others."""


@dataclass(frozen=True, slots=True)
class Peers:
    """The folder of the files, the number of this process, and of how many it is one."""

    folder: Path
    number: int
    count: int

    def tell(self, moment: float) -> None:
        """Tell the others that what was current at this moment is served here."""
        file = self._file(self.number)
        new = file.with_suffix(".new")
        new.write_text(repr(moment), encoding="ascii")
        new.replace(file)

    async def follow(self, moment: float) -> None:
        """Wait until all serve what was current at this moment, but not for ever."""
        os.kill(os.getppid(), signal.SIGHUP)
        end = time.monotonic() + PATIENCE
        while self._oldest() < moment and time.monotonic() < end:
            await asyncio.sleep(PAUSE)

    def _oldest(self) -> float:
        """Give the earliest moment that one of them tells; the start of time if one tells none."""
        try:
            files = (self._file(number) for number in range(self.count))
            return min(float(file.read_text(encoding="ascii")) for file in files)
        except (OSError, ValueError):
            return 0.0

    def _file(self, number: int) -> Path:
        return self.folder / f"{number}.seen"
