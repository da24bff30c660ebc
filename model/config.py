"""What a detector is: its backbones and the sizes of what is learned."""

from dataclasses import dataclass
from typing import Literal

from avdf.cache.core.errors import SettingsError

PromptMode = Literal["sequential", "replace"]
FcInit = Literal["identity", "default"]
Activation = Literal["auto", "quick_gelu", "gelu"]
Branches = Literal["both", "visual", "audio"]
LARGEST_SEED = 2**63 - 1
_WIDEST, _MOST_PROMPTS = 16_384, 1024


@dataclass(frozen=True)
class DetectorConfig:
    """The paper's detector by default: 4,407,686 trainable parameters.

    clip, whisper      architectures: an open_clip model's name, a Whisper size, `demo` (small, shipped with avdf), or
                       an encoder that was registered
    *_weights          a name that the libraries can download, a path to a file, `demo`, or `random`
    branches           `both`; `visual` or `audio`: that branch alone, whose verdict is the video's (Table 4)
    visual_prompts     N_vpt: learned tokens per layer of the image encoder; 0: none, the class token is the feature
    visual_prompt_mode `sequential` (Eq. 6: each layer adds its prompts to those before) or `replace` (VPT, Table 5)
    audio_prompt_dim   D_p, width of the short-time audio prompts
    fused_dim          D_f, width of the aligned features f'_v and f'_a
    head_dim           hidden width of the three classification heads
    fc_init            `identity`: FC_l starts as the frozen encoder, `default`: PyTorch's own initialisation
    audio_ln_post      Whisper's last layer norm on the audio features
    clip_activation    `auto`: as the name of the weights says; a local file of an architecture that exists with and
                       without QuickGELU needs `quick_gelu` (OpenAI's weights) or `gelu` (LAION's)
    seed               of all that starts at random, random backbones included
    """

    clip: str = "ViT-B-32"
    clip_weights: str = "openai"
    whisper: str = "base"
    whisper_weights: str = "base"
    branches: Branches = "both"
    visual_prompts: int = 1
    visual_prompt_mode: PromptMode = "sequential"
    audio_prompt_dim: int = 512
    fused_dim: int = 256
    head_dim: int = 384
    fc_init: FcInit = "identity"
    audio_ln_post: bool = True
    clip_activation: Activation = "auto"
    seed: int = 0

    def __post_init__(self) -> None:
        choices = {
            "branches": ("both", "visual", "audio"),
            "visual_prompt_mode": ("sequential", "replace"),
            "fc_init": ("identity", "default"),
            "clip_activation": ("auto", "quick_gelu", "gelu"),
        }
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise SettingsError(
                    f"model.{name} is {getattr(self, name)!r}; use {' or '.join(allowed)}"
                )
        for name in ("audio_prompt_dim", "fused_dim", "head_dim"):
            if not 1 <= getattr(self, name) <= _WIDEST:
                raise SettingsError(
                    f"model.{name} is {getattr(self, name)}; it must be 1 to {_WIDEST}"
                )
        if not 0 <= self.visual_prompts <= _MOST_PROMPTS:
            raise SettingsError(
                f"model.visual_prompts is {self.visual_prompts}; it must be 0 to {_MOST_PROMPTS}"
            )
        if not 0 <= self.seed <= LARGEST_SEED:
            raise SettingsError(f"model.seed is {self.seed}; it must lie in [0, 2^63)")

    @property
    def has_visual(self) -> bool:
        return self.branches != "audio"

    @property
    def has_audio(self) -> bool:
        return self.branches != "visual"
