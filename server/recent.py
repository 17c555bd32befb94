"""A memory of limited size that forgets what was not used for the longest time."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Values by their keys: those used last, within a limit on the sum of their sizes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._values: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Key) -> Value | None:
        """Give a value, which makes it the one used last."""
        if (found := self._values.get(key)) is None:
            return None
        self._values.move_to_end(key)
        return found[0]

    def put(self, key: Key, value: Value, size: int = 1) -> None:
        """Keep a value; those used longest ago make room for it."""
        self.size -= self._values.pop(key, (None, 0))[1]
        self._values[key] = value, size
        self.size += size
        while self.size > self._limit:
            self.size -= self._values.popitem(last=False)[1][1]
