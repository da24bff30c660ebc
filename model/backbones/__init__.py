"""The frozen foundation models: what the detector asks of them, their weights, their layers."""

from avdf.model.backbones.clip_loading import load_clip
from avdf.model.backbones.encoder import ImageEncoder, SpeechEncoder
from avdf.model.backbones.info import BackboneInfo, RandomWeightsWarning
from avdf.model.backbones.registered import (
    register_image_encoder,
    register_speech_encoder,
)
from avdf.model.backbones.tensors import hash_tensors, seeded
from avdf.model.backbones.whisper_loading import load_whisper

__all__ = [
    "BackboneInfo",
    "ImageEncoder",
    "RandomWeightsWarning",
    "SpeechEncoder",
    "hash_tensors",
    "load_clip",
    "load_whisper",
    "register_image_encoder",
    "register_speech_encoder",
    "seeded",
]
