"""The first layers of the speech encoder alone: beside a plain loop over the library's blocks."""

import warnings
from typing import Any

import pytest
import torch

from avdf.cache.core.errors import SettingsError
from avdf.model import Detector, DetectorConfig
from avdf.model.backbones import RandomWeightsWarning


def listener(layers: int, **changes: Any) -> Detector:
    """A detector of sound with Whisper base, which has six layers, and random weights."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RandomWeightsWarning)
        config = DetectorConfig(
            branches="audio", whisper_weights="random", audio_layers=layers, **changes
        )
        return Detector(config).eval()


def log_mel() -> torch.Tensor:
    return torch.randn(2, 80, 64, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("ln_post", [False, True])
def test_a_probe_judges_the_tokens_behind_the_first_layers(
    ln_post: bool, frozen: bool
) -> None:
    detector = listener(2, adapt="probe", audio_ln_post=ln_post)
    if frozen:
        detector.hold_frozen(torch.float32)
    encoder = detector.audio.encoder
    with torch.inference_mode():
        tokens = encoder.embed(log_mel())
        for block in list(encoder.backbone.blocks)[:2]:
            tokens = block(tokens)
        if ln_post:
            tokens = encoder.backbone.ln_post(tokens)
        features = detector.audio(log_mel())
    torch.testing.assert_close(features, tokens, rtol=1e-4, atol=1e-4)


def test_all_layers_are_the_default() -> None:
    with torch.inference_mode():
        every, six = listener(0, adapt="probe"), listener(6, adapt="probe")
        assert torch.equal(every.audio(log_mel()), six.audio(log_mel()))


def test_only_what_is_run_has_prompts_and_trained_norms() -> None:
    prompted = listener(2).trainable_state()
    assert prompted["audio.prompts"].shape == (2, 32, 512)
    assert "audio.projections.1.weight" in prompted
    assert "audio.projections.2.weight" not in prompted
    norms = set(listener(2, adapt="layer_norm").trainable_state())
    assert "audio.backbone.blocks.1.mlp_ln.weight" in norms
    assert not any(name.startswith("audio.backbone.blocks.2") for name in norms)


def test_more_layers_than_there_are_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"audio_layers is 7, .* has 6 layers"):
        listener(7)
    with pytest.raises(SettingsError, match="audio_layers"):
        DetectorConfig(audio_layers=-1)
