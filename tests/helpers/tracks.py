"""Face tracks and followed faces made by hand."""

import numpy as np

from avdf.pipeline.faces.detection import Box, Detection
from avdf.pipeline.faces.followed_face import FollowedFace
from avdf.pipeline.faces.track import FaceTrack
from avdf.pipeline.media.resample import Plane


def make_box(
    x: float,
    y: float,
    width: float,
    height: float,
) -> Box:
    corners = [x, y, x + width, y + height]
    return np.array(corners, np.float32)


def make_track(
    first: int,
    last: int,
    side: float = 50.0,
    x: float = 0.0,
) -> FaceTrack:
    """A face that stays at one location, seen in its first and its last row."""
    box = make_box(x, 0, side, side)
    sightings = [
        Detection(box, 0.99),
        Detection(box, 0.97),
    ]
    return FaceTrack([first, last], sightings)


def texture(seed: int, side: int = 32) -> Plane:
    """A patch that looks like no other."""
    generator = np.random.default_rng(seed)
    noise = generator.integers(0, 256, (side, side))
    return noise.astype(np.uint8)


def make_face(
    first: int,
    last: int,
    seeds: tuple[int, ...] = (1,),
) -> FollowedFace:
    """A followed face that is seen in every row; each seed is a person for as many rows."""
    box = make_box(0, 0, 50, 50)
    rows = list(range(first, last + 1))
    # Rounded up: the last person may have fewer rows than the others.
    rows_of_each = -(-len(rows) // len(seeds))
    persons = np.repeat(seeds, rows_of_each)[: len(rows)]
    return FollowedFace(
        track=FaceTrack(rows, [Detection(box, 0.99) for _ in rows]),
        crops=[b"%d" % row for row in rows],
        boxes=[np.tile(box, (len(rows), 1))],
        patches=[texture(int(seed)) for seed in persons],
    )
