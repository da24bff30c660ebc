"""In which precision the detector runs, and how stored segments become its input."""

from dataclasses import dataclass

import torch
from torch import Tensor

from avdf.cache.clock import MEL_BINS
from avdf.cache.log_mel import log_mel
from avdf.cache.stream import SegmentBatch
from avdf.model.backbones.vision import CLIP_DEVIATION, CLIP_MEAN
from avdf.model.settings import Precision


@dataclass(frozen=True)
class Computing:
    """On what a detector is computed: the device by name, the type of the frozen weights, PyTorch's version."""

    device: str
    dtype: str
    torch: str


def describe_computing(device: torch.device, dtype: torch.dtype) -> Computing:
    """What a checkpoint and `metrics.json` keep of it: the same weights in another type give other scores."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    return Computing(name, str(dtype).removeprefix("torch."), str(torch.__version__))


def choose_precision(name: Precision, device: torch.device) -> torch.dtype:
    """The type of the frozen weights: with `auto`, bfloat16 where the hardware multiplies it, else float32."""
    if name != "auto":
        return torch.bfloat16 if name == "bfloat16" else torch.float32
    return torch.bfloat16 if multiplies_bfloat16(device) else torch.float32


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether the hardware has bfloat16 products. Without them bfloat16 is emulated, at a fraction of the speed."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    capabilities = torch.cpu.get_capabilities()
    return any(bool(capabilities.get(name)) for name in ("avx512_bf16", "amx_bf16", "amx_tile", "bf16"))


def normalise_frames(frames: Tensor) -> Tensor:
    """uint8 (B, T, S, S, 3) RGB -> float32 (B, T, 3, S, S) with CLIP's mean and deviation."""
    mean = torch.tensor(CLIP_MEAN, device=frames.device) * 255
    scale = 1 / (torch.tensor(CLIP_DEVIATION, device=frames.device) * 255)
    return frames.float().sub_(mean).mul_(scale).permute(0, 1, 4, 2, 3)  # in place: a batch is 150 MB


def detector_input(batch: SegmentBatch, device: torch.device, mel_bins: int = MEL_BINS) -> tuple[Tensor, Tensor]:
    """Frames and log-mel of a batch on the device; log-mel is computed there where it is not stored."""
    frames = normalise_frames(batch.frames.to(device, non_blocking=True))
    if batch.log_mel is not None and mel_bins == MEL_BINS:
        return frames, batch.log_mel.to(device).float()
    return frames, log_mel(batch.pcm.to(device, non_blocking=True), mel_bins)
