"""The shard format: schema, writer, reader; and the stream that feeds training and scoring.

A name is imported when it is first used: most commands need errors and videos, but not HDF5.
"""

from typing import TYPE_CHECKING, Any

from avdf.cache.core.public_names import import_name

if TYPE_CHECKING:
    from avdf.cache.core.errors import AvdfError, MediaError, ShardError
    from avdf.cache.core.video import Period, PreparedVideo, Track, VideoInfo
    from avdf.cache.shards.folder import open_shards, shard_paths
    from avdf.cache.shards.reader import Shard
    from avdf.cache.shards.writer import ShardWriter

# Each public name, and the module below this one that defines it.
_HOMES = {
    "AvdfError": "core.errors",
    "MediaError": "core.errors",
    "Period": "core.video",
    "PreparedVideo": "core.video",
    "Shard": "shards.reader",
    "ShardError": "core.errors",
    "ShardWriter": "shards.writer",
    "Track": "core.video",
    "VideoInfo": "core.video",
    "open_shards": "shards.folder",
    "shard_paths": "shards.folder",
}

__all__ = [
    "AvdfError",
    "MediaError",
    "Period",
    "PreparedVideo",
    "Shard",
    "ShardError",
    "ShardWriter",
    "Track",
    "VideoInfo",
    "open_shards",
    "shard_paths",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    return import_name(__name__, _HOMES, name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
