"""Tables over several seeds: mean and spread, their settings and folders, and one whole call."""

import json
import math
from pathlib import Path

import pytest

import avdf
from avdf.cache.core.errors import SettingsError
from avdf.model.reproduce.experiments import (
    FAKEAVCELEB,
    Experiments,
    RunSpec,
    ScoreSpec,
)
from avdf.model.reproduce.result_table import Cell, ResultTable, TableRow
from avdf.model.reproduce.seed_table import join_seeds
from avdf.model.reproduce.workspace import METRICS_FILE, Workspace

SPEC = RunSpec("full", ("training.level=segment",))


def table(auc: float | None, accuracy: float, half: float) -> ResultTable:
    cells = {"Acc.": Cell(accuracy, 80.0, 90.0, half), "AUC": Cell(auc)}
    rows = (
        TableRow("Ours", "paper", {"AUC": Cell(99.98)}),
        TableRow("Ours", "here", cells),
    )
    return ResultTable("table1", "Table 1", ("Acc.", "AUC"), rows, (f"auc {auc}",))


def test_cells_are_mean_and_standard_deviation() -> None:
    joined = join_seeds({3: table(90.0, 81.0, 50.0), 4: table(96.0, 85.0, 60.0)})
    cells = joined.rows[1].cells
    # Two values a and b: their mean, and |a - b| / sqrt(2).
    assert cells["AUC"].value == pytest.approx(93.0)
    assert cells["AUC"].spread == pytest.approx(6 / math.sqrt(2))
    assert cells["AUC"].by_seed == (90.0, 96.0)
    assert cells["Acc."].at_half == pytest.approx(55.0)
    # An interval over videos says nothing of trainings.
    assert cells["Acc."].low is None and cells["Acc."].high is None
    assert "| Ours **(here)** | 83.0 ± 2.8; at 0.5: 55.0 | 93.0 ± 4.2 |" in (
        joined.as_markdown()
    )


def test_the_papers_rows_stay_and_notes_are_of_the_first_seed() -> None:
    joined = join_seeds({3: table(90.0, 81.0, 50.0), 4: table(96.0, 85.0, 60.0)})
    assert joined.rows[0] == table(90.0, 81.0, 50.0).rows[0]
    first, second = joined.notes
    assert "over 2 trainings (training.seed 3 to 4;" in first
    assert second == "auc 90.0"


def test_a_metric_that_a_seed_does_not_have_is_empty() -> None:
    joined = join_seeds({0: table(None, 81.0, 50.0), 1: table(96.0, 85.0, 60.0)})
    assert joined.rows[1].cells["AUC"] == Cell()


def test_seeds_count_up_from_those_of_the_settings(tmp_path: Path) -> None:
    settings = ("training.seed=7", "model.seed=2", "training.epochs=3")
    workspace = Workspace(tmp_path, {}, settings)
    found = workspace.with_seeds(3)
    configs = [one.config_of(SPEC) for one in found]
    assert [config.training.seed for config in configs] == [7, 8, 9]
    assert [config.model.seed for config in configs] == [2, 3, 4]
    # All else is as given, and as the row needs it.
    assert {config.training.epochs for config in configs} == {3}
    assert {config.training.level for config in configs} == {"segment"}
    assert configs[0] == workspace.config_of(SPEC)
    folders = [one.run_folder("full").path for one in found]
    assert folders == [
        tmp_path / "runs" / "full",
        tmp_path / "seed-8" / "runs" / "full",
        tmp_path / "seed-9" / "runs" / "full",
    ]
    steps = [one.step_of(SPEC) for one in found]
    assert steps == ["train full, seed 7", "train full, seed 8", "train full, seed 9"]


def test_one_seed_changes_nothing(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, {})
    assert workspace.with_seeds(1) == (workspace,)
    assert workspace.step_of(SPEC) == "train full"


def test_a_run_that_is_given_has_one_seed() -> None:
    with pytest.raises(SettingsError, match="a run has one seed"):
        avdf.ReproduceOptions(runs={"full": "run"}, seeds=2)


def metrics(auc: float) -> dict[str, object]:
    video = {
        "auc": auc,
        "accuracy": 0.8,
        "accuracy_at_half": 0.5,
        "interval_95": {},
        "real": 2,
        "fake": 2,
        "all_fake_accuracy": 0.5,
    }
    protocol = {"name": "one", "version": 1, "sha256": "0" * 64, "shortfall": []}
    return {"protocol": protocol, "weights_note": "", "verdicts": {"video": video}}


def test_a_whole_call_joins_what_its_seeds_have(
    shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aucs = iter([0.5, 0.75, 1.0])

    def score(experiments: Experiments, workspace: Workspace, _show: object) -> None:
        assert [spec.name for spec in experiments.runs] == ["full"]
        spec = ScoreSpec("full", FAKEAVCELEB, "")
        folder = workspace.score_folder(spec)
        folder.mkdir(parents=True)
        content = json.dumps(metrics(next(aucs)))
        (folder / METRICS_FILE).write_text(content, encoding="utf-8")

    monkeypatch.setattr("avdf.reproducing.run_experiments", score)
    monkeypatch.setattr("avdf.reproducing.estimate_costs", lambda *_: ())
    out = tmp_path / "out"
    options = avdf.ReproduceOptions(fakeavceleb=shards, seeds=3)
    result = avdf.reproduce("table1", out, options)
    assert "75.0 ± 25.0" in result.tables["table1"]
    document = json.loads((out / "table1.json").read_text(encoding="utf-8"))
    assert document["rows"][-1]["cells"]["AUC"]["by_seed"] == [50.0, 75.0, 100.0]
    own = [
        json.loads((out / f"seed-{seed}" / "table1.json").read_text(encoding="utf-8"))
        for seed in range(3)
    ]
    values = [one["rows"][-1]["cells"]["AUC"]["value"] for one in own]
    assert values == [50.0, 75.0, 100.0]
