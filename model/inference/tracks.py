"""Scores of whole face tracks, from overlapping windows.

The visual feature of a frame does not depend on the window that it is seen in, so it is computed
once. Overlapping windows cost only the audio branch and the heads, a hundredth of the arithmetic.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

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
from avdf.cache.core.log_mel import log_mel
from avdf.cache.stream.clips import TrackClip
from avdf.model.backbones.pixels import normalise_pixels
from avdf.model.detector import Detector
from avdf.model.inference.outputs import known_curves, scores_of_output
from avdf.model.inference.segments import SegmentScores, join_segments
from avdf.model.inference.timeline import Timeline, cover_means, window_starts
from avdf.model.output import DetectorOutput
from avdf.model.synchrony.aligned_run import heard_features
from avdf.model.synchrony.offset_curves import OffsetCurves, offset_curves
from avdf.model.verdicts import VERDICTS, as_columns, from_columns

_FRAMES_AT_ONCE = 64
_BLOCK_FRAMES = 256
_WINDOWS_AT_ONCE = 64
# PyTorch keeps the compiled products of every batch size that it has seen, 12 MB for each in
# bfloat16. Batches are filled up to these multiples, so that few sizes are seen. Smaller batches
# stay as they are: their products are computed in another way, which differs in the last bit.
_FRAMES_STEP = 16
_WINDOWS_STEP = 8


@dataclass(frozen=True)
class TrackScores:
    """Scores of all windows of one face track.

    video    the number of the video that the track belongs to, as the caller counts
    start    seconds of the track's first row, in the file's own time
    rows     how many rows the track has
    first    (windows,) the first row of each window, counted in the track
    windows  the scores of the windows
    face     the number of the person, from 1; 0 where persons are not told apart
    has_picture  False for sound alone
    """

    video: int
    start: float
    rows: int
    first: npt.NDArray[np.int64]
    windows: SegmentScores
    face: int = 0
    has_picture: bool = True

    def expected(self, trained: Sequence[str]) -> tuple[str, ...]:
        """Those of the trained verdicts that can be given; of sound alone, only the audio's."""
        return tuple(name for name in trained if self.has_picture or name == "audio")

    def segments(self) -> tuple[SegmentScores, npt.NDArray[np.float64]]:
        """The windows that do not overlap, from which the video's score is made.

        Returns:
            Their scores, and the seconds at which they start.
        """
        chosen = self.first % SEGMENT_FRAMES == 0
        starts = self.start + self.first[chosen] / FRAME_RATE
        return self.windows.chosen(chosen), starts

    def of_video(self, video: int, face: int) -> "TrackScores":
        """The same, as a track of one person in the video of another number."""
        windows = self.windows.of_video(video)
        return replace(self, video=video, windows=windows, face=face)

    def timeline(self) -> Timeline:
        """Means over windows, frame by frame."""
        # P(fake) is said of a window as a whole: it holds for each of its 16 frames.
        fake = as_columns(self.windows.fake)[:, None]  # (windows, 1, 3)
        spread = np.repeat(fake, SEGMENT_FRAMES, axis=1)
        distances = self.windows.distances[:, :, None]
        values = np.concatenate([spread, distances], axis=2)
        means = cover_means(self.first, values, self.rows)
        fake_means = means[:, : len(VERDICTS)]
        distance = means[:, len(VERDICTS)]
        fake_curves = from_columns(fake_means)
        return Timeline(self.start, fake_curves, distance, self._sync(), self.face)

    def _sync(self) -> npt.NDArray[np.float64]:
        """(rows,) means over the windows whose synchrony is known; NaN where there is none."""
        curves = self.windows.curves
        known = curves.is_known
        spread = np.repeat(curves.sync[known, None, None], SEGMENT_FRAMES, axis=1)
        return cover_means(self.first[known], spread, self.rows)[:, 0]


@torch.inference_mode()
def score_clips(
    detector: Detector,
    clips: Iterable[TrackClip],
    device: torch.device,
    stride: int = SEGMENT_FRAMES,
    trained: Sequence[str] = VERDICTS,
) -> Iterator[TrackScores]:
    """Score tracks as their clips come. A track of fewer than 16 rows has no windows.

    Args:
        clips: of one track after another, each track's last one marked.
        stride: rows from one window to the next.
        trained: the verdicts and losses that the detector was trained for.
    """
    scorer = _TrackScorer(detector, device, stride, trained)
    detector.eval()
    for clip in clips:
        scorer.add(clip)
        if clip.last:
            yield scorer.finish()


class _TrackScorer:
    """Collects the clips of one track, and scores it when it is complete."""

    def __init__(
        self,
        detector: Detector,
        device: torch.device,
        stride: int,
        trained: Sequence[str],
    ) -> None:
        self._detector = detector
        self._device = device
        self._stride = stride
        self._trained = trained
        self._begin()

    def _begin(self) -> None:
        self._video = 0
        self._start = 0.0
        self._has_picture = True
        self._pcm: list[npt.NDArray[np.int16]] = []
        self._features: list[Tensor] = []  # visual, of each part

    def add(self, clip: TrackClip) -> None:
        """Compute the visual features of a clip; its frames are not kept."""
        if not self._pcm:
            self._video = clip.video
            self._start = clip.start
            self._has_picture = clip.has_picture
        self._pcm.append(clip.pcm)
        # Of sound alone, frames are black: nothing is to be seen in them.
        if not self._detector.config.has_visual or not clip.has_picture:
            return
        for start, stop in batch_spans(len(clip.frames)):
            part = torch.from_numpy(clip.frames[start:stop])
            filled = _filled_up(part, _FRAMES_STEP)
            frames = normalise_pixels(filled[None].to(self._device))
            features = self._detector.visual(frames)[0]
            self._features.append(features[: len(part)])

    def finish(self) -> TrackScores:
        """The scores of the track whose clips were added. The next clip begins another track."""
        pcm = np.concatenate(self._pcm)
        rows = len(pcm) // SAMPLES_PER_FRAME
        first = window_starts(rows, self._stride)
        visual = torch.cat(self._features) if self._features else None
        parts, aligned = [], _GridFeatures()
        for at in range(0, len(first), _WINDOWS_AT_ONCE):
            chosen = first[at : at + _WINDOWS_AT_ONCE]
            f_v = _windows_of(visual, chosen)
            samples = _window_samples(pcm, chosen)
            f_a = self._audio_features(samples)
            if f_v is None and f_a is None:
                parts.append(SegmentScores.unknown(self._video, len(chosen)))
                continue
            output = self._detector.classify(f_v, f_a)
            owners = [self._video] * len(chosen)
            parts.append(scores_of_output(owners, output, self._trained))
            aligned.add(chosen, output, samples)
        windows = join_segments(parts)
        curves = OffsetCurves.unknown(len(first))
        if self._has_picture:
            curves = known_curves(aligned.curves(first), self._trained)
        found = TrackScores(
            video=self._video,
            start=self._start,
            rows=rows,
            first=first,
            windows=replace(windows, curves=curves),
            has_picture=self._has_picture,
        )
        self._begin()
        return found

    def _audio_features(self, samples: Tensor) -> Tensor | None:
        """f_a (windows, 32, D_a) of windows with samples (windows, 10240) int16."""
        if not self._detector.config.has_audio:
            return None
        bins = self._detector.mel_bins
        mel = log_mel(samples.to(self._device), bins)
        # Shards store log-mel of 80 channels as float16: the same rounding gives the same scores.
        if bins == MEL_BINS:
            mel = mel.half().float()
        found: Tensor = self._detector.audio(_filled_up(mel, _WINDOWS_STEP))
        return found[: len(mel)]


class _GridFeatures:
    """Aligned features of the windows of a track that do not overlap.

    Overlapping windows hear the same audio with other surroundings: each frame has one feature
    here, that of the segment from which the video's score is made.
    """

    def __init__(self) -> None:
        self._visual: list[Tensor] = []
        self._audio: list[Tensor] = []

    def add(
        self, first: npt.NDArray[np.int64], output: DetectorOutput, samples: Tensor
    ) -> None:
        """Take what the detector says of the windows that start at rows `first`.

        Args:
            samples: (windows, 10240) int16, their audio.
        """
        on_grid = torch.from_numpy(first % SEGMENT_FRAMES == 0)
        own = on_grid.to(output.visual_features.device)
        self._visual.append(output.visual_features[own].flatten(0, 1))
        heard = heard_features(output.audio_features, samples)
        self._audio.append(heard[own].flatten(0, 1))

    def curves(self, first: npt.NDArray[np.int64]) -> OffsetCurves:
        """The curves of all windows of the track, which start at rows `first`."""
        if not self._visual:
            return OffsetCurves.unknown(0)
        visual, audio = torch.cat(self._visual), torch.cat(self._audio)
        return offset_curves(visual, audio, first)


def _window_samples(pcm: npt.NDArray[np.int16], first: npt.NDArray[np.int64]) -> Tensor:
    """Samples (windows, 10240) of the windows that start at rows `first` (windows,)."""
    every_row = np.lib.stride_tricks.sliding_window_view(pcm, SEGMENT_SAMPLES)
    return torch.from_numpy(every_row[::SAMPLES_PER_FRAME][first].copy())


def batch_spans(rows: int) -> Iterator[tuple[int, int]]:
    """Start and stop of each batch of frames: 64, or a little more at the end of a block."""
    for block in range(0, rows, _BLOCK_FRAMES):
        stop = min(block + _BLOCK_FRAMES, rows)
        starts = list(range(block, stop, _FRAMES_AT_ONCE))
        # Fewer than 16 frames go with those before them: alone they would be computed in another
        # way. Blocks stay apart, so that scores are those of earlier versions, to the bit.
        if len(starts) > 1 and stop - starts[-1] < _FRAMES_STEP:
            starts.pop()
        yield from pairwise([*starts, stop])


def _filled_up(batch: Tensor, step: int) -> Tensor:
    """The batch with zeros behind it, so that its length is a multiple of `step`.

    A batch that is shorter than `step` stays as it is.
    """
    missing = -len(batch) % step
    if not missing or len(batch) < step:
        return batch
    return torch.cat([batch, batch.new_zeros(missing, *batch.shape[1:])])


def _windows_of(visual: Tensor | None, first: npt.NDArray[np.int64]) -> Tensor | None:
    """Features of frames (rows, D_v) -> f_v (windows, 16, D_v) of windows at rows `first`."""
    if visual is None:
        return None
    windows = [visual[row : row + SEGMENT_FRAMES] for row in first.tolist()]
    return torch.stack(windows)
