"""The shard format, version 2: names, types and shapes of everything in a shard. docs/shards.md describes it."""

from typing import Any

import numpy as np

from avdf.cache.core.clock import FRAME_RATE, MEL_BINS, SAMPLE_RATE, SEGMENT_FRAMES, SEGMENT_MELS

FORMAT = "avdf-shard"
FORMAT_VERSION = 2
READABLE_VERSIONS = (1, 2)
SHARD_GLOB = "shard-[0-9][0-9][0-9][0-9][0-9].h5"

FIXED_ATTRIBUTES = {"fps": FRAME_RATE, "sample_rate": SAMPLE_RATE, "segment_frames": SEGMENT_FRAMES}

VIDEO_TEXTS = (
    "id", "path", "sha256", "dataset", "split", "category", "method", "identity", "group", "gender", "targets",
)  # fmt: skip
VIDEO_NUMBERS: dict[str, type[np.generic]] = {
    "label": np.int8,
    "label_visual": np.int8,
    "label_audio": np.int8,
    "duration": np.float32,
    "faces": np.uint16,
    "offset": np.float32,
    "synthetic": np.uint8,
}

# Columns that version 1 lacks, with what is read in their place: version 1 holds recorded videos with both streams.
ADDED_IN_2: dict[str, Any] = {
    "tracks/picture": 1,
    "tracks/sound": 1,
    "videos/offset": 0.0,
    "videos/synthetic": 0,
    "videos/targets": "",
}

# name -> (type, shape of one row)
COLUMNS: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
    **{f"videos/{name}": (kind, ()) for name, kind in VIDEO_NUMBERS.items()},
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
PERIOD_COLUMNS: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
    "periods/video": (np.uint32, ()),
    "periods/start": (np.float32, ()),
    "periods/end": (np.float32, ()),
    "periods/visual": (np.int8, ()),
    "periods/audio": (np.int8, ()),
}


def shard_name(index: int) -> str:
    """File name of shard `index`: `shard-00000.h5`, ..."""
    return f"shard-{index:05d}.h5"
