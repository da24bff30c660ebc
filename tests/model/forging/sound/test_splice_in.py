"""A forged part in genuine sound."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.model.forging.sound.splice_in import splice_in

GENUINE = np.full(1000, 1000, np.int16)
FORGED = np.full(1000, -1000, np.int16)


@given(ends=st.lists(st.integers(0, 1000), min_size=2, max_size=2, unique=True))
def test_outside_genuine_inside_forged(ends: list[int]) -> None:
    first, last = sorted(ends)
    spliced = splice_in(GENUINE, FORGED, first, last)
    assert (spliced[:first] == 1000).all()
    assert (spliced[last:] == 1000).all()
    assert (spliced[first + 32 : max(last - 32, 0)] == -1000).all()
    assert (spliced[first:last] < 1000).all()


def test_fades_are_straight_lines_of_two_milliseconds() -> None:
    spliced = splice_in(GENUINE, FORGED, 200, 700)
    line = np.round(1000 - 2000 * np.arange(1, 33) / 33)
    np.testing.assert_array_equal(spliced[200:232], line)
    np.testing.assert_array_equal(spliced[668:700], line[::-1])


def test_no_fade_at_the_ends_of_the_sound() -> None:
    np.testing.assert_array_equal(splice_in(GENUINE, FORGED, 0, 1000), FORGED)


def test_inputs_stay_and_must_fit() -> None:
    genuine = GENUINE.copy()
    splice_in(genuine, FORGED, 10, 20)
    np.testing.assert_array_equal(genuine, GENUINE)
    with pytest.raises(ValueError, match="1000 genuine and 999 forged"):
        splice_in(GENUINE, FORGED[1:], 0, 10)
    for first, last in ((5, 5), (-1, 5), (5, 1001)):
        with pytest.raises(ValueError, match="of a sound of 1000"):
            splice_in(GENUINE, FORGED, first, last)
