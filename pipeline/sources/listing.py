"""What a source holds: every video once, with its labels, and what was noticed on the way."""

import os
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from avdf.cache.core.errors import SourceError
from avdf.cache.core.video import VideoInfo

# Names of media files end so; what is no video among them becomes a row that says so.
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


@dataclass(frozen=True)
class Listing:
    """The videos of a source, in a fixed order. `notes` are sentences for the user; `unlisted` lie there unnamed."""

    dataset: str
    videos: tuple[VideoInfo, ...]
    notes: tuple[str, ...] = ()
    unlisted: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        for name, count in Counter(video.id for video in self.videos).items():
            if count > 1:
                raise SourceError(
                    f"{name} is listed {count} times; each video needs an id of its own"
                )


def media_files(folder: Path, without: Collection[Path] = ()) -> list[Path]:
    """Every media file below a folder by its name's ending, in order; hidden files and folders are left out.

    Linked folders are walked too, each real folder once: a link to where the walk has been leads nowhere new.

    Args:
        without: folders that are not entered.
    """
    left_out = {os.path.realpath(place) for place in without}
    found: list[str] = []
    walked: set[str] = set()
    waiting = [str(folder)]
    while waiting:
        # Links wait until the folders themselves are done, so that a folder goes by its own name where it has one.
        links: list[str] = []
        for top in waiting:
            _walk(top, left_out, walked, found, links)
        waiting = sorted(links)
    return [Path(path) for path in sorted(found)]


def other_files(folder: Path) -> list[str]:
    """Names of the files below a folder that are no media by their names' endings; hidden ones are left out."""
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [
            os.path.relpath(os.path.join(place, name), folder)  # noqa: PTH118
            for name in sorted(files)
            if not name.startswith(".") and name[name.rfind(".") :].lower() not in MEDIA_SUFFIXES
        ]
    return found


def _walk(
    top: str, closed: Collection[str], walked: set[str], found: list[str], links: list[str]
) -> None:
    """Add the media files below one folder to `found`, the linked folders to `links`, what was entered to `walked`."""
    for place, folders, files in os.walk(top):
        real = os.path.realpath(place)
        if real in walked or real in closed:
            folders.clear()
            continue
        walked.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        # `join`, not a Path, of which there may be a million: ten times as fast
        inner = [(name, os.path.join(place, name)) for name in folders]  # noqa: PTH118
        linked = {name: path for name, path in inner if os.path.islink(path)}  # noqa: PTH114
        links += linked.values()
        folders[:] = [name for name in folders if name not in linked]
        found += [
            os.path.join(place, name)  # noqa: PTH118
            for name in files
            if name[name.rfind(".") :].lower() in MEDIA_SUFFIXES and not name.startswith(".")
        ]


def real_path(path: Path) -> Path:
    """The absolute path without links; of a link that leads to itself, the link's own."""
    return Path(os.path.realpath(path))


def inside(root: Path, name: str) -> Path:
    """The place below a root that a dataset's table names.

    Raises:
        ValueError: the name is empty or leads out of the root.
    """
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or "\0" in name:
        raise ValueError(f"the name {name!r} leads out of {root}")
    return root / path


def faulty(dataset: str, place: Path, entry: str, why: str) -> VideoInfo:
    """The row of an entry that cannot be used.

    Args:
        place: the file that it names, or else the table that it stands in.
        entry: names it in the dataset.
    """
    return VideoInfo(id=entry, path=str(place), dataset=dataset, fault=why)


def refuse_mostly_faulty(table: Path, videos: Sequence[VideoInfo]) -> None:
    """A table of which most is not understood is not the dataset's.

    Raises:
        SourceError: more than half of the videos are faulty; the message names the first one and its fault.
    """
    faults = [video for video in videos if video.fault]
    if 2 * len(faults) > len(videos):
        raise SourceError(
            f"{table}: {len(faults)} of {len(videos)} entries are not understood; "
            f"the first is {faults[0].id}: {faults[0].fault}"
        )


def each_once(videos: Iterable[VideoInfo]) -> list[VideoInfo]:
    """The videos without repetitions that say the same; a fault's repetitions are one fault."""
    return list({(video.id if video.fault else video): video for video in videos}.values())


def unlisted_media(root: Path, videos: Iterable[VideoInfo]) -> tuple[Path, ...]:
    """Media files below a root that none of the videos is."""
    listed = {video.path for video in videos}
    return tuple(
        path
        for path in media_files(real_path(root))
        if str(path) not in listed and str(real_path(path)) not in listed
    )


def join(listings: Iterable[Listing]) -> Listing:
    """Several sources as one."""
    parts = tuple(listings)
    return Listing(
        dataset="+".join(dict.fromkeys(part.dataset for part in parts)),
        videos=tuple(video for part in parts for video in part.videos),
        notes=tuple(note for part in parts for note in part.notes),
        unlisted=tuple(path for part in parts for path in part.unlisted),
    )
