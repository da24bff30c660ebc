"""The detector against the libraries' own forwards and plain loops over the equations."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
import whisper
from safetensors.torch import save_file
from torch import Tensor

from avdf.cache.core.errors import SettingsError, WeightsError
from avdf.model import Detector, DetectorConfig
from avdf.model.backbones import (
    RandomWeightsWarning,
    hash_tensors,
    load_clip,
    load_whisper,
)
from avdf.model.backbones.freeze_layer import freeze_layer
from avdf.model.visual import VisualBranch

CPU = torch.device("cpu")
DEMO = DetectorConfig(
    clip="demo",
    clip_weights="demo",
    whisper="demo",
    whisper_weights="demo",
    audio_prompt_dim=8,
    fused_dim=8,
    head_dim=8,
)


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
    return Detector(DEMO).eval()


@pytest.fixture
def segment() -> tuple[Tensor, Tensor]:
    """Frames and log-mel of two segments of noise."""
    generator = torch.Generator().manual_seed(1)
    frames = torch.randn(2, 16, 3, 224, 224, generator=generator)
    return frames, torch.randn(2, 80, 64, generator=generator)


def test_the_paper_has_4407686_trainable_parameters(paper: Detector) -> None:
    sizes = [value.numel() for value in paper.trainable_state().values()]
    assert sum(sizes) == 4_407_686


def test_prompts_and_projections_have_the_papers_shapes(paper: Detector) -> None:
    assert paper.visual.prompts.shape == (12, 1, 768)
    assert paper.audio.prompts.shape == (6, 32, 512)
    shapes = [projection.weight.shape for projection in paper.audio.projections]
    assert shapes == [(512, 1024)] * 6


def test_branches_give_the_papers_features(paper: Detector) -> None:
    with torch.inference_mode():
        assert paper.visual(torch.randn(1, 2, 3, 224, 224)).shape == (1, 2, 768)
        assert paper.audio(torch.randn(1, 80, 64)).shape == (1, 32, 512)


def test_the_output_has_the_papers_shapes(paper: Detector) -> None:
    with torch.inference_mode():
        output = paper(torch.randn(1, 16, 3, 224, 224), torch.randn(1, 80, 64))
    assert output.visual_logits.shape == (1, 2)
    assert output.audio_logits.shape == (1, 2)
    assert output.video_logits.shape == (1, 2)
    assert output.visual_features.shape == (1, 16, 256)
    assert output.audio_features.shape == (1, 16, 256)


def test_without_prompts_the_visual_branch_is_open_clips_own_forward(
    paper: Detector,
) -> None:
    encoder = paper.visual.backbone
    images = torch.randn(2, 3, 224, 224)
    with torch.inference_mode():
        token = VisualBranch(paper.visual.encoder, 0, "sequential")(images[:, None])[
            :, 0
        ]
        torch.testing.assert_close(
            encoder.ln_post(token) @ encoder.proj,
            encoder(images),
            atol=2e-4,
            rtol=1e-4,
        )


@pytest.mark.parametrize(
    ("mode", "first", "last"),
    [
        ("sequential", 51, 62),
        ("replace", 51, 51),
    ],
)
def test_prompts_pile_up_or_replace_each_other(
    paper: Detector,
    mode: str,
    first: int,
    last: int,
) -> None:
    branch = VisualBranch(paper.visual.encoder, 1, mode)  # type: ignore[arg-type]
    seen: list[int] = []
    hooks = [
        block.register_forward_pre_hook(
            lambda _block, args: seen.append(args[0].shape[1])
        )
        for block in paper.visual.backbone.transformer.resblocks
    ]
    with torch.inference_mode():
        branch.tokens(torch.randn(1, 3, 224, 224))
    for hook in hooks:
        hook.remove()
    assert (seen[0], seen[-1], len(seen)) == (first, last, 12)


def test_visual_tokens_follow_equation_6(demo: Detector) -> None:
    branch, images = demo.visual, torch.randn(2, 3, 224, 224)
    encoder = branch.backbone
    with torch.inference_mode():
        x = branch.encoder.embed(images)
        for layer, block in enumerate(encoder.transformer.resblocks):
            rows = [torch.cat([z[:1], branch.prompts[layer], z[1:]]) for z in x]
            x = block(torch.stack(rows))
        torch.testing.assert_close(branch(images[:, None])[:, 0], x[:, 1])


def test_with_identity_fc_and_no_prompts_the_audio_branch_is_whispers_own_layers(
    paper: Detector,
) -> None:
    branch, mel = paper.audio, torch.randn(2, 80, 64)
    encoder = branch.backbone
    with torch.inference_mode():
        kept = [fc.weight.clone() for fc in branch.projections]  # type: ignore[operator]
        for fc in branch.projections:
            fc.weight[:, :512] = 0.0  # type: ignore[operator]
        ours = branch(mel)
        x = (
            F.gelu(encoder.conv2(F.gelu(encoder.conv1(mel)))).permute(0, 2, 1)
            + encoder.positional_embedding[:32]
        )
        x = torch.cat([branch.global_token.expand(2, 1, -1), x], dim=1)
        for block in encoder.blocks:
            x = block(x)
        wanted = encoder.ln_post(x)[:, 1:]
        for fc, weight in zip(branch.projections, kept, strict=True):
            fc.weight.copy_(weight)  # type: ignore[operator]
    torch.testing.assert_close(ours, wanted, atol=1e-4, rtol=1e-4)


def test_audio_tokens_follow_equation_8(demo: Detector) -> None:
    branch, mel = demo.audio, torch.randn(1, 80, 64)
    with torch.inference_mode():
        z, token = branch.encoder.embed(mel)[0], branch.global_token
        for layer, block in enumerate(branch.backbone.blocks):
            fc = branch.projections[layer]
            projected = [
                fc(torch.cat([branch.prompts[layer, i], z[i]])) for i in range(32)
            ]
            x = block(torch.stack([token, *projected])[None])[0]
            token, z = x[0], x[1:]
        torch.testing.assert_close(
            branch(mel)[0],
            branch.backbone.ln_post(z),
            atol=1e-5,
            rtol=1e-4,
        )


def test_alignment_and_heads_follow_equations_7_to_13(
    demo: Detector,
    segment: tuple[Tensor, Tensor],
) -> None:
    with torch.inference_mode():
        output = demo(*segment)
        f_v, f_a = demo.visual(segment[0]), demo.audio(segment[1])
        w_v, w_a = demo.visual_align.weight, demo.audio_align.weight
        for t in range(16):
            v = f_v[:, t] @ w_v[:, :, 0].T + demo.visual_align.bias
            # Two audio tokens belong to each frame.
            first = f_a[:, 2 * t] @ w_a[:, :, 0].T
            second = f_a[:, 2 * t + 1] @ w_a[:, :, 1].T
            a = first + second + demo.audio_align.bias
            torch.testing.assert_close(
                output.visual_features[:, t],
                v,
                atol=1e-5,
                rtol=1e-4,
            )
            torch.testing.assert_close(
                output.audio_features[:, t],
                a,
                atol=1e-5,
                rtol=1e-4,
            )
        fused = torch.cat([output.visual_features, output.audio_features], dim=2).mean(
            dim=1
        )
        torch.testing.assert_close(output.video_logits, demo.video_head(fused))
        torch.testing.assert_close(
            output.visual_logits, demo.visual_head(f_v.mean(dim=1))
        )


def test_frozen_layers_equal_the_libraries_own(paper: Detector) -> None:
    clip, speech = (
        paper.visual.backbone.transformer.resblocks[0],
        paper.audio.backbone.blocks[0],
    )
    with torch.inference_mode():
        x = torch.randn(3, 51, 768)
        torch.testing.assert_close(
            freeze_layer(clip, torch.float32, CPU)(x),
            clip(x),
            atol=1e-4,
            rtol=1e-4,
        )
        y = torch.randn(3, 33, 512)
        torch.testing.assert_close(
            freeze_layer(speech, torch.float32, CPU)(y),
            speech(y),
            atol=1e-4,
            rtol=1e-4,
        )


@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [
        (torch.float32, 1e-4),
        (torch.bfloat16, 0.1),
    ],
)
def test_fast_layers_give_the_plain_results(
    segment: tuple[Tensor, Tensor],
    dtype: torch.dtype,
    tolerance: float,
) -> None:
    plain, fast = Detector(DEMO), Detector(DEMO).hold_frozen(dtype)
    outputs = [model(*segment) for model in (plain, fast)]
    for name in ("visual_logits", "audio_logits", "video_logits"):
        torch.testing.assert_close(
            getattr(outputs[1], name),
            getattr(outputs[0], name),
            atol=tolerance,
            rtol=tolerance,
        )
    for model, output in zip((plain, fast), outputs, strict=True):
        (
            output.video_logits.sum()
            + output.visual_logits.sum()
            + output.audio_logits.sum()
        ).backward()
        assert all(value.grad is not None for value in model.trainable_state().values())
    gradients = [model.visual.prompts.grad for model in (plain, fast)]
    assert gradients[0] is not None and gradients[1] is not None
    similarity = F.cosine_similarity(
        gradients[0].flatten(),
        gradients[1].flatten(),
        dim=0,
    )
    assert float(similarity) > 1 - tolerance


def test_backbones_do_not_learn_and_stay_in_evaluation(demo: Detector) -> None:
    demo.train()
    assert not demo.visual.backbone.training and not demo.audio.backbone.training
    assert not any(name.split(".")[1] == "backbone" for name in demo.trainable_state())


def test_wrong_shapes_are_named(demo: Detector) -> None:
    with pytest.raises(ValueError, match=r"frames are \(1, 15, 3, 224, 224\)"):
        demo(torch.randn(1, 15, 3, 224, 224), torch.randn(1, 80, 64))
    with pytest.raises(ValueError, match="log_mel"):
        demo(torch.randn(1, 16, 3, 224, 224), torch.randn(1, 80, 65))


def test_random_weights_come_again_with_their_seed() -> None:
    def weights(seed: int) -> str:
        config = DetectorConfig(clip="demo", clip_weights="random", seed=seed)
        with pytest.warns(RandomWeightsWarning):
            return load_clip(config)[1].sha256

    assert weights(3) == weights(3) != weights(4)


def test_weights_by_path(tmp_path: Path) -> None:
    encoder = load_clip(DEMO)[0].backbone
    state = {
        f"visual.{name}": value.half() for name, value in encoder.state_dict().items()
    }
    save_file({**state, "logit_scale": torch.ones(1)}, tmp_path / "clip.safetensors")
    loaded, info = load_clip(
        DetectorConfig(clip="demo", clip_weights=str(tmp_path / "clip.safetensors"))
    )
    assert info.sha256 == hash_tensors(encoder.state_dict())
    # A local file is taken for OpenAI's.
    activation = loaded.backbone.transformer.resblocks[0].mlp.gelu
    assert type(activation).__name__ == "QuickGELU"


def test_whisper_weights_in_openais_own_format(tmp_path: Path) -> None:
    dims = whisper.model.ModelDimensions(80, 1500, 384, 6, 4, 8, 4, 8, 1, 1)
    model = whisper.model.Whisper(dims)
    torch.save(
        {"dims": vars(dims), "model_state_dict": model.state_dict()},
        tmp_path / "tiny.pt",
    )
    encoder, info = load_whisper(
        DetectorConfig(whisper="tiny", whisper_weights=str(tmp_path / "tiny.pt"))
    )
    assert (
        info.sha256 == hash_tensors(model.encoder.state_dict()) and encoder.width == 384
    )
    with pytest.raises(WeightsError, match="width 384"):
        load_whisper(
            DetectorConfig(whisper="base", whisper_weights=str(tmp_path / "tiny.pt"))
        )


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
    given = {"clip_weights": "random", "whisper_weights": "random", setting: value}
    config = DetectorConfig(**given)  # type: ignore[arg-type]
    load = load_whisper if setting.startswith("whisper") else load_clip
    with pytest.raises((SettingsError, WeightsError), match=message) as caught:
        load(config)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("setting", ["clip_weights", "whisper_weights"])
def test_damaged_weights_are_refused(setting: str, tmp_path: Path) -> None:
    (tmp_path / "bad.pt").write_bytes(b"not weights")
    given = {setting: str(tmp_path / "bad.pt"), "clip_activation": "gelu"}
    config = DetectorConfig(**given)  # type: ignore[arg-type]
    load = load_clip if setting == "clip_weights" else load_whisper
    with pytest.raises(WeightsError, match="not readable"):
        load(config)
