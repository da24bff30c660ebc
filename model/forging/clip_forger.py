"""Forgeries of whole clips."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from avdf.cache.core.arrays import Pcm, UInt8Array
from avdf.cache.stream.index import VideoRef
from avdf.cache.stream.shard_pool import ShardPool
from avdf.model.forging.cannot_forge import CannotForge
from avdf.model.forging.clip_place import ClipPlace
from avdf.model.forging.donors import Donors
from avdf.model.forging.footage import Footage
from avdf.model.forging.forger import Forger
from avdf.model.forging.planner import plan_of
from avdf.model.forging.recipe import Recipe, recipes


@dataclass(frozen=True, eq=False)
class ForgedClip:
    """A forgery of a clip: how it was made, its frames (n, S, S, 3) and its sound (640 n,).

    donor  the clip whose sound it has; None: its own
    """

    recipe: Recipe
    frames: UInt8Array
    pcm: Pcm
    donor: ClipPlace | None = None


class ClipForger:
    """Forges the clips of some genuine videos."""

    def __init__(
        self, videos: Sequence[VideoRef], forgers: Sequence[Forger], seed: int
    ) -> None:
        self._forgers, self._seed = tuple(forgers), seed
        self.places = [ClipPlace.of(video) for video in videos]
        self._donors = Donors(self.places)

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
        number = _number_of(place.video)
        drawing = np.random.default_rng([self._seed, number, 32])
        donor = self._donors.choose(place, drawing)
        possible = recipes(
            self._forgers,
            place.track.has_picture,
            place.track.has_audio,
            donor is not None,
        )
        entropy = (self._seed, number, 31)
        generator = np.random.default_rng(entropy)
        left = [[one for one in kind if wanted in ("", one.name)] for kind in possible]
        reason = f"{wanted or 'no forger'} is not possible for what it has"
        if donor is None and any(
            one.needs_other and one.name == wanted for one in self._forgers
        ):
            reason = (
                f"{wanted} needs another person of the same split with as much sound"
            )
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
            used = donor if recipe.needs_other else None
            return ForgedClip(recipe, forged.frames, forged.pcm, used)
        raise CannotForge(reason)


def _number_of(video: VideoRef) -> int:
    """A number that depends on the id of a video alone, not on what else is forged."""
    digest = hashlib.sha256(video.info.id.encode()).digest()
    return int.from_bytes(digest[:4], "big")
