"""A pool of spawned workers that outlives its workers: one that is killed costs its task a retry, not the job."""

import contextlib
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from avdf.cache.core.errors import JobError
from avdf.pipeline.job.processes import interrupts_held
from avdf.pipeline.job.task import Message, PrepTask, VideoRow


@dataclass
class _Worker:
    process: SpawnProcess
    pipe: Connection
    task: PrepTask
    video: str = ""  # what it is at


def run_tasks(
    tasks: Iterable[PrepTask], workers: int, on_video: Callable[[str], None] = lambda _: None
) -> Iterator[tuple[PrepTask, tuple[VideoRow, ...]]]:
    """Run tasks on `workers` processes and yield each with its rows as it ends, in any order.

    A worker that dies is replaced. The video it was at is named in the task's next try, and given up (status
    `crashed`), so that the rest of its shard is done.

    Raises:
        JobError: the output cannot be written.
    """
    waiting = deque(tasks)
    running: list[_Worker] = []
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                running.append(_start(waiting.popleft()))
            yield from _listen(running, waiting, on_video)
    finally:
        for worker in running:
            worker.process.kill()
            worker.process.join()


def _listen(
    running: list[_Worker], waiting: deque[PrepTask], on_video: Callable[[str], None]
) -> Iterator[tuple[PrepTask, tuple[VideoRow, ...]]]:
    ready = wait([worker.pipe for worker in running])
    for worker in [worker for worker in running if worker.pipe in ready]:
        try:
            message: Message = worker.pipe.recv()
        except (EOFError, ConnectionResetError):
            waiting.appendleft(_after_death(worker))
            running.remove(worker)
            continue
        if message.kind == "started":
            worker.video = message.video
            on_video(message.video)
        elif message.kind == "done":
            yield worker.task, message.rows
            _next(worker, running, waiting)
        elif message.kind == "stop":
            raise JobError(message.reason)
        else:
            raise RuntimeError(f"in a worker, at {worker.video}:\n{message.reason}")


def _next(worker: _Worker, running: list[_Worker], waiting: deque[PrepTask]) -> None:
    if waiting:
        worker.task, worker.video = waiting.popleft(), ""
        with contextlib.suppress(BrokenPipeError):  # its death is seen by the next recv
            worker.pipe.send(worker.task)
        return
    with contextlib.suppress(BrokenPipeError):
        worker.pipe.send(None)
    running.remove(worker)
    worker.process.join()


def _start(task: PrepTask) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, os.getpid()), daemon=True)
    with interrupts_held():
        process.start()
    theirs.close()
    ours.send(task)
    return _Worker(process, ours, task)


def _after_death(worker: _Worker) -> PrepTask:
    worker.process.join()
    code = worker.process.exitcode or 0
    cause = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    if not worker.video:
        raise JobError(
            f"a worker ended before its first video ({cause}); run `avdf doctor`, or try --workers 1"
        )
    reason = f"the worker process ended at this video ({cause})"
    return replace(worker.task, given_up=(*worker.task.given_up, (worker.video, reason)))


def _work(pipe: Connection, parent: int) -> None:
    """A worker's life. The parent starts it without having loaded what it needs."""
    from avdf.pipeline.job.worker import work

    work(pipe, parent)
