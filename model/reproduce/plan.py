"""What a table needs: runs to train, shards to score with them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from avdf.cache.core.errors import SettingsError
from avdf.model.protocols.fakeavceleb import CATEGORIES
from avdf.model.protocols.kodf import ALL_DRAWS
from avdf.model.reproduce.ablations import ABLATIONS
from avdf.model.reproduce.published import TABLES

FAKEAVCELEB, KODF = "fakeavceleb", "kodf"
FIGURE_3 = "figure3"
NAMES = (*TABLES, FIGURE_3)
ETHNIC, SUBSET = "fakeavceleb-ethnic", f"kodf-subset/{ALL_DRAWS}"
FIGURE_3_RUNS = {"segment-level loss": "segment-level", "frame-level loss": "full"}  # (a) and (b)


@dataclass(frozen=True)
class RunSpec:
    """A run to train on FakeAVCeleb: its name, and what differs from the paper's full method."""

    name: str
    settings: tuple[str, ...]


@dataclass(frozen=True)
class ScoreSpec:
    """A run to be scored on a dataset's test videos under a protocol."""

    run: str
    data: str
    protocol: str

    @property
    def name(self) -> str:
        return f"{self.run}-on-{self.data}"


@dataclass(frozen=True)
class Plan:
    """Everything that the wanted tables need, each once."""

    tables: tuple[str, ...]
    runs: tuple[RunSpec, ...]
    scores: tuple[ScoreSpec, ...]


def held_out(category: str) -> str:
    """Name of the run that never saw a category."""
    return f"without-{category}"


def make_plan(tables: Sequence[str], with_kodf: bool) -> Plan:
    """The plan for tables, or `all` of them. Without KoDF its columns stay empty, and Table 3 is refused.

    Raises:
        SettingsError: an unknown table, or one that has nothing without KoDF.
    """
    wanted = NAMES if "all" in tables else tuple(dict.fromkeys(tables))
    for table in wanted:
        if table not in NAMES:
            raise SettingsError(f"{table!r} is unknown; use {', '.join(NAMES)} or all")
    if not with_kodf and "all" in tables:
        wanted = tuple(table for table in wanted if table != "table3")
    elif not with_kodf and "table3" in wanted:
        raise SettingsError("table3 is about KoDF: give its shards with --kodf")
    runs: dict[str, RunSpec] = {}
    scores: dict[str, ScoreSpec] = {}
    for table in wanted:
        for run, data in _needs(table, with_kodf):
            runs.setdefault(run, RunSpec(run, settings_of(run)))
            protocol = SUBSET if data == KODF else _protocol(run)
            spec = ScoreSpec(run, data, protocol)
            scores.setdefault(spec.name, spec)
    return Plan(wanted, tuple(runs.values()), tuple(scores.values()))


def _needs(table: str, with_kodf: bool) -> list[tuple[str, str]]:
    """(run, dataset) pairs of a table."""
    if table == FIGURE_3:
        return [(run, FAKEAVCELEB) for run in FIGURE_3_RUNS.values()]
    if table == "table2":
        return [(held_out(category), FAKEAVCELEB) for category in CATEGORIES]
    runs = TABLES[table].run_of.values()
    places = {"table1": [FAKEAVCELEB], "table3": [KODF]}.get(table, [FAKEAVCELEB, KODF])
    return [(run, data) for run in runs for data in places if data != KODF or with_kodf]


def _protocol(run: str) -> str:
    category = run.removeprefix("without-")
    return f"fakeavceleb-leave-one-out/{category}" if category in CATEGORIES else ETHNIC


def settings_of(run: str) -> tuple[str, ...]:
    """The settings that make a run, its protocol among them."""
    own: Mapping[str, tuple[str, ...]] = {name: row.settings for name, row in ABLATIONS.items()}
    return (*own.get(run, ()), f"data.protocol={_protocol(run)}")
