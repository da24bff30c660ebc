"""The prep job: plan, run what is missing, and account for every input.

Interrupted at any instant, it goes on where it was when it is started again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from avdf.cache.files.csv_table import write_table
from avdf.cache.machine.cluster import ClusterSettings
from avdf.cache.machine.cores import worker_count
from avdf.cache.shards.inputs_table import VIDEOS_FILE
from avdf.pipeline.job.device import device_name
from avdf.pipeline.job.done_tasks import mark_done, read_marks
from avdf.pipeline.job.next_tasks import next_plan, open_tasks
from avdf.pipeline.job.on_ray import spread_tasks
from avdf.pipeline.job.output_folder import refuse_other_shards, sole_owner
from avdf.pipeline.job.plan_file import load_plan, save_plan
from avdf.pipeline.job.pool import run_tasks
from avdf.pipeline.job.processes import refuse_unguarded_start
from avdf.pipeline.job.progress import OnProgress, ProgressCounter
from avdf.pipeline.job.result import PrepResult
from avdf.pipeline.job.task import OnVideo, PrepTask, Rows
from avdf.pipeline.job.video_row import VIDEO_COLUMNS
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources.listing import Listing


def run_prep(
    listing: Listing,
    folder: Path,
    settings: PrepSettings,
    *,
    workers: int = 0,
    device: str = "cpu",
    retry_failed: bool = False,
    cluster: ClusterSettings | None = None,
    on_progress: OnProgress = lambda _: None,
) -> PrepResult:
    """Prepare a listing into `folder`: shards, and `videos.csv` with one row for every input.

    A folder that is finished is left as it is. One that was interrupted is finished from what its
    plan knows, even where the listing no longer names a video. New videos extend it.

    Args:
        workers: number of processes; 0: one for each core.
        device: on which faces are detected.
        retry_failed: try only the videos that failed again, in new shards.
        cluster: run the same tasks on Ray; every node must see `folder`.

    Raises:
        SettingsError: the folder was prepared with other settings, or is another command's or the
            user's own.
        SourceError: another job is at work in the folder, or a listed video is not the one that
            the folder has by this id.
        JobError: the output cannot be written.
    """
    refuse_unguarded_start()
    workers = worker_count(workers)
    device = device_name(device, here=cluster is None)
    with sole_owner(folder):
        # First everything that can be refused, before the plan is changed.
        known_plan = load_plan(folder, settings)
        refuse_other_shards(folder, known_plan)
        plan = next_plan(known_plan, listing, folder, retry_failed)
        done = read_marks(folder, plan)
        tasks = open_tasks(plan, done, folder, settings, device)
        # The plan is on the disk before any work: an interrupted job knows from it what to do.
        if tasks or plan != known_plan:
            save_plan(folder, plan)

        counter = ProgressCounter(sum(len(task.videos) for task in tasks), on_progress)
        # Each task is marked as soon as it ends: an interruption costs only those at work.
        rows_of = dict(done.rows_of)
        try:
            for task, rows in _run(tasks, workers, cluster, counter.begin):
                mark_done(folder, task.index, rows)
                rows_of[task.index] = rows
                counter.finish(rows)
        finally:
            # Whatever ends the job: `videos.csv` has a row for all that is known.
            all_rows = replace(done, rows_of=rows_of).rows(plan)
            table = folder / VIDEOS_FILE
            if tasks or not table.exists():
                write_table(table, VIDEO_COLUMNS, all_rows)
    return PrepResult(folder, all_rows, counter.rows)


def _run(
    tasks: Sequence[PrepTask],
    workers: int,
    cluster: ClusterSettings | None,
    begin: OnVideo,
) -> Iterator[tuple[PrepTask, Rows]]:
    """Each task with its rows as it ends, from the cluster or from processes of this machine."""
    if cluster is not None and tasks:
        return spread_tasks(tasks, cluster, begin)
    most_useful = max(1, len(tasks))
    return run_tasks(tasks, min(workers, most_useful), begin)
