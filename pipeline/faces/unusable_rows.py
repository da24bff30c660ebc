"""Rows that show no living face: nearly black or white ones, and repeats of one still frame."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from avdf.pipeline.faces.difference import is_repeated, local_difference
from avdf.pipeline.faces.row_span import RowSpan, runs_of
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.resample import Plane

# A frame with less than this share of the largest contrast nearby is nearly black or white.
_LOW_CONTRAST_SHARE = 0.3
# Luma levels, standard deviation: more contrast than this is always enough.
_ENOUGH_CONTRAST = 15.0
_NEARBY = 50  # rows
# Luma levels by which a part of a still picture may differ from its first row, because an encoder
# refines it bit by bit. Measured: at most 6.1 for still pictures (x264 and x265 to CRF 35, MPEG-2,
# MPEG-4, VP9), at least 13 for persons who sit still and talk, less only where they are tiny.
_REFINED = 8.0
_PART = 5  # pixels of a thumbnail: side of the part


class UnusableRows:
    """Collects contrast and repetition of every row.

    last_low_contrast  the last row, as far as is known, that is nearly black or white; -1 where
                       there is none
    """

    def __init__(self) -> None:
        self.last_low_contrast = -1
        self._first_row = 0
        self._contrasts: list[float] = []
        self._repeats: list[bool] = []
        self._latest: DecodedFrame | None = None
        self._first_thumbnail: Plane | None = None
        self._is_one_picture = True

    def feed(
        self,
        frame: DecodedFrame,
        thumbnail: Plane,
    ) -> None:
        """Take the next row."""
        if self._first_thumbnail is None:
            self._first_row = frame.row
            self._first_thumbnail = thumbnail
        # Once any row shows something else, no other row needs to be compared.
        if self._is_one_picture:
            self._is_one_picture = _shows_the_same(thumbnail, self._first_thumbnail)
        has_repeated = self._latest is not None and is_repeated(self._latest, frame)
        self._repeats.append(has_repeated)
        self._latest = frame
        contrast = float(thumbnail.std())
        self._contrasts.append(contrast)
        largest_nearby = max(self._contrasts[-_NEARBY:])
        enough = min(_ENOUGH_CONTRAST, _LOW_CONTRAST_SHARE * largest_nearby)
        if contrast < enough:
            self.last_low_contrast = frame.row

    def low_contrast(
        self,
        cuts: Sequence[int],
        brief: int,
    ) -> list[RowSpan]:
        """Runs of more than `brief` rows that are nearly black or white.

        Args:
            cuts: the first row of each shot but the first.
        """
        starts = [row - self._first_row for row in cuts]
        spans = low_contrast_spans(
            np.array(self._contrasts),
            starts,
            brief,
        )
        return [span.shifted(self._first_row) for span in spans]

    def frozen(self, least: int) -> list[RowSpan]:
        """Runs of at least `least` rows that repeat one frame, in a video that moves elsewhere.

        None where all rows show one still picture, which an encoder has refined bit by bit. A tiny
        person changes as little, but in each row: most rows of a still picture are repeats.
        """
        spans = frozen_spans(np.array(self._repeats, bool), least)
        still_rows = sum(span.rows for span in spans)
        if self._is_one_picture and still_rows >= len(self._repeats) / 2:
            return []
        return [span.shifted(self._first_row) for span in spans]


def low_contrast_spans(
    contrasts: npt.NDArray[np.float64],
    cuts: Sequence[int],
    brief: int,
) -> list[RowSpan]:
    """Runs of more than `brief` rows with little contrast, compared to the same shot nearby."""
    spans: list[RowSpan] = []
    for start, stop in pairwise([0, *cuts, len(contrasts)]):
        shot = contrasts[start:stop]
        if not shot.size:
            continue
        # Of each row: the rows before it, the row itself, and the rows after it.
        padded = np.pad(shot, _NEARBY, constant_values=-np.inf)
        nearby = np.lib.stride_tricks.sliding_window_view(padded, 2 * _NEARBY + 1)
        largest_nearby = nearby.max(axis=1)
        is_low = (shot < _LOW_CONTRAST_SHARE * largest_nearby) & (
            shot < _ENOUGH_CONTRAST
        )
        runs = [run.shifted(start) for run in runs_of(is_low)]
        spans += [run for run in runs if run.rows > brief]
    return spans


def frozen_spans(
    repeats: npt.NDArray[np.bool_],
    least: int,
) -> list[RowSpan]:
    """Runs of at least `least` rows that repeat the row before.

    None where all rows after the first are repeats: a video of one still frame stays as it is.
    """
    if repeats[1:].all():
        return []
    return [run for run in runs_of(repeats) if run.rows >= least]


def _shows_the_same(thumbnail: Plane, first: Plane) -> bool:
    """Whether two thumbnails show one picture, encoded more or less finely."""
    if thumbnail.shape != first.shape:
        return False
    nothing = np.zeros(first.shape, np.bool_)
    return local_difference(thumbnail, first, nothing, _PART) <= _REFINED
