"""`avdf.train`."""

from pathlib import Path

import pytest

import avdf
from avdf.cache.core.errors import RunError, SettingsError, ShardError
from avdf.events import Event
from avdf.result_text import describe_validation
from avdf.training import can_resume
from tests.helpers.tiny_run import TINY_SETTINGS

TINY = avdf.TrainOptions(settings=TINY_SETTINGS)


def test_an_unknown_setting_is_refused_when_the_options_are_built() -> None:
    with pytest.raises(SettingsError, match="did you mean epochs"):
        avdf.TrainOptions(settings=("training.epoch=1",))


@pytest.mark.parametrize(
    "options",
    [{"backbones": "demo"}, {"settings": ("training.seed=1",)}, {"config": "a.toml"}],
)
def test_a_resumed_run_keeps_its_own_configuration(options: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="continues with its own configuration"):
        avdf.TrainOptions(resume=True, **options)  # type: ignore[arg-type]


def test_settings_override_the_file_and_the_preset(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("[training]\nepochs = 4\nseed = 7\n", encoding="utf-8")
    options = avdf.TrainOptions(file, ("training.epochs=5",), backbones="demo")
    config = options.run_config()
    assert (config.training.epochs, config.training.seed, config.model.clip) == (
        5,
        7,
        "demo",
    )


def test_a_run_is_trained_and_described(shards: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    result = avdf.train(shards, tmp_path / "run", TINY, events.append)
    lines = str(result).splitlines()

    assert (result.folder, result.epoch) == (tmp_path / "run", 1)
    assert lines[0].startswith("9 videos to train, 3 to validate; protocol dataset")
    assert repr(result) in lines
    assert lines[-1].startswith("threshold for the video verdict: ")
    assert result.notes
    assert can_resume(tmp_path / "run")
    notes = [str(event) for event in events if isinstance(event, avdf.Note)]
    assert len(notes) == 1 and notes[0].startswith("epoch 1: validation AUC video ")
    assert isinstance(events[0], avdf.Progress) and events[0].task == "train"


def test_a_folder_with_a_run_is_not_trained_into(shards: Path, run: Path) -> None:
    with pytest.raises(RunError, match="holds a run already"):
        avdf.train(shards, run, TINY)


def test_shards_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ShardError, match="no such folder"):
        avdf.train(tmp_path / "nowhere", tmp_path / "run", TINY)


def test_a_folder_without_a_checkpoint_cannot_be_resumed(tmp_path: Path) -> None:
    assert not can_resume(tmp_path)


def test_validation_is_described_by_the_auc_of_each_verdict() -> None:
    figures = {"auc_video": 0.5, "auc_visual": None, "auc_audio": 1.0}
    assert (
        describe_validation(figures) == "AUC video 0.500, visual unknown, audio 1.000"
    )
