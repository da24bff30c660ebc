"""`avdf.reproduce`: the paper's tables, with the figures of this machine beside the paper's."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from avdf.arguments import (
    as_path,
    as_source,
    as_texts,
    at_least,
    between,
    check_fields,
    check_listener,
    check_options,
    take_settings,
)
from avdf.cache.core.counted import counted
from avdf.cache.core.errors import SettingsError
from avdf.cache.files.atomic_file import write_text
from avdf.cache.files.ownership import check_folder, claim_folder
from avdf.cache.machine.cores import check_worker_count
from avdf.cache.shards.inputs_table import VIDEOS_FILE
from avdf.demo import DEMO_SETTINGS, DemoOptions, generate_dataset, prepare_dataset
from avdf.events import Event, Note, OnEvent, Progress, Stage, ignore
from avdf.model.reproduce.costs import Cost, estimate_costs
from avdf.model.reproduce.experiments import (
    FAKEAVCELEB,
    FIGURE_3,
    KODF,
    Experiments,
    list_experiments,
)
from avdf.model.reproduce.figure3 import make_figure_3
from avdf.model.reproduce.job import check_runs, run_experiments
from avdf.model.reproduce.result_table import ResultTable
from avdf.model.reproduce.seed_table import join_seeds
from avdf.model.reproduce.table_maker import make_table
from avdf.model.reproduce.workspace import Workspace
from avdf.model.runs.config_sources import load_config
from avdf.pipeline.synthetic import generate_kodf
from avdf.sources import AnyPath

_MOST_SEEDS = 1000
_DEMO_NOTE = (
    "On synthetic faces (the data of the demo): "
    "these figures do not show how well real deepfakes are detected."
)


@dataclass(frozen=True)
class ReproduceOptions:
    """What tables are made from.

    fakeavceleb  shards of FakeAVCeleb
    kodf         shards of KoDF, or of the videos of it that you have
    runs         finished runs by the name of their row, e.g. {"full": "run"}
    config       TOML file for all runs; the rows' own settings win
    settings     `section.key=value` strings for all runs
    demo         on synthetic FakeAVCeleb and KoDF, with the demo's model
    identities   with `demo`: persons in each of 5 groups x 2 genders
    workers      with `demo`: processes; 0: one for each core
    seeds        trainings of each row, with seeds that count up from that of the settings; the
                 tables then have the mean and the standard deviation. Not beside `runs`
    """

    fakeavceleb: AnyPath | None = None
    kodf: AnyPath | None = None
    runs: Mapping[str, AnyPath] = field(default_factory=dict, hash=False)
    config: AnyPath | None = None
    settings: tuple[str, ...] = ()
    demo: bool = False
    identities: Annotated[int, at_least(1)] = 3
    workers: int = 0
    seeds: Annotated[int, between(1, _MOST_SEEDS)] = 1

    def __post_init__(self) -> None:
        take_settings(self)
        check_fields(self)
        check_worker_count(self.workers)
        known = [spec.name for spec in list_experiments(["all"], with_kodf=True).runs]
        for name, run in self.runs.items():
            if name not in known:
                raise SettingsError(
                    f"runs: no table has a run {name!r}; there are {', '.join(known)}"
                )
            as_source(run, f"runs[{name!r}]")
        if self.runs and self.seeds > 1:
            raise SettingsError(
                "runs: a run has one seed; leave out runs, or seeds, to train each row "
                f"{self.seeds} times"
            )
        # A copy: what the caller does with the dictionary later does not change these options.
        object.__setattr__(self, "runs", dict(self.runs))
        # Building the configuration checks it, before any data are made.
        config = None if self.config is None else Path(self.config)
        load_config(config, self.all_settings)

    @property
    def all_settings(self) -> tuple[str, ...]:
        """The demo's, where it is asked for, and those that are given, which come after them."""
        return (*(DEMO_SETTINGS if self.demo else ()), *self.settings)

    @property
    def shards(self) -> dict[str, Path]:
        """The shards that are given, by dataset."""
        given = {FAKEAVCELEB: self.fakeavceleb, KODF: self.kodf}
        return {name: Path(path) for name, path in given.items() if path is not None}


@dataclass(frozen=True, repr=False)
class ReproduceResult:
    """The plan with its costs and, where it was carried out, the tables as Markdown by name.

    tables  empty where only the plan was asked for
    """

    folder: Path
    costs: tuple[Cost, ...]
    tables: Mapping[str, str]

    @property
    def seconds(self) -> float:
        """Seconds that the unfinished steps were estimated to take on this machine."""
        return sum(cost.seconds for cost in self.costs if not cost.done)

    def __repr__(self) -> str:
        if not self.tables:
            left = [cost for cost in self.costs if not cost.done]
            return (
                f"{self.folder}: plan of {counted(len(self.costs), 'step')}, "
                f"{len(left)} to do in about {time_words(self.seconds)}"
            )
        steps, tables = len(self.costs), len(self.tables)
        return f"{self.folder}: {counted(steps, 'step')}, {counted(tables, 'table')}"

    def __str__(self) -> str:
        if not self.tables:
            return "\n".join(plan_lines(self.costs))
        reports = self.folder / "scores"
        return f"tables: {self.folder}; each run's report: {reports}/*/report.html"


def reproduce(
    tables: str | Sequence[str],
    out: AnyPath,
    options: ReproduceOptions = ReproduceOptions(),
    *,
    plan_only: bool = False,
    on_event: OnEvent = ignore,
) -> ReproduceResult:
    """Train what the tables need, or take finished runs, score, and write the tables.

    Called again, it continues where it was interrupted.

    Args:
        tables: table1 to table5, figure3, or all; one or several.
        out: folder for runs, scores and tables.
        plan_only: only estimate what would be done and what it costs. Nothing is written to `out`;
            with `demo`, the datasets are generated in a temporary folder that is removed again.

    Raises:
        SettingsError: an unknown table, missing shards, or a run that is not what its row is about.
    """
    check_options(options, ReproduceOptions)
    check_listener(on_event)
    folder, wanted = as_path(out, "out"), as_texts(tables, "tables")
    # Before anything is made: what the folder holds, then what the tables need.
    check_folder(folder, "reproduction", list(options.shards.values()))
    experiments = list_experiments(wanted, KODF in options.shards or options.demo)
    if plan_only:
        with _data_for_plan(folder, options, on_event) as shards:
            workspaces = _workspaces(folder, shards, options)
            _check(experiments, workspaces)
            costs = _estimate(experiments, workspaces, on_event)
        return ReproduceResult(folder, costs, {})
    shards = options.shards
    if options.demo:
        claim_folder(folder, "reproduction")
        shards = _generate_datasets(folder, options, on_event)
    workspaces = _workspaces(folder, shards, options)
    _check(experiments, workspaces)
    # Costs before work: the paper's schedule can take weeks on a machine without a GPU.
    costs = _estimate(experiments, workspaces, on_event)
    for line in plan_lines(costs):
        on_event(Stage(line))
    claim_folder(folder, "reproduction")

    def show(task: str, done: int, total: int) -> None:
        unit = "steps" if task.startswith("train") else "segments"
        on_event(Progress(task, done, total, unit))

    for workspace in workspaces:
        run_experiments(experiments, workspace, show)
    return ReproduceResult(
        folder, costs, _write_tables(experiments, workspaces, on_event)
    )


def _workspaces(
    folder: Path, shards: Mapping[str, Path], options: ReproduceOptions
) -> tuple[Workspace, ...]:
    """One for each seed."""
    workspace = Workspace(
        folder=folder,
        shards=shards,
        settings=options.all_settings,
        config=None if options.config is None else Path(options.config),
        runs={name: Path(run) for name, run in options.runs.items()},
        note=_DEMO_NOTE if options.demo else "",
    )
    return workspace.with_seeds(options.seeds)


@contextmanager
def _data_for_plan(
    folder: Path, options: ReproduceOptions, on_event: OnEvent
) -> Iterator[dict[str, Path]]:
    """The shards that a plan is made for; those of the demo may be gone afterwards."""
    if not options.demo:
        yield options.shards
        return
    # Data of an earlier call are only read.
    kept = {name: folder / "shards" / name for name in (FAKEAVCELEB, KODF)}
    if all((shards / VIDEOS_FILE).is_file() for shards in kept.values()):
        yield kept
        return
    # The cost of a step depends on how many segments there are, and that is only known from
    # prepared videos. They are made where a plan leaves nothing behind.
    with tempfile.TemporaryDirectory(prefix="avdf-plan-") as temporary:
        yield _generate_datasets(Path(temporary), options, _only_progress(on_event))


def _only_progress(on_event: OnEvent) -> OnEvent:
    """The same listener without the stages, which would name folders that are removed."""

    def show(event: Event) -> None:
        if isinstance(event, Progress):
            on_event(event)

    return show


def _generate_datasets(
    out: Path, options: ReproduceOptions, on_event: OnEvent
) -> dict[str, Path]:
    """The synthetic datasets and their shards; what is there already is left as it is."""
    data, shards = out / "data", out / "shards"
    # An empty file is made when a dataset is complete: one that was interrupted has none.
    marks = {name: data / f"{name}.complete" for name in (FAKEAVCELEB, KODF)}
    if not marks[FAKEAVCELEB].exists():
        demo = DemoOptions(identities=options.identities, workers=options.workers)
        generate_dataset(data / FAKEAVCELEB, demo, on_event)
        marks[FAKEAVCELEB].touch()
    if not marks[KODF].exists():
        _generate_kodf(data / KODF, options, on_event)
        marks[KODF].touch()
    for name in marks:
        prepare_dataset(data / name, shards / name, options.workers, on_event)
    return {name: shards / name for name in marks}


def _generate_kodf(root: Path, options: ReproduceOptions, on_event: OnEvent) -> None:
    def show(done: int, total: int) -> None:
        on_event(Progress("generate KoDF", done, total, "persons"))

    actors = 2 * options.identities
    videos = generate_kodf(root, actors, workers=options.workers, on_actor=show)
    on_event(Stage(f"generated {counted(videos, 'video')} in KoDF's layout: {root}"))


def _check(experiments: Experiments, workspaces: Sequence[Workspace]) -> None:
    """Refuse what cannot be carried out, before anything is done."""
    workspace = workspaces[0]
    if FAKEAVCELEB not in workspace.shards:
        raise SettingsError(
            "fakeavceleb: give the shards of FakeAVCeleb (made by `avdf prep`), "
            "or choose demo for synthetic data"
        )
    # A misspelt name would train, for days, the run that was meant to be given.
    known = [spec.name for spec in experiments.runs]
    for name in workspace.runs:
        if name not in known:
            raise SettingsError(
                f"run {name!r}: these tables have no run of that name; "
                f"they have {', '.join(known)}"
            )
    for one in workspaces:
        check_runs(experiments, one)


def _estimate(
    experiments: Experiments, workspaces: Sequence[Workspace], on_event: OnEvent
) -> tuple[Cost, ...]:
    """What each step of the plan costs, from a few steps that are measured here."""

    def show(task: str, done: int, total: int) -> None:
        # Once, at the first step of a measurement.
        if not done:
            on_event(
                Note(
                    f"{task}: {counted(total, 'step')} on this machine, "
                    "to say how long the plan takes"
                )
            )
        on_event(Progress(task, done, total, "steps"))

    return estimate_costs(experiments, workspaces, show)


def plan_lines(costs: Sequence[Cost]) -> list[str]:
    """A line for each step of the plan, and one for the sum of what is left to do."""
    lines = []
    for cost in costs:
        segments = counted(cost.segments, "segment")
        todo = f"{segments}, about {time_words(cost.seconds)}"
        lines.append(f"{cost.name}: {'done' if cost.done else todo}")
    seconds = sum(cost.seconds for cost in costs if not cost.done)
    lines.append(
        f"in all about {time_words(seconds)} on this machine, by a few measured steps "
        "(reading and starting not counted)"
    )
    return lines


def time_words(seconds: float) -> str:
    """`45 s`, `12 min` or `3.4 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _make_table(name: str, workspaces: Sequence[Workspace]) -> ResultTable:
    """A table; with several seeds, each one's own is written, and their mean is given."""
    tables = {one.seed: make_table(name, one, list(one.shards)) for one in workspaces}
    if len(workspaces) == 1:
        return tables[workspaces[0].seed]
    by_seed = {}
    # The own tables of all seeds lie side by side, also that of the first.
    home = workspaces[0].folder
    for seed, table in tables.items():
        assert seed is not None
        by_seed[seed] = table
        folder = home / f"seed-{seed}"
        folder.mkdir(exist_ok=True)
        write_text(folder / f"{name}.json", table.as_json())
        write_text(folder / f"{name}.md", table.as_markdown())
    return join_seeds(by_seed)


def _write_tables(
    experiments: Experiments, workspaces: Sequence[Workspace], on_event: OnEvent
) -> dict[str, str]:
    """Each table as JSON and as Markdown, and Figure 3 as SVG; gives the Markdown by name.

    With several seeds, Figure 3 is that of the first one.
    """
    workspace = workspaces[0]
    texts = {}
    for name in experiments.tables:
        if name == FIGURE_3:
            figure = make_figure_3(workspace)
            if len(workspaces) > 1:
                note = f"of seed {workspace.seed} alone"
                figure = replace(figure, notes=(*figure.notes, note))
            figures, text = figure.as_json(), figure.as_markdown()
            write_text(workspace.folder / "figure3.svg", figure.svg)
        else:
            table = _make_table(name, workspaces)
            figures, text = table.as_json(), table.as_markdown()
        write_text(workspace.folder / f"{name}.json", figures)
        write_text(workspace.folder / f"{name}.md", text)
        on_event(Stage(f"\n{text}"))
        texts[name] = text
    return texts
