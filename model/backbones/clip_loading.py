"""CLIP's image encoder with its weights: by name, by path, the demo's, or random."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from torch import nn

from avdf.cache.core.errors import SettingsError
from avdf.model.backbones.clip import ClipEncoder
from avdf.model.backbones.clip_activation import needs_quick_gelu
from avdf.model.backbones.clip_weights import clip_path, read_clip_tensors
from avdf.model.backbones.demo_files import DEMO_VISION, check_demo
from avdf.model.backbones.encoder import ImageEncoder
from avdf.model.backbones.info import DEMO, BackboneInfo, freeze
from avdf.model.backbones.libraries import QuickGELU, VisionTransformer
from avdf.model.backbones.pixels import CLIP_COLOURS, Colours
from avdf.model.backbones.registered import IMAGE_GROUP, find_registered
from avdf.model.backbones.released import (
    find_architecture,
    find_released,
    released_tags,
)
from avdf.model.backbones.tensors import Unfilled, load_tensors, seeded
from avdf.model.config import DetectorConfig

# The text tower is not used: this is the smallest that open_clip builds.
_NO_TEXT = {"context_length": 4, "vocab_size": 8, "width": 8, "heads": 1, "layers": 1}
# The settings of CLIP's own towers, with open_clip's defaults. Towers with other settings are built
# by open_clip itself, which imports all that any of its models needs.
_PLAIN_TOWER: Mapping[str, Any] = {
    "image_size": 224,
    "patch_size": 16,
    "width": 768,
    "layers": 12,
    "head_width": 64,
    "mlp_ratio": 4.0,
}


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
    with seeded(config.seed):
        tower = _build(settings, quick_gelu, filled=path is None)
    if path is not None:
        load_tensors(tower, read_clip_tensors(path), f"model.clip {name}", path)

    colours = _colours(name, weights)
    if isinstance(tower, VisionTransformer):
        activation = "quick_gelu" if quick_gelu else "gelu"
        return ClipEncoder(tower, colours), freeze(tower, name, weights, activation)
    encoder = _timm_encoder(tower, colours)
    if encoder is not None:
        return encoder, freeze(tower, name, weights)
    raise SettingsError(
        f"model.clip {name}: not a vision transformer; use e.g. ViT-B-32, ViT-L-14 or "
        "ViT-B-16-SigLIP2, or register an encoder of your own (docs/backbones.md)"
    )


def _build(settings: Mapping[str, Any], quick_gelu: bool, filled: bool) -> nn.Module:
    """The image tower of an architecture.

    Args:
        filled: with random weights; otherwise they are loaded next.
    """
    vision = settings["vision_cfg"]
    embed_dim = settings.get("embed_dim", 512)
    tower = {**_PLAIN_TOWER, **vision}
    is_plain = tower.keys() == _PLAIN_TOWER.keys() and isinstance(tower["layers"], int)
    if not is_plain:
        import open_clip

        built: nn.Module = open_clip.CLIP(
            embed_dim, vision, _NO_TEXT, quick_gelu=quick_gelu
        ).visual
        return built
    heads = tower["width"] // tower.pop("head_width")
    with nullcontext() if filled else Unfilled():
        plain: nn.Module = VisionTransformer(
            **tower,
            heads=heads,
            output_dim=embed_dim,
            act_layer=QuickGELU if quick_gelu else nn.GELU,
        )
    return plain


def _timm_encoder(tower: nn.Module, colours: Colours) -> ImageEncoder | None:
    """The encoder of a tower that timm has built; None for towers of other kinds."""
    if type(tower).__name__ != "TimmModel":
        return None
    from avdf.model.backbones.timm_encoder import TimmEncoder, is_timm_transformer

    return TimmEncoder(tower, colours) if is_timm_transformer(tower) else None


def _architecture(name: str) -> dict[str, Any]:
    """open_clip's settings of an architecture."""
    if name == DEMO:
        return {"embed_dim": 96, "vision_cfg": dict(DEMO_VISION)}
    settings = find_architecture(name)
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
    if name == DEMO:
        return CLIP_COLOURS
    for tag in [weights, *released_tags(name)]:
        released = find_released(name, tag)
        if released:
            mean = released.get("mean") or CLIP_COLOURS.mean
            deviation = released.get("std") or CLIP_COLOURS.deviation
            return Colours(tuple(mean), tuple(deviation))
    return CLIP_COLOURS
