"""One task: the videos of one shard. It depends on nothing but its own description, and may be run again."""

import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from avdf.cache.clock import SEGMENT_FRAMES
from avdf.cache.errors import MediaError
from avdf.cache.video import PreparedVideo, VideoInfo
from avdf.cache.writer import ShardWriter
from avdf.pipeline.detect import FaceDetector
from avdf.pipeline.prepare import prepare_video
from avdf.pipeline.settings import PrepSettings

OK = "ok"


@dataclass(frozen=True)
class VideoRow:
    """One input's line in `videos.csv`: what it is and what became of it."""

    id: str
    path: str
    status: str
    reason: str = ""
    shard: str = ""
    dataset: str = ""
    split: str = ""
    category: str = ""
    method: str = ""
    identity: str = ""
    group: str = ""
    gender: str = ""
    label: int = -1
    label_visual: int = -1
    label_audio: int = -1
    duration: float = 0.0
    faces: int = 0
    tracks: int = 0
    frames: int = 0
    segments: int = 0
    sha256: str = ""

    @classmethod
    def failed(cls, info: VideoInfo, status: str, reason: str) -> "VideoRow":
        return cls(**_described(info), status=status, reason=" ".join(reason.split()))

    @classmethod
    def prepared(cls, video: PreparedVideo, shard: str) -> "VideoRow":
        return cls(
            **_described(video.info),
            status=OK,
            shard=shard,
            duration=round(video.duration, 2),
            faces=video.faces,
            tracks=len(video.tracks),
            frames=sum(len(track) for track in video.tracks),
            segments=sum(len(track) // SEGMENT_FRAMES for track in video.tracks),
            sha256=video.sha256,
        )


def _described(info: VideoInfo) -> dict[str, Any]:
    known = asdict(info)
    return {name: known[name] for name in VideoRow.__dataclass_fields__ if name in known}


@dataclass(frozen=True)
class PrepTask:
    """The videos of one shard. `given_up` names videos that killed a worker before, with the reason."""

    index: int
    videos: tuple[VideoInfo, ...]
    shard: Path
    settings: PrepSettings
    device: str = "cpu"
    given_up: tuple[tuple[str, str], ...] = ()


def run_task(task: PrepTask, detector: FaceDetector, started: Callable[[str], None]) -> list[VideoRow]:
    """Write the task's shard and return a row for each of its videos, in order.

    `started` is told the id of each video before it is touched. No shard is written where no video could be prepared.
    """
    rows: list[VideoRow] = []
    given_up = dict(task.given_up)
    with ExitStack() as exits:
        writer: ShardWriter | None = None
        for info in task.videos:
            if info.id in given_up:
                rows.append(VideoRow.failed(info, "crashed", given_up[info.id]))
                continue
            started(info.id)
            video = _try(info, task.settings, detector)
            if isinstance(video, VideoRow):
                rows.append(video)
                continue
            if writer is None:
                settings = task.settings.as_dict()
                writer = exits.enter_context(ShardWriter(task.shard, settings, task.settings.codec.name))
            writer.add(video)
            rows.append(VideoRow.prepared(video, task.shard.name))
    return rows


def _try(info: VideoInfo, settings: PrepSettings, detector: FaceDetector) -> PreparedVideo | VideoRow:
    """The prepared video, or the row that says why not. One video's fault never ends a task."""
    try:
        return prepare_video(info, settings, detector)
    except MediaError as error:
        return VideoRow.failed(info, error.status, str(error))
    except OSError as error:
        return VideoRow.failed(info, "unreadable", error.strerror or str(error))
    except Exception as error:  # a bug of ours or of a library: it costs this video alone, and says where it is
        place = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno}); please report it"
        return VideoRow.failed(info, "internal", reason)
