"""The detector against the libraries' own forwards and plain loops over the equations."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import pytest
import torch
import torch.nn.functional as F
import whisper
from safetensors.torch import save_file
from torch import Tensor, nn

from avdf.cache.core.errors import SettingsError, WeightsError
from avdf.model import Detector, DetectorConfig
from avdf.model.backbones import (
    RandomWeightsWarning,
    hash_tensors,
    load_clip,
    load_whisper,
)
from avdf.model.backbones.freeze_layer import freeze_layer
from avdf.model.config import PromptMode
from avdf.model.visual import VisualBranch
from tests.helpers.tiny_run import TINY_MODEL

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def paper() -> Iterator[Detector]:
    """The paper's architecture with random weights."""
    with pytest.warns(RandomWeightsWarning, match="random weights"):
        detector = Detector(
            DetectorConfig(clip_weights="random", whisper_weights="random")
        )
    yield detector.eval()


@pytest.fixture
def demo() -> Detector:
    return Detector(TINY_MODEL).eval()


@pytest.fixture
def segment() -> tuple[Tensor, Tensor]:
    """Frames and log-mel of two segments of noise."""
    generator = torch.Generator().manual_seed(1)
    frames = torch.randn(2, 16, 3, 224, 224, generator=generator)
    mel = torch.randn(2, 80, 64, generator=generator)
    return frames, mel


# The paper's numbers


def test_the_paper_has_4407686_trainable_parameters(paper: Detector) -> None:
    sizes = [value.numel() for value in paper.trainable_state().values()]
    assert sum(sizes) == 4_407_686


def test_visual_prompts_have_the_papers_shape(paper: Detector) -> None:
    # One prompt of ViT-B's width for each of its 12 layers.
    assert paper.visual.prompts.shape == (12, 1, 768)


def test_audio_prompts_and_projections_have_the_papers_shapes(paper: Detector) -> None:
    # 6 layers of Whisper base, 32 tokens in a segment.
    assert paper.audio.prompts.shape == (6, 32, 512)
    shapes = [projection.weight.shape for projection in paper.audio.projections]
    # A prompt and an embedding of 512 each become one embedding.
    assert shapes == [(512, 1024)] * 6


def test_the_visual_branch_gives_a_feature_for_each_frame(paper: Detector) -> None:
    two_frames = torch.randn(1, 2, 3, 224, 224)
    with torch.inference_mode():
        features = paper.visual(two_frames)
    assert features.shape == (1, 2, 768)


def test_the_audio_branch_gives_a_feature_for_each_token(paper: Detector) -> None:
    mel = torch.randn(1, 80, 64)
    with torch.inference_mode():
        features = paper.audio(mel)
    assert features.shape == (1, 32, 512)


def test_the_output_has_the_papers_shapes(paper: Detector) -> None:
    frames, mel = torch.randn(1, 16, 3, 224, 224), torch.randn(1, 80, 64)
    with torch.inference_mode():
        output = paper(frames, mel)
    assert output.visual_logits.shape == (1, 2)
    assert output.audio_logits.shape == (1, 2)
    assert output.video_logits.shape == (1, 2)
    assert output.visual_features.shape == (1, 16, 256)
    assert output.audio_features.shape == (1, 16, 256)


# The visual branch


def test_without_prompts_the_visual_branch_is_open_clips_own_forward(
    paper: Detector,
) -> None:
    encoder = paper.visual.backbone
    images = torch.randn(2, 3, 224, 224)
    branch = VisualBranch(paper.visual.encoder, 0, "sequential")
    with torch.inference_mode():
        token = branch(images[:, None])[:, 0]
        # The branch ends before the projection into the space of texts.
        ours = encoder.ln_post(token) @ encoder.proj
        wanted = encoder(images)
    torch.testing.assert_close(ours, wanted, atol=2e-4, rtol=1e-4)


def numbers_of_tokens(branch: VisualBranch, blocks: nn.ModuleList) -> list[int]:
    """How many tokens go into each layer."""
    seen: list[int] = []

    def count(_block: nn.Module, args: tuple[Tensor, ...]) -> None:
        seen.append(args[0].shape[1])

    hooks = [block.register_forward_pre_hook(count) for block in blocks]
    with torch.inference_mode():
        branch.tokens(torch.randn(1, 3, 224, 224))
    for hook in hooks:
        hook.remove()
    return seen


@pytest.mark.parametrize(
    ("mode", "first", "last"),
    [
        # 49 patches, the class token and one prompt in the first layer.
        ("sequential", 51, 62),
        ("replace", 51, 51),
    ],
)
def test_prompts_pile_up_or_replace_each_other(
    paper: Detector,
    mode: PromptMode,
    first: int,
    last: int,
) -> None:
    branch = VisualBranch(paper.visual.encoder, 1, mode)
    blocks = paper.visual.backbone.transformer.resblocks
    seen = numbers_of_tokens(branch, blocks)
    assert len(seen) == 12
    assert seen[0] == first
    assert seen[-1] == last


def test_visual_tokens_follow_equation_6(demo: Detector) -> None:
    branch = demo.visual
    images = torch.randn(2, 3, 224, 224)
    with torch.inference_mode():
        x = branch.encoder.embed(images)
        for layer, block in enumerate(branch.backbone.transformer.resblocks):
            prompts = branch.prompts[layer]
            # The newest prompt comes right after the class token.
            rows = [torch.cat([z[:1], prompts, z[1:]]) for z in x]
            x = block(torch.stack(rows))
        ours = branch(images[:, None])[:, 0]
    torch.testing.assert_close(ours, x[:, 1])


# The audio branch


def whispers_own_layers(
    encoder: Any,
    mel: Tensor,
    token: Tensor,
) -> Tensor:
    """Whisper's encoder on 32 tokens and one more before them, which is left out at the end."""
    x = F.gelu(encoder.conv1(mel))
    x = F.gelu(encoder.conv2(x)).permute(0, 2, 1)
    x = x + encoder.positional_embedding[:32]
    x = torch.cat([token.expand(len(mel), 1, -1), x], dim=1)
    for block in encoder.blocks:
        x = block(x)
    return cast(Tensor, encoder.ln_post(x)[:, 1:])


def test_with_identity_fc_and_no_prompts_the_audio_branch_is_whispers_own_layers(
    paper: Detector,
) -> None:
    branch = deepcopy(paper.audio)
    mel = torch.randn(2, 80, 64)
    with torch.inference_mode():
        for fc in branch.projections:
            # The half of the weights that prompts go through; the other half is the identity.
            fc.weight[:, :512] = 0.0  # type: ignore[operator]
        ours = branch(mel)
        wanted = whispers_own_layers(branch.backbone, mel, branch.global_token)
    torch.testing.assert_close(ours, wanted, atol=1e-4, rtol=1e-4)


def test_audio_tokens_follow_equation_8(demo: Detector) -> None:
    branch = demo.audio
    mel = torch.randn(1, 80, 64)
    with torch.inference_mode():
        token = branch.global_token
        z = branch.encoder.embed(mel)[0]
        for layer, block in enumerate(branch.backbone.blocks):
            fc = branch.projections[layer]
            prompts = branch.prompts[layer]
            pairs = [torch.cat([prompts[i], z[i]]) for i in range(32)]
            projected = [fc(pair) for pair in pairs]
            x = block(torch.stack([token, *projected])[None])[0]
            token, z = x[0], x[1:]
        wanted = branch.backbone.ln_post(z)
        ours = branch(mel)[0]
    torch.testing.assert_close(ours, wanted, atol=1e-5, rtol=1e-4)


# Alignment and heads


def test_visual_features_are_aligned_by_equation_7(
    demo: Detector,
    segment: tuple[Tensor, Tensor],
) -> None:
    frames, _ = segment
    align = demo.visual_align
    with torch.inference_mode():
        found = demo(*segment).visual_features
        f_v = demo.visual(frames)
        for t in range(16):
            wanted = f_v[:, t] @ align.weight[:, :, 0].T + align.bias
            torch.testing.assert_close(found[:, t], wanted, atol=1e-5, rtol=1e-4)


def test_audio_features_are_aligned_by_two_tokens_to_a_frame(
    demo: Detector,
    segment: tuple[Tensor, Tensor],
) -> None:
    _, mel = segment
    align = demo.audio_align
    with torch.inference_mode():
        found = demo(*segment).audio_features
        f_a = demo.audio(mel)
        for t in range(16):
            first = f_a[:, 2 * t] @ align.weight[:, :, 0].T
            second = f_a[:, 2 * t + 1] @ align.weight[:, :, 1].T
            wanted = first + second + align.bias
            torch.testing.assert_close(found[:, t], wanted, atol=1e-5, rtol=1e-4)


def test_heads_judge_means_over_time(
    demo: Detector,
    segment: tuple[Tensor, Tensor],
) -> None:
    frames, _ = segment
    with torch.inference_mode():
        output = demo(*segment)
        features = [output.visual_features, output.audio_features]
        fused = torch.cat(features, dim=2).mean(dim=1)
        video = demo.video_head(fused)
        # The head of the frames takes features as they are before alignment.
        visual = demo.visual_head(demo.visual(frames).mean(dim=1))
    torch.testing.assert_close(output.video_logits, video)
    torch.testing.assert_close(output.visual_logits, visual)


# Frozen layers


def test_frozen_visual_layers_equal_the_librarys_own(paper: Detector) -> None:
    layer = paper.visual.backbone.transformer.resblocks[0]
    x = torch.randn(3, 51, 768)
    with torch.inference_mode():
        ours = freeze_layer(layer, torch.float32, CPU)(x)
        torch.testing.assert_close(ours, layer(x), atol=1e-4, rtol=1e-4)


def test_frozen_audio_layers_equal_the_librarys_own(paper: Detector) -> None:
    layer = paper.audio.backbone.blocks[0]
    x = torch.randn(3, 33, 512)
    with torch.inference_mode():
        ours = freeze_layer(layer, torch.float32, CPU)(x)
        torch.testing.assert_close(ours, layer(x), atol=1e-4, rtol=1e-4)


IN_BOTH_TYPES = pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [
        (torch.float32, 1e-4),
        (torch.bfloat16, 0.1),  # 8 bits of precision
    ],
)


@IN_BOTH_TYPES
def test_fast_layers_give_the_plain_logits(
    segment: tuple[Tensor, Tensor],
    dtype: torch.dtype,
    tolerance: float,
) -> None:
    plain = Detector(TINY_MODEL)(*segment)
    fast = Detector(TINY_MODEL).hold_frozen(dtype)(*segment)
    for name in ("visual_logits", "audio_logits", "video_logits"):
        torch.testing.assert_close(
            getattr(fast, name),
            getattr(plain, name),
            atol=tolerance,
            rtol=tolerance,
        )


def train_on(model: Detector, segment: tuple[Tensor, Tensor]) -> Tensor:
    """Compute all gradients; that of the visual prompts."""
    output = model(*segment)
    video = output.video_logits.sum()
    loss = video + output.visual_logits.sum() + output.audio_logits.sum()
    loss.backward()
    gradient = model.visual.prompts.grad
    assert gradient is not None
    return gradient


@IN_BOTH_TYPES
def test_fast_layers_give_the_plain_gradients(
    segment: tuple[Tensor, Tensor],
    dtype: torch.dtype,
    tolerance: float,
) -> None:
    plain = train_on(Detector(TINY_MODEL), segment)
    fast = train_on(Detector(TINY_MODEL).hold_frozen(dtype), segment)
    similarity = F.cosine_similarity(plain.flatten(), fast.flatten(), dim=0)
    assert float(similarity) > 1 - tolerance


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_with_fast_layers_everything_trainable_has_a_gradient(
    segment: tuple[Tensor, Tensor],
    dtype: torch.dtype,
) -> None:
    for model in (Detector(TINY_MODEL), Detector(TINY_MODEL).hold_frozen(dtype)):
        train_on(model, segment)
        trainable = model.trainable_state().values()
        assert all(value.grad is not None for value in trainable)


def test_backbones_stay_in_evaluation(demo: Detector) -> None:
    demo.train()
    assert not demo.visual.backbone.training
    assert not demo.audio.backbone.training


def test_backbones_do_not_learn(demo: Detector) -> None:
    demo.train()
    for name in demo.trainable_state():
        assert name.split(".")[1] != "backbone"


def test_too_few_frames_are_named(demo: Detector) -> None:
    frames, mel = torch.randn(1, 15, 3, 224, 224), torch.randn(1, 80, 64)
    with pytest.raises(ValueError, match=r"frames are \(1, 15, 3, 224, 224\)"):
        demo(frames, mel)


def test_a_log_mel_of_another_length_is_named(demo: Detector) -> None:
    frames, mel = torch.randn(1, 16, 3, 224, 224), torch.randn(1, 80, 65)
    with pytest.raises(ValueError, match="log_mel"):
        demo(frames, mel)


# Weights


def random_weights(seed: int) -> str:
    """The digest of random weights."""
    config = DetectorConfig(clip="demo", clip_weights="random", seed=seed)
    with pytest.warns(RandomWeightsWarning):
        return load_clip(config)[1].sha256


def test_random_weights_come_again_with_their_seed() -> None:
    assert random_weights(3) == random_weights(3)


def test_another_seed_gives_other_random_weights() -> None:
    assert random_weights(3) != random_weights(4)


def config_with_clip(path: Path) -> DetectorConfig:
    """The small CLIP with weights of a local file."""
    return DetectorConfig(clip="demo", clip_weights=str(path))


@pytest.fixture
def clip_file(tmp_path: Path) -> Path:
    """The weights of the small CLIP as a file of a whole CLIP names them."""
    path = tmp_path / "clip.safetensors"
    state = {"logit_scale": torch.ones(1)}
    encoder = load_clip(TINY_MODEL)[0].backbone
    for name, value in encoder.state_dict().items():
        state[f"visual.{name}"] = value.half()
    save_file(state, path)
    return path


def test_weights_by_path(clip_file: Path) -> None:
    encoder = load_clip(TINY_MODEL)[0].backbone
    _, info = load_clip(config_with_clip(clip_file))
    assert info.sha256 == hash_tensors(encoder.state_dict())


def test_a_local_file_of_clip_is_taken_for_openais(clip_file: Path) -> None:
    loaded, _ = load_clip(config_with_clip(clip_file))
    activation = loaded.backbone.transformer.resblocks[0].mlp.gelu
    assert type(activation).__name__ == "QuickGELU"


@pytest.fixture
def tiny_whisper() -> Any:
    """A Whisper with the encoder of `tiny`, and a small decoder."""
    dims = whisper.model.ModelDimensions(
        n_mels=80,
        n_audio_ctx=1500,
        n_audio_state=384,
        n_audio_head=6,
        n_audio_layer=4,
        n_vocab=8,
        n_text_ctx=4,
        n_text_state=8,
        n_text_head=1,
        n_text_layer=1,
    )
    return whisper.model.Whisper(dims)


@pytest.fixture
def whisper_file(tiny_whisper: Any, tmp_path: Path) -> Path:
    """Its weights in OpenAI's own format."""
    path = tmp_path / "tiny.pt"
    content = {
        "dims": vars(tiny_whisper.dims),
        "model_state_dict": tiny_whisper.state_dict(),
    }
    torch.save(content, path)
    return path


def test_whisper_weights_in_openais_own_format(
    tiny_whisper: Any,
    whisper_file: Path,
) -> None:
    config = DetectorConfig(whisper="tiny", whisper_weights=str(whisper_file))
    encoder, info = load_whisper(config)
    assert encoder.width == 384
    assert info.sha256 == hash_tensors(tiny_whisper.encoder.state_dict())


def test_whisper_weights_of_another_width_are_refused(whisper_file: Path) -> None:
    config = DetectorConfig(whisper="base", whisper_weights=str(whisper_file))
    with pytest.raises(WeightsError, match="width 384"):
        load_whisper(config)


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("clip_weights", "nowhere.pt", "clip_weights"),
        ("whisper_weights", "nowhere.pt", "whisper_weights"),
        ("clip", "ViT-X-99", "not an open_clip model"),
        ("whisper", "huge", "not known"),
        ("clip", "RN50", "not a vision transformer"),
    ],
)
def test_what_cannot_be_loaded_is_one_sentence(
    setting: str,
    value: str,
    message: str,
) -> None:
    given = {
        "clip_weights": "random",
        "whisper_weights": "random",
        setting: value,
    }
    config = DetectorConfig(**given)  # type: ignore[arg-type]
    load = load_whisper if setting.startswith("whisper") else load_clip
    with pytest.raises((SettingsError, WeightsError), match=message) as caught:
        load(config)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("setting", ["clip_weights", "whisper_weights"])
def test_damaged_weights_are_refused(setting: str, tmp_path: Path) -> None:
    damaged = tmp_path / "bad.pt"
    damaged.write_bytes(b"not weights")
    given = {setting: str(damaged), "clip_activation": "gelu"}
    config = DetectorConfig(**given)  # type: ignore[arg-type]
    load = load_clip if setting == "clip_weights" else load_whisper
    with pytest.raises(WeightsError, match="not readable"):
        load(config)
