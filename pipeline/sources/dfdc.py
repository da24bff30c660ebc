"""DFDC (Dolhansky et al. 2020): parts with a `metadata.json` each, and a test set with `labels.csv`."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from avdf.cache.errors import SourceError
from avdf.cache.split import split_by_identity
from avdf.cache.tables import TableKind, read_rows
from avdf.cache.video import FAKE, REAL, UNKNOWN, VideoInfo
from avdf.pipeline.sources.listing import Listing, unlisted_media

DATASET = "dfdc"
PARTS, METADATA, TEST_LABELS = "dfdc_train_part_*", "metadata.json", "labels.csv"
LABELS = {"REAL": REAL, "FAKE": FAKE, "0": REAL, "1": FAKE}
_TABLE = TableKind(("filename", "label"), SourceError, "unpack DFDC's test set again")


def is_dfdc(root: Path) -> bool:
    """Whether a folder looks like the dataset's root."""
    return any((part / METADATA).is_file() for part in root.glob(PARTS)) or _test_labels(root) is not None


def dfdc(root: Path) -> Listing:
    """Every video; labels are of the video alone. The identity is the original, which its fakes share.

    The dataset names no validation part: where its test set is there, 15 % of the originals of the training parts are
    set aside for it; where it is not, splits are made by identity when they are needed.

    Raises:
        SourceError: there are no parts and no test labels, or one cannot be understood.
    """
    if not is_dfdc(root):
        raise SourceError(
            f"{root}: no {PARTS}/{METADATA} and no test/{TEST_LABELS} here. DFDC is given after registration: see "
            "https://ai.meta.com/datasets/dfdc, unpack it and name the folder that holds the parts"
        )
    root = root.resolve()
    videos = [video for part in sorted(root.glob(PARTS)) for video in _part(root, part)]
    labels = _test_labels(root)
    if labels is not None:
        splits = split_by_identity(videos, 0)
        videos = [
            replace(video, split="val" if split == "val" else "train")
            for video, split in zip(videos, splits, strict=True)
        ]
        videos += _test(root, labels)
    return Listing(DATASET, tuple(videos), (), unlisted_media(root, videos))


def _test_labels(root: Path) -> Path | None:
    return next((path for path in (root / "test" / TEST_LABELS, root / TEST_LABELS) if path.is_file()), None)


def _part(root: Path, part: Path) -> Iterator[VideoInfo]:
    path = part / METADATA
    try:
        entries: Any = json.loads(path.read_text(encoding="utf-8-sig"))
        for name, entry in entries.items():
            yield _info(root, part / name, LABELS[str(entry["label"])], Path(entry.get("original") or name).stem, "")
    except FileNotFoundError:
        raise SourceError(f"{path}: missing; unpack the part again") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(f"{path}: not the metadata of a part of DFDC ({error!r})") from None


def _test(root: Path, labels: Path) -> Iterator[VideoInfo]:
    for line, row in read_rows(labels, _TABLE):
        name, label = row["filename"], LABELS.get(row["label"])
        if not name or label is None:
            raise SourceError(f"{labels}, line {line}: not filename,label with a label of 0 or 1")
        places = (labels.parent / "videos", labels.parent)
        folder = next((place for place in places if (place / name).exists()), labels.parent)
        yield _info(root, folder / name, label, Path(name).stem, "test")


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
