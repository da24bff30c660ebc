"""What scoring comes to: a row for every segment and every video, and all of them together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.cache.core.video import Period, VideoInfo
from avdf.cache.shards.inputs_table import OK
from avdf.model.inference.decision import Judgement
from avdf.model.inference.timeline import Timeline
from avdf.model.protocols import Assignment
from avdf.model.verdicts import PerVerdict

Fake = PerVerdict[float | None]  # P(fake); None where a verdict was not scored
NOTHING: Fake = PerVerdict(None, None, None)


@dataclass(frozen=True)
class SegmentRow:
    """A line of `segments.csv`: one segment of a video, in seconds of the file's own time."""

    id: str
    start: float
    end: float
    p_visual: float | None
    p_audio: float | None
    p_video: float | None
    distance: float | None


@dataclass(frozen=True)
class VideoScore:
    """A line of the scores' `videos.csv`.

    Probabilities are None without scores (`status` is not `ok`), for a verdict that the detector was not trained for,
    and for what was not examined: `examined` is `both`, `picture` where there is no audio to judge, `sound`, or ''.
    """

    id: str
    path: str
    label: int
    label_visual: int
    label_audio: int
    p_visual: float | None
    p_audio: float | None
    p_video: float | None
    verdict: str
    verdict_visual: str
    verdict_audio: str
    distance: float | None
    segments: int
    status: str
    reason: str = ""
    examined: str = ""
    leading_silence: float | None = None  # seconds before the first sound, as far as 2 s
    dataset: str = ""
    split: str = ""
    category: str = ""
    method: str = ""
    identity: str = ""
    group: str = ""
    gender: str = ""
    synthetic: bool = False
    rests_on: str = ""  # one line: what the verdicts of this row rest on


@dataclass(frozen=True)
class ScoredVideos:
    """What scoring came to.

    split       '' where everything was scored
    assignment  the protocol that chose the videos; None for single files
    trimmed     without each video's leading silence
    distances   (segments, 16) cosine distance of each frame of the segments
    timelines   of each video that has one, a timeline for each of its tracks
    periods     what is manipulated in each video, where the dataset says so
    trained_on  how many of the scored videos were in training or validation
    notes       sentences for the reader: what is odd about the split
    """

    videos: tuple[VideoScore, ...]
    segments: tuple[SegmentRow, ...]
    split: str = ""
    assignment: Assignment | None = None
    trimmed: bool = False
    distances: npt.NDArray[np.float64] = field(
        default_factory=lambda: np.empty((0, SEGMENT_FRAMES))
    )
    timelines: Mapping[str, tuple[Timeline, ...]] = field(default_factory=dict)
    periods: Mapping[str, tuple[Period, ...]] = field(default_factory=dict)
    trained_on: int = 0
    notes: tuple[str, ...] = ()

    @property
    def scored(self) -> tuple[VideoScore, ...]:
        return tuple(video for video in self.videos if video.status == OK)


_KNOWN = tuple(
    name for name in VideoScore.__dataclass_fields__ if name in VideoInfo.__dataclass_fields__
)


def video_score(
    info: VideoInfo,
    fake: Fake = NOTHING,
    judgement: Judgement | None = None,
    distance: float | None = None,
    segments: int = 0,
    status: str = OK,
    reason: str = "",
) -> VideoScore:
    """The row of a video: P(fake) of picture, sound and video, each with its verdict; or why there is none.

    A detector that was trained on synthetic videos alone gives probabilities of a recording, and no verdict on it.
    """
    known: dict[str, Any] = {name: getattr(info, name) for name in _KNOWN}
    withheld = judgement.withheld(info.synthetic) if judgement and status == OK else ""
    for name, p in fake.items():
        known[f"p_{name}"] = p
        said = judgement.verdict(name, p) if judgement and not withheld else ""
        known["verdict" if name == "video" else f"verdict_{name}"] = said
    return VideoScore(
        **known,
        distance=distance,
        segments=segments,
        status=status,
        reason="; ".join(part for part in (reason, withheld) if part),
        rests_on=judgement.rests_on if judgement else "",
    )
