"""The things that were used last; the others are dropped."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Up to `most` values by their keys; the one that was not used for longest makes room."""

    def __init__(
        self, most: int, drop: Callable[[Value], None] = lambda _: None
    ) -> None:
        """Start empty; `drop`: called with each value that is not kept any more."""
        self._most, self._drop = most, drop
        # The end of the dictionary holds the value that was used last.
        self._values: OrderedDict[Key, Value] = OrderedDict()

    def __contains__(self, key: Key) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[Key]:
        return iter(self._values)

    def get(self, key: Key) -> Value:
        """The value of a key that is there; it counts as used now."""
        self._values.move_to_end(key)
        return self._values[key]

    def put(self, key: Key, value: Value) -> None:
        """Keep a value."""
        self._values[key] = value
        while len(self._values) > self._most:
            _, oldest = self._values.popitem(last=False)
            self._drop(oldest)

    def clear(self) -> None:
        """Drop all values."""
        while self._values:
            _, value = self._values.popitem()
            self._drop(value)
