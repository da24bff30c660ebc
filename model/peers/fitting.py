"""Fit a detector of others on the training videos of the shards, and on no others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from avdf.cache.core.errors import SegmentError, SettingsError
from avdf.cache.stream.batches import read_in_batches
from avdf.cache.stream.index import VideoRef
from avdf.cache.stream.windows import Window, scoring_windows
from avdf.model.peers.cutting import pieces
from avdf.model.peers.footage import PeerExample, PeerFootage, PeerTrack
from avdf.model.peers.loading import LoadedPeer, described, guarded_call
from avdf.model.peers.protocol import FittedPeer
from avdf.model.protocols import Assignment
from avdf.model.verdicts import labels_of

TRAIN = "train"
WINDOWS_OF_A_VIDEO = 4
_BATCH = 16


@dataclass
class _Seen:
    """The videos that a detector was given."""

    videos: set[int]


def fitted(
    peer: LoadedPeer, videos: Sequence[VideoRef], assignment: Assignment
) -> LoadedPeer:
    """The same detector after it was fitted; one without a method `fit` as it is.

    Args:
        videos: all of the shards; only those of the split `train` are read.

    Raises:
        SettingsError: there is no training video, `fit` fails, or what the detector then says of
            itself cannot be used.
    """
    detector = peer.detector
    if not isinstance(detector, FittedPeer):
        return peer
    training = [video for video in videos if assignment.of(video.info.id) == TRAIN]
    if not training:
        raise SettingsError(
            f"{peer.spec} learns from training videos, and protocol {assignment.name} assigns "
            "none of these shards to train; choose another protocol"
        )
    seen = _Seen(set())
    examples = (
        _windows(training, seen)
        if peer.description.unit == "window"
        else _whole(training, seen)
    )
    guarded_call(f"{peer.title}: fit() fails", detector.fit, examples)
    return replace(
        peer,
        description=described(peer.spec, detector),
        fitted_on=len(seen.videos),
    )


def _windows(videos: Sequence[VideoRef], seen: _Seen) -> Iterator[PeerExample]:
    """At most 4 windows of each video, spread evenly over it; damaged ones are left out."""
    windows = scoring_windows(videos, most=WINDOWS_OF_A_VIDEO)

    def leave_out(_window: Window, _attempt: int, _error: SegmentError) -> None:
        return None

    for batch in read_in_batches(windows, _BATCH, 0, 2, leave_out):
        sounds = batch.pcm.numpy()
        for index, window in enumerate(batch.windows):
            video = videos[window.video]
            track = PeerTrack(
                start=video.file_time(window.row),
                frames=batch.frames[index].numpy(),
                pcm=sounds[index],
            )
            seen.videos.add(window.video)
            yield _example(video, (track,))


def _whole(videos: Sequence[VideoRef], seen: _Seen) -> Iterator[PeerExample]:
    for piece in pieces(videos, "video", (), lambda _number, _error: None):
        seen.videos.add(piece.video)
        yield _example(videos[piece.video], piece.footage.tracks)


def _example(video: VideoRef, tracks: tuple[PeerTrack, ...]) -> PeerExample:
    footage = PeerFootage(tracks, video.has_picture, video.has_audio)
    return PeerExample(footage, labels_of(video.info))
