"""A frozen pre-norm transformer layer, as fast as it goes: CLIP's and Whisper's layers are the same arithmetic.

The libraries' own layers cast frozen weights at each call, or keep three matrices where one product would do. Here the
weights are held once, in the type that is computed in, with query, key and value in one matrix.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from open_clip.transformer import QuickGELU, ResidualAttentionBlock
from torch import Tensor, nn
from whisper.model import ResidualAttentionBlock as WhisperBlock

from avdf.cache.errors import SettingsError

_Activation = Literal["gelu", "quick_gelu"]


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

    def __init__(self, weights: dict[str, Tensor], heads: int, eps: float, activation: _Activation) -> None:
        super().__init__()
        self.heads, self.eps, self.activation = heads, eps, activation
        for name, value in weights.items():
            self.register_buffer(name, value.detach(), persistent=False)

    @classmethod
    def from_clip(cls, block: ResidualAttentionBlock) -> "FrozenBlock":
        """From a layer of open_clip's VisionTransformer."""
        plain = isinstance(block, ResidualAttentionBlock) and isinstance(block.ls_1, nn.Identity)
        if not plain or not isinstance(block.mlp.gelu, nn.GELU | QuickGELU):
            raise SettingsError("this CLIP variant has layers that avdf does not know; use a plain ViT")
        weights = {
            "norm1_weight": block.ln_1.weight,
            "norm1_bias": block.ln_1.bias,
            "qkv_weight": block.attn.in_proj_weight,
            "qkv_bias": block.attn.in_proj_bias,
            "out_weight": block.attn.out_proj.weight,
            "out_bias": block.attn.out_proj.bias,
            "norm2_weight": block.ln_2.weight,
            "norm2_bias": block.ln_2.bias,
            "up_weight": block.mlp.c_fc.weight,
            "up_bias": block.mlp.c_fc.bias,
            "down_weight": block.mlp.c_proj.weight,
            "down_bias": block.mlp.c_proj.bias,
        }
        quick = isinstance(block.mlp.gelu, QuickGELU)
        return cls(weights, block.attn.num_heads, block.ln_1.eps, "quick_gelu" if quick else "gelu")

    @classmethod
    def from_whisper(cls, block: WhisperBlock) -> "FrozenBlock":
        """From a layer of Whisper's AudioEncoder, whose keys have no bias."""
        attention = block.attn
        no_bias = torch.zeros_like(attention.query.bias)
        weights = {
            "norm1_weight": block.attn_ln.weight,
            "norm1_bias": block.attn_ln.bias,
            "qkv_weight": torch.cat([attention.query.weight, attention.key.weight, attention.value.weight]),
            "qkv_bias": torch.cat([attention.query.bias, no_bias, attention.value.bias]),
            "out_weight": attention.out.weight,
            "out_bias": attention.out.bias,
            "norm2_weight": block.mlp_ln.weight,
            "norm2_bias": block.mlp_ln.bias,
            "up_weight": block.mlp[0].weight,
            "up_bias": block.mlp[0].bias,
            "down_weight": block.mlp[2].weight,
            "down_bias": block.mlp[2].bias,
        }
        return cls(weights, attention.n_head, block.attn_ln.eps, "gelu")

    def forward(self, x: Tensor) -> Tensor:
        x = x + self._attend(F.layer_norm(x, x.shape[-1:], self.norm1_weight, self.norm1_bias, self.eps))
        hidden = F.layer_norm(x, x.shape[-1:], self.norm2_weight, self.norm2_bias, self.eps)
        hidden = F.linear(hidden, self.up_weight, self.up_bias)
        hidden = hidden * torch.sigmoid(1.702 * hidden) if self.activation == "quick_gelu" else F.gelu(hidden)
        return x + F.linear(hidden, self.down_weight, self.down_bias)

    def _attend(self, x: Tensor) -> Tensor:
        batch, tokens, width = x.shape
        qkv = F.linear(x, self.qkv_weight, self.qkv_bias)
        query, key, value = qkv.view(batch, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(query, key, value)  # (B, heads, N, D / heads)
        return F.linear(attended.transpose(1, 2).reshape(batch, tokens, width), self.out_weight, self.out_bias)
