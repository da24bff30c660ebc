"""A frozen pre-norm transformer layer, as fast as it goes: those of CLIP, SigLIP and Whisper are the same arithmetic.

The libraries' own layers cast frozen weights at each call, or keep three matrices where one product would do. Here the
weights are held once, in the type that is computed in, with query, key and value in one matrix.
"""

import copy
from typing import Any, Literal

import torch
import torch.nn.functional as F
from open_clip.transformer import QuickGELU, ResidualAttentionBlock
from timm.layers.activations import GELUTanh
from timm.layers.attention import Attention as TimmAttention
from timm.layers.mlp import Mlp as TimmMlp
from timm.models.vision_transformer import Block as TimmBlock
from torch import Tensor, nn
from whisper.model import ResidualAttentionBlock as WhisperBlock

Activation = Literal["gelu", "gelu_tanh", "silu"]
_QUICK = 1.702  # QuickGELU(x) = x sigmoid(1.702 x) = SiLU(1.702 x) / 1.702: the factors go into the frozen weights


class FrozenBlock(nn.Module):
    """x (B, N, D) -> (B, N, D): x + attention(norm(x)), then x + mlp(norm(x)). No parameter of it learns."""

    norm1_weight: Tensor
    norm1_bias: Tensor
    qkv_weight: Tensor
    qkv_bias: Tensor
    out_weight: Tensor
    out_bias: Tensor
    norm2_weight: Tensor
    norm2_bias: Tensor
    up_weight: Tensor
    up_bias: Tensor
    down_weight: Tensor
    down_bias: Tensor

    def __init__(
        self, weights: dict[str, Tensor], heads: int, eps: float, activation: Activation
    ) -> None:
        super().__init__()
        self.heads, self.eps, self.activation = heads, eps, activation
        for name, value in weights.items():
            self.register_buffer(name, value.detach(), persistent=False)

    def forward(self, x: Tensor, only: slice | None = None) -> Tensor:
        """`only`: of the tokens that come out, those alone that are wanted; all of them are attended to."""
        attended = self._attend(
            F.layer_norm(x, x.shape[-1:], self.norm1_weight, self.norm1_bias, self.eps), only
        )
        x = (x if only is None else x[:, only]) + attended
        hidden = F.layer_norm(x, x.shape[-1:], self.norm2_weight, self.norm2_bias, self.eps)
        hidden = F.linear(hidden, self.up_weight, self.up_bias)
        if self.activation == "silu":
            hidden = F.silu(hidden)
        else:
            hidden = F.gelu(
                hidden, approximate="tanh" if self.activation == "gelu_tanh" else "none"
            )
        return x + F.linear(hidden, self.down_weight, self.down_bias)

    def _attend(self, x: Tensor, only: slice | None) -> Tensor:
        batch, _, width = x.shape
        if only is None:
            query, key, value = self._split(F.linear(x, self.qkv_weight, self.qkv_bias), 3)
        else:
            (query,) = self._split(
                F.linear(x[:, only], self.qkv_weight[:width], self.qkv_bias[:width]), 1
            )
            key, value = self._split(F.linear(x, self.qkv_weight[width:], self.qkv_bias[width:]), 2)
        attended = attention(query, key, value)  # (B, heads, N, D / heads)
        return F.linear(
            attended.transpose(1, 2).reshape(batch, -1, width), self.out_weight, self.out_bias
        )

    def _split(self, x: Tensor, parts: int) -> tuple[Tensor, ...]:
        """(B, N, parts x D) -> parts x (B, heads, N, D / heads)."""
        batch, tokens, width = x.shape
        return (
            x.view(batch, tokens, parts, self.heads, width // parts // self.heads)
            .permute(2, 0, 3, 1, 4)
            .unbind()
        )


def attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Scaled dot-product attention (B, H, N, D).

    PyTorch's fused kernel on a GPU. On a processor its backward took 5 times as long, at 57 tokens in bfloat16, as the
    three products written out (`avdf bench train` measures the whole step).
    """
    if query.device.type != "cpu":
        return F.scaled_dot_product_attention(query, key, value)
    weights = torch.softmax((query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2), dim=-1)
    return weights @ value


def freeze_layer(layer: nn.Module, dtype: torch.dtype, device: torch.device) -> nn.Module:
    """The layer with weights held in `dtype`: fused where its arithmetic is known, else a copy of the library's own."""
    fused = _fuse(layer)
    return (copy.deepcopy(layer) if fused is None else fused).to(device, dtype)


def _fuse(layer: nn.Module) -> FrozenBlock | None:
    if isinstance(layer, WhisperBlock):
        return _from_whisper(layer)
    if isinstance(layer, ResidualAttentionBlock):
        return _from_clip(layer)
    return _from_timm(layer) if isinstance(layer, TimmBlock) else None


def _from_clip(block: ResidualAttentionBlock) -> FrozenBlock | None:
    """A layer of open_clip's VisionTransformer."""
    plain = type(block.attn) is nn.MultiheadAttention and isinstance(block.ls_1, nn.Identity)
    if not plain or not isinstance(block.mlp.gelu, nn.GELU | QuickGELU):
        return None
    scale = _QUICK if isinstance(block.mlp.gelu, QuickGELU) else 1.0
    weights = {
        "norm1_weight": block.ln_1.weight,
        "norm1_bias": block.ln_1.bias,
        "qkv_weight": block.attn.in_proj_weight,
        "qkv_bias": block.attn.in_proj_bias,
        "out_weight": block.attn.out_proj.weight,
        "out_bias": block.attn.out_proj.bias,
        "norm2_weight": block.ln_2.weight,
        "norm2_bias": block.ln_2.bias,
        "up_weight": block.mlp.c_fc.weight * scale,
        "up_bias": block.mlp.c_fc.bias * scale,
        "down_weight": block.mlp.c_proj.weight / scale,
        "down_bias": block.mlp.c_proj.bias,
    }
    activation = _gelu(block.mlp.gelu) if scale == 1.0 else "silu"
    return FrozenBlock(weights, block.attn.num_heads, block.ln_1.eps, activation)


def _from_timm(block: TimmBlock) -> FrozenBlock | None:
    """A layer of timm's VisionTransformer, which open_clip builds SigLIP from."""
    attn: Any = block.attn
    mlp: Any = block.mlp
    plain = (
        type(attn) is TimmAttention and type(mlp) is TimmMlp and getattr(attn, "gate", None) is None
    )
    identities = (
        block.ls1,
        block.ls2,
        attn.q_norm,
        attn.k_norm,
        getattr(attn, "norm", nn.Identity()),
        mlp.norm,
    )
    if not plain or not all(isinstance(part, nn.Identity) for part in identities):
        return None
    if attn.qkv.bias is None or not isinstance(mlp.act, nn.GELU | GELUTanh):
        return None
    weights = {
        "norm1_weight": block.norm1.weight,
        "norm1_bias": block.norm1.bias,
        "qkv_weight": attn.qkv.weight,
        "qkv_bias": attn.qkv.bias,
        "out_weight": attn.proj.weight,
        "out_bias": attn.proj.bias,
        "norm2_weight": block.norm2.weight,
        "norm2_bias": block.norm2.bias,
        "up_weight": mlp.fc1.weight,
        "up_bias": mlp.fc1.bias,
        "down_weight": mlp.fc2.weight,
        "down_bias": mlp.fc2.bias,
    }
    return FrozenBlock(weights, attn.num_heads, _eps(block.norm1), _gelu(mlp.act))


def _from_whisper(block: WhisperBlock) -> FrozenBlock:
    """A layer of Whisper's AudioEncoder, whose keys have no bias."""
    attn = block.attn
    no_bias = torch.zeros_like(attn.query.bias)
    weights = {
        "norm1_weight": block.attn_ln.weight,
        "norm1_bias": block.attn_ln.bias,
        "qkv_weight": torch.cat([attn.query.weight, attn.key.weight, attn.value.weight]),
        "qkv_bias": torch.cat([attn.query.bias, no_bias, attn.value.bias]),
        "out_weight": attn.out.weight,
        "out_bias": attn.out.bias,
        "norm2_weight": block.mlp_ln.weight,
        "norm2_bias": block.mlp_ln.bias,
        "up_weight": block.mlp[0].weight,
        "up_bias": block.mlp[0].bias,
        "down_weight": block.mlp[2].weight,
        "down_bias": block.mlp[2].bias,
    }
    return FrozenBlock(weights, attn.n_head, block.attn_ln.eps, "gelu")


def _eps(norm: Any) -> float:
    return float(norm.eps)


def _gelu(activation: nn.Module) -> Activation:
    exact = isinstance(activation, nn.GELU) and activation.approximate == "none"
    return "gelu" if exact else "gelu_tanh"
