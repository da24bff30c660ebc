"""A contact sheet: one image that shows some crops of each face track of a folder."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.shards.codec import Image
from avdf.cache.shards.folder import open_shards
from avdf.cache.shards.reader import Shard

CROP_SIZE = 112  # pixels: width and height of a crop on the sheet
CROPS_IN_ROW = 8
_CAPTION_HEIGHT = 20  # pixels
_LONGEST_ID = 64  # characters
_WHITE, _BLACK = 255, (0, 0, 0)


def contact_sheet(folder: Path, most: int = 48) -> Image:
    """An image (h, w, 3) RGB with a row for each of up to `most` face tracks.

    Each row shows eight crops spread over the track, under the video's id and the track's time; of
    sound alone, the spectrograms of eight segments.

    Raises:
        ShardError: a shard cannot be read.
    """
    rows = (row for shard in open_shards(folder) for row in _rows_of(shard))
    shown = list(islice(rows, most))
    return np.asarray(np.vstack(shown), dtype=np.uint8)


def _rows_of(shard: Shard) -> Iterator[Image]:
    names = ("video", "frame", "frames", "start", "picture")
    columns = [shard.column(f"tracks/{name}").tolist() for name in names]
    offsets = shard.column("videos/offset").tolist()
    segment_tracks = shard.column("segments/track")
    for track, values in enumerate(zip(*columns, strict=True)):
        video, first, rows, start, picture = values
        # Time of the file, as in all times that a user sees.
        begin = offsets[video] + start
        end = begin + rows / FRAME_RATE
        kind = "" if picture else ", sound alone"
        time = f"  {begin:.2f}-{end:.2f} s{kind}"
        if picture:
            shown = _crops_of_track(shard, first, rows)
        else:
            shown = _sound_of_track(shard, np.flatnonzero(segment_tracks == track))
        yield np.vstack([caption(shard.videos[video].id, time), shown])


def _sound_of_track(shard: Shard, segments: npt.NDArray[np.int64]) -> Image:
    """Log-mel of segments spread over the track: low notes below, loud ones bright."""
    last = len(segments) - 1
    evenly = np.linspace(0, last, CROPS_IN_ROW).round().astype(int)
    parts = []
    for segment in segments[evenly].tolist():
        mel = shard.log_mel(segment).astype(np.float32)[::-1]
        # Log-mel of Whisper spans 2 at most: 8 powers of ten, divided by 4.
        share = np.clip((mel - mel.max()) / 2 + 1, 0, 1)
        grey = cv2.resize((share * 255).astype(np.uint8), (CROP_SIZE, CROP_SIZE))
        parts.append(np.repeat(grey[..., None], 3, axis=2))
    return np.asarray(np.hstack(parts), dtype=np.uint8)


def _crops_of_track(shard: Shard, first: int, rows: int) -> Image:
    last = first + rows - 1
    evenly = np.linspace(first, last, CROPS_IN_ROW).round().astype(int)
    size = (CROP_SIZE, CROP_SIZE)
    crops = [shard.images(row, 1)[0] for row in evenly.tolist()]
    small = [cv2.resize(crop, size, interpolation=cv2.INTER_AREA) for crop in crops]
    return np.asarray(np.hstack(small), dtype=np.uint8)


def caption(name: str, time: str) -> Image:
    """A white line of text, as wide as a row of crops: (20, 896, 3) RGB."""
    line = np.full((_CAPTION_HEIGHT, CROP_SIZE * CROPS_IN_ROW, 3), _WHITE, np.uint8)
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
