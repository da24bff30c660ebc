"""What a worker tells the job."""

from dataclasses import dataclass
from typing import Literal

from avdf.cache.core.errors import JobError
from avdf.pipeline.job.task import Rows


@dataclass(frozen=True)
class Message:
    """A video is `started`, a task is `done`, the job must `stop`, or the worker has a `bug`.

    video   id, of a video that is started
    rows    of the task that is done
    reason  of `stop` (a sentence) and of `bug` (a traceback)
    """

    kind: Literal["started", "done", "stop", "bug"]
    video: str = ""
    rows: Rows = ()
    reason: str = ""

    def raise_if_fatal(self, where: str = "in a worker") -> None:
        """End the job where the message says that it must end.

        Raises:
            JobError: the output cannot be written.
            RuntimeError: the worker has met a bug.
        """
        if self.kind == "stop":
            raise JobError(self.reason)
        if self.kind == "bug":
            raise RuntimeError(f"{where}:\n{self.reason}")
