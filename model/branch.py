"""What both branches share: a frozen encoder, whose layers are computed plainly or, once asked, fast."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from avdf.model.backbones import ImageEncoder, SpeechEncoder
from avdf.model.backbones.freeze_layer import freeze_layer


class Branch(nn.Module):
    """`backbone` is the library's module: it holds the weights, and never learns."""

    prompts: nn.Parameter

    def __init__(self, encoder: ImageEncoder | SpeechEncoder) -> None:
        super().__init__()
        self.backbone: Any = encoder.backbone
        self.width = encoder.width
        self._plain: Sequence[nn.Module] = encoder.layers()
        self._layers = self._plain
        self._type = torch.float32

    def hold_frozen(self, dtype: torch.dtype, compiled: bool = False) -> None:
        """Compute the layers with weights held in `dtype`, fused where that is known."""
        self._layers = [freeze_layer(layer, dtype, self.prompts.device) for layer in self._plain]
        self._type = dtype
        if compiled:
            self.compile(dynamic=False)
