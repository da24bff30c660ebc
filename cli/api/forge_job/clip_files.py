"""The files of one genuine video: its clip, and the forgeries of it."""

from collections.abc import Sequence

from avdf.cache.core.arrays import Pcm, UInt8Array
from avdf.cache.core.errors import AvdfError
from avdf.cache.files.atomic_file import durable_file
from avdf.cache.stream.shard_pool import ShardPool
from avdf.forge_job.forge_folder import DoneVideo, ForgeFolder
from avdf.forge_job.manifest_row import ManifestRow
from avdf.model.forging.cannot_forge import CannotForge
from avdf.model.forging.genuine_clip import ClipForger, ClipPlace
from avdf.model.forging.recipe import Recipe
from avdf.pipeline.media.encode import encode_clip, encoded_suffix


def write_clips(
    folder: ForgeFolder,
    pool: ShardPool,
    forger: ClipForger,
    place: ClipPlace,
    wanted: Sequence[str],
) -> DoneVideo:
    """Write the clips of one video, unless that was done before.

    Args:
        wanted: recipes, of which each gives a forgery; none: one forgery by a random recipe.
    """
    name = place.video.info.id
    done = folder.done(name)
    if done is not None:
        return done
    try:
        done = _written(folder, pool, forger, place, wanted)
    # A video that cannot be read or written does not end the job; the others go on.
    except AvdfError as error:
        done = DoneVideo((), (f"{name}: {error}",))
    folder.finish(name, done)
    return done


def _written(
    folder: ForgeFolder,
    pool: ShardPool,
    forger: ClipForger,
    place: ClipPlace,
    wanted: Sequence[str],
) -> DoneVideo:
    genuine = place.read(pool)
    rows, failures = [], []
    for recipe in wanted or ("",):
        try:
            forged = forger.forge(pool, place, genuine, recipe)
        except CannotForge as refusal:
            failures.append(f"{place.video.info.id}: {refusal}")
            continue
        rows.append(_write(folder, place, forged.recipe, forged.frames, forged.pcm))
    # A genuine clip without a forgery would teach what else differs between the two sides.
    if rows:
        rows.insert(0, _write(folder, place, None, genuine.frames, genuine.pcm))
    return DoneVideo(tuple(rows), tuple(failures))


def _write(
    folder: ForgeFolder,
    place: ClipPlace,
    recipe: Recipe | None,
    frames: UInt8Array,
    pcm: Pcm,
) -> ManifestRow:
    """Genuine and forged clips by the same encoder, so that it tells nothing of them apart."""
    track = place.track
    method = recipe.name if recipe else ""
    path = folder.clip(method, place.video.info.id, encoded_suffix(track.has_picture))
    with durable_file(path) as partial:
        encode_clip(
            partial,
            frames if track.has_picture else None,
            pcm if track.has_audio else None,
        )
    return ManifestRow.of(str(path.relative_to(folder.path)), place, recipe)
