"""The detector: two branches, alignment, fusion and three verdicts (Fig. 2; Eq. 7, 9, 10-13)."""

import math
from typing import Self

import torch
import torch.nn.functional as F
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
from avdf.model.pooling import pool_logits
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

    With `config.adapt` other than `prompts`, other tensors are trained. `layer_norm`: the layer
    norms that the encoders use, in place of prompts, projections and global token, and heads that
    judge features of length 1 (GenD, arXiv 2508.06248). `prompts+layer_norm`: these norms as well.
    `probe`: a linear head for each verdict and nothing else; picture and sound are not aligned.

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
                    config.prompts_per_layer,
                    config.visual_prompt_mode,
                    align_from=config.aligned_tokens,
                    finished=not config.has_prompts,
                )
            if config.has_audio:
                self.audio = AudioBranch(
                    whisper,
                    config.audio_prompt_dim if config.has_prompts else 0,
                    config.fc_init,
                    config.audio_ln_post,
                )
            if config.aligns:
                self._build_alignment(config.fused_dim)
            if config.has_visual:
                self.visual_head = self._head(self.visual.width)
            if config.has_audio:
                self.audio_head = self._head(self.audio.width)
            if config.branches == "both":
                self.video_head = self._head(self._fused_width)
            if config.learned_temperature:
                # Its logarithm, so that it stays positive; of no module, so that no other
                # starting value changes.
                start = torch.tensor(math.log(START_TEMPERATURE))
                self.log_temperature = nn.Parameter(start)

        if config.trains_norms:
            self._train_norms()

    def _train_norms(self) -> None:
        if self.config.has_visual:
            self.visual.train_norms(self.visual.finished)
        if self.config.has_audio:
            self.audio.train_norms(self.config.audio_ln_post)

    def _head(self, width: int) -> nn.Module:
        """The head of a verdict: features (..., width) -> logits (..., 2)."""
        if self.config.adapt == "probe":
            return nn.Linear(width, CLASSES)
        return Head(width, self.config.head_dim)

    @property
    def _fused_width(self) -> int:
        """Width of what the video head judges."""
        if self.config.aligns:
            return 2 * self.config.fused_dim
        return self.visual.width + self.audio.width

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
        # A probe trains nothing below its heads: no graph is kept of the encoders.
        keeps_graph = torch.is_grad_enabled() and self.config.adapt != "probe"
        with torch.set_grad_enabled(keeps_graph):
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
            logits, mean = self._judge(self.visual_head, feature)
            return self._classify_alone(visual_logits=logits, visual_mean=mean)
        if f_v is None:
            logits, mean = self._judge(self.audio_head, f_a)
            return self._classify_alone(audio_logits=logits, audio_mean=mean)

        feature, to_align = self._split(f_v)
        if self.config.aligns:
            fused, aligned_v, aligned_a = self._align(to_align, f_a)
        else:
            # Each frame with the mean of its two tokens.
            batch, time = feature.shape[:2]
            tokens = f_a.view(batch, time, TOKENS_PER_FRAME, f_a.shape[2])
            fused = torch.cat([feature, tokens.mean(dim=2)], dim=2)  # (B, T, D_v + D_a)
            aligned_v = aligned_a = self._nothing_aligned(fused)
        visual_logits, visual_mean = self._judge(self.visual_head, feature)  # Eq. 7
        audio_logits, audio_mean = self._judge(self.audio_head, f_a)  # Eq. 9
        return DetectorOutput(
            visual_logits=visual_logits,
            audio_logits=audio_logits,
            video_logits=self._pool(self.video_head, fused),
            visual_features=aligned_v,
            audio_features=aligned_a,
            visual_mean=visual_mean,
            audio_mean=audio_mean,
        )

    def _align(self, to_align: Tensor, f_a: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """f_f (B, T, 2 D_f), f'_v and f'_a (B, T, D_f)."""
        # Eq. 12 and 13. Convolutions take (B, D, T) and give (B, D_f, T).
        channels_v = self.visual_align(to_align.transpose(1, 2))
        channels_a = self.audio_align(f_a.transpose(1, 2))
        aligned_v = channels_v.transpose(1, 2)  # f'_v (B, T, D_f)
        aligned_a = channels_a.transpose(1, 2)  # f'_a (B, T, D_f)
        fused = torch.cat([aligned_v, aligned_a], dim=2)  # f_f (B, T, 2 D_f)
        return fused, aligned_v, aligned_a

    def _judge(self, head: nn.Module, features: Tensor) -> tuple[Tensor, Tensor]:
        """Features of a branch (B, T, D) -> logits (B, 2), and their mean (B, D).

        With `layer_norm`, what the head judges has length 1, be it the mean or a frame.
        """
        mean = features.mean(dim=1)
        is_unit = self.config.adapt == "layer_norm"
        if self.config.pooling == "mean":
            judged = F.normalize(mean, dim=-1) if is_unit else mean
            return head(judged), mean
        if is_unit:
            features = F.normalize(features, dim=-1)
        return self._pool(head, features), mean

    def _pool(self, head: nn.Module, features: Tensor) -> Tensor:
        """Features (B, T, D) -> logits (B, 2)."""
        if self.config.pooling == "mean":
            logits: Tensor = head(features.mean(dim=1))
            return logits
        return pool_logits(head(features), self.config.pooling)

    def _nothing_aligned(self, like: Tensor) -> Tensor:
        """(B, T, D_f) NaN, in place of aligned features."""
        shape = (len(like), SEGMENT_FRAMES, self.config.fused_dim)
        return like.new_full(shape, torch.nan)

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

    def _classify_alone(
        self,
        visual_logits: Tensor | None = None,
        audio_logits: Tensor | None = None,
        visual_mean: Tensor | None = None,
        audio_mean: Tensor | None = None,
    ) -> DetectorOutput:
        """The output of one branch: its verdict is the video's too, and nothing is matched."""
        own = audio_logits if visual_logits is None else visual_logits
        assert own is not None
        missing = torch.full_like(own, torch.nan)
        features = self._nothing_aligned(own)
        return DetectorOutput(
            visual_logits=missing if visual_logits is None else visual_logits,
            audio_logits=missing if audio_logits is None else audio_logits,
            video_logits=own,
            visual_features=features,
            audio_features=features,
            visual_mean=visual_mean,
            audio_mean=audio_mean,
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
