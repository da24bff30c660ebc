"""The picture that shows one forgery of each kind."""

from collections.abc import Sequence
from contextlib import closing

import numpy as np

from avdf.cache.files.atomic_file import durable_file
from avdf.cache.shards.codec import FrameCodec, Image
from avdf.cache.stream.shard_pool import ShardPool
from avdf.forge_job.forge_folder import DoneVideo, ForgeFolder
from avdf.model.forging.clip_forger import ClipForger
from avdf.model.forging.clip_place import ClipPlace
from avdf.model.forging.sheet import ForgeryPair, forgery_strip

_MOST = 12  # kinds that are shown


def write_sheet(
    folder: ForgeFolder, forger: ClipForger, done: Sequence[DoneVideo]
) -> None:
    """Show the first forgery of each kind, at most twelve; without a forgery there is no sheet."""
    first = _first_of_each(forger.places, done)
    with closing(ShardPool()) as pool:
        # Each pair of clips becomes a small strip at once: twelve pairs would take 1.8 GB.
        strips = [
            _strip(pool, forger, place, method) for method, place in first.items()
        ]
    if not strips:
        return
    with durable_file(folder.sheet) as partial:
        partial.write_bytes(FrameCodec("png").encode(np.vstack(strips)))


def _first_of_each(
    places: Sequence[ClipPlace], done: Sequence[DoneVideo]
) -> dict[str, ClipPlace]:
    """The methods, and the first clip that was forged by each."""
    found: dict[str, ClipPlace] = {}
    for place, one in zip(places, done, strict=True):
        for row in one.rows:
            if row.method and (row.method in found or len(found) < _MOST):
                found.setdefault(row.method, place)
    return found


def _strip(pool: ShardPool, forger: ClipForger, place: ClipPlace, method: str) -> Image:
    genuine = place.read(pool)
    # The same seeds: the forgery of the file once more.
    forged = forger.forge(pool, place, genuine, method)
    is_seen = place.track.has_picture
    pair = ForgeryPair(
        name=place.video.info.id,
        forger=method,
        genuine=genuine.frames if is_seen else None,
        forged=forged.frames if is_seen else None,
        pcm=genuine.pcm,
        forged_pcm=forged.pcm,
    )
    return forgery_strip(pair)
