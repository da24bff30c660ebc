"""`avdf.verify`: whether shards are whole."""

from dataclasses import dataclass
from pathlib import Path

from avdf.arguments import as_source
from avdf.cache.core.counted import counted
from avdf.cache.shards.folder import shard_paths
from avdf.cache.shards.mirror import shard_folder
from avdf.cache.shards.verify import Problem, verify_folder, verify_shards
from avdf.pipeline.job.plan_file import planned_paths
from avdf.sources import AnyPath


@dataclass(frozen=True, repr=False)
class VerifyResult:
    """What is wrong with shards.

    shards    the files that were checked
    problems  in single shards
    faults    of the folder as a whole, one sentence each
    """

    folder: Path
    shards: tuple[Path, ...]
    problems: tuple[Problem, ...]
    faults: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.problems or self.faults)

    def __repr__(self) -> str:
        return f"{self.folder}: {self._counts}"

    def __str__(self) -> str:
        lines = []
        for problem in self.problems:
            video = f"{problem.video}: " if problem.video else ""
            lines.append(f"{problem.shard}: {video}{problem.what}")
        # Many problems of one shard have one remedy: it is named once for each shard.
        for path in sorted(
            {problem.shard for problem in self.problems if problem.rebuild}
        ):
            lines.append(
                f"to rebuild: remove {path} and run the same `avdf prep` again; "
                "only that shard is built"
            )
        lines += [f"{self.folder}: {fault}" for fault in self.faults]
        return "\n".join([*lines, self._counts])

    @property
    def _counts(self) -> str:
        problems = len(self.problems) + len(self.faults)
        return f"{counted(len(self.shards), 'shard')}, {counted(problems, 'problem')}"


def verify(shards: AnyPath, sources: bool = False) -> VerifyResult:
    """Check format, lengths and order, and that every crop decodes.

    Args:
        shards: folder made by `prepare`, its URL, or one shard.
        sources: also compare the hashes of the source videos.

    Raises:
        ShardError: there are no shards.
    """
    folder = shard_folder(as_source(shards, "shards"))
    paths = shard_paths(folder)
    # Where the source videos are is in the plan, which is read only if they are compared.
    planned = planned_paths(paths[0].parent) if sources else {}
    problems = tuple(verify_shards(paths, sources, planned))
    return VerifyResult(
        folder, tuple(paths), problems, tuple(verify_folder(folder, paths))
    )
