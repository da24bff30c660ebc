"""How long ffmpeg takes to decode a file and do nothing else."""

import subprocess
import time
from pathlib import Path

from avdf.cache.core.errors import MediaError
from avdf.pipeline.media.guards import guard_words
from avdf.pipeline.media.probe import probe
from avdf.pipeline.settings import Limits


def decoding_seconds(path: Path, copies: int) -> float:
    """Seconds for `copies` processes to decode the file at the same time.

    With one thread each, or with as many as ffmpeg likes: whichever is faster.

    Raises:
        MediaError: ffmpeg cannot decode the file to its end.
    """
    with_one_thread = decode_copies(path, copies, threads="1")
    with_its_own_number = decode_copies(path, copies, threads="0")
    return min(with_one_thread, with_its_own_number)


def decode_copies(path: Path, copies: int, threads: str) -> float:
    """The same with that number of threads for each process; 0: as ffmpeg chooses."""
    media = probe(path, Limits())
    quiet = ["-v", "error", "-nostdin", "-threads", threads]
    source = [*guard_words(), "-i", f"file:{path.resolve()}", "-map", "0:v:0"]
    nowhere = ["-f", "rawvideo", "-y", "/dev/null"]
    command = [media.program, *quiet, *source, *nowhere]
    started = time.perf_counter()
    running = [
        subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(copies)
    ]
    # All copies run at once, as preparation runs on all cores.
    codes = [process.wait() for process in running]
    if any(codes):
        raise MediaError("corrupt", f"{path}: ffmpeg cannot decode it to the end")
    return time.perf_counter() - started
