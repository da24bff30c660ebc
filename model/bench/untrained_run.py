"""A run whose detector was never trained: it takes as long to load as one that was."""

import warnings
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file

from avdf.model.backbones import BackboneInfo, RandomWeightsWarning
from avdf.model.backbones.info import RANDOM
from avdf.model.config import DetectorConfig
from avdf.model.detector import Detector
from avdf.model.runs.checkpoint import CheckpointInfo
from avdf.model.runs.checkpoint_writer import save_checkpoint
from avdf.model.runs.config import RunConfig
from avdf.model.runs.folder import RunFolder
from avdf.model.thresholds import Thresholds


def write_untrained_run(folder: Path, config: RunConfig) -> None:
    """Write a run with a detector as it begins, and thresholds of 0.5.

    Random weights are written to files, which the run names: weights lie on a disk wherever a
    trained detector is used.
    """
    folder.mkdir(parents=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RandomWeightsWarning)
        detector = Detector(config.model)
    model, backbones = config.model, dict(detector.backbones)
    if model.has_visual and model.clip_weights == RANDOM:
        file = _write_clip(folder, detector)
        activation = backbones["clip"].activation
        model = replace(
            model,
            clip_weights=file,
            clip_activation="quick_gelu" if activation == "quick_gelu" else "gelu",
        )
        backbones["clip"] = replace(backbones["clip"], weights=file)
    if model.has_audio and model.whisper_weights == RANDOM:
        file = _write_whisper(folder, detector)
        model = replace(model, whisper_weights=file)
        backbones["whisper"] = replace(backbones["whisper"], weights=file)
    info = _checkpoint_info(replace(config, model=model), backbones)
    save_checkpoint(RunFolder(folder).best, detector, info)


def _checkpoint_info(
    config: RunConfig, backbones: dict[str, BackboneInfo]
) -> CheckpointInfo:
    model: DetectorConfig = config.model
    trained = ("visual", "audio", "video", *(("matching",) if model.aligns else ()))
    return CheckpointInfo(
        epoch=1,
        step=1,
        config=config,
        backbones=backbones,
        thresholds=Thresholds(),
        validation={},
        data={"protocol": {"sha256": ""}, "datasets": {}},
        trained=trained if model.branches == "both" else (model.branches, "video"),
        notes=("the detector was never trained",),
    )


def _write_clip(folder: Path, detector: Detector) -> str:
    """CLIP's image tower as safetensors."""
    file = folder / "clip.safetensors"
    save_file(detector.visual.backbone.state_dict(), file)
    return str(file)


def _write_whisper(folder: Path, detector: Detector) -> str:
    """Whisper's encoder in OpenAI's format."""
    file = folder / "whisper.pt"
    encoder = detector.audio.backbone
    positions, width = encoder.positional_embedding.shape
    state = {f"encoder.{name}": value for name, value in encoder.state_dict().items()}
    sizes = {
        "n_mels": encoder.conv1.in_channels,
        "n_audio_ctx": positions,
        "n_audio_state": width,
        "n_audio_head": encoder.blocks[0].attn.n_head,
        "n_audio_layer": len(encoder.blocks),
    }
    torch.save({"dims": sizes, "model_state_dict": state}, file)
    return str(file)
