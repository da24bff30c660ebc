"""`avdf.forge`: forgeries of genuine videos, as files."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np

from avdf.arguments import (
    as_path,
    as_sources,
    between,
    check_fields,
    check_listener,
    check_options,
)
from avdf.cache.core.counted import counted
from avdf.cache.core.errors import SettingsError
from avdf.cache.core.labels import FAKE, UNKNOWN
from avdf.cache.files.atomic_file import durable_file
from avdf.cache.machine.cores import check_worker_count, threads_per_process
from avdf.cache.shards.codec import FrameCodec
from avdf.cache.stream.index import VideoRef, list_shard_videos
from avdf.cache.stream.shard_pool import ShardPool
from avdf.events import Note, OnEvent, Progress, ignore
from avdf.forge_job.clip_files import write_clips
from avdf.forge_job.forge_folder import DoneVideo, ForgeFolder
from avdf.model.config import LARGEST_SEED
from avdf.model.forging.catalogue import chosen_forgers
from avdf.model.forging.forger import Forger
from avdf.model.forging.genuine_clip import ClipForger, ClipPlace
from avdf.model.forging.recipe import recipes
from avdf.model.forging.sheet import SheetEntry, forgery_sheet
from avdf.pipeline.job.result import PrepResult
from avdf.pipeline.job.run import run_prep
from avdf.pipeline.settings import PrepSettings
from avdf.pipeline.sources import list_videos
from avdf.pipeline.sources.synthetic_marker import mark_as_synthetic
from avdf.preparing import PrepareOptions
from avdf.sources import AnyPath, open_sources

_MOST_ON_SHEET = 12
_MOST_SHOWN = 40  # failures that are named
_JOINED = "+"


@dataclass(frozen=True)
class ForgeOptions:
    """Which forgeries are made.

    forgers  one forgery of each video by each of them; two joined by `+` are applied one after the
             other. None: one forgery of each video, by a forger that is chosen at random
    seed     of all random choices
    faces    `main`: the most persistent, largest face that moves; `all`: every face. Of a source
             that is no shards
    workers  processes that prepare a source that is no shards; 0: one for each core

    Raises:
        SettingsError: a value that cannot be used.
    """

    forgers: tuple[str, ...] = ()
    seed: Annotated[int, between(0, LARGEST_SEED)] = 0
    faces: Literal["main", "all"] = "main"
    workers: int = 0

    def __post_init__(self) -> None:
        check_fields(self)
        check_worker_count(self.workers)
        self.recipe_names()

    def chosen(self) -> tuple[Forger, ...]:
        """The forgers themselves.

        Raises:
            SettingsError: there is no such forger, or its package is missing.
        """
        names = [name for joined in self.forgers for name in joined.split(_JOINED)]
        return chosen_forgers(names)

    def recipe_names(self) -> tuple[str, ...]:
        """The names in `forgers` as recipes have them: the picture before the sound.

        Raises:
            SettingsError: as for `chosen`, or two that cannot be joined.
        """
        possible = [recipe for kind in recipes(self.chosen()) for recipe in kind]
        by_names = {frozenset(one.name.split(_JOINED)): one.name for one in possible}
        found: dict[str, None] = {}
        for joined in self.forgers:
            names = frozenset(joined.split(_JOINED))
            if names not in by_names:
                raise SettingsError(
                    f"forger {joined}: only one of the picture and one of the sound can be joined"
                )
            found[by_names[names]] = None
        return tuple(found)


@dataclass(frozen=True, repr=False)
class ForgeResult:
    """What was written.

    folder    of the clips, of `manifest.csv` and of `sheet.png`
    genuine   clips of genuine videos
    forged    how many forgeries there are of each kind
    failures  a sentence for each forgery or video that is missing
    """

    folder: Path
    genuine: int
    forged: dict[str, int]
    failures: tuple[str, ...]

    def __repr__(self) -> str:
        return str(self).partition("\n")[0]

    def __str__(self) -> str:
        forged = sum(self.forged.values())
        kinds = ", ".join(f"{count} {name}" for name, count in self.forged.items())
        lines = [
            f"{counted(self.genuine, 'genuine clip')}, {forged} forged ({kinds or 'none'}) "
            f"in {self.folder}; they are listed in {self.folder / 'manifest.csv'}"
        ]
        lines += [f"  {failure}" for failure in self.failures[:_MOST_SHOWN]]
        if len(self.failures) > _MOST_SHOWN:
            lines.append(f"  ... and {len(self.failures) - _MOST_SHOWN} more")
        return "\n".join(lines)


def forge(
    sources: AnyPath | Sequence[AnyPath],
    out: AnyPath,
    options: ForgeOptions = ForgeOptions(),
    on_event: OnEvent = ignore,
) -> ForgeResult:
    """Make forgeries of genuine videos: clips of the face crops with their sound.

    The genuine clips are written by the same encoder, so that nothing else tells the two apart.
    Videos that are labelled fake are left out; those without a label are taken for genuine. Called
    again, it continues where it was interrupted.

    Args:
        sources: a folder of shards, or what `prepare` takes; that is prepared into `out`/shards.
        out: folder for the clips.

    Raises:
        SourceError, ShardError: a source cannot be read.
        SettingsError: `out` holds something else, or no video is genuine.
    """
    check_options(options, ForgeOptions)
    check_listener(on_event)
    folder = ForgeFolder(as_path(out, "out"))
    given = open_sources(as_sources(sources, "sources"))
    settings = {
        "sources": [str(path) for path in given.paths],
        "forgers": list(options.forgers),
        "seed": options.seed,
    }
    folder.open(given.paths, settings)
    failures: list[str] = []
    if given.shards is None:
        prepared = _prepare(given.paths, folder, options, on_event)
        failures += [f"{row.info.id}: {row.reason}" for row in prepared.failed]
    videos = _genuine(list_shard_videos(given.shards or folder.shards), on_event)
    if any(video.info.synthetic for video in videos):
        # Forgeries of synthetic videos are no recordings either.
        mark_as_synthetic(folder.path)
    forger = ClipForger(videos, options.chosen(), options.seed)
    done = _write_all(folder, forger, options.recipe_names(), on_event)
    rows = [row for one in done for row in one.rows]
    folder.write_manifest(rows)
    failures += [failure for one in done for failure in one.failures]
    _write_sheet(folder, forger, done)
    forged: dict[str, int] = {}
    for row in rows:
        if row.method:
            forged[row.method] = forged.get(row.method, 0) + 1
    genuine = sum(not row.method for row in rows)
    return ForgeResult(folder.path, genuine, forged, tuple(failures))


def _prepare(
    paths: Sequence[Path], folder: ForgeFolder, options: ForgeOptions, on_event: OnEvent
) -> PrepResult:
    """Cut the faces out of those videos that are not labelled fake."""
    listing = list_videos(list(paths))
    for note in listing.notes:
        on_event(Note(note))
    genuine = tuple(video for video in listing.videos if video.label != FAKE)
    _refuse_none(genuine, len(listing.videos))
    settings: PrepSettings = PrepareOptions(faces=options.faces).settings()
    return run_prep(
        replace(listing, videos=genuine),
        folder.shards,
        settings,
        workers=options.workers,
        on_progress=lambda now: on_event(
            Progress("prep", now.begun, now.videos, "videos")
        ),
    )


def _genuine(videos: Sequence[VideoRef], on_event: OnEvent) -> list[VideoRef]:
    genuine = [
        video
        for video in videos
        if video.info.label != FAKE and (video.has_picture or video.has_audio)
    ]
    _refuse_none(genuine, len(videos))
    unknown = sum(video.info.label == UNKNOWN for video in genuine)
    if unknown:
        on_event(
            Note(f"{counted(unknown, 'video')} without a label: taken for genuine")
        )
    return genuine


def _refuse_none(genuine: Sequence[object], videos: int) -> None:
    if not genuine:
        raise SettingsError(
            f"none of {counted(videos, 'video')} is genuine, and forgeries are made of those"
        )


def _write_all(
    folder: ForgeFolder, forger: ClipForger, wanted: Sequence[str], on_event: OnEvent
) -> list[DoneVideo]:
    """Write the clips of all videos, several at a time."""
    done: list[DoneVideo] = []
    with (
        closing(ShardPool()) as pool,
        ThreadPoolExecutor(threads_per_process()) as executor,
    ):

        def write(place: ClipPlace) -> DoneVideo:
            return write_clips(folder, pool, forger, place, wanted)

        try:
            for one in executor.map(write, forger.places):
                done.append(one)
                on_event(Progress("forge", len(done), len(forger.places), "videos"))
        finally:
            executor.shutdown(cancel_futures=True)
    return done


def _write_sheet(
    folder: ForgeFolder, forger: ClipForger, done: Sequence[DoneVideo]
) -> None:
    """Show the first forgery of each kind, at most twelve."""
    entries: dict[str, SheetEntry] = {}
    with closing(ShardPool()) as pool:
        for place, one in zip(forger.places, done, strict=True):
            methods = [row.method for row in one.rows if row.method]
            for method in methods:
                if method in entries or len(entries) == _MOST_ON_SHEET:
                    continue
                genuine = place.read(pool)
                # The same seeds: the forgery of the file once more.
                forged = forger.forge(pool, place, genuine, method)
                seen = place.track.has_picture
                entries[method] = SheetEntry(
                    name=place.video.info.id,
                    forger=method,
                    genuine=genuine.frames if seen else None,
                    forged=forged.frames if seen else None,
                    pcm=genuine.pcm,
                    forged_pcm=forged.pcm,
                )
    if not entries:
        return
    with durable_file(folder.sheet) as partial:
        sheet = forgery_sheet(list(entries.values()))
        partial.write_bytes(FrameCodec("png").encode(np.ascontiguousarray(sheet)))
