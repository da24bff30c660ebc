"""Finding faces until nobody waits for them any more."""

import threading
from collections.abc import Sequence

from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.detection import Box, Detection
from avdf.pipeline.media.frame import DecodedFrame


class Stopped(BaseException):
    """Nobody waits for this video any more. Not an Exception: it is no fault of the video."""


class StoppableDetector(FaceDetector):
    """A detector that ends the preparation that uses it, once the event `stop` is set.

    `search` and `refine` then raise `Stopped`. `stop` is assigned after a detector is built or
    copied: an event cannot be copied.
    """

    stop: threading.Event

    def search(
        self, frames: Sequence[DecodedFrame], smallest: float = 0.0
    ) -> list[list[Detection]]:
        self._end_if_stopped()
        return super().search(frames, smallest)

    def refine(
        self, frames: Sequence[DecodedFrame], guesses: Sequence[Box]
    ) -> list[Detection]:
        self._end_if_stopped()
        return super().refine(frames, guesses)

    def _end_if_stopped(self) -> None:
        if self.stop.is_set():
            raise Stopped
