"""Whether two views of a face show the same face: small patches are compared.

Good for frames that are close in time; it does not recognise persons.
"""

import cv2
import numpy as np
import numpy.typing as npt

from avdf.pipeline.faces.detection import Box
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.resample import Plane, shrunk

_SIDE = 32  # pixels of a patch
_EDGE = 4  # pixels by which a face may have moved inside its patch
_ABOVE_MOUTH = 20  # rows of a patch: forehead, eyes and nose
# Grey levels, standard deviation: a patch with less holds nothing to compare.
_FLAT = 4.0
_ECC_STEPS = 60
_ECC_PRECISION = 1e-4
_ECC_BLUR = 5  # pixels
_WINDOW = 5  # pixels of a patch of 32 x 32: what moves is about as large as a mouth


def face_patch(frame: DecodedFrame, box: Box) -> Plane:
    """(32, 32) luma of the square around a face's box, as far as it lies in the frame."""
    centre = (box[:2] + box[2:]) / 2
    width, height = box[2:] - box[:2]
    half = max(width, height) / 2
    x1, y1 = (max(0, int(value)) for value in centre - half)
    x2, y2 = (int(value) + 1 for value in centre + half)
    # A box that lies outside of the frame has no rows or no columns here.
    rows = slice(y1, max(y1, y2))
    columns = slice(x1, max(x1, x2))
    inside = frame.planes[0][rows, columns]
    if not inside.size:
        return np.zeros((_SIDE, _SIDE), np.uint8)
    return shrunk(inside, (_SIDE, _SIDE))


def likeness(first: Plane, second: Plane) -> float | None:
    """How alike two patches are, at most 1; None where one of them is flat.

    It is the correlation of the first patch's middle with the second patch, at the shift that fits
    best, so that brightness and contrast do not matter. A mouth that opens may be most of a face's
    contrast: the correlation of the part above the mouth counts instead where it is higher.
    """
    whole = _correlation(first, second)
    if whole is None:
        return None
    upper = _correlation(first[:_ABOVE_MOUTH], second[:_ABOVE_MOUTH])
    return whole if upper is None else max(whole, upper)


def _correlation(first: Plane, second: Plane) -> float | None:
    if _is_flat(first) or _is_flat(second):
        return None
    middle = first[_EDGE:-_EDGE, _EDGE:-_EDGE]
    by_shift = cv2.matchTemplate(second, middle, cv2.TM_CCOEFF_NORMED)
    return float(by_shift.max())


def face_motion(first: Plane, second: Plane) -> float | None:
    """How much a face itself changes between two patches, beyond a motion of the whole patch.

    The second patch is laid over the first (shifted, turned, sheared, scaled), as one view of a
    flat, still object can be laid over another. What remains is largest at a mouth or eyes that
    move: the mean square difference of the worst 5 x 5 pixels (of 32 x 32, or as large a part of
    more), in units of the face contrast. None where the patches cannot be compared.

    Args:
        first, second: (S, S), with S a multiple of 32.

    Source of the alignment: Evangelidis and Psarakis 2008 (ECC), OpenCV's `findTransformECC`.
    """
    if _is_flat(first) or _is_flat(second):
        return None
    old = first.astype(np.float32)
    new = second.astype(np.float32)
    still = np.eye(2, 3, dtype=np.float32)
    flags = cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS
    criteria = (flags, _ECC_STEPS, _ECC_PRECISION)
    try:
        _, motion = cv2.findTransformECC(
            old,
            new,
            still,
            cv2.MOTION_AFFINE,
            criteria,
            np.full(old.shape, 255, np.uint8),  # mask: all of a patch counts
            _ECC_BLUR,
        )
    except cv2.error:  # the patches have nothing in common
        return None
    aligned = cv2.warpAffine(
        new,
        np.asarray(motion),
        old.shape,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    laid_over = np.asarray(aligned, np.float32)
    rest = _normalised(old) - _normalised(laid_over)
    window = _WINDOW * len(old) // _SIDE
    around_each = cv2.blur(rest**2, (window, window))
    return float(around_each.max())


def _is_flat(patch: Plane) -> bool:
    return bool(patch.std() < _FLAT)


def _normalised(patch: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The middle of a patch without its noise, at mean 0 and contrast 1."""
    scale = len(patch) // _SIDE
    blurred = cv2.GaussianBlur(patch, (0, 0), float(scale))
    smooth = np.asarray(blurred, np.float32)
    edge = _EDGE * scale
    middle = smooth[edge:-edge, edge:-edge]
    contrast = max(float(middle.std()), 1e-3)
    centred = middle - middle.mean()
    return np.asarray(centred / contrast, np.float32)
