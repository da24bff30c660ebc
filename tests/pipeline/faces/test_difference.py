"""How much frames differ: as a whole, in one part, in any pixel."""

import numpy as np

from avdf.pipeline.faces.difference import difference, is_repeated, local_difference
from avdf.pipeline.media.colour import Colour
from avdf.pipeline.media.frame import DecodedFrame
from tests.helpers.tracks import texture

BLACK = np.zeros((40, 60), np.uint8)
NOTHING = np.zeros((40, 60), np.bool_)


def frame(luma: np.ndarray) -> DecodedFrame:
    return DecodedFrame(0, (luma, BLACK, BLACK), Colour())


def test_the_difference_is_the_mean_over_all_pixels() -> None:
    half = BLACK.copy()
    half[:20] = 200
    assert difference(BLACK, half) == difference(half, BLACK) == 100


def test_a_small_change_is_large_in_its_own_part() -> None:
    changed = BLACK.copy()
    changed[10:15, 20:25] = 100
    assert difference(BLACK, changed) < 2
    assert local_difference(BLACK, changed, NOTHING, window=5) == 100


def test_a_change_where_it_is_ignored_does_not_count() -> None:
    changed = BLACK.copy()
    changed[10:15, 20:25] = 100
    ignored = NOTHING.copy()
    ignored[5:20, 15:30] = True
    assert local_difference(BLACK, changed, ignored, window=5) == 0


def test_equal_pixels_are_a_repeated_frame() -> None:
    assert is_repeated(frame(texture(1)), frame(texture(1)))


def test_one_other_pixel_is_another_frame() -> None:
    changed = texture(1)
    changed[0, 0] ^= 1
    assert not is_repeated(frame(texture(1)), frame(changed))
