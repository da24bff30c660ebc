"""A pool of processes: one that is killed costs its task a retry, not the job."""

import contextlib
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from avdf.cache.core.errors import JobError
from avdf.pipeline.job.message import Message
from avdf.pipeline.job.processes import interrupts_held
from avdf.pipeline.job.task import OnVideo, PrepTask, Rows, ignore_video

# What the server imports once for all workers: the module of their work, and sparse matrices, which
# that module itself imports only at the first face that is larger than a crop.
_PRELOADED = ["avdf.pipeline.job.worker", "scipy.sparse"]


@dataclass
class _Worker:
    """A process, the task that it has, and the video that it is at ('' before the first)."""

    process: ForkServerProcess
    pipe: Connection
    task: PrepTask
    video: str = ""


def run_tasks(
    tasks: Iterable[PrepTask], workers: int, on_video: OnVideo = ignore_video
) -> Iterator[tuple[PrepTask, Rows]]:
    """Run tasks on `workers` processes and yield each with its rows as it ends, in any order.

    A worker that dies is replaced. The video it was at is given up (status `crashed`) in the next
    try of the task, so that the rest of its shard is done.

    Raises:
        JobError: the output cannot be written.
    """
    waiting = deque(tasks)
    running: list[_Worker] = []
    try:
        while waiting or running:
            # Also after a death: a new process takes the place of the one that died.
            while waiting and len(running) < workers:
                running.append(_start(waiting.popleft()))
            yield from _listen(running, waiting, on_video)
    finally:
        # On an error or Ctrl-C, too: what they have not finished, the next start does again.
        for worker in running:
            worker.process.kill()
            worker.process.join()


def _listen(
    running: list[_Worker], waiting: deque[PrepTask], on_video: OnVideo
) -> Iterator[tuple[PrepTask, Rows]]:
    """Wait until a worker says something or dies, and act on it."""
    # The pipe of a process that has died is ready, too: reading from it then fails.
    ready = wait([worker.pipe for worker in running])
    for worker in [worker for worker in running if worker.pipe in ready]:
        try:
            message: Message = worker.pipe.recv()
        except (EOFError, ConnectionResetError):
            # To the front, so that the same trouble shows early, and not at the end of a long job.
            waiting.appendleft(_after_death(worker))
            running.remove(worker)
            continue
        message.raise_if_fatal(f"in a worker, at {worker.video}")
        if message.kind == "started":
            worker.video = message.video
            on_video(message.video)
        else:
            yield worker.task, message.rows
            _give_next(worker, running, waiting)


def _give_next(
    worker: _Worker, running: list[_Worker], waiting: deque[PrepTask]
) -> None:
    """The next task for a worker, or, where none waits, its end."""
    # None tells the process to end. A process is used again, since loading takes seconds.
    task = waiting.popleft() if waiting else None
    # A worker that has died is noticed when it is listened to.
    with contextlib.suppress(BrokenPipeError):
        worker.pipe.send(task)
    if task is not None:
        worker.task, worker.video = task, ""
        return
    running.remove(worker)
    worker.process.join()


def _start(task: PrepTask) -> _Worker:
    """Start a worker.

    Raises:
        JobError: it cannot start.
    """
    # Not "spawn": each worker would import PyTorch anew, which takes seconds of its core. Not
    # "fork": a copy of a process with threads may hang for ever. A server that has imported all
    # and started nothing is copied instead.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    ours, theirs = context.Pipe()
    # The server keeps the environment that it was started with, in an earlier job perhaps.
    arguments = (theirs, dict(os.environ))
    process = context.Process(target=_work, args=arguments, daemon=True)
    try:
        with interrupts_held():
            process.start()
    except (EOFError, ConnectionError):
        raise JobError(f"a worker cannot start; {_advice()}") from None
    # Only the worker may hold its end: otherwise its death would not close the pipe.
    theirs.close()
    ours.send(task)
    return _Worker(process, ours, task)


def _advice() -> str:
    """What to do where a worker cannot start: it imports the program that started it anew."""
    if Path(sys.argv[0]).name == "avdf":
        return "run `avdf doctor`, or try with 1 worker"
    return (
        'call avdf.prepare below `if __name__ == "__main__":`, in a file that Python can import '
        "(not from standard input); if it is, run `avdf doctor`"
    )


def _after_death(worker: _Worker) -> PrepTask:
    """The task for its next try.

    Raises:
        JobError: the worker did not get as far as a video, and the next one would not either.
    """
    worker.process.join()
    code = worker.process.exitcode or 0
    cause = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    if not worker.video:
        raise JobError(f"a worker ended before its first video ({cause}); {_advice()}")
    return worker.task.give_up(
        worker.video, f"the worker process ended at this video ({cause})"
    )


def _work(pipe: Connection, environment: dict[str, str]) -> None:
    """What a worker process runs.

    Its module is imported here, where the server has done so already: the process that starts the
    workers imports this file too, and needs neither PyTorch nor the networks.
    """
    os.environ.clear()
    os.environ.update(environment)
    from avdf.pipeline.job.worker import work

    work(pipe)
