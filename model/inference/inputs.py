"""How stored segments become the input of the detector: normalised frames and log-mel spectrograms."""

import torch
from torch import Tensor

from avdf.cache.core.clock import MEL_BINS
from avdf.cache.core.log_mel import log_mel
from avdf.cache.stream.batches import SegmentBatch
from avdf.model.backbones.clip import CLIP_DEVIATION, CLIP_MEAN


def normalise_frames(frames: Tensor) -> Tensor:
    """uint8 (B, T, S, S, 3) RGB -> float32 (B, T, 3, S, S) with CLIP's mean and deviation."""
    mean = torch.tensor(CLIP_MEAN, device=frames.device) * 255
    scale = 1 / (torch.tensor(CLIP_DEVIATION, device=frames.device) * 255)
    return (
        frames.float().sub_(mean).mul_(scale).permute(0, 1, 4, 2, 3)
    )  # in place: a batch is 150 MB


def detector_input(
    batch: SegmentBatch, device: torch.device, mel_bins: int = MEL_BINS
) -> tuple[Tensor, Tensor]:
    """Frames and log-mel of a batch on the device; log-mel is computed there where it is not stored."""
    frames = normalise_frames(batch.frames.to(device, non_blocking=True))
    if batch.log_mel is not None and mel_bins == MEL_BINS:
        return frames, batch.log_mel.to(device).float()
    return frames, log_mel(batch.pcm.to(device, non_blocking=True), mel_bins)
