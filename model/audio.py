"""The audio branch: a frozen Whisper encoder with short-time audio prompts (Eq. 4, 5, 8, 9, 11)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avdf.cache.core.clock import SEGMENT_TOKENS
from avdf.model.backbones import SpeechEncoder
from avdf.model.branch import Branch
from avdf.model.config import FcInit

_PROMPT_STD = 0.02


class AudioBranch(Branch):
    """log_mel (B, 80, 64) -> f_a (B, 32, D_a): every token but the global one after the last layer.

    `prompts` (layers, 32, D_p), `projections` (FC_l: one Linear a layer, input [prompt, embedding]) and `global_token`
    learn; `backbone` does not.
    """

    def __init__(
        self, encoder: SpeechEncoder, prompt_dim: int, fc_init: FcInit, ln_post: bool
    ) -> None:
        super().__init__(encoder)
        self.encoder = encoder
        width = self.width
        layers = len(self._layers)
        self.prompts = nn.Parameter(torch.randn(layers, SEGMENT_TOKENS, prompt_dim) * _PROMPT_STD)
        self.projections = nn.ModuleList(
            nn.Linear(prompt_dim + width, width) for _ in range(layers)
        )
        self.global_token = nn.Parameter(torch.randn(width) * _PROMPT_STD)
        self._ln_post = ln_post
        if fc_init == "identity":
            self._start_as_backbone()

    @torch.no_grad()
    def _start_as_backbone(self) -> None:
        prompt_dim = self.prompts.shape[-1]
        for layer in range(len(self.projections)):
            projection = self._projection(layer)
            nn.init.normal_(projection.weight[:, :prompt_dim], std=_PROMPT_STD)
            nn.init.eye_(projection.weight[:, prompt_dim:])
            nn.init.zeros_(projection.bias)

    def _projection(self, layer: int) -> nn.Linear:
        projection = self.projections[layer]
        assert isinstance(projection, nn.Linear)
        return projection

    def forward(self, log_mel: Tensor) -> Tensor:
        z = self.encoder.embed(log_mel)
        token = self.global_token.expand(len(z), 1, -1)
        for layer, block in enumerate(self._layers):
            x = torch.cat([token, self._project(layer, z)], dim=1)
            x = block(x.to(self._type)).float()
            token, z = x[:, :1], x[:, 1:]
        return self.encoder.finish(z) if self._ln_post else z

    def _project(self, layer: int, z: Tensor) -> Tensor:
        """FC_l(cat(P_a^l, z)) (Eq. 8). The prompt's part is the same for all, so it is computed once a batch."""
        projection = self._projection(layer)
        prompt_dim = self.prompts.shape[-1]
        prompted = F.linear(self.prompts[layer], projection.weight[:, :prompt_dim], projection.bias)
        return F.linear(z, projection.weight[:, prompt_dim:]) + prompted
