"""Layer norms of a frozen encoder that are trained all the same."""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from avdf.cache.core.errors import SettingsError


class TrainableNorm(nn.Module):
    """A layer norm that is trained, inside a layer whose other weights are frozen.

    It uses the tensors of the library's own module. These stay in float32, and so does the
    arithmetic: x (..., D) of any type -> the same shape and type.
    """

    def __init__(self, norm: nn.LayerNorm) -> None:
        super().__init__()
        # In a tuple, so that it is no submodule: a frozen layer is converted to its type with all
        # of its submodules.
        self._library_norm = (norm,)

    def forward(self, x: Tensor) -> Tensor:
        (norm,) = self._library_norm
        shape = norm.normalized_shape
        normed = F.layer_norm(x.float(), shape, norm.weight, norm.bias, norm.eps)
        return normed.to(x.dtype)


def train_norms(parts: Sequence[nn.Module]) -> None:
    """Let the layer norms of parts of an encoder be trained.

    Raises:
        SettingsError: they have no layer norms.
    """
    norms = [norm for part in parts for norm in layer_norms(part)]
    if not norms:
        raise SettingsError(
            "model.adapt asks for layer norms, which this encoder does not have; "
            "set model.adapt to prompts or probe"
        )
    for norm in norms:
        # Copies: loaded weights may lie in the memory of a mapped file.
        norm.weight = nn.Parameter(norm.weight.detach().clone())
        if norm.bias is not None:
            norm.bias = nn.Parameter(norm.bias.detach().clone())


def layer_norms(module: nn.Module) -> list[nn.LayerNorm]:
    """The layer norms with weights among a module and all of its parts."""
    return [
        part
        for part in module.modules()
        if isinstance(part, nn.LayerNorm) and part.elementwise_affine
    ]


def is_trainable(norms: Sequence[nn.Module]) -> bool:
    """Whether these norms are trained."""
    return any(
        value.requires_grad
        for norm in norms
        for value in norm.parameters(recurse=False)
    )
