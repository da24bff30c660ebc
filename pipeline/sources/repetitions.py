"""What occurs more than once among a million things, without holding all of them."""

from array import array
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import numpy as np

Thing = TypeVar("Thing")


def repeated(
    things: Sequence[Thing], key: Callable[[Thing], Hashable]
) -> dict[Hashable, int]:
    """How often each key occurs that occurs more than once, in the order of their first things.

    Args:
        things: read once, and again if any two of their keys may be equal.
    """
    # Eight bytes for each thing. Equal hashes are few, and only their keys are compared.
    hashes = np.array(array("q", (hash(key(thing)) for thing in things)), np.int64)
    hashes.sort()
    suspects = set(hashes[1:][hashes[1:] == hashes[:-1]].tolist())
    if not suspects:
        return {}
    keys = (key(thing) for thing in things)
    counts = Counter(found for found in keys if hash(found) in suspects)
    return {found: count for found, count in counts.items() if count > 1}
