"""What a job has to do next: how the plan grows, and which of its tasks are not done."""

from pathlib import Path

from avdf.cache.core.errors import SourceError
from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.inputs_table import OK
from avdf.cache.shards.schema import shard_name
from avdf.pipeline.job.done_tasks import DoneTasks, read_marks
from avdf.pipeline.job.id_conflict import refuse_other_file
from avdf.pipeline.job.plan import PrepPlan
from avdf.pipeline.job.task import PrepTask
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources.listing import Listing


def next_plan(
    plan: PrepPlan,
    listing: Listing,
    folder: Path,
    retry_failed: bool,
) -> PrepPlan:
    """The plan with the videos of a listing: moved ones where they are now, new ones in new tasks.

    Args:
        retry_failed: plan only the videos that failed, again in new tasks.

    Raises:
        SourceError: a listed video is not the one that the folder has by this id.
    """
    # Moved files first, so that new tasks are made with the paths that are valid now.
    done = read_marks(folder, plan)
    plan = _follow_moved(plan, done, listing, folder)
    if retry_failed:
        return plan.extend(_failed_videos(plan, done, listing))
    planned = plan.ids
    return plan.extend(video for video in listing.videos if video.id not in planned)


def open_tasks(
    plan: PrepPlan,
    done: DoneTasks,
    folder: Path,
    settings: PrepSettings,
    device: str,
) -> list[PrepTask]:
    """The tasks that are not done.

    Raises:
        SourceError: one cannot be done with what is known.
    """
    tasks = []
    for index, names in enumerate(plan.tasks):
        if index in done.rows_of:
            continue
        _refuse_unknown(plan, names, folder)
        videos = tuple(plan.videos[name] for name in names)
        shard = folder / shard_name(index)
        # Building this shard again removes what it holds of other tasks, so all of its own videos
        # must be there.
        if index in done.crowded:
            _refuse_lost(videos, shard)
        tasks.append(PrepTask(index, videos, shard, settings, device))
    return tasks


def _follow_moved(
    plan: PrepPlan,
    done: DoneTasks,
    listing: Listing,
    folder: Path,
) -> PrepPlan:
    """The plan with the paths at which videos are now."""
    rows = {row.id: row for row in done.rows(plan)}
    planned = plan.ids
    moved = []
    for now in listing.videos:
        row = rows.get(now.id)
        # A plan of an older version has no descriptions: the row then tells the path.
        known = plan.videos.get(now.id) or (
            VideoInfo(now.id, row.info.path) if row else now
        )
        refuse_other_file(known, now, row, folder)
        if now.id not in planned:
            continue
        # A prepared video keeps the description with which it was prepared, as long as its file is
        # there. All others are to be prepared, and from where they are now.
        prepared = row is not None and row.status == OK and now.id in plan.videos
        still_there = known.path == now.path or known.file.exists()
        if not (prepared and still_there):
            moved.append(now)
    return plan.redescribe(moved)


def _failed_videos(
    plan: PrepPlan,
    done: DoneTasks,
    listing: Listing,
) -> list[VideoInfo]:
    """The listed videos that failed; without a listing, every video that failed."""
    listed = {video.id for video in listing.videos} or set(plan.videos)
    rows = [row for task_rows in done.rows_of.values() for row in task_rows]
    failed = [row.id for row in rows if row.status != OK]
    return [
        plan.videos[name] for name in failed if name in listed and name in plan.videos
    ]


def _refuse_unknown(
    plan: PrepPlan,
    names: tuple[str, ...],
    folder: Path,
) -> None:
    """A task of an older plan may name videos that only the source can describe."""
    for name in names:
        if name not in plan.videos:
            raise SourceError(
                f"{folder} is half done and waits for {name}, which this source does not list; "
                "name both"
            )


def _refuse_lost(videos: tuple[VideoInfo, ...], shard: Path) -> None:
    """A shard that would be built again, without a video that only it may hold, is kept."""
    for video in videos:
        if not video.file.is_file():
            raise SourceError(
                f"{shard} holds a video that another shard holds too, and cannot be built again "
                f"without it since {video.path} is gone; prepare into another output folder"
            )
