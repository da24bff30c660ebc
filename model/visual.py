"""The visual branch: a frozen image encoder with visual prompts (Eq. 1-3, 6, 10)."""

import torch
from torch import Tensor, nn

from avdf.cache.core.errors import SettingsError
from avdf.model.backbones import ImageEncoder
from avdf.model.backbones.frozen_layer import FrozenBlock
from avdf.model.branch import PROMPT_DEVIATION, Branch
from avdf.model.config import AlignFrom, PromptMode
from avdf.model.mouth_pooling import FIELDS, MouthPooling


class VisualBranch(Branch):
    """frames (B, T, 3, 224, 224), normalised for CLIP -> f_v (B, T, D_v) (Eq. 10).

    Frames can also be pixels as shards store them: (B, T, 224, 224, 3), uint8 RGB.

    The feature of a frame is the token of the first prompt of the last layer. Without prompts it
    is the class token, and where the encoder has none, the mean of the patches.

    prompts     (layers, N_vpt, D_v), trainable: P_v^l
    finished    without prompts: whether tokens go through the encoder's last norm
    align_from  what the alignment takes. `class` and `both`: the class token comes behind the
                feature, so that f_v is (B, T, 2 D_v). `mouth`: the 8 means of the patch tokens
                over the mouth come behind it: (B, T, 9 D_v)

    Raises:
        SettingsError: the encoder does not have what the alignment takes.
    """

    tokens_with_mouth: Tensor

    def __init__(
        self,
        encoder: ImageEncoder,
        prompts: int,
        mode: PromptMode,
        align_from: AlignFrom = "prompt",
        finished: bool = False,
    ) -> None:
        super().__init__(encoder)
        if align_from in ("class", "both") and not encoder.prefix:
            raise SettingsError(
                "model.align_from needs a class token, which this image encoder does not have; "
                "set model.align_from to prompt or mouth"
            )
        self.encoder: ImageEncoder = encoder
        self.mode = mode
        self.finished = finished
        self.align_from = align_from
        start = torch.randn(len(self._layers), prompts, self.width) * PROMPT_DEVIATION
        self.prompts = nn.Parameter(start, requires_grad=not finished)
        if align_from == "mouth":
            self.mouth = _mouth_pooling(encoder)
            numbers = self._numbers_over_mouth()
            # A constant, held on the device: made in each step, it would be copied there each time.
            self.register_buffer("tokens_with_mouth", numbers, persistent=False)

    @property
    def aligned_width(self) -> int:
        """The last so many values of f_v are what the alignment takes."""
        tokens = {"prompt": 1, "class": 1, "both": 2, "mouth": FIELDS}
        return tokens[self.align_from] * self.width

    def forward(self, frames: Tensor) -> Tensor:
        batch, time = frames.shape[:2]
        images = frames.flatten(0, 1)
        if self.align_from in ("class", "both"):
            features = self._with_class(images)
        elif self.align_from == "mouth":
            features = self._with_mouth(images)
        else:
            tokens = self._last_tokens(images, self._feature_tokens)
            features = tokens.mean(dim=1).float()
        return features.view(batch, time, features.shape[1])

    def _with_class(self, images: Tensor) -> Tensor:
        """[feature, class token] of each image (N, 2 D_v)."""
        # The class token is the first one, the first prompt comes behind the prefix.
        prefix = self.encoder.prefix
        tokens = self._last_tokens(images, slice(0, prefix + 1))
        return torch.cat([tokens[:, prefix], tokens[:, 0]], dim=1).float()

    def _with_mouth(self, images: Tensor) -> Tensor:
        """[feature, the 8 fields of the mouth] of each image (N, 9 D_v)."""
        feature = self._feature_tokens
        if feature == slice(None):
            # The feature is the mean of all patches, so that the last layer computes all of them.
            tokens = self._last_tokens(images)
            first, patches = tokens.mean(dim=1), tokens[:, self.tokens_with_mouth]
        else:
            tokens = self._last_tokens(images, self.tokens_with_mouth)
            first, patches = tokens[:, 0], tokens[:, 1:]
        fields = self.mouth(patches)
        return torch.cat([first.float(), fields.flatten(1)], dim=1)

    def _numbers_over_mouth(self) -> Tensor:
        """Numbers of tokens of the last layer: the feature, if it is one, and the mouth's."""
        # In `replace` only the prompts of the last layer are left.
        layers = len(self._layers) if self.mode == "sequential" else 1
        before = self.encoder.prefix + layers * self.prompts.shape[1]
        feature = self._feature_tokens
        own = [] if feature == slice(None) else [feature.start]
        return torch.cat(
            [torch.tensor(own, dtype=torch.int64), before + self.mouth.places]
        )

    def _last_tokens(
        self, images: Tensor, wanted: slice | Tensor | None = None
    ) -> Tensor:
        """The tokens that features are made of: those of `tokens`, normed where that is set."""
        tokens = self.tokens(images, wanted)
        return self.encoder.finish(tokens.float()) if self.finished else tokens

    def tokens(self, images: Tensor, wanted: slice | Tensor | None = None) -> Tensor:
        """Images (N, 3, 224, 224), or uint8 pixels -> tokens after the last layer (N, tokens, D_v).

        Tokens are prefix, prompts of all layers, patches; `wanted` selects some of them, as a slice
        or by their numbers.
        """
        pixels = images.dtype == torch.uint8
        embed = self.encoder.embed_pixels if pixels else self.encoder.embed
        embedded = embed(images)  # Eq. 1, 2
        if self.align_from == "mouth":
            self._check_patches(embedded)
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

    def _check_patches(self, embedded: Tensor) -> None:
        """Refuse an encoder whose `grid` is not that of its tokens: others would be taken."""
        patches = embedded.shape[1] - self.encoder.prefix
        if patches != self.mouth.patches:
            raise SettingsError(
                f"model.align_from is 'mouth', but this image encoder gives {patches} patches, and "
                f"its grid has {self.mouth.patches}; set model.align_from to prompt or class"
            )

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


def _mouth_pooling(encoder: ImageEncoder) -> MouthPooling:
    """The means over the mouth for the encoder's patches."""
    if encoder.grid is None:
        raise SettingsError(
            "model.align_from is 'mouth', but this image encoder does not say how its patches lie "
            "in the image (ImageEncoder.grid); set model.align_from to prompt or class"
        )
    return MouthPooling(*encoder.grid)
