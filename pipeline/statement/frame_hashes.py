"""Exact repetitions among decoded frames, found by their hashes."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from avdf.pipeline.media.guards import guard_words
from avdf.pipeline.settings import Limits
from avdf.pipeline.statement.bounded_lines import bounded_lines
from avdf.pipeline.statement.file_statement import FrameRun, RepeatedFrames
from avdf.pipeline.statement.stream_times import MOST_LISTED

MOST_FRAMES = 3000  # that are decoded: two minutes at 25 frames per second
MOST_SECONDS = 60.0  # of wall time


def read_repeated_frames(
    path: Path, program: str, stream: int, limits: Limits
) -> RepeatedFrames:
    """Decode the first frames of a video stream and compare them.

    Args:
        program: the ffmpeg that decodes it.
        stream: its number within the file.
    """
    command = [program, "-v", "quiet", "-nostdin", *guard_words()]
    command += ["-threads", "1", "-max_pixels", str(limits.pixels)]
    command += ["-i", f"file:{path.resolve()}", "-map", f"0:{stream}"]
    # One frame more than is compared shows whether there are more.
    command += ["-fps_mode", "passthrough", "-frames:v", str(MOST_FRAMES + 1)]
    command += ["-f", "framehash", "-hash", "sha256", "pipe:1"]
    hashes: list[bytes] = []
    times: list[float] = []
    unit = 0.0
    with bounded_lines(command, MOST_SECONDS, MOST_FRAMES + 100) as lines:
        for line in lines:
            # The head has lines such as `#tb 0: 1/25`: the unit of time.
            if line.startswith(b"#tb 0:"):
                unit = _fraction(line.partition(b":")[2])
            if line.startswith(b"#"):
                continue
            fields = [field.strip() for field in line.split(b",")]
            if len(fields) == 6:
                times.append(float(fields[2]) * unit)
                hashes.append(fields[5])
    is_all = lines.is_all and len(hashes) <= MOST_FRAMES
    return compare_hashes(hashes[:MOST_FRAMES], times[:MOST_FRAMES], is_all)


def compare_hashes(
    hashes: Sequence[bytes], times: Sequence[float], is_all: bool
) -> RepeatedFrames:
    """What hashes of frames say.

    Args:
        times: seconds of each frame.
        is_all: whether these are all frames of the file.
    """
    runs: list[FrameRun] = []
    first, later_again, seen = 0, 0, set(hashes[:1])
    for index, (before, frame) in enumerate(pairwise(hashes), start=1):
        if frame == before:
            continue
        if index - first > 1:
            runs.append(FrameRun(round(times[first], 3), index - first))
        first = index
        later_again += frame in seen
        seen.add(frame)
    if len(hashes) - first > 1:
        runs.append(FrameRun(round(times[first], 3), len(hashes) - first))
    longest = sorted(runs, key=lambda run: -run.frames)[:MOST_LISTED]
    return RepeatedFrames(
        examined=len(hashes),
        is_all=is_all,
        repeats=sum(run.frames - 1 for run in runs),
        runs=tuple(sorted(longest, key=lambda run: run.start)),
        later_again=later_again,
    )


def _fraction(text: bytes) -> float:
    above, _, below = text.strip().partition(b"/")
    return float(above) / float(below or 1)
