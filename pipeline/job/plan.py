"""The plan of a prep job: which video goes into which shard. Pure, and only ever extended."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from avdf.cache.core.video import VideoInfo

_MOST_VIDEOS_PER_SHARD = 32
_LEAST_SHARDS = 8

Ids = tuple[str, ...]
"""The ids of the videos of one task."""


@dataclass(frozen=True)
class PrepPlan:
    """Settings, what is known of each video, and the ids of each task (which is one shard).

    An id is in one task only, so that no video can be in two shards. The plan knows enough of each
    video to finish the job without the source that listed it. `videos` keeps the order of planning.
    """

    settings: dict[str, Any]
    tasks: tuple[Ids, ...] = ()
    videos: Mapping[str, VideoInfo] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [name for task in self.tasks for name in task]
        if len(names) != len(set(names)):
            raise ValueError("a plan has a video in two tasks")

    @property
    def ids(self) -> set[str]:
        """Every id that is in a task."""
        return {name for task in self.tasks for name in task}

    def extend(self, videos: Iterable[VideoInfo]) -> "PrepPlan":
        """The plan with new tasks for the videos, in their order; those planned before move there.

        A task that loses videos keeps its index, even if it loses all: shards are named by it.
        """
        added = {video.id: video for video in videos}
        # The size is decided by the videos that come now; shards that are written keep theirs.
        ids = tuple(added)
        wanted = int(self.settings.get("videos_per_shard", 0))
        size = videos_per_shard(len(ids), wanted)
        # A video that is tried again leaves its old task: an id in two tasks would be in two
        # shards.
        kept = []
        for task in self.tasks:
            kept.append(tuple(name for name in task if name not in added))
        starts = range(0, len(ids), size)
        new = [ids[start : start + size] for start in starts]
        return replace(
            self,
            tasks=(*kept, *new),
            videos={**self.videos, **added},
        )

    def redescribe(self, videos: Iterable[VideoInfo]) -> "PrepPlan":
        """The plan with other descriptions of its videos, as when their files were moved."""
        changed = {video.id: video for video in videos}
        return replace(self, videos={**self.videos, **changed})


def videos_per_shard(videos: int, wanted: int = 0) -> int:
    """How many videos a shard holds.

    Args:
        videos: that are planned together.
        wanted: this many, if not 0; otherwise few enough for at least 8 shards, and at most 32.
    """
    if wanted:
        return wanted
    for_eight_shards = -(-videos // _LEAST_SHARDS)  # rounded up
    return max(1, min(_MOST_VIDEOS_PER_SHARD, for_eight_shards))
