"""CLIP's image tower as a list of layers, and what it shares with other towers of open_clip."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avdf.cache.core.clock import FRAME_SIZE
from avdf.cache.core.constant import Constant
from avdf.model.backbones.encoder import ImageEncoder
from avdf.model.backbones.libraries import VisionTransformer
from avdf.model.backbones.pixels import (
    CLIP_COLOURS,
    PIXEL_MEAN,
    PIXEL_SCALE,
    Colours,
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
        self.has_clip_colours = not any(shift)
        self._scale, self._shift = Constant(scale), Constant(shift)

    def adapt(self, images: Tensor, weight: Tensor) -> Tensor:
        """CLIP-normalised images (N, 3, 224, 224) -> the tower's own (N, 3, size, size).

        The type becomes that of `weight`, the tower's first.
        """
        if not self.has_clip_colours:
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
        rows, columns = backbone.grid_size
        self.grid = int(rows), int(columns)
        self._folded: tuple[Tensor, Tensor] | None = None

    def embed(self, images: Tensor) -> Tensor:
        tower = self.backbone
        adapted = self.adapt(images, tower.conv1.weight)
        return self._embed_grid(tower.conv1(adapted))

    def embed_pixels(self, pixels: Tensor) -> Tensor:
        """As `embed` of normalised images, which need not be written to memory.

        The normalisation is part of the patch convolution: with mean m and deviation d of a
        channel, w (x - m) / d is (w / d) x - w m / d.
        """
        if not self.has_clip_colours or self.size != FRAME_SIZE:
            return super().embed_pixels(pixels)
        weight, bias = self._folded_convolution()
        images = pixels.movedim(-1, -3).to(weight.dtype)
        grid = F.conv2d(images, weight, bias, self.backbone.conv1.stride)
        return self._embed_grid(grid)

    def _folded_convolution(self) -> tuple[Tensor, Tensor]:
        """The patch convolution for pixels: weight (D, 3, P, P) and bias (D,)."""
        weight = self.backbone.conv1.weight
        if self._folded is None or self._folded[0].device != weight.device:
            # Scoring may be first, in inference mode: training could not use its tensors.
            with torch.inference_mode(False), torch.no_grad():
                scale = PIXEL_SCALE.on(weight.device)[:, None, None]
                mean = PIXEL_MEAN.on(weight.device)[:, None, None]
                folded = weight * scale
                bias = -(folded * mean).sum(dim=(1, 2, 3))
                self._folded = folded, bias
        return self._folded

    def _embed_grid(self, grid: Tensor) -> Tensor:
        """Patches (N, D, rows, columns) -> tokens (N, 1 + patches, D)."""
        tower = self.backbone
        patches = grid.flatten(2).transpose(1, 2)  # (N, patches, D)
        token = tower.class_embedding.expand(len(patches), 1, -1)
        tokens = torch.cat([token, patches], dim=1)
        placed = tokens + tower.positional_embedding
        embedded: Tensor = tower.ln_pre(placed)
        return embedded

    def finish(self, tokens: Tensor) -> Tensor:
        finished: Tensor = self.backbone.ln_post(tokens)
        return finished

    def layers(self) -> Sequence[nn.Module]:
        return list(self.backbone.transformer.resblocks)

    def outer_norms(self, finished: bool) -> Sequence[nn.Module]:
        tower = self.backbone
        return [tower.ln_pre, tower.ln_post] if finished else [tower.ln_pre]
