"""Scores of segments: one type that every way of scoring gives, and how it is cut and joined."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.model.synchrony.offset_curves import OffsetCurves, join_curves
from avdf.model.verdicts import VERDICTS, PerVerdict, Verdict, as_columns

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class SegmentScores:
    """Scores of n segments, in the order in which they were scored.

    video      (n,) the number of the video that each segment belongs to, as the caller counts
    fake       (n,) for each verdict: P(fake); NaN where the detector was not trained for it
    distances  (n, 16) cosine distance of f'_v and f'_a at each frame
    curves     of n segments: distances at other offsets of the sound; unknown where nobody looked

    Raises:
        ValueError: the arrays are of different numbers of segments.
    """

    video: npt.NDArray[np.int64]
    fake: PerVerdict[Array]
    distances: Array
    curves: OffsetCurves = field(default_factory=lambda: OffsetCurves.unknown(0))

    def __post_init__(self) -> None:
        size = len(self.video)
        if not len(self.curves.sums):
            object.__setattr__(self, "curves", OffsetCurves.unknown(size))
        for verdict, p in self.fake.items():
            _check_shape(f"fake.{verdict}", p, (size,))
        _check_shape("distances", self.distances, (size, SEGMENT_FRAMES))
        _check_shape("curves", self.curves.sums[:, 0], (size,))

    @classmethod
    def empty(cls) -> "SegmentScores":
        """Scores of no segments."""
        video = np.empty(0, np.int64)
        fake = PerVerdict.same(np.empty(0))
        distances = np.empty((0, SEGMENT_FRAMES))
        return cls(video, fake, distances)

    @classmethod
    def unknown(cls, video: int, segments: int) -> "SegmentScores":
        """So many segments of a video of which nothing can be judged."""
        owners = np.full(segments, video, np.int64)
        fake = PerVerdict.same(np.full(segments, np.nan))
        distances = np.full((segments, SEGMENT_FRAMES), np.nan)
        return cls(owners, fake, distances)

    @property
    def distance(self) -> Array:
        """(n,) mean distance over the 16 frames."""
        return np.asarray(self.distances.mean(axis=1))

    @property
    def is_judged(self) -> Mask:
        """(n,) whether a segment has a P(fake) of any verdict."""
        return np.asarray(np.isfinite(as_columns(self.fake)).any(axis=1))

    def chosen(self, mask: Mask) -> "SegmentScores":
        """The segments under a mask (n,)."""
        fake = self.fake.map(lambda p: p[mask])
        curves = self.curves.chosen(mask)
        return SegmentScores(self.video[mask], fake, self.distances[mask], curves)

    def spread(self, mask: Mask, videos: Sequence[int]) -> "SegmentScores":
        """Segments (m,) of `videos` (m,): these scores where `mask` (m,) is true, NaN elsewhere."""
        if mask.all():
            return self

        def filled(values: Array) -> Array:
            shape = (len(mask), *values.shape[1:])
            whole = np.full(shape, np.nan)
            whole[mask] = values
            return whole

        owners = np.array(videos, np.int64)
        fake = self.fake.map(filled)
        curves = self.curves.spread(mask)
        return SegmentScores(owners, fake, filled(self.distances), curves)

    def of_video(self, video: int) -> "SegmentScores":
        """The same, as segments of one video of another number."""
        owners = np.full(len(self.video), video, np.int64)
        return replace(self, video=owners)

    def without_audio(self, silent: Sequence[int]) -> "SegmentScores":
        """The same, but the videos of these numbers have no audio: only their frames are judged."""
        if not len(silent):
            return self
        mute = np.isin(self.video, silent)
        distances = self.distances.copy()
        # A distance compares frames with audio, of which one is missing.
        distances[mute] = np.nan
        fake = PerVerdict(
            visual=self.fake.visual,
            audio=np.where(mute, np.nan, self.fake.audio),
            video=np.where(mute, np.nan, self.fake.video),
        )
        curves = self.curves.without(mute)
        return replace(self, fake=fake, distances=distances, curves=curves)

    def without_picture(self, unseen: Sequence[int]) -> "SegmentScores":
        """The same, but the videos of these numbers have no picture: only their audio is judged."""
        if not len(unseen):
            return self
        blind = np.isin(self.video, unseen)
        distances = self.distances.copy()
        distances[blind] = np.nan
        fake = PerVerdict(
            visual=np.where(blind, np.nan, self.fake.visual),
            audio=self.fake.audio,
            video=np.where(blind, np.nan, self.fake.video),
        )
        curves = self.curves.without(blind)
        return replace(self, fake=fake, distances=distances, curves=curves)

    def finite(self, trained: Sequence[str]) -> Mask:
        """(n,) whether a segment has a finite P(fake) for every verdict that was trained."""
        found = np.ones(len(self.video), bool)
        for verdict in VERDICTS:
            if verdict in trained:
                found &= np.isfinite(self.fake[verdict])
        return found


def _check_shape(
    name: str,
    array: npt.NDArray[Any],
    wanted: tuple[int, ...],
) -> None:
    if array.shape != wanted:
        raise ValueError(f"{name} has shape {array.shape}, expected {wanted}")


def join_segments(parts: Sequence[SegmentScores]) -> SegmentScores:
    """The scores of several parts, one after another. Without any part: no scores."""
    parts = [SegmentScores.empty(), *parts]

    def joined(verdict: Verdict) -> Array:
        return np.concatenate([part.fake[verdict] for part in parts])

    video = np.concatenate([part.video for part in parts])
    distances = np.concatenate([part.distances for part in parts])
    curves = join_curves([part.curves for part in parts])
    return SegmentScores(video, PerVerdict.of(joined), distances, curves)


def or_none(value: float) -> float | None:
    """None for NaN: a value that was not scored."""
    return None if math.isnan(value) else value
