"""The settings of a detector: its backbones, and the sizes of what is trained."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from avdf.cache.core.errors import SettingsError

PromptMode = Literal["sequential", "replace"]
FcInit = Literal["identity", "default"]
Activation = Literal["auto", "quick_gelu", "gelu"]
Branches = Literal["both", "visual", "audio"]
AlignFrom = Literal["prompt", "class", "both", "mouth"]
Adapt = Literal["prompts", "layer_norm", "prompts+layer_norm", "probe"]
Pooling = Literal["mean", "top-k", "log-sum-exp"]

LARGEST_SEED = 2**63 - 1
_LARGEST_WIDTH, _MOST_PROMPTS, _MOST_LAYERS = 16_384, 1024, 1024


@dataclass(frozen=True)
class DetectorConfig:
    """Settings of a detector. The defaults are the paper's: 4,407,686 trainable parameters.

    clip, whisper       architectures: the name of an open_clip model, a size of Whisper, `demo`
                        (small, shipped with avdf), or an encoder that was registered
    clip_weights,       a name that the library can download, a path to a file, `demo`, or
    whisper_weights     `random`
    adapt               what is trained of the branches: `prompts`, the paper's; `layer_norm`, the
                        layer norms of the encoders (docs/method.md); `prompts+layer_norm`; or
                        `probe`, nothing, so that linear heads judge frozen features
    pooling             how the frames of a segment come to one verdict: `mean` of their features
                        (Eq. 7, 9), `top-k` or `log-sum-exp` of their logits (model/pooling.py)
    branches            `both`; `visual` or `audio`: that branch alone, whose verdict is also the
                        video's (Table 4)
    visual_prompts      N_vpt, prompts that are added before each layer of the image encoder; 0:
                        none, and the class token is the feature
    visual_prompt_mode  `sequential` (Eq. 6: each layer adds its prompts to the earlier ones) or
                        `replace` (VPT, Table 5)
    audio_prompt_dim    D_p, width of the short-time audio prompts
    fused_dim           D_f, width of the aligned features f'_v and f'_a
    head_dim            hidden width of the three classification heads
    fc_init             `identity`: FC_l starts as if it were not there; `default`: as in PyTorch
    audio_layers        only the first layers of the speech encoder are run, and the audio features
                        are the tokens behind them; 0: all layers, as in the paper. Early layers
                        keep more of how a voice was synthesised (docs/generalisation.md)
    audio_ln_post       whether Whisper's last layer norm is applied to the audio features
    clip_activation     `auto`: as the name of the weights says. A local file of an architecture
                        that exists with and without QuickGELU needs `quick_gelu` (OpenAI's
                        weights) or `gelu` (LAION's)
    align_from          which visual tokens the alignment (Eq. 12) takes: `prompt`, that of the
                        verdict; `class`, the class token; `both` of these; `mouth`, the tokens of
                        the patches over the mouth (model/mouth_pooling.py)
    learned_temperature whether the temperature of InfoNCE is trained; training.matching=infonce
                        turns it on
    seed                of all that starts at random, random backbones included

    Raises:
        SettingsError: a value is not allowed; the message names the setting.
    """

    clip: str = "ViT-B-32"
    clip_weights: str = "openai"
    whisper: str = "base"
    whisper_weights: str = "base"
    adapt: Adapt = "prompts"
    pooling: Pooling = "mean"
    branches: Branches = "both"
    visual_prompts: int = 1
    visual_prompt_mode: PromptMode = "sequential"
    audio_prompt_dim: int = 512
    fused_dim: int = 256
    head_dim: int = 384
    fc_init: FcInit = "identity"
    audio_layers: int = 0
    audio_ln_post: bool = True
    clip_activation: Activation = "auto"
    align_from: AlignFrom = "prompt"
    learned_temperature: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        _check_choice("adapt", self.adapt, get_args(Adapt))
        _check_choice("pooling", self.pooling, get_args(Pooling))
        _check_choice("branches", self.branches, get_args(Branches))
        _check_choice(
            "visual_prompt_mode", self.visual_prompt_mode, get_args(PromptMode)
        )
        _check_choice("fc_init", self.fc_init, get_args(FcInit))
        _check_choice("align_from", self.align_from, get_args(AlignFrom))
        _check_choice("clip_activation", self.clip_activation, get_args(Activation))
        _check_range("audio_prompt_dim", self.audio_prompt_dim, 1, _LARGEST_WIDTH)
        _check_range("audio_layers", self.audio_layers, 0, _MOST_LAYERS)
        _check_range("fused_dim", self.fused_dim, 1, _LARGEST_WIDTH)
        _check_range("head_dim", self.head_dim, 1, _LARGEST_WIDTH)
        _check_range("visual_prompts", self.visual_prompts, 0, _MOST_PROMPTS)
        if self.align_from in ("class", "both") and not self.prompts_per_layer:
            without = "model.visual_prompts=0"
            if not self.has_prompts:
                without = f"model.adapt={self.adapt}"
            raise SettingsError(
                f"model.align_from is {self.align_from!r}, but with {without} the "
                "class token is the feature already; set model.align_from to prompt or mouth"
            )
        if not 0 <= self.seed <= LARGEST_SEED:
            raise SettingsError(f"model.seed is {self.seed}; it must lie in [0, 2^63)")

    @property
    def has_visual(self) -> bool:
        """Whether the detector looks at the frames."""
        return self.branches != "audio"

    @property
    def has_audio(self) -> bool:
        """Whether the detector listens to the audio."""
        return self.branches != "visual"

    @property
    def has_prompts(self) -> bool:
        """Whether prompts are trained; otherwise the encoders see the input alone."""
        return self.adapt in ("prompts", "prompts+layer_norm")

    @property
    def trains_norms(self) -> bool:
        """Whether the layer norms of the encoders are trained."""
        return self.adapt in ("layer_norm", "prompts+layer_norm")

    @property
    def prompts_per_layer(self) -> int:
        """Visual prompts that are added before each layer."""
        return self.visual_prompts if self.has_prompts else 0

    @property
    def aligns(self) -> bool:
        """Whether picture and sound are aligned (Eq. 12, 13): this takes both and is trained."""
        return self.branches == "both" and self.adapt != "probe"

    @property
    def aligned_tokens(self) -> AlignFrom:
        """What the visual branch gives for the alignment, where there is one."""
        return self.align_from if self.aligns else "prompt"


def _check_choice(
    name: str,
    value: Any,
    allowed: Iterable[str],
) -> None:
    if value not in allowed:
        raise SettingsError(f"model.{name} is {value!r}; use {' or '.join(allowed)}")


def _check_range(
    name: str,
    value: int,
    least: int,
    most: int,
) -> None:
    if not least <= value <= most:
        raise SettingsError(f"model.{name} is {value}; it must be {least} to {most}")
