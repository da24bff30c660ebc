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

_CENTRE_X, _CENTRE_Y = _CENTRE

_TEETH = (226, 220, 208)
_MOUTH_INSIDE = (52, 20, 22)
_EYE_WHITE = (238, 236, 232)
_PUPIL = (12, 10, 10)
_GLINT = (250, 250, 250)

# Pixels: the centre of the shoulders, and half widths and half heights of what has one size.
_SHOULDERS_Y, _SHOULDERS = 268, (104, 52)
_EAR = (9, 16)
_EYE_SOCKET = (13.5, 9.0)
_NOSTRIL = (3.2, 2.0)

Noise = npt.NDArray[np.int16]
"""Grey levels that the camera adds to a frame, (256, 256, 1) or (1, 1, 1)."""
NO_NOISE: Noise = np.zeros((1, 1, 1), np.int16)


def paint_head(person: Person) -> Canvas:
    """All of a frame that does not move: wall, shoulders, hair, head, ears, nose."""
    canvas = np.empty((SIZE, SIZE, 3), np.uint8)
    brightness = np.linspace(1.08, 0.86, SIZE)[
        :, None, None
    ]  # the wall darkens downwards
    canvas[:] = np.array(person.wall) * brightness
    x, y = _CENTRE
    half, tall = person.face
    # From the back to the front: each part covers what is behind it.
    ellipse(canvas, (x, _SHOULDERS_Y), _SHOULDERS, person.shirt)
    neck = (x, y + tall * 0.92)
    ellipse(
        canvas,
        neck,
        (half * 0.48, 44),
        shade(person.skin, 0.78),
    )
    ellipse(
        canvas,
        (x, y - 16),
        (half * 1.16, tall * 1.1),
        person.hair,
    )
    ear_colour = shade(person.skin, 0.86)
    for side in (-1, 1):
        ear = (x + side * half * 1.0, y + 2)
        ellipse(canvas, ear, _EAR, ear_colour)

    # Light falls on the head alone: it is painted on a copy, and what differs is shaded.
    head = canvas.copy()
    ellipse(head, (x, y), (half, tall), person.skin)
    chin = (x, y + tall * 0.42)
    ellipse(head, chin, (half * 0.72, tall * 0.56), person.skin)
    canvas = _lit(canvas, head, person)

    # The fringe lies over the forehead, so it comes after the light.
    fringe = (x, y - tall * 0.93)
    ellipse(
        canvas,
        fringe,
        (half * 0.94, tall * (1 - person.fringe)),
        person.hair,
    )
    _paint_nose(canvas, person)
    return _textured(canvas, person)


def paint_frame(
    person: Person,
    head: Canvas,
    pose: Pose,
    noise: Noise,
) -> Canvas:
    """One frame: eyes, brows and mouth on the still head, then its motion and the camera's noise.

    Args:
        head: what `paint_head` gives for the person.
    """
    canvas = head.copy()
    _paint_eyes(canvas, person, pose)
    _paint_mouth(canvas, person, pose)
    # Painted edges are sharper than those of any camera.
    moved = pose.move(blur(canvas, 0.7))
    noisy = moved.astype(np.int16) + noise
    return np.asarray(np.clip(noisy, 0, 255), dtype=np.uint8)


def mouth_box(
    person: Person,
    grow: float = 1.0,
) -> tuple[int, int, int, int]:
    """x1, y1, x2, y2 of the mouth and what lies around it, in an upright frame."""
    mouth_half, mouth_below = person.mouth
    x, y = _CENTRE_X, _CENTRE_Y + mouth_below
    half = mouth_half * 1.5 * grow
    tall = 24.0 * grow
    return int(x - half), int(y - tall), int(x + half), int(y + tall)


def inner_face_mask(person: Person, feather: float) -> Mask:
    """How much of a pasted face covers each pixel: from the brows to the chin.

    Args:
        feather: width of the soft edge in pixels.
    """
    mask = np.zeros((SIZE, SIZE), np.uint8)
    half, tall = person.face
    middle = (_CENTRE_X, _CENTRE_Y + 16)
    ellipse(mask, middle, (half * 0.8, tall * 0.68), 255)
    soft = cv2.GaussianBlur(mask, (0, 0), feather)
    coverage = np.asarray(soft, np.float32) / np.float32(255)
    return np.asarray(coverage * 255, np.float32).astype(np.uint8)


def _paint_mouth(
    canvas: Canvas,
    person: Person,
    pose: Pose,
) -> None:
    """Lips, and between them teeth and darkness as far as the mouth is open."""
    mouth_half, mouth_below = person.mouth
    x, y = _CENTRE_X, _CENTRE_Y + mouth_below
    half = mouth_half * (0.78 + 0.3 * pose.spread)
    gap = 13.0 * pose.opening
    ellipse(canvas, (x, y), (half, 5.2 + gap), person.lips)
    # A mouth that is nearly closed shows only the dark line between the lips.
    if gap <= 1.0:
        closed = shade(person.lips, 0.55)
        reach = half * 0.9
        line(canvas, (x - reach, y), (x + reach, y), closed, 2)
        return
    ellipse(canvas, (x, y), (half * 0.8, gap), _MOUTH_INSIDE)
    # The upper teeth are seen only where the mouth is open wide.
    if gap > 4.0:
        teeth = (x, y - gap * 0.55)
        ellipse(canvas, teeth, (half * 0.55, gap * 0.3), _TEETH)


def _paint_eyes(
    canvas: Canvas,
    person: Person,
    pose: Pose,
) -> None:
    for side in (-1, 1):
        _paint_eye(canvas, person, pose, side)


def _paint_eye(
    canvas: Canvas,
    person: Person,
    pose: Pose,
    side: int,
) -> None:
    """One eye with its lid and brow.

    Args:
        side: -1 for the left one in the frame, 1 for the right one.
    """
    apart, above = person.eyes
    x, y = _CENTRE_X + side * apart, _CENTRE_Y - above
    ellipse(
        canvas,
        (x, y),
        _EYE_SOCKET,
        shade(person.skin, 0.82),
    )
    tall = 6.2 * pose.eyes
    # In a blink only the lid is left. The iris is never taller than the opening.
    if tall > 1.5:
        ellipse(canvas, (x, y), (10.5, tall), _EYE_WHITE)
        iris = (min(5.4, tall + 1), min(5.4, tall))
        ellipse(canvas, (x, y), iris, person.iris)
        pupil = (2.6, min(2.6, tall))
        ellipse(canvas, (x, y), pupil, _PUPIL)
        glint = (x - 1.6, y - 1.8)
        ellipse(canvas, glint, (1.2, 1.2), _GLINT)
    lid = y - tall * 0.85
    line(
        canvas,
        (x - 11, lid),
        (x + 11, lid),
        shade(person.hair, 0.7),
        2,
    )

    # A brow is two lines that meet above the eye; its inner end is the lower one.
    top = y - person.brow - 5
    middle = (x, top - 1)
    left_end = (x - 13, top + 2.5 + side)
    right_end = (x + 13, top + 2.5 - side)
    line(canvas, left_end, middle, person.hair, 4)
    line(canvas, middle, right_end, person.hair, 4)


def _paint_nose(canvas: Canvas, person: Person) -> None:
    """A nose whose shaded side depends on the light, mixed softly into the face."""
    _, eyes_above = person.eyes
    x, y = _CENTRE_X, _CENTRE_Y - eyes_above
    tip = y + person.nose
    layer = canvas.copy()
    # The direction of the light decides on which side the bridge is shaded.
    bridge = (x + 5 * np.sign(person.light), y + person.nose * 0.5)
    ellipse(
        layer,
        bridge,
        (4, person.nose * 0.5),
        shade(person.skin, 0.8),
    )
    ellipse(layer, (x, tip), (10.5, 7), shade(person.skin, 0.9))
    ellipse(
        layer,
        (x, tip - 2),
        (5, 4),
        shade(person.skin, 1.12),
    )
    nostril_colour = shade(person.skin, 0.45)
    for side in (-1, 1):
        nostril = (x + side * 5.5, tip + 4.5)
        ellipse(layer, nostril, _NOSTRIL, nostril_colour)
    canvas[:] = cv2.addWeighted(
        blur(layer, 1.6),
        0.85,
        canvas,
        0.15,
        0,
    )


def _lit(canvas: Canvas, head: Canvas, person: Person) -> Canvas:
    """Shade the head like a rounded body under one light."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    half, tall = person.face
    across = (columns - _CENTRE_X) / (half * 1.25)
    down = (rows - _CENTRE_Y) / (tall * 1.25)
    round_body = np.sqrt(np.clip(1 - across**2 - down**2, 0, 1))
    light = 0.62 + 0.42 * round_body + 0.16 * across * person.light - 0.08 * down
    # Only the head is lit: what was painted behind it stays as it is.
    changed = (head != canvas).any(axis=2, keepdims=True)
    shaded = np.clip(head * light[..., None], 0, 255)
    mixed = np.where(changed, shaded, canvas).astype(np.uint8)
    return blur(mixed, 1.0)


def _textured(canvas: Canvas, person: Person) -> Canvas:
    """Add a fine texture to skin, hair and wall, the same in each frame of a person."""
    generator = np.random.default_rng(person.texture)
    grain = generator.normal(size=(SIZE, SIZE, 1)).astype(np.float32)
    coarse = cv2.GaussianBlur(grain, (0, 0), 2.5)[..., None]
    texture = grain * 3.5 + coarse * 22
    return np.asarray(np.clip(canvas + texture, 0, 255), np.uint8)
