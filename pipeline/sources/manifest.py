"""A CSV manifest: `path, label[, label_visual, label_audio, split, category, method, identity, group, gender]`."""

import csv
from pathlib import Path
from typing import Any

from avdf.cache.errors import SourceError
from avdf.cache.video import FAKE, REAL, UNKNOWN, VideoInfo
from avdf.pipeline.sources.listing import Listing

_REQUIRED = ("path", "label")
_LABELS = ("label", "label_visual", "label_audio")
_TEXTS = ("split", "category", "method", "identity", "group", "gender", "dataset")
_WORDS = {"0": REAL, "real": REAL, "1": FAKE, "fake": FAKE, "-1": UNKNOWN, "unknown": UNKNOWN, "": UNKNOWN}


def manifest(path: Path) -> Listing:
    """Read a manifest. Paths are taken from the manifest's folder; other columns are ignored.

    Raises:
        SourceError: a column is missing, a label or split is unknown, a path stands twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            header = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = header
            missing = [name for name in _REQUIRED if name not in header]
            if missing:
                raise SourceError(
                    f"{path}: no column {' or '.join(missing)} in the header ({', '.join(header) or 'empty'}); "
                    "a manifest has path,label and may have " + ",".join((*_LABELS[1:], *_TEXTS))
                )
            videos = tuple(_row(path, reader.line_num, row) for row in reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path}: not a CSV file in UTF-8 ({error})") from None
    if not videos:
        raise SourceError(f"{path}: the manifest lists no videos")
    return Listing(path.stem, videos)


def _row(manifest_path: Path, line: int, row: dict[str, str | None]) -> VideoInfo:
    values = {name: (value or "").strip() for name, value in row.items() if isinstance(value, str)}
    where = f"{manifest_path}, line {line}"
    if not values.get("path"):
        raise SourceError(f"{where}: the path is empty")
    labels: dict[str, Any] = {}
    for name in _LABELS:
        word = values.get(name, "").lower()
        if word not in _WORDS:
            raise SourceError(f"{where}: {name} is {word!r}; use 0 or real, 1 or fake, -1 or nothing for unknown")
        labels[name] = _WORDS[word]
    if FAKE in (labels["label_visual"], labels["label_audio"]) and labels["label"] == UNKNOWN:
        labels["label"] = FAKE
    texts: dict[str, Any] = {name: values.get(name, "") for name in _TEXTS}
    texts["dataset"] = texts["dataset"] or manifest_path.stem
    location = manifest_path.parent / values["path"]
    try:
        return VideoInfo(id=values["path"], path=str(location.resolve()), **texts, **labels)
    except ValueError as error:
        raise SourceError(f"{where}: {error}") from None
