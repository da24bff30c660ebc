"""The files in the order in which they came, of which one at a time is scored."""

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import AvdfError
from avdf.cli.page.case_archive import CaseArchive
from avdf.cli.page.case_wish import CaseState, CaseWish
from avdf.cli.page.job import Job
from avdf.cli.page.messages import CaseMade, CaseTask, Failed, Found, Result, Task
from avdf.cli.page.worker import Cancelled, Worker, WorkerEnded
from avdf.events import Event, Progress

MOST_JOBS = 500  # files in the list, whatever their state
_LOADING = "loading the detector"
_SCORING = "reading the file and scoring it"
_CRASHED = (
    "; the file may be damaged, or need more memory than is free. "
    "The next file is scored as usual"
)


class JobQueue:
    """All files of one server. A thread scores them with a worker that it starts anew if needed."""

    def __init__(
        self,
        start_worker: Callable[[], Worker],
        archive: CaseArchive | None = None,
    ) -> None:
        self._start_worker = start_worker
        self._archive = archive
        self._jobs: dict[int, Job] = {}
        self._last_number = 0
        # Guards the two above, and wakes the thread when a file comes.
        self._changed = threading.Condition()
        self._closing = False
        self._worker = start_worker()
        self._thread = threading.Thread(target=self._work, name="score")

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

    def ask_for_case(self, number: int, wish: CaseWish) -> bool:
        """Let a file that is scored wait for its case; False if it is not scored, or has one."""
        with self._changed:
            job = self._jobs.get(number)
            if job is None or job.state != "done":
                return False
            if job.case is not None and job.case.state != "failed":
                return False
            self._change(number, case=wish)
            self._changed.notify_all()
            return True

    def _work(self) -> None:
        """The thread: one task after another, until the queue is closed."""
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._closing or self._next() is not None
                )
                job = self._next()
                if self._closing or job is None:
                    return
            if job.case is not None:
                self._make_case(job, job.case)
            else:
                self._score(job)

    def _next(self) -> Job | None:
        """The file that is next: for its case, which a user waits for, or for its verdicts."""
        for job in self._jobs.values():
            if job.case is not None and job.case.state == "waiting":
                return job
        waiting = (job for job in self._jobs.values() if job.state == "waiting")
        return next(waiting, None)

    def _score(self, job: Job) -> None:
        """Score one file."""
        begun = time.monotonic()
        with self._changed:
            # It may have been cancelled since it was chosen.
            if self._jobs.get(job.number) != job:
                return
            self._change(job.number, state="scoring", words=_SCORING, begun=begun)
        answer = self._ask(job.number, Task(job.media, job.folder, job.name))
        with self._changed:
            now = self._jobs.get(job.number)
            # A file that was cancelled or removed meanwhile stays so, without its folder.
            if answer is None or now is None or now.state == "cancelled":
                _remove(job.folder)
                return
            seconds = time.monotonic() - begun
            if isinstance(answer, Found):
                self._change(
                    job.number,
                    state="done",
                    verdict=answer.verdict,
                    words=answer.remark,
                    seconds=seconds,
                )
                return
            reason = answer.reason if isinstance(answer, Failed) else ""
            self._change(job.number, state="failed", words=reason, seconds=seconds)
            _remove(job.folder)

    def _make_case(self, job: Job, wish: CaseWish) -> None:
        """Make the case of one file."""
        assert self._archive is not None  # else nobody can ask for a case
        out = self._archive.new_folder()

        def change(state: CaseState, words: str = "") -> None:
            with self._changed:
                if job.number in self._jobs:
                    now = replace(wish, state=state, words=words)
                    self._change(job.number, case=now)

        change("making")
        answer = self._ask(
            job.number,
            CaseTask(job.media, job.name, out, wish.ask, wish.examiner, wish.copy),
        )
        # The worker may have been killed in the middle of it.
        if not isinstance(answer, CaseMade):
            self._archive.remove_unfinished(out)
        if isinstance(answer, Failed):
            change("failed", answer.reason)
        elif isinstance(answer, CaseMade):
            change("made", out.name)

    def _ask(self, number: int, task: Task | CaseTask) -> Result | None:
        """What the worker answers, or None if the user wants it no more.

        The worker is replaced if it did not survive that.
        """

        def is_cancelled() -> bool:
            now = self.job(number)
            return self._closing or now is None or now.state == "cancelled"

        def show(event: Event) -> None:
            if not isinstance(event, Progress) or not event.words:
                return
            # `reading upload-0001.mp4: 0:30 of 1:02`: the list names the file as the user does.
            words = event.words.replace(f" {task.media.name}", "")
            self._change_if_scored(number, words=words)

        try:
            self._ensure_worker(number, is_cancelled)
            return self._worker.do(task, is_cancelled, show)
        except Cancelled:
            self._replace_worker()
            return None
        except WorkerEnded as error:
            self._replace_worker()
            return Failed(f"{error}{_CRASHED}")
        except AvdfError as error:
            self._replace_worker()
            return Failed(str(error))

    def _ensure_worker(self, number: int, is_cancelled: Callable[[], bool]) -> None:
        """Wait until the run is loaded, if this worker is a new one."""
        if not self._worker.is_ready:
            self._change_if_scored(number, words=_LOADING)
            self._worker.wait_until_ready(is_cancelled)
            self._change_if_scored(number, words=_SCORING)

    def _replace_worker(self) -> None:
        """End this worker and start another, which loads the run before the next file comes."""
        self._worker.close()
        if not self._closing:
            self._worker = self._start_worker()

    def _change_if_scored(self, number: int, **changes: Any) -> None:
        with self._changed:
            job = self._jobs.get(number)
            if job is not None and job.state == "scoring":
                self._change(number, **changes)

    def _change(self, number: int, **changes: Any) -> None:
        self._jobs[number] = replace(self._jobs[number], **changes)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
