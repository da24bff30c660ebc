"""Settings of a detector: values that are not allowed are refused, each by its name."""

from typing import Any

import pytest

from avdf.cache.core.errors import SettingsError
from avdf.model import DetectorConfig
from avdf.model.config import LARGEST_SEED
from avdf.model.whisper_sizes import WHISPER_NAMES, WHISPER_SIZES


def test_the_defaults_are_the_papers() -> None:
    config = DetectorConfig()
    assert (config.clip, config.whisper) == ("ViT-B-32", "base")
    assert config.visual_prompts == 1
    assert config.visual_prompt_mode == "sequential"
    assert config.audio_prompt_dim == 512
    assert config.fused_dim == 256
    assert config.head_dim == 384


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("branches", "none", "model.branches is 'none'; use both or visual or audio"),
        ("visual_prompt_mode", "add", "use sequential or replace"),
        ("fc_init", "zero", "use identity or default"),
        ("clip_activation", "relu", "use auto or quick_gelu or gelu"),
        ("audio_prompt_dim", 0, "model.audio_prompt_dim is 0; it must be 1 to 16384"),
        ("fused_dim", 16_385, "model.fused_dim is 16385"),
        ("head_dim", -1, "model.head_dim is -1"),
        ("visual_prompts", -1, "it must be 0 to 1024"),
        ("visual_prompts", 1025, "it must be 0 to 1024"),
        ("seed", -1, "it must lie in"),
        ("seed", LARGEST_SEED + 1, "it must lie in"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_by_name(
    setting: str,
    value: Any,
    message: str,
) -> None:
    with pytest.raises(SettingsError, match=message):
        DetectorConfig(**{setting: value})


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("visual_prompts", 0),
        ("visual_prompts", 1024),
        ("head_dim", 1),
        ("fused_dim", 16_384),
        ("seed", 0),
        ("seed", LARGEST_SEED),
    ],
)
def test_the_ends_of_a_range_are_allowed(setting: str, value: int) -> None:
    config = DetectorConfig(**{setting: value})  # type: ignore[arg-type]
    assert getattr(config, setting) == value


@pytest.mark.parametrize(
    ("branches", "has_visual", "has_audio"),
    [
        ("both", True, True),
        ("visual", True, False),
        ("audio", False, True),
    ],
)
def test_branches_say_what_a_detector_has(
    branches: Any,
    has_visual: bool,
    has_audio: bool,
) -> None:
    config = DetectorConfig(branches=branches)
    assert config.has_visual == has_visual
    assert config.has_audio == has_audio


def test_names_of_whisper_are_its_sizes_and_the_english_ones() -> None:
    released = set(WHISPER_SIZES) - {"demo"}
    english = {"tiny.en", "base.en", "small.en", "medium.en"}
    assert set(WHISPER_NAMES) == released | english
