"""Prep tasks in the process of the test: a worker of the pool takes seconds to start."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache

from avdf.pipeline.job.task import PrepTask
from avdf.pipeline.job.video_row import VideoRow
from avdf.pipeline.job.worker import Preparer


def run_tasks_here(
    tasks: Sequence[PrepTask],
    workers: int,
    on_video: Callable[[str], None] = lambda _: None,
) -> Iterator[tuple[PrepTask, tuple[VideoRow, ...]]]:
    """Stands in for `run_tasks` of the pool."""
    del workers
    for task in tasks:
        message = _preparer().attempt(task, on_video)
        assert message.kind == "done", message.reason
        yield task, message.rows


@cache
def _preparer() -> Preparer:
    return Preparer()
