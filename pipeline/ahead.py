"""Videos prepared in memory ahead of the one that is asked for, by a thread for each core."""

import copy
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from typing import NamedTuple

import torch

from avdf.cache.core.clock import FRAME_RATE
from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.cache.machine.cores import threads_per_process
from avdf.cache.machine.one_core import compute_on_one_core
from avdf.cache.shards.inputs_table import Unprepared
from avdf.pipeline.faces.stoppable_detector import RowsSeen, StoppableDetector
from avdf.pipeline.prepare import attempt_video
from avdf.pipeline.settings import PrepSettings

Attempt = PreparedVideo | Unprepared
OnWait = Callable[
    [VideoInfo, float], None
]  # a file, and the seconds of it that are read

_SECONDS_BETWEEN_REPORTS = 1.0


class _Begun(NamedTuple):
    """A video that is being prepared, or waits for a thread."""

    info: VideoInfo
    seen: RowsSeen
    attempt: Future[Attempt]


@contextmanager
def preparing(
    videos: Sequence[VideoInfo],
    settings: PrepSettings,
    excerpts: int = 0,
    on_wait: OnWait | None = None,
) -> Iterator[Iterator[Attempt]]:
    """Inside the block, videos are prepared in their order; the first begin at once.

    Each thread works on one video, and begins another one only when a result is taken: memory does
    not grow with the number of videos. What is not finished at the end of the block is given up.

    Args:
        excerpts: of a long video, only so many excerpts are prepared; 0: all of it.
        on_wait: called every second, in the thread of the caller, while the next one is waited for.
    """
    threads = threads_per_process()
    stop = threading.Event()
    # Networks are made with random numbers, which all threads share, before their weights are
    # loaded. They are made here and copied by the threads: somebody may draw with a seed meanwhile.
    detector = StoppableDetector(settings.face) if videos else None
    own = threading.local()

    def prepare(info: VideoInfo, seen: RowsSeen) -> Attempt:
        if not hasattr(own, "detector"):
            own.detector = copy.deepcopy(detector)
            own.detector.stop = stop
        own.detector.seen = seen
        return attempt_video(
            info, settings, own.detector, sound_alone=True, excerpts=excerpts
        )

    waiting = iter(videos)
    begun: deque[_Begun] = deque()
    # The caller takes its number of cores now, before the threads change that of new threads.
    torch.get_num_threads()
    pool = ThreadPoolExecutor(threads, "prepare", compute_on_one_core)

    def begin(count: int) -> None:
        for info in islice(waiting, count):
            seen = RowsSeen()
            begun.append(_Begun(info, seen, pool.submit(prepare, info, seen)))

    def results() -> Iterator[Attempt]:
        while begun:
            info, seen, attempt = begun.popleft()
            while on_wait and not wait([attempt], _SECONDS_BETWEEN_REPORTS).done:
                on_wait(info, seen.last / FRAME_RATE)
            found = attempt.result()
            begin(1)
            yield found

    try:
        begin(threads)
        yield results()
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)
