"""Time stamps of the streams of a file: how regular they are, and where they leave out time."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from avdf.pipeline.media.ffmpeg import find_tool
from avdf.pipeline.media.guards import guard_words
from avdf.pipeline.statement.bounded_lines import bounded_lines
from avdf.pipeline.statement.file_statement import StreamTimes, TimeGap

MOST_PACKETS = 1_000_000  # about five hours of frames and sound
MOST_LISTED = 20
_LONG_STEP = 2.5  # steps between two time stamps, from which on it is a gap
# A frame that is computed from later ones is stored after them, but never by a whole second.
_FARTHEST_REORDERED = 1.0
_SHORTEST_GAP = 0.1  # seconds; shorter ones are what variable frame rates bring

Array = npt.NDArray[np.float64]


def read_stream_times(
    path: Path, streams: Iterable[int], timeout: float
) -> tuple[tuple[StreamTimes, ...], bool]:
    """The times of the wanted streams, and whether all time stamps of the file were read.

    Args:
        streams: their numbers.
        timeout: seconds of wall time.
    """
    stamps: dict[int, list[float]] = {number: [] for number in streams}
    command = [find_tool("ffprobe").path, "-v", "quiet", *guard_words()]
    command += ["-show_entries", "packet=stream_index,pts_time", "-of", "csv=p=0"]
    command.append(f"file:{path.resolve()}")
    with bounded_lines(command, timeout, MOST_PACKETS) as lines:
        for line in lines:
            number, _, stamp = line.strip().rstrip(b",").partition(b",")
            own = stamps.get(int(number)) if number.isdigit() else None
            # Some packets have no time stamp: ffprobe prints N/A.
            if own is not None and stamp[-1:].isdigit():
                own.append(float(stamp.partition(b",")[0]))
    times = [summarise_times(number, found) for number, found in stamps.items()]
    return tuple(times), lines.is_all


def summarise_times(stream: int, stamps: Sequence[float]) -> StreamTimes:
    """How regular time stamps are.

    Args:
        stamps: seconds, in the order of the file, which is not that of time.
    """
    stored: Array = np.array(stamps, np.float64)
    times = np.sort(stored)
    steps = np.diff(times)
    step = float(np.median(steps)) if len(steps) else None
    irregular, gaps = 0, np.empty(0, np.int64)
    if step is not None:
        irregular = int((np.abs(steps - step) > step / 2).sum())
        longest = max(_LONG_STEP * step, step + _SHORTEST_GAP)
        gaps = np.flatnonzero(steps > longest)
    # Of many gaps the longest are listed, in the order of time.
    listed = np.sort(gaps[np.argsort(-steps[gaps], kind="stable")][:MOST_LISTED])
    return StreamTimes(
        stream=stream,
        packets=len(times),
        first=round(float(times[0]), 6) if len(times) else None,
        last=round(float(times[-1]), 6) if len(times) else None,
        step=None if step is None else round(step, 6),
        irregular=irregular,
        repeated=int((steps == 0).sum()),
        gaps=tuple(
            TimeGap(round(float(times[at]), 6), round(float(steps[at]), 6))
            for at in listed
        ),
        all_gaps=len(gaps),
        jumps=_jumps_back(stored),
    )


def _jumps_back(stored: Array) -> tuple[TimeGap, ...]:
    """Where time stamps, in the order of the file, go back further than frames are reordered."""
    steps = np.diff(stored)
    found = np.flatnonzero(steps < -_FARTHEST_REORDERED)[:MOST_LISTED]
    return tuple(
        TimeGap(round(float(stored[at]), 6), round(float(steps[at]), 6)) for at in found
    )
