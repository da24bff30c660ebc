"""The scoring process, seen from the server: started, asked, and ended."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection

from avdf.cache.core.errors import RunError
from avdf.cli.page.messages import (
    Answer,
    CaseMade,
    CaseTask,
    Detector,
    Failed,
    Found,
    Ready,
    Refused,
    Result,
    ScoreFiles,
    Task,
)
from avdf.events import Event

_POLL = 0.1  # seconds between two looks at whether a file was cancelled
_PATIENCE = 5.0  # seconds that an ended process may take until it is gone

OnEvent = Callable[[Event], None]


def score_files(connection: Connection, detector: Detector) -> None:
    """What the process runs: it alone imports what computes, the server never does."""
    from avdf.cli.page.scoring_process import score_until_closed

    score_until_closed(connection, detector)


class WorkerEnded(Exception):
    """The scoring process has ended in the middle of a file."""


class Cancelled(Exception):
    """The user does not want the file scored any more."""


class Worker:
    """One scoring process. It is started at once, and is ready when `wait_until_ready` returns."""

    def __init__(self, score_files: ScoreFiles, detector: Detector) -> None:
        # Not forked: the server has threads, and a fork of them can wait for ever.
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=score_files, args=(theirs, detector), daemon=True
        )
        self._process.start()
        # With only one other end, its closing is noticed.
        theirs.close()
        self.is_ready = False

    def wait_until_ready(self, is_cancelled: Callable[[], bool]) -> None:
        """Wait until the run is loaded.

        Raises:
            RunError: it cannot be loaded.
            WorkerEnded, Cancelled: before that.
        """
        answer = self._next_answer(is_cancelled)
        if isinstance(answer, Refused):
            raise RunError(answer.reason)
        assert isinstance(answer, Ready)
        self.is_ready = True

    def do(
        self,
        task: Task | CaseTask,
        is_cancelled: Callable[[], bool],
        on_event: OnEvent,
    ) -> Result:
        """Score one file, or make a case of it.

        Raises:
            WorkerEnded, Cancelled: in the middle of it; this worker cannot be used any more.
        """
        try:
            self._connection.send(task)
        except OSError:
            raise WorkerEnded(self._how_it_ended()) from None
        while True:
            answer = self._next_answer(is_cancelled)
            if isinstance(answer, Found | CaseMade | Failed):
                return answer
            assert not isinstance(answer, Ready | Refused)
            on_event(answer)

    def close(self) -> None:
        """End the process, with the decoders that it has started."""
        pid = self._process.pid
        if pid is not None and self._process.is_alive():
            try:
                os.killpg(pid, signal.SIGKILL)
            # It has no group of its own yet.
            except ProcessLookupError:
                self._process.kill()
        self._process.join(_PATIENCE)
        self._connection.close()

    def _next_answer(self, is_cancelled: Callable[[], bool]) -> Answer:
        while not self._connection.poll(_POLL):
            if is_cancelled():
                raise Cancelled
        try:
            answer: Answer = self._connection.recv()
        except (EOFError, OSError):
            raise WorkerEnded(self._how_it_ended()) from None
        return answer

    def _how_it_ended(self) -> str:
        self._process.join(_PATIENCE)
        code = self._process.exitcode or 0
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return f"the scoring process ended unexpectedly ({how})"
