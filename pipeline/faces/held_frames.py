"""Frames that are held back because a face's box in them may still change."""

from avdf.pipeline.media.frame import DecodedFrame


class HeldFrames:
    """Consecutive frames, found by their rows."""

    def __init__(self) -> None:
        self._frames: list[DecodedFrame] = []

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, row: int) -> DecodedFrame:
        return self._frames[row - self.first_row]

    @property
    def first_row(self) -> int:
        return self._frames[0].row

    @property
    def last_row(self) -> int:
        return self._frames[-1].row

    def add(self, frame: DecodedFrame) -> None:
        """Hold the frame of the next row."""
        self._frames.append(frame)

    def drop_before(self, row: int) -> None:
        """Stop holding the frames before a row."""
        self._frames = self._frames[max(0, row - self.first_row) :]
