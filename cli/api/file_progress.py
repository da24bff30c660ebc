"""How far the files are that are being scored: read, then judged, with the time that is left."""

import time
from collections.abc import Callable

from avdf.cache.core.errors import MediaError
from avdf.cache.core.safe_text import printable
from avdf.cache.core.video import VideoInfo
from avdf.events import OnEvent, Progress
from avdf.pipeline.media.probe import probe
from avdf.pipeline.settings import Limits

# A file that takes less time than this to read or to judge is not spoken of.
_QUIET_SECONDS = 3.0


class FileProgress:
    """Reports how many files are done, and how far the one is that is waited for.

    Args:
        files: how many there are.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        on_event: OnEvent,
        task: str,
        files: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_event, self._task, self._files = on_event, task, files
        self._clock = clock
        self._done = 0
        self._work = ""  # what is being done with which file
        self._since = 0.0  # when that was begun
        self._length = 0.0  # seconds of the file that is read; 0: unknown

    def finished(self, done: int) -> None:
        """So many files are done."""
        self._done, self._work = done, ""
        self._on_event(Progress(self._task, done, self._files, "videos"))

    def reader(self, excerpts: int) -> Callable[[VideoInfo, float], None] | None:
        """What is told how much of a file is read; nothing is where only excerpts are.

        They take seconds, and each is read on its own: there is no single position to report.
        """
        return None if excerpts else self.reading

    def reading(self, info: VideoInfo, seconds: float) -> None:
        """So many seconds of a file are read."""
        if self._begins(f"reading {_name(info)}"):
            self._length = _length_of(info)
        self._report(seconds, self._length)

    def judging(self, info: VideoInfo, seconds: float, length: float) -> None:
        """So many seconds of the faces of a file are judged, of `length`."""
        self._begins(f"judging {_name(info)}")
        self._report(seconds, length)

    def _begins(self, work: str) -> bool:
        if work == self._work:
            return False
        self._work, self._since = work, self._clock()
        return True

    def _report(self, seconds: float, length: float) -> None:
        took = self._clock() - self._since
        if took < _QUIET_SECONDS:
            return
        words = f"{self._work}: {_minutes(seconds)}"
        # The length that a file states may be too short, or missing.
        if 0 < seconds < length:
            left = took * (length - seconds) / seconds
            words += f" of {_minutes(length)}, about {_minutes(left)} left"
        self._on_event(Progress(self._task, self._done, self._files, "videos", words))


def _name(info: VideoInfo) -> str:
    return printable(info.file.name)


def _length_of(info: VideoInfo) -> float:
    """Seconds from time 0 on; 0 where the file does not say."""
    try:
        return probe(info.file, Limits()).ends
    except (MediaError, OSError):
        return 0.0  # its row will say what is wrong with it


def _minutes(seconds: float) -> str:
    """`62:05`: minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
