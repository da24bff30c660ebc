"""How a synthetic head is held in each frame: it sways, blinks, its mouth follows the speech."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import FRAME_RATE
from avdf.pipeline.synthetic.canvas import SIZE, Canvas
from avdf.pipeline.synthetic.voice import Utterance

_NECK = (128.0, 230.0)  # the head turns about this point
# The largest shift right and down in pixels, and the largest turn in degrees.
_SWAY = np.array([[4.0], [2.5], [1.6]])
_BLINK = (0.4, 0.1, 0.4)  # how far the eyes are open in the frames of a blink
_BLINK_EVERY = 60  # frames, on average


@dataclass(frozen=True)
class Pose:
    """One frame of somebody.

    opening, spread  of the mouth, 0 to 1
    eyes             how far they are open, 0 to 1
    shift            of the head, pixels right and down
    turn             of the head in degrees
    """

    opening: float
    spread: float = 0.5
    eyes: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    turn: float = 0.0

    def with_mouth(
        self,
        opening: float,
        spread: float,
    ) -> "Pose":
        """The same head with another mouth."""
        return Pose(
            opening,
            spread,
            self.eyes,
            self.shift,
            self.turn,
        )

    def without_motion(self) -> "Pose":
        """The same face, upright in the middle of the frame."""
        return Pose(self.opening, self.spread, self.eyes)

    def move(self, canvas: Canvas) -> Canvas:
        """An upright frame (or mask), turned about the neck and shifted as the head is."""
        matrix = cv2.getRotationMatrix2D(_NECK, self.turn, 1.0)
        matrix[:, 2] += np.array(self.shift)
        flags, border = cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
        moved = cv2.warpAffine(
            canvas,
            matrix,
            (SIZE, SIZE),
            flags=flags,
            borderMode=border,
        )
        return np.asarray(moved, dtype=np.uint8)


def poses_of(
    utterance: Utterance,
    generator: np.random.Generator,
) -> list[Pose]:
    """A pose for each frame of an utterance."""
    frames = len(utterance.opening)
    sway = _sway(frames, generator)
    eyes = _blinks(frames, generator)
    poses = []
    for index in range(frames):
        right, down, turn = (float(value) for value in sway[:, index])
        opening, spread = (
            float(utterance.opening[index]),
            float(utterance.spread[index]),
        )
        poses.append(Pose(opening, spread, float(eyes[index]), (right, down), turn))
    return poses


def _sway(
    frames: int,
    generator: np.random.Generator,
) -> npt.NDArray[np.float64]:
    """(3, frames): shift right, shift down and turn, each a slow sine."""
    time = np.arange(frames) / FRAME_RATE
    phases, rates = generator.uniform(0, 2 * np.pi, 3), generator.uniform(0.15, 0.5, 3)
    return np.asarray(
        np.sin(2 * np.pi * rates[:, None] * time + phases[:, None]) * _SWAY
    )


def _blinks(
    frames: int,
    generator: np.random.Generator,
) -> npt.NDArray[np.float64]:
    """(frames,): how far the eyes are open."""
    eyes = np.ones(frames)
    for blink in generator.integers(frames, size=max(1, frames // _BLINK_EVERY)):
        closing = eyes[max(0, blink - 1) : blink + 2]
        closing[:] = _BLINK[: len(closing)]
    return eyes
