"""What a worker process does: take tasks, write their shards, report each video and its end."""

import errno
import os
import select
import signal
import threading
import traceback
from contextlib import ExitStack
from multiprocessing.connection import Connection

import cv2
import torch

from avdf.cache.shards.inputs_table import Unprepared
from avdf.cache.shards.writer import ShardWriter
from avdf.pipeline.faces.detect import FaceDetector
from avdf.pipeline.job.message import Message
from avdf.pipeline.job.task import OnVideo, PrepTask, Rows
from avdf.pipeline.job.video_row import VideoRow
from avdf.pipeline.prepare import attempt_video

_STDERR = 2


def work(pipe: Connection) -> None:
    """Take tasks from the pipe until None comes, and answer each with a `Message`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is the parent's to handle
    # A worker reports through the pipe. HDF5 would print dozens of lines when a disk is full.
    # By its number: there is no `sys.stderr` where the job was started without one.
    os.dup2(os.open(os.devnull, os.O_WRONLY), _STDERR)
    threading.Thread(target=_die_with_job, args=(pipe.fileno(),), daemon=True).start()
    # One detector for all tasks: loading it takes longer than preparing a short video.
    preparer = Preparer()

    def report(video: str) -> None:
        pipe.send(Message("started", video=video))

    try:
        while (task := pipe.recv()) is not None:
            pipe.send(preparer.attempt(task, report))
    except (EOFError, BrokenPipeError):
        return


def _die_with_job(pipe: int) -> None:
    """End this process when the job closes its end of the pipe, as it does when it is killed."""
    watched = select.poll()
    watched.register(pipe, 0)  # no event but that the other end was closed
    watched.poll()
    os.kill(os.getpid(), signal.SIGKILL)


class Preparer:
    """Runs tasks on one thread, with a face detector that is loaded once."""

    def __init__(self) -> None:
        # There is a process for each core already: more threads would only wait for each other.
        torch.set_num_threads(1)
        cv2.setNumThreads(1)
        self._detector: FaceDetector | None = None

    def attempt(self, task: PrepTask, on_video: OnVideo) -> Message:
        """What became of a task: `done` with its rows, or why the job must `stop`, or a `bug`."""
        try:
            if self._detector is None:
                self._detector = FaceDetector(task.settings.face, task.device)
            return Message("done", rows=run_task(task, self._detector, on_video))
        # It is an OSError, but means that the parent has gone: nobody would read the answer.
        except BrokenPipeError:
            raise
        except OSError as error:
            return Message("stop", reason=_explain(error))
        except Exception:
            return Message("bug", reason=traceback.format_exc())


def run_task(task: PrepTask, detector: FaceDetector, on_video: OnVideo) -> Rows:
    """Write the task's shard and return a row for each of its videos, in order.

    `on_video` is called before each video is touched. Where no video can be prepared, no shard is
    written.
    """
    rows: list[VideoRow] = []
    given_up = dict(task.given_up)
    with ExitStack() as exits:
        writer: ShardWriter | None = None
        for info in task.videos:
            # A worker died at this video in an earlier try. Trying again would cost another worker.
            if info.id in given_up:
                rows.append(VideoRow.failed(info, "crashed", given_up[info.id]))
                continue
            on_video(info.id)
            video = attempt_video(info, task.settings, detector)
            if isinstance(video, Unprepared):
                rows.append(VideoRow.failed(info, video.status, video.reason))
                continue
            # Only now, so that a task without a single prepared video leaves no shard behind.
            if writer is None:
                writer = exits.enter_context(_open_writer(task))
            writer.add(video)
            rows.append(VideoRow.prepared(video, task.shard.name))
    return tuple(rows)


def _open_writer(task: PrepTask) -> ShardWriter:
    return ShardWriter(task.shard, task.settings.as_dict(), task.settings.codec.name)


def _explain(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"no space left{where}; free some and run the same command again: "
            "what is done is kept"
        )
    return f"cannot write the shard: {error.strerror or error}{where}"
