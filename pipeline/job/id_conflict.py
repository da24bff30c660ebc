"""One id, two files: a folder has prepared one under it, and a source lists another now."""

from pathlib import Path

from avdf.cache.core.errors import SourceError
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.digest import file_sha256
from avdf.pipeline.job.video_row import VideoRow


def refuse_other_file(
    known: VideoInfo,
    now: VideoInfo,
    row: VideoRow | None,
    folder: Path,
) -> None:
    """Accept the same file, also where it was moved or copied to; anything else is another video.

    Args:
        known: the video that the folder has under this id.
        now: the video that the source lists under it.
        row: what became of `known`, if it was prepared.

    Raises:
        SourceError: they are two videos.
    """
    # The path of an entry that is not understood may be that of its table: it names no video.
    if known.fault or now.fault:
        return
    sha256 = row.sha256 if row else ""
    if known.path == now.path or _is_same(known.file, now.file, sha256):
        return
    raise SourceError(
        f"{now.id}: {folder} has {known.path} under this id, and the source lists {now.path}, "
        "which is another video; prepare it into another output folder, or list both in one "
        "manifest: a path there is the id"
    )


def _is_same(known: Path, now: Path, sha256: str) -> bool:
    """Whether two paths are of the same content, as far as that can be known."""
    try:
        if not now.is_file():
            return True  # nothing is there that could be another video
        if not known.is_file():
            return sha256 in ("", file_sha256(now))  # it was moved
        if known.samefile(now):
            return True
        same_size = known.stat().st_size == now.stat().st_size
        return same_size and file_sha256(known) == file_sha256(now)
    except OSError:
        return True  # it cannot be read, and its row will say so
