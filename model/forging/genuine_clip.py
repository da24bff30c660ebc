"""Clips of genuine videos in shards, and forgeries of whole clips."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from avdf.cache.core.arrays import Pcm, UInt8Array
from avdf.cache.core.clock import SAMPLES_PER_FRAME, SEGMENT_FRAMES
from avdf.cache.core.identities import identity_of
from avdf.cache.stream.clips import MOST_ROWS
from avdf.cache.stream.index import TrackRef, VideoRef
from avdf.cache.stream.shard_pool import ShardPool
from avdf.model.forging.cannot_forge import CannotForge
from avdf.model.forging.footage import Footage
from avdf.model.forging.forger import Forger
from avdf.model.forging.planner import plan_of
from avdf.model.forging.recipe import Recipe, recipes

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


@dataclass(frozen=True, eq=False)
class ForgedClip:
    """A forgery of a clip: how it was made, its frames (n, S, S, 3) and its sound (640 n,)."""

    recipe: Recipe
    frames: UInt8Array
    pcm: Pcm


class ClipForger:
    """Forges the clips of some genuine videos."""

    def __init__(
        self, videos: Sequence[VideoRef], forgers: Sequence[Forger], seed: int
    ) -> None:
        self._forgers, self._seed = tuple(forgers), seed
        self.places = [ClipPlace.of(video) for video in videos]

    def forge(
        self, pool: ShardPool, place: ClipPlace, genuine: Footage, wanted: str = ""
    ) -> ForgedClip:
        """A forgery of one clip.

        Args:
            genuine: the clip as `ClipPlace.read` gives it.
            wanted: the recipe; '': a random one, the kinds of forgery equally probable. Where a
                random one cannot forge this clip, another one is taken.

        Raises:
            CannotForge: no recipe can forge it.
            SegmentError: the sound of another video cannot be read.
        """
        donor = self._donor(place)
        possible = recipes(
            self._forgers,
            place.track.has_picture,
            place.track.has_audio,
            donor is not None,
        )
        entropy = (self._seed, _number_of(place.video), 31)
        generator = np.random.default_rng(entropy)
        left = [[one for one in kind if wanted in ("", one.name)] for kind in possible]
        reason = f"{wanted or 'no forger'} is not possible for what it has"
        while left := [kind for kind in left if kind]:
            kind = left[int(generator.integers(len(left)))]
            recipe = kind.pop(int(generator.integers(len(kind))))
            other = None
            if recipe.needs_other and donor is not None:
                other = pool.read_sound(donor.video.shard, donor.first, place.rows)
            footage = Footage(
                genuine.frames, genuine.pcm, genuine.around, genuine.begin, other
            )
            try:
                forged = plan_of(recipe, entropy).apply(footage)
            except CannotForge as refusal:
                reason = str(refusal)
                continue
            return ForgedClip(recipe, forged.frames, forged.pcm)
        raise CannotForge(reason)

    def _donor(self, place: ClipPlace) -> ClipPlace | None:
        """A clip of another person with enough sound; None where there is none."""
        person = identity_of(place.video.info)
        donors = [
            other
            for other in self.places
            if other.track.has_audio
            and other.rows >= place.rows
            and identity_of(other.video.info) != person
        ]
        if not donors:
            return None
        generator = np.random.default_rng([self._seed, _number_of(place.video), 32])
        return donors[int(generator.integers(len(donors)))]


def _number_of(video: VideoRef) -> int:
    """A number that depends on the id of a video alone, not on what else is forged."""
    digest = hashlib.sha256(video.info.id.encode()).digest()
    return int.from_bytes(digest[:4], "big")
