"""How decoded planes of YCbCr become RGB."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

_KR_KB = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}


@dataclass(frozen=True)
class Colour:
    """How YCbCr becomes RGB: the matrix's name and whether luma uses 0-255 instead of 16-235."""

    matrix: str = "bt601"
    full_range: bool = False


@cache
def rgb_matrix(colour: Colour) -> npt.NDArray[np.float32]:
    """(3, 4) matrix from [Y, Cb, Cr, 1] to R, G, B, all 0-255. Source: ITU-R BT.601, BT.709, BT.2020."""
    kr, kb = _KR_KB[colour.matrix]
    kg = 1 - kr - kb
    luma, chroma, black = (1.0, 1.0, 0.0) if colour.full_range else (255 / 219, 255 / 224, 16.0)
    red, blue = 2 * (1 - kr) * chroma, 2 * (1 - kb) * chroma
    rows = [
        [luma, 0.0, red],
        [luma, -blue * kb / kg, -red * kr / kg],
        [luma, blue, 0.0],
    ]
    return np.array(
        [[*row, -row[0] * black - (row[1] + row[2]) * 128.0] for row in rows], np.float32
    )
