"""What a request would have changed, and what came of it: what passes between service and writer.

A change goes out as a line of JSON, and behind it the body: the update, or the RDF to be stored.
What comes back are the frames of `server.jobs`: `HEAD` when the time of the change begins, `DATA`
with what was done just before it takes effect, `LAST` when it has. `FAIL` tells why it has not.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Literal

Action = Literal["update", "put", "post", "delete"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change: an update in SPARQL, or what is to become of a graph.

    `graph` is None for the unnamed graph. `using` and `using_named` are the graphs to which an
    update is put. `who` is the name of the token.

    What must be so that a change is made (If-Match, If-None-Match): that the graph `exists` or
    does not, where that is not None; that it is the one of one of the `versions`, if there are
    any, and of none of `not_versions`.
    """

    action: Action
    who: str
    client: str = ""
    graph: str | None = None
    media_type: str = ""
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()
    exists: bool | None = None
    versions: tuple[str, ...] | None = None
    not_versions: tuple[str, ...] = ()
    size: int = 0

    @property
    def line(self) -> bytes:
        """The change, written as one line."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Change:
        """Read the change from its line."""
        values: dict[str, Any] = json.loads(line)
        lists = {name: tuple(it) for name, it in values.items() if isinstance(it, list)}
        return cls(**{**values, **lists})

    def told(self, body: bytes) -> dict[str, Any]:
        """Give what the journal says of the change: an update word by word, of RDF the hash."""
        if self.action == "update":
            graphs = {"using": list(self.using), "using_named": list(self.using_named)}
            return {"update": body.decode(), **{name: of for name, of in graphs.items() if of}}
        graph = {"method": self.action.upper(), "graph": self.graph}
        if self.action == "delete":
            return graph
        content = {"bytes": len(body), "sha256": sha256(body).hexdigest()}
        return {**graph, "type": self.media_type, **content}


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a change: the version that has it, and whether a graph came into being."""

    version: str
    created: bool
