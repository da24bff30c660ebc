"""Names that come from files and tables, made safe once, where a source is listed."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from avdf.cache.core.safe_text import spreadsheet_safe
from avdf.cache.core.video import VideoInfo

_NAMES = (
    "id",
    "dataset",
    "category",
    "method",
    "identity",
    "group",
    "gender",
    "targets",
    "fault",
)


def with_safe_names(videos: Iterable[VideoInfo]) -> Iterator[VideoInfo]:
    """The videos with names that neither a terminal nor a spreadsheet acts on.

    Paths stay as they are: files are opened by them. Only a path with a zero byte, which names no
    file, is spelled out; it is `missing` like any other.
    """
    return (_safe(video) for video in videos)


def _safe(video: VideoInfo) -> VideoInfo:
    changed: dict[str, Any] = {}
    for name in _NAMES:
        text = getattr(video, name)
        safe = spreadsheet_safe(text)
        if safe != text:
            changed[name] = safe
    if "\0" in video.path:
        changed["path"] = video.path.replace("\0", "\\x00")
    return replace(video, **changed) if changed else video
