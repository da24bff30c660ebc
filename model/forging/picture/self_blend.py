"""A self-blended face: a changed copy of each frame, moved a little and blended back.

What is left is what every face swap leaves: two sides of a soft edge that differ in colour and in
sharpness, and features that do not quite fit each other.

Sources: Shiohara and Yamasaki, "Detecting Deepfakes with Self-Blended Images", CVPR 2022; one set
of parameters for all frames: Nguyen et al., "Vulnerability-Aware Spatio-Temporal Learning for
Generalizable Deepfake Video Detection" (FakeSTormer), ICCV 2025.
"""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import UInt8Array
from avdf.model.forging.picture.face_mask import random_face_mask
from avdf.model.forging.picture.mask import Mask
from avdf.model.imaging.colour import ColourChange, random_colour_change
from avdf.model.imaging.resolution import coarser, sharper

_ACROSS, _DOWN = 0.03, 0.015  # largest movement, shares of the crop
_SMALLEST_SCALE, _LARGEST_SCALE = 0.95, 1.05
_COARSER = (1 / 2, 1 / 4)  # of the resolution
# More are sharpened than made coarser, and by more than in the source: to move a face and to blend
# it by halves also softens it, and on the whole forged faces must be as sharp as genuine ones.
_SHARPENED = 0.6  # probability; the others are made coarser
_SHARPER = (0.5, 2.0)
_RATIOS = (0.25, 0.5, 0.75, 1.0, 1.0, 1.0)

Side = Literal["source", "target"]


@dataclass(frozen=True, eq=False)
class SelfBlend:
    """How one window is forged.

    changed   whether the colour and the sharpness of the source (the face that is pasted) or of
              the target (what it is pasted into) are changed
    colour    the change of colour
    factor    of the resolution; 1: unchanged
    sharpen   how much is sharpened; 0: not at all
    mask      where the source is seen, and how much of it
    movement  (2, 3) from places of the target to places of the source, in pixels
    """

    changed: Side
    colour: ColourChange
    factor: float
    sharpen: float
    mask: Mask
    movement: npt.NDArray[np.float64]

    def forge(self, frame: UInt8Array, forged: UInt8Array) -> None:
        """Write the forgery of a frame (S, S, 3) into an array of the same shape."""
        changed = self._change(frame)
        is_source = self.changed == "source"
        source, target = (changed, frame) if is_source else (frame, changed)
        forged[...] = target
        self.mask.paste(self._moved(source), forged)

    def _change(self, frame: UInt8Array) -> UInt8Array:
        coloured = frame if self.colour.does_nothing else self.colour(frame)
        if self.factor < 1:
            return coarser(coloured, self.factor)
        return sharper(coloured, self.sharpen)

    def _moved(self, source: UInt8Array) -> UInt8Array:
        """What the rectangle of the mask shows of the source."""
        matrix = self.movement.copy()
        matrix[:, 2] += matrix[:, :2] @ [self.mask.left, self.mask.top]
        moved = cv2.warpAffine(
            source,
            matrix,
            self.mask.size,
            # Cubic, because a face that linear interpolation has softened gives itself away.
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(moved, np.uint8)


def random_self_blend(side: int, generator: np.random.Generator) -> SelfBlend:
    """The parameters for the frames of one window, of `side` x `side` pixels."""
    is_coarser = generator.random() >= _SHARPENED
    factor = _COARSER[generator.integers(len(_COARSER))]
    sharpen = generator.uniform(*_SHARPER)
    changed: Side = "source" if generator.random() < 0.5 else "target"
    colour = random_colour_change(generator)
    mask = random_face_mask(side, generator)
    movement = _random_movement(side, generator)
    ratio = _RATIOS[generator.integers(len(_RATIOS))]
    return SelfBlend(
        changed=changed,
        colour=colour,
        factor=factor if is_coarser else 1.0,
        sharpen=0.0 if is_coarser else sharpen,
        mask=mask.faded(ratio),
        movement=movement,
    )


def _random_movement(
    side: int, generator: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Moved by up to 3 % across and 1.5 % down, and scaled about the middle of the crop."""
    x = side * generator.uniform(-_ACROSS, _ACROSS)
    y = side * generator.uniform(-_DOWN, _DOWN)
    scale = generator.uniform(_SMALLEST_SCALE, _LARGEST_SCALE)
    stays = (1 - scale) * (side - 1) / 2
    return np.array([[scale, 0, stays + x], [0, scale, stays + y]])


def self_blend(frames: UInt8Array, generator: np.random.Generator) -> UInt8Array:
    """Frames (n, S, S, 3), each blended with a copy of itself, all in the same way."""
    blend = random_self_blend(frames.shape[1], generator)
    forged = np.empty_like(frames)
    for frame, target in zip(frames, forged, strict=True):
        blend.forge(frame, target)
    return forged
