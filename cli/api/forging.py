"""`avdf.forge`: forgeries of genuine videos, as files."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

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
from avdf.cache.files.ownership import check_folder
from avdf.cache.machine.cores import check_worker_count, threads_per_process
from avdf.cache.stream.index import VideoRef, list_shard_videos
from avdf.cache.stream.shard_pool import ShardPool
from avdf.events import Note, OnEvent, Progress, ignore
from avdf.forge_job.clip_files import ClipFiles
from avdf.forge_job.forge_folder import DoneVideo, ForgeFolder
from avdf.forge_job.sheet_file import write_sheet
from avdf.forge_job.videos_digest import digest_of_files, digest_of_stored
from avdf.model.config import LARGEST_SEED
from avdf.model.forging.catalogue import chosen_forgers
from avdf.model.forging.clip_forger import ClipForger
from avdf.model.forging.forger import Forger
from avdf.model.forging.recipe import recipes
from avdf.named_failures import named_failures
from avdf.pipeline.sources import Listing, list_videos
from avdf.pipeline.sources.synthetic_marker import mark_as_synthetic
from avdf.preparing import PrepareOptions, prepare_listed
from avdf.sources import AnyPath, open_sources

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
        return "\n".join([*lines, *named_failures(self.failures)])


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
    check_folder(folder.path, "forgeries", given.paths)  # before a dataset is listed
    settings = {
        "sources": [str(path) for path in given.paths],
        "forgers": list(options.forgers),
        "seed": options.seed,
    }
    failures: list[str] = []
    if given.shards is None:
        listing = _list_genuine(given.paths, on_event)
        settings["faces"] = options.faces
        folder.open(given.paths, settings, digest_of_files(listing.videos))
        how = PrepareOptions(faces=options.faces, workers=options.workers)
        prepared = prepare_listed(listing, folder.shards, how, on_event)
        failures += [f"{row.info.id}: {row.reason}" for row in prepared.failed]
        videos = _genuine(list_shard_videos(folder.shards), on_event)
    else:
        videos = _genuine(list_shard_videos(given.shards), on_event)
        folder.open(given.paths, settings, digest_of_stored(videos))
    if any(video.info.synthetic for video in videos):
        # Forgeries of synthetic videos are no recordings either.
        mark_as_synthetic(folder.path)
    forger = ClipForger(videos, options.chosen(), options.seed)
    done = _write_all(folder, forger, options.recipe_names(), on_event)
    rows = [row for one in done for row in one.rows]
    folder.write_manifest(rows)
    failures += [failure for one in done for failure in one.failures]
    write_sheet(folder, forger, done)
    forged = Counter(row.method for row in rows if row.method)
    genuine = sum(not row.method for row in rows)
    return ForgeResult(folder.path, genuine, dict(forged), tuple(failures))


def _list_genuine(paths: Sequence[Path], on_event: OnEvent) -> Listing:
    """The videos of the sources that are not labelled fake."""
    listing = list_videos(list(paths))
    for note in listing.notes:
        on_event(Note(note))
    genuine = tuple(video for video in listing.videos if video.label != FAKE)
    _refuse_none(genuine, len(listing.videos))
    return replace(listing, videos=genuine)


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
        files = ClipFiles(folder, pool, forger, wanted)
        try:
            for one in executor.map(files.write, forger.places):
                done.append(one)
                on_event(Progress("forge", len(done), len(forger.places), "videos"))
        finally:
            executor.shutdown(cancel_futures=True)
    return done
