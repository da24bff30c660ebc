"""KoDF (Kwon et al. 2021): original and synthesised videos of Korean speakers. Labels are of the video alone."""

import re
from pathlib import Path

from avdf.cache.errors import SourceError
from avdf.cache.video import FAKE, REAL, VideoInfo
from avdf.pipeline.sources.listing import Listing, media_files

DATASET = "kodf"
ORIGINALS, SYNTHESISED = "original_videos", "synthesized_videos"
# the code in a synthesised video's name -> method
METHODS = {"1": "dfl", "2": "dffs", "3": "fsgan", "4": "fo", "5": "audio-driven"}
_NAME = re.compile(r"(?P<target>[^_]+)_(?P<source>[^_]+)_(?P<code>\d)_(?P<number>[^_]+)$")


def is_kodf(root: Path) -> bool:
    """Whether a folder looks like the dataset's root."""
    return (root / ORIGINALS).is_dir() and (root / SYNTHESISED).is_dir()


def kodf(root: Path) -> Listing:
    """Every video; no split is given. The identity is who is seen: the actor, or the target of a synthesis.

    Raises:
        SourceError: the folders are not there, or a synthesised video's name is not understood.
    """
    if not is_kodf(root):
        raise SourceError(
            f"{root}: no {ORIGINALS} and {SYNTHESISED} here. KoDF is given for research on request: see "
            "https://deepbrainai-research.github.io/kodf, unpack it and name the folder that holds both"
        )
    originals = [_original(root, path) for path in media_files(root / ORIGINALS)]
    return Listing(DATASET, (*originals, *(_synthesised(root, path) for path in media_files(root / SYNTHESISED))))


def _original(root: Path, path: Path) -> VideoInfo:
    return VideoInfo(
        id=path.relative_to(root).as_posix(),
        path=str(path.resolve()),
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
        raise SourceError(
            f"{path}: a synthesised video is named TARGET_SOURCE_CODE_NUMBER with a code of {', '.join(METHODS)}"
        )
    return VideoInfo(
        id=path.relative_to(root).as_posix(),
        path=str(path.resolve()),
        dataset=DATASET,
        category=method,
        method=method,
        identity=name["target"],
        label=FAKE,
    )
