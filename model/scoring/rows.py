"""Result records of scoring: a row for each segment and for each video, and all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.cache.core.video import Period, VideoInfo
from avdf.cache.core.video_measures import VideoMeasures
from avdf.cache.shards.inputs_table import OK
from avdf.model.inference.decision import Judgement
from avdf.model.inference.timeline import Timeline
from avdf.model.likelihood.difference import Difference, withheld_verdicts
from avdf.model.likelihood.likeness_words import difference_note
from avdf.model.protocols import Assignment
from avdf.model.scoring.face_rows import FaceRow
from avdf.model.scoring.probabilities import NO_VERDICTS, NOT_SCORED, Probabilities
from avdf.model.synchrony.synchrony import NOT_COMPARED, Synchrony
from avdf.model.verdicts import PerVerdict, Verdict


@dataclass(frozen=True)
class SegmentRow:
    """A line of `segments.csv`: one segment of a video.

    id           of the video
    start, end   seconds of the file's own time
    probability  P(fake) of each verdict; None where the detector was not trained for it
    distance     mean cosine distance of frames and audio; None where one of them is missing
    sync         whether they belong together; no verdict is given on a single segment
    face         the number of the person, from 1; None where persons are not told apart (shards)
    """

    id: str
    start: float
    end: float
    probability: Probabilities
    distance: float | None
    sync: Synchrony = NOT_COMPARED
    face: int | None = None


@dataclass(frozen=True)
class VideoFaces:
    """How many persons a video shows, and on which of them each of its verdicts rests.

    Numbers of faces are those of `faces.csv`; None where no verdict rests on a face.
    """

    count: int | None = None
    video: int | None = None
    visual: int | None = None
    audio: int | None = None
    sync: int | None = None

    def __getitem__(self, name: Verdict | Literal["sync"]) -> int | None:
        return dict(self.items())[name]

    def items(self) -> tuple[tuple[str, int | None], ...]:
        """Pairs of verdict and face, in the order of documents; synchrony comes last."""
        return (
            ("video", self.video),
            ("visual", self.visual),
            ("audio", self.audio),
            ("sync", self.sync),
        )


NO_FACES = VideoFaces()


@dataclass(frozen=True)
class VideoScore:
    """A line of the scores' `videos.csv`: what is known of a video, and how it was judged.

    info             what the dataset says of it
    probability      P(fake) of each verdict; None without scores (`status` is not `ok`), for a
                     verdict that the detector was not trained for, and for what was not examined
    verdict          `real`, `fake`, `unsure`, or '' where none is given
    distance         mean cosine distance of frames and audio over the segments
    sync             whether picture and sound belong together
    log10_ratio      log10 of the likelihood ratio of each verdict; None where none is given
    segments         how many segments were scored
    status           `ok`, or why there are no scores, in one word
    reason           the same in a sentence, and every reason to read the row with care
    examined         `both`, `picture` where there is no audio to judge, `sound`, or ''
    leading_silence  seconds before the audio begins, at most 2
    rests_on         one line: what the verdicts of this row rest on
    faces            the persons whom a file shows; without numbers for shards
    unlike           in which respects it is unlike the videos that likelihood ratios rest on
    """

    info: VideoInfo
    probability: Probabilities = NOT_SCORED
    verdict: PerVerdict[str] = NO_VERDICTS
    distance: float | None = None
    sync: Synchrony = NOT_COMPARED
    log10_ratio: Probabilities = NOT_SCORED
    segments: int = 0
    status: str = OK
    reason: str = ""
    examined: str = ""
    leading_silence: float | None = None
    rests_on: str = ""
    faces: VideoFaces = NO_FACES
    unlike: tuple[Difference, ...] = ()


_SYNC_COLUMNS = {
    "sync": "sync.sync",
    "sync_depth": "sync.depth",
    "offset_ms": "sync.offset_ms",
}
# The columns of the tables, in their order, and where the value of each stands in a row.
SEGMENT_COLUMNS = {
    "id": "id",
    "start": "start",
    "end": "end",
    "p_visual": "probability.visual",
    "p_audio": "probability.audio",
    "p_video": "probability.video",
    "distance": "distance",
    **_SYNC_COLUMNS,
    "face": "face",
}
VIDEO_COLUMNS = {
    "id": "info.id",
    "path": "info.path",
    "label": "info.label",
    "label_visual": "info.label_visual",
    "label_audio": "info.label_audio",
    "p_visual": "probability.visual",
    "p_audio": "probability.audio",
    "p_video": "probability.video",
    "verdict": "verdict.video",
    "verdict_visual": "verdict.visual",
    "verdict_audio": "verdict.audio",
    "distance": "distance",
    "segments": "segments",
    "status": "status",
    "reason": "reason",
    "examined": "examined",
    "leading_silence": "leading_silence",
    "dataset": "info.dataset",
    "split": "info.split",
    "category": "info.category",
    "method": "info.method",
    "identity": "info.identity",
    "group": "info.group",
    "gender": "info.gender",
    "synthetic": "info.synthetic",
    "rests_on": "rests_on",
    **_SYNC_COLUMNS,
    "p_sync": "sync.probability",
    "verdict_sync": "sync.verdict",
    "sync_note": "sync.note",
    "log10_lr_visual": "log10_ratio.visual",
    "log10_lr_audio": "log10_ratio.audio",
    "log10_lr_video": "log10_ratio.video",
    "faces": "faces.count",
    "face": "faces.video",
    "face_visual": "faces.visual",
    "face_audio": "faces.audio",
    "face_sync": "faces.sync",
}


@dataclass(frozen=True)
class ScoredVideos:
    """All that a scoring run found.

    videos      one row for each listed video, scored or not
    segments    one row for each scored segment
    split       '' where everything was scored
    assignment  the protocol that chose the videos; None for single files
    trimmed     whether each video's leading silence was left out
    distances   (segments, 16) cosine distance of frames and audio, frame by frame
    timelines   id of a video -> a timeline for each of its face tracks
    periods     id of a video -> its manipulated periods, where the dataset lists them
    trained_on  how many of the scored videos were in training or validation
    notes       sentences for the reader: what is odd about the split
    faces       one row for each person in each scored file; of shards none
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
    faces: tuple[FaceRow, ...] = ()

    @property
    def scored(self) -> tuple[VideoScore, ...]:
        """The videos that have scores."""
        return tuple(video for video in self.videos if video.status == OK)


def scored_row(
    info: VideoInfo,
    probability: Probabilities,
    judgement: Judgement,
    distance: float | None = None,
    segments: int = 0,
    sync: Synchrony = NOT_COMPARED,
    log10_ratio: Probabilities = NOT_SCORED,
    measures: VideoMeasures | None = None,
) -> VideoScore:
    """The row of a video that was scored: P(fake) and a verdict of each kind.

    A detector that was trained on synthetic videos alone gives the probabilities of a recording,
    but neither a verdict on it nor a likelihood ratio.

    Args:
        measures: of the video, or of the face that was scored; None where it is not compared with
            the validation videos. Where it is unlike them, ratios are withheld.
    """
    withheld = judgement.withheld(info.synthetic)
    verdict = NO_VERDICTS
    if withheld:
        sync = replace(sync, verdict="", offset_ms=None)
        log10_ratio = NOT_SCORED
    else:
        verdict = PerVerdict.of(lambda name: judgement.verdict(name, probability[name]))
    given = log10_ratio
    unlike = _narrowed(judgement.differences(measures), given)
    is_withheld = withheld_verdicts(unlike)
    log10_ratio = PerVerdict.of(lambda name: None if is_withheld[name] else given[name])
    notes = [withheld, *(difference_note(one) for one in unlike)]
    return VideoScore(
        info=info,
        probability=probability,
        verdict=verdict,
        distance=distance,
        sync=sync,
        log10_ratio=log10_ratio,
        segments=segments,
        reason="; ".join(note for note in notes if note),
        rests_on=judgement.rests_on,
        unlike=unlike,
    )


def _narrowed(
    differences: Sequence[Difference], ratio: Probabilities
) -> tuple[Difference, ...]:
    """Those that concern a ratio that could be given, each for the verdicts that have one."""
    narrowed = [one.of(lambda name: ratio[name] is not None) for one in differences]
    return tuple(one for one in narrowed if one is not None)


def unscored_row(
    info: VideoInfo,
    status: str,
    reason: str,
) -> VideoScore:
    """The row of a video that has no scores, and why."""
    # Its status says why nothing was compared.
    return VideoScore(info=info, sync=Synchrony(), status=status, reason=reason)
