"""The visual branch: a frozen image encoder with visual prompts (Eq. 1-3, 6, 10)."""

import torch
from torch import Tensor, nn

from avdf.cache.core.errors import SettingsError
from avdf.model.backbones import ImageEncoder
from avdf.model.backbones.frozen_layer import FrozenBlock
from avdf.model.branch import PROMPT_DEVIATION, Branch
from avdf.model.config import PromptMode


class VisualBranch(Branch):
    """frames (B, T, 3, 224, 224), normalised for CLIP -> f_v (B, T, D_v) (Eq. 10).

    Frames can also be pixels as shards store them: (B, T, 224, 224, 3), uint8 RGB.

    The feature of a frame is the token of the first prompt of the last layer. Without prompts it
    is the class token, and where the encoder has none, the mean of the patches.

    prompts     (layers, N_vpt, D_v), trainable: P_v^l
    with_class  the class token comes behind the feature: f_v is (B, T, 2 D_v)

    Raises:
        SettingsError: a class token is wanted, and the encoder has none.
    """

    def __init__(
        self,
        encoder: ImageEncoder,
        prompts: int,
        mode: PromptMode,
        with_class: bool = False,
    ) -> None:
        super().__init__(encoder)
        if with_class and not encoder.prefix:
            raise SettingsError(
                "model.align_from needs a class token, which this image encoder does not have; "
                "leave model.align_from at prompt"
            )
        self.encoder = encoder
        self.mode = mode
        self.with_class = with_class
        start = torch.randn(len(self._layers), prompts, self.width) * PROMPT_DEVIATION
        self.prompts = nn.Parameter(start)

    def forward(self, frames: Tensor) -> Tensor:
        batch, time = frames.shape[:2]
        images = frames.flatten(0, 1)
        if self.with_class:
            # The class token is the first one, the first prompt comes behind the prefix.
            prefix = self.encoder.prefix
            tokens = self.tokens(images, slice(0, prefix + 1))
            both = torch.cat([tokens[:, prefix], tokens[:, 0]], dim=1)
            return both.float().view(batch, time, 2 * self.width)
        tokens = self.tokens(images, self._feature_tokens)
        features = tokens.mean(dim=1).float()
        return features.view(batch, time, self.width)

    def tokens(self, images: Tensor, wanted: slice | None = None) -> Tensor:
        """Images (N, 3, 224, 224), or uint8 pixels -> tokens after the last layer (N, tokens, D_v).

        Tokens are prefix, prompts of all layers, patches; `wanted` selects some of them.
        """
        pixels = images.dtype == torch.uint8
        embed = self.encoder.embed_pixels if pixels else self.encoder.embed
        embedded = embed(images)  # Eq. 1, 2
        x: Tensor = embedded.to(self._dtype)
        *earlier, last = self._layers
        for layer, block in enumerate(earlier):
            x = self._insert_prompts(x, layer)
            x = block(x)  # Eq. 6
        x = self._insert_prompts(x, len(earlier))
        # The last layer needs to compute only those of its tokens that are used.
        if isinstance(last, FrozenBlock):
            found: Tensor = last(x, wanted)
            return found
        x = last(x)
        return x if wanted is None else x[:, wanted]

    @property
    def _feature_tokens(self) -> slice:
        """The tokens whose mean is the feature: one, or all of an encoder that has only patches."""
        prefix = self.encoder.prefix
        if self.prompts.shape[1]:
            return slice(prefix, prefix + 1)
        return slice(0, 1) if prefix else slice(None)

    def _insert_prompts(self, x: Tensor, layer: int) -> Tensor:
        """[class token, P_v^l, the other tokens] (Eq. 6).

        The other tokens start with the prompts of earlier layers; in mode `replace` these are
        left out.
        """
        prefix = self.encoder.prefix
        own = self.prompts[layer].to(x.dtype)
        prompts = own.expand(len(x), -1, -1)
        first = prefix
        if self.mode == "replace" and layer > 0:
            first += prompts.shape[1]
        return torch.cat([x[:, :prefix], prompts, x[:, first:]], dim=1)
