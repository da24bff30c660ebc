"""What is scored and where the results go, checked before anything is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from avdf.arguments import as_path, as_sources, check_listener, check_options
from avdf.cache.core.errors import SettingsError
from avdf.cache.core.video import VideoInfo
from avdf.cache.files.ownership import check_folder
from avdf.events import Note, OnEvent
from avdf.model.runs.folder import RunFolder
from avdf.pipeline.sources import Listing, list_videos
from avdf.score_options import ScoreOptions
from avdf.sources import NEEDS_OUT, AnyPath, Sources, open_sources, output_notes

_RAY_NEEDS_SHARDS = (
    "executor ray scores shards; prepare the files first (on Ray too, if you like)"
)
_RAY_SCORES_SEGMENTS = (
    "executor ray scores segments alone; "
    "leave out timeline and perturb, or use executor local"
)


_QUICK_SAMPLES_FILES = (
    "quick takes excerpts of video files; shards are scored as a whole"
)


@dataclass(frozen=True)
class ScoreRequest:
    """What is scored and where the results go, checked before the model is loaded.

    listing  the files; None: shards are scored
    out      folder for the tables and the report; None: nothing is written
    command  the command line, for the report; '' from Python
    """

    sources: Sources
    listing: Listing | None
    options: ScoreOptions
    out: Path | None = None
    command: str = ""

    @property
    def files(self) -> tuple[VideoInfo, ...]:
        """The files that are scored; of shards none."""
        return tuple(self.listing.videos) if self.listing else ()


def make_request(
    run: AnyPath,
    sources: AnyPath | Sequence[AnyPath],
    options: ScoreOptions,
    out: AnyPath | None,
    command: str,
    on_event: OnEvent,
) -> ScoreRequest:
    """Check what is asked for, and list the files: loading the model takes seconds.

    Raises:
        SettingsError: options that do not go with these sources, or `out` holds something else.
        SourceError, ShardError: a source cannot be read.
    """
    check_options(options, ScoreOptions)
    check_listener(on_event)
    run, given = as_path(run, "run"), as_sources(sources, "sources")
    _check_order(run, given)
    folder = None if out is None else as_path(out, "out")
    if folder is not None:
        check_folder(folder, "scores", [run, *given])
    opened = open_sources(given)
    if options.on_ray and opened.shards is None:
        raise SettingsError(_RAY_NEEDS_SHARDS)
    if options.quick and opened.shards is not None:
        raise SettingsError(_QUICK_SAMPLES_FILES)
    # Timelines and perturbations need whole tracks, and the cluster is sent segments.
    if options.on_ray and (options.timeline or options.perturb):
        raise SettingsError(_RAY_SCORES_SEGMENTS)
    # What these two make are tables, which have no field in the result.
    if folder is None and (options.perturb or options.exports):
        raise SettingsError(NEEDS_OUT)
    # Shards list their videos themselves; files are listed here, which finds wrong names early.
    if opened.shards is not None:
        return ScoreRequest(opened, None, options, folder, command)
    listing = list_videos(opened.paths)
    for note in (*listing.notes, *output_notes(folder, opened.paths)):
        on_event(Note(note))
    return ScoreRequest(opened, listing, options, folder, command)


def _check_order(run: AnyPath, sources: Sequence[AnyPath]) -> None:
    """Refuse a run that is given as a source."""
    swapped = next((path for path in sources if _is_run(path)), None)
    if swapped is not None and not _is_run(run):
        raise SettingsError(
            f"{swapped} is a run and {run} is not: "
            f"write the run first, `avdf score {swapped} {run}`"
        )


def _is_run(path: AnyPath) -> bool:
    return RunFolder(Path(path)).config.is_file()
