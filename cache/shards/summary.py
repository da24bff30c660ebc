"""What a folder of shards holds, in numbers."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.labels import label_name
from avdf.cache.shards.folder import open_shards

# What is counted -> a column that has a row for each.
_COUNTED = {
    "tracks": "tracks/video",
    "frames": "frames/box",
    "segments": "segments/track",
}
_CLASSIFIED = ("split", "category", "method", "group")


@dataclass(frozen=True)
class Summary:
    """Counts over all shards of a folder.

    crops       rows that have a crop; those of sound alone have none
    sound_alone tracks that have no picture
    silent      tracks that have no sound
    bytes       of the shards on disk
    crop_bytes  of the encoded crops
    classes     column -> value -> number of videos
    codec       of the crops
    settings    of the preparation
    """

    shards: int
    videos: int
    tracks: int
    frames: int
    segments: int
    crops: int
    sound_alone: int
    silent: int
    bytes: int
    crop_bytes: int
    classes: dict[str, dict[str, int]]
    codec: str
    settings: dict[str, Any]

    @property
    def hours(self) -> float:
        """Hours of face and audio, and of sound alone."""
        return self.frames / FRAME_RATE / 3600


def summarise(folder: Path) -> Summary:
    """Count what is in a folder; reads the small columns of every shard.

    Raises:
        ShardError: a shard cannot be read.
    """
    counts: Counter[str] = Counter()
    classes: dict[str, Counter[str]] = {
        name: Counter() for name in ("label", *_CLASSIFIED)
    }
    codec, settings = "", {}
    for shard in open_shards(folder):
        counts["shards"] += 1
        counts["bytes"] += shard.path.stat().st_size
        counts["crop_bytes"] += shard.size("frames/bytes")
        for name, column in _COUNTED.items():
            counts[name] += shard.size(column)
        picture = shard.column("tracks/picture").astype(bool)
        counts["crops"] += int(shard.column("tracks/frames")[picture].sum())
        counts["sound_alone"] += int((~picture).sum())
        counts["silent"] += int((shard.column("tracks/sound") == 0).sum())
        for info in shard.videos:
            counts["videos"] += 1
            classes["label"][label_name(info.label)] += 1
            for name in _CLASSIFIED:
                classes[name][getattr(info, name) or "(none)"] += 1
        codec, settings = shard.codec, shard.settings
    in_order = {name: dict(sorted(values.items())) for name, values in classes.items()}
    return Summary(**counts, classes=in_order, codec=codec, settings=settings)
