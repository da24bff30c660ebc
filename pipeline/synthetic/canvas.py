"""Images that faces are painted on, and the shapes that they are painted with."""

import cv2
import numpy as np
import numpy.typing as npt

SIZE = 256  # pixels, side of a frame

Canvas = npt.NDArray[np.uint8]
"""One frame, (256, 256, 3) RGB."""
Mask = npt.NDArray[np.uint8]
"""(256, 256), 0 to 255."""
Colour = tuple[float, float, float]
"""Red, green, blue, each 0 to 255."""
Point = tuple[float, float]
"""x and y in pixels."""

# OpenCV takes coordinates as fixed-point numbers with so many binary places.
_SUBPIXEL_BITS = 4


def colour(values: npt.NDArray[np.float64]) -> Colour:
    """Red, green and blue, each limited to 0-255."""
    red, green, blue = np.clip(values, 0, 255).tolist()
    return red, green, blue


def shade(base: Colour, factor: float) -> Colour:
    """A colour made darker (below 1) or lighter (above 1)."""
    return colour(np.array(base) * factor)


def ellipse(
    canvas: Canvas | Mask,
    centre: Point,
    axes: Point,
    fill: Colour | int,
) -> None:
    """Paint a filled ellipse with a smooth edge.

    Args:
        axes: half width and half height.
    """
    radii = tuple(max(1, value) for value in _fixed_point(axes))
    cv2.ellipse(
        canvas,
        _fixed_point(centre),
        radii,
        0,
        0,
        360,
        fill,
        -1,
        cv2.LINE_AA,
        _SUBPIXEL_BITS,
    )


def line(
    canvas: Canvas,
    start: Point,
    end: Point,
    fill: Colour,
    width: int,
) -> None:
    """Paint a line with a smooth edge, `width` pixels wide."""
    first, last = _fixed_point(start), _fixed_point(end)
    cv2.line(
        canvas,
        first,
        last,
        fill,
        width,
        cv2.LINE_AA,
        _SUBPIXEL_BITS,
    )


def blur(canvas: Canvas, sigma: float) -> Canvas:
    """A frame smoothed by a Gaussian of `sigma` pixels."""
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), sigma), np.uint8)


def _fixed_point(point: Point) -> tuple[int, int]:
    scale = 1 << _SUBPIXEL_BITS
    x, y = point
    return round(x * scale), round(y * scale)
