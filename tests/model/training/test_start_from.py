"""Runs that start from another run, and runs that are resumed with more epochs."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import avdf
from avdf.cache.core.errors import RunError, SettingsError, WeightsError
from avdf.cache.files.digest import file_sha256
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.config import RunConfig
from avdf.model.runs.log import read_log
from avdf.model.training import start as training
from avdf.model.training.learner import Learner
from avdf.model.training.progress import TrainProgress
from tests.helpers.command import call


def with_training(config: RunConfig, **changes: object) -> RunConfig:
    return replace(config, training=replace(config.training, **changes))  # type: ignore[arg-type]


# Another run's tensors


@pytest.fixture(scope="module")
def first_state() -> dict[str, torch.Tensor]:
    """The trainable tensors of `started` before its first step."""
    return {}


@pytest.fixture(scope="module")
def started(
    shards: Path,
    run: Path,
    tiny_config: RunConfig,
    first_state: dict[str, torch.Tensor],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A run that starts from `run`, with averages."""
    folder = tmp_path_factory.mktemp("started") / "run"
    step = Learner.step

    def noted(learner: Learner, *batch: object) -> object:
        if not first_state:
            state = learner.detector.trainable_state()
            first_state.update({name: value.clone() for name, value in state.items()})
        return step(learner, *batch)  # type: ignore[arg-type]

    # Another seed of the detector: all of its tensors come from the other run all the same.
    config = replace(tiny_config, model=replace(tiny_config.model, seed=5))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Learner, "step", noted)
        config = with_training(config, epochs=1, ema=0.5)
        training.train(shards, folder, config, start_from=run)
    return folder


def test_a_run_starts_with_the_tensors_of_the_other_ones_best_checkpoint(
    run: Path, started: Path, first_state: dict[str, torch.Tensor]
) -> None:
    best = load_file(run / "best.safetensors")
    assert first_state and started.is_dir()
    for name, value in first_state.items():
        assert torch.equal(value, best[name])


def test_where_it_started_is_recorded_and_survives_a_resume(
    shards: Path, run: Path, started: Path, tmp_path: Path
) -> None:
    origin = read_checkpoint_info(started / "best").started_from
    assert origin is not None
    file = run / "best.safetensors"
    assert origin.path == str(file.resolve())
    assert origin.sha256 == file_sha256(file)
    assert origin.epoch == read_checkpoint_info(run / "best").epoch
    shutil.copytree(started, tmp_path / "run")
    training.train(shards, tmp_path / "run", RunConfig(), resume=True, epochs=2)
    assert read_checkpoint_info(tmp_path / "run" / "last").started_from == origin
    assert read_checkpoint_info(run / "best").started_from is None


def test_videos_that_the_other_run_has_seen_are_counted(started: Path) -> None:
    # Both runs have the same splits: 3 videos chose the best epoch of the first one.
    (note,) = [
        note
        for note in read_checkpoint_info(started / "best").notes
        if note.startswith("this run started from")
    ]
    assert "had seen 3 of the validation videos and 0 of the test videos" in note


def test_a_run_without_its_table_of_splits_is_said_to_be_unknown(
    shards: Path, run: Path, tiny_config: RunConfig, tmp_path: Path
) -> None:
    shutil.copytree(run, tmp_path / "other")
    (tmp_path / "other" / "protocol.csv").unlink()
    config = with_training(tiny_config, epochs=1)
    outcome = training.train(
        shards, tmp_path / "run", config, start_from=tmp_path / "other"
    )
    assert any("is not known: they may be among" in note for note in outcome.notes)


def test_another_detector_is_refused_by_what_differs(
    shards: Path, run: Path, tiny_config: RunConfig, tmp_path: Path
) -> None:
    model = replace(tiny_config.model, fused_dim=16, adapt="layer_norm")
    with pytest.raises(SettingsError) as caught:
        training.train(
            shards, tmp_path / "run", replace(tiny_config, model=model), start_from=run
        )
    text = str(caught.value)
    assert "model.fused_dim is 16, there 8" in text
    assert "model.adapt is 'layer_norm', there 'prompts'" in text
    assert not (tmp_path / "run").exists()


def test_other_backbone_weights_are_refused(
    shards: Path, run: Path, tiny_config: RunConfig, tmp_path: Path
) -> None:
    model = replace(tiny_config.model, clip_weights="random")
    with (
        pytest.warns(UserWarning, match="random weights"),
        pytest.raises(WeightsError, match="give the same weights"),
    ):
        training.train(
            shards, tmp_path / "run", replace(tiny_config, model=model), start_from=run
        )


def test_a_folder_without_a_run_is_refused(
    shards: Path, tiny_config: RunConfig, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match="no checkpoint here"):
        training.train(shards, tmp_path / "run", tiny_config, start_from=tmp_path)


def test_the_command_starts_from_a_run(shards: Path, run: Path, tmp_path: Path) -> None:
    code, text = call("train", shards, "--out", tmp_path / "run", "--from", run)
    assert code == 2 and "model.clip is 'ViT-B-32', there 'demo'" in text
    code, text = call(
        "train", shards, "--out", tmp_path / "run", "--from", run, "--resume"
    )
    assert code == 2 and "leave out resume or start_from" in text


# More epochs


def steps_of(folder: Path) -> list[dict[str, object]]:
    """The lines of the log without their speed, which is never the same."""
    lines = read_log(folder / "log.jsonl")
    return [
        {name: value for name, value in line.items() if name != "segments_per_second"}
        for line in lines
    ]


def test_a_run_with_more_epochs_is_the_one_that_had_them_from_the_start(
    shards: Path, tiny_config: RunConfig, tmp_path: Path
) -> None:
    # The learning rate falls in the second epoch, before and after the resume.
    long = with_training(tiny_config, epochs=3, decay_epoch=2)
    training.train(shards, tmp_path / "whole", long)
    own = tmp_path / "run"
    training.train(shards, own, with_training(long, epochs=1))

    # Interrupted and resumed without naming the number again, it goes on to the same end.
    def stop(now: TrainProgress) -> None:
        if now.epoch == 2 and now.validation:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(
            shards, own, RunConfig(), resume=True, epochs=3, on_progress=stop
        )
    training.train(shards, own, RunConfig(), resume=True)
    assert steps_of(own) == steps_of(tmp_path / "whole")
    assert {line["rate"] for line in steps_of(own)} == {1e-3, 1e-3 * 0.1}
    wanted = load_file(tmp_path / "whole" / "last.safetensors")
    found = load_file(own / "last.safetensors")
    assert wanted.keys() == found.keys()
    assert all(torch.equal(value, found[name]) for name, value in wanted.items())
    info = read_checkpoint_info(own / "last")
    assert info.planned == (1,) and info.config.training.epochs == 3
    assert read_checkpoint_info(tmp_path / "whole" / "last").planned == ()


def test_the_command_trains_a_finished_run_further(
    shards: Path, run: Path, tmp_path: Path
) -> None:
    own = tmp_path / "run"
    shutil.copytree(run, own)
    code, text = call(
        "train", shards, "--out", own, "--resume", "--set", "training.epochs=1"
    )
    assert code == 2 and "planned for 2 epochs; a resumed run can have more" in text
    more = ("--resume", "--set", "training.epochs=3")
    assert call("train", shards, "--out", own, *more)[0] == 0
    assert read_checkpoint_info(own / "last").epoch == 3
    config = json.loads((own / "config.json").read_text(encoding="utf-8"))
    assert config["training"]["epochs"] == 3
    # The same command again has nothing left to do.
    before = (own / "last.safetensors").read_bytes()
    assert call("train", shards, "--out", own, *more)[0] == 0
    assert (own / "last.safetensors").read_bytes() == before


def test_only_the_number_of_epochs_can_be_set_beside_resume() -> None:
    assert avdf.TrainOptions(resume=True, settings=("training.epochs = 9",)).epochs == 9
    assert avdf.TrainOptions(resume=True).epochs is None
    settings = ("training.epochs=9", "training.decay_epoch=7")
    with pytest.raises(SettingsError, match="continues with its own configuration"):
        avdf.TrainOptions(resume=True, settings=settings)
