"""The shard format: schema, writer, reader; and the stream that feeds training and scoring."""

from avdf.cache.core.errors import AvdfError, MediaError, ShardError
from avdf.cache.core.video import Period, PreparedVideo, Track, VideoInfo
from avdf.cache.shards.folder import open_shards, shard_paths
from avdf.cache.shards.reader import Shard
from avdf.cache.shards.writer import ShardWriter

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
