"""A contact sheet: one image that shows some crops of each face track of a folder."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.shards.codec import Image
from avdf.cache.shards.folder import open_shards
from avdf.cache.shards.reader import Shard

_CROP_SIZE = 112  # pixels: width and height of a crop on the sheet
_CROPS_IN_ROW = 8
_CAPTION_HEIGHT = 20  # pixels
_LONGEST_ID = 64  # characters
_WHITE, _BLACK = 255, (0, 0, 0)


def contact_sheet(folder: Path, most: int = 48) -> Image:
    """An image (h, w, 3) RGB with a row for each of up to `most` face tracks.

    Each row shows eight crops spread over the track, under the video's id and the track's time.

    Raises:
        ShardError: a shard cannot be read.
    """
    rows = (row for shard in open_shards(folder) for row in _rows_of(shard))
    shown = list(islice(rows, most))
    return np.asarray(np.vstack(shown), dtype=np.uint8)


def _rows_of(shard: Shard) -> Iterator[Image]:
    names = ("video", "frame", "frames", "start")
    columns = [shard.column(f"tracks/{name}").tolist() for name in names]
    offsets = shard.column("videos/offset").tolist()
    for video, first, rows, start in zip(*columns, strict=True):
        # Time of the file, as in all times that a user sees.
        begin = offsets[video] + start
        end = begin + rows / FRAME_RATE
        caption = _caption(shard.videos[video].id, f"  {begin:.2f}-{end:.2f} s")
        yield np.vstack([caption, _crops_of_track(shard, first, rows)])


def _crops_of_track(shard: Shard, first: int, rows: int) -> Image:
    last = first + rows - 1
    evenly = np.linspace(first, last, _CROPS_IN_ROW).round().astype(int)
    size = (_CROP_SIZE, _CROP_SIZE)
    crops = [shard.images(row, 1)[0] for row in evenly.tolist()]
    small = [cv2.resize(crop, size, interpolation=cv2.INTER_AREA) for crop in crops]
    return np.asarray(np.hstack(small), dtype=np.uint8)


def _caption(name: str, time: str) -> Image:
    """A white line of text, as wide as a row of crops."""
    line = np.full((_CAPTION_HEIGHT, _CROP_SIZE * _CROPS_IN_ROW, 3), _WHITE, np.uint8)
    # OpenCV draws ASCII alone. The end of a long name is kept, since it tells files apart.
    name = name.encode("ascii", "replace").decode()
    if len(name) > _LONGEST_ID:
        name = f"...{name[3 - _LONGEST_ID :]}"
    cv2.putText(
        line,
        name + time,
        (4, _CAPTION_HEIGHT - 6),
        cv2.FONT_HERSHEY_SIMPLEX,
        fontScale=0.45,
        color=_BLACK,
        thickness=1,
        lineType=cv2.LINE_AA,
    )
    return line
