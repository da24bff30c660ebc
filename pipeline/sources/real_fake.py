"""The folders `real/` and `fake/`: the simplest way to label videos."""

from collections.abc import Iterator
from pathlib import Path

from avdf.cache.core.labels import FAKE, REAL, UNKNOWN, label_name
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources.listing import Listing
from avdf.pipeline.sources.media_files import media_files, unlisted_media
from avdf.pipeline.sources.paths import real_path
from avdf.pipeline.sources.plain_folder import info_of_file, refuse_empty

_LABELS = {label_name(label): label for label in (REAL, FAKE)}  # folder -> label
# names of folders that hold `real/` and `fake/` of one split each
_SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
}


class RealFake:
    """Videos below `real/` and `fake/`, labelled by that folder."""

    name = "real-fake"

    def recognises(self, root: Path) -> bool:
        """Whether a folder holds `real/` and `fake/`, in small or capital letters."""
        return len(_label_folders(root)) == len(_LABELS)

    def read(self, root: Path) -> Listing:
        """Every video. Which modality of a fake is fake stays unknown.

        Raises:
            SourceError: there are no videos.
        """
        videos = tuple(labelled_by_folder(root, root))
        refuse_empty(root, videos)
        return Listing(
            real_path(root).name,
            videos,
            (),
            unlisted_media(root, videos),
        )


def labelled_by_folder(folder: Path, root: Path) -> Iterator[VideoInfo]:
    """The videos of one folder's `real/` and `fake/`; the folder's name says the split.

    Args:
        root: ids are paths from here.
    """
    split = _SPLITS.get(folder.name.lower(), "") if folder != root else ""
    for label, label_folder in sorted(_label_folders(folder).items()):
        modality = REAL if label == REAL else UNKNOWN
        labels = {
            "label": label,
            "label_visual": modality,
            "label_audio": modality,
        }
        for path in media_files(label_folder):
            yield info_of_file(root, path, split=split, **labels)


def _label_folders(root: Path) -> dict[int, Path]:
    """Label -> the folder of that name.

    Where two names differ only in capitals, neither is taken: the right one must not be guessed.
    """
    found: dict[int, list[Path]] = {}
    for path in sorted(root.iterdir()):
        name = path.name.lower()
        if name in _LABELS and path.is_dir():
            same_label = found.setdefault(_LABELS[name], [])
            same_label.append(path)
    return {label: paths[0] for label, paths in found.items() if len(paths) == 1}
