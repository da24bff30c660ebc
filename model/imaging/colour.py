"""A change of colour, brightness and contrast, the same for every pixel."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import UInt8Array

# Each of the three parts happens with this probability. The ranges are those of self-blended images
# (Shiohara and Yamasaki, CVPR 2022). Two are smaller, because our matrix takes them literally: a
# hue that turns by 0.3 of anything makes skin green, and a value of +-0.3 clips light faces.
PROBABILITY = 0.3
_SHIFT = 20.0  # levels of 255, of each of red, green and blue
_HUE = 0.1  # radians
_SATURATION = 0.3  # relative, as the three below
_VALUE = 0.1
_BRIGHTNESS = 0.1
_CONTRAST = 0.1

_LUMA = np.array([0.299, 0.587, 0.114])  # weights of red, green and blue (BT.601)
_GREY = 128.0  # the level that a change of contrast leaves as it is


@dataclass(frozen=True, eq=False)
class ColourChange:
    """New red, green and blue = matrix [red, green, blue, 1], in levels of 255.

    matrix  (3, 4) float32

    Raises:
        ValueError: the matrix has another shape.
    """

    matrix: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.matrix.shape != (3, 4):
            raise ValueError(
                f"colour matrix of shape {self.matrix.shape}, expected (3, 4)"
            )

    @property
    def does_nothing(self) -> bool:
        return bool(np.array_equal(self.matrix, np.eye(3, 4)))

    def __call__(self, image: UInt8Array) -> UInt8Array:
        """An RGB image (H, W, 3) with the change, rounded and limited to 0 to 255."""
        return np.asarray(cv2.transform(image, self.matrix), np.uint8)


def random_colour_change(generator: np.random.Generator) -> ColourChange:
    """Up to three changes, each with probability 0.3: RGB shift; hue, saturation and value;
    brightness and contrast. Always draws the same number of random numbers."""
    happens = generator.random(3) < PROBABILITY
    shift = generator.uniform(-_SHIFT, _SHIFT, 3)
    hue, saturation, value, brightness, contrast = generator.uniform(-1, 1, 5)
    matrix = np.eye(3)
    offset = np.zeros(3)
    if happens[0]:
        offset = offset + shift
    if happens[1]:
        turn = _hue_turn(_HUE * hue) @ _saturation(1 + _SATURATION * saturation)
        turn = (1 + _VALUE * value) * turn
        matrix, offset = turn @ matrix, turn @ offset
    if happens[2]:
        gain = 1 + _CONTRAST * contrast
        matrix = gain * matrix
        offset = gain * (offset - _GREY) + _GREY + 255 * _BRIGHTNESS * brightness
    return ColourChange(np.column_stack([matrix, offset]).astype(np.float32))


def _hue_turn(angle: float) -> npt.NDArray[np.float64]:
    """The rotation about the axis of greys by `angle` radians (Rodrigues' formula)."""
    axis = np.ones(3) / np.sqrt(3)
    cross = np.cross(np.eye(3), axis)
    turn = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return np.asarray(turn, np.float64)


def _saturation(factor: float) -> npt.NDArray[np.float64]:
    """Away from the grey of the same luma by `factor`; 0: grey, 1: unchanged."""
    grey = np.tile(_LUMA, (3, 1))
    return np.asarray(grey + factor * (np.eye(3) - grey), np.float64)
