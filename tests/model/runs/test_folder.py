"""A run's folder: begun once, resumed from a checkpoint, held by one process."""

from pathlib import Path

import pytest

from avdf.cache.core.errors import RunError, SettingsError
from avdf.model.runs.config import RunConfig, TrainingSettings
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.log import read_log


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A run that has begun and has no checkpoint yet."""
    folder = RunFolder(tmp_path / "run")
    folder.create(RunConfig())
    return folder


def add_checkpoint(checkpoint: Path) -> None:
    checkpoint.with_suffix(".safetensors").touch()


def test_a_new_run_keeps_its_configuration(tmp_path: Path) -> None:
    config = RunConfig(training=TrainingSettings(seed=3))
    folder = RunFolder(tmp_path / "run")
    folder.create(config)
    assert folder.read_config() == config


def test_a_run_without_a_checkpoint_begins_anew(folder: RunFolder) -> None:
    folder.log.write_text('{"step": 1}\n{"st', encoding="utf-8")
    folder.create(RunConfig(training=TrainingSettings(seed=4)))
    assert folder.read_config().training.seed == 4
    assert read_log(folder.log) == []


@pytest.mark.parametrize("name", ["best", "last"])
def test_a_run_with_a_checkpoint_is_not_overwritten(
    folder: RunFolder,
    name: str,
) -> None:
    add_checkpoint(folder.path / name)
    with pytest.raises(
        RunError, match="holds a run already; resume it, or use another"
    ):
        folder.create(RunConfig())


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SettingsError):
        RunFolder(tmp_path).create(RunConfig())
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_run_with_a_last_checkpoint_can_be_resumed(folder: RunFolder) -> None:
    add_checkpoint(folder.last)
    folder.check_resumable()


def test_a_run_without_checkpoints_is_to_begin_anew(folder: RunFolder) -> None:
    with pytest.raises(RunError, match="train without resume to begin anew"):
        folder.check_resumable()


def test_a_run_with_only_its_best_checkpoint_is_to_go_elsewhere(
    folder: RunFolder,
) -> None:
    add_checkpoint(folder.best)
    with pytest.raises(RunError, match="train without resume, in another output"):
        folder.check_resumable()


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no run here \(no config.json\)"):
        RunFolder(tmp_path).read_config()


def test_logs_are_cut_back_to_a_step(folder: RunFolder) -> None:
    lines = "".join(f'{{"step": {step}}}\n' for step in (1, 2, 3))
    for log in (folder.log, folder.epochs, folder.damaged):
        log.write_text(lines, encoding="utf-8")
    folder.forget_after(2)
    for log in (folder.log, folder.epochs, folder.damaged):
        assert [line["step"] for line in read_log(log)] == [1, 2]


def test_logs_that_are_missing_are_not_created(folder: RunFolder) -> None:
    folder.forget_after(0)
    assert not folder.log.exists()


def test_one_process_holds_the_folder(folder: RunFolder) -> None:
    with (
        folder.locked(),
        pytest.raises(RunError, match="another process"),
        folder.locked(),
    ):
        pass


def test_the_folder_is_free_after_it_was_held(folder: RunFolder) -> None:
    for _ in range(2):
        with folder.locked():
            pass


def test_the_checkpoint_of_an_epoch_is_named_by_its_number(folder: RunFolder) -> None:
    assert folder.of_epoch(3).name == "epoch-03"


def test_files_that_are_written_whole_are_listed(folder: RunFolder) -> None:
    names = set(folder.written)
    assert {
        "best.safetensors",
        "last.json",
        "epoch-*",
        "log.jsonl",
        "protocol.csv",
    } <= names
