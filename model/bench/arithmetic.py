"""How much arithmetic some work does, and how fast this machine does arithmetic at best."""

import statistics
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from avdf.cache.core.clock import SEGMENT_FRAMES
from avdf.model.bench.stopwatch import Stopwatch
from avdf.model.bench.workload import Workload

_REPEATS = 9
# Size of the largest matrix product in ViT-B/32: tokens of a frame in the middle layer, with its
# prompts; width of a token; width of the hidden layer.
_TOKENS, _WIDTH, _HIDDEN = 57, 768, 4 * 768


def count_flops(work: Callable[[], object], stopwatch: Stopwatch) -> int:
    """Multiplications and additions in the matrix products of some work.

    The work is done twice: the first time warms up caches and compilers.
    """
    stopwatch.time(work)
    with FlopCounterMode(display=False) as counter:
        stopwatch.time(work)
    return int(counter.get_total_flops())


def matrix_rate(workload: Workload, stopwatch: Stopwatch) -> float:
    """Operations per second of a matrix product of the size of CLIP's largest.

    It is computed in the type of the frozen weights, for all tokens of a batch.
    """
    # The encoder takes all tokens of a batch as one matrix, so the same size is measured here.
    tokens = workload.config.data.batch_size * SEGMENT_FRAMES * _TOKENS
    device, dtype = workload.device, workload.dtype
    x = torch.randn(tokens, _WIDTH, device=device, dtype=dtype)
    weight = torch.randn(_HIDDEN, _WIDTH, device=device, dtype=dtype)
    # Once without timing: the first product also loads the library and chooses an algorithm.
    F.linear(x, weight)
    seconds = [
        stopwatch.time_silently(lambda: F.linear(x, weight)) for _ in range(_REPEATS)
    ]
    # Each output is a sum of `_WIDTH` products: one multiplication and one addition for each.
    operations = 2.0 * x.numel() * _HIDDEN
    return operations / statistics.median(seconds)
