"""Whether two pictures of a face show the same face: a comparison of small patches, good for pictures close in time."""

import cv2
import numpy as np

from avdf.pipeline.detect import Box
from avdf.pipeline.picture import Picture, Plane

_SIDE = 32  # pixels of a patch
_EDGE = 4  # pixels by which a face may have moved inside its patch
_FLAT = 4.0  # grey levels, standard deviation: a patch with less holds nothing to compare


def face_patch(picture: Picture, box: Box) -> Plane:
    """The luma of the square around a face's box, as far as it lies in the picture, averaged down to 32 x 32."""
    centre, half = (box[:2] + box[2:]) / 2, max(box[2] - box[0], box[3] - box[1]) / 2
    x1, y1 = (max(0, int(value)) for value in centre - half)
    x2, y2 = (int(value) + 1 for value in centre + half)
    inside = picture.planes[0][y1 : max(y1, y2), x1 : max(x1, x2)]
    if not inside.size:
        return np.zeros((_SIDE, _SIDE), np.uint8)
    return np.asarray(cv2.resize(inside, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def likeness(first: Plane, second: Plane) -> float | None:
    """How alike two patches are, at most 1, whatever their brightness and contrast; None where one of them is flat.

    It is the correlation of the first patch's middle with the second patch, at the shift that fits best.
    """
    if first.std() < _FLAT or second.std() < _FLAT:
        return None
    middle = first[_EDGE:-_EDGE, _EDGE:-_EDGE]
    return float(cv2.matchTemplate(second, middle, cv2.TM_CCOEFF_NORMED).max())
