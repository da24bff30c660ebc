"""Finding faces until nobody waits for them any more, and how far that is."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.detection import Box, Detection
from avdf.pipeline.media.frame import DecodedFrame


class Stopped(BaseException):
    """Nobody waits for this video any more. Not an Exception: it is no fault of the video."""


@dataclass
class RowsSeen:
    """How far a file is: the last row in which faces were looked for. Other threads may read it."""

    last: int = 0


class StoppableDetector(FaceDetector):
    """A detector that ends the preparation that uses it, once the event `stop` is set.

    `search` and `refine` then raise `Stopped`. `stop` is assigned after a detector is built or
    copied: an event cannot be copied.

    seen  of the file that is prepared now; assigned for each
    """

    stop: threading.Event
    seen: RowsSeen

    def search(
        self, frames: Sequence[DecodedFrame], smallest: float = 0.0
    ) -> list[list[Detection]]:
        self._look_up(frames)
        return super().search(frames, smallest)

    def refine(
        self, frames: Sequence[DecodedFrame], guesses: Sequence[Box]
    ) -> list[Detection]:
        self._look_up(frames)
        return super().refine(frames, guesses)

    def _look_up(self, frames: Sequence[DecodedFrame]) -> None:
        """Stop, or say how far the file is."""
        if self.stop.is_set():
            raise Stopped
        rows = (frame.row for frame in frames)
        self.seen.last = max(self.seen.last, *rows, 0)
