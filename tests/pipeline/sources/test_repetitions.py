"""Finding what occurs more than once."""

from collections.abc import Hashable, Sequence
from typing import get_origin, get_type_hints

from avdf.pipeline.sources.repetitions import repeated


class SameHash:
    """Equal only to its own name, but with the hash of all others."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __hash__(self) -> int:
        return 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SameHash) and other.name == self.name


def itself(thing: Hashable) -> Hashable:
    return thing


def test_only_what_occurs_again_is_counted_in_order() -> None:
    assert list(repeated("banana peel", itself).items()) == [
        ("a", 3),
        ("n", 2),
        ("e", 2),
    ]
    assert repeated([], itself) == repeated(["x"], itself) == {}


def test_things_are_compared_by_their_key() -> None:
    assert repeated(["ab", "ac", "ba"], lambda text: text[0]) == {"a": 2}


def test_equal_hashes_are_no_repetition() -> None:
    things = [SameHash("a"), SameHash("b"), SameHash("a")]
    assert repeated(things, itself) == {SameHash("a"): 2}
    assert repeated(things[:2], itself) == {}


def test_things_that_can_be_read_only_once_are_no_argument() -> None:
    assert get_origin(get_type_hints(repeated)["things"]) is Sequence
