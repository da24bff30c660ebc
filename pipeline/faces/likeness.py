"""Whether two pictures of a face show the same face: a comparison of small patches, good for pictures close in time."""

import cv2
import numpy as np
import numpy.typing as npt

from avdf.pipeline.faces.detection import Box
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.resample import Plane

_SIDE = 32  # pixels of a patch
_EDGE = 4  # pixels by which a face may have moved inside its patch
_ABOVE_MOUTH = 20  # rows of a patch: forehead, eyes and nose
_WHOLE = np.full((_SIDE, _SIDE), 255, np.uint8)  # mask: all of a patch counts
_FLAT = 4.0  # grey levels, standard deviation: a patch with less holds nothing to compare


def face_patch(picture: DecodedFrame, box: Box) -> Plane:
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

    It is the correlation of the first patch's middle with the second patch, at the shift that fits best: of the whole
    patch or of its part above the mouth, whichever is more alike. A mouth that opens may be most of a face's contrast.
    """
    whole = _correlation(first, second)
    upper = _correlation(first[:_ABOVE_MOUTH], second[:_ABOVE_MOUTH])
    known = [score for score in (whole, upper) if score is not None]
    return max(known) if whole is not None else None


def _correlation(first: Plane, second: Plane) -> float | None:
    if first.std() < _FLAT or second.std() < _FLAT:
        return None
    middle = first[_EDGE:-_EDGE, _EDGE:-_EDGE]
    return float(cv2.matchTemplate(second, middle, cv2.TM_CCOEFF_NORMED).max())


def face_motion(first: Plane, second: Plane) -> float | None:
    """How much a face itself changes between two patches, beyond what moving the whole patch explains.

    The second is laid over the first (shifted, turned, sheared, scaled), as far as one picture of something flat and
    still can be laid over another. What remains is largest at a mouth or at eyes that move: the mean square difference
    of the worst 5 x 5 pixels, in units of the face's contrast. None where the patches cannot be compared.
    """
    if first.std() < _FLAT or second.std() < _FLAT:
        return None
    old, new = first.astype(np.float32), second.astype(np.float32)
    start, stop = (
        np.eye(2, 3, dtype=np.float32),
        (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 60, 1e-4),
    )
    try:
        _, moved = cv2.findTransformECC(old, new, start, cv2.MOTION_AFFINE, stop, _WHOLE, 5)
    except cv2.error:  # nothing alike in them
        return None
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(
        new, np.asarray(moved), (_SIDE, _SIDE), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    rest = _normal(old) - _normal(np.asarray(laid, np.float32))
    return float(cv2.blur(rest**2, (5, 5)).max())


def _normal(patch: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The middle of a patch without its noise, at mean 0 and contrast 1."""
    middle = np.asarray(cv2.GaussianBlur(patch, (0, 0), 1.0), np.float32)[
        _EDGE:-_EDGE, _EDGE:-_EDGE
    ]
    return np.asarray((middle - middle.mean()) / max(float(middle.std()), 1e-3), np.float32)
