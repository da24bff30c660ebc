"""The shards of a folder: their paths, and each opened in turn."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from avdf.cache.core.errors import ShardError
from avdf.cache.shards.mirror import read_mirror
from avdf.cache.shards.reader import Shard
from avdf.cache.shards.schema import SHARD_GLOB


def shard_paths(folder: Path) -> list[Path]:
    """The shards of a folder in order; of a mirror, also those that it has not downloaded yet.

    The path of a single shard is its own list.

    Raises:
        ShardError: there is no shard.
    """
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise ShardError(
            f"{folder}: no such folder; name one that `avdf prep SOURCE --out FOLDER` made"
        )
    mirror = read_mirror(folder)
    if mirror:
        paths = [folder / name for name in mirror.versions]
    else:
        paths = sorted(folder.glob(SHARD_GLOB))
    if not paths:
        raise ShardError(
            f"{folder}: no shards here; name a folder that `avdf prep SOURCE --out FOLDER` made"
        )
    return paths


def open_shards(folder: Path) -> Iterator[Shard]:
    """Each shard of a folder in turn; it is closed when the next one is asked for.

    Raises:
        ShardError: a shard cannot be read, or two shards hold the same video.
    """
    shard_of: dict[str, Path] = {}
    for path in shard_paths(folder):
        with Shard(path) as shard:
            refuse_duplicates(shard_of, path, [info.id for info in shard.videos])
            yield shard


def refuse_duplicates(
    shard_of: dict[str, Path], path: Path, ids: Sequence[str]
) -> None:
    """Add the videos of one more shard to `shard_of`, which maps the id of a video to its shard.

    Raises:
        ShardError: another shard holds one of them too.
    """
    for name in ids:
        other = shard_of.setdefault(name, path)
        if other != path:
            raise ShardError(
                f"{path}: the video {name!r} is in {other.name} too and would count twice; "
                "remove one of the two shards and run the same `avdf prep` again"
            )
