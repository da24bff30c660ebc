"""One face in one frame."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Box = npt.NDArray[np.float32]  # (4,) x1 y1 x2 y2 in pixels of the upright frame


def long_side(box: Box) -> float:
    """The longer side of a box, in pixels."""
    width, height = box[2:] - box[:2]
    return float(max(width, height))


@dataclass(frozen=True, eq=False)
class Detection:
    """A face in one frame.

    probability  that there is a face, by the network that found it
    searched     whether all of MTCNN found it; otherwise its last network alone confirmed it
    """

    box: Box
    probability: float
    searched: bool = True

    @property
    def side(self) -> float:
        """The longer side of the box, in pixels."""
        return long_side(self.box)
