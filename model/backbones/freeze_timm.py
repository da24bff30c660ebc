"""From timm's transformer layer to a frozen one."""

from typing import Any

from timm.layers.activations import GELUTanh
from timm.layers.attention import Attention as TimmAttention
from timm.layers.mlp import Mlp as TimmMlp
from timm.models.vision_transformer import Block as TimmBlock
from torch import nn

from avdf.model.backbones.frozen_layer import FrozenBlock, LayerWeights, name_gelu


def freeze_timm(block: nn.Module) -> FrozenBlock | None:
    """A layer of timm's VisionTransformer, from which open_clip builds SigLIP.

    None where it has something that a FrozenBlock does not compute.
    """
    if not isinstance(block, TimmBlock):
        return None
    attn: Any = block.attn
    mlp: Any = block.mlp
    if type(attn) is not TimmAttention or type(mlp) is not TimmMlp:
        return None
    # Options of timm that a FrozenBlock does not compute; which of them exist depends on its
    # version.
    options = (
        block.ls1,
        block.ls2,
        attn.q_norm,
        attn.k_norm,
        getattr(attn, "norm", nn.Identity()),
        mlp.norm,
    )
    has_gate = getattr(attn, "gate", None) is not None
    if has_gate or not all(isinstance(option, nn.Identity) for option in options):
        return None
    if attn.qkv.bias is None or mlp.fc1.bias is None or mlp.fc2.bias is None:
        return None
    if not isinstance(mlp.act, nn.GELU | GELUTanh):
        return None
    norm1: Any = block.norm1
    norm2: Any = block.norm2
    weights = LayerWeights(
        norm1_weight=norm1.weight,
        norm1_bias=norm1.bias,
        qkv_weight=attn.qkv.weight,
        qkv_bias=attn.qkv.bias,
        out_weight=attn.proj.weight,
        out_bias=attn.proj.bias,
        norm2_weight=norm2.weight,
        norm2_bias=norm2.bias,
        up_weight=mlp.fc1.weight,
        up_bias=mlp.fc1.bias,
        down_weight=mlp.fc2.weight,
        down_bias=mlp.fc2.bias,
    )
    return FrozenBlock(
        weights,
        heads=attn.num_heads,
        eps=float(norm1.eps),
        activation=name_gelu(mlp.act),
        norms=(norm1, norm2),
    )
