"""Wav2Lip's trace: a mouth that is painted again, coarser than the frame, into it."""

import cv2
import numpy as np

from avdf.pipeline.synthetic.canvas import SIZE, Canvas
from avdf.pipeline.synthetic.face import mouth_box
from avdf.pipeline.synthetic.person import Person
from avdf.pipeline.synthetic.pose import Pose

_TINT = (0.92, 1.02, 1.12)  # of red, green and blue: white balance is not matched
_SCALE = 0.3  # resolution of the new mouth, as a share of the frame's
_EDGE = 4  # pixels: margin of the mask
_FEATHER = 2.5  # pixels: how softly the mask ends


def paste_mouth(
    frame: Canvas,
    repainted: Canvas,
    person: Person,
    pose: Pose,
) -> None:
    """Put the mouth of `repainted` into `frame`, at a lower resolution, with a soft edge.

    Args:
        pose: in which the head of both frames is held.
    """
    x1, y1, x2, y2 = mouth_box(person, grow=1.2)
    # The mouth has moved with the head; at the bottom its box may leave the frame.
    shift_right, shift_down = pose.shift
    right = round(shift_right)
    down = round(shift_down)
    bottom = min(SIZE, y2 + down)
    rows = slice(y1 + down, bottom)
    columns = slice(x1 + right, x2 + right)
    region = (rows, columns)

    # Wav2Lip paints faces of 96 pixels: their detail is gone when they are enlarged again.
    mouth = repainted[region]
    height, width = mouth.shape[:2]
    small = cv2.resize(
        mouth,
        None,
        fx=_SCALE,
        fy=_SCALE,
        interpolation=cv2.INTER_AREA,
    )
    whole_size = (width, height)
    coarse = cv2.resize(small, whole_size, interpolation=cv2.INTER_LINEAR)
    tint = np.array(_TINT, np.float32)
    tinted = np.clip(coarse * tint, 0, 255)

    # A mask that is 1 inside and falls to 0 at the edge hides the seam.
    inside = np.zeros((height, width), np.float32)
    inside[_EDGE:-_EDGE, _EDGE:-_EDGE] = 1.0
    soft = cv2.GaussianBlur(inside, (0, 0), _FEATHER)
    mask = soft[..., None]
    kept = frame[region] * (1 - mask)
    frame[region] = kept + tinted * mask
