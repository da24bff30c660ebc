"""What the alignment takes of the image encoder, and the temperature of InfoNCE."""

import math
import warnings
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from avdf.cache.core.errors import SettingsError
from avdf.model import Detector, DetectorConfig
from avdf.model.backbones import RandomWeightsWarning, load_clip
from avdf.model.config import AlignFrom, PromptMode
from avdf.model.losses import LossSettings, detector_losses
from avdf.model.mouth_pooling import mouth_weights
from avdf.model.runs.config_sources import load_config
from avdf.model.training.step import train_step
from avdf.model.visual import VisualBranch
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


@pytest.mark.parametrize(
    ("prompts", "mode"), [(0, "sequential"), (2, "sequential"), (2, "replace")]
)
def test_the_patches_over_the_mouth_come_behind_the_feature(
    prompts: int, mode: PromptMode, inputs: tuple[Tensor, Tensor]
) -> None:
    detector = build("mouth", visual_prompts=prompts, visual_prompt_mode=mode)
    with torch.inference_mode():
        features = detector.visual(inputs[0]).flatten(0, 1)
        tokens = all_tokens(detector, inputs[0])
    # The demo's encoder has 8 x 8 patches, the last of its tokens.
    patches = tokens[:, -64:].reshape(len(tokens), 8, 8, -1)
    fields = [patches[:, row, column] for row in (5, 6) for column in (2, 3, 4, 5)]
    # The newest prompt is behind the class token; without prompts the class token is the feature.
    feature = tokens[:, 1 if prompts else 0]
    wanted = torch.cat([feature, *fields], dim=1)
    torch.testing.assert_close(features, wanted, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("clip", ["demo", "ViT-B-32"])
def test_without_prompts_the_patches_are_those_of_open_clips_own_forward(
    clip: str,
) -> None:
    weights = "demo" if clip == "demo" else "random"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RandomWeightsWarning)
        encoder, _ = load_clip(DetectorConfig(clip=clip, clip_weights=weights))
    branch = VisualBranch(encoder, 0, "sequential", "mouth")
    branch.hold_frozen(torch.float32)
    images = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(3))
    last: list[Tensor] = []
    hook = encoder.backbone.transformer.resblocks[-1].register_forward_hook(
        lambda *parts: last.append(parts[-1])
    )
    with torch.inference_mode():
        encoder.backbone(images)
        found = branch(images[:, None])[:, 0]
    hook.remove()
    (tokens,) = last
    side = math.isqrt(tokens.shape[1] - 1)
    fields = mouth_weights(side, side) @ tokens[:, 1:]
    wanted = torch.cat([tokens[:, 0], fields.flatten(1)], dim=1)
    torch.testing.assert_close(found, wanted, atol=1e-3, rtol=1e-3)


def test_the_alignment_takes_the_mouth_alone(inputs: tuple[Tensor, Tensor]) -> None:
    detector = build("mouth")
    with torch.inference_mode():
        output = detector(*inputs)
        mouth = detector.visual(inputs[0])[..., detector.visual.width :]
        weight = detector.visual_align.weight[:, :, 0]
        wanted = mouth @ weight.T + detector.visual_align.bias
    torch.testing.assert_close(output.visual_features, wanted, atol=1e-4, rtol=1e-4)


def test_with_the_mouth_the_same_tensors_are_trained_and_start_alike() -> None:
    plain = Detector(TINY_MODEL).trainable_state()
    other = Detector(replace(TINY_MODEL, align_from="mouth")).trainable_state()
    assert list(plain) == list(other)
    shapes = {name: tuple(value.shape) for name, value in other.items()}
    changed = {name for name in plain if shapes[name] != tuple(plain[name].shape)}
    # 8 fields of the demo's 96 values.
    assert changed == {"visual_align.weight"}
    assert shapes["visual_align.weight"] == (8, 8 * 96, 1)
    # What is built before the alignment gets the same random numbers.
    assert torch.equal(plain["visual.prompts"], other["visual.prompts"])
    assert torch.equal(plain["audio.prompts"], other["audio.prompts"])


@pytest.mark.parametrize("mode", ["sequential", "replace"])
def test_matching_the_mouth_trains_the_prompts_of_every_layer(
    mode: PromptMode, inputs: tuple[Tensor, Tensor]
) -> None:
    detector = build("mouth", visual_prompt_mode=mode)
    output = detector(*inputs)
    only_matching = LossSettings(
        matched_by="infonce", visual=False, audio=False, video=False
    )
    labels = torch.zeros(2, 3, dtype=torch.int64)
    losses = detector_losses(output, labels, only_matching, torch.tensor(0.1))
    losses.total.backward()  # type: ignore[no-untyped-call]
    trained = detector.trainable_state()
    prompts = trained["visual.prompts"].grad
    assert prompts is not None
    assert (prompts.flatten(1).norm(dim=1) > 0).all()
    align = trained["visual_align.weight"].grad
    assert align is not None
    # Every value of every field.
    assert (align.abs().sum(dim=(0, 2)) > 0).all()
    assert trained["visual_head.0.weight"].grad is None


def test_a_wrong_grid_is_refused(inputs: tuple[Tensor, Tensor]) -> None:
    encoder, _ = load_clip(TINY_MODEL)
    encoder.grid = (4, 4)
    branch = VisualBranch(encoder, 1, "sequential", "mouth")
    with pytest.raises(SettingsError, match=r"gives 64 patches, and its grid has 16"):
        branch(inputs[0])


def test_an_encoder_without_a_grid_is_refused() -> None:
    encoder, _ = load_clip(TINY_MODEL)
    encoder.grid = None
    with pytest.raises(SettingsError, match="does not say how its patches lie"):
        VisualBranch(encoder, 1, "sequential", "mouth")
    assert VisualBranch(encoder, 1, "sequential").aligned_width == encoder.width


@pytest.mark.parametrize("align_from", ["class", "both", "mouth"])
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


@pytest.mark.parametrize("align_from", ["class", "mouth"])
def test_a_single_branch_aligns_nothing(
    align_from: AlignFrom, inputs: tuple[Tensor, Tensor]
) -> None:
    detector = build(align_from, branches="visual")
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
