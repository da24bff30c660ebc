"""One face in one frame."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Box = npt.NDArray[np.float32]  # (4,) x1 y1 x2 y2 in pixels of the upright picture


@dataclass(frozen=True, eq=False)
class Detection:
    """A face in one picture. `searched`: found by the whole of MTCNN, not only confirmed by its last network."""

    box: Box
    probability: float
    searched: bool = True

    @property
    def side(self) -> float:
        return float(max(self.box[2] - self.box[0], self.box[3] - self.box[1]))
