"""A CSV manifest: `path, label[, label_visual, label_audio, split, category, method, identity, group, gender]`."""

import os
import sys
from pathlib import Path
from typing import Any

from avdf.cache.core.errors import SourceError
from avdf.cache.core.labels import FAKE, LABEL_COLUMNS, UNKNOWN, parse_label
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.csv_table import TableKind, read_rows
from avdf.pipeline.sources.listing import Listing

_TEXTS = ("split", "category", "method", "identity", "group", "gender", "dataset")
_USED = {"path", *LABEL_COLUMNS, *_TEXTS}
_LONGEST_PATH = 4096
_MOST_TOLD = 8  # columns that are not used


_KIND = TableKind(
    ("path", "label"),
    SourceError,
    "a manifest has path,label and may have " + ",".join((*LABEL_COLUMNS[1:], *_TEXTS)),
    spaced=True,
)


def manifest(path: Path) -> Listing:
    """Read a manifest. Paths are taken from its folder, and are the ids; other columns are told, not used.

    Raises:
        SourceError: it is not a table, a label or split is unknown, a file stands twice, however it is spelled.
    """
    folder = _Folder(path.parent)
    lines: dict[str, int] = {}  # file -> the line that names it
    videos: list[VideoInfo] = []
    unused: tuple[str, ...] = ()
    for line, row in read_rows(path, _KIND):
        unused = unused or tuple(name for name in row if name not in _USED)
        video = _row(path, line, row, folder)
        known = lines.setdefault(video.path, line)
        if known != line:
            raise SourceError(
                f"{path}, line {line}: {video.id!r} is the file of line {known} again; name each file once"
            )
        videos.append(video)
    if not videos:
        raise SourceError(f"{path}: the manifest lists no videos")
    return Listing(path.stem, tuple(videos), (_unused_note(path, unused),) if unused else ())


def _unused_note(path: Path, names: tuple[str, ...]) -> str:
    told = ", ".join(repr(name[:40]) for name in names[:_MOST_TOLD])
    more = f" and {len(names) - _MOST_TOLD} more" if len(names) > _MOST_TOLD else ""
    ids = " (the id of a video is its path)" if "id" in names else ""
    return f"{path}: columns that are not used: {told}{more}{ids}"


class _Folder:
    """Whole paths of a manifest's files, symbolic links followed; each folder is looked at once."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._known: dict[str, str] = {}

    def file(self, name: str) -> str:
        """The path of a file as the manifest names it."""
        # os.path: a manifest may name a million files, and a Path takes ten times as long.
        folder, leaf = os.path.split(os.path.join(self._root, name))  # noqa: PTH118
        if leaf in ("", ".", ".."):
            return os.path.realpath(os.path.join(folder, leaf))  # noqa: PTH118
        if folder not in self._known:
            self._known[folder] = os.path.realpath(folder)
        whole = os.path.join(self._known[folder], leaf)  # noqa: PTH118
        return os.path.realpath(whole) if os.path.islink(whole) else whole  # noqa: PTH114


def _row(manifest_path: Path, line: int, row: dict[str, str], folder: _Folder) -> VideoInfo:
    values = {name: value.strip() for name, value in row.items()}
    where = f"{manifest_path}, line {line}"
    if not values["path"]:
        raise SourceError(f"{where}: the path is empty")
    if len(values["path"]) > _LONGEST_PATH:
        raise SourceError(f"{where}: a path of {len(values['path'])} characters; no file has one")
    labels: dict[str, Any] = {}
    for name in LABEL_COLUMNS:
        try:
            labels[name] = parse_label(values.get(name, ""))
        except ValueError as error:
            raise SourceError(f"{where}: {name} is {error}") from None
    if FAKE in (labels["label_visual"], labels["label_audio"]) and labels["label"] == UNKNOWN:
        labels["label"] = FAKE
    # Equal texts become one string: a million rows have a handful of methods between them.
    texts: dict[str, Any] = {name: sys.intern(values.get(name, "")) for name in _TEXTS}
    for name, text in texts.items():
        if not text.isprintable():
            raise SourceError(
                f"{where}: {name} is {text[:40]!r}; write it without control characters"
            )
    texts["dataset"] = texts["dataset"] or manifest_path.stem
    try:
        return VideoInfo(id=values["path"], path=folder.file(values["path"]), **texts, **labels)
    except ValueError as error:
        raise SourceError(f"{where}: {error}") from None
