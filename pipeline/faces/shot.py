"""Where a video's picture changes as a whole: cuts, disturbances that pass, dissolves, wipes and fades.

A change from one picture to the next is judged against what the last pictures changed by. What it means shows a few
rows later: a flash, a torn or a black frame goes away again, a cut stays. So pictures after a large change wait until
that is known, five rows at most. Gradual transitions are found afterwards, from the thumbnails alone.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter1d

from avdf.pipeline.faces.difference import difference, is_repeated
from avdf.pipeline.faces.row_span import RowSpan
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.resample import Plane
from avdf.pipeline.settings import FaceSettings

_RECENT = 12  # steps from one row to the next that tell what is usual
_USUAL = 1.0  # luma levels, before the first step is known
_LENGTHS = (8, 12, 25, 50)  # rows over which gradual transitions are looked for
_TRANSITION = 12.0  # luma levels by which its two ends differ at least, on average
_OUTSIDE = 0.09  # share of that by which pixels may lie outside of what they are at both ends
_UNEVEN = 0.17  # by how much its progress may differ from a steady one
_EDGE = 0.06  # progress at which a transition begins; it ends this much before 1
_DIM = 0.3  # contrast, of the largest nearby, below which a picture is nearly black or white
_DIM_LEVELS = 15.0  # luma levels, standard deviation: more contrast than this is never too little
_NEARBY = 50  # rows


@dataclass(frozen=True, eq=False)
class ShotFrame:
    """A row whose place is known.

    disturbed  something passes over the picture (a flash, a torn frame): no face is looked for in this row
    boundary   first row after a large change; `before` is the last row ahead of it that was not disturbed
    large      the change was so large that it cannot be motion
    """

    picture: DecodedFrame
    thumbnail: Plane
    disturbed: bool = False
    boundary: bool = False
    before: int = -1
    large: bool = False


class ShotWatcher:
    """Tells for each row of a video whether the picture went on, was disturbed, or became another."""

    def __init__(self, settings: FaceSettings) -> None:
        self.settings = settings
        self._steady: ShotFrame | None = None  # the last row that was not disturbed
        self._waiting: list[
            ShotFrame
        ] = []  # rows since a large change whose meaning is not yet known
        self._steps: deque[float] = deque(maxlen=_RECENT)
        self._transitions = _Transitions()
        self._first = 0  # the first row
        self._contrasts: list[float] = []  # of every row from there on
        self._cuts: list[int] = []  # rows after a large change
        self._dark = -1  # last row with next to no contrast
        self._latest: DecodedFrame | None = None
        self._repeats: list[bool] = []  # of every row: whether it is the row before once more

    def feed(self, picture: DecodedFrame) -> Iterator[ShotFrame]:
        """Take the next row; give the rows whose place is known now, in order."""
        thumbnail = picture.thumbnail().copy()
        self._repeats.append(self._latest is not None and is_repeated(self._latest, picture))
        self._latest = picture
        self._contrasts.append(float(thumbnail.std()))
        if self._contrasts[-1] < min(_DIM_LEVELS, _DIM * max(self._contrasts[-_NEARBY:])):
            self._dark = picture.row
        self._transitions.feed(picture.row, thumbnail)
        yield from self._place(ShotFrame(picture, thumbnail))

    def finish(self) -> Iterator[ShotFrame]:
        """The rows that still wait."""
        while self._waiting:
            yield from self._give_up_waiting()

    def last_uncertain(self) -> int:
        """The last row, as far as is known, that belongs to a gradual transition; -1 if there was none."""
        return max([self._dark, *(last for _, last in self._transitions.spans()[-1:])])

    def excluded(self) -> list[RowSpan]:
        """Rows that are nearly black or white, for longer than a disturbance lasts."""
        cuts = [row - self._first for row in self._cuts]
        spans = dim_spans(np.array(self._contrasts), cuts, self.settings.brief)
        return [(first + self._first, last + self._first) for first, last in spans]

    def frozen(self) -> list[RowSpan]:
        """Rows that repeat one picture for a long time, in a video that moves elsewhere.

        Players fill a gap in the recording that way. A video that is one still picture throughout is left as it is.
        """
        spans = frozen_spans(np.array(self._repeats, bool), self.settings.frozen)
        return [(first + self._first, last + self._first) for first, last in spans]

    def transitions(self) -> list[RowSpan]:
        """Rows of dissolves and wipes: they show two shots at once."""
        return self._transitions.spans()

    def _place(self, step: ShotFrame) -> Iterator[ShotFrame]:
        steady = self._steady
        if steady is None:
            self._first = step.picture.row
            yield self._settle(step)
            return
        change = difference(step.thumbnail, steady.thumbnail)
        if not self._waiting:
            if change > self._limit():
                self._waiting = [step]
            else:
                self._steps.append(change)
                yield self._settle(step)
            return
        jump = difference(self._waiting[0].thumbnail, steady.thumbnail)
        if change <= max(self._limit(), jump / 3):  # back to what it was
            disturbed, self._waiting = self._waiting, []
            yield from self._cross(disturbed, step, jump)
            return
        self._waiting.append(step)
        if len(self._waiting) > self.settings.brief:
            yield from self._give_up_waiting()

    def _give_up_waiting(self) -> Iterator[ShotFrame]:
        """The change stays. It may take a few rows: the new shot begins where pictures agree with the last one."""
        assert self._steady is not None
        waiting, self._waiting = self._waiting, []
        newest, limit = waiting[-1].thumbnail, self._limit()
        settled = [
            index
            for index, step in enumerate(waiting)
            if difference(step.thumbnail, newest) <= limit
        ]
        begin = settled[0] if settled[0] < len(waiting) - 1 else 0
        jump = difference(waiting[begin].thumbnail, self._steady.thumbnail)
        self._steps.append(jump)  # before a shaking camera every step is large: that is usual, then
        yield from self._cross(waiting[:begin], waiting[begin], jump)
        for step in waiting[begin + 1 :]:
            yield from self._place(step)

    def _cross(
        self, disturbed: list[ShotFrame], step: ShotFrame, jump: float
    ) -> Iterator[ShotFrame]:
        assert self._steady is not None
        before = self._steady.picture.row
        for passing in disturbed:
            yield ShotFrame(passing.picture, passing.thumbnail, disturbed=True)
        large = jump > self.settings.cut
        if large:
            self._cuts.append(step.picture.row)
        yield self._settle(
            ShotFrame(step.picture, step.thumbnail, boundary=True, before=before, large=large)
        )

    def _settle(self, step: ShotFrame) -> ShotFrame:
        self._steady = step
        return step

    def _limit(self) -> float:
        usual = median(self._steps) if self._steps else _USUAL
        return max(self.settings.jump, self.settings.jump_ratio * usual)


class _Transitions:
    """Gradual transitions, from thumbnails: in a dissolve or a wipe every pixel goes from its old value to its new one
    and is never anything else in between. Motion is not like that: what passes a pixel is neither.
    """

    def __init__(self) -> None:
        self._recent: deque[Plane] = deque(maxlen=max(_LENGTHS) + 1)
        self._found: list[RowSpan] = []

    def feed(self, row: int, thumbnail: Plane) -> None:
        self._recent.append(thumbnail)
        if row % 2:
            return
        for length in _LENGTHS:
            if length < len(self._recent) and (span := self._examine(row, length)):
                self._add(span)

    def spans(self) -> list[RowSpan]:
        return self._found

    def _examine(self, row: int, length: int) -> RowSpan | None:
        """The rows of a transition among the last `length`, if there is one."""
        start, end = (
            self._recent[-length - 1].astype(np.float32),
            self._recent[-1].astype(np.float32),
        )
        change = end - start
        total = float(np.abs(change).mean())
        if total < _TRANSITION:
            return None
        low, high, energy = np.minimum(start, end), np.maximum(start, end), float((change**2).sum())

        def progress(at: int) -> float:
            return float(((self._recent[at - length - 1] - start) * change).sum()) / energy

        for at in (length // 4, length // 2, 3 * length // 4):
            middle = self._recent[at - length - 1]
            outside = np.maximum(low - middle, 0) + np.maximum(middle - high, 0)
            if (
                float(outside.mean()) > _OUTSIDE * total
                or abs(progress(at) - at / length) > _UNEVEN
            ):
                return None
        mixed = [at for at in range(1, length) if _EDGE < progress(at) < 1 - _EDGE]
        return row - length + mixed[0], row - length + mixed[-1]

    def _add(self, span: RowSpan) -> None:
        """Join what overlaps: a long transition holds many short ones."""
        while self._found and self._found[-1][1] + 1 >= span[0]:
            last = self._found.pop()
            span = min(last[0], span[0]), max(last[1], span[1])
        self._found.append(span)


def dim_spans(contrasts: npt.NDArray[np.float64], cuts: Sequence[int], brief: int) -> list[RowSpan]:
    """Runs of more than `brief` rows whose contrast is nearly gone, beside that of the same shot's rows nearby."""
    spans: list[RowSpan] = []
    for start, stop in zip([0, *cuts], [*cuts, len(contrasts)], strict=True):
        shot = contrasts[start:stop]
        if not shot.size:
            continue
        dim = (shot < _DIM * maximum_filter1d(shot, 2 * _NEARBY + 1)) & (shot < _DIM_LEVELS)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], dim.astype(np.int8), [0]]))) + start
        runs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
        spans += [(first, after - 1) for first, after in runs if after - first > brief]
    return spans


def frozen_spans(repeats: npt.NDArray[np.bool_], least: int) -> list[RowSpan]:
    """Runs of at least `least` repeated rows; none where all rows after the first are repeats."""
    if repeats[1:].all():
        return []
    edges = np.flatnonzero(np.diff(np.concatenate([[0], repeats.astype(np.int8), [0]])))
    runs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(first, after - 1) for first, after in runs if after - first >= least]
