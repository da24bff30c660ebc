"""A CSV manifest: a table of files with labels. Its columns are described in docs/manifest.md."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SourceError
from avdf.cache.core.labels import FAKE, LABEL_COLUMNS, UNKNOWN, parse_label
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.csv_table import TableKind, read_rows
from avdf.pipeline.sources.listing import Listing

_TEXT_COLUMNS = (
    "split",
    "category",
    "method",
    "identity",
    "group",
    "gender",
    "targets",
    "dataset",
)
_USED_COLUMNS = {"path", *LABEL_COLUMNS, *_TEXT_COLUMNS}
_LONGEST_PATH = 4096
_MOST_NAMED = 8  # columns that are not used

_KIND = TableKind(
    ("path", "label"),
    SourceError,
    "a manifest has path,label and may have "
    + ",".join((*LABEL_COLUMNS[1:], *_TEXT_COLUMNS)),
    spaced=True,
)


def read_manifest(path: Path) -> Listing:
    """The videos of a manifest. Paths start from its folder and are the ids.

    Other columns are named in a note, and not used.

    Raises:
        SourceError: it is not a table, a label or split is unknown, or a file is named twice,
            however it is spelled.
    """
    paths = _PathResolver(path.parent)
    line_of: dict[str, int] = {}  # path of a file -> the line that names it
    videos: list[VideoInfo] = []
    unused: tuple[str, ...] = ()
    for line, row in read_rows(path, _KIND):
        unused = unused or tuple(name for name in row if name not in _USED_COLUMNS)
        video = _read_row(
            row,
            f"{path}, line {line}",
            path.stem,
            paths,
        )
        first = line_of.setdefault(video.path, line)
        if first != line:
            raise SourceError(
                f"{path}, line {line}: {video.id!r} is the file of line {first} again; "
                "name each file once"
            )
        videos.append(video)
    if not videos:
        raise SourceError(f"{path}: the manifest lists no videos")
    notes = (_unused_note(path, unused),) if unused else ()
    return Listing(path.stem, tuple(videos), notes)


def _unused_note(path: Path, columns: tuple[str, ...]) -> str:
    named = ", ".join(repr(name[:40]) for name in columns[:_MOST_NAMED])
    more = (
        f" and {len(columns) - _MOST_NAMED} more" if len(columns) > _MOST_NAMED else ""
    )
    ids = " (the id of a video is its path)" if "id" in columns else ""
    return f"{path}: columns that are not used: {named}{more}{ids}"


class _PathResolver:
    """Whole paths of a manifest's files, links followed; each folder is looked at once.

    Works on strings: a manifest may name a million files, and a Path takes ten times as long.
    """

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._real: dict[str, str] = {}  # folder -> its path without links

    def resolve(self, name: str) -> str:
        """The path of a file as the manifest names it."""
        folder, leaf = os.path.split(os.path.join(self._root, name))  # noqa: PTH118
        if leaf in ("", ".", ".."):
            return os.path.realpath(os.path.join(folder, leaf))  # noqa: PTH118
        if folder not in self._real:
            self._real[folder] = os.path.realpath(folder)
        path = os.path.join(self._real[folder], leaf)  # noqa: PTH118
        return os.path.realpath(path) if os.path.islink(path) else path  # noqa: PTH114


def _read_row(
    row: Mapping[str, str],
    where: str,
    dataset: str,
    paths: _PathResolver,
) -> VideoInfo:
    """The video of a row.

    Args:
        where: names the row in a message.
        dataset: name where the row has none.
    """
    values = {name: value.strip() for name, value in row.items()}
    name = values["path"]
    if not name:
        raise SourceError(f"{where}: the path is empty")
    if len(name) > _LONGEST_PATH:
        raise SourceError(f"{where}: a path of {len(name)} characters; no file has one")
    labels = _labels(values, where)
    texts = _texts(values, where)
    texts["dataset"] = texts["dataset"] or dataset
    try:
        return VideoInfo(
            id=name,
            path=paths.resolve(name),
            **texts,
            **labels,
        )
    except ValueError as error:
        raise SourceError(f"{where}: {error}") from None


def _labels(values: Mapping[str, str], where: str) -> dict[str, Any]:
    labels: dict[str, Any] = {}
    for column in LABEL_COLUMNS:
        try:
            labels[column] = parse_label(values.get(column, ""))
        except ValueError as error:
            raise SourceError(f"{where}: {column} is {error}") from None
    # A fake modality makes the video fake.
    if (
        FAKE in (labels["label_visual"], labels["label_audio"])
        and labels["label"] == UNKNOWN
    ):
        labels["label"] = FAKE
    return labels


def _texts(values: Mapping[str, str], where: str) -> dict[str, Any]:
    texts: dict[str, Any] = {}
    for column in _TEXT_COLUMNS:
        # Equal texts become one string: a million rows have a handful of methods between them.
        text = sys.intern(values.get(column, ""))
        if not text.isprintable():
            raise SourceError(
                f"{where}: {column} is {text[:40]!r}; write it without control characters"
            )
        texts[column] = text
    return texts
