"""A frozen pre-norm transformer layer, as fast as it goes.

The layers of CLIP, SigLIP and Whisper compute the same. The libraries' own modules cast frozen
weights at each call, or keep three matrices where one product would do. Here the weights are held
once, in the type that is computed in, with query, key and value in one matrix.
"""

from dataclasses import dataclass, fields
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avdf.model.backbones.trainable_norm import TrainableNorm, is_trainable

Activation = Literal["gelu", "gelu_tanh", "silu"]


@dataclass(frozen=True)
class LayerWeights:
    """The tensors of one layer of width D, as nn.Linear and nn.LayerNorm hold them.

    norm1, norm2  before attention and before the MLP
    qkv           query, key and value, one above the other: (3 D, D)
    out           of attention
    up, down      the two linear layers of the MLP
    """

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


class FrozenBlock(nn.Module):
    """x (B, N, D) -> (B, N, D): x + attention(norm(x)), then x + mlp(norm(x)).

    Nothing of it is trained but, where they are, the two layer norms of the library's module.

    norms  these two, in the order of use
    """

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
        self,
        weights: LayerWeights,
        heads: int,
        eps: float,
        activation: Activation,
        norms: tuple[nn.LayerNorm, nn.LayerNorm],
    ) -> None:
        super().__init__()
        self.heads, self.eps, self.activation = heads, eps, activation
        # A norm that is trained is used as it is at each call; a frozen one is held here.
        self._trained: tuple[TrainableNorm, ...] = ()
        if is_trainable(norms):
            self._trained = TrainableNorm(norms[0]), TrainableNorm(norms[1])
        # Buffers move with the module but are neither trained nor saved.
        for field in fields(weights):
            value: Tensor = getattr(weights, field.name)
            self.register_buffer(field.name, value.detach(), persistent=False)

    def forward(self, x: Tensor, only: slice | Tensor | None = None) -> Tensor:
        """x (B, N, D) -> (B, N, D), or those tokens of it that `only` selects.

        `only` is a slice, or the numbers of tokens. All tokens are attended to in either case.
        """
        normed = self._norm(0, x, self.norm1_weight, self.norm1_bias)
        attended = self._attend(normed, only)
        x = (x if only is None else x[:, only]) + attended
        normed = self._norm(1, x, self.norm2_weight, self.norm2_bias)
        return x + self._mlp(normed)

    def _norm(
        self,
        which: int,
        x: Tensor,
        weight: Tensor,
        bias: Tensor,
    ) -> Tensor:
        if self._trained:
            normed: Tensor = self._trained[which](x)
            return normed
        return F.layer_norm(x, x.shape[-1:], weight, bias, self.eps)

    def _mlp(self, x: Tensor) -> Tensor:
        hidden = F.linear(x, self.up_weight, self.up_bias)
        if self.activation == "silu":
            hidden = F.silu(hidden)
        elif self.activation == "gelu_tanh":
            hidden = F.gelu(hidden, approximate="tanh")
        else:
            hidden = F.gelu(hidden)
        return F.linear(hidden, self.down_weight, self.down_bias)

    def _attend(self, x: Tensor, only: slice | Tensor | None) -> Tensor:
        batch, _, width = x.shape
        if only is None:
            qkv = F.linear(x, self.qkv_weight, self.qkv_bias)
            query, key, value = self._split(qkv, 3)
        else:
            # Queries of the wanted tokens alone; keys and values of all of them.
            weight, bias = self.qkv_weight, self.qkv_bias
            wanted = F.linear(x[:, only], weight[:width], bias[:width])
            (query,) = self._split(wanted, 1)
            rest = F.linear(x, weight[width:], bias[width:])
            key, value = self._split(rest, 2)
        attended = attention(query, key, value)  # (B, heads, N, D / heads)
        merged = attended.transpose(1, 2).reshape(batch, -1, width)
        return F.linear(merged, self.out_weight, self.out_bias)

    def _split(self, x: Tensor, parts: int) -> tuple[Tensor, ...]:
        """(B, N, parts D) -> `parts` tensors (B, heads, N, D / heads)."""
        batch, tokens, width = x.shape
        head_width = width // parts // self.heads
        heads = x.view(batch, tokens, parts, self.heads, head_width)
        return heads.permute(2, 0, 3, 1, 4).unbind()


def attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
) -> Tensor:
    """Scaled dot-product attention: three times (B, heads, N, D / heads) -> the same.

    On a GPU, PyTorch's fused kernel. On a CPU the kernel's backward took 5 times as long, at 57
    tokens in bfloat16, as the products written out (`avdf bench train` measures the whole step).
    """
    if query.device.type != "cpu":
        return F.scaled_dot_product_attention(query, key, value)
    scaled = query * query.shape[-1] ** -0.5
    products = scaled @ key.transpose(-1, -2)
    weights = torch.softmax(products, dim=-1)
    return weights @ value


def name_gelu(activation: nn.Module) -> Activation:
    """Which GELU a module computes: the exact one, or its approximation by tanh."""
    is_exact = isinstance(activation, nn.GELU) and activation.approximate == "none"
    return "gelu" if is_exact else "gelu_tanh"
