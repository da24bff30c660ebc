"""`avdf.load`: a trained detector, ready to score; `avdf.score`: the same in one call."""

from collections.abc import Sequence
from pathlib import Path

from avdf.cache.core.errors import SettingsError
from avdf.events import OnEvent, ignore
from avdf.loading import LoadOptions, load_detector
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.loaded import LoadedRun
from avdf.results import ScoreResult
from avdf.scoring import ScoreOptions, carry_out, check_output, make_request
from avdf.sources import Place, as_places
from avdf.training import describe_validation


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
        sources: Place | Sequence[Place],
        options: ScoreOptions = ScoreOptions(),
        *,
        out: Place | None = None,
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
        places = as_places(sources)
        check_output(out, [self.folder, *places])
        request = make_request(places, options, out, "", on_event)
        return carry_out(request, self.loaded, self.options, on_event)

    def __repr__(self) -> str:
        validation = describe_validation(dict(self.info.validation))
        return f"Run({str(self.folder)!r}): epoch {self.info.epoch}, validation {validation}"


def load(folder: Place, options: LoadOptions = LoadOptions()) -> Run:
    """Load the detector of a run.

    Raises:
        RunError: there is no run, or no such checkpoint.
        WeightsError: its backbones are missing, or are not those of training.
        SettingsError: the device is not there.
    """
    return Run(load_detector(folder, options, options.device), options)


def score(
    run: Place,
    sources: Place | Sequence[Place],
    options: ScoreOptions = ScoreOptions(),
    load_options: LoadOptions = LoadOptions(),
    *,
    out: Place | None = None,
    command: str = "",
    on_event: OnEvent = ignore,
) -> ScoreResult:
    """Load a run and score videos with it: everything is checked before the model is loaded.

    Args:
        run: folder made by `train`.
        sources: video files, folders or a manifest; or one folder of shards, or its URL.
        out: folder for the tables and the report; None: nothing is written.
        command: the command line, for the report.

    Raises:
        As `load` and `Run.score`.
    """
    places = as_places(sources)
    _check_order(run, places)
    check_output(out, [run, *places])
    request = make_request(places, options, out, command, on_event)
    # With Ray the workers compute, each on a device of its own machine.
    device = "auto" if options.on_ray else load_options.device
    loaded = load_detector(run, load_options, device)
    return carry_out(request, loaded, load_options, on_event)


def _check_order(run: Place, sources: Sequence[Place]) -> None:
    """Refuse a source in the place of the run."""
    swapped = next((place for place in sources if _is_run(place)), None)
    if swapped is not None and not _is_run(run):
        raise SettingsError(
            f"{swapped} is a run and {run} is not: "
            f"write the run first, `avdf score {swapped} {run}`"
        )


def _is_run(place: Place) -> bool:
    return RunFolder(Path(place)).config.is_file()
