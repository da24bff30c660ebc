"""Drawn faces that talk: simple enough to draw in a millisecond, shaded enough for a face detector to find."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

SIZE = 256  # pixels, side of a picture

Canvas = npt.NDArray[np.uint8]  # (256, 256, 3) RGB
_Colour = tuple[float, float, float]
_SHIFT = 4  # sub-pixel bits of the drawing functions
_CENTRE = (128.0, 132.0)


@dataclass(frozen=True)
class Person:
    """How somebody looks. Lengths in pixels of a 256 x 256 picture, colours RGB 0-255."""

    skin: _Colour
    hair: _Colour
    iris: _Colour
    lips: _Colour
    shirt: _Colour
    wall: _Colour
    face: tuple[float, float]  # half width, half height
    eyes: tuple[float, float]  # half distance, height above the centre
    brow: float
    nose: float
    mouth: tuple[float, float]  # half width, below the centre
    fringe: float
    light: float  # direction of the light, -1 to 1
    texture: int  # seed of the skin's texture


@dataclass(frozen=True)
class Pose:
    """One frame of somebody: mouth `opening` and `spread` 0-1, eyes `open` 0-1, head `shift` in pixels and `turn`."""

    opening: float
    spread: float = 0.5
    eyes: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    turn: float = 0.0


def draw_person(generator: np.random.Generator) -> Person:
    """A random person."""
    tone = generator.uniform(0.0, 1.0)
    skin = np.array([236, 196, 168]) * (1 - tone) + np.array([122, 80, 56]) * tone
    skin = skin * generator.uniform(0.93, 1.05)
    hair = np.array([[30, 24, 22], [74, 48, 30], [140, 100, 54], [96, 92, 90]])[
        generator.integers(4)
    ]
    return Person(
        skin=_colour(skin),
        hair=_colour(hair * generator.uniform(0.8, 1.2)),
        iris=_colour(np.array([[70, 45, 30], [60, 90, 120], [70, 100, 60]])[generator.integers(3)]),
        lips=_colour(skin * [0.86, 0.55, 0.55]),
        shirt=_colour(generator.uniform(40, 210, 3)),
        wall=_colour(generator.uniform(110, 220, 3)),
        face=(generator.uniform(56, 66), generator.uniform(74, 84)),
        eyes=(generator.uniform(23, 28), generator.uniform(14, 20)),
        brow=generator.uniform(9, 13),
        nose=generator.uniform(24, 32),
        mouth=(generator.uniform(18, 24), generator.uniform(38, 45)),
        fringe=generator.uniform(0.52, 0.68),
        light=generator.uniform(-0.7, 0.7),
        texture=int(generator.integers(1 << 30)),
    )


def draw_head(person: Person) -> Canvas:
    """All of a picture that does not move: wall, shoulders, hair, head, ears, nose."""
    canvas = np.empty((SIZE, SIZE, 3), np.uint8)
    canvas[:] = np.array(person.wall) * np.linspace(1.08, 0.86, SIZE)[:, None, None]
    x, y = _CENTRE
    half, tall = person.face
    _ellipse(canvas, (x, 268), (104, 52), person.shirt)
    _ellipse(canvas, (x, y + tall * 0.92), (half * 0.48, 44), _shade(person.skin, 0.78))
    _ellipse(canvas, (x, y - 16), (half * 1.16, tall * 1.1), person.hair)
    for side in (-1, 1):
        _ellipse(canvas, (x + side * half * 1.0, y + 2), (9, 16), _shade(person.skin, 0.86))
    head = canvas.copy()
    _ellipse(head, (x, y), (half, tall), person.skin)
    _ellipse(head, (x, y + tall * 0.42), (half * 0.72, tall * 0.56), person.skin)
    canvas = _lit(canvas, head, person)
    _ellipse(canvas, (x, y - tall * 0.93), (half * 0.94, tall * (1 - person.fringe)), person.hair)
    _draw_nose(canvas, person)
    return _textured(canvas, person)


def draw_pose(person: Person, head: Canvas, pose: Pose, noise: npt.NDArray[np.int16]) -> Canvas:
    """One frame: eyes, brows and mouth on the still head, the head moved, the camera's noise over all."""
    canvas = head.copy()
    _draw_eyes(canvas, person, pose)
    draw_mouth(canvas, person, pose.opening, pose.spread)
    moved = move(np.asarray(cv2.GaussianBlur(canvas, (0, 0), 0.7), np.uint8), pose)
    return np.asarray(np.clip(moved.astype(np.int16) + noise, 0, 255), dtype=np.uint8)


def move(canvas: Canvas, pose: Pose) -> Canvas:
    """A still picture turned about the neck and shifted."""
    matrix = cv2.getRotationMatrix2D((_CENTRE[0], 230.0), pose.turn, 1.0)
    matrix[:, 2] += np.array(pose.shift)
    moved = cv2.warpAffine(
        canvas, matrix, (SIZE, SIZE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, dtype=np.uint8)


def draw_mouth(canvas: Canvas, person: Person, opening: float, spread: float) -> None:
    """Lips, and between them teeth and dark as far as they are open."""
    x, y = _CENTRE[0], _CENTRE[1] + person.mouth[1]
    half = person.mouth[0] * (0.78 + 0.3 * spread)
    gap = 13.0 * opening
    _ellipse(canvas, (x, y), (half, 5.2 + gap), person.lips)
    if gap > 1.0:
        _ellipse(canvas, (x, y), (half * 0.8, gap), (52, 20, 22))
        if gap > 4.0:
            _ellipse(canvas, (x, y - gap * 0.55), (half * 0.55, gap * 0.3), (226, 220, 208))
    else:
        _line(canvas, (x - half * 0.9, y), (x + half * 0.9, y), _shade(person.lips, 0.55), 2)


def mouth_box(person: Person, grow: float = 1.0) -> tuple[int, int, int, int]:
    """x1 y1 x2 y2 of the mouth and what lies around it."""
    x, y = _CENTRE[0], _CENTRE[1] + person.mouth[1]
    half, tall = person.mouth[0] * 1.5 * grow, 24.0 * grow
    return int(x - half), int(y - tall), int(x + half), int(y + tall)


def inner_face_mask(person: Person, feather: float) -> npt.NDArray[np.float32]:
    """(256, 256) how much of a pasted face covers each pixel: brows to chin, with an edge `feather` pixels wide."""
    mask = np.zeros((SIZE, SIZE), np.uint8)
    _ellipse(
        mask, (_CENTRE[0], _CENTRE[1] + 16), (person.face[0] * 0.8, person.face[1] * 0.68), 255
    )
    soft = cv2.GaussianBlur(mask, (0, 0), feather)
    return np.asarray(soft, np.float32) / np.float32(255)


def _draw_eyes(canvas: Canvas, person: Person, pose: Pose) -> None:
    for side in (-1, 1):
        x, y = _CENTRE[0] + side * person.eyes[0], _CENTRE[1] - person.eyes[1]
        _ellipse(canvas, (x, y), (13.5, 9.0), _shade(person.skin, 0.82))
        tall = 6.2 * pose.eyes
        if tall > 1.5:
            _ellipse(canvas, (x, y), (10.5, tall), (238, 236, 232))
            _ellipse(canvas, (x, y), (min(5.4, tall + 1), min(5.4, tall)), person.iris)
            _ellipse(canvas, (x, y), (2.6, min(2.6, tall)), (12, 10, 10))
            _ellipse(canvas, (x - 1.6, y - 1.8), (1.2, 1.2), (250, 250, 250))
        _line(
            canvas,
            (x - 11, y - tall * 0.85),
            (x + 11, y - tall * 0.85),
            _shade(person.hair, 0.7),
            2,
        )
        top = y - person.brow - 5
        _line(canvas, (x - 13, top + 2.5 + side), (x, top - 1), person.hair, 4)
        _line(canvas, (x, top - 1), (x + 13, top + 2.5 - side), person.hair, 4)


def _draw_nose(canvas: Canvas, person: Person) -> None:
    x, y = _CENTRE[0], _CENTRE[1] - person.eyes[1]
    tip = y + person.nose
    layer = canvas.copy()
    _ellipse(
        layer,
        (x + 5 * np.sign(person.light), y + person.nose * 0.5),
        (4, person.nose * 0.5),
        _shade(person.skin, 0.8),
    )
    _ellipse(layer, (x, tip), (10.5, 7), _shade(person.skin, 0.9))
    _ellipse(layer, (x, tip - 2), (5, 4), _shade(person.skin, 1.12))
    for side in (-1, 1):
        _ellipse(layer, (x + side * 5.5, tip + 4.5), (3.2, 2.0), _shade(person.skin, 0.45))
    canvas[:] = cv2.addWeighted(cv2.GaussianBlur(layer, (0, 0), 1.6), 0.85, canvas, 0.15, 0)


def _lit(canvas: Canvas, head: Canvas, person: Person) -> Canvas:
    """Shade the head like a rounded body under one light."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    across = (columns - _CENTRE[0]) / (person.face[0] * 1.25)
    down = (rows - _CENTRE[1]) / (person.face[1] * 1.25)
    round_body = np.sqrt(np.clip(1 - across**2 - down**2, 0, 1))
    light = 0.62 + 0.42 * round_body + 0.16 * across * person.light - 0.08 * down
    changed = (head != canvas).any(axis=2, keepdims=True)
    shaded = np.clip(head * light[..., None], 0, 255)
    mixed = np.where(changed, shaded, canvas).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(mixed, (0, 0), 1.0), np.uint8)


def _textured(canvas: Canvas, person: Person) -> Canvas:
    """Fine texture that belongs to the skin, the hair and the wall, the same in each frame."""
    grain = np.random.default_rng(person.texture).normal(size=(SIZE, SIZE, 1)).astype(np.float32)
    grain = grain * 3.5 + cv2.GaussianBlur(grain, (0, 0), 2.5)[..., None] * 22
    return np.asarray(np.clip(canvas + grain, 0, 255), np.uint8)


def _ellipse(
    canvas: npt.NDArray[np.uint8],
    centre: tuple[float, float],
    axes: tuple[float, float],
    colour: _Colour | int,
) -> None:
    scale = 1 << _SHIFT
    cv2.ellipse(
        canvas,
        (round(centre[0] * scale), round(centre[1] * scale)),
        (max(1, round(axes[0] * scale)), max(1, round(axes[1] * scale))),
        0, 0, 360, colour, -1, cv2.LINE_AA, _SHIFT,
    )  # fmt: skip


def _line(
    canvas: Canvas,
    start: tuple[float, float],
    end: tuple[float, float],
    colour: _Colour,
    width: int,
) -> None:
    scale = 1 << _SHIFT
    points = [(round(x * scale), round(y * scale)) for x, y in (start, end)]
    cv2.line(canvas, points[0], points[1], colour, width, cv2.LINE_AA, _SHIFT)


def _shade(colour: _Colour, factor: float) -> _Colour:
    return _colour(np.array(colour) * factor)


def _colour(values: npt.NDArray[np.float64]) -> _Colour:
    red, green, blue = np.clip(values, 0, 255).tolist()
    return red, green, blue
