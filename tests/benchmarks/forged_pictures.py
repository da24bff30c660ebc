"""A sheet of forged pictures to look at: genuine frames, forged ones, and their difference.

    python tests/benchmarks/forged_pictures.py SHARDS SHEET.png [--clip N] [--seed N] [--augment]

For each forger of the picture there are three rows. The difference is shown four times as strong,
around grey.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from avdf.cache import open_shards
from avdf.cache.core.arrays import Pcm, UInt8Array
from avdf.cache.core.clock import SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.model.augment.frames import augment_frames
from avdf.model.forging.footage import Footage
from avdf.model.forging.forger import Forger
from avdf.model.forging.picture import PICTURE_FORGERS

_SHOWN = 2  # every second frame of a window
_STRONGER = 4


def sheet(window: UInt8Array, seed: int, augment: bool) -> UInt8Array:
    """All rows of all forgers, from one window (16, S, S, 3), as one RGB image."""
    rows = [
        row
        for number, forger in enumerate(PICTURE_FORGERS)
        for row in _rows(forger, window, np.random.default_rng([seed, number]), augment)
    ]
    return np.concatenate(rows)


def _rows(
    forger: Forger, window: UInt8Array, generator: np.random.Generator, augment: bool
) -> list[UInt8Array]:
    silence: Pcm = np.zeros(len(window) * SAMPLES_PER_FRAME, np.int16)
    footage = Footage(window, silence, around=silence, begin=0)
    forged = forger.change(footage, generator).frames
    change = forged.astype(np.int16) - window
    difference = np.clip(128 + _STRONGER * change, 0, 255).astype(np.uint8)
    shown = [window, augment_frames(forged, generator) if augment else forged]
    rows = [np.concatenate(list(part[::_SHOWN]), axis=1) for part in shown]
    rows.append(np.concatenate(list(difference[::_SHOWN]), axis=1))
    _write(rows[0], "genuine")
    _write(rows[1], forger.name)
    return rows


def _write(row: UInt8Array, text: str) -> None:
    """A word in the upper left corner, in place."""
    black, white, font = (0, 0, 0), (255, 255, 255), cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(row, text, (6, 20), font, 0.6, black, 3, cv2.LINE_AA)
    cv2.putText(row, text, (6, 20), font, 0.6, white, 1, cv2.LINE_AA)


def windows(folder: Path) -> list[UInt8Array]:
    """The second window of each track: at the very beginning, few speak."""
    found = []
    for shard in open_shards(folder):
        with shard:
            starts = shard.column("tracks/frame").tolist()
            lengths = shard.column("tracks/frames").tolist()
            for start, length in zip(starts, lengths, strict=True):
                if length >= 2 * SEGMENT_FRAMES:
                    found.append(shard.images(start + SEGMENT_FRAMES))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shards", type=Path)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("--clip", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--augment", action="store_true")
    given = parser.parse_args()
    window = windows(given.shards)[given.clip]
    picture = sheet(window, given.seed, given.augment)
    cv2.imwrite(str(given.sheet), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))


if __name__ == "__main__":
    main()
