"""Detectors of others: the protocol that they keep, how they are loaded and scored; baselines.

A detector of one's own needs the names below, and nothing else of avdf (docs/peers.md).
"""

from typing import TYPE_CHECKING, Any

from avdf.cache.core.public_names import import_name

if TYPE_CHECKING:
    from avdf.model.peers.footage import PeerExample, PeerFootage, PeerTrack
    from avdf.model.peers.mouth_motion import MouthMotion
    from avdf.model.peers.picture_detail import PictureDetail
    from avdf.model.peers.protocol import (
        FittedPeer,
        PeerDescription,
        PeerDetector,
    )
    from avdf.model.peers.sound_spectrum import SoundSpectrum
    from avdf.model.verdicts import PerVerdict

# Each public name, and the module below this one that defines or imports it.
_HOMES = {
    "FittedPeer": "protocol",
    "MouthMotion": "mouth_motion",
    "PeerDescription": "protocol",
    "PeerDetector": "protocol",
    "PeerExample": "footage",
    "PeerFootage": "footage",
    "PeerTrack": "footage",
    "PerVerdict": "protocol",
    "PictureDetail": "picture_detail",
    "SoundSpectrum": "sound_spectrum",
}

__all__ = [
    "FittedPeer",
    "MouthMotion",
    "PeerDescription",
    "PeerDetector",
    "PeerExample",
    "PeerFootage",
    "PeerTrack",
    "PerVerdict",
    "PictureDetail",
    "SoundSpectrum",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    return import_name(__name__, _HOMES, name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
