"""What is trained: prompts, the layer norms of the encoders, both, or linear heads alone."""

import math
import warnings
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import Tensor, nn

from avdf.cache.core.errors import RunError, SettingsError
from avdf.model import Detector, DetectorConfig
from avdf.model.backbones import RandomWeightsWarning
from avdf.model.backbones.encoder import ImageEncoder
from avdf.model.backbones.freeze_layer import freeze_layer
from avdf.model.backbones.trainable_norm import TrainableNorm, train_norms
from avdf.model.losses import LossSettings
from avdf.model.runs.config import RunConfig
from avdf.model.runs.config_sources import load_config
from avdf.model.runs.loaded import load_run
from avdf.model.scoring.scorer import score_shards
from avdf.model.training.start import train
from avdf.model.training.step import train_step
from tests.helpers.tiny_run import TINY_MODEL

MODES = ("prompts", "layer_norm", "prompts+layer_norm", "probe")
CPU = torch.device("cpu")


def named(layers: int, *names: str) -> set[str]:
    """Names with the numbers of layers put in, as weights and biases."""
    return {
        f"{name.format(layer)}.{part}"
        for name in names
        for layer in range(layers)
        for part in ("weight", "bias")
    }


def visual_norms(layers: int) -> set[str]:
    block = "visual.backbone.transformer.resblocks.{}"
    norms = named(layers, f"{block}.ln_1", f"{block}.ln_2")
    return norms | named(1, "visual.backbone.ln_pre")


def audio_norms(layers: int) -> set[str]:
    block = "audio.backbone.blocks.{}"
    norms = named(layers, f"{block}.attn_ln", f"{block}.mlp_ln")
    return norms | named(1, "audio.backbone.ln_post")


def prompts(audio_layers: int) -> set[str]:
    own = {"visual.prompts", "audio.prompts", "audio.global_token"}
    return own | named(audio_layers, "audio.projections.{}")


HEADS = named(3, *(f"{name}_head.0" for name in ("visual", "audio", "video"))) | named(
    3, *(f"{name}_head.2" for name in ("visual", "audio", "video"))
)
ALIGNMENT = named(1, "visual_align", "audio_align")
LINEAR = named(1, "visual_head", "audio_head", "video_head")


def expected(mode: str, visual: int, audio: int) -> set[str]:
    """Names of what is trained, for encoders with so many layers."""
    norms = visual_norms(visual) | audio_norms(audio)
    last = named(1, "visual.backbone.ln_post")
    return {
        "prompts": prompts(audio) | ALIGNMENT | HEADS,
        "layer_norm": norms | last | ALIGNMENT | HEADS,
        # The prompt's token is the feature before CLIP's last norm, which is not used.
        "prompts+layer_norm": prompts(audio) | norms | ALIGNMENT | HEADS,
        "probe": LINEAR,
    }[mode]


def tiny(mode: Any, **settings: Any) -> Detector:
    return Detector(replace(TINY_MODEL, adapt=mode, **settings))


def layer_counts(detector: Detector) -> tuple[int, int]:
    return (
        len(detector.visual.backbone.transformer.resblocks),
        len(detector.audio.backbone.blocks),
    )


@pytest.fixture
def segment() -> tuple[Tensor, Tensor]:
    """Frames and log-mel of two segments of noise."""
    generator = torch.Generator().manual_seed(1)
    frames = torch.randn(2, 16, 3, 224, 224, generator=generator)
    return frames, torch.randn(2, 80, 64, generator=generator)


# Names and numbers


@pytest.mark.parametrize("mode", MODES)
def test_the_trainable_tensors_of_the_demos_architecture(mode: str) -> None:
    detector = tiny(mode)
    names = set(detector.trainable_state())
    assert names == expected(mode, *layer_counts(detector))


@pytest.mark.parametrize(
    ("mode", "count"),
    [
        ("layer_norm", 1_204_102),
        ("prompts+layer_norm", 4_459_398),
        ("probe", 5_126),
    ],
)
def test_the_trainable_tensors_of_the_papers_architecture(
    mode: Any, count: int
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RandomWeightsWarning)
        detector = Detector(
            DetectorConfig(clip_weights="random", whisper_weights="random", adapt=mode)
        )
    state = detector.trainable_state()
    assert set(state) == expected(mode, 12, 6)
    assert sum(value.numel() for value in state.values()) == count


def test_without_whispers_last_norm_it_is_not_trained() -> None:
    names = set(tiny("layer_norm", audio_ln_post=False).trainable_state())
    assert not any(name.startswith("audio.backbone.ln_post") for name in names)


@pytest.mark.parametrize("branches", ["visual", "audio"])
def test_a_single_branch_trains_its_own_norms(branches: Any) -> None:
    names = set(tiny("layer_norm", branches=branches).trainable_state())
    assert {name.partition(".")[0] for name in names} == {branches, f"{branches}_head"}
    assert any(".backbone." in name for name in names)


def test_the_new_modes_leave_shared_starting_values_as_they_are() -> None:
    plain, more = tiny("prompts"), tiny("prompts+layer_norm")
    wanted, found = plain.trainable_state(), more.trainable_state()
    assert all(torch.equal(value, found[name]) for name, value in wanted.items())


# One step


LABELS = torch.tensor([[0, 0, 0], [1, 1, 1]])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("mode", MODES)
def test_one_step_changes_exactly_the_trainable_tensors(
    mode: str, dtype: torch.dtype, segment: tuple[Tensor, Tensor]
) -> None:
    detector = tiny(mode).hold_frozen(dtype).train()
    before = {name: value.clone() for name, value in detector.state_dict().items()}
    # The distances of the paper's loss are too near each other at the start to train anything.
    settings = LossSettings(
        matching=mode != "probe",
        matched_by="margin",
        uniformity=0.5 * (mode != "probe"),
    )
    optimiser = torch.optim.Adam(detector.trainable_state().values(), lr=1e-2)
    train_step(detector, optimiser, segment, LABELS, settings)
    after = detector.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == expected(mode, *layer_counts(detector))
    assert all(value.dtype == torch.float32 for value in after.values())


def test_a_probe_keeps_no_graph_of_its_encoders(segment: tuple[Tensor, Tensor]) -> None:
    detector, seen = tiny("probe").train(), []
    for block in (
        *detector.visual.backbone.transformer.resblocks,
        *detector.audio.backbone.blocks,
    ):
        block.register_forward_hook(lambda *_: seen.append(torch.is_grad_enabled()))
    output = detector(*segment)
    assert seen and not any(seen)
    assert output.video_logits.requires_grad
    assert output.visual_mean is not None and not output.visual_mean.requires_grad


# The features


def test_without_prompts_the_visual_feature_is_clips_own(
    segment: tuple[Tensor, Tensor],
) -> None:
    frames, _ = segment
    for mode in ("layer_norm", "probe"):
        detector = tiny(mode).eval()
        tower = detector.visual.backbone
        with torch.inference_mode():
            features = detector.visual(frames)
            # The library's own forward ends with the projection into the space of texts.
            wanted = tower(frames.flatten(0, 1))
        found = features.flatten(0, 1) @ tower.proj
        torch.testing.assert_close(found, wanted, atol=2e-4, rtol=1e-4)


def whispers_own(encoder: Any, mel: Tensor) -> Tensor:
    """Whisper's encoder on the first 32 tokens."""
    x = F.gelu(encoder.conv1(mel))
    x = F.gelu(encoder.conv2(x)).permute(0, 2, 1)
    x = x + encoder.positional_embedding[:32]
    for block in encoder.blocks:
        x = block(x)
    finished: Tensor = encoder.ln_post(x)
    return finished


def test_without_prompts_the_audio_features_are_whispers_own(
    segment: tuple[Tensor, Tensor],
) -> None:
    _, mel = segment
    for mode in ("layer_norm", "probe"):
        branch = tiny(mode).eval().audio
        with torch.inference_mode():
            wanted = whispers_own(branch.backbone, mel)
            torch.testing.assert_close(branch(mel), wanted, atol=1e-4, rtol=1e-4)


def length_one(vector: Tensor) -> Tensor:
    return vector / math.hypot(*vector.tolist())


def test_the_heads_of_layer_norm_judge_means_of_length_1(
    segment: tuple[Tensor, Tensor],
) -> None:
    detector = tiny("layer_norm").eval()
    frames, mel = segment
    with torch.inference_mode():
        output = detector(frames, mel)
        f_v, f_a = detector.visual(frames), detector.audio(mel)
        for row in range(2):
            visual = detector.visual_head(length_one(f_v[row].mean(dim=0)))
            audio = detector.audio_head(length_one(f_a[row].mean(dim=0)))
            torch.testing.assert_close(output.visual_logits[row], visual)
            torch.testing.assert_close(output.audio_logits[row], audio)


def test_a_probe_judges_the_video_by_both_features(
    segment: tuple[Tensor, Tensor],
) -> None:
    detector = tiny("probe").eval()
    frames, mel = segment
    with torch.inference_mode():
        output = detector(frames, mel)
        means = [detector.visual(frames).mean(dim=1), detector.audio(mel).mean(dim=1)]
        head = detector.video_head
        assert isinstance(head, nn.Linear)
        wanted = torch.cat(means, dim=1) @ head.weight.T + head.bias
    torch.testing.assert_close(output.video_logits, wanted, atol=1e-5, rtol=1e-4)
    assert torch.isnan(output.visual_features).all()


# Frozen layers with trained norms


def with_other_norms(layer: nn.Module) -> None:
    """Change the norms as training would."""
    generator = torch.Generator().manual_seed(5)
    for part in layer.modules():
        if isinstance(part, nn.LayerNorm):
            with torch.no_grad():
                for value in part.parameters():
                    value.add_(0.3 * torch.randn(value.shape, generator=generator))


def encoder_layers(detector: Detector) -> Iterator[nn.Module]:
    yield detector.visual.backbone.transformer.resblocks[0]
    yield detector.audio.backbone.blocks[0]


def test_a_fused_layer_follows_its_norms_while_they_train() -> None:
    detector = tiny("layer_norm")
    for layer in encoder_layers(detector):
        width = next(layer.parameters()).shape[-1]
        frozen = freeze_layer(layer, torch.float32, CPU)
        x = torch.randn(2, 9, width)
        before = frozen(x)
        with_other_norms(layer)
        torch.testing.assert_close(frozen(x), layer(x), atol=1e-4, rtol=1e-4)
        assert not torch.allclose(frozen(x), before, atol=1e-2)


class Scaled(nn.Module):
    """A layer that is none of those that are fused."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.linear = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        mixed: Tensor = self.linear(self.norm(x))
        return x + 0.1 * mixed


class ScaledEncoder(ImageEncoder):
    """An encoder of such layers."""

    prefix, width = 1, 12

    def __init__(self) -> None:
        self.backbone = nn.ModuleList([Scaled(12), Scaled(12)]).requires_grad_(False)

    def embed(self, images: Tensor) -> Tensor:
        return images.new_zeros(len(images), 5, 12)

    def layers(self) -> list[nn.Module]:
        return list(self.backbone)


def test_a_copied_layer_keeps_the_librarys_norms_in_float32() -> None:
    encoder = ScaledEncoder()
    train_norms([*encoder.layers(), *encoder.outer_norms(False)])
    (layer, _) = encoder.layers()
    frozen = freeze_layer(layer, torch.bfloat16, CPU)
    assert isinstance(frozen.norm, TrainableNorm)
    frozen(torch.randn(2, 5, 12).bfloat16()).sum().backward()
    gradients = {name: value.grad for name, value in layer.named_parameters()}
    assert gradients["norm.weight"] is not None
    assert gradients["norm.weight"].dtype == torch.float32
    assert gradients["linear.weight"] is None
    with_other_norms(layer)
    exact = freeze_layer(layer, torch.float32, CPU)
    x = torch.randn(2, 5, 12)
    torch.testing.assert_close(exact(x), layer(x))


def test_an_encoder_without_layer_norms_is_refused() -> None:
    encoder = ScaledEncoder()
    encoder.backbone = nn.ModuleList([nn.Linear(12, 12)])
    with pytest.raises(SettingsError, match="does not have"):
        train_norms([*encoder.layers(), *encoder.outer_norms(False)])


# Settings


@pytest.mark.parametrize("align_from", ["class", "both"])
def test_the_class_token_cannot_be_asked_for_twice(align_from: Any) -> None:
    with pytest.raises(SettingsError, match=r"with model\.adapt=layer_norm the class"):
        replace(TINY_MODEL, adapt="layer_norm", align_from=align_from)


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"model\.adapt is 'all'"):
        DetectorConfig(adapt="all")  # type: ignore[arg-type]


def test_a_probe_has_no_features_to_train() -> None:
    settings = ["model.adapt=probe", "training.uniformity=0.5"]
    with pytest.raises(SettingsError, match="which are frozen with"):
        load_config(None, settings)


def test_the_mouth_can_be_aligned_without_prompts(
    segment: tuple[Tensor, Tensor],
) -> None:
    detector = tiny("layer_norm", align_from="mouth").eval()
    with torch.inference_mode():
        f_v = detector.visual(segment[0])
        tokens = detector.visual.tokens(segment[0].flatten(0, 1))
        wanted = detector.visual.backbone.ln_post(tokens[:, 0])
    width = detector.visual.width
    torch.testing.assert_close(f_v[..., :width].flatten(0, 1), wanted)


# Runs


@pytest.mark.parametrize("mode", MODES[1:])
def test_a_run_saves_and_loads_what_it_trains(
    mode: Any, shards: Path, tiny_config: RunConfig, tmp_path: Path
) -> None:
    config = replace(tiny_config, model=replace(tiny_config.model, adapt=mode))
    if mode == "layer_norm":
        further = replace(config.training, uniformity=0.5, alignment=0.1)
        config = replace(config, training=further)
    fresh = Detector(config.model)
    train(shards, tmp_path / "run", config)
    with safe_open(tmp_path / "run" / "best.safetensors", framework="pt") as file:
        names = {name for name in file.keys() if "validation/" not in name}  # noqa: SIM118
    assert names == expected(mode, *layer_counts(fresh))
    loaded = load_run(tmp_path / "run", device="cpu", precision="float32")
    started = fresh.trainable_state()
    for name, value in loaded.detector.trainable_state().items():
        assert not torch.equal(value, started[name]), name
    scores = score_shards(loaded, shards, "test")
    judged = [video.probability.video for video in scores.scored]
    assert judged and all(value is not None for value in judged)
    aligned = [video.distance is not None for video in scores.scored]
    assert aligned == [mode != "probe"] * len(aligned)


def test_a_checkpoint_of_another_mode_does_not_fit(run: Path, tmp_path: Path) -> None:
    from avdf.model.runs.checkpoint_reader import load_trainable, read_checkpoint_info

    info = read_checkpoint_info(run / "best")
    other = Detector(replace(info.config.model, adapt="layer_norm"))
    before = deepcopy(other.trainable_state())
    with pytest.raises(RunError, match="other names, shapes or types"):
        load_trainable(run / "best", other, info)
    after = other.trainable_state()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
