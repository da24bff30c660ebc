"""The experiments that the paper's tables need, each once."""

from dataclasses import replace
from pathlib import Path

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.model.reproduce.experiments import (
    FAKEAVCELEB,
    KODF,
    RunSpec,
    ScoreSpec,
    list_experiments,
    settings_of,
)
from avdf.model.reproduce.published import TABLES
from avdf.model.reproduce.workspace import Workspace
from avdf.model.runs.config_sources import load_config


def test_a_run_that_two_tables_need_is_listed_once() -> None:
    experiments = list_experiments(["table1", "table4"], with_kodf=False)
    assert [run.name for run in experiments.runs].count("full") == 1


def test_a_table_that_is_named_twice_is_listed_once() -> None:
    experiments = list_experiments(["table1", "table1"], with_kodf=False)
    assert experiments.tables == ("table1",)


def test_table_2_tests_each_category_with_a_run_that_never_saw_it() -> None:
    experiments = list_experiments(["table2"], with_kodf=False)
    for score in experiments.scores:
        category = score.run.removeprefix("without-")
        assert score.protocol == f"fakeavceleb-leave-one-out/{category}"


def test_kodf_is_scored_only_where_it_is_given() -> None:
    without = list_experiments(["table4"], with_kodf=False)
    with_kodf = list_experiments(["table4"], with_kodf=True)
    assert {score.data for score in without.scores} == {FAKEAVCELEB}
    assert {score.data for score in with_kodf.scores} == {FAKEAVCELEB, KODF}


def test_all_leaves_out_table_3_without_kodf() -> None:
    assert "table3" not in list_experiments(["all"], with_kodf=False).tables
    assert "table3" in list_experiments(["all"], with_kodf=True).tables


def test_table_3_alone_needs_kodf() -> None:
    with pytest.raises(SettingsError, match="give its shards \\(kodf\\)"):
        list_experiments(["table3"], with_kodf=False)


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(SettingsError, match="'table6' is unknown"):
        list_experiments(["table6"], with_kodf=True)


def test_a_runs_settings_end_with_its_protocol() -> None:
    assert settings_of("full") == ("data.protocol=fakeavceleb-ethnic",)
    assert settings_of("segment-level")[0] == "training.level=segment"


def test_figure_3_needs_the_papers_two_losses_and_infonce() -> None:
    experiments = list_experiments(["figure3"], with_kodf=False)
    assert [run.name for run in experiments.runs] == [
        "segment-level",
        "full",
        "infonce",
    ]
    assert {score.data for score in experiments.scores} == {FAKEAVCELEB}


@pytest.mark.parametrize("table", TABLES)
def test_no_table_trains_the_run_with_infonce(table: str) -> None:
    experiments = list_experiments([table], with_kodf=True)
    assert "infonce" not in [run.name for run in experiments.runs]


def test_infonce_differs_from_the_full_method_in_the_loss_and_the_token() -> None:
    paper = load_config(None, settings_of("full"))
    config = load_config(None, settings_of("infonce"))
    assert config.training == replace(paper.training, matching="infonce")
    # The temperature comes with InfoNCE, whatever is asked for.
    model = replace(config.model, learned_temperature=False)
    assert model == replace(paper.model, align_from="class")
    assert config.data == paper.data


def test_steps_are_named_by_what_they_do() -> None:
    assert RunSpec("full", ()).step == "train full"
    assert ScoreSpec("full", KODF, "").step == "score full-on-kodf"


def test_a_given_run_is_used_where_it_is(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, {}, runs={"full": tmp_path / "mine"})
    assert workspace.run_folder("full").path == tmp_path / "mine"
    assert workspace.run_folder("replacing").path == tmp_path / "runs" / "replacing"


def test_the_settings_of_a_row_override_those_of_all_runs(tmp_path: Path) -> None:
    workspace = Workspace(
        tmp_path,
        {},
        settings=("training.level=frame", "training.seed=4"),
    )
    config = workspace.config_of(RunSpec("segment-level", settings_of("segment-level")))
    assert config.training.level == "segment"
    assert config.training.seed == 4
