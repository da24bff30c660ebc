"""One task: the videos of one shard, and what becomes of them. What the job and its workers say to each other.

Light to import: whoever only plans, counts and waits needs no torch.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.cache.core.periods import periods_text
from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.cache.shards.inputs_table import OK
from avdf.pipeline.settings import PrepSettings


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
    targets: str = ""
    synthetic: bool = False
    label: int = -1
    label_visual: int = -1
    label_audio: int = -1
    duration: float = 0.0
    offset: float = 0.0
    faces: int = 0
    tracks: int = 0
    frames: int = 0
    segments: int = 0
    sha256: str = ""
    periods: str = ""  # JSON: [[start, end, visual, audio], ...], so that they are known of videos that failed too

    @classmethod
    def failed(cls, info: VideoInfo, status: str, reason: str) -> "VideoRow":
        return cls(**_described(info), status=status, reason=" ".join(reason.split()))

    @classmethod
    def prepared(cls, video: PreparedVideo, shard: str) -> "VideoRow":
        return cls(
            **_described(video.info),
            status=OK,
            reason="; ".join(video.notes),
            shard=shard,
            duration=round(video.duration, 2),
            offset=round(video.offset, 3),
            faces=video.faces,
            tracks=len(video.tracks),
            frames=sum(len(track) for track in video.tracks),
            segments=sum(len(track) // SEGMENT_FRAMES for track in video.tracks),
            sha256=video.sha256,
        )


def _described(info: VideoInfo) -> dict[str, Any]:
    known = asdict(info) | {"periods": periods_text(info.periods)}
    return {name: known[name] for name in VideoRow.__dataclass_fields__ if name in known}


@dataclass(frozen=True)
class PrepTask:
    """The videos of one shard. It depends on nothing but its own description, and may be run again.

    `given_up` names videos that killed a worker before, with the reason.
    """

    index: int
    videos: tuple[VideoInfo, ...]
    shard: Path
    settings: PrepSettings
    device: str = "cpu"
    given_up: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Message:
    """What a worker tells: a video was `started`, a task is `done`, or the job must `stop`."""

    kind: Literal["started", "done", "stop", "bug"]
    video: str = ""
    rows: tuple[VideoRow, ...] = ()
    reason: str = ""
