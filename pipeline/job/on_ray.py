"""The tasks of a prep job on a Ray cluster: the same tasks and shards as on the local pool."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from avdf.cache.machine.cluster import ClusterSettings
from avdf.cache.machine.ray_actors import SendMessage
from avdf.cache.machine.ray_jobs import run_on_cluster
from avdf.pipeline.job.message import Message
from avdf.pipeline.job.task import OnVideo, PrepTask, Rows, ignore_video

_MOST_DEATHS = 2  # at one video: then the fault is the video's, and no longer a node's


def spread_tasks(
    tasks: Sequence[PrepTask],
    cluster: ClusterSettings,
    on_video: OnVideo = ignore_video,
) -> Iterator[tuple[PrepTask, Rows]]:
    """Run tasks on a cluster and yield each with its rows as it ends, in any order.

    A video at which a worker has died twice is given up (status `crashed`), so that the rest of
    its shard is done.

    Raises:
        JobError: the output cannot be written.
        ClusterError, SettingsError: see `run_on_cluster`.
    """
    deaths: Counter[tuple[int, str]] = Counter()

    def after_death(
        task: PrepTask,
        video: str,
        _: int,
    ) -> PrepTask:
        deaths[task.index, video] += 1
        if not video or deaths[task.index, video] < _MOST_DEATHS:
            return task
        return task.give_up(
            video, f"the worker process ended at this video {_MOST_DEATHS} times"
        )

    for task, message in run_on_cluster(
        tasks,
        _preparer,
        cluster,
        after_death,
        on_video,
    ):
        message.raise_if_fatal()
        yield task, message.rows


def _preparer() -> Callable[[PrepTask, SendMessage], Message]:
    """In a worker: load what is needed once."""
    from avdf.pipeline.job.worker import Preparer

    return Preparer().attempt
