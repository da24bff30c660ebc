"""The experiments that the paper's tables need: runs to train, and datasets to score with them."""

from collections.abc import Sequence
from dataclasses import dataclass

from avdf.cache.core.errors import SettingsError
from avdf.model.protocols.fakeavceleb import CATEGORIES
from avdf.model.protocols.kodf import ALL_DRAWS
from avdf.model.reproduce.ablations import ABLATIONS, INFONCE
from avdf.model.reproduce.published import TABLES

FAKEAVCELEB = "fakeavceleb"
KODF = "kodf"
FIGURE_3 = "figure3"
NAMES = (*TABLES, FIGURE_3)

ETHNIC_PROTOCOL = "fakeavceleb-ethnic"
_KODF_SUBSET = f"kodf-subset/{ALL_DRAWS}"
_HELD_OUT_PREFIX = "without-"

# The columns of Figure 3: the name of the loss -> the run that is trained with it. The first two
# are the paper's (a) and (b). No table needs the third, so that only Figure 3 trains it.
FIGURE_3_RUNS = {
    "segment-level loss": "segment-level",
    "frame-level loss": "full",
    INFONCE.title: INFONCE.name,
}
_SETTINGS = {row.name: row.settings for row in (*ABLATIONS.values(), INFONCE)}


@dataclass(frozen=True)
class RunSpec:
    """A run to train on FakeAVCeleb: its name, and its differences from the paper's full method."""

    name: str
    settings: tuple[str, ...]

    @property
    def step(self) -> str:
        """The name of training it, as progress reports it."""
        return f"train {self.name}"


@dataclass(frozen=True)
class ScoreSpec:
    """A run to score on a dataset's test videos, which a protocol chooses."""

    run: str
    data: str
    protocol: str

    @property
    def name(self) -> str:
        return f"{self.run}-on-{self.data}"

    @property
    def step(self) -> str:
        """The name of scoring it, as progress reports it."""
        return f"score {self.name}"


@dataclass(frozen=True)
class Experiments:
    """Everything that some tables need, each thing once."""

    tables: tuple[str, ...]
    runs: tuple[RunSpec, ...]
    scores: tuple[ScoreSpec, ...]


def held_out(category: str) -> str:
    """Name of the run that is trained without a category of FakeAVCeleb."""
    return f"{_HELD_OUT_PREFIX}{category}"


def list_experiments(tables: Sequence[str], with_kodf: bool) -> Experiments:
    """The experiments for some tables, or for `all` of them.

    Without KoDF its columns stay empty. Table 3, which has no others, is then left out of `all`.

    Raises:
        SettingsError: a table is unknown, or has no columns without KoDF.
    """
    chosen = _choose_tables(tables, with_kodf)
    runs: dict[str, RunSpec] = {}
    scores: dict[str, ScoreSpec] = {}
    for table in chosen:
        for run, data in _needs(table, with_kodf):
            runs.setdefault(run, RunSpec(run, settings_of(run)))
            # Several tables share the full method: `setdefault` keeps one run and one scoring of
            # it.
            protocol = _KODF_SUBSET if data == KODF else _protocol(run)
            spec = ScoreSpec(run, data, protocol)
            scores.setdefault(spec.name, spec)
    return Experiments(
        tables=chosen,
        runs=tuple(runs.values()),
        scores=tuple(scores.values()),
    )


def settings_of(run: str) -> tuple[str, ...]:
    """The settings that make a run, its protocol among them."""
    return (*_SETTINGS.get(run, ()), f"data.protocol={_protocol(run)}")


def _choose_tables(tables: Sequence[str], with_kodf: bool) -> tuple[str, ...]:
    everything = "all" in tables
    chosen = NAMES if everything else tuple(dict.fromkeys(tables))
    for table in chosen:
        if table not in NAMES:
            raise SettingsError(f"{table!r} is unknown; use {', '.join(NAMES)} or all")
    # Whoever asks for table 3 by name is told; with `all` it is left out.
    if with_kodf or "table3" not in chosen:
        return chosen
    if everything:
        return tuple(table for table in chosen if table != "table3")
    raise SettingsError("table3 is about KoDF: give its shards (kodf)")


def _needs(table: str, with_kodf: bool) -> list[tuple[str, str]]:
    """(run, dataset) pairs of a table."""
    if table == FIGURE_3:
        return [(run, FAKEAVCELEB) for run in FIGURE_3_RUNS.values()]
    if table == "table2":
        return [(held_out(category), FAKEAVCELEB) for category in CATEGORIES]
    # Tables that are about a single dataset; the others have columns for both.
    only = {"table1": [FAKEAVCELEB], "table3": [KODF]}
    datasets = only.get(table, [FAKEAVCELEB, KODF])
    if not with_kodf:
        datasets = [data for data in datasets if data != KODF]
    runs = TABLES[table].run_of.values()
    return [(run, data) for run in runs for data in datasets]


def _protocol(run: str) -> str:
    category = run.removeprefix(_HELD_OUT_PREFIX)
    if category in CATEGORIES:
        return f"fakeavceleb-leave-one-out/{category}"
    return ETHNIC_PROTOCOL
