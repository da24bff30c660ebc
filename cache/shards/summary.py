"""What a folder of shards holds, in numbers and in a picture."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.labels import label_name
from avdf.cache.shards.folder import open_shards

_THUMB = 112  # pixels, side of a crop on the contact sheet
_COLUMNS = 8
_CAPTION = 20  # pixels, height of the line above a row of crops
_MOST_LETTERS = 64  # of an id


@dataclass(frozen=True)
class Summary:
    """Counts over all shards of a folder. `bytes` is their size on disk, `crop_bytes` that of the crops."""

    shards: int
    videos: int
    tracks: int
    frames: int
    segments: int
    bytes: int
    crop_bytes: int
    classes: dict[str, dict[str, int]]  # column -> value -> videos
    codec: str
    settings: dict[str, Any]

    @property
    def hours(self) -> float:
        """Of face and sound."""
        return self.frames / FRAME_RATE / 3600


def summarise(folder: Path) -> Summary:
    """Read the small columns of every shard."""
    counts: Counter[str] = Counter()
    classes: dict[str, Counter[str]] = {
        name: Counter() for name in ("label", "split", "category", "method", "group")
    }
    codec, settings = "", {}
    for shard in open_shards(folder):
        counts["shards"] += 1
        counts["bytes"] += shard.path.stat().st_size
        counts["crop_bytes"] += shard.size("frames/bytes")
        for name, column in (
            ("tracks", "tracks/video"),
            ("frames", "frames/box"),
            ("segments", "segments/track"),
        ):
            counts[name] += shard.size(column)
        for info in shard.videos:
            counts["videos"] += 1
            classes["label"][label_name(info.label)] += 1
            for name in ("split", "category", "method", "group"):
                classes[name][getattr(info, name) or "(none)"] += 1
        codec, settings = shard.codec, shard.settings
    found = {name: dict(sorted(values.items())) for name, values in classes.items()}
    return Summary(**counts, classes=found, codec=codec, settings=settings)


def contact_sheet(folder: Path, most: int = 48) -> npt.NDArray[np.uint8]:
    """A picture (h, w, 3) RGB: a row for each of up to `most` face tracks, eight crops spread over it.

    The video's id and the track's time stand above each row.
    """
    strips: list[npt.NDArray[np.uint8]] = []
    for shard in open_shards(folder):
        columns = (
            shard.column(f"tracks/{name}").tolist()
            for name in ("video", "frame", "frames", "start")
        )
        offsets = shard.column("videos/offset").tolist()
        for video, first, rows, start in zip(*columns, strict=True):
            if len(strips) >= most:
                break
            chosen = np.linspace(first, first + rows - 1, _COLUMNS).round().astype(int)
            images = [shard.images(int(row), 1)[0] for row in chosen]
            strip = np.hstack(
                [
                    cv2.resize(image, (_THUMB, _THUMB), interpolation=cv2.INTER_AREA)
                    for image in images
                ]
            )
            begins = offsets[video] + start  # file time, as everywhere people see times
            caption = _caption(
                shard.videos[video].id, f"  {begins:.2f}-{begins + rows / FRAME_RATE:.2f} s"
            )
            strips.append(np.vstack([caption, np.asarray(strip, dtype=np.uint8)]))
    return np.asarray(np.vstack(strips), dtype=np.uint8)


def _caption(name: str, time: str) -> npt.NDArray[np.uint8]:
    """A white line of text as wide as a row of crops. The end of a long name is kept: it tells files apart."""
    picture = np.full((_CAPTION, _THUMB * _COLUMNS, 3), 255, np.uint8)
    name = name.encode("ascii", "replace").decode()  # the letters that OpenCV has
    if len(name) > _MOST_LETTERS:
        name = f"...{name[3 - _MOST_LETTERS :]}"
    cv2.putText(
        picture,
        name + time,
        (4, _CAPTION - 6),
        cv2.FONT_HERSHEY_SIMPLEX,
        0.45,
        (0, 0, 0),
        1,
        cv2.LINE_AA,
    )
    return picture
