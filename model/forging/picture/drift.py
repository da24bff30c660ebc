"""A face whose features drift: each frame is blended with a slightly warped copy of itself.

The displacement is smooth over the face and changes a little from frame to frame, as a face does
that is generated anew for each frame.

Source: Yan et al., "Generalizing Deepfake Video Detection with Plug-and-Play: Video-Level Blending
and Spatiotemporal Adapter Tuning" (arXiv 2408.17065), facial feature drift. There, landmarks of
the face are moved; here, the points of a coarse grid, which no landmark has to be found for.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from avdf.cache.core.arrays import UInt8Array
from avdf.model.forging.picture.face_mask import random_face_mask
from avdf.model.forging.picture.warp import own_places, smooth_displacement, taken_from

_POINTS = 5  # of the grid, along each side of the mask's rectangle
_LEAST_MOVED, _MOST_MOVED = 0.003, 0.009  # shares of the crop, standard deviation
# How much of a displacement is still there one frame later.
_LEAST_KEPT, _MOST_KEPT = 0.8, 0.97


def drift(frames: UInt8Array, generator: np.random.Generator) -> UInt8Array:
    """Frames (n, S, S, 3) with a face whose features drift against each other."""
    side = frames.shape[1]
    mask = random_face_mask(side, generator)
    places = own_places(mask.left, mask.top, mask.size)
    grids = _drifting_grids(side, generator)
    forged = frames.copy()
    for frame, target in zip(frames, forged, strict=True):
        moved = smooth_displacement(next(grids), mask.size)
        warped = taken_from(frame, places + moved)
        mask.paste(warped, target)
    return forged


def _drifting_grids(
    side: int, generator: np.random.Generator
) -> Iterator[npt.NDArray[np.float32]]:
    """Endless displacements (5, 5, 2) in pixels: an autoregressive process at each point."""
    deviation = side * generator.uniform(_LEAST_MOVED, _MOST_MOVED)
    kept = generator.uniform(_LEAST_KEPT, _MOST_KEPT)
    shape = (_POINTS, _POINTS, 2)
    grid = generator.normal(size=shape)
    while True:
        yield (deviation * grid).astype(np.float32)
        # The weights keep the standard deviation the same in every frame.
        new = generator.normal(size=shape)
        grid = kept * grid + np.sqrt(1 - kept**2) * new
