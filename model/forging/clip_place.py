"""Where the clips of genuine videos are in their shards."""

from dataclasses import dataclass

from avdf.cache.core.clock import SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.core.identities import identity_of
from avdf.cache.stream.clips import MOST_ROWS
from avdf.cache.stream.index import TrackRef, VideoRef
from avdf.cache.stream.shard_pool import ShardPool
from avdf.model.forging.footage import Footage

# Rows before and after a clip that are known but not part of it: sound may be moved by 0.52 s.
_MARGIN_ROWS = 13
_LEAST_ROWS = 2 * SEGMENT_FRAMES


@dataclass(frozen=True)
class ClipPlace:
    """Where the clip of a video is.

    video  that it is a part of
    track  its longest track, with sound where one has any
    first  row of the shard at which the clip begins
    rows   how many it has: at most 512, that is 20.48 s
    """

    video: VideoRef
    track: TrackRef
    first: int
    rows: int

    @classmethod
    def of(cls, video: VideoRef) -> "ClipPlace":
        """The clip of a video, in the middle of the beginning of its longest track."""
        track = max(video.tracks, key=lambda one: (one.has_audio, one.rows))
        known = min(track.rows, MOST_ROWS)
        # Of a short track, something has to be left.
        margin = max(0, min(_MARGIN_ROWS, (known - _LEAST_ROWS) // 2))
        return cls(video, track, track.row + margin, known - 2 * margin)

    @property
    def person(self) -> str:
        """Whose video it is."""
        return identity_of(self.video.info)

    def read(self, pool: ShardPool) -> Footage:
        """The genuine clip, with the sound of its track around it.

        Raises:
            SegmentError: it cannot be read.
        """
        frames, pcm = pool.read_rows(self.video.shard, self.first, self.rows)
        begin = max(self.track.row, self.first - _MARGIN_ROWS)
        stop = min(self.track.end, self.first + self.rows + _MARGIN_ROWS)
        around = pool.read_sound(self.video.shard, begin, stop - begin)
        return Footage(frames, pcm, around, (self.first - begin) * SAMPLES_PER_FRAME)
