"""Core-milliseconds a frame of a whole job, from its command to its end, and of decoding alone.

    python tests/benchmarks/core_time.py VIDEO... [--seconds N] [--workers N] [--laps N]

Times of cores hardly change where others use the machine, too; wall times do. The least of the laps
is reported. Linux.
"""

import argparse
import ctypes
import os
import resource
from collections.abc import Callable
from functools import partial
from pathlib import Path

from avdf.cache.core.clock import FRAME_RATE
from avdf.pipeline.bench.decoding import decode_copies
from avdf.pipeline.bench.whole_job import whole_job_seconds
from avdf.pipeline.media.probe import probe
from avdf.pipeline.settings import Limits

_PR_SET_CHILD_SUBREAPER = 36


def core_seconds(run: Callable[[], object]) -> float:
    """Seconds of cores that `run` and all processes that it starts take, here or elsewhere."""
    before = _used()
    run()
    # Workers are no children of the command: they are handed to this process when it has ended.
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return _used() - before


def _used() -> float:
    usages = [
        resource.getrusage(who)
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--laps", type=int, default=1)
    given = parser.parse_args()
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    print("| file | job | decoding alone | decoding / job |\n|---|---|---|---|")
    for path in given.files:
        seconds = probe(path, Limits()).video_ends
        copies = max(1, round(given.seconds / seconds))
        whole_job = partial(whole_job_seconds, path, copies, given.workers, "cpu")
        decoding = partial(decode_copies, path, given.workers, "1")
        jobs, decodes = [], []
        # By turns, so that a slow moment of the machine affects both.
        for _ in range(given.laps):
            jobs.append(core_seconds(whole_job))
            decodes.append(core_seconds(decoding))
        job = 1000 * min(jobs) / (seconds * FRAME_RATE * copies)
        decode = 1000 * min(decodes) / (seconds * FRAME_RATE * given.workers)
        print(
            f"| {path.name} | {job:.2f} | {decode:.2f} | {decode / job:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
