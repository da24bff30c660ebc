"""The detector: two branches, alignment, fusion and three verdicts (Fig. 2; Eq. 7, 9, 10-13)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from avdf.cache.clock import FRAME_SIZE, MEL_BINS, SEGMENT_FRAMES, SEGMENT_MELS, TOKENS_PER_FRAME
from avdf.model.audio import AudioBranch
from avdf.model.backbones import BackboneInfo, load_clip, load_whisper, seeded
from avdf.model.block import FrozenBlock
from avdf.model.config import DetectorConfig
from avdf.model.visual import VisualBranch

CLASSES = 2  # real, fake


@dataclass(frozen=True)
class DetectorOutput:
    """Of B segments of T = 16 frames: logits (B, 2) for real and fake, and the aligned features (B, T, D_f)."""

    visual_logits: Tensor
    audio_logits: Tensor
    video_logits: Tensor
    visual_features: Tensor
    audio_features: Tensor

    def __post_init__(self) -> None:
        batch = len(self.video_logits)
        for name in ("visual_logits", "audio_logits", "video_logits"):
            if getattr(self, name).shape != (batch, CLASSES):
                raise ValueError(f"{name} is {tuple(getattr(self, name).shape)}, expected ({batch}, {CLASSES})")
        if self.visual_features.shape != self.audio_features.shape:
            raise ValueError(
                f"features differ: {tuple(self.visual_features.shape)} and {tuple(self.audio_features.shape)}"
            )


class Head(nn.Sequential):
    """Two linear layers with a ReLU: features (B, D) -> logits (B, 2)."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, CLASSES))


class Detector(nn.Module):
    """detector(frames (B, 16, 3, 224, 224) CLIP-normalised, log_mel (B, 80, 64)) -> DetectorOutput.

    Only prompts, projections, the global token, the two convolutions and the heads learn: `trainable_state`.

    Raises:
        WeightsError, SettingsError: a backbone cannot be had as `config` says.
    """

    def __init__(self, config: DetectorConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or DetectorConfig()
        clip, clip_info = load_clip(config)
        whisper, whisper_info = load_whisper(config)
        self.backbones: dict[str, BackboneInfo] = {"clip": clip_info, "whisper": whisper_info}
        with seeded(config.seed):
            self.visual = VisualBranch(clip, config.visual_prompts, config.visual_prompt_mode)
            self.audio = AudioBranch(whisper, config.audio_prompt_dim, config.fc_init, config.audio_ln_post)
            self.visual_align = nn.Conv1d(self.visual.width, config.fused_dim, kernel_size=1, stride=1)
            self.audio_align = nn.Conv1d(
                self.audio.width, config.fused_dim, kernel_size=TOKENS_PER_FRAME, stride=TOKENS_PER_FRAME
            )
            self.visual_head = Head(self.visual.width, config.head_dim)
            self.audio_head = Head(self.audio.width, config.head_dim)
            self.video_head = Head(2 * config.fused_dim, config.head_dim)

    def forward(self, frames: Tensor, log_mel: Tensor) -> DetectorOutput:
        _check_shapes(frames, log_mel)
        f_v, f_a = self.visual(frames), self.audio(log_mel)  # (B, T, D_v), (B, N_t / 2, D_a): Eq. 10, 11
        aligned_v = self.visual_align(f_v.transpose(1, 2)).transpose(1, 2)  # (B, T, D_f): Eq. 12
        aligned_a = self.audio_align(f_a.transpose(1, 2)).transpose(1, 2)  # (B, T, D_f): Eq. 13
        fused = torch.cat([aligned_v, aligned_a], dim=2).mean(dim=1)  # (B, 2 D_f)
        return DetectorOutput(
            visual_logits=self.visual_head(f_v.mean(dim=1)),  # Eq. 7
            audio_logits=self.audio_head(f_a.mean(dim=1)),  # Eq. 9
            video_logits=self.video_head(fused),
            visual_features=aligned_v,
            audio_features=aligned_a,
        )

    def train(self, mode: bool = True) -> "Detector":
        """Backbones stay in evaluation mode whatever is asked."""
        super().train(mode)
        self.visual.backbone.eval()
        self.audio.backbone.eval()
        return self

    def trainable_state(self) -> dict[str, Tensor]:
        """The tensors that learn, by name."""
        return {name: value for name, value in self.named_parameters() if value.requires_grad}

    def hold_frozen(self, dtype: torch.dtype) -> "Detector":
        """Compute the frozen layers with weights held in `dtype`, fused; what learns stays in float32."""
        device = self.visual.prompts.device
        clip = [FrozenBlock.from_clip(block) for block in self.visual.backbone.transformer.resblocks]
        whisper = [FrozenBlock.from_whisper(block) for block in self.audio.backbone.blocks]
        self.visual.use_layers([block.to(device, dtype) for block in clip])
        self.audio.use_layers([block.to(device, dtype) for block in whisper])
        return self


def _check_shapes(frames: Tensor, log_mel: Tensor) -> None:
    batch = len(frames)
    wanted = (batch, SEGMENT_FRAMES, 3, FRAME_SIZE, FRAME_SIZE)
    if tuple(frames.shape) != wanted:
        raise ValueError(f"frames are {tuple(frames.shape)}, expected {wanted}")
    if tuple(log_mel.shape) != (batch, MEL_BINS, SEGMENT_MELS):
        raise ValueError(f"log_mel is {tuple(log_mel.shape)}, expected {(batch, MEL_BINS, SEGMENT_MELS)}")
