"""How a synthetic person looks, chosen at random."""

from dataclasses import dataclass

import numpy as np

from avdf.pipeline.synthetic.canvas import Colour, colour

# Red, green and blue, 0 to 255.
_LIGHT_SKIN = np.array([236, 196, 168])
_DARK_SKIN = np.array([122, 80, 56])
_BLACK_HAIR = (30, 24, 22)
_BROWN_HAIR = (74, 48, 30)
_BLOND_HAIR = (140, 100, 54)
_GREY_HAIR = (96, 92, 90)
_HAIR_COLOURS = np.array([_BLACK_HAIR, _BROWN_HAIR, _BLOND_HAIR, _GREY_HAIR])
_BROWN_IRIS = (70, 45, 30)
_BLUE_IRIS = (60, 90, 120)
_GREEN_IRIS = (70, 100, 60)
_IRIS_COLOURS = np.array([_BROWN_IRIS, _BLUE_IRIS, _GREEN_IRIS])


@dataclass(frozen=True)
class Person:
    """How somebody looks. Lengths are in pixels of a 256 x 256 frame.

    face     half width and half height
    eyes     half of their distance, and their height above the centre of the face
    brow     height above the eyes
    nose     length
    mouth    half width, and how far it is below the centre of the face
    fringe   share of the forehead that hair leaves free
    light    direction of the light, -1 (left) to 1 (right)
    texture  seed of the skin's texture
    """

    skin: Colour
    hair: Colour
    iris: Colour
    lips: Colour
    shirt: Colour
    wall: Colour
    face: tuple[float, float]
    eyes: tuple[float, float]
    brow: float
    nose: float
    mouth: tuple[float, float]
    fringe: float
    light: float
    texture: int


def random_person(generator: np.random.Generator) -> Person:
    """A random person. The order of the draws is fixed: it decides who a seed stands for."""
    uniform = generator.uniform
    tone = uniform(0.0, 1.0)
    skin = _LIGHT_SKIN * (1 - tone) + _DARK_SKIN * tone
    # A face is a little lighter or darker than its tone.
    skin = skin * uniform(0.93, 1.05)
    hair = _HAIR_COLOURS[generator.integers(len(_HAIR_COLOURS))]
    return Person(
        skin=colour(skin),
        hair=colour(hair * uniform(0.8, 1.2)),
        iris=colour(_IRIS_COLOURS[generator.integers(len(_IRIS_COLOURS))]),
        lips=colour(skin * [0.86, 0.55, 0.55]),
        shirt=colour(uniform(40, 210, 3)),
        wall=colour(uniform(110, 220, 3)),
        face=(uniform(56, 66), uniform(74, 84)),
        eyes=(uniform(23, 28), uniform(14, 20)),
        brow=uniform(9, 13),
        nose=uniform(24, 32),
        mouth=(uniform(18, 24), uniform(38, 45)),
        fringe=uniform(0.52, 0.68),
        light=uniform(-0.7, 0.7),
        texture=int(generator.integers(1 << 30)),
    )
