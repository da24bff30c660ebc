"""Listings as tests compare them."""

from pathlib import Path

from avdf.cache.core.video import VideoInfo
from avdf.pipeline.sources import list_videos


def by_id(root: Path) -> dict[str, VideoInfo]:
    """Id -> video of everything that a source lists."""
    return {video.id: video for video in list_videos([root]).videos}


def complete(root: Path) -> dict[str, VideoInfo]:
    """Id -> video, of a source of which every file is listed and there."""
    listing = list_videos([root])
    assert all(video.file.is_file() for video in listing.videos)
    assert not listing.unlisted
    return {video.id: video for video in listing.videos}


def faults(root: Path) -> dict[str, str]:
    """Id -> fault of the entries that are not understood."""
    return {name: video.fault for name, video in by_id(root).items() if video.fault}


def labels_of(video: VideoInfo) -> tuple[int, int, int]:
    """Label of the video, of its frames, of its audio."""
    return video.label, video.label_visual, video.label_audio
