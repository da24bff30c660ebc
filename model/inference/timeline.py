"""P(fake) and distance frame by frame, as means over overlapping windows."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from avdf.cache.core.clock import FRAME_RATE, SEGMENT_FRAMES
from avdf.cache.core.errors import SettingsError
from avdf.model.verdicts import PerVerdict

# Frames from one window to the next. Each divides 16, so that the non-overlapping segments, from
# which a video's score is made, are among the windows.
STRIDES = (1, 2, 4, 8, 16)

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Timeline:
    """One face track, frame by frame at 25 fps.

    start     seconds of the first frame, in the file's own time
    fake      (rows,) for each verdict: P(fake)
    distance  (rows,) cosine distance of f'_v and f'_a
    sync      (rows,) D(0) less the median distance over near offsets; below 0 where they fit
    face      the number of the person, from 1; 0 where persons are not told apart

    Raises:
        ValueError: the arrays are of different lengths.
    """

    start: float
    fake: PerVerdict[Array]
    distance: Array
    sync: Array
    face: int = 0

    def __post_init__(self) -> None:
        wanted = self.distance.shape
        for verdict, p in self.fake.items():
            if p.shape != wanted:
                raise ValueError(
                    f"fake.{verdict} has shape {p.shape}, expected {wanted}"
                )
        if self.sync.shape != wanted:
            raise ValueError(f"sync has shape {self.sync.shape}, expected {wanted}")

    @property
    def times(self) -> Array:
        """(rows,) seconds at which the frames begin."""
        return self.start + np.arange(len(self.distance)) / FRAME_RATE


def window_starts(rows: int, stride: int) -> npt.NDArray[np.int64]:
    """First rows of windows of 16 rows that together cover all rows.

    There is one window every `stride` rows, and one that ends with the track. A track of fewer
    than 16 rows has none.

    Raises:
        SettingsError: `stride` is not one of `STRIDES`.
    """
    if stride not in STRIDES:
        known = ", ".join(map(str, STRIDES))
        raise SettingsError(f"a stride of {stride} frames is not one of {known}")
    if rows < SEGMENT_FRAMES:
        return np.empty(0, np.int64)
    last = rows - SEGMENT_FRAMES
    regular = np.arange(0, last + 1, stride, dtype=np.int64)
    if regular[-1] == last:
        return regular
    return np.append(regular, np.int64(last))


def cover_means(
    first: npt.NDArray[np.int64],
    values: Array,
    rows: int,
) -> Array:
    """The mean over windows of what each says of a row.

    Args:
        first: (windows,) the first row of each window.
        values: (windows, 16, k) what each window says of its 16 rows.
        rows: how many rows there are.

    Returns:
        (rows, k); NaN for rows that no window covers.
    """
    sums = np.zeros((rows, values.shape[2]))
    counts = np.zeros((rows, 1))
    covered = first[:, None] + np.arange(SEGMENT_FRAMES)
    # np.add.at adds every occurrence of a row; `sums[covered] += values` would keep only the last.
    np.add.at(sums, covered, values)
    np.add.at(counts, covered, 1.0)
    with np.errstate(invalid="ignore"):
        return np.asarray(sums / counts)
