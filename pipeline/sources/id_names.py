"""Names that come from files and tables, made safe once, where a source is listed."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from avdf.cache.core.text import spreadsheet_safe
from avdf.cache.core.video import VideoInfo

_NAMES = ("id", "dataset", "category", "method", "identity", "group", "gender", "targets", "fault")


def with_harmless_names(videos: Iterable[VideoInfo]) -> tuple[VideoInfo, ...]:
    """The videos with names that neither a terminal nor a spreadsheet acts on. Paths stay: files are opened by them.

    A path with a zero byte names no file; spelled out it is `missing` like any other.
    """
    return tuple(_harmless(video) for video in videos)


def _harmless(video: VideoInfo) -> VideoInfo:
    changed: dict[str, Any] = {name: spreadsheet_safe(getattr(video, name)) for name in _NAMES}
    changed = {name: text for name, text in changed.items() if text != getattr(video, name)}
    if "\0" in video.path:
        changed["path"] = video.path.replace("\0", "\\x00")
    return replace(video, **changed) if changed else video
