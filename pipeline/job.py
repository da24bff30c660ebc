"""The prep job: list, plan, run what is missing, and account for every input. Interrupted, it goes on where it was."""

import fcntl
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from avdf.cache.cluster import ClusterSettings
from avdf.cache.durable import remove_partials, write_text
from avdf.cache.errors import SourceError
from avdf.cache.listed import OK, VIDEOS_FILE
from avdf.cache.schema import shard_name
from avdf.cache.tables import write_rows
from avdf.pipeline.plan import Plan, load_plan
from avdf.pipeline.pool import JobError, run_tasks
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import Listing
from avdf.pipeline.spread import spread_tasks
from avdf.pipeline.task import PrepTask, VideoRow

TASKS_FOLDER = "tasks"  # one file per finished task, written after its shard: the mark that it is done
_LOCK_FILE = ".lock"


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

    A folder that is finished is left as it is; one that was interrupted is finished; new videos extend it. With
    `retry_failed`, only videos that failed are tried again, in new shards. `workers` 0: one for each core.
    With `cluster`, the same tasks run on Ray, and `folder` must be one that every node sees.

    Raises:
        SettingsError: the folder was prepared with other settings.
        SourceError: another job is at work in the folder.
        JobError: the output cannot be written.
    """
    with _sole_owner(folder):
        plan = load_plan(folder, settings)
        known = _known_rows(folder, plan)
        plan, tasks = _plan_work(plan, known, listing, folder, settings, device, retry_failed)
        counter = _Counter(sum(len(task.videos) for task in tasks), on_progress)
        if tasks:
            plan.save(folder)
        try:
            for task, rows in _run(tasks, workers, cluster, counter.begin):
                _mark_done(folder, task.index, rows)
                known[task.index] = rows
                counter.done(rows)
        finally:
            result = PrepResult(folder, _latest(known), counter.rows)
            if tasks or not (folder / VIDEOS_FILE).exists():
                write_rows(folder / VIDEOS_FILE, VideoRow, result.rows)
    return result


def _run(
    tasks: Sequence[PrepTask], workers: int, cluster: ClusterSettings | None, begin: Callable[[str], None]
) -> Iterator[tuple[PrepTask, tuple[VideoRow, ...]]]:
    if cluster is not None and tasks:
        return spread_tasks(tasks, cluster, begin)
    return run_tasks(tasks, min(workers or _cores(), max(1, len(tasks))), begin)


def _plan_work(
    plan: Plan,
    known: dict[int, tuple[VideoRow, ...]],
    listing: Listing,
    folder: Path,
    settings: PrepSettings,
    device: str,
    retry_failed: bool,
) -> tuple[Plan, list[PrepTask]]:
    """Extend the plan by what is new, and list the tasks that are not done."""
    infos = {video.id: video for video in listing.videos}
    if retry_failed:
        wanted = [row.id for row in _latest(known) if row.status != OK and row.id in infos]
    else:
        planned = plan.ids
        wanted = [video.id for video in listing.videos if video.id not in planned]
    plan = plan.extend(wanted)
    tasks = []
    for index, ids in enumerate(plan.tasks):
        if index in known:
            continue
        videos = tuple(infos[name] for name in ids if name in infos)
        if len(videos) < len(ids):
            gone = next(name for name in ids if name not in infos)
            raise SourceError(f"{folder} is half done and waits for {gone}, which this source does not list; name both")
        tasks.append(PrepTask(index, videos, folder / shard_name(index), settings, device))
    return plan, tasks


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
    try:
        (folder / TASKS_FOLDER).mkdir(parents=True, exist_ok=True)
        lock = (folder / _LOCK_FILE).open("w")
    except OSError as error:
        raise JobError(f"cannot write to {folder}: {error.strerror}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SourceError(
                f"another `avdf prep` is at work in {folder}; wait for it, or use another --out"
            ) from None
        _tidy(folder)
        try:
            yield
        finally:
            _tidy(folder)


def _tidy(folder: Path) -> None:
    remove_partials(folder)
    remove_partials(folder / TASKS_FOLDER)


def _task_file(folder: Path, index: int) -> Path:
    return folder / TASKS_FOLDER / f"{index:05d}.json"


def _mark_done(folder: Path, index: int, rows: Sequence[VideoRow]) -> None:
    content = {"avdf_task": index, "rows": [asdict(row) for row in rows]}
    write_text(_task_file(folder, index), json.dumps(content, indent=1))


def _known_rows(folder: Path, plan: Plan) -> dict[int, tuple[VideoRow, ...]]:
    """Rows of the tasks that are done: marked, and their shard is there."""
    known = {}
    for index in range(len(plan.tasks)):
        try:
            content = json.loads(_task_file(folder, index).read_text(encoding="utf-8"))
            rows = tuple(VideoRow(**row) for row in content["rows"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if not any(row.status == OK for row in rows) or (folder / shard_name(index)).is_file():
            known[index] = rows
    return known


def _latest(known: dict[int, tuple[VideoRow, ...]]) -> tuple[VideoRow, ...]:
    """One row per video, in the plan's order: a later task's row replaces an earlier one."""
    rows: dict[str, VideoRow] = {}
    for index in sorted(known):
        rows.update({row.id: row for row in known[index]})
    return tuple(rows.values())


def _cores() -> int:
    return len(os.sched_getaffinity(0))
