"""The frozen encoders with their weights: by name, by path, the demo's, or random."""

import hashlib
import os
import socket
import urllib.parse
import urllib.request
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import huggingface_hub
import open_clip
import torch
import whisper
from open_clip.timm_model import TimmModel
from open_clip.transformer import VisionTransformer
from safetensors.torch import load_file
from timm.models.vision_transformer import VisionTransformer as TimmTransformer
from torch import nn
from whisper.model import AudioEncoder

from avdf.cache.core.clock import MEL_BINS
from avdf.cache.core.errors import SettingsError, WeightsError
from avdf.model.backbones.clip import CLIP_DEVIATION, CLIP_MEAN, ClipEncoder, Colours, TimmEncoder
from avdf.model.backbones.encoder import (
    DEMO,
    IMAGE_GROUP,
    RANDOM,
    SPEECH_GROUP,
    BackboneInfo,
    ImageEncoder,
    SpeechEncoder,
    find_registered,
)
from avdf.model.backbones.whisper import WhisperEncoder
from avdf.model.config import Activation, DetectorConfig

WEIGHTS_FOLDER = Path(__file__).parent / "demo"

# Whisper's sizes: width, heads, layers, mel channels (Radford et al. 2023, Table 1; the releases of large-v3 and turbo)
WHISPER_SIZES = {
    "tiny": (384, 6, 4, 80),
    "base": (512, 8, 6, 80),
    "small": (768, 12, 12, 80),
    "medium": (1024, 16, 24, 80),
    "large-v1": (1280, 20, 32, 80),
    "large-v2": (1280, 20, 32, 80),
    "large-v3": (1280, 20, 32, 128),
    "large": (1280, 20, 32, 128),
    "large-v3-turbo": (1280, 20, 32, 128),
    "turbo": (1280, 20, 32, 128),
    DEMO: (64, 4, 2, MEL_BINS),
}
_WHISPER_POSITIONS = 1500
_HUB_FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
DEMO_VISION = {"image_size": 224, "patch_size": 28, "width": 96, "layers": 3, "head_width": 32}
# The text tower is not used: the smallest that open_clip builds.
_NO_TEXT = {"context_length": 4, "vocab_size": 8, "width": 8, "heads": 1, "layers": 1}


class RandomWeightsWarning(UserWarning):
    """A backbone has random weights: what the detector says means nothing until that changes."""


def load_clip(config: DetectorConfig) -> tuple[ImageEncoder, BackboneInfo]:
    """The image encoder, frozen, in float32: an open_clip model's tower, or a registered one.

    Raises:
        SettingsError: the architecture is unknown, or not a row of transformer layers.
        WeightsError: the weights are missing, cannot be downloaded, or do not fit.
    """
    name, weights = config.clip, config.clip_weights
    if factory := find_registered(IMAGE_GROUP, name):
        encoder: ImageEncoder = factory(weights)
        return encoder, _describe(name, weights, encoder.backbone)
    settings = _clip_settings(name)
    _check_demo("clip", name, weights)
    path = _clip_path(name, weights)
    quick = _is_quick_gelu(config, settings, path)
    with seeded(config.seed):
        tower = open_clip.CLIP(
            settings.get("embed_dim", 512), settings["vision_cfg"], _NO_TEXT, quick_gelu=quick
        ).visual
    if path is not None:
        _load(tower, _clip_state(path), f"model.clip {name}", path)
    colours = _colours(name, weights)
    if isinstance(tower, VisionTransformer):
        return ClipEncoder(tower, colours), _describe(
            name, weights, tower, "quick_gelu" if quick else "gelu"
        )
    if isinstance(tower, TimmModel) and isinstance(tower.trunk, TimmTransformer):
        return TimmEncoder(tower, colours), _describe(name, weights, tower)
    raise SettingsError(
        f"model.clip {name}: not a vision transformer; use e.g. ViT-B-32, ViT-L-14 or ViT-B-16-SigLIP2, "
        "or register an encoder of your own (docs/backbones.md)"
    )


def load_whisper(config: DetectorConfig) -> tuple[SpeechEncoder, BackboneInfo]:
    """The speech encoder, frozen, in float32: a Whisper, or a registered one.

    Raises:
        SettingsError: the size is unknown.
        WeightsError: the weights are missing, cannot be downloaded, or do not fit.
    """
    name, weights = config.whisper, config.whisper_weights
    if factory := find_registered(SPEECH_GROUP, name):
        registered: SpeechEncoder = factory(weights)
        return registered, _describe(name, weights, registered.backbone)
    if name.removesuffix(".en") not in WHISPER_SIZES:
        raise SettingsError(
            f"model.whisper {name!r} is not known; use one of {', '.join(WHISPER_SIZES)}"
        )
    _check_demo("whisper", name, weights)
    width, heads, layers, mels = WHISPER_SIZES[name.removesuffix(".en")]
    if weights in (RANDOM, DEMO):
        with seeded(config.seed):
            encoder = AudioEncoder(mels, _WHISPER_POSITIONS, width, heads, layers)
        if weights == DEMO:
            path = WEIGHTS_FOLDER / "demo_whisper.safetensors"
            state = _floats(load_file(path)) | {
                "positional_embedding": encoder.positional_embedding
            }
            _load(encoder, state, f"model.whisper {name}", path)
    else:
        encoder = _download_whisper(weights)
        found = (encoder.conv1.out_channels, len(encoder.blocks), encoder.conv1.in_channels)
        if found != (width, layers, mels):
            raise WeightsError(
                f"model.whisper_weights {weights}: width {found[0]}, {found[1]} layers, {found[2]} mel channels; "
                f"model.whisper {name} has {width}, {layers}, {mels}"
            )
    return WhisperEncoder(encoder), _describe(name, weights, encoder)


def _colours(name: str, weights: str) -> Colours:
    """The mean and deviation that a tower was trained with: those of its named weights, else of any of its name."""
    tags = [weights, *open_clip.list_pretrained_tags_by_model(name)]
    for known in filter(None, (open_clip.pretrained.get_pretrained_cfg(name, tag) for tag in tags)):
        return tuple(known.get("mean") or CLIP_MEAN), tuple(known.get("std") or CLIP_DEVIATION)
    return CLIP_MEAN, CLIP_DEVIATION


@dataclass(frozen=True)
class WeightsFile:
    """One weights setting: its file if that is on this machine, and where it is to be had if not."""

    setting: str
    value: str
    file: Path | None
    origin: str


def find_weights(config: DetectorConfig) -> tuple[WeightsFile, ...]:
    """The weights that a configuration needs and which of them are here. Downloads nothing."""
    return (
        WeightsFile(
            "model.clip_weights",
            config.clip_weights,
            _cached_clip(config.clip, config.clip_weights),
            _clip_origin(config.clip, config.clip_weights),
        ),
        WeightsFile(
            "model.whisper_weights",
            config.whisper_weights,
            _cached_whisper(config.whisper_weights),
            whisper._MODELS.get(config.whisper_weights, ""),
        ),
    )


def _cached_whisper(weights: str) -> Path | None:
    url = whisper._MODELS.get(weights)
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "whisper"
    path = cache / Path(url).name if url else Path(weights)
    return path if path.is_file() else None


def _cached_clip(name: str, weights: str) -> Path | None:
    known = open_clip.pretrained.get_pretrained_cfg(name, weights)
    if not known:
        return Path(weights) if Path(weights).is_file() else None
    repository = str(known.get("hf_hub", "")).strip("/")
    for file in _HUB_FILES if repository else ():
        found = huggingface_hub.try_to_load_from_cache(repository, file)
        if isinstance(found, str):
            return Path(found)
    return None


def _clip_settings(name: str) -> dict[str, Any]:
    if name == DEMO:
        return {"embed_dim": 96, "vision_cfg": dict(DEMO_VISION)}
    settings: dict[str, Any] | None = open_clip.get_model_config(name)
    if settings is None:
        raise SettingsError(
            f"model.clip {name!r} is not an open_clip model; use e.g. ViT-B-32, ViT-B-16 or ViT-L-14"
        )
    return settings


def _clip_path(name: str, weights: str) -> Path | None:
    """The weights' file, downloaded by open_clip into its own cache if need be; None for random weights."""
    if weights == RANDOM:
        return None
    if weights == DEMO:
        return WEIGHTS_FOLDER / "demo_clip.safetensors"
    known = open_clip.pretrained.get_pretrained_cfg(name, weights)
    if not known:
        if not Path(weights).is_file():
            tags = ", ".join(open_clip.list_pretrained_tags_by_model(name)) or "none"
            raise WeightsError(
                f"model.clip_weights {weights!r} is neither a file nor known for {name} (known: {tags}); "
                "give a path with --set model.clip_weights=FILE"
            )
        return Path(weights)
    if cached := _cached_clip(name, weights):
        return cached
    try:
        _check_hub()
        return Path(open_clip.pretrained.download_pretrained(known))
    except Exception as error:  # whatever the hub's client raises, the remedy is the same
        raise WeightsError(
            f"the {weights} weights of CLIP {name} are not on this machine and cannot be downloaded "
            f"({type(error).__name__}); fetch {_clip_origin(name, weights)} and give it with "
            "--set model.clip_weights=FILE"
        ) from None


def _check_hub() -> None:
    """Fail at once where the hub's name is not known: its client would try for a minute."""
    if not urllib.request.getproxies():
        socket.getaddrinfo(urllib.parse.urlsplit(huggingface_hub.constants.ENDPOINT).hostname, 443)


def _clip_origin(name: str, weights: str) -> str:
    known = open_clip.pretrained.get_pretrained_cfg(name, weights)
    if known.get("hf_hub"):
        return f"https://huggingface.co/{known['hf_hub'].strip('/')}/resolve/main/{_HUB_FILES[0]}"
    return str(known.get("url", ""))


def _check_demo(kind: str, name: str, weights: str) -> None:
    """The demo's weights and architecture go together.

    Raises:
        SettingsError: one of them was given with another partner.
    """
    if weights == DEMO != name:
        raise SettingsError(
            f"model.{kind}_weights=demo are the weights of model.{kind}=demo, not of {name}; "
            f"use --set model.{kind}=demo, or --backbones demo"
        )
    if name == DEMO and weights not in (DEMO, RANDOM) and not Path(weights).is_file():
        raise SettingsError(
            f"model.{kind}=demo has no weights {weights!r}; use --set model.{kind}_weights=demo, or --backbones demo"
        )


def _is_quick_gelu(config: DetectorConfig, settings: dict[str, Any], path: Path | None) -> bool:
    """OpenAI's weights, and those of names that end in -quickgelu, need QuickGELU; others do not.

    open_clip knows it of the names of weights. The tensors of a file do not show it, and the wrong one runs and gives
    wrong features; so a file of an architecture that exists in both kinds needs a setting that says which, unless it is
    the TorchScript archive that OpenAI published.

    Raises:
        SettingsError: that setting is missing.
    """
    if config.clip_activation != "auto":
        return config.clip_activation == "quick_gelu"
    if path is None or config.clip_weights == DEMO:
        return bool(settings.get("quick_gelu", False))
    known = open_clip.pretrained.get_pretrained_cfg(config.clip, config.clip_weights)
    if known:
        return bool(known.get("quick_gelu", False))
    if config.clip == DEMO or settings.get("quick_gelu", False):
        return True
    if f"{config.clip}-quickgelu" not in open_clip.list_models() and not _released_by_openai(
        config.clip
    ):
        return False
    if _is_torchscript(path):
        return True
    raise SettingsError(
        f"model.clip_weights {config.clip_weights}: a file does not say whether its weights need QuickGELU; add "
        "--set model.clip_activation=quick_gelu if OpenAI made them, --set model.clip_activation=gelu if LAION did "
        "(others: as their authors say)"
    )


def _released_by_openai(name: str) -> bool:
    return "openai" in open_clip.list_pretrained_tags_by_model(name)


def _is_torchscript(path: Path) -> bool:
    """Whether a file is a TorchScript archive, which holds code beside the tensors."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any("/code/" in name for name in archive.namelist())


def trained_activation(config: DetectorConfig, backbones: Mapping[str, BackboneInfo]) -> Activation:
    """The activation that a run's image encoder was trained with, wherever its weights lie today."""
    kept = backbones["clip"].activation if "clip" in backbones else ""
    if config.clip_activation != "auto" or "clip" not in backbones:
        return config.clip_activation
    if kept:
        return "quick_gelu" if kept == "quick_gelu" else "gelu"
    # Checkpoints that do not say: a local file was taken for OpenAI's wherever OpenAI released the architecture.
    named = config.clip_weights in (DEMO, RANDOM) or open_clip.pretrained.get_pretrained_cfg(
        config.clip, config.clip_weights
    )
    if named or open_clip.get_model_config(config.clip) is None:
        return "auto"
    return "quick_gelu" if _released_by_openai(config.clip) else "gelu"


def _clip_state(path: Path) -> dict[str, torch.Tensor]:
    """The image tower's tensors of a file: safetensors, a state dict, or OpenAI's TorchScript archive."""
    try:
        state = open_clip.factory.load_state_dict(str(path))
    except Exception:
        try:
            state = torch.jit.load(str(path), map_location="cpu").state_dict()  # type: ignore[no-untyped-call]
        except Exception as error:
            raise WeightsError(f"{path}: not readable as CLIP weights ({error})") from None
    visual = {
        name.removeprefix("visual."): value
        for name, value in state.items()
        if name.startswith("visual.")
    }
    return _floats(visual or state)


def _download_whisper(weights: str) -> AudioEncoder:
    try:
        return whisper.load_model(weights, device="cpu").encoder.float()
    except Exception as error:
        url = whisper._MODELS.get(weights)
        if url is None and not Path(weights).is_file():
            raise WeightsError(
                f"model.whisper_weights {weights!r} is neither a file nor one of "
                f"{', '.join(whisper.available_models())}; give a path with --set model.whisper_weights=FILE"
            ) from None
        if url is None:
            raise WeightsError(f"{weights}: not readable as Whisper weights ({error})") from None
        raise WeightsError(
            f"the {weights} weights of Whisper are not on this machine and cannot be downloaded "
            f"({type(error).__name__}); fetch {url} and give it with --set model.whisper_weights=FILE"
        ) from None


def _load(module: nn.Module, state: Mapping[str, torch.Tensor], what: str, path: Path) -> None:
    wanted = {name: tuple(value.shape) for name, value in module.state_dict().items()}
    found = {name: tuple(value.shape) for name, value in state.items()}
    try:
        module.load_state_dict(dict(state))
    except RuntimeError:
        missing, odd = len(wanted.keys() - found.keys()), len(found.keys() - wanted.keys())
        unlike = sum(found[name] != shape for name, shape in wanted.items() if name in found)
        setting = what.partition(" ")[0]
        raise WeightsError(
            f"{path}: these weights do not fit {what}: {missing} tensors are missing, {odd} are not known, {unlike} "
            f"have another shape; name the architecture that they are of with --set {setting}=..."
        ) from None


def _floats(state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: value.float() for name, value in state.items()}


def _describe(
    architecture: str, weights: str, module: nn.Module, activation: str = ""
) -> BackboneInfo:
    module.requires_grad_(False).eval()
    if weights == RANDOM:
        warnings.warn(
            f"{architecture} has random weights: its scores mean nothing, they only show that the program runs",
            RandomWeightsWarning,
            stacklevel=4,
        )
    return BackboneInfo(architecture, weights, hash_tensors(module.state_dict()), activation)


def hash_tensors(state: Mapping[str, torch.Tensor]) -> str:
    """SHA-256 over names, shapes and float32 values: the same for the same weights in whatever file they came."""
    digest = hashlib.sha256()
    for name in sorted(state):
        tensor = state[name].detach().float().cpu().contiguous()
        digest.update(f"{name}{tuple(tensor.shape)}".encode())
        digest.update(tensor.numpy().data)
    return digest.hexdigest()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Random numbers from a seed inside the block; the caller's own go on as if nothing had been."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
