"""Elements of SVG pictures, and images as data URIs."""

import base64

import cv2
import numpy as np
import numpy.typing as npt
import simplejpeg
from markupsafe import escape


def png(image: npt.NDArray[np.uint8]) -> str:
    data = cv2.imencode(".png", np.ascontiguousarray(image[..., ::-1]))[1].tobytes()
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def jpeg(image: npt.NDArray[np.uint8]) -> str:
    data = simplejpeg.encode_jpeg(np.ascontiguousarray(image), quality=72)
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"


def image(x: float, y: float, width: float, height: float, source: str) -> str:
    return f'<image x="{x}" y="{y}" width="{width}" height="{height}" preserveAspectRatio="none" href="{source}"/>'


def box(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{height}" fill="{colour}"/>'


def text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="10" fill="#5b6370">{escape(words)}</text>'
