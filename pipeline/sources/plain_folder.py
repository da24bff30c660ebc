"""Files without labels: any folder of media files, and single files."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SourceError
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources.listing import Listing
from avdf.pipeline.sources.media_files import media_files
from avdf.pipeline.sources.packed_videos import PackedVideos
from avdf.pipeline.sources.paths import real_path


class PlainFolder:
    """Every media file below a folder; labels are unknown."""

    name = "folder"

    def recognises(self, root: Path) -> bool:
        """Any folder."""
        return root.is_dir()

    def read(self, root: Path) -> Listing:
        """The media files below a folder.

        Raises:
            SourceError: there are none.
        """
        return list_folder(root)


def list_folder(root: Path, without: Collection[Path] = ()) -> Listing:
    """Every media file below a folder; labels are unknown.

    Args:
        without: folders that are not entered.

    Raises:
        SourceError: there are none.
    """
    videos = PackedVideos(
        info_of_file(root, path) for path in media_files(root, without)
    )
    refuse_empty(root, videos)
    return Listing(real_path(root).name, videos)


def read_single_file(path: Path) -> Listing:
    """One file, whatever its name; labels are unknown."""
    return Listing(
        "files", (VideoInfo(id=path.name, path=str(real_path(path)), dataset="files"),)
    )


def info_of_file(
    root: Path,
    path: Path,
    **known: Any,
) -> VideoInfo:
    """The video of a file below a folder: the path from there is its id.

    Args:
        known: other fields of the video.
    """
    return VideoInfo(
        id=path.relative_to(root).as_posix(),
        path=str(real_path(path)),
        dataset=real_path(root).name,
        **known,
    )


def refuse_empty(root: Path, videos: Collection[VideoInfo]) -> None:
    """Accept a folder with videos.

    Raises:
        SourceError: there are none.
    """
    if not videos:
        raise SourceError(f"{root}: no video files below this folder")
