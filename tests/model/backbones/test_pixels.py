"""Pixels go into the image encoder as if they had been normalised before."""

import warnings
from collections.abc import Iterator

import pytest
import torch

from avdf.model import Detector, DetectorConfig
from avdf.model.backbones import ImageEncoder, RandomWeightsWarning, load_clip
from avdf.model.backbones.pixels import CLIP_COLOURS, normalise_pixels
from tests.helpers.tiny_run import TINY_MODEL

GENERATOR = torch.Generator().manual_seed(3)
PIXELS = torch.randint(0, 256, (3, 224, 224, 3), dtype=torch.uint8, generator=GENERATOR)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RandomWeightsWarning)
        yield


def load_random(name: str) -> ImageEncoder:
    weights = "demo" if name == "demo" else "random"
    return load_clip(DetectorConfig(clip=name, clip_weights=weights))[0]


def test_pixels_are_normalised_by_the_published_mean_and_deviation() -> None:
    mean = torch.tensor(CLIP_COLOURS.mean)
    deviation = torch.tensor(CLIP_COLOURS.deviation)
    wanted = (PIXELS / 255 - mean) / deviation
    torch.testing.assert_close(
        normalise_pixels(PIXELS).permute(0, 2, 3, 1), wanted, atol=1e-5, rtol=1e-5
    )


@pytest.mark.parametrize("name", ["ViT-B-32", "demo"])
def test_the_convolution_that_normalises_gives_the_same_tokens(name: str) -> None:
    encoder = load_random(name)
    with torch.inference_mode():
        found = encoder.embed_pixels(PIXELS)
        wanted = encoder.embed(normalise_pixels(PIXELS))
    torch.testing.assert_close(found, wanted, atol=2e-5, rtol=2e-4)


def test_an_encoder_with_other_colours_gets_normalised_images() -> None:
    siglip = load_random("ViT-B-16-SigLIP")
    with torch.inference_mode():
        found = siglip.embed_pixels(PIXELS)
        wanted = siglip.embed(normalise_pixels(PIXELS))
    assert torch.equal(found, wanted)


def test_an_encoder_that_scoring_asked_first_can_be_trained_with() -> None:
    encoder = load_random("demo")
    with torch.inference_mode():
        encoder.embed_pixels(PIXELS)
    token = torch.zeros(encoder.width, requires_grad=True)
    total = (encoder.embed_pixels(PIXELS) * token).sum()
    total.backward()  # type: ignore[no-untyped-call]
    assert token.grad is not None


def test_the_detector_takes_pixels_as_shards_store_them(
    tiny_detector: Detector,
) -> None:
    pixels = torch.randint(
        0, 256, (2, 16, 224, 224, 3), dtype=torch.uint8, generator=GENERATOR
    )
    log_mel = torch.randn(2, 80, 64, generator=GENERATOR)
    with torch.inference_mode():
        found = tiny_detector(pixels, log_mel)
        wanted = tiny_detector(normalise_pixels(pixels), log_mel)
    torch.testing.assert_close(
        found.video_logits, wanted.video_logits, atol=1e-4, rtol=1e-3
    )


def test_pixels_of_another_shape_are_refused(tiny_detector: Detector) -> None:
    pixels = torch.zeros(2, 16, 3, 224, 224, dtype=torch.uint8)
    with pytest.raises(ValueError, match=r"expected \(2, 16, 224, 224, 3\)"):
        tiny_detector(pixels, torch.zeros(2, 80, 64))


@pytest.fixture
def tiny_detector() -> Detector:
    return Detector(TINY_MODEL).hold_frozen(torch.float32).eval()
