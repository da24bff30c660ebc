"""Whisper's encoder with its weights: by name, by path, the demo's, or random."""

import os
from pathlib import Path
from types import ModuleType

from safetensors.torch import load_file

from avdf.cache.core.errors import SettingsError, WeightsError
from avdf.cache.machine.light_import import import_alone
from avdf.model.backbones.demo_files import DEMO_WHISPER, check_demo
from avdf.model.backbones.encoder import SpeechEncoder
from avdf.model.backbones.info import DEMO, RANDOM, BackboneInfo, freeze
from avdf.model.backbones.libraries import AudioEncoder
from avdf.model.backbones.registered import SPEECH_GROUP, find_registered
from avdf.model.backbones.tensors import Unfilled, load_tensors, read_pickled, seeded
from avdf.model.backbones.whisper import WhisperEncoder
from avdf.model.config import DetectorConfig
from avdf.model.whisper_sizes import WHISPER_NAMES, WHISPER_SIZES, WhisperSize

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
    if weights == RANDOM:
        with seeded(config.seed):
            encoder = _build(size)
    elif weights == DEMO:
        encoder = _load_demo(size, f"model.whisper {name}")
    else:
        encoder = _load_released(weights)
        _check_size(encoder, size, name, weights)
    return WhisperEncoder(encoder), freeze(encoder, name, weights)


def cached_whisper(weights: str) -> Path | None:
    """The file of the weights if it is on this machine. Downloads nothing."""
    url = whisper_url(weights)
    path = _cache() / Path(url).name if url else Path(weights)
    return path if path.is_file() else None


def whisper_url(weights: str) -> str:
    """Where released weights can be downloaded; '' for others."""
    return str(_library()._MODELS.get(weights, ""))


def _library() -> ModuleType:
    """All of whisper but the compiler that it needs to align words with time."""
    import_alone(
        ("whisper.transcribe",),
        packages=("whisper",),
        functions={"whisper.timing": ("add_word_timestamps",)},
    )
    import whisper

    library: ModuleType = whisper
    return library


def _cache() -> Path:
    """Where whisper keeps what it has downloaded."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "whisper"


def _build(size: WhisperSize, positions: int = _POSITIONS) -> AudioEncoder:
    """An encoder with random weights."""
    return AudioEncoder(size.mel_bins, positions, size.width, size.heads, size.layers)


def _load_demo(size: WhisperSize, setting: str) -> AudioEncoder:
    with Unfilled():
        encoder = _build(size)
    # The positions are sines, the same in every Whisper: the demo's file leaves them out.
    positions = {"positional_embedding": encoder.positional_embedding}
    load_tensors(encoder, load_file(DEMO_WHISPER) | positions, setting, DEMO_WHISPER)
    return encoder


def _load_released(weights: str) -> AudioEncoder:
    """The encoder of a released Whisper, downloaded if need be, or of a local file."""
    try:
        return _load_file(_file_of(weights))
    except Exception as error:  # whatever the library raises, the remedy is the same
        url = whisper_url(weights)
        if not url and not Path(weights).is_file():
            names = ", ".join(_library().available_models())
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


def _file_of(weights: str) -> Path:
    """The file of released weights, downloaded and checked by whisper, or a local one."""
    path = Path(weights)
    # Names win over files, as in whisper; looking a name up takes all of whisper.
    if weights not in WHISPER_NAMES and path.is_file():
        return path
    url = whisper_url(weights)
    if not url:
        return path
    return Path(_library()._download(url, str(_cache()), False))


def _load_file(path: Path) -> AudioEncoder:
    """The encoder in a file of a whole Whisper, in OpenAI's format; its decoder is not built."""
    stored = read_pickled(path)
    found = stored["dims"]
    size = WhisperSize(
        width=found["n_audio_state"],
        heads=found["n_audio_head"],
        layers=found["n_audio_layer"],
        mel_bins=found["n_mels"],
    )
    with Unfilled():
        encoder = _build(size, found["n_audio_ctx"])
    prefix = "encoder."
    state = {
        name.removeprefix(prefix): value
        for name, value in stored["model_state_dict"].items()
        if name.startswith(prefix)
    }
    load_tensors(encoder, state, "model.whisper", path)
    return encoder


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
