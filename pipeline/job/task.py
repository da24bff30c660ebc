"""One task of the prep job: the videos of one shard."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from avdf.cache.core.video import VideoInfo
from avdf.pipeline.job.video_row import VideoRow
from avdf.pipeline.settings import PrepSettings

Rows = tuple[VideoRow, ...]
"""What became of the videos of a task, in their order."""
OnVideo = Callable[[str], None]
"""Called with the id of each video before a worker touches it."""


def ignore_video(_: str) -> None:
    """What is called before each video where nobody wants to know."""


@dataclass(frozen=True)
class PrepTask:
    """The videos of one shard. It depends on nothing but this description, and may be run again.

    given_up  (id, reason) of videos that ended a worker before; they are not tried again
    """

    index: int
    videos: tuple[VideoInfo, ...]
    shard: Path
    settings: PrepSettings
    device: str = "cpu"
    given_up: tuple[tuple[str, str], ...] = ()

    def give_up(self, video: str, reason: str) -> "PrepTask":
        """The task without another try of this video."""
        return replace(self, given_up=(*self.given_up, (video, reason)))
