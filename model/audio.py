"""The audio branch: a Whisper encoder with short-time audio prompts (Eq. 4, 5, 8, 11), or bare."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from avdf.cache.core.clock import SEGMENT_TOKENS
from avdf.model.backbones import SpeechEncoder
from avdf.model.branch import PROMPT_DEVIATION, Branch
from avdf.model.config import FcInit


class AudioBranch(Branch):
    """log_mel (B, 80, 64) -> f_a (B, 32, D_a): every token but the global one (Eq. 11).

    prompts       (layers, 32, D_p), trainable: P_a^l
    projections   FC_l, a trainable Linear for each layer: [prompt, embedding] (D_p + D_a) -> D_a
    global_token  (D_a,), trainable: z_a_g

    With `first_layers`, f_a are the tokens behind so many layers; 0: all of them.

    With `prompt_dim` 0 there is none of these: f_a are the encoder's own 32 tokens.
    """

    def __init__(
        self,
        encoder: SpeechEncoder,
        prompt_dim: int,
        fc_init: FcInit,
        ln_post: bool,
        first_layers: int = 0,
    ) -> None:
        super().__init__(encoder, first_layers)
        self.encoder: SpeechEncoder = encoder
        self._ln_post = ln_post
        width = self.width
        layers = len(self._layers)
        self._has_prompts = prompt_dim > 0
        if not self._has_prompts:
            none = torch.empty(layers, 0, 0)
            self.prompts = nn.Parameter(none, requires_grad=False)
            return
        start = torch.randn(layers, SEGMENT_TOKENS, prompt_dim) * PROMPT_DEVIATION
        self.prompts = nn.Parameter(start)
        self.projections = nn.ModuleList(
            nn.Linear(prompt_dim + width, width) for _ in range(layers)
        )
        self.global_token = nn.Parameter(torch.randn(width) * PROMPT_DEVIATION)
        if fc_init == "identity":
            self._start_as_identity()

    @torch.no_grad()
    def _start_as_identity(self) -> None:
        """Let each FC_l pass embeddings through, so that training starts from Whisper itself."""
        prompt_dim = self.prompts.shape[-1]
        for layer in range(len(self.projections)):
            projection = self._projection(layer)
            nn.init.normal_(projection.weight[:, :prompt_dim], std=PROMPT_DEVIATION)
            nn.init.eye_(projection.weight[:, prompt_dim:])
            nn.init.zeros_(projection.bias)

    def forward(self, log_mel: Tensor) -> Tensor:
        z = self.encoder.embed(log_mel)  # Eq. 4
        z = self._with_prompts(z) if self._has_prompts else self._alone(z)
        return self.encoder.finish(z) if self._ln_post else z

    def _alone(self, z: Tensor) -> Tensor:
        """Tokens z (B, 32, D_a) after the encoder's own layers."""
        x = z.to(self._dtype)
        for block in self._layers:
            x = block(x)
        return x.float()

    def _with_prompts(self, z: Tensor) -> Tensor:
        """Tokens z (B, 32, D_a) after the layers, each with its prompts and the global token."""
        token = self.global_token.expand(len(z), 1, -1)
        # Eq. 8: the first layer takes the global token itself, each other one its output of the
        # layer before.
        for layer, block in enumerate(self._layers):
            projected = self._project(layer, z)
            x = torch.cat([token, projected], dim=1)  # (B, 33, D_a)
            # The frozen layer computes in its own type, everything trainable in float32.
            x = block(x.to(self._dtype)).float()
            token, z = x[:, :1], x[:, 1:]
        return z

    def _project(self, layer: int, z: Tensor) -> Tensor:
        """FC_l(cat(P_a^l, z)) (Eq. 8): z (B, 32, D_a) -> the same.

        The product is computed in two halves. That of the prompts is the same for the whole batch,
        so it is computed once.
        """
        projection = self._projection(layer)
        prompt_dim = self.prompts.shape[-1]
        prompt_weight = projection.weight[:, :prompt_dim]
        token_weight = projection.weight[:, prompt_dim:]
        prompts = self.prompts[layer]
        prompted = F.linear(prompts, prompt_weight, projection.bias)  # (32, D_a)
        return F.linear(z, token_weight) + prompted

    def _projection(self, layer: int) -> nn.Linear:
        projection = self.projections[layer]
        assert isinstance(projection, nn.Linear)
        return projection
