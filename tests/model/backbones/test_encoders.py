"""Encoders against the libraries' own forwards, and the detector on encoders of one's own."""

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import open_clip
import pytest
import torch
import torch.nn.functional as F
from open_clip.transformer import QuickGELU, ResidualAttentionBlock
from torch import Tensor, nn

from avdf.cache.core.errors import SettingsError
from avdf.model import Detector, DetectorConfig
from avdf.model.backbones import (
    ImageEncoder,
    RandomWeightsWarning,
    SpeechEncoder,
    load_clip,
    register_image_encoder,
    register_speech_encoder,
    registered,
)
from avdf.model.backbones.clip_activation import needs_quick_gelu
from avdf.model.backbones.freeze_layer import freeze_layer
from avdf.model.backbones.frozen_layer import FrozenBlock, attention
from avdf.model.backbones.pixels import CLIP_COLOURS
from avdf.model.inference.inputs import detector_input
from avdf.model.visual import VisualBranch
from avdf.model.whisper_sizes import WHISPER_SIZES, WhisperSize
from tests.helpers.batches import make_batch

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RandomWeightsWarning)
        yield


def load_random(name: str) -> ImageEncoder:
    return load_clip(DetectorConfig(clip=name, clip_weights="random"))[0]


@pytest.fixture(scope="module")
def siglip() -> ImageEncoder:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RandomWeightsWarning)
        return load_random("ViT-B-32-SigLIP2-256")


def test_siglip_has_no_class_token_its_own_colours_and_size(
    siglip: ImageEncoder,
) -> None:
    assert (siglip.prefix, siglip.width, len(siglip.layers())) == (0, 768, 12)
    pixels = torch.rand(2, 3, 224, 224)
    mean, deviation = (torch.tensor(values)[:, None, None] for values in CLIP_COLOURS)
    larger = F.interpolate(
        (pixels - 0.5) / 0.5,
        (256, 256),
        mode="bicubic",
        antialias=True,
    )
    with torch.inference_mode():
        wanted = siglip.backbone.trunk.forward_features(larger)
        branch = VisualBranch(siglip, 0, "sequential")
        branch.hold_frozen(torch.float32)
        tokens = branch.tokens((pixels - mean) / deviation)
        torch.testing.assert_close(
            siglip.backbone.trunk.norm(tokens),
            wanted,
            atol=1e-3,
            rtol=1e-3,
        )
        feature = branch((pixels[:, None] - mean) / deviation)
        torch.testing.assert_close(
            feature[:, 0],
            tokens.mean(dim=1),
            atol=1e-4,
            rtol=1e-4,
        )
        prompted = VisualBranch(siglip, 2, "sequential").tokens(
            (pixels - mean) / deviation
        )
    assert prompted.shape == (2, 64 + 2 * 12, 768)


def test_patches_of_siglip_over_the_mouth_lie_behind_its_prompts(
    siglip: ImageEncoder,
) -> None:
    assert siglip.grid == (8, 8)
    images = torch.randn(2, 3, 224, 224)
    numbers = [42, 43, 44, 45, 50, 51, 52, 53]  # of 8 x 8 patches, row by row
    for prompts in (0, 1):
        branch = VisualBranch(siglip, prompts, "sequential", "mouth")
        branch.hold_frozen(torch.float32)
        with torch.inference_mode():
            found = branch(images[:, None])[:, 0].unflatten(1, (9, 768))
            tokens = branch.tokens(images)
        feature = tokens[:, 0] if prompts else tokens.mean(dim=1)
        close = partial(torch.testing.assert_close, atol=1e-3, rtol=1e-3)
        close(found[:, 0], feature)
        close(found[:, 1:], tokens[:, -64:][:, numbers])


def test_other_sizes_of_clip() -> None:
    for name, width, layers, patches in (
        ("ViT-B-16", 768, 12, 196),
        ("ViT-S-32-alt", 384, 12, 49),
    ):
        clip = load_random(name)
        assert (clip.prefix, clip.width, len(clip.layers())) == (1, width, layers)
        assert clip.grid == (math.isqrt(patches), math.isqrt(patches))
        with torch.inference_mode():
            assert clip.embed(torch.zeros(1, 3, 224, 224)).shape == (
                1,
                1 + patches,
                width,
            )


def layer_of(kind: str) -> tuple[nn.Module, bool]:
    """A layer with random weights, and whether its arithmetic is one that is fused."""
    torch.manual_seed(3)
    make: dict[str, tuple[Callable[[], nn.Module], bool]] = {
        "clip": (lambda: ResidualAttentionBlock(32, 4), True),
        "clip, QuickGELU": (
            lambda: ResidualAttentionBlock(32, 4, act_layer=QuickGELU),
            True,
        ),
        "clip, layer scale": (
            lambda: ResidualAttentionBlock(32, 4, ls_init_value=0.5),
            False,
        ),
        "timm": (timm_block, True),
        "timm, tanh": (
            lambda: timm_block(act_layer=lambda: nn.GELU(approximate="tanh")),
            True,
        ),
        "timm, norm of queries": (lambda: timm_block(qk_norm=True), False),
    }
    layer, fused = make[kind][0](), make[kind][1]
    for value in layer.parameters():
        nn.init.normal_(value, std=0.2)
    return layer.eval(), fused


def timm_block(**options: object) -> nn.Module:
    from timm.models.vision_transformer import Block

    return Block(32, 4, qkv_bias=True, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "kind",
    [
        "clip",
        "clip, QuickGELU",
        "clip, layer scale",
        "timm",
        "timm, tanh",
        "timm, norm of queries",
    ],
)
def test_a_frozen_layer_is_the_librarys(kind: str) -> None:
    layer, fused = layer_of(kind)
    frozen = freeze_layer(layer, torch.float32, CPU)
    assert isinstance(frozen, FrozenBlock) == fused
    x = torch.randn(3, 9, 32)
    with torch.inference_mode():
        torch.testing.assert_close(frozen(x), layer(x), atol=1e-5, rtol=1e-4)
        if fused:
            torch.testing.assert_close(
                frozen(x, slice(1, 3)),
                layer(x)[:, 1:3],
                atol=1e-5,
                rtol=1e-4,
            )
    held = freeze_layer(layer, torch.bfloat16, CPU)
    assert {value.dtype for value in held.state_dict().values()} <= {torch.bfloat16}
    assert {value.dtype for value in layer.parameters()} == {torch.float32}


def test_attention_and_its_gradient_are_pytorchs() -> None:
    query, key, value = (torch.randn(2, 3, 7, 8, requires_grad=True) for _ in range(3))
    ours, wanted = (
        attention(query, key, value),
        F.scaled_dot_product_attention(query, key, value),
    )
    torch.testing.assert_close(ours, wanted, atol=1e-6, rtol=1e-5)
    weight, inputs = torch.randn_like(wanted), (query, key, value)
    gradients = [
        torch.autograd.grad((result * weight).sum(), inputs)
        for result in (ours, wanted)
    ]
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)


def test_a_whisper_with_128_mel_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WHISPER_SIZES, "large-v3", WhisperSize(32, 2, 2, 128))
    detector = Detector(
        DetectorConfig(
            clip="demo",
            clip_weights="demo",
            whisper="large-v3",
            whisper_weights="random",
        )
    )
    assert detector.mel_bins == 128
    frames, mel = detector_input(make_batch(2), CPU, detector.mel_bins)
    assert mel.shape == (2, 128, 64)
    assert detector(frames, mel).audio_logits.shape == (2, 2)
    with pytest.raises(ValueError, match=r"expected \(2, 128, 64\)"):
        detector(frames, mel[:, :80])


class OwnImages(ImageEncoder):
    """Means of 16 fields, two register tokens, two of PyTorch's layers."""

    def __init__(self, named: str) -> None:
        self.named, self.width, self.prefix = named, 8, 2
        self.backbone = nn.ModuleList(
            [
                nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True)
                for _ in range(2)
            ]
        )

    def embed(self, images: Tensor) -> Tensor:
        fields = F.adaptive_avg_pool2d(images, 4).flatten(2).transpose(1, 2)
        return F.pad(fields, (0, 5, 2, 0))

    def layers(self) -> Sequence[nn.Module]:
        return list(self.backbone)


class OwnSpeech(SpeechEncoder):
    """The log-mel itself as tokens."""

    def __init__(self, named: str) -> None:
        self.named, self.width, self.mel_bins = named, 80, 40
        self.backbone = nn.ModuleList([nn.Linear(80, 80)])

    def embed(self, log_mel: Tensor) -> Tensor:
        return (
            log_mel.view(len(log_mel), self.mel_bins, 32, 2)
            .permute(0, 2, 1, 3)
            .flatten(2)
        )

    def layers(self) -> Sequence[nn.Module]:
        return list(self.backbone)

    def finish(self, tokens: Tensor) -> Tensor:
        return tokens


def test_an_encoder_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        registered,
        "_registered",
        {name: {} for name in (registered.IMAGE_GROUP, registered.SPEECH_GROUP)},
    )
    register_image_encoder("fields", OwnImages)
    register_speech_encoder("plain", OwnSpeech)
    detector = Detector(
        DetectorConfig(
            clip="fields",
            clip_weights="a",
            whisper="plain",
            whisper_weights="b",
        )
    )
    detector.hold_frozen(torch.bfloat16)
    assert detector.visual.prompts.shape == (
        2,
        1,
        8,
    ) and detector.audio.prompts.shape == (
        1,
        32,
        512,
    )
    frames, mel = detector_input(make_batch(2), CPU, detector.mel_bins)
    detector(frames, mel).video_logits.sum().backward()
    assert {
        name for name, value in detector.trainable_state().items() if value.grad is None
    } == {
        f"{head}.{layer}.{kind}"
        for head in ("visual_head", "audio_head")
        for layer in (0, 2)
        for kind in ("weight", "bias")
    }
    assert (
        detector.backbones["clip"].weights == "a"
        and len(detector.backbones["whisper"].sha256) == 64
    )


def test_files_are_guessed_at_only_where_one_kind_exists() -> None:
    for name, wanted in (
        ("ViT-B-16-SigLIP2", False),
        ("ViT-S-32-alt", False),
        ("ViT-L-14-quickgelu", True),
    ):
        config = DetectorConfig(clip=name, clip_weights="file.pt")
        settings = open_clip.get_model_config(name)
        assert needs_quick_gelu(config, settings, Path("file.pt")) is wanted
    for name in ("ViT-B-32", "ViT-L-14", "ViT-H-14"):
        with pytest.raises(SettingsError, match=r"model\.clip_activation"):
            needs_quick_gelu(
                DetectorConfig(clip=name, clip_weights="file.pt"),
                open_clip.get_model_config(name),
                Path("file.pt"),
            )
