"""A stand-in for the pool of workers: jobs run over their life without preparing any video."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from avdf.cache import PreparedVideo, ShardWriter, Track, VideoInfo
from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.pipeline.job.task import OnVideo, PrepTask, Rows, ignore_video
from avdf.pipeline.job.video_row import VideoRow


class FakePool:
    """Prepares a file that begins with `good` at once; another one is corrupt, or missing.

    killed_after  number of tasks that are done before the job is killed
    done          ids of all videos that were tried, in order
    """

    def __init__(self) -> None:
        self.killed_after = 99
        self.done: list[str] = []

    def __call__(
        self,
        tasks: Sequence[PrepTask],
        workers: int,
        on_video: OnVideo = ignore_video,
    ) -> Iterator[tuple[PrepTask, Rows]]:
        """Stands in for `run_tasks`."""
        del workers, on_video
        for number, task in enumerate(tasks):
            if number >= self.killed_after:
                raise KeyboardInterrupt
            self.done += [video.id for video in task.videos]
            yield task, write_task(task)


def write_task(task: PrepTask) -> Rows:
    """Write the shard of a task and return its rows."""
    good = [info for info in task.videos if _is_good(info.file)]
    if good:
        with ShardWriter(task.shard, task.settings.as_dict()) as writer:
            for info in good:
                writer.add(_video(info))
    return tuple(_row(info, task) for info in task.videos)


def write_files(folder: Path, **content: str) -> Path:
    """A folder of files NAME.mp4 with such content."""
    folder.mkdir(exist_ok=True)
    for name, text in content.items():
        (folder / f"{name}.mp4").write_text(text, encoding="utf-8")
    return folder


def _row(info: VideoInfo, task: PrepTask) -> VideoRow:
    if _is_good(info.file):
        return VideoRow.prepared(_video(info), task.shard.name)
    status = "corrupt" if info.file.is_file() else "missing"
    return VideoRow.failed(info, status, "for this test")


def _is_good(path: Path) -> bool:
    return path.is_file() and path.read_bytes()[:4] == b"good"


def _video(info: VideoInfo) -> PreparedVideo:
    """A video of one segment without content; its hash is that of the file."""
    rows = SEGMENT_FRAMES
    track = Track(
        start=0.0,
        crops=(b"x",) * rows,
        boxes=np.zeros((rows, 4), np.float32),
        probability=np.ones(rows, np.float32),
        pcm=np.zeros(rows * 640, np.int16),
        log_mel=np.zeros((1, 80, 64), np.float16),
    )
    sha256 = hashlib.sha256(info.file.read_bytes()).hexdigest()
    return PreparedVideo(info, sha256, rows / 25, 1, (track,))
