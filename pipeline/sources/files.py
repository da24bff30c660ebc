"""Single files, folders of videos, and the folders `real/` and `fake/`."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SourceError
from avdf.cache.core.labels import FAKE, REAL, UNKNOWN, label_name
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources.listing import Listing, media_files, real_path, unlisted_media

_LABELS = {label_name(label): label for label in (REAL, FAKE)}  # folder -> label
# folders that hold `real/` and `fake/` of one split each
_SPLITS = {
    "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "test": "test", "testing": "test",
}  # fmt: skip
# Names of folders and tables that speak of labels, as words of their own: `Celeb-real`, `FakeVideo-FakeAudio`.
_TELLING = re.compile(
    r"real|fake|genuine|original|pristine|bona.?fide|spoof|forged|manipulat|synth|label|meta.?data|split",
    re.IGNORECASE,
)
_TABLES = (".csv", ".json", ".tsv", ".txt", ".xlsx")
_MOST_NAMED = 5
_TABLE_BYTES = 4096


def single_file(path: Path) -> Listing:
    """One file, whatever its name; labels unknown."""
    return Listing("files", (VideoInfo(id=path.name, path=str(real_path(path)), dataset="files"),))


def is_real_fake(root: Path) -> bool:
    """Whether a folder holds `real/` and `fake/`, in small or capital letters."""
    return len(_label_folders(root)) == len(_LABELS)


def real_fake(root: Path) -> Listing:
    """Videos below `real/` and `fake/`, labelled by that folder. Which modality of a fake is fake stays unknown."""
    videos = tuple(labelled_by_folder(root, root))
    return Listing(real_path(root).name, _some(root, videos), (), unlisted_media(root, videos))


def labelled_by_folder(folder: Path, root: Path) -> Iterator[VideoInfo]:
    """The videos of one folder's `real/` and `fake/`, named from a root; the folder's name tells the split."""
    split = _SPLITS.get(folder.name.lower(), "") if folder != root else ""
    for label, place in sorted(_label_folders(folder).items()):
        modality = REAL if label == REAL else UNKNOWN
        for path in media_files(place):
            yield _info(
                root, path, split=split, label=label, label_visual=modality, label_audio=modality
            )


def _label_folders(root: Path) -> dict[int, Path]:
    """Label -> the folder of that name. Of two that differ in capitals alone, neither: it must not be guessed."""
    found: dict[int, list[Path]] = {}
    for place in sorted(root.iterdir()):
        if place.name.lower() in _LABELS and place.is_dir():
            found.setdefault(_LABELS[place.name.lower()], []).append(place)
    return {label: places[0] for label, places in found.items() if len(places) == 1}


def folder(root: Path, without: Collection[Path] = ()) -> Listing:
    """Every media file below a folder, apart from some folders; labels unknown."""
    return Listing(
        real_path(root).name,
        _some(root, tuple(_info(root, path) for path in media_files(root, without))),
    )


def signs_of_labels(root: Path) -> str:
    """One sentence where a plain folder holds what looks like labels; '' where nothing does.

    Looked at: names of the folders and tables at the root and one level down, and the first words of the tables.
    """
    places = [place for place in sorted(root.iterdir()) if not place.name.startswith(".")]
    below = [inner for place in places if place.is_dir() for inner in _inside(place)]
    telling = [place for place in (*places, *below) if _tells(place)]
    if not telling:
        return ""
    names = ", ".join(place.relative_to(root).as_posix() for place in telling[:_MOST_NAMED])
    more = f" and {len(telling) - _MOST_NAMED} more" if len(telling) > _MOST_NAMED else ""
    return (
        f"{root} is not one of the known datasets and is taken as a plain folder: no label is known, although "
        f"{names}{more} may hold labels; to use them, name a manifest (a CSV file with path,label) as the source"
    )


def _inside(folder: Path) -> list[Path]:
    try:
        return [place for place in sorted(folder.iterdir()) if not place.name.startswith(".")]
    except OSError:
        return []


def _tells(place: Path) -> bool:
    if place.is_dir():
        return bool(_TELLING.search(place.name))
    if place.suffix.lower() not in _TABLES or not place.is_file():
        return False
    with place.open("rb") as file:
        head = file.read(_TABLE_BYTES).decode("utf-8", errors="ignore")
    return bool(_TELLING.search(place.name) or _TELLING.search(head))


def _info(root: Path, path: Path, **known: Any) -> VideoInfo:
    return VideoInfo(
        id=path.relative_to(root).as_posix(),
        path=str(real_path(path)),
        dataset=real_path(root).name,
        **known,
    )


def _some(root: Path, videos: tuple[VideoInfo, ...]) -> tuple[VideoInfo, ...]:
    if not videos:
        raise SourceError(f"{root}: no video files below this folder")
    return videos
