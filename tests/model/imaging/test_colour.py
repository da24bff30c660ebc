"""Changes of colour."""

import colorsys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avdf.model.imaging.colour import ColourChange, random_colour_change

SKIN = np.full((2, 2, 3), (200, 150, 120), np.uint8)


def test_nothing_changes_where_nothing_happens() -> None:
    change = ColourChange(np.eye(3, 4, dtype=np.float32))
    assert change.does_nothing
    np.testing.assert_array_equal(change(SKIN), SKIN)


def test_a_matrix_is_applied_to_each_pixel() -> None:
    matrix = np.random.default_rng(0).normal(scale=0.4, size=(3, 4))
    image = np.random.default_rng(1).integers(0, 256, (5, 4, 3), dtype=np.uint8)
    expected = np.empty_like(image)
    for row in range(5):
        for column in range(4):
            pixel = matrix @ [*image[row, column], 1]
            expected[row, column] = np.clip(np.rint(pixel), 0, 255)
    changed = ColourChange(matrix.astype(np.float32))(image)
    np.testing.assert_allclose(changed.astype(int), expected, atol=1)


@given(st.integers(0, 10_000))
def test_skin_stays_skin(seed: int) -> None:
    """A random change is one of light and tint: hues stay within 0.1 of the circle."""
    change = random_colour_change(np.random.default_rng(seed))
    before, after = SKIN[0, 0], change(SKIN)[0, 0]
    hue_before, *_ = colorsys.rgb_to_hsv(*before / 255)
    hue_after, *_ = colorsys.rgb_to_hsv(*after / 255)
    turn = abs(hue_after - hue_before)
    assert min(turn, 1 - turn) < 0.1
    assert abs(after.mean() - before.mean()) < 90


def test_about_a_third_stay_as_they_are() -> None:
    changes = [random_colour_change(np.random.default_rng(seed)) for seed in range(600)]
    share = float(np.mean([change.does_nothing for change in changes]))
    assert abs(share - 0.7**3) < 0.06


def test_both_directions_are_as_likely() -> None:
    """Else the mean colour would tell changed pictures from others."""
    changes = [random_colour_change(np.random.default_rng(seed)) for seed in range(600)]
    means = np.array([change(SKIN).mean(axis=(0, 1)) for change in changes])
    lighter, darker = (means > SKIN[0, 0]).mean(0), (means < SKIN[0, 0]).mean(0)
    assert np.abs(lighter - darker).max() < 0.1


def test_the_matrix_has_its_shape() -> None:
    with pytest.raises(ValueError, match="expected"):
        ColourChange(np.eye(3, dtype=np.float32))
