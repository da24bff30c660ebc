"""The frozen foundation models: what the detector asks of them, their layers made fast, their weights."""

from avdf.model.backbones.encoder import (
    BackboneInfo,
    ImageEncoder,
    SpeechEncoder,
    register_image_encoder,
    register_speech_encoder,
)
from avdf.model.backbones.weights import (
    RandomWeightsWarning,
    hash_tensors,
    load_clip,
    load_whisper,
    seeded,
)

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
