"""Windows that could not be read during a run: listed in `damaged.jsonl`, counted in a note."""

from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SegmentError
from avdf.cache.stream.index import VideoRef
from avdf.model.runs.log import LogWriter, read_log
from avdf.model.training.distributed import Ranks


class UnreadableWindows:
    """Collects them on every rank; the first rank writes them."""

    def __init__(self, path: Path, ranks: Ranks) -> None:
        self._path, self._ranks = path, ranks
        self._waiting: list[dict[str, Any]] = []  # not yet on disk
        self.notes: tuple[str, ...] = ()

    def add(self, epoch: int, step: int, video: VideoRef, error: SegmentError) -> None:
        """Note that a window of a video could not be read."""
        line = {"epoch": epoch, "step": step, "id": video.info.id, "reason": str(error)}
        self._waiting.append(line)

    def write(self) -> None:
        """Append what was added on any rank since the last call. All ranks must call it."""
        lines = [line for share in self._ranks.collect(self._waiting) for line in share]
        self._waiting = []
        if not self._ranks.leads or not lines:
            return
        writer = LogWriter(self._path)
        for line in lines:
            writer.write(line)
        writer.close()
        self.count()

    def count(self) -> None:
        """Bring `notes` up to date with the file, which also holds what came before a resume."""
        number = len(read_log(self._path))
        if number:
            self.notes = (
                f"{number} times a segment could not be read and another one was trained on "
                f"instead; {self._path.name} lists them, `avdf verify` says what to rebuild",
            )
