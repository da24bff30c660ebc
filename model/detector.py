"""The detector: two branches, alignment, fusion and three verdicts (Fig. 2; Eq. 7, 9, 10-13)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from avdf.cache.core.clock import (
    FRAME_SIZE,
    MEL_BINS,
    SEGMENT_FRAMES,
    SEGMENT_MELS,
    TOKENS_PER_FRAME,
)
from avdf.model.audio import AudioBranch
from avdf.model.backbones import BackboneInfo, load_clip, load_whisper, seeded
from avdf.model.config import DetectorConfig
from avdf.model.visual import VisualBranch

CLASSES = 2  # real, fake


@dataclass(frozen=True)
class DetectorOutput:
    """Of B segments of T = 16 frames: logits (B, 2) for real and fake, and the aligned features (B, T, D_f).

    NaN stands for what a detector of one branch does not have.
    """

    visual_logits: Tensor
    audio_logits: Tensor
    video_logits: Tensor
    visual_features: Tensor
    audio_features: Tensor

    def __post_init__(self) -> None:
        batch = len(self.video_logits)
        for name in ("visual_logits", "audio_logits", "video_logits"):
            if getattr(self, name).shape != (batch, CLASSES):
                raise ValueError(
                    f"{name} is {tuple(getattr(self, name).shape)}, expected ({batch}, {CLASSES})"
                )
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

    Only prompts, projections, the global token, the two convolutions and the heads learn: `trainable_state`. With
    `config.branches` other than `both`, the other branch, the convolutions and the fused head are not there.

    Raises:
        WeightsError, SettingsError: a backbone cannot be had as `config` says.
    """

    visual: VisualBranch
    audio: AudioBranch

    def __init__(self, config: DetectorConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or DetectorConfig()
        self.backbones: dict[str, BackboneInfo] = {}
        if config.has_visual:
            clip, self.backbones["clip"] = load_clip(config)
        if config.has_audio:
            whisper, self.backbones["whisper"] = load_whisper(config)
        with seeded(config.seed):
            if config.has_visual:
                self.visual = VisualBranch(clip, config.visual_prompts, config.visual_prompt_mode)
            if config.has_audio:
                self.audio = AudioBranch(
                    whisper, config.audio_prompt_dim, config.fc_init, config.audio_ln_post
                )
            if config.branches == "both":
                self.visual_align = nn.Conv1d(
                    self.visual.width, config.fused_dim, kernel_size=1, stride=1
                )
                self.audio_align = nn.Conv1d(
                    self.audio.width,
                    config.fused_dim,
                    kernel_size=TOKENS_PER_FRAME,
                    stride=TOKENS_PER_FRAME,
                )
            if config.has_visual:
                self.visual_head = Head(self.visual.width, config.head_dim)
            if config.has_audio:
                self.audio_head = Head(self.audio.width, config.head_dim)
            if config.branches == "both":
                self.video_head = Head(2 * config.fused_dim, config.head_dim)

    @property
    def mel_bins(self) -> int:
        """Channels of the log-mel that the speech encoder takes."""
        return self.audio.encoder.mel_bins if self.config.has_audio else MEL_BINS

    def forward(self, frames: Tensor, log_mel: Tensor) -> DetectorOutput:
        _check_shapes(frames, log_mel, self.mel_bins)
        return self.judge(
            self.visual(frames) if self.config.has_visual else None,
            self.audio(log_mel) if self.config.has_audio else None,
        )

    def judge(self, f_v: Tensor | None, f_a: Tensor | None) -> DetectorOutput:
        """Verdicts from the branches' features f_v (B, T, D_v) and f_a (B, N_t / 2, D_a), Eq. 10 and 11.

        None for a branch that the detector does not have. A frame's visual feature is its own, whatever the window:
        overlapping windows need it only once.
        """
        if f_a is None:
            assert f_v is not None
            return self._one_branch(visual_logits=self.visual_head(f_v.mean(dim=1)))
        if f_v is None:
            return self._one_branch(audio_logits=self.audio_head(f_a.mean(dim=1)))
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

    def _one_branch(self, **logits: Tensor) -> DetectorOutput:
        """One branch's verdict is the video's too; there is nothing to match."""
        (own,) = logits.values()
        none = torch.full_like(own, torch.nan)
        features = own.new_full((len(own), SEGMENT_FRAMES, self.config.fused_dim), torch.nan)
        both = {"visual_logits": none, "audio_logits": none, **logits}
        return DetectorOutput(
            **both, video_logits=own, visual_features=features, audio_features=features
        )

    def train(self, mode: bool = True) -> "Detector":
        """Backbones stay in evaluation mode whatever is asked."""
        super().train(mode)
        for branch in self._branches:
            branch.backbone.eval()
        return self

    @property
    def _branches(self) -> list[VisualBranch | AudioBranch]:
        found: list[VisualBranch | AudioBranch] = []
        if self.config.has_visual:
            found.append(self.visual)
        if self.config.has_audio:
            found.append(self.audio)
        return found

    def trainable_state(self) -> dict[str, Tensor]:
        """The tensors that learn, by name."""
        return {name: value for name, value in self.named_parameters() if value.requires_grad}

    def hold_frozen(self, dtype: torch.dtype, compiled: bool = False) -> "Detector":
        """Compute the frozen layers with weights held in `dtype`, fused; what learns stays in float32.

        `compiled`: each branch by torch.compile, at the first batch.
        """
        for branch in self._branches:
            branch.hold_frozen(dtype, compiled)
        return self


def _check_shapes(frames: Tensor, log_mel: Tensor, mel_bins: int) -> None:
    batch = len(frames)
    wanted = (batch, SEGMENT_FRAMES, 3, FRAME_SIZE, FRAME_SIZE)
    if tuple(frames.shape) != wanted:
        raise ValueError(f"frames are {tuple(frames.shape)}, expected {wanted}")
    if tuple(log_mel.shape) != (batch, mel_bins, SEGMENT_MELS):
        raise ValueError(
            f"log_mel is {tuple(log_mel.shape)}, expected {(batch, mel_bins, SEGMENT_MELS)}"
        )
