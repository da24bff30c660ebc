"""Numbers with their nouns."""

import pytest

from avdf.cache.core.counted import counted


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "0 videos"), (1, "1 video"), (2, "2 videos")]
)
def test_a_number_and_its_noun_agree(count: int, expected: str) -> None:
    assert counted(count, "video") == expected


def test_a_noun_may_have_a_plural_of_its_own() -> None:
    assert counted(2, "entry", "entries") == "2 entries"
