"""What is this path? Shards, a run, or video files: every command asks here."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import VideoInfo
from avdf.cache.shards.completeness import PLAN_FILE
from avdf.cache.shards.mirror import MIRROR_FILE, is_url, shard_folder
from avdf.cache.shards.schema import SHARD_GLOB

NEEDS_OUT = "this writes tables and a report: give an output folder (out)"
AnyPath = str | Path  # a path, or the URL of a folder of shards


@dataclass(frozen=True)
class Sources:
    """What is scored: the shards of one folder, or video files.

    paths   as they were named; a URL by the folder on this machine that mirrors it
    shards  the folder of shards; None for files
    """

    paths: tuple[Path, ...]
    shards: Path | None

    @property
    def title(self) -> str:
        """One source by its name, several by their number and their folder."""
        if len(self.paths) == 1:
            return self.paths[0].resolve().name
        folders = {path.resolve().parent for path in self.paths}
        inside = f" in {folders.pop().name}" if len(folders) == 1 else ""
        return f"{len(self.paths)} sources{inside}"


def open_sources(sources: Sequence[AnyPath]) -> Sources:
    """What these sources are.

    Raises:
        ShardError: a URL cannot be reached, or holds no shards.
        SettingsError: shards beside other sources.
    """
    paths = tuple(shard_folder(source) for source in sources)
    # Files and shards are scored in different ways, with different options and results.
    with_shards = [path for path in paths if is_shards(path)]
    if with_shards and len(paths) > 1:
        raise SettingsError(
            f"{with_shards[0]} holds shards, and {len(paths)} sources are given: "
            "score one folder of shards in one call, and files in another"
        )
    shards = paths[0] if len(paths) == 1 and is_shards(paths[0]) else None
    return Sources(paths, shards)


def is_shards(path: Path) -> bool:
    """Whether a path is a shard, or a folder that holds or awaits shards."""
    if path.suffix == ".h5":
        return True
    # A job that was interrupted may have left a plan and no shard yet; a mirror fetches them later.
    for name in (PLAN_FILE, MIRROR_FILE):
        if (path / name).is_file():
            return True
    return any(path.glob(SHARD_GLOB))


def output_notes(out: Path | None, sources: Sequence[AnyPath]) -> list[str]:
    """A sentence for each source that contains the output folder.

    Nothing is read from there: listing leaves out what avdf wrote (`media_files`).
    """
    if out is None:
        return []
    inner = out.resolve()
    outer = [path for path in sources if Path(path).resolve() in inner.parents]
    return [
        f"{out} is inside {path}: nothing in it is read as a video" for path in outer
    ]


def refuse_shards(sources: Sequence[AnyPath]) -> None:
    """Refuse shards where no folder is given for their tables.

    Raises:
        SettingsError: the only source is a folder of shards, or its URL.
    """
    if len(sources) == 1 and (is_url(str(sources[0])) or is_shards(Path(sources[0]))):
        raise SettingsError(NEEDS_OUT)


def known_videos(source: Path) -> tuple[VideoInfo, ...]:
    """Every listed video of shards, or of a dataset as `avdf prep` takes it.

    Raises:
        ShardError, SourceError: the source cannot be read.
    """
    if is_shards(source):
        from avdf.cache.stream.index import index_folder

        return tuple(index_folder(source).infos)
    # Shards can be read without the libraries that decode videos.
    from avdf.pipeline.sources import list_videos

    return tuple(list_videos([source]).videos)
