"""A pool of spawned workers that outlives its workers: one that is killed costs its task a retry, not the job."""

import contextlib
import ctypes
import errno
import multiprocessing
import os
import signal
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Literal

import torch

from avdf.cache.errors import AvdfError
from avdf.pipeline.detect import FaceDetector
from avdf.pipeline.task import PrepTask, VideoRow, run_task

_PR_SET_PDEATHSIG = 1


class JobError(AvdfError):
    """The job cannot go on: no space left, the folder is gone, ..."""


@dataclass(frozen=True)
class Message:
    """What a worker tells: a video was `started`, a task is `done`, or the job must `stop`."""

    kind: Literal["started", "done", "stop", "bug"]
    video: str = ""
    rows: tuple[VideoRow, ...] = ()
    reason: str = ""


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
    process.start()
    theirs.close()
    ours.send(task)
    return _Worker(process, ours, task)


def _after_death(worker: _Worker) -> PrepTask:
    worker.process.join()
    code = worker.process.exitcode or 0
    cause = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    if not worker.video:
        raise JobError(f"a worker ended before its first video ({cause}); run `avdf doctor`, or try --workers 1")
    reason = f"the worker process ended at this video ({cause})"
    return replace(worker.task, given_up=(*worker.task.given_up, (worker.video, reason)))


def _work(pipe: Connection, parent: int) -> None:
    """A worker's life: take tasks until there is None. Ctrl-C is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What a worker has to say goes through the pipe. HDF5 prints dozens of lines when a disk is full.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return
    torch.set_num_threads(1)
    detector: FaceDetector | None = None
    while True:
        try:
            task: PrepTask | None = pipe.recv()
            if task is None:
                return
            if detector is None:
                detector = FaceDetector(task.settings.face, task.device)
            rows = run_task(task, detector, lambda video: pipe.send(Message("started", video=video)))
            pipe.send(Message("done", rows=tuple(rows)))
        except (EOFError, BrokenPipeError):
            return
        except OSError as error:
            pipe.send(Message("stop", reason=_explain(error)))
        except Exception:
            pipe.send(Message("bug", reason=traceback.format_exc()))


def _explain(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"no space left{where}; free some and run the same command again: what is done is kept"
    return f"cannot write the shard: {error.strerror or error}{where}"
