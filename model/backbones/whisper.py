"""Whisper's audio encoder as a list of layers."""

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from avdf.cache.core.clock import SEGMENT_TOKENS
from avdf.model.backbones.encoder import SpeechEncoder
from avdf.model.backbones.libraries import AudioEncoder


class WhisperEncoder(SpeechEncoder):
    """Whisper's two convolutions, the first 32 of its positions (Eq. 4), and its layers."""

    def __init__(self, backbone: AudioEncoder) -> None:
        self.backbone = backbone
        self.width = int(backbone.conv1.out_channels)
        self.mel_bins = int(backbone.conv1.in_channels)

    def embed(self, log_mel: Tensor) -> Tensor:
        encoder = self.backbone
        x = F.gelu(encoder.conv1(log_mel.float()))  # (B, D, 64)
        x = F.gelu(encoder.conv2(x))  # (B, D, 32): the stride is 2
        # Positions are those of the first 0.64 s of Whisper's 30 s window.
        positions = encoder.positional_embedding[:SEGMENT_TOKENS]
        embedded: Tensor = x.transpose(1, 2) + positions
        return embedded

    def finish(self, tokens: Tensor) -> Tensor:
        finished: Tensor = self.backbone.ln_post(tokens)
        return finished

    def layers(self) -> Sequence[nn.Module]:
        return list(self.backbone.blocks)

    def outer_norms(self, finished: bool) -> Sequence[nn.Module]:
        return [self.backbone.ln_post] if finished else []
