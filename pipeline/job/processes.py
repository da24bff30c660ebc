"""Worker processes that a Ctrl-C reaches through their parent alone."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from avdf.cache.machine.cores import worker_count


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Processes started inside never see a Ctrl-C; this one sees it afterwards.

    A terminal sends it to all of them. A worker that is still loading would print its traceback.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def process_pool(
    workers: int, initializer: Callable[..., None] | None = None, initargs: tuple[Any, ...] = ()
) -> Iterator[ProcessPoolExecutor]:
    """A pool of spawned processes; 0 workers: one for each core. They end with the block, however it ends.

    Raises:
        SettingsError: no such number of workers.
    """
    others = set(multiprocessing.active_children())
    count, context = worker_count(workers), multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, context, initializer, initargs) as pool:
        try:
            with interrupts_held():  # the first job starts all processes
                pool.submit(int)
            yield pool
        except BaseException:
            for process in set(multiprocessing.active_children()) - others:
                process.kill()
            raise
