"""Many videos in little memory: a dataset's table may list a million."""

import marshal
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from itertools import chain
from typing import Any, overload

from avdf.cache.core.video import Period, VideoInfo

# Enough that names which resemble each other take little space, few enough to unpack for one.
_IN_BLOCK = 512
_NAMES = [field.name for field in fields(VideoInfo)]
_PERIODS = _NAMES.index("periods")


class PackedVideos(Sequence[VideoInfo]):
    """Videos in order; they take about 60 bytes each, and become objects when they are asked for.

    It is compared with other sequences of videos by their content.
    """

    def __init__(self, videos: Iterable[VideoInfo] = ()) -> None:
        self._blocks: list[bytes] = []
        # The last videos that were added, or all of them if they are few.
        self._rest: list[VideoInfo] = []
        # The block that was unpacked last: videos are mostly asked for in order.
        self._number, self._unpacked = -1, self._rest
        for video in videos:
            self.add(video)

    def add(self, video: VideoInfo) -> None:
        """Append a video."""
        self._rest.append(video)
        if len(self._rest) == _IN_BLOCK:
            self._blocks.append(_pack(self._rest))
            self._rest = []

    def __len__(self) -> int:
        return len(self._blocks) * _IN_BLOCK + len(self._rest)

    def __iter__(self) -> Iterator[VideoInfo]:
        packed = chain.from_iterable(_unpack(block) for block in self._blocks)
        return chain(packed, self._rest)

    @overload
    def __getitem__(self, index: int) -> VideoInfo: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[VideoInfo, ...]: ...
    def __getitem__(self, index: int | slice) -> VideoInfo | tuple[VideoInfo, ...]:
        if isinstance(index, slice):
            return tuple(self[place] for place in range(*index.indices(len(self))))
        # `range` counts from the end and refuses what is outside, as a tuple does.
        number, within = divmod(range(len(self))[index], _IN_BLOCK)
        if number == len(self._blocks):
            return self._rest[within]
        if number != self._number:
            self._unpacked, self._number = _unpack(self._blocks[number]), number
        return self._unpacked[within]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(self) != len(other):
            return NotImplemented if not isinstance(other, Sequence) else False
        return all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # as for a list

    def __repr__(self) -> str:
        return f"{len(self)} videos"


def _pack(videos: Sequence[VideoInfo]) -> bytes:
    rows = []
    for video in videos:
        row = [getattr(video, name) for name in _NAMES]
        row[_PERIODS] = [
            (period.start, period.end, period.visual, period.audio)
            for period in video.periods
        ]
        rows.append(row)
    # `marshal` is fast and reads only what this process wrote into its own memory.
    return zlib.compress(marshal.dumps(rows), 1)


def _unpack(block: bytes) -> list[VideoInfo]:
    return [_video(row) for row in marshal.loads(zlib.decompress(block))]


def _video(row: list[Any]) -> VideoInfo:
    row[_PERIODS] = tuple(Period(*period) for period in row[_PERIODS])
    return VideoInfo(*row)
