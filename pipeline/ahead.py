"""Videos prepared in memory ahead of the one that is asked for, by a thread for each core."""

import copy
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice

import torch

from avdf.cache.core.video import PreparedVideo, VideoInfo
from avdf.cache.machine.cores import threads_per_process
from avdf.cache.shards.inputs_table import Unprepared
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.faces.detection import Box, Detection
from avdf.pipeline.media.frame import DecodedFrame
from avdf.pipeline.prepare import attempt_video
from avdf.pipeline.settings import PrepSettings

Attempt = PreparedVideo | Unprepared
_threads_lock = threading.Lock()


class _Stopped(BaseException):
    """Nobody waits for this video any more. Not an Exception: it is no fault of the video."""


class _StoppableDetector(FaceDetector):
    """A detector that ends the preparation that uses it, once `stop` is set."""

    stop: threading.Event

    def search(
        self, frames: Sequence[DecodedFrame], smallest: float = 0.0
    ) -> list[list[Detection]]:
        self._end_if_stopped()
        return super().search(frames, smallest)

    def refine(
        self, frames: Sequence[DecodedFrame], guesses: Sequence[Box]
    ) -> list[Detection]:
        self._end_if_stopped()
        return super().refine(frames, guesses)

    def _end_if_stopped(self) -> None:
        if self.stop.is_set():
            raise _Stopped


@contextmanager
def preparing(
    videos: Sequence[VideoInfo], settings: PrepSettings
) -> Iterator[Iterator[Attempt]]:
    """Inside the block, videos are prepared in their order; the first begin at once.

    Each thread works on one video, and begins another one only when a result is taken: memory does
    not grow with the number of videos. What is not finished at the end of the block is given up.
    """
    threads = threads_per_process()
    stop = threading.Event()
    # Networks are made with random numbers, which all threads share, before their weights are
    # loaded. They are made here and copied by the threads: somebody may draw with a seed meanwhile.
    detector = _StoppableDetector(settings.face) if videos else None
    own = threading.local()

    def prepare(info: VideoInfo) -> Attempt:
        if not hasattr(own, "detector"):
            own.detector = copy.deepcopy(detector)
            own.detector.stop = stop
        return attempt_video(info, settings, own.detector)

    waiting = iter(videos)
    begun: deque[Future[Attempt]] = deque()
    pool = ThreadPoolExecutor(threads, "prepare", _compute_alone)

    def begin(count: int) -> None:
        begun.extend(pool.submit(prepare, info) for info in islice(waiting, count))

    def results() -> Iterator[Attempt]:
        while begun:
            found = begun.popleft().result()
            begin(1)
            yield found

    try:
        begin(threads)
        yield results()
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _compute_alone() -> None:
    """Let the calling thread compute on one core: there is a preparing thread for each already."""
    with _threads_lock:
        # Asking first matters: a thread takes the common number when it first computes or asks.
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        # That is also the number for threads to come. A thread that ends at once sets it back for
        # them; those that run already, like scoring's, have their own number.
        others = threading.Thread(target=torch.set_num_threads, args=(before,))
        others.start()
        others.join()
