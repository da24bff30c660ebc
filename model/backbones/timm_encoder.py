"""timm's vision transformer inside open_clip (SigLIP) as a list of layers."""

from collections.abc import Sequence

from open_clip.timm_model import TimmModel
from timm.models.vision_transformer import VisionTransformer as TimmTransformer
from torch import Tensor, nn

from avdf.model.backbones.clip import Tower
from avdf.model.backbones.pixels import Colours


class TimmEncoder(Tower):
    """timm's vision transformer inside open_clip. SigLIP's has no class token: prefix is 0."""

    def __init__(self, backbone: TimmModel, colours: Colours) -> None:
        assert isinstance(backbone.trunk, TimmTransformer)
        self.trunk = backbone.trunk
        super().__init__(self.trunk.patch_embed.img_size[0], colours)
        self.backbone = backbone
        self.prefix = int(self.trunk.num_prefix_tokens)
        self.width = int(self.trunk.embed_dim)
        rows, columns = self.trunk.patch_embed.grid_size
        self.grid = int(rows), int(columns)

    def embed(self, images: Tensor) -> Tensor:
        trunk = self.trunk
        first_weight = trunk.patch_embed.proj.weight
        adapted = self.adapt(images, first_weight)
        patches = trunk.patch_embed(adapted)
        tokens = trunk.patch_drop(trunk._pos_embed(patches))
        embedded: Tensor = trunk.norm_pre(tokens)
        return embedded

    def layers(self) -> Sequence[nn.Module]:
        return list(self.trunk.blocks)

    def finish(self, tokens: Tensor) -> Tensor:
        finished: Tensor = self.trunk.norm(tokens)
        return finished

    def outer_norms(self, finished: bool) -> Sequence[nn.Module]:
        trunk = self.trunk
        return [trunk.norm_pre, trunk.norm] if finished else [trunk.norm_pre]


def is_timm_transformer(tower: nn.Module) -> bool:
    """Whether a tower is a vision transformer of timm, not another network of its many."""
    return isinstance(tower, TimmModel) and isinstance(tower.trunk, TimmTransformer)
