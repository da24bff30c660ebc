"""The prep job: list, plan, run what is missing, and account for every input. Interrupted, it goes on where it was."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from avdf.cache.core.errors import JobError, SettingsError, SourceError
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.atomic_file import remove_partials
from avdf.cache.files.csv_table import write_rows
from avdf.cache.files.folder_lock import folder_lock
from avdf.cache.files.ownership import OWNER_FILE, claim_folder
from avdf.cache.machine.cluster import ClusterSettings
from avdf.cache.machine.cores import worker_count
from avdf.cache.shards.completeness import PLAN_FILE
from avdf.cache.shards.inputs_table import OK, VIDEOS_FILE
from avdf.cache.shards.schema import SHARD_GLOB, shard_name
from avdf.pipeline.job.done_tasks import MARK_GLOB, TASKS_FOLDER, Done, mark_done, read_marks
from avdf.pipeline.job.id_conflict import refuse_other_file
from avdf.pipeline.job.on_ray import spread_tasks
from avdf.pipeline.job.plan import Plan, load_plan
from avdf.pipeline.job.pool import run_tasks
from avdf.pipeline.job.task import PrepTask, VideoRow
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import Listing


@dataclass(frozen=True)
class PrepProgress:
    """Told after each video is begun and each task is done."""

    videos: int  # to do in this run
    begun: int
    failed: int
    frames: int


@dataclass(frozen=True)
class PrepResult:
    """What a job came to: a row for every input ever given to this folder."""

    folder: Path
    rows: tuple[VideoRow, ...]
    new: int  # rows made by this run

    @property
    def statuses(self) -> dict[str, int]:
        """Count of each status, the most frequent first."""
        return dict(Counter(row.status for row in self.rows).most_common())

    @property
    def failed(self) -> tuple[VideoRow, ...]:
        return tuple(row for row in self.rows if row.status != OK)


def run_prep(
    listing: Listing,
    folder: Path,
    settings: PrepSettings,
    *,
    workers: int = 0,
    device: str = "cpu",
    retry_failed: bool = False,
    cluster: ClusterSettings | None = None,
    on_progress: Callable[[PrepProgress], None] = lambda _: None,
) -> PrepResult:
    """Prepare a listing into `folder`: shards, and `videos.csv` with one row for every input.

    A folder that is finished is left as it is; one that was interrupted is finished, from what its plan knows even
    where the listing no longer names a video; new videos extend it. With `retry_failed`, only videos that failed are
    tried again, in new shards. `workers` 0: one for each core. With `cluster`, the same tasks run on Ray, and `folder`
    must be one that every node sees.

    Raises:
        SettingsError: the folder was prepared with other settings, or is another command's or the user's own.
        SourceError: another job is at work in the folder, or a listed video is not the one that it has by this id.
        JobError: the output cannot be written.
    """
    workers = worker_count(workers)
    device = device_name(device, here=cluster is None)
    with _sole_owner(folder):
        plan = kept = load_plan(folder, settings)
        done = read_marks(folder, plan)
        _refuse_other_shards(folder, plan)
        plan = _follow_moved(plan, done, listing, folder)
        plan = plan.extend(_wanted(plan, done, listing, retry_failed))
        done = read_marks(folder, plan)
        tasks = _open_tasks(plan, done, folder, settings, device)
        counter = _Counter(sum(len(task.videos) for task in tasks), on_progress)
        if tasks or plan != kept:
            plan.save(folder)
        known = dict(done.tasks)
        try:
            for task, rows in _run(tasks, workers, cluster, counter.begin):
                mark_done(folder, task.index, rows)
                known[task.index] = rows
                counter.done(rows)
        finally:
            result = PrepResult(folder, replace(done, tasks=known).rows(plan), counter.rows)
            if tasks or not (folder / VIDEOS_FILE).exists():
                write_rows(folder / VIDEOS_FILE, VideoRow, result.rows)
    return result


def device_name(device: str, here: bool = True) -> str:
    """The device that faces are found on. A cluster's devices (not `here`) are known to its workers alone.

    Raises:
        SettingsError: it is unknown, or not there.
    """
    if device == "cpu" or (not here and device == "cuda"):
        return device
    if not here:
        raise SettingsError(f"device {device!r}: workers of a cluster use cpu or cuda")
    from avdf.cache.machine.device import choose_device  # loads PyTorch

    return str(choose_device(device))


def _run(
    tasks: Sequence[PrepTask],
    workers: int,
    cluster: ClusterSettings | None,
    begin: Callable[[str], None],
) -> Iterator[tuple[PrepTask, tuple[VideoRow, ...]]]:
    if cluster is not None and tasks:
        return spread_tasks(tasks, cluster, begin)
    return run_tasks(tasks, min(workers, max(1, len(tasks))), begin)


def _follow_moved(plan: Plan, done: Done, listing: Listing, folder: Path) -> Plan:
    """The plan with the places where videos lie now.

    Raises:
        SourceError: a listed video is not the one that the folder has by this id.
    """
    rows = {row.id: row for row in done.rows(plan)}
    planned = plan.ids
    moved = []
    for now in listing.videos:
        row = rows.get(now.id)
        known = plan.videos.get(now.id) or (VideoInfo(now.id, row.path) if row else now)
        refuse_other_file(known, now, row, folder)
        prepared = row is not None and row.status == OK and now.id in plan.videos
        if now.id in planned and not (prepared and (known.path == now.path or known.file.exists())):
            moved.append(now)
    return plan.redescribe(moved)


def _wanted(plan: Plan, done: Done, listing: Listing, retry_failed: bool) -> list[VideoInfo]:
    """What gets new shards: the videos that are new, or those that failed.

    Without a source, every failure is tried again, else those of the source.
    """
    if not retry_failed:
        planned = plan.ids
        return [video for video in listing.videos if video.id not in planned]
    listed = {video.id for video in listing.videos} or set(plan.videos)
    failed = [row.id for rows in done.tasks.values() for row in rows if row.status != OK]
    return [plan.videos[name] for name in failed if name in listed and name in plan.videos]


def _open_tasks(
    plan: Plan, done: Done, folder: Path, settings: PrepSettings, device: str
) -> list[PrepTask]:
    """The tasks that are not done.

    Raises:
        SourceError: one cannot be done from what is known.
    """
    tasks = []
    for index, names in enumerate(plan.tasks):
        if index in done.tasks:
            continue
        unknown = next((name for name in names if name not in plan.videos), None)
        if unknown is not None:
            raise SourceError(
                f"{folder} is half done and waits for {unknown}, which this source does not list; name both"
            )
        videos = tuple(plan.videos[name] for name in names)
        gone = next((video for video in videos if not video.file.is_file()), None)
        if index in done.crowded and gone is not None:
            raise SourceError(
                f"{folder / shard_name(index)} holds a video that another shard holds too, and cannot be built again "
                f"without it since {gone.path} is gone; prepare into another --out folder"
            )
        tasks.append(PrepTask(index, videos, folder / shard_name(index), settings, device))
    return tasks


def _refuse_other_shards(folder: Path, plan: Plan) -> None:
    """A shard beyond the plan is not of this job, and its name would be taken sooner or later."""
    ours = {shard_name(index) for index in range(len(plan.tasks))}
    for path in sorted(folder.glob(SHARD_GLOB)):
        if path.name not in ours:
            raise SourceError(
                f"{path} was not made by the job of this folder; move it away, or use another --out"
            )


class _Counter:
    """Counts what happens and tells the listener."""

    def __init__(self, videos: int, on_progress: Callable[[PrepProgress], None]) -> None:
        self._videos, self._tell = videos, on_progress
        self._begun: set[str] = set()
        self.rows = self._failed = self._frames = 0

    def begin(self, video: str) -> None:
        self._begun.add(video)
        self._say()

    def done(self, rows: Sequence[VideoRow]) -> None:
        self.rows += len(rows)
        self._failed += sum(row.status != OK for row in rows)
        self._frames += sum(row.frames for row in rows)
        self._say()

    def _say(self) -> None:
        self._tell(PrepProgress(self._videos, len(self._begun), self._failed, self._frames))


@contextmanager
def _sole_owner(folder: Path) -> Iterator[None]:
    """Only one job works in a folder; what a killed one left half written is removed."""
    busy = SourceError(
        f"another `avdf prep` is at work in {folder}; wait for it, or use another --out"
    )
    with ExitStack() as held:
        try:
            claim_folder(folder, "shards")
            (folder / TASKS_FOLDER).mkdir(parents=True, exist_ok=True)
            held.enter_context(folder_lock(folder, busy))
        except OSError as error:
            raise JobError(f"cannot write to {folder}: {error.strerror}") from None
        _tidy(folder)
        try:
            yield
        finally:
            _tidy(folder)


def _tidy(folder: Path) -> None:
    remove_partials(folder, (SHARD_GLOB, VIDEOS_FILE, PLAN_FILE, OWNER_FILE))
    remove_partials(folder / TASKS_FOLDER, (MARK_GLOB,))
