"""Single files, folders of videos, and the folders `real/` and `fake/`."""

from pathlib import Path
from typing import Any

from avdf.cache.errors import SourceError
from avdf.cache.video import FAKE, REAL, UNKNOWN, VideoInfo
from avdf.pipeline.sources.listing import Listing, media_files

_LABELS = {"real": REAL, "fake": FAKE}


def single_file(path: Path) -> Listing:
    """One file, whatever its name; labels unknown."""
    return Listing("files", (VideoInfo(id=path.name, path=str(path.resolve()), dataset="files"),))


def is_real_fake(root: Path) -> bool:
    """Whether a folder holds `real/` and `fake/`."""
    return all((root / name).is_dir() for name in _LABELS)


def real_fake(root: Path) -> Listing:
    """Videos below `real/` and `fake/`, labelled by that folder. Which modality of a fake is fake stays unknown."""
    videos = []
    for name, label in _LABELS.items():
        modality = REAL if label == REAL else UNKNOWN
        videos += [
            _info(root, path, label=label, label_visual=modality, label_audio=modality)
            for path in media_files(root / name)
        ]
    return _listing(root, tuple(videos))


def folder(root: Path) -> Listing:
    """Every media file below a folder; labels unknown."""
    return _listing(root, tuple(_info(root, path) for path in media_files(root)))


def _info(root: Path, path: Path, **labels: Any) -> VideoInfo:
    return VideoInfo(
        id=path.relative_to(root).as_posix(), path=str(path.resolve()), dataset=root.resolve().name, **labels
    )


def _listing(root: Path, videos: tuple[VideoInfo, ...]) -> Listing:
    if not videos:
        raise SourceError(f"{root}: no video files below this folder")
    return Listing(root.resolve().name, videos)
