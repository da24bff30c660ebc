"""The media files below a folder, found by the endings of their names."""

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from avdf.cache.core.video import VideoInfo
from avdf.cache.files.ownership import OWNER_FILE, is_output
from avdf.pipeline.sources.paths import real_path

# A file with such a name that holds no video becomes a row that says so.
MEDIA_SUFFIXES = frozenset(
    [
        ".264",
        ".265",
        ".3g2",
        ".3gp",
        ".aac",
        ".ac3",
        ".aif",
        ".aiff",
        ".amr",
        ".asf",
        ".avi",
        ".caf",
        ".divx",
        ".dv",
        ".eac3",
        ".f4v",
        ".flac",
        ".flv",
        ".h264",
        ".h265",
        ".hevc",
        ".ivf",
        ".m2t",
        ".m2ts",
        ".m2v",
        ".m4a",
        ".m4b",
        ".m4v",
        ".mka",
        ".mkv",
        ".mov",
        ".mp2",
        ".mp3",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".mpv",
        ".mts",
        ".mxf",
        ".nut",
        ".obu",
        ".oga",
        ".ogg",
        ".ogm",
        ".ogv",
        ".opus",
        ".rm",
        ".rmvb",
        ".ts",
        ".vob",
        ".w64",
        ".wav",
        ".weba",
        ".webm",
        ".wma",
        ".wmv",
    ]
)


def media_files(
    folder: Path,
    without: Collection[Path] = (),
) -> list[Path]:
    """Every media file below a folder, in order.

    Left out are hidden files and folders, and folders in which avdf keeps shards, runs or scores.
    Linked folders are walked too, each real folder once, so that a cycle of links ends.

    Args:
        without: folders that are not entered.
    """
    return [Path(path) for path in sorted(_paths(folder, without))]


def _paths(folder: Path, without: Collection[Path] = ()) -> Iterator[str]:
    """The paths of `media_files` as the walk meets them; they are not held in memory."""
    walk = _Walk(str(folder), {os.path.realpath(path) for path in without})
    waiting = [str(folder)]
    while waiting:
        # Links wait until the folders themselves are done, so that a folder that can be reached
        # by its own name is listed under that name.
        walk.links.clear()
        for top in waiting:
            yield from walk.below(top)
        waiting = sorted(walk.links)


def other_files(folder: Path) -> list[str]:
    """Names of the files below a folder that are no media; hidden ones are left out."""
    found = []
    for path, folders, files in os.walk(folder):
        if OWNER_FILE in files and Path(path) != folder and is_output(Path(path)):
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and not _is_media(name):
                found.append(os.path.relpath(os.path.join(path, name), folder))  # noqa: PTH118
    return found


def unlisted_media(
    root: Path,
    videos: Iterable[VideoInfo],
) -> tuple[Path, ...]:
    """Media files below a root that none of the videos is."""
    # Hashes, since a million paths take hundreds of megabytes. That one file of a million has the
    # hash of another path, and is not mentioned, happens once in ten million datasets.
    listed = {hash(video.path) for video in videos}
    unlisted = (
        path
        for path in _paths(real_path(root))
        if hash(path) not in listed and hash(os.path.realpath(path)) not in listed
    )
    return tuple(Path(path) for path in sorted(unlisted))


@dataclass
class _Walk:
    """A walk through folders. Works on strings: there may be a million, and a Path is slow.

    root     the folder that was asked for
    closed   real paths of folders that are not entered
    entered  hashes of the real paths of folders that were: a million paths take too much memory
    links    paths of linked folders, not yet entered
    """

    root: str
    closed: Collection[str]
    entered: set[int] = field(default_factory=set)
    links: list[str] = field(default_factory=list)

    def below(self, top: str) -> Iterator[str]:
        """Paths of the media files in the folders below one, but not through links."""
        for path, folders, files in os.walk(top):
            real = os.path.realpath(path)
            if hash(real) in self.entered or real in self.closed:
                folders.clear()
                continue
            # What avdf wrote into a folder within the source is a result, never an input.
            if OWNER_FILE in files and path != self.root and is_output(Path(path)):
                folders.clear()
                continue
            self.entered.add(hash(real))
            folders[:] = self._own_folders(path, folders)
            for name in files:
                if _is_media(name) and not name.startswith("."):
                    yield os.path.join(path, name)  # noqa: PTH118

    def _own_folders(
        self,
        path: str,
        names: list[str],
    ) -> list[str]:
        """The folders that are not links, in order; the links are remembered."""
        own = []
        for name in sorted(names):
            inner = os.path.join(path, name)  # noqa: PTH118
            if name.startswith("."):
                continue
            if os.path.islink(inner):  # noqa: PTH114
                self.links.append(inner)
            else:
                own.append(name)
        return own


def _is_media(name: str) -> bool:
    return name[name.rfind(".") :].lower() in MEDIA_SUFFIXES
