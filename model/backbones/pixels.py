"""The colours by which images are normalised before an image encoder sees them."""

from typing import NamedTuple

import torch
from torch import Tensor

from avdf.cache.core.constant import Constant


class Colours(NamedTuple):
    """Mean and deviation of R, G, B in [0, 1] by which images are normalised."""

    mean: tuple[float, ...]
    deviation: tuple[float, ...]


# Source: Radford et al. 2021, the released code.
CLIP_COLOURS = Colours(
    mean=(0.48145466, 0.4578275, 0.40821073),
    deviation=(0.26862954, 0.26130258, 0.27577711),
)

# Of pixels in [0, 255].
PIXEL_MEAN = Constant(torch.tensor(CLIP_COLOURS.mean) * 255)
PIXEL_SCALE = Constant(1 / (torch.tensor(CLIP_COLOURS.deviation) * 255))


def normalise_pixels(pixels: Tensor) -> Tensor:
    """uint8 (..., S, S, 3) RGB -> float32 (..., 3, S, S) with CLIP's mean and deviation."""
    mean = PIXEL_MEAN.on(pixels.device)
    scale = PIXEL_SCALE.on(pixels.device)
    # In place, because a batch of 16 segments takes 150 MB.
    normalised = pixels.float().sub_(mean).mul_(scale)
    return normalised.movedim(-1, -3)
