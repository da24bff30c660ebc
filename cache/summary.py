"""What a folder of shards holds, in numbers and in a picture."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from avdf.cache.clock import FRAME_RATE
from avdf.cache.shard import open_shards
from avdf.cache.video import FAKE, REAL

_THUMB = 112  # pixels, side of a crop on the contact sheet
_COLUMNS = 8


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
    classes: dict[str, Counter[str]] = {name: Counter() for name in ("label", "split", "category", "method", "group")}
    codec, settings = "", {}
    for shard in open_shards(folder):
        counts["shards"] += 1
        counts["bytes"] += shard.path.stat().st_size
        counts["crop_bytes"] += shard.size("frames/bytes")
        for name, column in (("tracks", "tracks/video"), ("frames", "frames/box"), ("segments", "segments/track")):
            counts[name] += shard.size(column)
        for info in shard.videos:
            counts["videos"] += 1
            classes["label"][{REAL: "real", FAKE: "fake"}.get(info.label, "unknown")] += 1
            for name in ("split", "category", "method", "group"):
                classes[name][getattr(info, name) or "(none)"] += 1
        codec, settings = shard.codec, shard.settings
    found = {name: dict(sorted(values.items())) for name, values in classes.items()}
    return Summary(**counts, classes=found, codec=codec, settings=settings)


def contact_sheet(folder: Path, most: int = 48) -> npt.NDArray[np.uint8]:
    """A picture (h, w, 3) RGB: a row for each of up to `most` videos, eight crops spread over its longest track."""
    strips: list[npt.NDArray[np.uint8]] = []
    for shard in open_shards(folder):
        owner, first, rows = (shard.column(f"tracks/{name}").tolist() for name in ("video", "frame", "frames"))
        for video in range(len(shard.videos)):
            if len(strips) >= most:
                break
            track = max((t for t, who in enumerate(owner) if who == video), key=lambda t: rows[t])
            chosen = np.linspace(first[track], first[track] + rows[track] - 1, _COLUMNS).round().astype(int)
            images = [shard.images(int(row), 1)[0] for row in chosen]
            strips.append(
                np.hstack([cv2.resize(image, (_THUMB, _THUMB), interpolation=cv2.INTER_AREA) for image in images])
            )
    return np.asarray(np.vstack(strips), dtype=np.uint8)
