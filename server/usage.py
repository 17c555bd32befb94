"""What is written down of the use of a service, over all versions of its data set."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass

from server.clients import Shares
from server.jobs import Job
from server.metrics import Metrics
from server.settings import Settings

log = logging.getLogger(__name__)

LONGEST = 2000
"""Characters of a slow query that the log shows."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The numbers, what each client has left of its share, and the queries that were slow."""

    metrics: Metrics
    shares: Shares
    slow_seconds: float

    @classmethod
    def of(cls, settings: Settings) -> Usage:
        """Begin an empty one."""
        return cls(Metrics(), Shares(settings.client_seconds), settings.slow_seconds)

    def note(self, client: str, job: Job, seconds: float) -> None:
        """Write down that a client had a worker for a time."""
        self.shares.charge(client, seconds)
        self.metrics.worker_seconds.inc(seconds)
        if 0 < self.slow_seconds <= seconds:
            query = job.written or job.query
            line = {"slow": query_hash(query), "seconds": round(seconds, 2)}
            log.warning(json.dumps({**line, "text": query[:LONGEST]}))


def query_hash(query: str) -> str:
    """Name a query in the log without telling what it asks."""
    return hashlib.sha256(query.encode()).hexdigest()[:16]
