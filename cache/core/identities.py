"""Who is in a video, and the order in which identities are drawn for splits."""

import hashlib
from collections.abc import Iterable

from avdf.cache.core.video import VideoInfo


def identity_of(video: VideoInfo) -> str:
    """The person whose video it is; a video without an identity counts as a person of its own."""
    return video.identity or video.id


def persons_of(video: VideoInfo) -> set[str]:
    """Everybody who is seen or heard: the person whose video it is, and its targets."""
    return {identity_of(video), *video.targets.split()}


def in_hash_order(names: Iterable[str], salt: str) -> list[str]:
    """Distinct names in a random order that depends on `salt` and on each name alone.

    Whatever is listed, and in whatever order, two names keep their order.
    """

    def rank(name: str) -> bytes:
        return hashlib.sha256(f"{salt}:{name}".encode()).digest()

    return sorted(set(names), key=rank)
