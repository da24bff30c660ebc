"""The files in the order in which they came, of which one at a time is scored."""

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import AvdfError
from avdf.cli.page.job import Job
from avdf.cli.page.messages import Failed, Task
from avdf.cli.page.worker import Cancelled, Worker, WorkerEnded
from avdf.events import Event

MOST_JOBS = 500  # files in the list, whatever their state
_LOADING = "loading the detector"
_SCORING = "reading the file and scoring it"
_CRASHED = "; it may be damaged, or need more memory than is free. The next file is scored as usual"


class JobQueue:
    """All files of one server. A thread scores them with a worker that it starts anew if needed."""

    def __init__(self, start_worker: Callable[[], Worker]) -> None:
        self._start_worker = start_worker
        self._jobs: dict[int, Job] = {}
        self._last_number = 0
        # Guards the two above, and wakes the thread when a file comes.
        self._changed = threading.Condition()
        self._closing = False
        self._worker = start_worker()
        self._thread = threading.Thread(target=self._score_all, name="score")

    def start(self) -> None:
        """Wait until the run is loaded, then begin with the files.

        Raises:
            RunError: the run cannot be loaded.
        """
        try:
            self._worker.wait_until_ready(is_cancelled=lambda: False)
        except WorkerEnded as error:
            raise AvdfError(str(error)) from None
        self._thread.start()

    def close(self) -> None:
        """Stop scoring, and end the worker."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()
        self._worker.close()

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All files, in the order in which they came."""
        with self._changed:
            return tuple(self._jobs.values())

    def job(self, number: int) -> Job | None:
        """One file; None if it is not in the list."""
        with self._changed:
            return self._jobs.get(number)

    def next_number(self) -> int:
        """A number that no file had before."""
        with self._changed:
            self._last_number += 1
            return self._last_number

    def add(self, job: Job) -> None:
        """Let a file wait for its turn."""
        with self._changed:
            self._jobs[job.number] = job
            self._changed.notify_all()

    def cancel(self, number: int) -> None:
        """Score a file no more; what has ended stays as it is."""
        with self._changed:
            job = self._jobs.get(number)
            if job is not None and not job.has_ended:
                self._change(number, state="cancelled", words="")
                # While it is scored, its folder is in use: the thread removes it.
                if job.state == "waiting":
                    _remove(job.folder)

    def remove(self, number: int) -> None:
        """Take a file from the list, with all that is stored of it."""
        self.cancel(number)
        with self._changed:
            job = self._jobs.pop(number, None)
            if job is not None:
                _remove(job.folder)

    def _score_all(self) -> None:
        """The thread: one file after another, until the queue is closed."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._waiting())
                if self._closing:
                    return
                job = self._waiting()[0]
                self._change(
                    job.number,
                    state="scoring",
                    words=_SCORING,
                    begun=time.monotonic(),
                )
            self._score(job)

    def _score(self, job: Job) -> None:
        """Score one file; the worker is replaced if it did not survive that."""

        def is_cancelled() -> bool:
            now = self.job(job.number)
            return self._closing or now is None or now.state == "cancelled"

        def show(event: Event) -> None:
            self._change_if_there(job.number, words=f"{_SCORING} ({event})")

        begun = time.monotonic()
        verdict, reason = "", ""
        try:
            self._ensure_worker(job.number, is_cancelled)
            task = Task(job.media, job.folder, job.name)
            answer = self._worker.score(task, is_cancelled, show)
            if isinstance(answer, Failed):
                reason = answer.reason
            else:
                verdict = answer.verdict
        except Cancelled:
            self._replace_worker()
        except WorkerEnded as error:
            self._replace_worker()
            reason = f"{error}{_CRASHED}"
        except AvdfError as error:
            self._replace_worker()
            reason = str(error)
        self._end(job, verdict, reason, time.monotonic() - begun)

    def _ensure_worker(self, number: int, is_cancelled: Callable[[], bool]) -> None:
        """Wait until the run is loaded, if this worker is a new one."""
        if not self._worker.is_ready:
            self._change_if_there(number, words=_LOADING)
            self._worker.wait_until_ready(is_cancelled)
            self._change_if_there(number, words=_SCORING)

    def _replace_worker(self) -> None:
        """End this worker and start another, which loads the run before the next file comes."""
        self._worker.close()
        if not self._closing:
            self._worker = self._start_worker()

    def _end(self, job: Job, verdict: str, reason: str, seconds: float) -> None:
        with self._changed:
            now = self._jobs.get(job.number)
            # A file that was cancelled or removed meanwhile stays so, without its folder.
            if now is None or now.state == "cancelled":
                _remove(job.folder)
                return
            state = "failed" if reason else "done"
            self._change(
                job.number, state=state, words=reason, verdict=verdict, seconds=seconds
            )
            if reason:
                _remove(job.folder)

    def _waiting(self) -> list[Job]:
        return [job for job in self._jobs.values() if job.state == "waiting"]

    def _change_if_there(self, number: int, **changes: Any) -> None:
        with self._changed:
            job = self._jobs.get(number)
            if job is not None and job.state == "scoring":
                self._change(number, **changes)

    def _change(self, number: int, **changes: Any) -> None:
        self._jobs[number] = replace(self._jobs[number], **changes)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
