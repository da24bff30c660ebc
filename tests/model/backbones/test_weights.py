"""Weights and architectures that belong together, and runs that are scored as trained."""

import json
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path

import open_clip
import pytest
import torch
from safetensors.torch import save_file

from avdf.cache.core.errors import SettingsError, WeightsError
from avdf.model.backbones import (
    BackboneInfo,
    ImageEncoder,
    RandomWeightsWarning,
    load_clip,
    load_whisper,
)
from avdf.model.backbones.clip_activation import needs_quick_gelu, trained_activation
from avdf.model.config import DetectorConfig
from avdf.model.reproduce.costs import measured_config
from avdf.model.reproduce.experiments import list_experiments
from avdf.model.reproduce.workspace import Workspace
from avdf.model.runs.checkpoint_reader import read_checkpoint_info
from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.loaded import load_run
from avdf.model.training.start import train
from tests.helpers.command import call


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (["model.clip_weights=demo"], ("demo", "demo", "base", "base")),
        (["model.clip=demo"], ("demo", "demo", "base", "base")),
        (["model.whisper_weights=small"], ("ViT-B-32", "openai", "small", "small")),
        (["model.whisper=tiny.en"], ("ViT-B-32", "openai", "tiny.en", "tiny.en")),
        (
            ["model.whisper=small", "model.whisper_weights=random"],
            ("ViT-B-32", "openai", "small", "random"),
        ),
        (["model.clip=ViT-B-16"], ("ViT-B-16", "openai", "base", "base")),
        (
            ["model.whisper_weights=some/file.pt"],
            ("ViT-B-32", "openai", "base", "some/file.pt"),
        ),
    ],
)
def test_weights_and_architecture_bring_each_other_along(
    given: list[str],
    wanted: tuple[str, ...],
) -> None:
    model = load_config(None, given).model
    assert (
        model.clip,
        model.clip_weights,
        model.whisper,
        model.whisper_weights,
    ) == wanted


def test_backbones_set_what_goes_together(tmp_path: Path) -> None:
    demo = load_config(None, (), "demo").model
    assert (demo.clip, demo.clip_weights, demo.whisper, demo.whisper_weights) == (
        "demo",
    ) * 4
    assert (demo.audio_prompt_dim, demo.fused_dim, demo.head_dim) == (64, 64, 64)
    assert load_config(None, (), "paper") == RunConfig()
    assert load_config(None, ["model.head_dim=8"], "demo").model == replace(
        demo,
        head_dim=8,
    )
    file = tmp_path / "c.toml"
    file.write_text("[model]\nfused_dim = 16\n", encoding="utf-8")
    assert load_config(file, (), "demo").model == replace(demo, fused_dim=16)
    with pytest.raises(
        SettingsError,
        match="backbones 'small' is unknown; use demo or paper",
    ):
        load_config(None, (), "small")


def test_train_takes_backbones(shards: Path, tmp_path: Path) -> None:
    settings = (
        "--set",
        "training.epochs=1",
        "--set",
        "data.batch_size=4",
        "--set",
        "training.device=cpu",
    )
    code, _ = call(
        "train", shards, "--out", tmp_path / "run", "--backbones", "demo", *settings
    )
    assert code == 0
    assert (
        read_checkpoint_info(tmp_path / "run" / "best").config.model
        == load_config(None, (), "demo").model
    )
    code, text = call(
        "train", shards, "--out", tmp_path / "run", "--resume", "--backbones", "demo"
    )
    assert (
        code == 2
        and "leave out resume, or config, settings (other than training.epochs)"
        in " ".join(text.split())
    )


def test_weights_that_do_not_fit_name_the_setting(tmp_path: Path) -> None:
    for config in (
        DetectorConfig(clip_weights="demo"),
        DetectorConfig(clip="demo"),
        DetectorConfig(clip="demo", clip_weights="demo", whisper_weights="demo"),
    ):
        with pytest.raises(
            SettingsError,
            match=r"set model\.(clip|whisper)(_weights)?=demo, or use backbones demo",
        ):
            load_clip(config)
            load_whisper(config)
    save_file({"visual.proj": torch.zeros(2, 2)}, tmp_path / "odd.safetensors")
    odd = DetectorConfig(
        clip_weights=str(tmp_path / "odd.safetensors"),
        clip_activation="gelu",
    )
    with pytest.raises(
        WeightsError,
        match=r"tensors are missing.*with model\.clip=",
    ) as caught:
        load_clip(odd)
    assert len(str(caught.value)) < 300 + len(str(tmp_path))


def clip_file(name: str, path: Path) -> dict[str, torch.Tensor]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RandomWeightsWarning)
        tower = load_clip(DetectorConfig(clip=name, clip_weights="random"))[0].backbone
    save_file(
        {f"visual.{key}": value for key, value in tower.state_dict().items()}, path
    )
    return dict(tower.state_dict())


def activation_of(encoder: ImageEncoder) -> str:
    (found,) = {
        type(part).__name__
        for part in encoder.layers()[0].modules()
        if "GELU" in type(part).__name__
    }
    return found


def test_a_local_clip_file_is_not_guessed_at(tmp_path: Path) -> None:
    file = tmp_path / "laion.safetensors"
    clip_file("ViT-B-32", file)
    config = DetectorConfig(clip_weights=str(file))
    with pytest.raises(
        SettingsError,
        match=r"model\.clip_activation=quick_gelu if OpenAI.*=gelu if LAION did",
    ):
        load_clip(config)
    for wanted, name in (("gelu", "GELU"), ("quick_gelu", "QuickGELU")):
        encoder, info = load_clip(replace(config, clip_activation=wanted))  # type: ignore[arg-type]
        assert info.activation == wanted and activation_of(encoder) == name
    named, info = load_clip(replace(config, clip="ViT-B-32-quickgelu"))
    assert info.activation == "quick_gelu" and activation_of(named) == "QuickGELU"


def test_the_archive_that_openai_published_is_known(tmp_path: Path) -> None:
    with zipfile.ZipFile(
        tmp_path / "archive.pt", "w"
    ) as archive:  # as TorchScript writes it: code beside the tensors
        archive.writestr("ViT-B-32/data.pkl", b"")
        archive.writestr("ViT-B-32/code/__torch__/clip/model.py", b"")
    torch.save({"a": torch.zeros(1)}, tmp_path / "state.pt")
    settings = open_clip.get_model_config("ViT-B-32")
    config = DetectorConfig(clip_weights="file.pt")
    assert needs_quick_gelu(config, settings, tmp_path / "archive.pt")
    with pytest.raises(SettingsError, match="clip_activation"):
        needs_quick_gelu(config, settings, tmp_path / "state.pt")


def test_a_run_is_scored_with_the_activation_of_its_training() -> None:
    def info(activation: str) -> dict[str, BackboneInfo]:
        return {"clip": BackboneInfo("ViT-B-32", "x", "0", activation)}

    local, named = DetectorConfig(clip_weights="x.pt"), DetectorConfig()
    assert trained_activation(local, info("gelu")) == "gelu"
    # What training recorded counts, also where the weights are in another file now.
    assert trained_activation(named, info("quick_gelu")) == "quick_gelu"
    # Older versions recorded nothing, and took every file for OpenAI's.
    assert trained_activation(local, info("")) == "quick_gelu"
    assert trained_activation(replace(local, clip="ViT-H-14"), info("")) == "gelu"
    assert trained_activation(named, info("")) == "auto"
    assert (
        trained_activation(replace(local, clip_activation="gelu"), info("quick_gelu"))
        == "gelu"
    )


@pytest.fixture(scope="module")
def float32_run(
    shards: Path,
    tiny_config: RunConfig,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("float32") / "run"
    training = replace(tiny_config.training, epochs=1, precision="float32")
    train(shards, folder, replace(tiny_config, training=training))
    return folder


def test_a_run_is_scored_as_it_was_trained(
    float32_run: Path,
    shards: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "avdf.model.inference.precision.multiplies_bfloat16", lambda _: True
    )
    computed = read_checkpoint_info(float32_run / "best").computed
    assert computed is not None
    assert (computed.dtype, computed.device, computed.torch) == (
        "float32",
        "cpu",
        str(torch.__version__),
    )
    assert call("score", float32_run, shards, "--out", tmp_path / "as-trained")[0] == 0
    options = ("--precision", "bfloat16")
    assert (
        call("score", float32_run, shards, "--out", tmp_path / "asked", *options)[0]
        == 0
    )
    for name, dtype in (("as-trained", "float32"), ("asked", "bfloat16")):
        told = json.loads(
            (tmp_path / name / "metrics.json").read_text(encoding="utf-8")
        )["computed"]
        assert (
            told["scoring"]["dtype"] == dtype and told["training"]["dtype"] == "float32"
        )
        assert told["scoring"]["torch"] == str(torch.__version__)
    code, text = call(
        "score", float32_run, shards, "--out", tmp_path / "odd", "--precision", "float8"
    )
    assert code == 2 and "precision 'float8' is unknown" in text


def test_a_checkpoint_that_does_not_say_takes_its_configuration(
    float32_run: Path,
    tmp_path: Path,
) -> None:
    loaded = load_run(float32_run, device="cpu")
    assert loaded.computed is not None and loaded.computed.dtype == "float32"
    loaded = load_run(float32_run, device="cpu", precision="bfloat16")
    assert loaded.computed is not None and loaded.computed.dtype == "bfloat16"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("model.clip=ViT-B-31", "not an open_clip model"),
        ("model.whisper=huge", "is not known"),
        ("data.batch_size=7", "cannot be divided into 2 classes"),
        ("data.protocol=odd", "protocol 'odd' is unknown"),
        ("data.protocol=none.csv", "No such file"),
        ("training.device=meta", "cannot compute here"),
        ("model.clip=ViT-B-16", "model.clip=demo"),
    ],
)
def test_doctor_refuses_what_train_refuses(
    setting: str,
    message: str,
    shards: Path,
    tmp_path: Path,
) -> None:
    options = ("--backbones", "demo", "--set", setting)
    code, text = call("doctor", "--folder", tmp_path, *options)
    assert code == 2 and message in text
    code, trained = call("train", shards, "--out", tmp_path / "run", *options)
    assert (
        code == 2
        and message in " ".join(trained.split())
        and not (tmp_path / "run" / "log.jsonl").exists()
    )


def test_doctor_says_ok_to_what_train_takes(tmp_path: Path) -> None:
    _, text = call("doctor", "--folder", tmp_path, "--backbones", "demo")
    for name in ("training.device", "data.batch_size", "data.protocol", "model "):
        assert any(line.startswith(f"ok  {name}") for line in text.splitlines()), name


def test_reproduce_measures_the_model_of_the_run_that_was_given(
    run: Path,
    shards: Path,
    tmp_path: Path,
) -> None:
    plan = list_experiments(["table1"], with_kodf=False)
    own, given = Workspace(tmp_path, {"fakeavceleb": shards}), {"full": run}
    todo = {"score full-on-fakeavceleb": 9}
    assert measured_config(plan, own, todo).model == DetectorConfig()
    assert measured_config(plan, replace(own, runs=given), todo).model.clip == "demo"
