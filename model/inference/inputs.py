"""From stored segments to the input of the detector: normalised frames and log-mel spectrograms."""

import torch
from torch import Tensor

from avdf.cache.core.clock import MEL_BINS
from avdf.cache.core.constant import Constant
from avdf.cache.core.log_mel import log_mel
from avdf.cache.stream.batches import SegmentBatch
from avdf.model.backbones.clip import CLIP_COLOURS

# Of pixels in [0, 255].
_MEAN = Constant(torch.tensor(CLIP_COLOURS.mean) * 255)
_SCALE = Constant(1 / (torch.tensor(CLIP_COLOURS.deviation) * 255))


def normalise_frames(frames: Tensor) -> Tensor:
    """uint8 (B, T, S, S, 3) RGB -> float32 (B, T, 3, S, S) with CLIP's mean and deviation."""
    mean, scale = _MEAN.on(frames.device), _SCALE.on(frames.device)
    # In place, because a batch of 16 segments takes 150 MB.
    normalised = frames.float().sub_(mean).mul_(scale)
    return normalised.permute(0, 1, 4, 2, 3)


def detector_input(
    batch: SegmentBatch, device: torch.device, mel_bins: int = MEL_BINS
) -> tuple[Tensor, Tensor]:
    """The detector's input on the device, from a batch of B segments.

    Returns:
        Frames (B, 16, 3, 224, 224) float32, CLIP-normalised; log-mel (B, mel_bins, 64) float32.
    """
    frames = normalise_frames(batch.frames.to(device, non_blocking=True))
    # Shards store log-mel of 80 channels for their scoring segments; all else is computed here.
    if batch.log_mel is not None and mel_bins == MEL_BINS:
        return frames, batch.log_mel.to(device, non_blocking=True).float()
    samples = batch.pcm.to(device, non_blocking=True)
    return frames, log_mel(samples, mel_bins)
