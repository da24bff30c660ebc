"""Where a run's configuration comes from: defaults, presets, a TOML file, single settings."""

import json
from pathlib import Path

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.model.runs.config import DataSettings, RunConfig, TrainingSettings
from avdf.model.runs.config_sources import load_config, read_config, run_config


def test_the_defaults_are_the_papers_schedule() -> None:
    config = load_config(None)
    assert config.training.epochs == 15
    assert config.data.batch_size == 16
    assert config.data.sampling == "balanced"
    assert (config.training.alpha, config.training.beta, config.training.gamma) == (
        2.0,
        2.0,
        1.0,
    )


def test_the_learning_rate_decays_in_the_last_four_epochs() -> None:
    training = TrainingSettings()
    rates = [training.rate(epoch) for epoch in range(1, 16)]
    assert rates == pytest.approx([1e-4] * 11 + [1e-5] * 4)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_a_file_overrides_the_defaults(file: Path) -> None:
    file.write_text('[model]\nclip_weights = "random"\n', encoding="utf-8")
    config = load_config(file)
    assert config.model.clip_weights == "random"
    assert config.data == DataSettings()


def test_a_single_setting_overrides_the_file(file: Path) -> None:
    file.write_text("[training]\nepochs = 3\nseed = 7\n", encoding="utf-8")
    config = load_config(file, ["training.epochs=4"])
    assert config.training == TrainingSettings(epochs=4, seed=7)


def test_a_file_overrides_the_preset(file: Path) -> None:
    file.write_text("[model]\nhead_dim = 9\n", encoding="utf-8")
    config = load_config(file, backbones="demo")
    assert config.model.clip == "demo"
    assert (config.model.fused_dim, config.model.head_dim) == (64, 9)


def test_the_last_of_two_equal_settings_wins() -> None:
    config = load_config(None, ["training.seed=1", "training.seed=2"])
    assert config.training.seed == 2


def test_text_needs_no_quotes() -> None:
    assert load_config(None, ["data.protocol=dataset"]) == load_config(
        None, ['data.protocol="dataset"']
    )


@pytest.mark.parametrize(
    ("setting", "architecture", "weights"),
    [
        ("model.whisper=small", "small", "small"),
        ("model.whisper_weights=tiny", "tiny", "tiny"),
        ("model.whisper_weights=random", "base", "random"),
        ("model.whisper_weights=/data/whisper.pt", "base", "/data/whisper.pt"),
    ],
)
def test_a_name_of_whisper_implies_architecture_and_weights(
    setting: str,
    architecture: str,
    weights: str,
) -> None:
    model = load_config(None, [setting]).model
    assert (model.whisper, model.whisper_weights) == (architecture, weights)


def test_an_architecture_of_clip_implies_no_weights() -> None:
    model = load_config(None, ["model.clip=ViT-L-14"]).model
    assert (model.clip, model.clip_weights) == ("ViT-L-14", "openai")


def test_settings_that_are_given_are_not_completed() -> None:
    model = load_config(
        None, ["model.whisper=small", "model.whisper_weights=random"]
    ).model
    assert (model.whisper, model.whisper_weights) == ("small", "random")


def test_a_protocols_file_is_kept_by_its_absolute_path(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    config = load_config(None, ["data.protocol=splits.csv"])
    assert config.data.protocol == str(tmp_path / "splits.csv")


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(SettingsError, match="'tiny' is unknown; use demo or paper"):
        load_config(None, backbones="tiny")


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("training.epoch=3", "did you mean epochs"),
        (
            "training.epochs=three",
            "training.epochs: must be a whole number, got 'three'",
        ),
        ("training.epochs=0", "at least 1"),
        ("training.alpha=many", "training.alpha: must be a number"),
        ("training.compile=perhaps", "training.compile: must be true or false"),
        ("training.device=3", "training.device: must be text"),
        ("training.alpha=inf", "training.alpha is inf; it must be finite"),
        ("training.seed=-1", "training.seed is -1"),
        ("data.skip_start=-1", "data.skip_start is -1; it cannot be negative"),
        ("data.threads=2000", "data.threads is 2000; the most is 1024"),
        ("model.visual_prompt_mode=other", "'sequential' or 'replace'"),
        ("nothing.epochs=3", "no section 'nothing'; there are model, data, training"),
        ("epochs=3", "write section.key=value"),
        ("training.epochs", "write section.key=value"),
        ("data.sampling=odd", "data.sampling: must be one of"),
        ("model.visual_prompts=-1", "must be 0 to 1024"),
        ("data.colour=1", "data has no setting 'colour'; there are batch_size"),
    ],
)
def test_a_wrong_setting_is_refused_in_one_sentence(setting: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        load_config(None, [setting])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epochs", "not TOML"),
        ("[training]\nx = 1\n", "training has no setting 'x'"),
        ("training = 1\n", "training must be a section with keys"),
    ],
)
def test_a_wrong_file_is_refused_by_its_name(
    file: Path,
    text: str,
    message: str,
) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=message) as caught:
        load_config(file)
    assert str(caught.value).startswith(str(file))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        load_config(tmp_path / "none.toml")


@pytest.mark.parametrize("branch", ["visual", "audio"])
def test_a_single_branch_keeps_its_own_loss(branch: str) -> None:
    settings = [f"model.branches={branch}", f"training.{branch}_loss=false"]
    with pytest.raises(SettingsError, match="own loss must stay on"):
        load_config(None, settings)


def test_a_single_branch_has_only_its_own_loss() -> None:
    losses = load_config(None, ["model.branches=audio"]).losses
    assert losses.audio
    assert not (losses.visual or losses.video or losses.matching)


def test_a_configuration_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    config = load_config(None, ["training.seed=5", "data.labels=periods"])
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config.as_dict()), encoding="utf-8")
    assert read_config(path) == config


@pytest.mark.parametrize(
    "text", ["", "[]", "null", '{"model": 1}', '{"data": {"x": 1}}']
)
def test_a_configuration_that_cannot_be_read_is_refused(
    tmp_path: Path,
    text: str,
) -> None:
    path = tmp_path / "config.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"config\.json"):
        read_config(path)


def test_sections_that_are_missing_have_their_defaults() -> None:
    config = run_config({"training": {"seed": 3}}, "here")
    assert config == RunConfig(training=TrainingSettings(seed=3))
