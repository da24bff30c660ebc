"""The mouth of a face over time, in small grey images that a motion of the head leaves in place."""

import cv2
import numpy as np
import numpy.typing as npt

Frames = npt.NDArray[np.uint8]  # (n, S, S, 3) RGB crops of one face
Mouths = npt.NDArray[np.float32]  # (n, 14, 20) grey

# Shares of a crop, which is 1.3 times the face: top, bottom, left, right.
_MOUTH = (0.58, 0.86, 0.30, 0.70)
_UPPER_FACE = (0.26, 0.58, 0.22, 0.78)
_SIDE = 112  # pixels of the copy in which motion of the head is measured
_HEIGHT, _WIDTH = 14, 20  # pixels of a mouth
_ECC_STEPS = 30
_ECC_PRECISION = 1e-3
_ECC_BLUR = 5  # pixels


def mouths(frames: Frames) -> Mouths:
    """(n, 14, 20) the mouth in each of n crops, moved so that the upper face stays in place.

    Args:
        frames: (n, S, S, 3) RGB crops of one face in an unbroken run of frames.

    Source of the alignment: Evangelidis and Psarakis 2008 (ECC), OpenCV's `findTransformECC`.
    """
    if not len(frames):
        return np.empty((0, _HEIGHT, _WIDTH), np.float32)
    grey = [_small_grey(frame) for frame in frames]
    middle = grey[len(grey) // 2]
    moved = np.eye(2, 3, dtype=np.float32)
    found = []
    for image in grey:
        moved = _head_motion(middle, image, moved)
        found.append(_mouth(image, moved))
    return np.stack(found)


def _small_grey(frame: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    small = cv2.resize(frame, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32)


def _head_motion(
    middle: npt.NDArray[np.float32],
    image: npt.NDArray[np.float32],
    before: npt.NDArray[np.float32],
) -> npt.NDArray[np.float32]:
    """(2, 3) the shift from one image to another, by the upper face, which speech hardly moves.

    Args:
        before: the shift of the frame before, from which the search begins.
    """
    rows, columns = _part(_UPPER_FACE)
    flags = cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS
    try:
        _, moved = cv2.findTransformECC(
            middle[rows, columns],
            image[rows, columns],
            before.copy(),
            cv2.MOTION_TRANSLATION,
            (flags, _ECC_STEPS, _ECC_PRECISION),
            np.full(
                (rows.stop - rows.start, columns.stop - columns.start), 255, np.uint8
            ),
            _ECC_BLUR,
        )
    except cv2.error:  # a covered or a flat face: nothing says that the head has moved
        return before
    return np.asarray(moved, np.float32)


def _mouth(
    image: npt.NDArray[np.float32], moved: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    still = cv2.warpAffine(
        image,
        moved,
        (_SIDE, _SIDE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    rows, columns = _part(_MOUTH)
    mouth = np.asarray(still)[rows, columns]
    small = cv2.resize(mouth, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _part(shares: tuple[float, float, float, float]) -> tuple[slice, slice]:
    top, bottom, left, right = (round(share * _SIDE) for share in shares)
    return slice(top, bottom), slice(left, right)
