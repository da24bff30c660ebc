"""Paint a synthetic face: simple enough for a millisecond, shaded enough for a face detector."""

import cv2
import numpy as np
import numpy.typing as npt

from avdf.pipeline.synthetic.canvas import (
    SIZE,
    Canvas,
    Mask,
    blur,
    ellipse,
    line,
    shade,
)
from avdf.pipeline.synthetic.person import Person
from avdf.pipeline.synthetic.pose import Pose

_CENTRE = (128.0, 132.0)  # of the face

_TEETH, _MOUTH_INSIDE = (226, 220, 208), (52, 20, 22)
_EYE_WHITE, _PUPIL, _GLINT = (238, 236, 232), (12, 10, 10), (250, 250, 250)

Noise = npt.NDArray[np.int16]
"""Grey levels that the camera adds to a frame, (256, 256, 1) or (1, 1, 1)."""
NO_NOISE: Noise = np.zeros((1, 1, 1), np.int16)


def paint_head(person: Person) -> Canvas:
    """All of a frame that does not move: wall, shoulders, hair, head, ears, nose."""
    canvas = np.empty((SIZE, SIZE, 3), np.uint8)
    canvas[:] = np.array(person.wall) * np.linspace(1.08, 0.86, SIZE)[:, None, None]
    x, y = _CENTRE
    half, tall = person.face
    ellipse(canvas, (x, 268), (104, 52), person.shirt)
    ellipse(canvas, (x, y + tall * 0.92), (half * 0.48, 44), shade(person.skin, 0.78))
    ellipse(canvas, (x, y - 16), (half * 1.16, tall * 1.1), person.hair)
    for side in (-1, 1):
        ellipse(
            canvas, (x + side * half * 1.0, y + 2), (9, 16), shade(person.skin, 0.86)
        )

    # Light falls on the head alone: it is painted on a copy, and what differs is shaded.
    head = canvas.copy()
    ellipse(head, (x, y), (half, tall), person.skin)
    ellipse(head, (x, y + tall * 0.42), (half * 0.72, tall * 0.56), person.skin)
    canvas = _lit(canvas, head, person)

    ellipse(
        canvas,
        (x, y - tall * 0.93),
        (half * 0.94, tall * (1 - person.fringe)),
        person.hair,
    )
    _paint_nose(canvas, person)
    return _textured(canvas, person)


def paint_frame(person: Person, head: Canvas, pose: Pose, noise: Noise) -> Canvas:
    """One frame: eyes, brows and mouth on the still head, then its motion and the camera's noise.

    Args:
        head: what `paint_head` gives for the person.
    """
    canvas = head.copy()
    _paint_eyes(canvas, person, pose)
    _paint_mouth(canvas, person, pose)
    moved = pose.move(blur(canvas, 0.7))
    return np.asarray(np.clip(moved.astype(np.int16) + noise, 0, 255), dtype=np.uint8)


def mouth_box(person: Person, grow: float = 1.0) -> tuple[int, int, int, int]:
    """x1, y1, x2, y2 of the mouth and what lies around it, in an upright frame."""
    x, y = _CENTRE[0], _CENTRE[1] + person.mouth[1]
    half, tall = person.mouth[0] * 1.5 * grow, 24.0 * grow
    return int(x - half), int(y - tall), int(x + half), int(y + tall)


def inner_face_mask(person: Person, feather: float) -> Mask:
    """How much of a pasted face covers each pixel: from the brows to the chin.

    Args:
        feather: width of the soft edge in pixels.
    """
    mask = np.zeros((SIZE, SIZE), np.uint8)
    half, tall = person.face
    ellipse(mask, (_CENTRE[0], _CENTRE[1] + 16), (half * 0.8, tall * 0.68), 255)
    soft = cv2.GaussianBlur(mask, (0, 0), feather)
    coverage = np.asarray(soft, np.float32) / np.float32(255)
    return np.asarray(coverage * 255, np.float32).astype(np.uint8)


def _paint_mouth(canvas: Canvas, person: Person, pose: Pose) -> None:
    """Lips, and between them teeth and darkness as far as the mouth is open."""
    x, y = _CENTRE[0], _CENTRE[1] + person.mouth[1]
    half = person.mouth[0] * (0.78 + 0.3 * pose.spread)
    gap = 13.0 * pose.opening
    ellipse(canvas, (x, y), (half, 5.2 + gap), person.lips)
    if gap > 1.0:
        ellipse(canvas, (x, y), (half * 0.8, gap), _MOUTH_INSIDE)
        if gap > 4.0:
            ellipse(canvas, (x, y - gap * 0.55), (half * 0.55, gap * 0.3), _TEETH)
    else:
        closed = shade(person.lips, 0.55)
        line(canvas, (x - half * 0.9, y), (x + half * 0.9, y), closed, 2)


def _paint_eyes(canvas: Canvas, person: Person, pose: Pose) -> None:
    for side in (-1, 1):
        x, y = _CENTRE[0] + side * person.eyes[0], _CENTRE[1] - person.eyes[1]
        ellipse(canvas, (x, y), (13.5, 9.0), shade(person.skin, 0.82))
        tall = 6.2 * pose.eyes
        if tall > 1.5:
            ellipse(canvas, (x, y), (10.5, tall), _EYE_WHITE)
            ellipse(canvas, (x, y), (min(5.4, tall + 1), min(5.4, tall)), person.iris)
            ellipse(canvas, (x, y), (2.6, min(2.6, tall)), _PUPIL)
            ellipse(canvas, (x - 1.6, y - 1.8), (1.2, 1.2), _GLINT)
        lid = y - tall * 0.85
        line(canvas, (x - 11, lid), (x + 11, lid), shade(person.hair, 0.7), 2)
        top = y - person.brow - 5
        line(canvas, (x - 13, top + 2.5 + side), (x, top - 1), person.hair, 4)
        line(canvas, (x, top - 1), (x + 13, top + 2.5 - side), person.hair, 4)


def _paint_nose(canvas: Canvas, person: Person) -> None:
    """A nose whose shaded side depends on the light, mixed softly into the face."""
    x, y = _CENTRE[0], _CENTRE[1] - person.eyes[1]
    tip = y + person.nose
    layer = canvas.copy()
    bridge = (x + 5 * np.sign(person.light), y + person.nose * 0.5)
    ellipse(layer, bridge, (4, person.nose * 0.5), shade(person.skin, 0.8))
    ellipse(layer, (x, tip), (10.5, 7), shade(person.skin, 0.9))
    ellipse(layer, (x, tip - 2), (5, 4), shade(person.skin, 1.12))
    for side in (-1, 1):
        ellipse(
            layer, (x + side * 5.5, tip + 4.5), (3.2, 2.0), shade(person.skin, 0.45)
        )
    canvas[:] = cv2.addWeighted(blur(layer, 1.6), 0.85, canvas, 0.15, 0)


def _lit(canvas: Canvas, head: Canvas, person: Person) -> Canvas:
    """Shade the head like a rounded body under one light."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    half, tall = person.face
    across = (columns - _CENTRE[0]) / (half * 1.25)
    down = (rows - _CENTRE[1]) / (tall * 1.25)
    round_body = np.sqrt(np.clip(1 - across**2 - down**2, 0, 1))
    light = 0.62 + 0.42 * round_body + 0.16 * across * person.light - 0.08 * down
    changed = (head != canvas).any(axis=2, keepdims=True)
    shaded = np.clip(head * light[..., None], 0, 255)
    mixed = np.where(changed, shaded, canvas).astype(np.uint8)
    return blur(mixed, 1.0)


def _textured(canvas: Canvas, person: Person) -> Canvas:
    """Add a fine texture to skin, hair and wall, the same in each frame of a person."""
    generator = np.random.default_rng(person.texture)
    grain = generator.normal(size=(SIZE, SIZE, 1)).astype(np.float32)
    coarse = cv2.GaussianBlur(grain, (0, 0), 2.5)[..., None]
    grain = grain * 3.5 + coarse * 22
    return np.asarray(np.clip(canvas + grain, 0, 255), np.uint8)
