"""Random masks of the face, as self-blended images have them.

A crop is 1.3 times as long as the longer side of the face (`margin` of the preparation), so that a
face seen from the front lies at the same place of every crop. Nothing is searched for.

Source: Shiohara and Yamasaki, "Detecting Deepfakes with Self-Blended Images", CVPR 2022.
"""

import cv2
import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import FRAME_SIZE
from avdf.model.forging.picture.ellipse import Ellipse, odd_kernel
from avdf.model.forging.picture.mask import Mask, Weights
from avdf.model.forging.picture.warp import own_places, smooth_displacement, taken_from

FACE = Ellipse(x=0.5, y=0.54, half_width=0.26, half_height=0.34)

# The outline of the face by (x, y) shares of the crop, from the middle of the forehead down the
# right side of the picture to the chin. The left side mirrors it.
_OUTLINE = (
    (0.50, 0.22),
    (0.66, 0.27),
    (0.75, 0.40),
    (0.75, 0.58),
    (0.71, 0.74),
    (0.61, 0.85),
    (0.50, 0.88),
)
# Where a hull begins: with the forehead, at the brows, below the eyes.
_TOPS = (0.0, 0.33, 0.45)
_MOVED = 0.012  # shares of the crop, standard deviation of each point of the outline
_ELASTIC_CELL = 16  # pixels of a crop of 224
# Elastic deformation with alpha 50 and sigma 7 moves the pixels by 1.2 pixels (standard deviation).
_ELASTIC = 1.2
_SMALLEST_BLUR, _LARGEST_BLUR = 5, 25  # pixels of a crop of 224
_WHOLE = 0.99  # a weight that a blur has left at 1


def random_face_mask(side: int, generator: np.random.Generator) -> Mask:
    """A mask of the face, or of a part of it, in a crop of `side` pixels."""
    is_hull = generator.random() < 0.5
    shape = _hull(side, generator) if is_hull else _ellipse(side, generator)
    first, second = generator.uniform(_SMALLEST_BLUR, _LARGEST_BLUR, 2)
    deformed = _elastic(shape, generator)

    # The first blur shows how far each pixel is from the edge. Only what it leaves whole is kept,
    # so that the edge of the second blur lies inside the face.
    inner = (_blur(deformed, first) >= _WHOLE).astype(np.float32)
    # A crop of few pixels may have nothing so far from the edge.
    kept = inner if inner.any() else deformed
    return Mask.of(_blur(kept, second))


def _ellipse(side: int, generator: np.random.Generator) -> Weights:
    x, y = generator.uniform(-0.02, 0.02, 2)
    wider, higher = generator.uniform(0.85, 1.1, 2)
    ellipse = Ellipse(
        FACE.x + x,
        FACE.y + y,
        FACE.half_width * wider,
        FACE.half_height * higher,
    )
    return ellipse.painted(side)


def _hull(side: int, generator: np.random.Generator) -> Weights:
    """The convex hull of the outline below a random height, each point moved a little."""
    right = np.array(_OUTLINE)
    left = right * [-1, 1] + [1, 0]
    points = np.concatenate([right, left])
    points += generator.normal(scale=_MOVED, size=points.shape)
    top = _TOPS[generator.integers(len(_TOPS))]
    points[:, 1] = np.maximum(points[:, 1], top)

    image = np.zeros((side, side), np.uint8)
    corners = cv2.convexHull(np.rint(points * side).astype(np.int32))
    cv2.fillConvexPoly(image, corners, 1, cv2.LINE_8)
    return image.astype(np.float32)


def _elastic(shape: Weights, generator: np.random.Generator) -> Weights:
    side = len(shape)
    cells = FRAME_SIZE // _ELASTIC_CELL
    grid = generator.normal(
        scale=_ELASTIC * side / FRAME_SIZE,
        size=(cells, cells, 2),
    )
    size = (side, side)
    moved = smooth_displacement(grid.astype(np.float32), size)
    places = own_places(0, 0, size) + moved
    deformed = np.clip(taken_from(shape, places), 0, 1)
    return np.asarray(deformed, np.float32)


def _blur(weights: Weights, pixels: float) -> npt.NDArray[np.float32]:
    size = odd_kernel(pixels, len(weights))
    return np.asarray(cv2.GaussianBlur(weights, (size, size), 0), np.float32)
