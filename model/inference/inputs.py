"""From stored segments to the input of the detector: normalised frames and log-mel spectrograms."""

import torch
from torch import Tensor

from avdf.cache.core.clock import MEL_BINS
from avdf.cache.core.log_mel import log_mel
from avdf.cache.stream.batches import SegmentBatch
from avdf.model.backbones.pixels import normalise_pixels


def detector_input(
    batch: SegmentBatch, device: torch.device, mel_bins: int = MEL_BINS
) -> tuple[Tensor, Tensor]:
    """The detector's input on the device, from a batch of B segments.

    Returns:
        Frames (B, 16, 3, 224, 224) float32, CLIP-normalised, or on a GPU (B, 16, 224, 224, 3)
        uint8; log-mel (B, mel_bins, 64) float32.
    """
    frames = batch.frames.to(device, non_blocking=True)
    # On a GPU the image encoder normalises as it goes. On a CPU that rounds differently.
    if device.type != "cuda":
        frames = normalise_pixels(frames)
    # Shards store log-mel of 80 channels for their scoring segments; all else is computed here.
    if batch.log_mel is not None and mel_bins == MEL_BINS:
        return frames, batch.log_mel.to(device, non_blocking=True).float()
    samples = batch.pcm.to(device, non_blocking=True)
    return frames, log_mel(samples, mel_bins)
