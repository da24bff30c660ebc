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
from avdf.model.head_inputs import HeadInputs
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
                    config.audio_layers,
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
        if self.config.adapt == "probe":
            return self.judge(self.frozen_inputs(frames, log_mel))
        return self.classify(*self._features(frames, log_mel))

    @torch.no_grad()
    def frozen_inputs(self, frames: Tensor, log_mel: Tensor) -> HeadInputs:
        """What the heads of a probe judge: no training changes it, and no graph is kept."""
        return self._head_inputs(*self._features(frames, log_mel))

    def _features(
        self, frames: Tensor, log_mel: Tensor
    ) -> tuple[Tensor | None, Tensor | None]:
        """f_v and f_a, as `classify` takes them."""
        _check_shapes(frames, log_mel, self.mel_bins)
        f_v = self.visual(frames) if self.config.has_visual else None
        f_a = self.audio(log_mel) if self.config.has_audio else None
        return f_v, f_a

    def classify(self, f_v: Tensor | None, f_a: Tensor | None) -> DetectorOutput:
        """Logits and aligned features from the features of the branches.

        A frame's visual feature does not depend on its window, so overlapping windows can share it.

        Args:
            f_v: (B, T, D_v) of Eq. 10, or with the class token (B, T, 2 D_v) or the mouth
                (B, T, 9 D_v) behind it, as the visual branch gives it; None without a visual
                branch.
            f_a: (B, N_t / 2, D_a) of Eq. 11; None without an audio branch.
        """
        if f_v is None or f_a is None or not self.config.aligns:
            return self.judge(self._head_inputs(f_v, f_a))
        feature, to_align = self._split(f_v)
        fused, aligned_v, aligned_a = self._align(to_align, f_a)
        visual_logits, visual_mean = self._judge(
            self.visual_head, self._pooled(feature)
        )  # Eq. 7
        audio_logits, audio_mean = self._judge(
            self.audio_head, self._pooled(f_a)
        )  # Eq. 9
        return DetectorOutput(
            visual_logits=visual_logits,
            audio_logits=audio_logits,
            video_logits=self._logits(self.video_head, self._pooled(fused)),
            visual_features=aligned_v,
            audio_features=aligned_a,
            visual_mean=visual_mean,
            audio_mean=audio_mean,
        )

    def _head_inputs(self, f_v: Tensor | None, f_a: Tensor | None) -> HeadInputs:
        """What the heads judge where picture and sound are not aligned."""
        visual = None if f_v is None else self._split(f_v)[0]
        video = None
        if visual is not None and f_a is not None:
            # Each frame with the mean of its two tokens.
            batch, time = visual.shape[:2]
            tokens = f_a.view(batch, time, TOKENS_PER_FRAME, f_a.shape[2])
            fused = torch.cat([visual, tokens.mean(dim=2)], dim=2)  # (B, T, D_v + D_a)
            video = self._pooled(fused)
        return HeadInputs(
            visual=None if visual is None else self._pooled(visual),
            audio=None if f_a is None else self._pooled(f_a),
            video=video,
        )

    def judge(self, inputs: HeadInputs) -> DetectorOutput:
        """The verdicts where picture and sound are not aligned.

        Of one branch: its verdict is the video's too.
        """
        visual = audio = video = visual_mean = audio_mean = None
        if inputs.visual is not None:
            visual, visual_mean = self._judge(self.visual_head, inputs.visual)
        if inputs.audio is not None:
            audio, audio_mean = self._judge(self.audio_head, inputs.audio)
        if inputs.video is not None:
            video = self._logits(self.video_head, inputs.video)
        known = next(one for one in (video, visual, audio) if one is not None)
        missing = torch.full_like(known, torch.nan)
        nothing_aligned = self._nothing_aligned(known)
        return DetectorOutput(
            visual_logits=missing if visual is None else visual,
            audio_logits=missing if audio is None else audio,
            video_logits=known,
            visual_features=nothing_aligned,
            audio_features=nothing_aligned,
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

    def _pooled(self, features: Tensor) -> Tensor:
        """What a head judges of features (B, T, D): their mean (B, D), or each where logits are
        pooled.
        """
        return features.mean(dim=1) if self.config.pooling == "mean" else features

    def _judge(self, head: nn.Module, pooled: Tensor) -> tuple[Tensor, Tensor]:
        """What `_pooled` gives of a branch -> logits (B, 2), and the mean feature (B, D).

        With `layer_norm`, what the head judges has length 1, be it the mean or a frame.
        """
        mean = pooled if self.config.pooling == "mean" else pooled.mean(dim=1)
        if self.config.adapt == "layer_norm":
            pooled = F.normalize(pooled, dim=-1)
        return self._logits(head, pooled), mean

    def _logits(self, head: nn.Module, pooled: Tensor) -> Tensor:
        """What `_pooled` gives -> logits (B, 2)."""
        logits: Tensor = head(pooled)
        if self.config.pooling == "mean":
            return logits
        return pool_logits(logits, self.config.pooling)

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
