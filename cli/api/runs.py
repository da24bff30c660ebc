"""`avdf.load`: a trained detector, ready to score; `avdf.score`: the same in one call."""

from collections.abc import Sequence
from pathlib import Path

from avdf.arguments import as_path, check_options
from avdf.cache.core.errors import RunError
from avdf.events import OnEvent, ignore
from avdf.file_progress import FileProgress
from avdf.load_options import LoadOptions
from avdf.model.peers.loading import is_peer_name
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.runs.loaded import LoadedRun, load_run
from avdf.pipeline.ahead import preparing
from avdf.result_text import describe_validation
from avdf.results import ScoreResult
from avdf.score_options import ScoreOptions
from avdf.score_request import make_request
from avdf.scoring import score_request
from avdf.sources import AnyPath, is_shards


class Run:
    """A trained detector, loaded from the folder of its run."""

    def __init__(self, loaded: LoadedRun, options: LoadOptions = LoadOptions()) -> None:
        self.loaded = loaded
        self.options = options

    @property
    def folder(self) -> Path:
        """Where the run is kept."""
        return self.loaded.folder.path

    @property
    def info(self) -> CheckpointInfo:
        """The checkpoint: its epoch, configuration, thresholds and validation."""
        return self.loaded.info

    def score(
        self,
        sources: AnyPath | Sequence[AnyPath],
        options: ScoreOptions = ScoreOptions(),
        *,
        out: AnyPath | None = None,
        on_event: OnEvent = ignore,
    ) -> ScoreResult:
        """Score videos: three verdicts each, at the thresholds found in validation.

        Args:
            sources: video files, folders or a manifest; or one folder of shards, or its URL.
            out: folder for the tables and the report; None: nothing is written.

        Raises:
            SourceError, ShardError: a source cannot be read.
            SettingsError: options that do not go with these sources.
        """
        # Everything is checked and listed before the model computes anything.
        request = make_request(self.folder, sources, options, out, "", on_event)
        return score_request(request, self.loaded, self.options, on_event)

    def __repr__(self) -> str:
        validation = describe_validation(dict(self.info.validation))
        return f"Run({str(self.folder)!r}): epoch {self.info.epoch}, validation {validation}"


def load(folder: AnyPath, options: LoadOptions = LoadOptions()) -> Run:
    """Load the detector of a run.

    Raises:
        RunError: there is no run, or no such checkpoint.
        WeightsError: its backbones are missing, or are not those of training.
        SettingsError: the device is not there.
    """
    check_options(options, LoadOptions)
    loaded = load_run(
        _run_folder(folder, "folder"),
        options.checkpoint,
        options.device,
        options.dtype,
        options.weights,
    )
    return Run(loaded, options)


def _run_folder(path: AnyPath, name: str) -> Path:
    """The folder of a run; shards, given instead, are a likely mistake.

    Raises:
        RunError: it holds shards.
    """
    folder = as_path(path, name)
    if is_shards(folder):
        raise RunError(
            f"{folder} holds shards; give the folder of a run, made by `avdf train`"
        )
    return folder


def score(
    run: AnyPath,
    sources: AnyPath | Sequence[AnyPath],
    options: ScoreOptions = ScoreOptions(),
    load_options: LoadOptions = LoadOptions(),
    *,
    out: AnyPath | None = None,
    command: str = "",
    on_event: OnEvent = ignore,
) -> ScoreResult:
    """Load a run and score videos with it: everything is checked before the model is loaded.

    Args:
        run: folder made by `train`; or `package.module:Name`, a detector of others, which is
            imported and so run (docs/peers.md).
        sources: video files, folders or a manifest; or one folder of shards, or its URL.
        out: folder for the tables and the report; None: nothing is written.
        command: the command line, for the report.

    Raises:
        As `load` and `Run.score`.
    """
    check_options(load_options, LoadOptions, "load_options")
    if isinstance(run, str) and is_peer_name(run):
        from avdf.peer_scoring import score_peer

        return score_peer(
            run,
            sources,
            options,
            load_options,
            out=out,
            command=command,
            on_event=on_event,
        )
    # Before loading: a wrong path must not cost the seconds that loading takes.
    request = make_request(run, sources, options, out, command, on_event)
    # With Ray the workers compute, each on a device of its own machine.
    device = "auto" if options.on_ray else load_options.device
    folder = _run_folder(run, "run")
    progress = FileProgress(on_event, "score", len(request.files))
    # The files are decoded and their faces found while the model is loaded.
    with preparing(
        request.files,
        options.preparation(),
        options.quick,
        on_wait=progress.reader(options.quick),
    ) as prepared:
        loaded = load_run(
            folder,
            load_options.checkpoint,
            device,
            load_options.dtype,
            load_options.weights,
        )
        return score_request(
            request, loaded, load_options, on_event, prepared, progress
        )
