"""How a synthetic head is held in each frame: it sways, blinks, its mouth follows the speech."""

from dataclasses import dataclass, replace

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
        return replace(self, opening=opening, spread=spread)

    def without_motion(self) -> "Pose":
        """The same face, upright in the middle of the frame."""
        return Pose(self.opening, self.spread, self.eyes)

    def move(self, canvas: Canvas) -> Canvas:
        """An upright frame (or mask), turned about the neck and shifted as the head is."""
        matrix = cv2.getRotationMatrix2D(_NECK, self.turn, 1.0)
        matrix[:, 2] += np.array(self.shift)
        moved = cv2.warpAffine(
            canvas,
            matrix,
            (SIZE, SIZE),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
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
        pose = Pose(
            opening=float(utterance.opening[index]),
            spread=float(utterance.spread[index]),
            eyes=float(eyes[index]),
            shift=(right, down),
            turn=turn,
        )
        poses.append(pose)
    return poses


def _sway(
    frames: int,
    generator: np.random.Generator,
) -> npt.NDArray[np.float64]:
    """(3, frames): shift right, shift down and turn, each a slow sine."""
    time = np.arange(frames) / FRAME_RATE
    phases = generator.uniform(0, 2 * np.pi, 3)
    rates = generator.uniform(0.15, 0.5, 3)
    # One row for each motion, one column for each frame.
    angles = 2 * np.pi * rates[:, None] * time + phases[:, None]
    return np.asarray(np.sin(angles) * _SWAY)


def _blinks(
    frames: int,
    generator: np.random.Generator,
) -> npt.NDArray[np.float64]:
    """(frames,): how far the eyes are open."""
    eyes = np.ones(frames)
    count = max(1, frames // _BLINK_EVERY)
    for blink in generator.integers(frames, size=count):
        # A view of the frames of this blink; fewer where it is cut off at an end of the clip.
        closing = eyes[max(0, blink - 1) : blink + 2]
        closing[:] = _BLINK[: len(closing)]
    return eyes
