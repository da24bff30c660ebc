"""Footage: its parts must fit each other."""

import numpy as np
import pytest

from avdf.cache.core.clock import SAMPLES_PER_FRAME
from avdf.model.forging.footage import Footage

FRAMES = np.zeros((16, 8, 8, 3), np.uint8)
PCM = np.zeros(16 * SAMPLES_PER_FRAME, np.int16)


def test_a_window_alone_is_footage() -> None:
    assert Footage(FRAMES, PCM, around=PCM, begin=0).other is None


@pytest.mark.parametrize("begin", [-1, 1])
def test_the_window_lies_in_what_is_around(begin: int) -> None:
    with pytest.raises(ValueError, match="do not lie"):
        Footage(FRAMES, PCM, around=PCM, begin=begin)


def test_lengths_fit() -> None:
    with pytest.raises(ValueError, match="footage of frames"):
        Footage(FRAMES, PCM[1:], around=PCM, begin=0)
    with pytest.raises(ValueError, match="other sound"):
        Footage(FRAMES, PCM, around=PCM, begin=0, other=PCM[1:])
