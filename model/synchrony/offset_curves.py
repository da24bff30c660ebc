"""Offset curves: how far picture and sound are apart when the sound is moved against the picture.

Where lips and sound belong together, the distance D(k) is least at k = 0. Where the sound is late
by some frames, it is least at that offset. Where the sound is that of something else, no offset
fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from avdf.cache.core.clock import FRAME_RATE, SEGMENT_FRAMES
from avdf.model.synchrony.curve_figures import (
    Array,
    CurveFigures,
    Mask,
    join_figures,
    read_figures,
)

MOST_FRAMES = 25  # the largest offset, 1 s
# k: visual frame t is compared with the audio of frame t + k. Positive: the sound is late.
OFFSETS = np.arange(-MOST_FRAMES, MOST_FRAMES + 1)
# A mean of fewer pairs of frames says nothing of an offset.
FEWEST_PAIRS = 8
# So many offsets a curve needs: those of one segment on its own.
_FEWEST_OFFSETS = 2 * (SEGMENT_FRAMES - FEWEST_PAIRS) + 1
_MS_PER_FRAME = 1000 // FRAME_RATE
# The offsets in milliseconds, as tables and plots name them.
OFFSETS_MS: list[int] = (OFFSETS * _MS_PER_FRAME).tolist()

_CURVES_AT_ONCE = 1 << 14
# A device that copies the audio around each frame needs 50 MB for so many rows.
_ROWS_AT_ONCE = 1024


@dataclass(frozen=True)
class OffsetCurves:
    """Curves of n segments or n videos, as sums, so that several can be made one.

    sums   (n, 51) float32: cosine distances at each of `OFFSETS`, summed over pairs of frames
    pairs  (n, 51): how many pairs of frames

    Raises:
        ValueError: the arrays have other shapes.
    """

    sums: npt.NDArray[np.float32]
    pairs: npt.NDArray[np.int32]

    def __post_init__(self) -> None:
        wanted = (len(self.sums), len(OFFSETS))
        for name, array in (("sums", self.sums), ("pairs", self.pairs)):
            if array.shape != wanted:
                raise ValueError(f"{name} has shape {array.shape}, expected {wanted}")

    @classmethod
    def unknown(cls, count: int) -> "OffsetCurves":
        """Curves of `count` segments in which nothing was compared."""
        shape = (count, len(OFFSETS))
        return cls(np.zeros(shape, np.float32), np.zeros(shape, np.int32))

    @property
    def distance(self) -> Array:
        """(n, 51) mean distance at each offset; NaN where too few pairs of frames have it."""
        means = self.sums / np.maximum(self.pairs, 1.0)
        # Offsets at which half of the frames have nothing to be compared with are left out: their
        # means are so uncertain that the least of them is often the least of all.
        half = self.pairs[:, MOST_FRAMES, None] / 2
        enough = self.pairs >= np.maximum(half, FEWEST_PAIRS)
        return np.where(enough, means, np.nan)

    @cached_property
    def figures(self) -> CurveFigures:
        """What the curves say; NaN for a curve that is not known."""
        # Some at a time: the distances of millions of curves at once would not fit into memory.
        parts = []
        for start in range(0, max(len(self.sums), 1), _CURVES_AT_ONCE):
            some = slice(start, start + _CURVES_AT_ONCE)
            distance = OffsetCurves(self.sums[some], self.pairs[some]).distance
            enough = np.isfinite(distance)
            offsets = enough.sum(axis=1)
            known = enough[:, MOST_FRAMES] & (offsets >= _FEWEST_OFFSETS)
            parts.append(read_figures(distance, known))
        return join_figures(parts)

    @property
    def is_known(self) -> Mask:
        """(n,) whether enough was compared to read a curve."""
        return self.figures.known

    @property
    def sync(self) -> Array:
        """(n,) D(0) less the median over near offsets. Below 0: what is heard now fits better."""
        return self.figures.here - self.figures.median

    @property
    def depth(self) -> Array:
        """(n,) the median less the least distance: how much better the best offset fits, >= 0."""
        return self.figures.median - self.figures.least

    @property
    def offset_ms(self) -> Array:
        """(n,) milliseconds by which the sound is late at the least distance; early: negative."""
        return (self.figures.best - MOST_FRAMES) * _MS_PER_FRAME

    def chosen(self, mask: Mask) -> "OffsetCurves":
        """The curves under a mask (n,)."""
        return OffsetCurves(self.sums[mask], self.pairs[mask])

    def spread(self, mask: Mask) -> "OffsetCurves":
        """Curves (m, 51): these where `mask` (m,) is true, unknown ones elsewhere."""
        whole = OffsetCurves.unknown(len(mask))
        whole.sums[mask] = self.sums
        whole.pairs[mask] = self.pairs
        return whole

    def without(self, mask: Mask) -> "OffsetCurves":
        """The same, but those under a mask (n,) are not known."""
        kept = ~mask[:, None]
        return OffsetCurves(self.sums * kept, self.pairs * kept)

    def by_video(self, video: npt.NDArray[np.int64], videos: int) -> "OffsetCurves":
        """The curve of each of `videos` videos, from its segments' curves.

        Args:
            video: (n,) the number of the video that each segment belongs to.
        """
        whole = OffsetCurves.unknown(videos)
        np.add.at(whole.sums, video, self.sums)
        np.add.at(whole.pairs, video, self.pairs)
        return whole


def join_curves(parts: Sequence[OffsetCurves]) -> OffsetCurves:
    """The curves of several parts, one after another."""
    parts = [OffsetCurves.unknown(0), *parts]
    sums = np.concatenate([part.sums for part in parts])
    return OffsetCurves(sums, np.concatenate([part.pairs for part in parts]))


def offset_curves(
    visual: Tensor, audio: Tensor, first: npt.NDArray[np.int64] | None = None
) -> OffsetCurves:
    """The curve of each window of 16 frames, against all of the audio around it.

    Args:
        visual, audio: (rows, D) aligned features of one unbroken run of frames.
        first: (windows,) the first row of each window; rows beyond the run are left out. None:
            the windows that do not overlap.
    """
    rows = len(visual)
    if first is None:
        first = np.arange(0, rows, SEGMENT_FRAMES)
    distances = _distances(visual, audio)
    known = np.isfinite(distances)

    # Sums up to each row, so that a window's sum is the difference of two of them.
    sums = _sums_to_each_row(np.where(known, distances, 0.0))
    pairs = _sums_to_each_row(known.astype(np.float64))
    begin = np.minimum(first, rows)
    end = np.minimum(first + SEGMENT_FRAMES, rows)
    return OffsetCurves(
        sums=(sums[end] - sums[begin]).astype(np.float32),
        pairs=(pairs[end] - pairs[begin]).astype(np.int32),
    )


def _distances(visual: Tensor, audio: Tensor) -> Array:
    """(rows, 51) cosine distance of each frame with the audio at each offset; NaN outside."""
    rows = len(visual)
    if not rows:
        return np.empty((0, len(OFFSETS)))
    visual = F.normalize(visual.float(), dim=-1)
    audio = F.normalize(audio.float(), dim=-1)
    # Zeros before and behind the run: each frame then has audio at each offset. `around` is
    # (rows, D_f, 51), and all of its rows share the memory of `padded`.
    padded = F.pad(audio, (0, 0, MOST_FRAMES, MOST_FRAMES))
    around = padded.unfold(0, len(OFFSETS), 1)
    # One product for all offsets. Runs are many and short: a product for each offset takes longer
    # to start than to compute.
    blocks = zip(
        torch.split(visual, _ROWS_AT_ONCE),
        torch.split(around, _ROWS_AT_ONCE),
        strict=True,
    )
    cosine = torch.cat([torch.bmm(v[:, None], a)[:, 0] for v, a in blocks])
    distance = (1.0 - cosine).cpu().double().numpy()

    heard = np.arange(rows)[:, None] + OFFSETS
    is_within = (heard >= 0) & (heard < rows)
    return np.where(is_within, distance, np.nan)


def _sums_to_each_row(values: Array) -> Array:
    """(rows, k) -> (rows + 1, k): row r is the sum of all rows before r."""
    return np.concatenate([np.zeros((1, values.shape[1])), values.cumsum(axis=0)])
