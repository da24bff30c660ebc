"""The detector: two branches, alignment, fusion and three verdicts (Fig. 2; Eq. 7, 9, 10-13)."""

import math
from typing import Self

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
from avdf.model.contrast import START_TEMPERATURE
from avdf.model.output import CLASSES, DetectorOutput
from avdf.model.visual import VisualBranch


class Head(nn.Sequential):
    """Two linear layers with a ReLU: features (B, D) -> logits (B, 2)."""

    def __init__(self, width: int, hidden: int) -> None:
        first = nn.Linear(width, hidden)
        second = nn.Linear(hidden, CLASSES)
        super().__init__(first, nn.ReLU(), second)


class Detector(nn.Module):
    """Frames (B, 16, 3, 224, 224), normalised for CLIP, and log_mel (B, 80, 64) -> DetectorOutput.

    Frames can also be pixels as shards store them, (B, 16, 224, 224, 3) uint8 RGB: the image
    encoder then normalises them.

    Trainable are the prompts, the projections, the global token, the two convolutions and the
    heads: `trainable_state`. With `config.branches` other than `both`, the other branch, the
    convolutions and the video head are not there.

    backbones  `clip` and `whisper` -> which backbone it is

    Raises:
        WeightsError, SettingsError: a backbone cannot be loaded as `config` says.
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

        # The order in which the parts are built decides which random numbers each gets.
        with seeded(config.seed):
            if config.has_visual:
                self.visual = VisualBranch(
                    clip,
                    config.visual_prompts,
                    config.visual_prompt_mode,
                    align_from=config.aligned_tokens,
                )
            if config.has_audio:
                self.audio = AudioBranch(
                    whisper,
                    config.audio_prompt_dim,
                    config.fc_init,
                    config.audio_ln_post,
                )
            if config.branches == "both":
                self._build_alignment(config.fused_dim)
            if config.has_visual:
                self.visual_head = Head(self.visual.width, config.head_dim)
            if config.has_audio:
                self.audio_head = Head(self.audio.width, config.head_dim)
            if config.branches == "both":
                self.video_head = Head(2 * config.fused_dim, config.head_dim)
            if config.learned_temperature:
                # Its logarithm, so that it stays positive; of no module, so that no other
                # starting value changes.
                start = torch.tensor(math.log(START_TEMPERATURE))
                self.log_temperature = nn.Parameter(start)

    def _build_alignment(self, fused_dim: int) -> None:
        """conv_v with k_v = s_v = 1 (Eq. 12) and conv_a with k_a = s_a = N_t / 2T = 2 (Eq. 13)."""
        tokens = TOKENS_PER_FRAME
        self.visual_align = nn.Conv1d(
            self.visual.aligned_width, fused_dim, kernel_size=1, stride=1
        )
        self.audio_align = nn.Conv1d(
            self.audio.width, fused_dim, kernel_size=tokens, stride=tokens
        )

    @property
    def mel_bins(self) -> int:
        """Channels of the log-mel spectrogram that the speech encoder takes."""
        return self.audio.encoder.mel_bins if self.config.has_audio else MEL_BINS

    def forward(self, frames: Tensor, log_mel: Tensor) -> DetectorOutput:
        _check_shapes(frames, log_mel, self.mel_bins)
        f_v = self.visual(frames) if self.config.has_visual else None
        f_a = self.audio(log_mel) if self.config.has_audio else None
        return self.classify(f_v, f_a)

    def classify(self, f_v: Tensor | None, f_a: Tensor | None) -> DetectorOutput:
        """Logits and aligned features from the features of the branches.

        A frame's visual feature does not depend on its window, so overlapping windows can share it.

        Args:
            f_v: (B, T, D_v) of Eq. 10, or with the class token (B, T, 2 D_v) or the mouth
                (B, T, 9 D_v) behind it, as the visual branch gives it; None without a visual
                branch.
            f_a: (B, N_t / 2, D_a) of Eq. 11; None without an audio branch.
        """
        if f_a is None:
            assert f_v is not None
            feature, _ = self._split(f_v)
            return self._classify_alone(
                visual_logits=self.visual_head(feature.mean(dim=1))
            )
        if f_v is None:
            return self._classify_alone(audio_logits=self.audio_head(f_a.mean(dim=1)))

        feature, to_align = self._split(f_v)
        # Eq. 12 and 13. Convolutions take (B, D, T) and give (B, D_f, T).
        channels_v = self.visual_align(to_align.transpose(1, 2))
        channels_a = self.audio_align(f_a.transpose(1, 2))
        aligned_v = channels_v.transpose(1, 2)  # f'_v (B, T, D_f)
        aligned_a = channels_a.transpose(1, 2)  # f'_a (B, T, D_f)
        fused = torch.cat([aligned_v, aligned_a], dim=2)  # f_f (B, T, 2 D_f)
        return DetectorOutput(
            visual_logits=self.visual_head(feature.mean(dim=1)),  # Eq. 7
            audio_logits=self.audio_head(f_a.mean(dim=1)),  # Eq. 9
            video_logits=self.video_head(fused.mean(dim=1)),
            visual_features=aligned_v,
            audio_features=aligned_a,
        )

    def _split(self, f_v: Tensor) -> tuple[Tensor, Tensor]:
        """What the visual verdict takes of f_v, and what the alignment takes."""
        first = f_v.shape[-1] - self.visual.aligned_width
        return f_v[..., : self.visual.width], f_v[..., first:]

    @property
    def temperature(self) -> Tensor | None:
        """The trained temperature of InfoNCE, a scalar; None where it is not trained."""
        if not self.config.learned_temperature:
            return None
        return self.log_temperature.exp()

    def _classify_alone(self, **logits: Tensor) -> DetectorOutput:
        """The output of one branch: its verdict is the video's too, and nothing is matched."""
        (own,) = logits.values()
        missing = torch.full_like(own, torch.nan)
        shape = (len(own), SEGMENT_FRAMES, self.config.fused_dim)
        features = own.new_full(shape, torch.nan)
        return DetectorOutput(
            visual_logits=logits.get("visual_logits", missing),
            audio_logits=logits.get("audio_logits", missing),
            video_logits=own,
            visual_features=features,
            audio_features=features,
        )

    def train(self, mode: bool = True) -> Self:
        """As nn.Module's, but backbones stay in evaluation mode."""
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
        """The trainable tensors by name."""
        return {
            name: value
            for name, value in self.named_parameters()
            if value.requires_grad
        }

    def hold_frozen(self, dtype: torch.dtype, compiled: bool = False) -> Self:
        """Compute the frozen layers in `dtype`, fused; what is trainable stays in float32.

        `compiled`: each branch by torch.compile, at the first batch.
        """
        for branch in self._branches:
            branch.hold_frozen(dtype, compiled)
        return self


def _check_shapes(frames: Tensor, log_mel: Tensor, mel_bins: int) -> None:
    batch = len(frames)
    wanted_frames: tuple[int, ...] = (batch, SEGMENT_FRAMES, 3, FRAME_SIZE, FRAME_SIZE)
    if frames.dtype == torch.uint8:
        wanted_frames = (batch, SEGMENT_FRAMES, FRAME_SIZE, FRAME_SIZE, 3)
    if tuple(frames.shape) != wanted_frames:
        raise ValueError(f"frames are {tuple(frames.shape)}, expected {wanted_frames}")
    wanted_mel = (batch, mel_bins, SEGMENT_MELS)
    if tuple(log_mel.shape) != wanted_mel:
        raise ValueError(f"log_mel is {tuple(log_mel.shape)}, expected {wanted_mel}")
