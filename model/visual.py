"""The visual branch: a frozen image encoder with sequential visual prompts (Eq. 1-3, 6, 7, 10)."""

import torch
from torch import Tensor, nn

from avdf.model.backbones import ImageEncoder
from avdf.model.backbones.frozen_layer import FrozenBlock
from avdf.model.branch import Branch
from avdf.model.config import PromptMode

_PROMPT_STD = 0.02


class VisualBranch(Branch):
    """frames (B, T, 3, 224, 224), CLIP-normalised -> f_v (B, T, D_v): the first prompt's token after the last layer.

    `prompts` (layers, N_vpt, D_v) learn; `backbone` does not. Without prompts the class token is the feature, and the
    mean of the patches where the encoder has none.
    """

    def __init__(self, encoder: ImageEncoder, prompts: int, mode: PromptMode) -> None:
        super().__init__(encoder)
        self.encoder = encoder
        self.mode = mode
        self.prompts = nn.Parameter(
            torch.randn(len(self._layers), prompts, self.width) * _PROMPT_STD
        )

    def forward(self, frames: Tensor) -> Tensor:
        batch, time = frames.shape[:2]
        feature = self.tokens(frames.flatten(0, 1), self._wanted).mean(dim=1)
        return feature.float().view(batch, time, self.width)

    def tokens(self, images: Tensor, wanted: slice | None = None) -> Tensor:
        """images (N, 3, 224, 224) -> after the last layer (N, prefix + prompts + patches, D_v), or those wanted."""
        x: Tensor = self.encoder.embed(images).to(self._type)
        for layer, block in enumerate(self._layers[:-1]):
            x = block(self._with_prompts(x, layer))
        last, x = self._layers[-1], self._with_prompts(x, len(self._layers) - 1)
        if isinstance(last, FrozenBlock):
            wanted_only: Tensor = last(x, wanted)
            return wanted_only
        x = last(x)  # every layer is x (N, tokens, D_v) -> the same
        return x if wanted is None else x[:, wanted]

    @property
    def _wanted(self) -> slice:
        """The tokens whose mean is the feature: one, but for an encoder without class token or prompt."""
        prefix = self.encoder.prefix
        if self.prompts.shape[1]:
            return slice(prefix, prefix + 1)
        return slice(0, 1) if prefix else slice(None)

    def _with_prompts(self, x: Tensor, layer: int) -> Tensor:
        """[class, P^l, the rest] (Eq. 6); in `replace` mode the rest is without the earlier prompts."""
        prefix = self.encoder.prefix
        prompts = self.prompts[layer].to(x.dtype).expand(len(x), -1, -1)
        earlier = prompts.shape[1] if self.mode == "replace" and layer > 0 else 0
        return torch.cat([x[:, :prefix], prompts, x[:, prefix + earlier :]], dim=1)
