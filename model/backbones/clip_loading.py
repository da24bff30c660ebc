"""CLIP's image encoder with its weights: by name, by path, the demo's, or random."""

from typing import Any

import open_clip
from open_clip.timm_model import TimmModel
from open_clip.transformer import VisionTransformer
from timm.models.vision_transformer import VisionTransformer as TimmTransformer

from avdf.cache.core.errors import SettingsError
from avdf.model.backbones.clip import (
    CLIP_COLOURS,
    ClipEncoder,
    Colours,
    TimmEncoder,
)
from avdf.model.backbones.clip_activation import needs_quick_gelu
from avdf.model.backbones.clip_weights import clip_path, read_clip_tensors
from avdf.model.backbones.demo_files import DEMO_VISION, check_demo
from avdf.model.backbones.encoder import ImageEncoder
from avdf.model.backbones.info import DEMO, BackboneInfo, freeze
from avdf.model.backbones.registered import IMAGE_GROUP, find_registered
from avdf.model.backbones.tensors import load_tensors, seeded
from avdf.model.config import DetectorConfig

# The text tower is not used: this is the smallest that open_clip builds.
_NO_TEXT = {"context_length": 4, "vocab_size": 8, "width": 8, "heads": 1, "layers": 1}


def load_clip(config: DetectorConfig) -> tuple[ImageEncoder, BackboneInfo]:
    """The image encoder, frozen, in float32: an open_clip model's tower, or a registered one.

    Raises:
        SettingsError: the architecture is unknown, or not a list of transformer layers.
        WeightsError: the weights are missing, cannot be downloaded, or do not fit.
    """
    name, weights = config.clip, config.clip_weights
    if factory := find_registered(IMAGE_GROUP, name):
        registered: ImageEncoder = factory(weights)
        return registered, freeze(registered.backbone, name, weights)

    settings = _architecture(name)
    check_demo("clip", name, weights)
    path = clip_path(name, weights)
    quick_gelu = needs_quick_gelu(config, settings, path)
    embed_dim = settings.get("embed_dim", 512)
    with seeded(config.seed):
        tower = open_clip.CLIP(
            embed_dim, settings["vision_cfg"], _NO_TEXT, quick_gelu=quick_gelu
        ).visual
    if path is not None:
        load_tensors(tower, read_clip_tensors(path), f"model.clip {name}", path)

    colours = _colours(name, weights)
    if isinstance(tower, VisionTransformer):
        activation = "quick_gelu" if quick_gelu else "gelu"
        return ClipEncoder(tower, colours), freeze(tower, name, weights, activation)
    if isinstance(tower, TimmModel) and isinstance(tower.trunk, TimmTransformer):
        return TimmEncoder(tower, colours), freeze(tower, name, weights)
    raise SettingsError(
        f"model.clip {name}: not a vision transformer; use e.g. ViT-B-32, ViT-L-14 or "
        "ViT-B-16-SigLIP2, or register an encoder of your own (docs/backbones.md)"
    )


def _architecture(name: str) -> dict[str, Any]:
    """open_clip's settings of an architecture."""
    if name == DEMO:
        return {"embed_dim": 96, "vision_cfg": dict(DEMO_VISION)}
    settings: dict[str, Any] | None = open_clip.get_model_config(name)
    if settings is None:
        raise SettingsError(
            f"model.clip {name!r} is not an open_clip model; "
            "use e.g. ViT-B-32, ViT-B-16 or ViT-L-14"
        )
    return settings


def _colours(name: str, weights: str) -> Colours:
    """The mean and deviation of R, G, B that a tower was trained with.

    They are those of its named weights; for a local file, those of any weights of its architecture.
    """
    for tag in [weights, *open_clip.list_pretrained_tags_by_model(name)]:
        released = open_clip.pretrained.get_pretrained_cfg(name, tag)
        if released:
            mean = released.get("mean") or CLIP_COLOURS.mean
            deviation = released.get("std") or CLIP_COLOURS.deviation
            return Colours(tuple(mean), tuple(deviation))
    return CLIP_COLOURS
