"""open_clip's image towers as rows of layers: CLIP's own VisionTransformer, and timm's (SigLIP and others)."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from open_clip.timm_model import TimmModel
from open_clip.transformer import VisionTransformer
from timm.models.vision_transformer import VisionTransformer as TimmTransformer
from torch import Tensor, nn

from avdf.cache.core.clock import FRAME_SIZE
from avdf.model.backbones.encoder import ImageEncoder

# CLIP's own mean and deviation of R, G, B in [0, 1] (Radford et al. 2021)
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_DEVIATION = (0.26862954, 0.26130258, 0.27577711)
Colours = tuple[tuple[float, ...], tuple[float, ...]]  # mean and deviation of R, G, B


class _Tower(ImageEncoder):
    """What both kinds share: pictures of the size and the colour scale that the tower was trained on."""

    def __init__(self, size: int, colours: Colours) -> None:
        self.size = size
        (mean, deviation) = colours
        self._scale = tuple(
            ours / theirs for ours, theirs in zip(CLIP_DEVIATION, deviation, strict=True)
        )
        self._shift = tuple((o - t) / d for o, t, d in zip(CLIP_MEAN, mean, deviation, strict=True))

    def _pictures(self, images: Tensor, like: Tensor) -> Tensor:
        """CLIP-normalised crops (N, 3, 224, 224) -> what the tower takes, in the type of its weights."""
        if any(shift != 0 for shift in self._shift):
            scale, shift = (
                torch.tensor(values, device=images.device)[:, None, None]
                for values in self._factors
            )
            images = images * scale + shift
        if self.size != FRAME_SIZE:
            images = F.interpolate(
                images.float(), (self.size, self.size), mode="bicubic", antialias=True
            )
        return images.to(like.dtype)

    @property
    def _factors(self) -> Colours:
        return self._scale, self._shift


class ClipEncoder(_Tower):
    """CLIP's image tower (Eq. 1, 2): patches, class token, positions, first norm."""

    prefix = 1

    def __init__(self, backbone: VisionTransformer, colours: Colours) -> None:
        super().__init__(backbone.image_size[0], colours)
        self.backbone = backbone
        self.width = int(backbone.conv1.out_channels)

    def embed(self, images: Tensor) -> Tensor:
        tower = self.backbone
        patches = tower.conv1(self._pictures(images, tower.conv1.weight)).flatten(2).transpose(1, 2)
        token = tower.class_embedding.expand(len(patches), 1, -1)
        embedded: Tensor = tower.ln_pre(
            torch.cat([token, patches], dim=1) + tower.positional_embedding
        )
        return embedded

    def layers(self) -> Sequence[nn.Module]:
        return list(self.backbone.transformer.resblocks)


class TimmEncoder(_Tower):
    """timm's vision transformer inside open_clip. SigLIP's has no class token: prompts come first."""

    def __init__(self, backbone: TimmModel, colours: Colours) -> None:
        assert isinstance(backbone.trunk, TimmTransformer)
        self.trunk = backbone.trunk
        super().__init__(self.trunk.patch_embed.img_size[0], colours)
        self.backbone = backbone
        self.prefix = int(self.trunk.num_prefix_tokens)
        self.width = int(self.trunk.embed_dim)

    def embed(self, images: Tensor) -> Tensor:
        trunk = self.trunk
        patches = trunk.patch_embed(self._pictures(images, trunk.patch_embed.proj.weight))
        embedded: Tensor = trunk.norm_pre(trunk.patch_drop(trunk._pos_embed(patches)))
        return embedded

    def layers(self) -> Sequence[nn.Module]:
        return list(self.trunk.blocks)
