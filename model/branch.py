"""What both branches share: a frozen encoder, whose layers run as in the library or fused."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from avdf.cache.core.errors import SettingsError
from avdf.model.backbones import ImageEncoder, SpeechEncoder
from avdf.model.backbones.freeze_layer import freeze_layer
from avdf.model.backbones.trainable_norm import train_norms

PROMPT_DEVIATION = 0.02  # of the normal distribution that prompts start from


class Branch(nn.Module):
    """A frozen encoder with trainable prompts, trainable layer norms, both or neither.

    backbone  the library's module, which holds the frozen weights
    width     of the encoder's tokens
    prompts   trainable: what the branch adds before each layer; empty without prompts

    `first_layers`: only so many layers are run; 0: all of them.

    Raises:
        SettingsError: the encoder has fewer layers.
    """

    prompts: nn.Parameter

    def __init__(
        self, encoder: ImageEncoder | SpeechEncoder, first_layers: int = 0
    ) -> None:
        super().__init__()
        self.encoder: Any = encoder
        self.backbone: Any = encoder.backbone
        self.width = encoder.width
        self._library_layers: Sequence[nn.Module] = _first(
            encoder.layers(), first_layers
        )
        self._layers = self._library_layers
        self._dtype = torch.float32

    def train_norms(self, finished: bool) -> None:
        """Let the layer norms of the encoder be trained, before `hold_frozen`.

        `finished`: whether the encoder's last norm is in use.
        """
        parts = [*self._library_layers, *self.encoder.outer_norms(finished)]
        train_norms(parts)

    def hold_frozen(self, dtype: torch.dtype, compiled: bool = False) -> None:
        """Compute the layers with weights held in `dtype`, fused where their arithmetic is known.

        `compiled`: by torch.compile, at the first batch.
        """
        device = self.prompts.device
        self._layers = [
            freeze_layer(layer, dtype, device) for layer in self._library_layers
        ]
        self._dtype = dtype
        if compiled:
            self.compile(dynamic=False)


def _first(layers: Sequence[nn.Module], count: int) -> Sequence[nn.Module]:
    """The first layers; 0: all of them."""
    if count > len(layers):
        raise SettingsError(
            f"model.audio_layers is {count}, but the speech encoder has {len(layers)} layers"
        )
    return layers[:count] if count else layers
