"""Elements of SVG pictures, and images as data URIs."""

import base64
from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt
import simplejpeg
from markupsafe import escape

Image = npt.NDArray[np.uint8]  # (height, width, 3) RGB
Point = tuple[float, float]

_TEXT_COLOUR = "#5b6370"


def png(image: Image) -> str:
    """A data URI without loss, for a few cells of colour."""
    encoded = cv2.imencode(".png", np.ascontiguousarray(image[..., ::-1]))[1].tobytes()
    return f"data:image/png;base64,{base64.b64encode(encoded).decode()}"


def jpeg(image: Image) -> str:
    """A data URI with loss, for faces and log-mel pictures."""
    encoded = simplejpeg.encode_jpeg(np.ascontiguousarray(image), quality=72)
    return f"data:image/jpeg;base64,{base64.b64encode(encoded).decode()}"


def image(
    x: float,
    y: float,
    width: float,
    height: float,
    source: str,
) -> str:
    """An image that is stretched to a rectangle."""
    return (
        f'<image x="{x}" y="{y}" width="{width}" height="{height}" '
        f'preserveAspectRatio="none" href="{source}"/>'
    )


def box(
    x: float,
    y: float,
    width: float,
    height: float,
    colour: str,
) -> str:
    """A filled rectangle, at least one pixel wide."""
    width = max(width, 1)
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height}" fill="{colour}"/>'


def dashed(
    left: float,
    right: float,
    y: float,
    colour: str,
) -> str:
    """A dashed horizontal line."""
    return (
        f'<line x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}" '
        'stroke-width="0.8" stroke-dasharray="3 3"/>'
    )


def dashed_down(
    x: float,
    top: float,
    bottom: float,
    colour: str,
) -> str:
    """A dashed vertical line."""
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}" stroke="{colour}" '
        'stroke-width="0.8" stroke-dasharray="3 3"/>'
    )


def dot(
    x: float,
    y: float,
    colour: str,
) -> str:
    """A filled circle that marks a point of a line."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'


def polyline(points: Iterable[Point], colour: str) -> str:
    """A line through points."""
    pairs = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<polyline points="{pairs}" fill="none" stroke="{colour}" stroke-width="1.4"/>'
    )


def text(
    x: float,
    y: float,
    words: str,
    anchor: str,
) -> str:
    """Escaped words that begin, end or are centred (`anchor`) at a point."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="10" '
        f'fill="{_TEXT_COLOUR}">{escape(words)}</text>'
    )
