"""When each frame is shown: ffmpeg reports it ahead of the frames themselves."""

from queue import SimpleQueue
from typing import IO

from avdf.cache.core.clock import FRAME_RATE


class FrameTimes:
    """Rows of the frames that are about to come, in order.

    newest_row  the row that ffmpeg has reached; the frames up to there are on their way
    """

    def __init__(self) -> None:
        self.newest_row = 0
        self._rows: SimpleQueue[int | None] = SimpleQueue()

    def next_row(self) -> int | None:
        """The row of the next frame, waiting for it; None after the last."""
        return self._rows.get()

    def listen(self, pipe: IO[bytes]) -> None:
        """Read lines of `{pts} {timebase}` until the pipe ends. Runs in a thread of its own."""
        with pipe:
            for line in pipe:
                timestamp, _, unit = line.strip().partition(b" ")
                if not unit:
                    continue
                numerator, _, denominator = unit.partition(b"/")
                scaled = int(timestamp) * int(numerator) * FRAME_RATE
                self.newest_row = round(scaled / int(denominator))
                self._rows.put(self.newest_row)
        self._rows.put(None)
