"""The shard format, version 2: names, types and shapes of a shard's content (docs/shards.md)."""

from typing import Any

import numpy as np

from avdf.cache.core.clock import (
    FRAME_RATE,
    MEL_BINS,
    SAMPLE_RATE,
    SEGMENT_FRAMES,
    SEGMENT_MELS,
)

FORMAT = "avdf-shard"
FORMAT_VERSION = 2
READABLE_VERSIONS = (1, 2)
SHARD_GLOB = "shard-[0-9][0-9][0-9][0-9][0-9].h5"

# (type of a value, shape of a row)
ColumnType = tuple[type[np.generic], tuple[int, ...]]

# Attributes that have the same value in every shard.
FIXED_ATTRIBUTES = {
    "fps": FRAME_RATE,
    "sample_rate": SAMPLE_RATE,
    "segment_frames": SEGMENT_FRAMES,
}

VIDEO_TEXTS = (
    "id",
    "path",
    "sha256",
    "dataset",
    "split",
    "category",
    "method",
    "identity",
    "group",
    "gender",
    "targets",
    "video_codec",
    "audio_codec",
)
VIDEO_NUMBERS: dict[str, type[np.generic]] = {
    "label": np.int8,
    "label_visual": np.int8,
    "label_audio": np.int8,
    "duration": np.float32,
    "faces": np.uint16,
    "offset": np.float32,
    "synthetic": np.uint8,
    "frame_rate": np.float64,
    "video_bit_rate": np.float64,
    "audio_bit_rate": np.float64,
}

# Columns that version 1 lacks, with the value that is read in their place: version 1 holds recorded
# videos that have both streams.
ADDED_IN_2: dict[str, Any] = {
    "tracks/picture": 1,
    "tracks/sound": 1,
    "videos/offset": 0.0,
    "videos/synthetic": 0,
    "videos/targets": "",
}
# Columns that a shard of any version may lack, with the value that is read in their place: what the
# file stated of its streams is then not known.
OPTIONAL: dict[str, Any] = {
    "videos/video_codec": "",
    "videos/audio_codec": "",
    "videos/frame_rate": 0.0,
    "videos/video_bit_rate": 0.0,
    "videos/audio_bit_rate": 0.0,
}
# What is read in place of each column that may be missing.
DEFAULTS = ADDED_IN_2 | OPTIONAL

_VIDEO_COLUMNS: dict[str, ColumnType] = {
    f"videos/{name}": (kind, ()) for name, kind in VIDEO_NUMBERS.items()
}
COLUMNS: dict[str, ColumnType] = _VIDEO_COLUMNS | {
    "tracks/video": (np.uint32, ()),
    "tracks/start": (np.float64, ()),
    "tracks/frame": (np.uint64, ()),
    "tracks/frames": (np.uint32, ()),
    "tracks/picture": (np.uint8, ()),
    "tracks/sound": (np.uint8, ()),
    "frames/bytes": (np.uint8, ()),
    "frames/offset": (np.uint64, ()),
    "frames/box": (np.float32, (4,)),
    "frames/probability": (np.float32, ()),
    "audio/pcm": (np.int16, ()),
    "segments/track": (np.uint32, ()),
    "segments/frame": (np.uint64, ()),
    "segments/log_mel": (np.float16, (MEL_BINS, SEGMENT_MELS)),
}
# Only in shards of which a video has manipulated periods.
PERIOD_COLUMNS: dict[str, ColumnType] = {
    "periods/video": (np.uint32, ()),
    "periods/start": (np.float32, ()),
    "periods/end": (np.float32, ()),
    "periods/visual": (np.int8, ()),
    "periods/audio": (np.int8, ()),
}


def shard_name(index: int) -> str:
    """File name of shard `index`: `shard-00000.h5`, ..."""
    return f"shard-{index:05d}.h5"
