"""`avdf.reproduce`: what is refused, and how the plan is reported."""

from pathlib import Path

import pytest

import avdf
from avdf.cache.core.errors import SettingsError
from avdf.model.reproduce.costs import Cost
from avdf.reproducing import time_words


def test_shards_of_fakeavceleb_are_needed(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="fakeavceleb: give"):
        avdf.reproduce(["table1"], tmp_path / "out")


def test_an_unknown_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="'table9' is unknown"):
        avdf.reproduce(["table9"], tmp_path / "out")


def test_a_run_for_an_unknown_row_is_refused(shards: Path, tmp_path: Path) -> None:
    options = avdf.ReproduceOptions(fakeavceleb=shards, runs={"replacing": "run"})
    with pytest.raises(SettingsError, match="these tables have no run of that name"):
        avdf.reproduce(["table1"], tmp_path / "out", options)


def test_a_number_of_workers_is_checked_when_the_options_are_built() -> None:
    with pytest.raises(SettingsError, match="workers -1"):
        avdf.ReproduceOptions(workers=-1)


def test_only_shards_that_are_given_are_used() -> None:
    options = avdf.ReproduceOptions(kodf="kodf-shards")
    assert options.shards == {"kodf": Path("kodf-shards")}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (45.2, "45 s"),
        (720.0, "12 min"),
        (12_240.0, "3.4 h"),
    ],
)
def test_times_are_given_in_a_fitting_unit(seconds: float, words: str) -> None:
    assert time_words(seconds) == words


def test_the_result_names_the_folder_of_the_tables(tmp_path: Path) -> None:
    text = str(avdf.ReproduceResult(tmp_path, (), {"table1": "| |"}))
    assert (
        text
        == f"tables: {tmp_path}; each run's report: {tmp_path}/scores/*/report.html"
    )


PLAN = (Cost("train full", 1, 120.0, done=False), Cost("score full", 0, 0.0, done=True))


def test_a_plan_prints_each_step_and_what_is_left() -> None:
    assert str(avdf.ReproduceResult(Path("out"), PLAN, {})).splitlines() == [
        "train full: 1 segment, about 2 min",
        "score full: done",
        "in all about 2 min on this machine, by a few measured steps "
        "(reading and starting not counted)",
    ]


def test_a_plan_is_one_line_as_an_object() -> None:
    text = repr(avdf.ReproduceResult(Path("out"), PLAN, {}))
    assert text == "out: plan of 2 steps, 1 to do in about 2 min"
