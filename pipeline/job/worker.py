"""What a worker process does: take tasks, write their shards, tell what became of each video."""

import ctypes
import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing.connection import Connection

import torch

from avdf.cache.shards.inputs_table import Unprepared
from avdf.cache.shards.writer import ShardWriter
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.job.task import Message, PrepTask, VideoRow
from avdf.pipeline.prepare import attempt_video

_PR_SET_PDEATHSIG = 1


def work(pipe: Connection, parent: int) -> None:
    """A worker's life: take tasks until there is None. Ctrl-C is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What a worker has to say goes through the pipe. HDF5 prints dozens of lines when a disk is full.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return
    preparer = Preparer()
    while True:
        try:
            task: PrepTask | None = pipe.recv()
            if task is None:
                return
            pipe.send(
                preparer.attempt(task, lambda video: pipe.send(Message("started", video=video)))
            )
        except (EOFError, BrokenPipeError):
            return


class Preparer:
    """Runs tasks on one thread, with a face detector that is loaded once."""

    def __init__(self) -> None:
        torch.set_num_threads(1)
        self._detector: FaceDetector | None = None

    def attempt(self, task: PrepTask, started: Callable[[str], None]) -> Message:
        """What became of a task: `done` with its rows, or why the job must `stop`, or a `bug`."""
        try:
            if self._detector is None:
                self._detector = FaceDetector(task.settings.face, task.device)
            return Message("done", rows=tuple(run_task(task, self._detector, started)))
        except BrokenPipeError:
            raise
        except OSError as error:
            return Message("stop", reason=_explain(error))
        except Exception:
            return Message("bug", reason=traceback.format_exc())


def run_task(
    task: PrepTask, detector: FaceDetector, started: Callable[[str], None]
) -> list[VideoRow]:
    """Write the task's shard and return a row for each of its videos, in order.

    `started` is told the id of each video before it is touched. No shard is written where no video could be prepared.
    """
    rows: list[VideoRow] = []
    given_up = dict(task.given_up)
    with ExitStack() as exits:
        writer: ShardWriter | None = None
        for info in task.videos:
            if info.id in given_up:
                rows.append(VideoRow.failed(info, "crashed", given_up[info.id]))
                continue
            started(info.id)
            video = attempt_video(info, task.settings, detector)
            if isinstance(video, Unprepared):
                rows.append(VideoRow.failed(info, video.status, video.reason))
                continue
            if writer is None:
                settings = task.settings.as_dict()
                writer = exits.enter_context(
                    ShardWriter(task.shard, settings, task.settings.codec.name)
                )
            writer.add(video)
            rows.append(VideoRow.prepared(video, task.shard.name))
    return rows


def _explain(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"no space left{where}; free some and run the same command again: what is done is kept"
        )
    return f"cannot write the shard: {error.strerror or error}{where}"
