"""The visual branch: a frozen CLIP image encoder with sequential visual prompts (Eq. 1-3, 6, 7, 10)."""

import torch
from open_clip.transformer import VisionTransformer
from torch import Tensor, nn

from avdf.model.block import FrozenBlock
from avdf.model.config import PromptMode

_PROMPT_STD = 0.02


class VisualBranch(nn.Module):
    """frames (B, T, 3, 224, 224), CLIP-normalised -> f_v (B, T, D_v): the first prompt's token after the last layer.

    `prompts` (layers, N_vpt, D_v) learn; `backbone` does not. Without prompts the class token is the feature.
    """

    def __init__(self, backbone: VisionTransformer, prompts: int, mode: PromptMode) -> None:
        super().__init__()
        self.backbone = backbone
        self.mode = mode
        layers, width = len(backbone.transformer.resblocks), backbone.conv1.out_channels
        self.width = width
        self.prompts = nn.Parameter(torch.randn(layers, prompts, width) * _PROMPT_STD)
        self._layers: list[nn.Module] = list(backbone.transformer.resblocks)

    def forward(self, frames: Tensor) -> Tensor:
        batch, time = frames.shape[:2]
        tokens = self.tokens(frames.flatten(0, 1))
        feature = tokens[:, 1 if self.prompts.shape[1] else 0]
        return feature.float().view(batch, time, self.width)

    def tokens(self, images: Tensor) -> Tensor:
        """images (N, 3, 224, 224) -> every token after the last layer (N, 1 + prompts + patches, D_v)."""
        x = self.embed(images)
        for layer, block in enumerate(self._layers):
            x = block(self._with_prompts(x, layer))
        return x

    def embed(self, images: Tensor) -> Tensor:
        """Patches, class token and positions, after CLIP's first norm (Eq. 1, 2): (N, 1 + patches, D_v)."""
        encoder = self.backbone
        patches = encoder.conv1(images.to(encoder.conv1.weight.dtype)).flatten(2).transpose(1, 2)
        token = encoder.class_embedding.expand(len(patches), 1, -1)
        x: Tensor = encoder.ln_pre(torch.cat([token, patches], dim=1) + encoder.positional_embedding)
        return x.to(self._compute_type)

    def _with_prompts(self, x: Tensor, layer: int) -> Tensor:
        """[class, P^l, the rest] (Eq. 6); in `replace` mode the rest is without the earlier prompts."""
        prompts = self.prompts[layer].to(x.dtype).expand(len(x), -1, -1)
        earlier = prompts.shape[1] if self.mode == "replace" and layer > 0 else 0
        return torch.cat([x[:, :1], prompts, x[:, 1 + earlier :]], dim=1)

    @property
    def _compute_type(self) -> torch.dtype:
        return next(self._layers[0].buffers(), self.prompts).dtype

    def use_layers(self, layers: list[FrozenBlock] | None) -> None:
        """Compute with these layers instead of the backbone's own; None goes back to those."""
        self._layers = list(layers if layers is not None else self.backbone.transformer.resblocks)
