"""Whether a face may be a photograph: its crops show the same, beyond a motion of the whole.

Boxes of detections leap by pixels from row to row, and in patches that are cut out by them
(`likeness.py`) that looks like motion. Crops are cut by smoothed boxes: here they are compared.
"""

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from avdf.cache.core.arrays import UInt8Array
from avdf.cache.core.clock import FRAME_RATE, FRAME_SIZE
from avdf.cache.core.video import Track
from avdf.cache.shards.codec import decode_frame
from avdf.pipeline.faces.likeness import face_motion
from avdf.pipeline.media.resample import Plane

# Measured (docs/results.md): at most 0.021 for photographs, at least 0.036 for persons, but for
# photographs that turn in a hand or are encoded so coarsely that little is left.
LEAST_CHANGE = 0.025
# A person may keep still for a second.
LEAST_ROWS = 2 * FRAME_RATE
_MOST_CROPS = 16
_SIDE = 64  # pixels of a crop that is compared
_SHARE = 0.9  # of the comparisons whose motion is not above the change


def may_be_photograph(tracks: Sequence[Track], codec: str) -> bool:
    """Whether the tracks of one face, of at least 2 s, show a picture that does not change.

    Args:
        codec: how the crops are encoded.
    """
    rows = sum(len(track) for track in tracks)
    if rows < LEAST_ROWS:
        return False
    crops = [crop for track in tracks for crop in _spread(track, rows)]
    images = [
        decode_frame(np.frombuffer(crop, np.uint8), codec, FRAME_SIZE) for crop in crops
    ]
    change = change_of(images)
    return change is not None and change < LEAST_CHANGE


def change_of(crops: Sequence[UInt8Array]) -> float | None:
    """How much a face itself changes over its crops, spread over its time: mouth, eyes, light.

    The motions (`face_motion`) between successive crops, and those between the middle crop and each
    other one: what nine tenths of them do not exceed, of the two kinds the larger. Neither an
    artefact of compression nor one frame with a hand before the face decides.

    Args:
        crops: RGB, each (S, S, 3).

    Returns:
        None where nothing can be compared.
    """
    planes = [_grey(crop) for crop in crops]
    middle = planes[len(planes) // 2]
    others = [(middle, plane) for plane in planes if plane is not middle]
    changes = []
    for pairs in (list(pairwise(planes)), others):
        motions = [face_motion(first, second) for first, second in pairs]
        known = [motion for motion in motions if motion is not None]
        if known:
            changes.append(float(np.quantile(known, _SHARE)))
    return max(changes, default=None)


def _spread(track: Track, rows: int) -> list[bytes]:
    """The track's share of 16 crops that are spread evenly over all rows, at least one."""
    count = max(1, round(_MOST_CROPS * len(track) / rows))
    chosen = np.unique(np.linspace(0, len(track) - 1, count).round().astype(int))
    return [track.crops[row] for row in chosen.tolist()]


def _grey(crop: UInt8Array) -> Plane:
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA))
