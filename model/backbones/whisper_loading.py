"""Whisper's encoder with its weights: by name, by path, the demo's, or random."""

import os
from pathlib import Path

import whisper
from safetensors.torch import load_file
from whisper.model import AudioEncoder

from avdf.cache.core.errors import SettingsError, WeightsError
from avdf.model.backbones.demo_files import DEMO_WHISPER, check_demo
from avdf.model.backbones.encoder import SpeechEncoder
from avdf.model.backbones.info import DEMO, RANDOM, BackboneInfo, freeze
from avdf.model.backbones.registered import SPEECH_GROUP, find_registered
from avdf.model.backbones.tensors import load_tensors, seeded
from avdf.model.backbones.whisper import WhisperEncoder
from avdf.model.config import DetectorConfig
from avdf.model.whisper_sizes import WHISPER_SIZES, WhisperSize

_POSITIONS = 1500  # of 30 s of audio, for which Whisper was trained


def load_whisper(config: DetectorConfig) -> tuple[SpeechEncoder, BackboneInfo]:
    """The speech encoder, frozen, in float32: a Whisper, or a registered one.

    Raises:
        SettingsError: the size is unknown.
        WeightsError: the weights are missing, cannot be downloaded, or do not fit.
    """
    name, weights = config.whisper, config.whisper_weights
    if factory := find_registered(SPEECH_GROUP, name):
        registered: SpeechEncoder = factory(weights)
        return registered, freeze(registered.backbone, name, weights)

    size = WHISPER_SIZES.get(name.removesuffix(".en"))
    if size is None:
        raise SettingsError(
            f"model.whisper {name!r} is not known; use one of {', '.join(WHISPER_SIZES)}"
        )
    check_demo("whisper", name, weights)
    if weights in (RANDOM, DEMO):
        encoder = _build(size, config.seed)
        if weights == DEMO:
            _load_demo(encoder, f"model.whisper {name}")
    else:
        encoder = _load_released(weights)
        _check_size(encoder, size, name, weights)
    return WhisperEncoder(encoder), freeze(encoder, name, weights)


def cached_whisper(weights: str) -> Path | None:
    """The file of the weights if it is on this machine. Downloads nothing."""
    url = whisper_url(weights)
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "whisper"
    path = cache / Path(url).name if url else Path(weights)
    return path if path.is_file() else None


def whisper_url(weights: str) -> str:
    """Where released weights can be downloaded; '' for others."""
    return str(whisper._MODELS.get(weights, ""))


def _build(size: WhisperSize, seed: int) -> AudioEncoder:
    """An encoder with random weights."""
    width, heads, layers, mel_bins = size
    with seeded(seed):
        return AudioEncoder(mel_bins, _POSITIONS, width, heads, layers)


def _load_demo(encoder: AudioEncoder, setting: str) -> None:
    # The positions are sines, the same in every Whisper: the demo's file leaves them out.
    positions = {"positional_embedding": encoder.positional_embedding}
    load_tensors(encoder, load_file(DEMO_WHISPER) | positions, setting, DEMO_WHISPER)


def _load_released(weights: str) -> AudioEncoder:
    """The encoder of a released Whisper or of a local file, loaded by the library."""
    try:
        return whisper.load_model(weights, device="cpu").encoder.float()
    except Exception as error:  # whatever the library raises, the remedy is the same
        url = whisper_url(weights)
        if not url and not Path(weights).is_file():
            names = ", ".join(whisper.available_models())
            raise WeightsError(
                f"model.whisper_weights {weights!r} is neither a file nor one of {names}; "
                "set model.whisper_weights=FILE"
            ) from None
        if not url:
            raise WeightsError(
                f"{weights}: not readable as Whisper weights ({error})"
            ) from None
        raise WeightsError(
            f"the {weights} weights of Whisper are not on this machine and cannot be downloaded "
            f"({type(error).__name__}); fetch {url} and "
            "set model.whisper_weights=FILE"
        ) from None


def _check_size(
    encoder: AudioEncoder, size: WhisperSize, name: str, weights: str
) -> None:
    """Weights bring their size along, which may be another one than `model.whisper`."""
    found = (encoder.conv1.out_channels, len(encoder.blocks), encoder.conv1.in_channels)
    if found != (size.width, size.layers, size.mel_bins):
        raise WeightsError(
            f"model.whisper_weights {weights}: width {found[0]}, {found[1]} layers, "
            f"{found[2]} mel channels; model.whisper {name} has {size.width}, {size.layers}, "
            f"{size.mel_bins}"
        )
