"""From a library's transformer layer to a frozen one: fused where its arithmetic is known."""

import copy
from typing import Any

import torch
from torch import nn

from avdf.model.backbones.frozen_layer import (
    Activation,
    FrozenBlock,
    LayerWeights,
    name_gelu,
)
from avdf.model.backbones.libraries import (
    QuickGELU,
    ResidualAttentionBlock,
    WhisperBlock,
)
from avdf.model.backbones.trainable_norm import TrainableNorm, is_trainable

# QuickGELU(x) = x sigmoid(1.702 x) = SiLU(1.702 x) / 1.702: the factors go into the weights.
_QUICK_GELU = 1.702


def freeze_layer(
    layer: nn.Module,
    dtype: torch.dtype,
    device: torch.device,
) -> nn.Module:
    """The layer with weights held in `dtype`: a FrozenBlock, or a copy of the library's module.

    A copy where a layer has something that a FrozenBlock does not compute. `layer` stays as it is.
    Layer norms that are trained are not copied, and stay in float32.
    """
    fused = _fuse(layer)
    if fused is not None:
        return fused.to(device, dtype)
    return _with_trained_norms(copy.deepcopy(layer).to(device, dtype), layer)


def _with_trained_norms(frozen: nn.Module, layer: nn.Module) -> nn.Module:
    """The copy `frozen` of a layer, with those norms of the layer itself that are trained."""
    for name, part in layer.named_modules():
        if isinstance(part, nn.LayerNorm) and is_trainable([part]):
            frozen.set_submodule(name, TrainableNorm(part))
    return frozen


def _fuse(layer: nn.Module) -> FrozenBlock | None:
    if isinstance(layer, WhisperBlock):
        return _from_whisper(layer)
    if isinstance(layer, ResidualAttentionBlock):
        return _from_clip(layer)
    # timm takes seconds to import; only where it is imported already can there be a layer of it.
    if not type(layer).__module__.startswith("timm."):
        return None
    from avdf.model.backbones.freeze_timm import freeze_timm

    return freeze_timm(layer)


def _from_clip(block: ResidualAttentionBlock) -> FrozenBlock | None:
    """A layer of open_clip's VisionTransformer."""
    activation = block.mlp.gelu
    has_layer_scale = not isinstance(block.ls_1, nn.Identity)
    if type(block.attn) is not nn.MultiheadAttention or has_layer_scale:
        return None
    if not isinstance(activation, nn.GELU | QuickGELU):
        return None
    is_quick = isinstance(activation, QuickGELU)
    scale = _QUICK_GELU if is_quick else 1.0
    weights = LayerWeights(
        norm1_weight=block.ln_1.weight,
        norm1_bias=block.ln_1.bias,
        qkv_weight=block.attn.in_proj_weight,
        qkv_bias=block.attn.in_proj_bias,
        out_weight=block.attn.out_proj.weight,
        out_bias=block.attn.out_proj.bias,
        norm2_weight=block.ln_2.weight,
        norm2_bias=block.ln_2.bias,
        up_weight=block.mlp.c_fc.weight * scale,
        up_bias=block.mlp.c_fc.bias * scale,
        down_weight=block.mlp.c_proj.weight / scale,
        down_bias=block.mlp.c_proj.bias,
    )
    name: Activation = "silu" if is_quick else name_gelu(activation)
    return FrozenBlock(
        weights,
        heads=block.attn.num_heads,
        eps=block.ln_1.eps,
        activation=name,
        norms=(block.ln_1, block.ln_2),
    )


def _from_whisper(block: WhisperBlock) -> FrozenBlock:
    """A layer of Whisper's AudioEncoder."""
    attn = block.attn
    # Whisper's keys have no bias.
    no_bias = torch.zeros_like(attn.query.bias)
    matrices = [attn.query.weight, attn.key.weight, attn.value.weight]
    biases = [attn.query.bias, no_bias, attn.value.bias]
    mlp: Any = block.mlp
    up, down = mlp[0], mlp[2]
    weights = LayerWeights(
        norm1_weight=block.attn_ln.weight,
        norm1_bias=block.attn_ln.bias,
        qkv_weight=torch.cat(matrices),
        qkv_bias=torch.cat(biases),
        out_weight=attn.out.weight,
        out_bias=attn.out.bias,
        norm2_weight=block.mlp_ln.weight,
        norm2_bias=block.mlp_ln.bias,
        up_weight=up.weight,
        up_bias=up.bias,
        down_weight=down.weight,
        down_bias=down.bias,
    )
    return FrozenBlock(
        weights,
        heads=attn.n_head,
        eps=block.attn_ln.eps,
        activation="gelu",
        norms=(block.attn_ln, block.mlp_ln),
    )
