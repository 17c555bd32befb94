"""Who waits for a worker, and whose turn it is.

Clients take turns: one that asks a hundred questions waits behind itself, not before the
others. If too many wait, the one who came last of the client that has most of them must go.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Waiting(Protocol):
    """What waits on behalf of a client."""

    @property
    def client(self) -> str:
        """The name of the client."""


One = TypeVar("One", bound=Waiting)


class Line(Generic[One]):
    """All who wait, in the order in which they are served."""

    def __init__(self) -> None:
        self._clients: OrderedDict[str, deque[One]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._clients.values()))

    def add(self, one: One) -> None:
        """Let one wait."""
        self._clients.setdefault(one.client, deque()).append(one)

    def leave(self, one: One) -> None:
        """Let one go, if it waits."""
        own = self._clients.get(one.client, deque())
        if one in own:
            own.remove(one)
            if not own:
                del self._clients[one.client]

    def next(self, may_go: Callable[[One], bool]) -> One | None:
        """Let the one go whose turn it is, of those who may; its client goes to the end."""
        for client, own in self._clients.items():
            for one in own:
                if may_go(one):
                    self._clients.move_to_end(client)
                    self.leave(one)
                    return one
        return None

    def has(self, such: Callable[[One], bool]) -> bool:
        """Tell whether one such waits."""
        return any(such(one) for own in self._clients.values() for one in own)

    def last_of_most(self) -> One:
        """Let the one go who came last of the client that has most in the line."""
        one = max(self._clients.values(), key=len)[-1]
        self.leave(one)
        return one
