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

_CENTRE_X, _CENTRE_Y = 128.0, 132.0  # of the face
_CENTRE = (_CENTRE_X, _CENTRE_Y)

_TEETH = (226, 220, 208)
_MOUTH_INSIDE = (52, 20, 22)
_EYE_WHITE = (238, 236, 232)
_PUPIL = (12, 10, 10)
_GLINT = (250, 250, 250)

# Pixels: the centre of the shoulders, and half widths and half heights of what has one size.
_SHOULDERS_Y = 268
_SHOULDERS = (104, 52)
_EAR = (9, 16)
_EYE_SOCKET = (13.5, 9.0)
_NOSTRIL = (3.2, 2.0)

Noise = npt.NDArray[np.int16]
"""Grey levels that the camera adds to a frame, (256, 256, 1) or (1, 1, 1)."""
NO_NOISE: Noise = np.zeros((1, 1, 1), np.int16)


def paint_head(person: Person) -> Canvas:
    """All of a frame that does not move: wall, shoulders, hair, head, ears, nose."""
    canvas = np.empty((SIZE, SIZE, 3), np.uint8)
    # The wall darkens downwards, as in a room that is lit from above.
    brightness = np.linspace(1.08, 0.86, SIZE)
    canvas[:] = np.array(person.wall) * brightness[:, None, None]
    _paint_behind_face(canvas, person)

    # Light falls on the head alone: it is painted on a copy, and what differs is shaded.
    x, y = _CENTRE
    half, tall = person.face
    head = canvas.copy()
    ellipse(head, _CENTRE, person.face, person.skin)
    chin = (x, y + tall * 0.42)
    chin_axes = (half * 0.72, tall * 0.56)
    ellipse(head, chin, chin_axes, person.skin)
    canvas = _lit(canvas, head, person)

    # The fringe lies over the forehead, so it comes after the light.
    fringe = (x, y - tall * 0.93)
    fringe_tall = tall * (1 - person.fringe)
    fringe_axes = (half * 0.94, fringe_tall)
    ellipse(canvas, fringe, fringe_axes, person.hair)
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
    x = _CENTRE_X
    y = _CENTRE_Y + mouth_below
    half = mouth_half * 1.5 * grow
    tall = 24.0 * grow
    return (
        int(x - half),
        int(y - tall),
        int(x + half),
        int(y + tall),
    )


def inner_face_mask(person: Person, feather: float) -> Mask:
    """How much of a pasted face covers each pixel: from the brows to the chin.

    Args:
        feather: width of the soft edge in pixels.
    """
    mask = np.zeros((SIZE, SIZE), np.uint8)
    half, tall = person.face
    middle = (_CENTRE_X, _CENTRE_Y + 16)
    axes = (half * 0.8, tall * 0.68)
    ellipse(mask, middle, axes, 255)
    soft = cv2.GaussianBlur(mask, (0, 0), feather)
    coverage = np.asarray(soft, np.float32) / np.float32(255)
    return np.asarray(coverage * 255, np.float32).astype(np.uint8)


def _paint_behind_face(canvas: Canvas, person: Person) -> None:
    """From the back to the front, since each part covers what is behind it."""
    x, y = _CENTRE
    half, tall = person.face
    shoulders = (x, _SHOULDERS_Y)
    ellipse(canvas, shoulders, _SHOULDERS, person.shirt)
    neck = (x, y + tall * 0.92)
    neck_axes = (half * 0.48, 44)
    ellipse(canvas, neck, neck_axes, shade(person.skin, 0.78))
    hair = (x, y - 16)
    hair_axes = (half * 1.16, tall * 1.1)
    ellipse(canvas, hair, hair_axes, person.hair)
    ear_colour = shade(person.skin, 0.86)
    for side in (-1, 1):
        ear = (x + side * half, y + 2)
        ellipse(canvas, ear, _EAR, ear_colour)


def _paint_mouth(
    canvas: Canvas,
    person: Person,
    pose: Pose,
) -> None:
    """Lips, and between them teeth and darkness as far as the mouth is open."""
    mouth_half, mouth_below = person.mouth
    x = _CENTRE_X
    y = _CENTRE_Y + mouth_below
    middle = (x, y)
    half = mouth_half * (0.78 + 0.3 * pose.spread)
    gap = 13.0 * pose.opening
    lips = (half, 5.2 + gap)
    ellipse(canvas, middle, lips, person.lips)
    # A mouth that is nearly closed shows only the dark line between the lips.
    if gap <= 1.0:
        closed = shade(person.lips, 0.55)
        reach = half * 0.9
        left_end = (x - reach, y)
        right_end = (x + reach, y)
        line(canvas, left_end, right_end, closed, 2)
        return
    inside = (half * 0.8, gap)
    ellipse(canvas, middle, inside, _MOUTH_INSIDE)
    # The upper teeth are seen only where the mouth is open wide.
    if gap > 4.0:
        teeth = (x, y - gap * 0.55)
        teeth_axes = (half * 0.55, gap * 0.3)
        ellipse(canvas, teeth, teeth_axes, _TEETH)


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
    x = _CENTRE_X + side * apart
    y = _CENTRE_Y - above
    middle = (x, y)
    socket_colour = shade(person.skin, 0.82)
    ellipse(canvas, middle, _EYE_SOCKET, socket_colour)
    tall = 6.2 * pose.eyes
    # In a blink only the lid is left. The iris is never taller than the opening.
    if tall > 1.5:
        white = (10.5, tall)
        ellipse(canvas, middle, white, _EYE_WHITE)
        iris = (min(5.4, tall + 1), min(5.4, tall))
        ellipse(canvas, middle, iris, person.iris)
        pupil = (2.6, min(2.6, tall))
        ellipse(canvas, middle, pupil, _PUPIL)
        glint = (x - 1.6, y - 1.8)
        ellipse(canvas, glint, (1.2, 1.2), _GLINT)
    lid = y - tall * 0.85
    lid_colour = shade(person.hair, 0.7)
    line(canvas, (x - 11, lid), (x + 11, lid), lid_colour, 2)

    # A brow is two lines that meet above the eye; its inner end is the lower one.
    top = y - person.brow - 5
    peak = (x, top - 1)
    left_end = (x - 13, top + 2.5 + side)
    right_end = (x + 13, top + 2.5 - side)
    line(canvas, left_end, peak, person.hair, 4)
    line(canvas, peak, right_end, person.hair, 4)


def _paint_nose(canvas: Canvas, person: Person) -> None:
    """A nose whose shaded side depends on the light, mixed softly into the face."""
    _, eyes_above = person.eyes
    x = _CENTRE_X
    y = _CENTRE_Y - eyes_above
    tip = y + person.nose
    half_length = person.nose * 0.5
    layer = canvas.copy()
    # The direction of the light decides on which side the bridge is shaded.
    bridge_x = x + 5 * np.sign(person.light)
    bridge = (bridge_x, y + half_length)
    bridge_colour = shade(person.skin, 0.8)
    ellipse(layer, bridge, (4, half_length), bridge_colour)
    tip_colour = shade(person.skin, 0.9)
    ellipse(layer, (x, tip), (10.5, 7), tip_colour)
    gloss_colour = shade(person.skin, 1.12)
    ellipse(layer, (x, tip - 2), (5, 4), gloss_colour)
    nostril_colour = shade(person.skin, 0.45)
    for side in (-1, 1):
        nostril = (x + side * 5.5, tip + 4.5)
        ellipse(layer, nostril, _NOSTRIL, nostril_colour)
    # Most of the soft layer, and a little of what is below it: the nose has no hard outline.
    soft = blur(layer, 1.6)
    canvas[:] = cv2.addWeighted(soft, 0.85, canvas, 0.15, 0)


def _lit(canvas: Canvas, head: Canvas, person: Person) -> Canvas:
    """Shade the head like a rounded body under one light."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    half, tall = person.face
    across = (columns - _CENTRE_X) / (half * 1.25)
    down = (rows - _CENTRE_Y) / (tall * 1.25)
    # A ball's surface turns away from the viewer towards its rim, and gets darker.
    towards_viewer = np.clip(1 - across**2 - down**2, 0, 1)
    round_body = np.sqrt(towards_viewer)
    from_side = 0.16 * across * person.light
    light = 0.62 + 0.42 * round_body + from_side - 0.08 * down
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
    textured = np.clip(canvas + texture, 0, 255)
    return np.asarray(textured, np.uint8)
