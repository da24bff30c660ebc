"""LAV-DF (Cai et al. 2022): `metadata.json` beside the folders train, dev, test. Layout: docs/datasets.md."""

from pathlib import Path

from avdf.cache.core.errors import SourceError
from avdf.cache.core.labels import FAKE, REAL
from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources.annotated import (
    CATEGORIES,
    Entry,
    file_of,
    has_keys,
    listing_of,
    periods,
)
from avdf.pipeline.sources.listing import Listing, inside, real_path

DATASET = "lav-df"
METADATA = ("metadata.json", "metadata.min.json")
SPLITS = {"train": "train", "dev": "val", "test": "test"}


def is_lavdf(root: Path) -> bool:
    """Whether a folder looks like the dataset's root."""
    return any(has_keys(root / name, "file", "modify_video", "modify_audio") for name in METADATA)


def lavdf(root: Path) -> Listing:
    """Every video with the labels of both modalities, the dataset's split, and its manipulated periods.

    Raises:
        SourceError: there is no metadata, or most of it cannot be understood.
    """
    root = real_path(root)
    path = next((root / name for name in METADATA if (root / name).is_file()), None)
    if path is None:
        raise SourceError(
            f"{root}: no {METADATA[0]} here. LAV-DF is given for research on request: see "
            "https://github.com/ControlNet/LAV-DF, unpack it and name the folder that holds metadata.json"
        )
    return listing_of(
        root,
        DATASET,
        (path,),
        lambda _, entry: _info(root, entry),
        lambda _, name: (name, inside(root, name)),
    )


def _info(root: Path, entry: Entry) -> VideoInfo:
    visual, audio = (FAKE if entry[f"modify_{name}"] else REAL for name in ("video", "audio"))
    split = SPLITS.get(str(entry["split"]))
    if split is None:
        raise ValueError(f"split {entry['split']!r} is not one of {', '.join(SPLITS)}")
    name = file_of(entry)
    return VideoInfo(
        id=name,
        path=str(inside(root, name)),
        dataset=DATASET,
        split=split,
        category=CATEGORIES[visual, audio],
        # nobody is named: a video and its fakes belong together
        identity=Path(str(entry.get("original") or name)).with_suffix("").as_posix(),
        label=max(visual, audio),
        label_visual=visual,
        label_audio=audio,
        periods=periods(entry["fake_periods"], visual, audio),
    )
