"""DFDC (Dolhansky et al. 2020): folders with a `metadata.json` or a `labels.csv` each.

The parts of training are `dfdc_train_part_N`, alone or below `train`; Kaggle's sample is `train_sample_videos`;
validation and test lie in folders of those names. Any of these may be the root itself.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SourceError
from avdf.cache.core.identity_split import split_by_identity
from avdf.cache.core.labels import FAKE, REAL, UNKNOWN
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.csv_table import TableKind, read_rows
from avdf.pipeline.sources.annotated import json_head
from avdf.pipeline.sources.listing import (
    Listing,
    faulty,
    inside,
    real_path,
    refuse_mostly_faulty,
    unlisted_media,
)

DATASET = "dfdc"
METADATA, LABELS_TABLE = "metadata.json", "labels.csv"
LABELS = {"REAL": REAL, "FAKE": FAKE, "0": REAL, "1": FAKE}
_TABLE = TableKind(("filename", "label"), SourceError, "unpack DFDC's test set again")
# what the name of a folder begins with -> the split of the videos in it
_FOLDERS = {"train": "train", "dfdc_train": "train", "val": "val", "test": "test"}


def is_dfdc(root: Path) -> bool:
    """Whether a folder looks like the dataset's root, or like a part of it."""
    return bool(_tables(root))


def dfdc(root: Path) -> Listing:
    """Every labelled video; labels are of the video alone. The identity is the original, which its fakes share.

    Where the validation set is not there and the test set is, 15 % of the originals of the training parts are set
    aside for validation; where neither is there, splits are made by identity when they are needed.

    Raises:
        SourceError: there are no metadata, or most of one cannot be understood.
    """
    root = real_path(root)
    tables = _tables(root)
    if not tables:
        raise SourceError(
            f"{root}: no dfdc_train_part_*/{METADATA} and no test/{LABELS_TABLE} here. DFDC is given after "
            "registration: see https://ai.meta.com/datasets/dfdc, unpack it and name the folder that holds the parts"
        )
    videos: list[VideoInfo] = []
    for table in tables:
        mine = list(_metadata(root, table) if table.name == METADATA else _labels(root, table))
        refuse_mostly_faulty(table, mine)
        videos += mine
    if not videos:
        raise SourceError(f"{root}: the tables of {DATASET} list no videos; unpack it again")
    videos = _with_validation(videos)
    return Listing(DATASET, tuple(videos), (), unlisted_media(root, videos))


def _with_validation(videos: Sequence[VideoInfo]) -> list[VideoInfo]:
    """The videos with a validation split: the dataset's own, or else some of the training originals."""
    given = {video.split for video in videos}
    if "val" in given:
        return list(videos)
    if "test" not in given:
        return [replace(video, split="") for video in videos]
    train = [video for video in videos if video.split != "test"]
    drawn = dict(zip((video.id for video in train), split_by_identity(train, 0), strict=True))
    return [
        video
        if video.split == "test"
        else replace(video, split="val" if drawn[video.id] == "val" else "train")
        for video in videos
    ]


def _tables(root: Path) -> list[Path]:
    """The tables of labels: at the root, in folders of the dataset's names, and in the parts that those hold."""
    below = _named(root)
    folders = [root, *below, *(part for folder in below for part in _named(folder))]
    return [table for folder in folders for table in _own_table(folder)]


def _named(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        place
        for place in folder.iterdir()
        if place.name.lower().startswith(tuple(_FOLDERS)) and place.is_dir()
    )


def _own_table(folder: Path) -> list[Path]:
    """The table of one folder: of two, the one of labels alone, which the authors evaluate by."""
    labels, metadata = folder / LABELS_TABLE, folder / METADATA
    if labels.is_file():
        with labels.open(encoding="utf-8-sig", errors="replace") as file:
            if {"filename", "label"} <= {name.strip() for name in file.readline(1000).split(",")}:
                return [labels]
    head = json_head(metadata)
    known = '"label"' in head and any(f'"{name}"' in head for name in ("REAL", "FAKE"))
    # A part whose metadata is damaged is still a part.
    part = folder.name.lower().startswith("dfdc_train_part_") and metadata.is_file()
    return [metadata] if (head.startswith("{") and known) or part else []


def _split(root: Path, folder: Path) -> str:
    """The split that the names of folders tell; training where they tell none. The root's own name counts last."""
    for name in (*folder.relative_to(root).parts, root.name):
        for start, split in _FOLDERS.items():
            if name.lower().startswith(start):
                return split
    return "train"


def _metadata(root: Path, path: Path) -> Iterator[VideoInfo]:
    try:
        entries: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError(f"{path}: not the metadata of a part of DFDC ({error!r})") from None
    if not isinstance(entries, dict):
        raise SourceError(
            f"{path}: not the metadata of a part of DFDC, which is one object with the files as keys"
        )
    split = _split(root, path.parent)
    for name, entry in entries.items():
        try:
            label = LABELS.get(str(entry["label"]))
            if label is None:
                raise ValueError(f"the label {entry['label']!r} is not REAL or FAKE")
            identity = Path(str(entry.get("original") or name)).stem
            yield _info(root, inside(path.parent, name), label, identity, split)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            yield _fault(root, path, name, f"not the metadata of a part of DFDC ({error})")


def _labels(root: Path, path: Path) -> Iterator[VideoInfo]:
    folders = [path.parent, *sorted(place for place in path.parent.iterdir() if place.is_dir())]
    split = _split(root, path.parent)
    for line, row in read_rows(path, _TABLE):
        name, label = row["filename"], LABELS.get(row["label"])
        if not name or label is None:
            why = f"line {line} is not filename,label with a label of 0 or 1"
            yield _fault(root, path, name or f"line {line}", why)
            continue
        try:
            places = [inside(folder, name) for folder in folders]
        except ValueError as error:
            yield _fault(root, path, name, str(error))
            continue
        yield _info(root, _first_there(places), label, Path(name).stem, split)


def _first_there(places: Sequence[Path]) -> Path:
    return next((place for place in places if place.exists()), places[0])


def _fault(root: Path, table: Path, name: str, why: str) -> VideoInfo:
    """The row of an entry that is not understood. Its place is named where that lies in the folder."""
    folder = table.parent
    place = folder / name if Path(name).name == name and name not in ("", "..") else table
    inner = folder.relative_to(root).as_posix()
    return faulty(DATASET, place, f"{inner}/{name}".removeprefix("./"), f"{table.name}: {why}")


def _info(root: Path, path: Path, label: int, identity: str, split: str) -> VideoInfo:
    modality = REAL if label == REAL else UNKNOWN
    return VideoInfo(
        id=path.relative_to(root).as_posix(),
        path=str(path),
        dataset=DATASET,
        split=split,
        category="real" if label == REAL else "fake",
        identity=identity,
        label=label,
        label_visual=modality,
        label_audio=modality,
    )
