"""The files of one genuine video: its clip, and the forgeries of it."""

from collections.abc import Sequence

from avdf.cache.core.arrays import Pcm, UInt8Array
from avdf.cache.core.errors import AvdfError
from avdf.cache.files.atomic_file import durable_file
from avdf.cache.stream.shard_pool import ShardPool
from avdf.forge_job.forge_folder import DoneVideo, ForgeFolder
from avdf.forge_job.manifest_row import ManifestRow
from avdf.model.forging.cannot_forge import CannotForge
from avdf.model.forging.clip_forger import ClipForger, ForgedClip
from avdf.model.forging.clip_place import ClipPlace
from avdf.model.forging.footage import Footage
from avdf.pipeline.media.encode import encode_clip, encoded_suffix


class ClipFiles:
    """Writes clips of genuine videos and their forgeries into a folder, in any thread."""

    def __init__(
        self,
        folder: ForgeFolder,
        pool: ShardPool,
        forger: ClipForger,
        wanted: Sequence[str],
    ) -> None:
        """Where to, and which forgeries.

        Args:
            wanted: recipes, of which each gives a forgery; none: one forgery by a random recipe.
        """
        self._folder, self._pool, self._forger = folder, pool, forger
        self._wanted = tuple(wanted) or ("",)

    def write(self, place: ClipPlace) -> DoneVideo:
        """Write the clips of one video, unless that was done before.

        A fault (a damaged shard, an ffmpeg that hangs) is a sentence of the result, and the other
        forgeries and videos go on. The next run tries again what failed in this way. A refusal
        (`CannotForge`) is final: it would be the same again.
        """
        name = place.video.info.id
        done = self._folder.done(name)
        if done is not None:
            return done
        try:
            done = self._write_all(place)
        except AvdfError as error:
            return DoneVideo((), (f"{name}: {error}",), is_final=False)
        if done.is_final:
            self._folder.finish(name, done)
        return done

    def _write_all(self, place: ClipPlace) -> DoneVideo:
        genuine = place.read(self._pool)
        rows: list[ManifestRow] = []
        failures: list[str] = []
        is_final = True
        for recipe in self._wanted:
            try:
                forged = self._forger.forge(self._pool, place, genuine, recipe)
                rows.append(self._write(place, forged))
            except (CannotForge, AvdfError) as error:
                failures.append(f"{place.video.info.id}: {error}")
                is_final &= isinstance(error, CannotForge)
        # A genuine clip without a forgery would teach what else differs between the two sides.
        if rows:
            rows.insert(0, self._write(place, genuine))
        return DoneVideo(tuple(rows), tuple(failures), is_final)

    def _write(self, place: ClipPlace, clip: Footage | ForgedClip) -> ManifestRow:
        """Genuine and forged clips by the same encoder, so that it tells nothing of them apart."""
        forged = clip if isinstance(clip, ForgedClip) else None
        method = forged.recipe.name if forged else ""
        suffix = encoded_suffix(place.track.has_picture)
        path = self._folder.clip(method, place.video.info.id, suffix)
        frames: UInt8Array | None = clip.frames if place.track.has_picture else None
        pcm: Pcm | None = clip.pcm if place.track.has_audio else None
        with durable_file(path) as partial:
            encode_clip(partial, frames, pcm)
        return ManifestRow.of(str(path.relative_to(self._folder.path)), place, forged)
