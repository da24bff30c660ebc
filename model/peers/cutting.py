"""From the tracks of videos in shards to the footage that a detector is given."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from avdf.cache.core.clock import FRAME_RATE, SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.core.errors import SegmentError
from avdf.cache.stream.clips import TrackClip, shard_clips
from avdf.cache.stream.index import VideoRef
from avdf.model.peers.footage import PeerFootage, PeerTrack
from avdf.model.peers.protocol import Unit

# Of a whole video, and of a batch: they are held in memory, and 3 minutes of crops are 677 MB.
MOST_ROWS = 4500

Damaged = Callable[[int, SegmentError], None]
Change = Callable[[TrackClip], TrackClip]


@dataclass(frozen=True, eq=False)
class Piece:
    """Footage to be scored.

    video    the number of its video, as the caller counts
    start    seconds of the file's own time at its first row
    """

    video: int
    start: float
    footage: PeerFootage

    @property
    def rows(self) -> int:
        """How many crops it holds."""
        return sum(len(track.frames) for track in self.footage.tracks)


def is_too_long(video: VideoRef) -> bool:
    """Whether a video is too long to be given to a detector as a whole."""
    return sum(track.rows for track in video.tracks) > MOST_ROWS


def pieces(
    videos: Sequence[VideoRef],
    unit: Unit,
    skip: Sequence[int] = (),
    on_damage: Damaged | None = None,
    change: Change | None = None,
) -> Iterator[Piece]:
    """The footage of videos, in their order: windows that do not overlap, or whole videos.

    Windows are those that runs of avdf score. Videos that are too long to be given as a whole are
    left out.

    Args:
        skip: rows that are left out at the start of each video.
        on_damage: called for a video that cannot be read; what was read of it may have been given
            before. Without it, the error goes to the caller.
        change: changes frames and audio first; None: nothing does.

    Raises:
        SegmentError: a video is damaged, and there is no `on_damage`.
    """
    read = list(videos)
    if unit == "video":
        # Their place stays: perturbations are seeded by the number of a video.
        read = [
            replace(video, tracks=()) if is_too_long(video) else video
            for video in videos
        ]
    damaged: set[int] = set()

    def note_damage(number: int, error: SegmentError) -> None:
        damaged.add(number)
        if on_damage is not None:
            on_damage(number, error)

    clips = shard_clips(read, skip, 0, note_damage if on_damage else None)
    if change is not None:
        clips = _changed(clips, change)
    if unit == "window":
        for clip in clips:
            yield from _windows(clip, videos[clip.video])
        return
    for piece in _whole_videos(clips, videos):
        if piece.video not in damaged:
            yield piece


def _changed(clips: Iterable[TrackClip], change: Change) -> Iterator[TrackClip]:
    for clip in clips:
        # The clip without rows that ends a damaged track has nothing to change.
        yield change(clip) if len(clip.frames) else clip


def _windows(clip: TrackClip, video: VideoRef) -> Iterator[Piece]:
    """The windows of a clip. Only the last clip of a track has a rest that fills none."""
    for row in range(0, len(clip.frames) - SEGMENT_FRAMES + 1, SEGMENT_FRAMES):
        stop = row + SEGMENT_FRAMES
        track = PeerTrack(
            start=clip.start + row / FRAME_RATE,
            frames=clip.frames[row:stop],
            pcm=clip.pcm[row * SAMPLES_PER_FRAME : stop * SAMPLES_PER_FRAME],
        )
        yield Piece(clip.video, track.start, _footage([track], video))


@dataclass
class _Parts:
    """The clips of one track that were read so far."""

    start: float
    clips: list[TrackClip] = field(default_factory=list)

    def track(self) -> PeerTrack:
        return PeerTrack(
            start=self.start,
            frames=np.concatenate([clip.frames for clip in self.clips]),
            pcm=np.concatenate([clip.pcm for clip in self.clips]),
        )


def _whole_videos(
    clips: Iterable[TrackClip], videos: Sequence[VideoRef]
) -> Iterator[Piece]:
    number = -1
    tracks: list[PeerTrack] = []
    parts: _Parts | None = None
    for clip in clips:
        if clip.video != number:
            if tracks:
                yield _piece(number, tracks, videos)
            number, tracks, parts = clip.video, [], None
        parts = parts or _Parts(clip.start)
        parts.clips.append(clip)
        if clip.last:
            tracks.append(parts.track())
            parts = None
    if tracks:
        yield _piece(number, tracks, videos)


def _piece(
    number: int, tracks: Sequence[PeerTrack], videos: Sequence[VideoRef]
) -> Piece:
    return Piece(number, tracks[0].start, _footage(tracks, videos[number]))


def _footage(tracks: Sequence[PeerTrack], video: VideoRef) -> PeerFootage:
    return PeerFootage(
        tracks=tuple(tracks),
        has_picture=video.has_picture,
        has_sound=video.has_audio,
    )
