"""Deterministic draws: order by a hash of names, so that a split depends on nothing but the names in it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from avdf.cache.video import VideoInfo


def ranked(names: Iterable[str], salt: str) -> list[str]:
    """Distinct names in a random order that `salt` decides."""
    return sorted(set(names), key=lambda name: hashlib.sha256(f"{salt}:{name}".encode()).digest())


def identity_of(video: VideoInfo) -> str:
    """Who is seen; a video without an identity stands for itself."""
    return video.identity or video.id


def cells(videos: Sequence[VideoInfo]) -> Mapping[tuple[str, str], list[str]]:
    """Identities of each group and gender, so that splits keep their shares."""
    found: dict[tuple[str, str], list[str]] = {}
    for video in videos:
        found.setdefault((video.group, video.gender), []).append(identity_of(video))
    return found
