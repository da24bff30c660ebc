"""Sudden changes of the whole frame: cuts, and disturbances that pass.

A change from one row to the next is judged against the usual change of the last rows. Its meaning
shows a few rows later: a flash, a torn or a black frame goes away again, a cut stays. So rows after
a large change wait until its meaning is known, five rows at most.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from avdf.pipeline.faces.difference import difference
from avdf.pipeline.faces.row_span import RowSpan
from avdf.pipeline.faces.transitions import Transitions
from avdf.pipeline.faces.unusable_rows import UnusableRows
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.media.resample import Plane
from avdf.pipeline.settings import FaceSettings

_RECENT = 12  # changes from one row to the next that show what is usual
_USUAL = 1.0  # luma levels: the usual change before any is known


@dataclass(frozen=True, eq=False)
class ShotFrame:
    """A frame, and how it follows the frames before it.

    disturbed   something passes over it (a flash, a torn frame): no face is searched in it
    boundary    it is the first after a large change
    last_before for a boundary: the row of the last undisturbed frame before it
    large       the change was so large that motion cannot explain it
    """

    frame: DecodedFrame
    thumbnail: Plane
    disturbed: bool = False
    boundary: bool = False
    last_before: int = -1
    large: bool = False


class ShotWatcher:
    """Decides for each row of a video whether the shot goes on, is disturbed, or changes."""

    def __init__(self, settings: FaceSettings) -> None:
        self.settings = settings
        self._steady: ShotFrame | None = None  # the last row that was not disturbed
        # The rows since a change whose meaning is not known yet.
        self._waiting: list[ShotFrame] = []
        self._changes: deque[float] = deque(maxlen=_RECENT)
        self._cuts: list[int] = []  # rows after a large change
        self._transitions = Transitions()
        self._unusable = UnusableRows()

    def feed(self, frame: DecodedFrame) -> Iterator[ShotFrame]:
        """Take the next row; give the rows whose meaning is known now, in order."""
        thumbnail = frame.thumbnail().copy()
        self._unusable.feed(frame, thumbnail)
        self._transitions.feed(frame.row, thumbnail)
        yield from self._judge(ShotFrame(frame, thumbnail))

    def finish(self) -> Iterator[ShotFrame]:
        """The rows that still wait."""
        while self._waiting:
            yield from self._accept_change()

    def last_uncertain(self) -> int:
        """The last row, as far as is known, of a gradual transition; -1 where there is none."""
        return max(self._unusable.last_low_contrast, self._transitions.last_row())

    def low_contrast(self) -> list[RowSpan]:
        """Rows that are nearly black or white for longer than a disturbance lasts."""
        return self._unusable.low_contrast(self._cuts, self.settings.brief)

    def frozen(self) -> list[RowSpan]:
        """Rows that repeat one frame for a long time, in a video that moves elsewhere.

        Players fill a gap in a recording that way.
        """
        return self._unusable.frozen(self.settings.frozen)

    def transitions(self) -> list[RowSpan]:
        """Rows of dissolves and wipes: they show two shots at once."""
        return self._transitions.spans()

    def _judge(self, shot_frame: ShotFrame) -> Iterator[ShotFrame]:
        if self._steady is None:
            yield self._settle(shot_frame)
            return
        change = difference(shot_frame.thumbnail, self._steady.thumbnail)
        if not self._waiting:
            if change > self._limit():
                self._waiting = [shot_frame]
            else:
                self._changes.append(change)
                yield self._settle(shot_frame)
            return

        # A change is pending. Where the frame looks again as it did before, it was a disturbance.
        jump = difference(self._waiting[0].thumbnail, self._steady.thumbnail)
        if change <= max(self._limit(), jump / 3):
            disturbed, self._waiting = self._waiting, []
            yield from self._cross(disturbed, shot_frame, jump)
            return
        self._waiting.append(shot_frame)
        if len(self._waiting) > self.settings.brief:
            yield from self._accept_change()

    def _accept_change(self) -> Iterator[ShotFrame]:
        """The pending change stays: a new shot has begun.

        The change may take a few rows. The new shot begins where frames look like the last one.
        """
        assert self._steady is not None
        waiting, self._waiting = self._waiting, []
        newest, limit = waiting[-1].thumbnail, self._limit()
        begin = next(
            index
            for index, one in enumerate(waiting)
            if difference(one.thumbnail, newest) <= limit
        )
        # Where only the last one looks like itself, nothing has settled: take the whole change.
        if begin == len(waiting) - 1:
            begin = 0
        jump = difference(waiting[begin].thumbnail, self._steady.thumbnail)
        # With a shaking camera every change is large: large changes then become the usual ones.
        self._changes.append(jump)
        yield from self._cross(waiting[:begin], waiting[begin], jump)
        for shot_frame in waiting[begin + 1 :]:
            yield from self._judge(shot_frame)

    def _cross(
        self,
        disturbed: list[ShotFrame],
        after: ShotFrame,
        jump: float,
    ) -> Iterator[ShotFrame]:
        """Give the disturbed rows, and the row after them as a boundary."""
        assert self._steady is not None
        last_before = self._steady.frame.row
        for passing in disturbed:
            yield ShotFrame(passing.frame, passing.thumbnail, disturbed=True)
        large = jump > self.settings.cut
        if large:
            self._cuts.append(after.frame.row)
        boundary = ShotFrame(
            after.frame,
            after.thumbnail,
            boundary=True,
            last_before=last_before,
            large=large,
        )
        yield self._settle(boundary)

    def _settle(self, shot_frame: ShotFrame) -> ShotFrame:
        self._steady = shot_frame
        return shot_frame

    def _limit(self) -> float:
        """The change above which a row may belong to another shot."""
        usual = median(self._changes) if self._changes else _USUAL
        return max(self.settings.jump, self.settings.jump_ratio * usual)
