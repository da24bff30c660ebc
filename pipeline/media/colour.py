"""How decoded planes of YCbCr become RGB."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

# Weights of red and of blue in luma. Source: ITU-R BT.601, BT.709, BT.2020.
_LUMA_WEIGHTS = {
    "bt601": (0.299, 0.114),
    "bt709": (0.2126, 0.0722),
    "bt2020": (0.2627, 0.0593),
}


@dataclass(frozen=True)
class Colour:
    """How YCbCr becomes RGB: the name of the matrix, and whether luma uses 0-255 or 16-235."""

    matrix: str = "bt601"
    full_range: bool = False

    @property
    def black(self) -> tuple[int, int, int]:
        """Y, Cb and Cr of black."""
        return (0 if self.full_range else 16, 128, 128)


@cache
def rgb_matrix(colour: Colour) -> npt.NDArray[np.float32]:
    """(3, 4) matrix from [Y, Cb, Cr, 1] to R, G, B, all in 0-255."""
    kr, kb = _LUMA_WEIGHTS[colour.matrix]
    kg = 1 - kr - kb
    luma, chroma, black = 255 / 219, 255 / 224, 16.0
    if colour.full_range:
        luma, chroma, black = 1.0, 1.0, 0.0
    red = 2 * (1 - kr) * chroma
    blue = 2 * (1 - kb) * chroma
    rows = [
        [luma, 0.0, red],
        [luma, -blue * kb / kg, -red * kr / kg],
        [luma, blue, 0.0],
    ]
    # The fourth column takes black (luma) and grey (chroma) to 0.
    for row in rows:
        row.append(-row[0] * black - (row[1] + row[2]) * 128.0)
    return np.array(rows, np.float32)
