"""KoDF (Kwon et al. 2021): original and synthesised videos of Korean speakers. Labels are of the video alone."""

import re
from pathlib import Path

from avdf.cache.core.errors import SourceError
from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources.listing import (
    Listing,
    faulty,
    media_files,
    real_path,
    refuse_mostly_faulty,
    unlisted_media,
)

DATASET = "kodf"
ORIGINALS, SYNTHESISED = "original_videos", "synthesized_videos"
# the code in a synthesised video's name -> method
METHODS = {"1": "dfl", "2": "dffs", "3": "fsgan", "4": "fo", "5": "audio-driven"}
# As the folders of the methods are called; they lie in `synthesized_videos` or beside `original_videos`.
_METHOD_FOLDERS = (*METHODS.values(), "audio_driven")
_NAME = re.compile(r"(?P<target>[^_]+)_(?P<source>[^_]+)_(?P<code>\d)_(?P<number>[^_]+)$")
_DATE = re.compile(r"\d{8}$")


def is_kodf(root: Path) -> bool:
    """Whether a folder looks like the dataset's root, or a part of it: folders of originals or of methods.

    A folder `fo` alone proves nothing: those of methods hold folders named by a date.
    """
    if (root / ORIGINALS).is_dir() or (root / SYNTHESISED).is_dir():
        return True
    return any(
        _DATE.match(place.name) for method in _method_folders(root) for place in method.iterdir()
    )


def kodf(root: Path) -> Listing:
    """Every video; no split is given. The identity is who is seen: the actor, or the target of a synthesis.

    Raises:
        SourceError: the folders are not there, or most synthesised videos' names are not understood.
    """
    if not is_kodf(root):
        raise SourceError(
            f"{root}: no {ORIGINALS} and {SYNTHESISED} here. KoDF is given for research on request: see "
            "https://deepbrainai-research.github.io/kodf, unpack it and name the folder that holds both"
        )
    originals = [_original(root, path) for path in _media(root / ORIGINALS)]
    folders = [root / SYNTHESISED, *_method_folders(root)]
    synthesised = [_synthesised(root, path) for folder in folders for path in _media(folder)]
    refuse_mostly_faulty(root / ORIGINALS, originals)
    refuse_mostly_faulty(root / SYNTHESISED, synthesised)
    missing = [
        name for name, found in (("original", originals), ("synthesised", synthesised)) if not found
    ]
    notes = tuple(f"{root}: this copy of KoDF has no {name} videos" for name in missing)
    videos = (*originals, *synthesised)
    if not videos:
        raise SourceError(f"{root}: the folders of KoDF are here, but no video is in them")
    return Listing(DATASET, videos, notes, unlisted_media(root, videos))


def _method_folders(root: Path) -> list[Path]:
    return [root / name for name in _METHOD_FOLDERS if (root / name).is_dir()]


def _media(folder: Path) -> list[Path]:
    return media_files(folder) if folder.is_dir() else []


def _original(root: Path, path: Path) -> VideoInfo:
    name = path.relative_to(root).as_posix()
    if path.parent == root / ORIGINALS:
        return faulty(
            DATASET, real_path(path), name, "an original video lies in the folder of its actor"
        )
    return VideoInfo(
        id=name,
        path=str(real_path(path)),
        dataset=DATASET,
        category="real",
        method="real",
        identity=path.parent.name,
        label=REAL,
        label_visual=REAL,
        label_audio=REAL,
    )


def _synthesised(root: Path, path: Path) -> VideoInfo:
    name = _NAME.match(path.stem)
    method = METHODS.get(name["code"]) if name else None
    if name is None or method is None:
        why = f"a synthesised video is named TARGET_SOURCE_CODE_NUMBER with a code of {', '.join(METHODS)}"
        return faulty(DATASET, real_path(path), path.relative_to(root).as_posix(), why)
    return VideoInfo(
        id=path.relative_to(root).as_posix(),
        path=str(real_path(path)),
        dataset=DATASET,
        category=method,
        method=method,
        identity=name["target"],
        targets=name["source"] if name["source"] != name["target"] else "",
        label=FAKE,
    )
