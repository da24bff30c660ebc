"""`avdf.prepare`: videos to shards; `avdf.examine`: what sources hold, without preparing them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from avdf.arguments import (
    above_zero,
    as_path,
    as_sources,
    at_least,
    between,
    check_device,
    check_fields,
    check_listener,
    check_options,
    zero_or,
)
from avdf.cache.core.counted import counted
from avdf.cache.files.ownership import check_folder
from avdf.cache.machine.cluster import ClusterSettings
from avdf.cache.machine.cores import check_worker_count
from avdf.cache.shards.codec import CodecName, FrameCodec
from avdf.cache.shards.completeness import PLAN_FILE
from avdf.events import Note, OnEvent, Progress, ignore
from avdf.named_failures import named_failures
from avdf.pipeline.job.progress import PrepProgress
from avdf.pipeline.job.result import PrepResult
from avdf.pipeline.job.run import run_prep
from avdf.pipeline.job.video_row import VideoRow
from avdf.pipeline.settings import (
    LARGEST_FACE,
    LEAST_FACE,
    FaceSettings,
    Limits,
    PrepSettings,
)
from avdf.pipeline.sources import Listing, list_videos
from avdf.pipeline.sources.detect_format import check_dataset
from avdf.pipeline.sources.inventory import Inventory, take_inventory
from avdf.sources import AnyPath, output_notes

_MOST_NAMED = 3  # examples of what is missing or not understood


@dataclass(frozen=True)
class PrepareOptions:
    """How videos are prepared.

    dataset           read the sources as this dataset; None: recognise it
    label             `real` or `fake`: the label of videos that the sources have none of; '': none
    faces             `main`: the most persistent, largest face that moves; `all`: every face
    smallest_face     pixels; 0: an eighth of the long side of the frame, and a sixteenth where no
                      face is that large (with every face: a 32nd)
    codec, quality    how crops are stored: jpeg (with this quality), png or raw
    max_seconds       longer videos are not prepared (status `too_long`)
    videos_per_shard  0: enough for at least 8 shards, capped at 32 videos per shard
    workers           processes; 0: one for each core
    device            that faces are detected on: cpu or cuda
    executor          `local`: processes on this machine; `ray`: a Ray cluster
    address           of the Ray cluster; '': one is started on this machine
    retry_failed      try only the videos that failed before

    Raises:
        SettingsError: a value that cannot be used.
    """

    dataset: str | None = None
    label: Literal["", "real", "fake"] = ""
    faces: Literal["main", "all"] = "main"
    smallest_face: Annotated[int, zero_or(LEAST_FACE, LARGEST_FACE)] = 0
    codec: CodecName = "jpeg"
    quality: Annotated[int, between(1, 100)] = 95
    max_seconds: Annotated[float, above_zero()] = 21600.0
    videos_per_shard: Annotated[int, at_least(0)] = 0
    workers: int = 0
    device: str = "cpu"
    executor: Literal["local", "ray"] = "local"
    address: str = ""
    retry_failed: bool = False

    def __post_init__(self) -> None:
        check_fields(self)
        check_device(self.device)
        check_worker_count(self.workers)
        check_dataset(self.dataset)
        # Building them checks all values: a wrong one is reported now, not after listing the
        # sources.
        self.settings()
        self.cluster()

    def settings(self) -> PrepSettings:
        """What decides the content of the shards."""
        return PrepSettings(
            codec=FrameCodec(self.codec, self.quality),
            faces=self.faces,
            face=FaceSettings(smallest=self.smallest_face),
            limits=Limits(seconds=self.max_seconds),
            videos_per_shard=self.videos_per_shard,
        )

    def cluster(self) -> ClusterSettings | None:
        """The Ray cluster to work on; None: this machine."""
        if self.executor == "local":
            return None
        # With GPUs, each worker has one of its own.
        return ClusterSettings(self.address, self.workers, float(self.device == "cuda"))


@dataclass(frozen=True, repr=False)
class PrepareResult:
    """What preparation came to.

    folder  of the shards and of `videos.csv`
    rows    one for every video ever given to this folder: its status, and the reason of a failure
    new     how many of the rows were made by this call
    """

    folder: Path
    rows: tuple[VideoRow, ...]
    new: int

    @property
    def statuses(self) -> dict[str, int]:
        """Number of videos of each status, the most frequent first."""
        return self._result.statuses

    @property
    def failed(self) -> tuple[VideoRow, ...]:
        """The videos that could not be prepared."""
        return self._result.failed

    @property
    def frames(self) -> int:
        """Frames of faces in the shards."""
        return sum(row.frames for row in self.rows)

    @property
    def _result(self) -> PrepResult:
        return PrepResult(self.folder, self.rows, self.new)

    def __repr__(self) -> str:
        return str(self).partition("\n")[0]

    def __str__(self) -> str:
        counts = ", ".join(
            f"{count} {status}" for status, count in self.statuses.items()
        )
        done = f"{self.new} done now" if self.new else "nothing to do"
        lines = [
            f"{counted(len(self.rows), 'video')}: {counts} ({done}); "
            f"{counted(self.frames, 'frame')} of faces in {self.folder}"
        ]
        failed = [f"{row.status:12} {row.info.id}: {row.reason}" for row in self.failed]
        lines += named_failures(failed, f": see {self.folder / 'videos.csv'}")
        return "\n".join(lines)


def prepare(
    sources: AnyPath | Sequence[AnyPath],
    out: AnyPath,
    options: PrepareOptions = PrepareOptions(),
    on_event: OnEvent = ignore,
) -> PrepareResult:
    """Cut videos into aligned face crops, audio and log-mel, and write them as HDF5 shards.

    Called again, it continues where it was interrupted, or adds what is new. A video that cannot
    be prepared becomes a row with its reason; it never ends the job.

    Args:
        sources: a dataset's root, a CSV manifest, a folder of videos, or video files; an empty
            sequence finishes what `out` was given before.
        out: folder for the shards and `videos.csv`.

    Raises:
        SourceError: a source cannot be read, or another job is at work in `out`.
        SettingsError: `out` holds something else, or was prepared with other settings.
    """
    check_options(options, PrepareOptions)
    check_listener(on_event)
    folder, given = as_path(out, "out"), as_sources(sources, "sources")
    listing = _list(given, options.dataset, folder, options.label)
    for note in (*listing.notes, *output_notes(folder, given)):
        on_event(Note(note))
    if listing.unlisted:
        files = counted(len(listing.unlisted), "media file")
        first = listing.unlisted[0]
        on_event(Note(f"{files} not listed, left out: {first} ..."))
    return prepare_listed(listing, folder, options, on_event)


def prepare_listed(
    listing: Listing, folder: Path, options: PrepareOptions, on_event: OnEvent
) -> PrepareResult:
    """Prepare videos that are listed already, as `prepare` does.

    Raises:
        SourceError, SettingsError: as for `prepare`.
    """

    def show(now: PrepProgress) -> None:
        words = f"{counted(now.frames, 'frame')} kept, {now.failed} failed"
        on_event(Progress("prep", now.begun, now.videos, "videos", words))

    result = run_prep(
        listing,
        folder,
        options.settings(),
        workers=options.workers,
        device=options.device,
        retry_failed=options.retry_failed,
        cluster=options.cluster(),
        on_progress=show,
    )
    return PrepareResult(result.folder, result.rows, result.new)


def _list(
    sources: Sequence[AnyPath],
    dataset: str | None,
    out: Path | None,
    label: str = "",
) -> Listing:
    """The videos of the sources; none without sources, where `out` has a plan to finish."""
    paths = [Path(source) for source in sources]
    if out is not None:
        check_folder(out, "shards", paths)  # before a large dataset is listed
        if not paths and (out / PLAN_FILE).is_file():
            return Listing("", ())
    return list_videos(paths, dataset, label)


@dataclass(frozen=True, repr=False)
class ExamineResult:
    """What sources hold: `inventory` counts the videos, and says what is missing or left out."""

    inventory: Inventory

    @property
    def complete(self) -> bool:
        """Whether every listed file is there and every entry is understood."""
        return not (self.inventory.missing or self.inventory.faults)

    def __repr__(self) -> str:
        return str(self).partition("\n")[0]

    def __str__(self) -> str:
        found = self.inventory
        counts = counted(found.videos, "video")
        lines = [f"{counts}, {counted(found.periods, 'manipulated period')}"]
        # One table for each column of labels, e.g. by category, by method, by split.
        for title, rows in found.tables.items():
            lines += ["", f"{title:32} {'videos':>8} {'real':>8} {'fake':>8}"]
            for name, videos, real, fake in rows:
                lines.append(f"  {name or '(none)':30} {videos:8} {real:8} {fake:8}")
        faults = [f"{video.id}: {video.fault}" for video in found.faults]
        missing = [video.path for video in found.missing]
        unlisted = [str(path) for path in found.unlisted]
        lines += [
            "",
            _counted("identities in more than one split", found.crossing),
            _counted("not understood", faults),
            _counted("listed but missing", missing),
            _counted("there but not listed", unlisted),
        ]
        return "\n".join(lines)


def examine(
    sources: AnyPath | Sequence[AnyPath],
    dataset: str | None = None,
    out: AnyPath | None = None,
    on_event: OnEvent = ignore,
) -> ExamineResult:
    """Count what sources hold, without preparing anything.

    Args:
        dataset: read the sources as this dataset; None: recognise it.
        out: the folder that `prepare` would write to, to check that it may.

    Raises:
        SourceError: a source cannot be read.
        SettingsError: `out` holds something else.
    """
    check_listener(on_event)
    given = as_sources(sources, "sources")
    folder = None if out is None else as_path(out, "out")
    listing = _list(given, dataset, folder)
    for note in listing.notes:
        on_event(Note(note))
    return ExamineResult(take_inventory(listing))


def _counted(what: str, names: Sequence[str]) -> str:
    """`listed but missing: 5 (a.mp4, b.mp4, c.mp4, ...)`."""
    if not names:
        return f"{what}: 0"
    shown = ", ".join(names[:_MOST_NAMED])
    more = ", ..." if len(names) > _MOST_NAMED else ""
    return f"{what}: {len(names)} ({shown}{more})"
