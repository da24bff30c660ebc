"""What the alignment takes of the image encoder, and the temperature of InfoNCE."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from avdf.cache.core.errors import SettingsError
from avdf.model import Detector
from avdf.model.config import AlignFrom
from avdf.model.losses import LossSettings
from avdf.model.runs.config_sources import load_config
from avdf.model.training.step import train_step
from tests.helpers.tiny_run import TINY_MODEL


def build(align_from: AlignFrom, **changes: object) -> Detector:
    detector = Detector(replace(TINY_MODEL, align_from=align_from, **changes))  # type: ignore[arg-type]
    return detector.hold_frozen(torch.float32)


@pytest.fixture
def inputs() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(2)
    frames = torch.randn(2, 16, 3, 224, 224, generator=generator)
    return frames, torch.randn(2, 80, 64, generator=generator)


def all_tokens(detector: Detector, frames: Tensor) -> Tensor:
    """Every token after the last layer (frames, tokens, D_v)."""
    return detector.visual.tokens(frames.flatten(0, 1))


@pytest.mark.parametrize("align_from", ["class", "both"])
def test_the_class_token_comes_behind_the_prompt(
    align_from: AlignFrom, inputs: tuple[Tensor, Tensor]
) -> None:
    detector = build(align_from)
    with torch.inference_mode():
        features = detector.visual(inputs[0]).flatten(0, 1)
        tokens = all_tokens(detector, inputs[0])
    width = detector.visual.width
    torch.testing.assert_close(features[:, :width], tokens[:, 1], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(features[:, width:], tokens[:, 0], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("align_from", ["class", "both"])
def test_the_visual_verdict_takes_the_prompt_whatever_is_aligned(
    align_from: AlignFrom, inputs: tuple[Tensor, Tensor]
) -> None:
    detector = build(align_from)
    with torch.inference_mode():
        output = detector(*inputs)
        tokens = all_tokens(detector, inputs[0])
        prompt = tokens[:, 1].view(2, 16, -1)
        wanted = detector.visual_head(prompt.mean(dim=1))
    torch.testing.assert_close(output.visual_logits, wanted, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("align_from", "tokens"), [("class", 1), ("both", 2)])
def test_the_alignment_takes_the_tokens_that_are_asked_for(
    align_from: AlignFrom, tokens: int, inputs: tuple[Tensor, Tensor]
) -> None:
    detector = build(align_from)
    width = detector.visual.width
    with torch.inference_mode():
        output = detector(*inputs)
        f_v = detector.visual(inputs[0])
        wanted = detector.visual_align(f_v[..., -tokens * width :].transpose(1, 2))
    torch.testing.assert_close(output.visual_features, wanted.transpose(1, 2))


def test_without_prompts_the_class_token_is_the_feature_already() -> None:
    with pytest.raises(SettingsError, match="the class token is the feature already"):
        replace(TINY_MODEL, visual_prompts=0, align_from="class")


def test_an_encoder_without_a_class_token_is_refused() -> None:
    config = replace(
        TINY_MODEL, clip="ViT-B-16-SigLIP", clip_weights="random", align_from="class"
    )
    with (
        pytest.warns(UserWarning, match="random"),
        pytest.raises(SettingsError, match="needs a class token"),
    ):
        Detector(config)


def test_a_single_branch_aligns_nothing(inputs: tuple[Tensor, Tensor]) -> None:
    detector = build("class", branches="visual")
    assert detector.visual(inputs[0]).shape[-1] == detector.visual.width


def test_the_default_trains_what_it_has_always_trained() -> None:
    names = set(Detector(TINY_MODEL).trainable_state())
    assert "log_temperature" not in names
    with_temperature = Detector(replace(TINY_MODEL, learned_temperature=True))
    assert set(with_temperature.trainable_state()) == names | {"log_temperature"}


def test_the_temperature_changes_no_other_starting_value() -> None:
    plain = Detector(TINY_MODEL).trainable_state()
    other = Detector(replace(TINY_MODEL, learned_temperature=True)).trainable_state()
    assert all(torch.equal(plain[name], other[name]) for name in plain)


def test_the_temperature_begins_at_a_tenth_and_is_trained(
    inputs: tuple[Tensor, Tensor],
) -> None:
    detector = build("prompt", learned_temperature=True)
    assert detector.temperature is not None
    assert float(detector.temperature.detach()) == pytest.approx(0.1)
    optimiser = torch.optim.Adam(detector.trainable_state().values(), lr=1e-2)
    labels = torch.tensor([[0, 0, 0], [1, 1, 0]])
    settings = LossSettings(matched_by="infonce")
    train_step(detector, optimiser, inputs, labels, settings)
    moved = float(detector.log_temperature.detach()) - math.log(0.1)
    assert abs(moved) == pytest.approx(1e-2, rel=1e-3)


def test_infonce_trains_its_temperature() -> None:
    config = load_config(None, ["training.matching=infonce"])
    assert config.model.learned_temperature


@pytest.mark.parametrize("matching", ["cmfm", "margin"])
def test_other_losses_have_no_temperature(matching: str) -> None:
    config = load_config(None, [f"training.matching={matching}"])
    assert not config.model.learned_temperature
