"""How the logits of a segment's frames come to one verdict, in place of the mean of features.

The paper's heads judge the mean of the features of all frames (Eq. 7, 9): a forgery of few frames
is diluted by the others. Here the head judges each frame. With the margin m_t = (logit of fake) -
(logit of real) of frame t of T, the margin of the segment is

    top-k        the mean of the T / 4 largest m_t
    log-sum-exp  log((1 / T) sum_t exp(m_t)), between their mean and their maximum
"""

import math

import torch
from torch import Tensor

from avdf.cache.core.labels import FAKE, REAL
from avdf.model.config import Pooling

_SHARE = 4  # top-k takes one frame, or token, of so many


def pool_logits(logits: Tensor, pooling: Pooling) -> Tensor:
    """Logits of frames (B, T, 2) -> logits of segments (B, 2): 0 for real, the margin for fake.

    Raises:
        ValueError: `mean` is a mean of features, not of logits.
    """
    margins = logits[..., FAKE] - logits[..., REAL]  # (B, T)
    count = margins.shape[1]
    if pooling == "top-k":
        largest = margins.topk(max(1, count // _SHARE), dim=1).values
        pooled = largest.mean(dim=1)
    elif pooling == "log-sum-exp":
        # Less log T, so that frames that are all alike have the margin of any of them.
        pooled = margins.logsumexp(dim=1) - math.log(count)
    else:
        raise ValueError(f"pooling {pooling!r} does not pool logits")
    return torch.stack([torch.zeros_like(pooled), pooled], dim=1)
