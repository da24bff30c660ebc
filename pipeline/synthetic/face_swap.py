"""A face swap: another person's inner face on somebody's head, with the traces it leaves."""

import cv2
import numpy as np

from avdf.pipeline.synthetic.canvas import Canvas
from avdf.pipeline.synthetic.face import (
    NO_NOISE,
    inner_face_mask,
    paint_frame,
    paint_head,
)
from avdf.pipeline.synthetic.person import Person
from avdf.pipeline.synthetic.pose import Pose

# What each method does to red, green and blue: light and white balance are not matched.
_TINTS = {
    "faceswap": (1.14, 1.02, 0.9),
    "fsgan": (0.9, 0.98, 1.1),
}
_FEATHERS = {"faceswap": 1.0, "fsgan": 5.0}  # pixels, width of the edge
_BLURS = {"faceswap": 1.2, "fsgan": 2.2}  # pixels


class FaceSwap:
    """Pastes the face of `other` on the head of `person`. What is pasted lacks the camera's noise.

    `faceswap` has a hard edge and other light, `fsgan` a soft edge and a blurred face.
    """

    def __init__(
        self,
        person: Person,
        other: Person,
        method: str,
    ) -> None:
        self._other = other
        self._head = paint_head(other)
        self._mask = inner_face_mask(person, _FEATHERS[method])
        self._tint = np.array(_TINTS[method], np.float32)
        self._blur = _BLURS[method]

    def __call__(self, frame: Canvas, pose: Pose) -> Canvas:
        """The frame with the other's face, which moves as `pose` does."""
        still = pose.without_motion()
        face = paint_frame(self._other, self._head, still, NO_NOISE)
        blurred = cv2.GaussianBlur(face, (0, 0), self._blur)
        tinted = np.clip(blurred * self._tint, 0, 255).astype(np.uint8)
        # Face and mask move with the head, so that the seam stays where it is on the skin.
        coverage = pose.move(self._mask)[..., None]
        mask = coverage.astype(np.float32) / 255
        kept = frame * (1 - mask)
        pasted = pose.move(tinted) * mask
        return (kept + pasted).astype(np.uint8)
