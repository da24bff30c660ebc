"""How far a prep job is."""

from collections.abc import Callable
from dataclasses import dataclass

from avdf.cache.shards.inputs_table import OK
from avdf.pipeline.job.task import Rows


@dataclass(frozen=True)
class PrepProgress:
    """Reported after each video is begun and each task is done.

    videos  to prepare in this run
    begun   videos that a worker has taken up
    failed  videos of finished tasks that could not be prepared
    frames  face crops of finished tasks
    """

    videos: int
    begun: int
    failed: int
    frames: int


OnProgress = Callable[[PrepProgress], None]


class ProgressCounter:
    """Counts what happens and reports it."""

    def __init__(
        self,
        videos: int,
        on_progress: OnProgress,
    ) -> None:
        self._videos = videos
        self._on_progress = on_progress
        self._begun: set[str] = set()
        self._failed = self._frames = 0
        self.rows = 0
        """Rows of finished tasks."""

    def begin(self, video: str) -> None:
        """Count a video that is begun, once even if it is tried twice."""
        self._begun.add(video)
        self._report()

    def finish(self, rows: Rows) -> None:
        """Count the rows of a finished task."""
        self.rows += len(rows)
        self._failed += sum(row.status != OK for row in rows)
        self._frames += sum(row.frames for row in rows)
        self._report()

    def _report(self) -> None:
        begun = len(self._begun)
        self._on_progress(PrepProgress(self._videos, begun, self._failed, self._frames))
