"""YCbCr becomes RGB as the standards define it."""

import numpy as np
import pytest

from avdf.pipeline.media.colour import Colour, rgb_matrix

# Weights of red and blue in luma, as ITU-R BT.601, BT.709 and BT.2020 print them.
WEIGHTS = {
    "bt601": (0.299, 0.114),
    "bt709": (0.2126, 0.0722),
    "bt2020": (0.2627, 0.0593),
}


@pytest.mark.parametrize("matrix", WEIGHTS)
@pytest.mark.parametrize("full_range", [False, True])
def test_rgb_goes_to_ycbcr_and_back(matrix: str, full_range: bool) -> None:
    """By the definition: Y from weights of R, G, B, chroma as scaled differences from Y."""
    kr, kb = WEIGHTS[matrix]
    rgb = np.random.default_rng(0).uniform(0, 255, (20, 3))
    luma = rgb @ [kr, 1 - kr - kb, kb]
    blue = (rgb[:, 2] - luma) / (2 * (1 - kb))
    red = (rgb[:, 0] - luma) / (2 * (1 - kr))
    if not full_range:
        luma = 16 + luma * 219 / 255
        blue, red = blue * 224 / 255, red * 224 / 255
    ycbcr = np.stack([luma, blue + 128, red + 128, np.ones(20)], axis=1)
    found = ycbcr @ rgb_matrix(Colour(matrix, full_range)).T
    np.testing.assert_allclose(found, rgb, atol=1e-3)


@pytest.mark.parametrize("full_range", [False, True])
def test_black_is_black(full_range: bool) -> None:
    colour = Colour("bt709", full_range)
    found = rgb_matrix(colour) @ [*colour.black, 1]
    np.testing.assert_allclose(found, [0, 0, 0], atol=1e-4)
