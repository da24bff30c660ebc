"""The folder that a prep job writes to: one job at a time, and nothing of anybody else."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from avdf.cache.core.errors import JobError, SourceError
from avdf.cache.files.atomic_file import remove_partials
from avdf.cache.files.folder_lock import folder_lock
from avdf.cache.files.ownership import OWNER_FILE, claim_folder
from avdf.cache.shards.completeness import PLAN_FILE
from avdf.cache.shards.inputs_table import VIDEOS_FILE
from avdf.cache.shards.schema import SHARD_GLOB, shard_name
from avdf.pipeline.job.done_tasks import MARK_GLOB, TASKS_FOLDER
from avdf.pipeline.job.plan import PrepPlan


@contextmanager
def sole_owner(folder: Path) -> Iterator[None]:
    """Hold the folder for this job alone; remove what a killed job left half written.

    Raises:
        SourceError: another job is at work in it.
        SettingsError: it is another command's or the user's own.
        JobError: it cannot be written to.
    """
    busy = SourceError(
        f"another `avdf prep` is running in {folder}; wait for it, or use another output folder"
    )
    with ExitStack() as held:
        try:
            claim_folder(folder, "shards")
            (folder / TASKS_FOLDER).mkdir(
                parents=True,
                exist_ok=True,
            )
            held.enter_context(folder_lock(folder, busy))
        except OSError as error:
            raise JobError(f"cannot write to {folder}: {error.strerror}") from None
        _remove_partials(folder)
        try:
            yield
        finally:
            _remove_partials(folder)


def refuse_other_shards(folder: Path, plan: PrepPlan) -> None:
    """Accept the shards of the plan alone: the name of another would be taken sooner or later.

    Raises:
        SourceError: there is a shard that the plan does not know.
    """
    planned = {shard_name(index) for index in range(len(plan.tasks))}
    for path in sorted(folder.glob(SHARD_GLOB)):
        if path.name not in planned:
            raise SourceError(
                f"{path} was not made by the job of this folder; move it away, or name another"
            )


def _remove_partials(folder: Path) -> None:
    remove_partials(folder, (SHARD_GLOB, VIDEOS_FILE, PLAN_FILE, OWNER_FILE))
    remove_partials(folder / TASKS_FOLDER, (MARK_GLOB,))
