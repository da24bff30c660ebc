"""Training: what a run leaves, that it repeats, and that it resumes to the bit after a kill."""

import json
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import torch
from safetensors.torch import load_file, save_file

from avdf.cache.core.errors import RunError, SettingsError, ShardError, WeightsError
from avdf.cache.machine.device import choose_device
from avdf.model.backbones.pixels import normalise_pixels
from avdf.model.detector import Detector
from avdf.model.inference.precision import choose_precision
from avdf.model.runs.checkpoint import FORMAT
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.config import DataSettings, RunConfig, TrainingSettings
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.folder import RunFolder
from avdf.model.runs.loaded import load_run
from avdf.model.runs.log import read_log
from avdf.model.training.progress import TrainProgress
from avdf.model.training.start import train
from avdf.model.training.training_set import load_training_set

LOSSES = (
    "loss",
    "visual",
    "audio",
    "video",
    "matching",
    "matched_distance",
    "mismatched_distance",
)


def losses_of(run: Path) -> list[dict[str, object]]:
    return [
        {name: line[name] for name in ("step", "epoch", "rate", *LOSSES)}
        for line in read_log(run / "log.jsonl")
    ]


def test_a_run_folder_explains_itself(run: Path, tiny_config: RunConfig) -> None:
    lines = read_log(run / "log.jsonl")
    assert [line["step"] for line in lines] == list(range(1, 7)) and {
        line["epoch"] for line in lines
    } == {1, 2}
    assert all(isinstance(line[name], float) for line in lines for name in LOSSES)
    assert RunFolder(run).read_config() == tiny_config
    epochs = read_log(run / "epochs.jsonl")
    assert len(epochs) == 2
    of_verdicts = {
        f"{figure}_{name}"
        for figure in ("auc", "loss", "accuracy")
        for name in ("visual", "audio", "video")
    }
    of_matching = {
        "matching_zero",
        "matched_distance",
        "mismatched_distance",
        "within_visual",
        "within_audio",
    }
    others = {"epoch", "step", "auc_sync"}
    assert set(epochs[0]) == others | of_verdicts | of_matching
    for name in ("best", "last"):
        info = read_checkpoint_info(run / name)
        assert info.config == tiny_config and info.thresholds.origin == "validation"
        assert {key: value.weights for key, value in info.backbones.items()} == {
            "clip": "demo",
            "whisper": "demo",
        }
        assert all(len(value.sha256) == 64 for value in info.backbones.values())


def test_a_checkpoint_holds_only_what_learns(run: Path, tiny_config: RunConfig) -> None:
    tensors = {
        name
        for name in load_file(run / "best.safetensors")
        if not name.startswith("validation/")
    }
    assert tensors == set(Detector(tiny_config.model).trainable_state())
    assert not any("backbone" in name for name in tensors)


def test_training_changes_what_learns_and_nothing_else(
    run: Path,
    tiny_config: RunConfig,
) -> None:
    fresh, trained = Detector(tiny_config.model), load_run(run, "last", "cpu").detector
    before, after = fresh.trainable_state(), trained.trainable_state()
    assert all((before[name] != after[name]).any() for name in before)
    assert {k: v.sha256 for k, v in fresh.backbones.items()} == {
        k: v.sha256 for k, v in trained.backbones.items()
    }


def test_the_same_seed_gives_the_same_losses_to_the_bit(
    run: Path,
    shards: Path,
    tiny_config: RunConfig,
    tmp_path: Path,
) -> None:
    train(shards, tmp_path / "again", tiny_config)
    assert losses_of(tmp_path / "again") == losses_of(run)
    other = replace(
        tiny_config,
        training=replace(tiny_config.training, seed=5, epochs=1),
    )
    train(shards, tmp_path / "other", other)
    assert losses_of(tmp_path / "other") != losses_of(run)[:3]


class Killed(BaseException):
    pass


@pytest.mark.parametrize("step", [2, 3, 4, 6])
def test_stopped_and_resumed_it_is_the_run_that_was_not_stopped(
    step: int,
    run: Path,
    shards: Path,
    tiny_config: RunConfig,
    tmp_path: Path,
) -> None:
    def stop(progress: TrainProgress) -> None:
        if progress.step == step and not progress.validation:
            raise Killed

    config = replace(
        tiny_config,
        training=replace(tiny_config.training, checkpoint_steps=1),
    )
    with pytest.raises(Killed):
        train(shards, tmp_path / "run", config, on_progress=stop)
    train(shards, tmp_path / "run", config, resume=True)
    assert losses_of(tmp_path / "run") == losses_of(run)
    assert read_log(tmp_path / "run" / "epochs.jsonl") == read_log(run / "epochs.jsonl")
    one, other = (
        load_file(folder / "last.safetensors") for folder in (run, tmp_path / "run")
    )
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_killed_for_good_and_resumed_it_is_the_run_that_was_not(
    run: Path,
    shards: Path,
    tiny_config: RunConfig,
    tmp_path: Path,
) -> None:
    """SIGKILL at whatever instant: nothing is caught, nothing is tidied up."""
    folder = tmp_path / "run"
    config = replace(
        tiny_config,
        training=replace(tiny_config.training, checkpoint_steps=1),
    )
    (tmp_path / "config.toml").write_text(
        "".join(
            f"[{section}]\n"
            + "".join(
                f"{name} = {json.dumps(value)}\n" for name, value in values.items()
            )
            for section, values in config.as_dict().items()
        ),
        encoding="utf-8",
    )
    words = (
        "train",
        str(shards),
        "--out",
        str(folder),
        "--config",
        str(tmp_path / "config.toml"),
    )
    process = subprocess.Popen(
        (sys.executable, "-m", "avdf.cli.main", *words),
        stderr=subprocess.DEVNULL,
    )
    while len(read_log(folder / "log.jsonl")) < 4:
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    train(shards, folder, config, resume=True)
    assert losses_of(folder) == losses_of(run)
    assert not list(folder.rglob("*.partial"))


def test_curves_and_tensorboard_tell_what_the_log_tells(
    run: Path,
    shards: Path,
    tiny_config: RunConfig,
    tmp_path: Path,
) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    picture = ElementTree.fromstring((run / "curves.svg").read_text(encoding="utf-8"))
    texts = {
        element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")
    }
    assert {
        "loss",
        "distance",
        "learning rate",
        "validation AUC",
        "matched",
        "mismatched",
        "visual",
    } <= texts
    train(shards, tmp_path / "run", tiny_config, tensorboard=True)
    events = EventAccumulator(str(tmp_path / "run" / "tensorboard"))
    events.Reload()
    for name, key in (
        ("training/loss", "loss"),
        ("training/matched_distance", "matched_distance"),
    ):
        told = [(event.step, event.value) for event in events.Scalars(name)]
        assert told == [
            (line["step"], pytest.approx(line[key], rel=1e-6))
            for line in read_log(tmp_path / "run" / "log.jsonl")
        ]
    assert [event.step for event in events.Scalars("validation/auc_video")] == [3, 6]


def test_without_tensorboard_it_is_said_before_anything_begins(
    shards: Path,
    tiny_config: RunConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("avdf.model.training.tensorboard.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"pip install 'avdf\[tensorboard\]'"):
        train(shards, tmp_path / "run", tiny_config, tensorboard=True)
    assert not (tmp_path / "run").exists()


def test_paired_training_runs(
    shards: Path,
    tiny_config: RunConfig,
    tmp_path: Path,
) -> None:
    paired = replace(tiny_config, data=replace(tiny_config.data, sampling="paired"))
    train(
        shards,
        tmp_path / "run",
        replace(paired, training=replace(paired.training, epochs=1)),
    )
    assert len(read_log(tmp_path / "run" / "log.jsonl")) == 3  # six fakes, two a batch


def test_the_papers_schedule() -> None:
    config = load_config(None)
    assert (config.training.epochs, config.data.batch_size, config.data.sampling) == (
        15,
        16,
        "balanced",
    )
    rates = [config.training.rate(epoch) for epoch in range(1, 16)]
    assert rates == pytest.approx([1e-4] * 11 + [1e-5] * 4)
    assert (config.training.alpha, config.training.beta, config.training.gamma) == (
        2.0,
        2.0,
        1.0,
    )


def test_frames_are_normalised_as_clip_wants_them() -> None:
    frames = torch.randint(0, 256, (1, 16, 4, 4, 3), dtype=torch.uint8)
    mean, deviation = (
        torch.tensor([0.48145466, 0.4578275, 0.40821073]),
        torch.tensor([0.26862954, 0.26130258, 0.27577711]),
    )
    wanted = ((frames.float() / 255 - mean) / deviation).permute(0, 1, 4, 2, 3)
    torch.testing.assert_close(normalise_pixels(frames), wanted, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["training.epoch=3"], "did you mean epochs"),
        (["training.epochs=three"], "training.epochs"),
        (["training.epochs=0"], "at least 1"),
        (["model.visual_prompt_mode=other"], "'sequential' or 'replace'"),
        (["nothing.epochs=3"], "no section 'nothing'"),
        (["epochs=3"], "section.key=value"),
        (["data.sampling=odd"], "data.sampling"),
        (["model.visual_prompts=-1"], "must be 0 to 1024"),
    ],
)
def test_a_wrong_setting_is_one_sentence(settings: list[str], message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        load_config(None, settings)
    assert "\n" not in str(caught.value)


def test_settings_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text(
        '[model]\nclip_weights = "random"\n[training]\nepochs = 3\n',
        encoding="utf-8",
    )
    config = load_config(file, ["training.epochs=4"])
    assert config.model.clip_weights == "random" and config.training.epochs == 4
    assert config.data == DataSettings() and config.training == TrainingSettings(
        epochs=4
    )
    for text, message in (
        ("epochs", "not TOML"),
        ("[training]\nx = 1\n", "no setting 'x'"),
    ):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(SettingsError, match=message):
            load_config(file)
    with pytest.raises(SettingsError, match="No such file"):
        load_config(tmp_path / "none.toml")


def test_a_run_resumes_on_the_same_videos_alone(
    shards: Path,
    tiny_config: RunConfig,
    tmp_path: Path,
) -> None:
    train(shards, tmp_path / "run", tiny_config)
    kept = (tmp_path / "run" / "protocol.csv").read_text(encoding="utf-8")
    assert kept.startswith("id,split\n") and len(kept.splitlines()) == 19
    fewer = tmp_path / "fewer"
    fewer.mkdir()
    for path in sorted(shards.glob("shard-*.h5"))[:-1]:
        shutil.copy(path, fewer)
    with pytest.raises(RunError, match="list other videos than when this run began"):
        train(fewer, tmp_path / "run", tiny_config, resume=True)
    assert (tmp_path / "run" / "protocol.csv").read_text(encoding="utf-8") == kept


def test_a_run_is_not_overwritten(
    run: Path,
    shards: Path,
    tiny_config: RunConfig,
) -> None:
    with pytest.raises(RunError, match="holds a run already"):
        train(shards, run, tiny_config)


def test_shards_without_training_videos(
    shards: Path,
    tmp_path: Path,
    tiny_config: RunConfig,
) -> None:
    with pytest.raises(ShardError, match="no shards here"):
        train(tmp_path, tmp_path / "run", tiny_config)
    assert not (tmp_path / "run").exists()
    data = load_training_set(shards, tiny_config)
    assert (len(data.train), len(data.val), data.assignment.title) == (
        9,
        3,
        "splits given by the dataset",
    )


def test_a_loss_that_is_not_finite_stops_the_run_with_its_videos(
    shards: Path,
    tiny_config: RunConfig,
    tmp_path: Path,
) -> None:
    config = replace(
        tiny_config,
        training=replace(tiny_config.training, learning_rate=1e30),
    )
    with pytest.raises(
        RunError,
        match=r"step \d+: a loss is not finite .* the batch was p\d_",
    ):
        train(shards, tmp_path / "run", config)


def test_checkpoints_that_cannot_be_used(run: Path, tmp_path: Path) -> None:
    def copy(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for file in run.iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
        return folder

    info = json.loads((run / "best.json").read_text(encoding="utf-8"))
    tensors = load_file(run / "best.safetensors")

    def changed(name: str, **change: object) -> Path:
        folder, text = copy(name), json.dumps({**info, **change})
        save_file(
            tensors,
            folder / "best.safetensors",
            {"format": str(change.get("format", FORMAT)), "info": text},
        )
        return folder

    other = json.loads(json.dumps(info["backbones"]))
    other["clip"]["sha256"] = "0" * 64
    for folder, error, message in (
        (changed("version", format_version=9), RunError, "version 9"),
        (changed("format", format="other"), RunError, "not a checkpoint"),
        (
            changed("keys", epoch=None, thresholds={"odd": 1}),
            RunError,
            "cannot be read",
        ),
        (changed("backbone", backbones=other), WeightsError, "give the same weights"),
    ):
        with pytest.raises(error, match=message):
            load_run(folder, device="cpu")
    assert load_run(changed("unchanged"), device="cpu").info.step == info["step"]
    folder = copy("damaged")
    (folder / "best.safetensors").write_bytes(b"\x80\x04pickle")
    with pytest.raises(RunError, match="cannot be read"):
        load_run(folder, device="cpu")
    with pytest.raises(RunError, match="no such run"):
        load_run(tmp_path / "nowhere")
    (folder / "best.safetensors").unlink()
    with pytest.raises(RunError, match="no checkpoint best; there are last"):
        load_run(folder, device="cpu")
    (folder / "last.safetensors").unlink()
    with pytest.raises(RunError, match="no checkpoint here"):
        load_run(folder, device="cpu")


def test_devices() -> None:
    assert choose_device("cpu").type == "cpu"
    assert choose_precision("bfloat16", torch.device("cpu")) is torch.bfloat16
    with pytest.raises(SettingsError, match="unknown"):
        choose_device("abacus")
    if not torch.cuda.is_available():
        with pytest.raises(SettingsError, match="no CUDA device"):
            choose_device("cuda")


def test_a_run_without_a_checkpoint_begins_again(
    run: Path,
    shards: Path,
    tiny_config: RunConfig,
    tmp_path: Path,
) -> None:
    RunFolder(tmp_path / "run").create(tiny_config)
    (tmp_path / "run" / "log.jsonl").write_text('{"step": 1}\n{"st', encoding="utf-8")
    train(shards, tmp_path / "run", tiny_config)
    assert losses_of(tmp_path / "run") == losses_of(run)
