"""The most memory that was in use so far."""

import resource
import sys

import torch


def peak_memory(device: torch.device) -> int:
    """Bytes: on the GPU where that is the device, otherwise of this process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # Linux counts in KiB
