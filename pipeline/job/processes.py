"""Worker processes that a Ctrl-C reaches through their parent alone."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any

from avdf.cache.core.errors import JobError
from avdf.cache.machine.cores import worker_count


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Processes started inside never see a Ctrl-C; this process sees it afterwards.

    A terminal sends Ctrl-C to all of them. A worker that is still loading would print a traceback.
    """
    # Python starts its resource tracker with the first process, and lets interrupts through again
    # when it has: so it is started before.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def refuse_unguarded_start() -> None:
    """Refuse to start workers in a worker that is only importing the main program.

    A script without `if __name__ == "__main__":` begins its job anew in each of its workers.
    `multiprocessing` keeps this mark of a process that is starting, and asks it in the same way.

    Raises:
        JobError: this process is such a worker.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise JobError(
            "a worker process ran the script anew; "
            'call avdf.prepare below `if __name__ == "__main__":`'
        )


@contextmanager
def process_pool(
    workers: int,
    initializer: Callable[..., None] | None = None,
    initargs: tuple[Any, ...] = (),
) -> Iterator[ProcessPoolExecutor]:
    """A pool of spawned processes. They end with the block, however it ends.

    Args:
        workers: how many; 0: one for each core.
        initializer: runs in each process when it starts, with `initargs`.

    Raises:
        SettingsError: no such number of workers is possible.
    """
    others = set(multiprocessing.active_children())
    count, context = worker_count(workers), multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, context, initializer, initargs) as pool:
        try:
            # The first job starts the processes, while a Ctrl-C is held.
            with interrupts_held():
                pool.submit(int)
            yield pool
        except BaseException:
            # Without this, leaving the block would wait for jobs that nobody needs any more.
            for process in set(multiprocessing.active_children()) - others:
                process.kill()
            raise
