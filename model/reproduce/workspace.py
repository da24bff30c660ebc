"""Where a reproduction keeps its files, and where it finds its data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from avdf.model.reproduce.experiments import RunSpec, ScoreSpec
from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.folder import RunFolder

# Files in the folder of a run's scores.
METRICS_FILE = "metrics.json"
DISTANCES_FILE = "distances.npz"  # and `sync`, for Figure 3
DRAWS_FILE = "draws.json"  # the metrics of each of KoDF's random subsets
DONE_FILE = "done.json"  # written last


@dataclass(frozen=True)
class Workspace:
    """The folder of a reproduction, and what it was given.

    shards    folder of shards by dataset
    settings  `section.key=value` for all runs
    config    TOML file with settings for all runs
    runs      finished runs that are used as they are, by the name of the row
    note      a sentence on the data, printed below every table
    seed      with several seeds: `training.seed` of the runs here; None with one
    """

    folder: Path
    shards: Mapping[str, Path]
    settings: tuple[str, ...] = ()
    config: Path | None = None
    runs: Mapping[str, Path] = field(default_factory=dict)
    note: str = ""
    seed: int | None = None

    def run_folder(self, name: str) -> RunFolder:
        """The run of a row: the one that was given, or the one that is trained here."""
        return RunFolder(self.runs.get(name, self.folder / "runs" / name))

    def score_folder(self, spec: ScoreSpec) -> Path:
        """Where the scores of a run on a dataset are."""
        return self.folder / "scores" / spec.name

    def step_of(self, spec: RunSpec | ScoreSpec) -> str:
        """The name of a step, as progress and the plan report it."""
        return spec.step if self.seed is None else f"{spec.step}, seed {self.seed}"

    def with_seeds(self, count: int) -> "tuple[Workspace, ...]":
        """A workspace for each of several seeds, of which the first is this one.

        `training.seed` and `model.seed` count up from those of the settings. The others keep their
        runs and scores in the folder `seed-N` of this one.
        """
        if count == 1:
            return (self,)
        config = load_config(self.config, self.settings)
        first = config.training.seed
        found = [replace(self, seed=first)]
        for step in range(1, count):
            seed, model_seed = first + step, config.model.seed + step
            own = (f"training.seed={seed}", f"model.seed={model_seed}")
            other = replace(
                self,
                folder=self.folder / f"seed-{seed}",
                settings=(*self.settings, *own),
                seed=seed,
            )
            found.append(other)
        return tuple(found)

    def config_of(self, spec: RunSpec) -> RunConfig:
        """The configuration of a run: the row's own settings come last, so they win.

        Raises:
            SettingsError: a setting is wrong, or the file cannot be read.
        """
        return load_config(self.config, [*self.settings, *spec.settings])
