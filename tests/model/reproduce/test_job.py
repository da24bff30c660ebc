"""A run that is given for a table must match its row: settings, datasets, splits, epochs."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from avdf.cache.core.errors import SettingsError
from avdf.model.reproduce.comparison import Comparison, write_comparison
from avdf.model.reproduce.experiments import (
    FAKEAVCELEB,
    Experiments,
    RunSpec,
    ScoreSpec,
)
from avdf.model.reproduce.finished import is_scored, mark_as_scored
from avdf.model.reproduce.job import run_experiments
from avdf.model.reproduce.matching_run import check_run_matches
from avdf.model.reproduce.result_table import Cell
from avdf.model.reproduce.workspace import DISTANCES_FILE, Workspace
from avdf.model.runs.config import RunConfig
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.loaded import load_run
from avdf.model.runs.run_splits import splits_in_training
from avdf.model.scoring.choice import choose
from tests.helpers.checkpoints import copy_run
from tests.helpers.command import call

SPEC = RunSpec("full", ())


def test_what_differs_is_named(run: Path, shards: Path, tiny_config: RunConfig) -> None:
    folder = RunFolder(run)
    check_run_matches(SPEC, folder, tiny_config, shards, given=True)
    seed = replace(tiny_config.training, seed=5)
    check_run_matches(
        SPEC,
        folder,
        replace(tiny_config, training=seed),
        shards,
        given=True,
    )
    training, model = tiny_config.training, tiny_config.model
    for asked, told in (
        (
            replace(tiny_config, training=replace(training, epochs=15)),
            "training.epochs = 2, the row needs 15",
        ),
        (
            replace(tiny_config, training=replace(training, matching_loss=False)),
            "training.matching_loss = True",
        ),
        (
            replace(tiny_config, training=replace(training, alpha=1.0)),
            "training.alpha = 2.0",
        ),
        (
            replace(tiny_config, model=replace(model, branches="audio")),
            "model.branches = 'both'",
        ),
        (
            replace(
                tiny_config,
                data=replace(tiny_config.data, protocol="identity-disjoint"),
            ),
            r"the row needs 'identity-disjoint': \d+ videos are in other splits \(p\d_.*.mp4: ",
        ),
    ):
        with pytest.raises(SettingsError, match=told):
            check_run_matches(SPEC, folder, asked, shards, given=True)


def test_a_run_of_another_dataset_is_refused(
    run: Path,
    shards: Path,
    tiny_config: RunConfig,
    tmp_path: Path,
) -> None:
    other = copy_run(
        run, tmp_path / "run", lambda info: info["data"].update(datasets={"kodf": 9})
    )
    with pytest.raises(
        SettingsError,
        match="trained with videos of kodf, the row needs manifest",
    ):
        check_run_matches(SPEC, RunFolder(other), tiny_config, shards, given=True)


def test_a_run_that_started_from_another_one_is_refused(
    run: Path,
    shards: Path,
    tiny_config: RunConfig,
    tmp_path: Path,
) -> None:
    origin = {"path": "first/best.safetensors", "sha256": "0" * 64, "epoch": 3}
    other = copy_run(
        run, tmp_path / "run", lambda info: info.update(started_from=origin)
    )
    with pytest.raises(
        SettingsError, match=r"the tensors of first/best.safetensors at its start"
    ):
        check_run_matches(SPEC, RunFolder(other), tiny_config, shards, given=True)


def test_a_last_epoch_that_is_half_done_is_not_done(
    run: Path,
    shards: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = Experiments((), (SPEC,), ())
    began: list[bool] = []
    monkeypatch.setattr(
        "avdf.model.reproduce.job.train", lambda *_, resume, **__: began.append(resume)
    )
    run_experiments(
        plan, Workspace(tmp_path, {FAKEAVCELEB: shards}, runs={"full": run})
    )
    assert began == []
    half = copy_run(
        run, tmp_path / "run", lambda info: info.update(validation={}), ("last",)
    )
    run_experiments(
        plan, Workspace(tmp_path, {FAKEAVCELEB: shards}, runs={"full": half})
    )
    assert began == [True]


def test_scores_of_an_older_version_are_made_again(
    run: Path, shards: Path, tmp_path: Path
) -> None:
    """Their file has the distances of each type and no `sync`."""
    spec = ScoreSpec("full", FAKEAVCELEB, "dataset")
    workspace = Workspace(tmp_path, {FAKEAVCELEB: shards}, runs={"full": run})
    folder = workspace.score_folder(spec)
    folder.mkdir(parents=True)
    np.savez(folder / DISTANCES_FILE, RVRA=np.array([0.1]))
    mark_as_scored(spec, workspace)
    assert not is_scored(spec, workspace)
    write_comparison(folder / DISTANCES_FILE, Comparison({}, {}))
    assert is_scored(spec, workspace)


def test_a_cell_shows_both_accuracies() -> None:
    assert (
        Cell(93.61, 88.0, 97.0, 89.42).as_text(exact=False)
        == "93.6 (88.0–97.0); at 0.5: 89.4"
    )
    assert Cell(93.61).as_text(exact=True) == "93.61"


def test_the_runs_own_table_says_who_was_trained_on(
    run: Path,
    shards: Path,
    tmp_path: Path,
) -> None:
    """The configuration is edited after training: the splits of training stay known."""
    loaded = load_run(run, device="cpu")
    assert (
        choose(loaded, shards, "test").trained_on,
        choose(loaded, shards, "test").notes,
    ) == (
        0,
        (),
    )
    table = tmp_path / "p.csv"
    rows = (run / "protocol.csv").read_text(encoding="utf-8").replace(",train", ",swap")
    table.write_text(
        rows.replace(",test", ",train").replace(",swap", ",test"),
        encoding="utf-8",
    )
    data = replace(loaded.info.config.data, protocol=str(table))
    edited = replace(
        loaded,
        info=replace(loaded.info, config=replace(loaded.info.config, data=data)),
    )
    chosen = choose(edited, shards, "test")
    assert len(chosen.videos) == chosen.trained_on == 9
    assert "does not split these videos as when the run was trained" in chosen.notes[0]
    code, text = call("score", run, shards, "--split", "train", "--out", tmp_path / "s")
    assert (
        code == 0
        and "9 of these videos were in this run's training or validation" in text
    )


def test_a_changed_or_missing_table_is_said(
    run: Path,
    shards: Path,
    tmp_path: Path,
) -> None:
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    loaded = load_run(copy, device="cpu")
    table = loaded.folder.protocol
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace(",val", ",test"), encoding="utf-8")
    assert (
        "is not the table that training wrote"
        in choose(loaded, shards, "test").notes[0]
    )
    table.unlink()
    assert choose(loaded, shards, "test").notes == ()  # computed again, it is the same
    info = replace(loaded.info, data={**loaded.info.data, "protocol": {"sha256": "x"}})
    found = splits_in_training(
        loaded.folder, info, [video.info for video in choose(loaded, shards, "").videos]
    )
    assert "is missing: the splits of training are computed again" in found.note
