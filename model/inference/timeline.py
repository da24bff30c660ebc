"""When, not only whether: P(fake) and the cosine distance of every frame, from overlapping windows.

A frame's visual feature does not depend on the window it is seen in: it is computed once, so windows that overlap cost
only the audio branch and the heads, a hundredth of the picture's arithmetic.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from avdf.cache.core.clock import (
    FRAME_RATE,
    MEL_BINS,
    SAMPLES_PER_FRAME,
    SEGMENT_FRAMES,
    SEGMENT_SAMPLES,
)
from avdf.cache.core.errors import SettingsError
from avdf.cache.core.log_mel import log_mel
from avdf.cache.stream.clips import TrackClip
from avdf.model.detector import Detector
from avdf.model.inference.inputs import normalise_frames
from avdf.model.inference.outputs import scores_of_output
from avdf.model.inference.segments import SegmentScores, join_segments
from avdf.model.verdicts import VERDICTS, PerVerdict, as_columns, from_columns

STRIDES = (
    1,
    2,
    4,
    8,
    16,
)  # rows from one window to the next: each holds the non-overlapping segments
DEFAULT_STRIDE = 4
_FRAMES_AT_ONCE = 256
_WINDOWS_AT_ONCE = 64

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Timeline:
    """One track, frame by frame at 25 fps, as means over the windows that cover each frame.

    start     seconds of the first frame, in the file's own time
    fake      (rows,) for each verdict: P(fake)
    distance  (rows,) cosine distance of f'_v and f'_a
    """

    start: float
    fake: PerVerdict[Array]
    distance: Array

    def __post_init__(self) -> None:
        shapes = [p.shape for p in self.fake]
        if shapes != [self.distance.shape] * 3:
            raise ValueError(f"a timeline of {len(self.distance)} rows with scores {shapes}")

    @property
    def times(self) -> Array:
        """(rows,) seconds at which the frames begin."""
        return self.start + np.arange(len(self.distance)) / FRAME_RATE


@dataclass(frozen=True)
class TrackScores:
    """All windows of one track: the first row of each in the track, what was found there.

    rows   of the track
    start  seconds of its first row, in the file's own time
    """

    video: int
    start: float
    rows: int
    first: npt.NDArray[np.int64]
    windows: SegmentScores

    def segments(self) -> tuple[SegmentScores, Array]:
        """Those that do not overlap, from which the video's score is made; and where they start, in seconds."""
        chosen = self.first % SEGMENT_FRAMES == 0
        return self.windows.chosen(chosen), self.start + self.first[chosen] / FRAME_RATE

    def timeline(self) -> Timeline:
        """Means over windows, frame by frame."""
        spread = np.repeat(as_columns(self.windows.fake)[:, None], SEGMENT_FRAMES, axis=1)
        values = np.concatenate([spread, self.windows.distances[:, :, None]], axis=2)
        means = cover_means(self.first, values, self.rows)
        fake, distance = means[:, : len(VERDICTS)], means[:, len(VERDICTS)]
        return Timeline(self.start, from_columns(fake), distance)


def window_starts(rows: int, stride: int) -> npt.NDArray[np.int64]:
    """First rows of windows of 16 that cover `rows` rows: every `stride`, and one that ends with the track.

    Raises:
        SettingsError: 16 is no multiple of the stride, so the segments would not be among the windows.
    """
    if stride not in STRIDES:
        raise SettingsError(
            f"a stride of {stride} frames is not one of {', '.join(map(str, STRIDES))}"
        )
    if rows < SEGMENT_FRAMES:
        return np.empty(0, np.int64)
    return np.unique([*range(0, rows - SEGMENT_FRAMES + 1, stride), rows - SEGMENT_FRAMES]).astype(
        np.int64
    )


def cover_means(first: npt.NDArray[np.int64], values: Array, rows: int) -> Array:
    """(rows, k) mean over windows of what each says of its 16 rows: `values` (windows, 16, k), beginning at `first`."""
    sums, counts = np.zeros((rows, values.shape[2])), np.zeros((rows, 1))
    places = first[:, None] + np.arange(SEGMENT_FRAMES)
    np.add.at(sums, places, values)
    np.add.at(counts, places, 1.0)
    with np.errstate(invalid="ignore"):
        return np.asarray(sums / counts)


@torch.inference_mode()
def score_clips(
    detector: Detector,
    clips: Iterable[TrackClip],
    device: torch.device,
    stride: int = SEGMENT_FRAMES,
    trained: Sequence[str] = VERDICTS,
) -> Iterator[TrackScores]:
    """Score tracks as their clips come. A track shorter than a segment gives no windows."""
    detector.eval()
    begun: list[TrackClip] = []  # of the track at work, without its frames
    features: list[Tensor] = []
    for clip in clips:
        if detector.config.has_visual:
            features += [_visual(detector, part, device) for part in _parts(clip.frames)]
        begun.append(TrackClip(clip.video, clip.start, clip.frames[:, :0, :0], clip.pcm, clip.last))
        if clip.last:
            yield _score_track(detector, begun, features, device, stride, trained)
            begun, features = [], []


def _parts(frames: npt.NDArray[np.uint8]) -> list[npt.NDArray[np.uint8]]:
    return [frames[at : at + _FRAMES_AT_ONCE] for at in range(0, len(frames), _FRAMES_AT_ONCE)]


def _visual(detector: Detector, frames: npt.NDArray[np.uint8], device: torch.device) -> Tensor:
    """frames (n, S, S, 3) -> (n, D_v)."""
    found: Tensor = detector.visual(normalise_frames(torch.from_numpy(frames)[None].to(device)))[0]
    return found


def _score_track(
    detector: Detector,
    clips: Sequence[TrackClip],
    features: Sequence[Tensor],
    device: torch.device,
    stride: int,
    trained: Sequence[str],
) -> TrackScores:
    pcm = np.concatenate([clip.pcm for clip in clips])
    rows = len(pcm) // SAMPLES_PER_FRAME
    first = window_starts(rows, stride)
    visual = torch.cat(list(features)) if features else None
    sounds = (
        np.lib.stride_tricks.sliding_window_view(pcm, SEGMENT_SAMPLES)[::SAMPLES_PER_FRAME]
        if len(first)
        else pcm
    )
    parts: list[SegmentScores] = []
    for at in range(0, len(first), _WINDOWS_AT_ONCE):
        chosen = first[at : at + _WINDOWS_AT_ONCE]
        f_v = f_a = None
        if visual is not None:
            f_v = torch.stack([visual[row : row + SEGMENT_FRAMES] for row in chosen.tolist()])
        if detector.config.has_audio:
            f_a = detector.audio(
                _log_mel(torch.from_numpy(sounds[chosen].copy()).to(device), detector.mel_bins)
            )
        parts.append(
            scores_of_output([clips[0].video] * len(chosen), detector.judge(f_v, f_a), trained)
        )
    return TrackScores(clips[0].video, clips[0].start, rows, first, join_segments(parts))


def _log_mel(samples: Tensor, bins: int) -> Tensor:
    """As the shard's scoring segments keep it: rounded to float16 where it is theirs."""
    found = log_mel(samples, bins)
    return found.half().float() if bins == MEL_BINS else found
