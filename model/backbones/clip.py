"""CLIP's image tower as a list of layers, and what it shares with other towers of open_clip."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avdf.cache.core.clock import FRAME_SIZE
from avdf.cache.core.constant import Constant
from avdf.model.backbones.encoder import ImageEncoder
from avdf.model.backbones.libraries import VisionTransformer


class Colours(NamedTuple):
    """Mean and deviation of R, G, B in [0, 1] by which images are normalised."""

    mean: tuple[float, ...]
    deviation: tuple[float, ...]


# Source: Radford et al. 2021, the released code.
CLIP_COLOURS = Colours(
    mean=(0.48145466, 0.4578275, 0.40821073),
    deviation=(0.26862954, 0.26130258, 0.27577711),
)


class Tower(ImageEncoder):
    """An image tower that was trained on images of its own size and normalisation."""

    def __init__(self, size: int, colours: Colours) -> None:
        self.size = size
        # (x - m) / d, with CLIP's m and d, times scale plus shift is (x - m') / d', the tower's.
        scale, shift = [], []
        for channel in range(3):
            deviation = colours.deviation[channel]
            scale.append(CLIP_COLOURS.deviation[channel] / deviation)
            shift.append(
                (CLIP_COLOURS.mean[channel] - colours.mean[channel]) / deviation
            )
        self._is_clip = not any(shift)
        self._scale, self._shift = Constant(scale), Constant(shift)

    def adapt(self, images: Tensor, weight: Tensor) -> Tensor:
        """CLIP-normalised images (N, 3, 224, 224) -> the tower's own (N, 3, size, size).

        The type becomes that of `weight`, the tower's first.
        """
        if not self._is_clip:
            # One factor and one summand for each channel: (3, 1, 1).
            scale = self._scale.on(images.device)[:, None, None]
            shift = self._shift.on(images.device)[:, None, None]
            images = images * scale + shift
        if self.size != FRAME_SIZE:
            images = F.interpolate(
                images.float(),
                (self.size, self.size),
                mode="bicubic",
                antialias=True,
            )
        return images.to(weight.dtype)


class ClipEncoder(Tower):
    """CLIP's image tower (Eq. 1, 2): patches, class token, positions, first norm."""

    prefix = 1

    def __init__(self, backbone: VisionTransformer, colours: Colours) -> None:
        super().__init__(backbone.image_size[0], colours)
        self.backbone = backbone
        self.width = int(backbone.conv1.out_channels)

    def embed(self, images: Tensor) -> Tensor:
        tower = self.backbone
        adapted = self.adapt(images, tower.conv1.weight)
        grid = tower.conv1(adapted)  # (N, D, rows, columns)
        patches = grid.flatten(2).transpose(1, 2)  # (N, patches, D)
        token = tower.class_embedding.expand(len(patches), 1, -1)
        tokens = torch.cat([token, patches], dim=1)
        placed = tokens + tower.positional_embedding
        embedded: Tensor = tower.ln_pre(placed)
        return embedded

    def layers(self) -> Sequence[nn.Module]:
        return list(self.backbone.transformer.resblocks)
