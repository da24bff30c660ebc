"""Losses on features of length 1: how evenly they spread, and how near equal labels are.

T. Wang, P. Isola: Understanding Contrastive Representation Learning through Alignment and
Uniformity on the Hypersphere (2020); used for deepfakes by GenD (arXiv 2508.06248).
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from avdf.cache.core.labels import ABSENT, UNKNOWN

_TEMPERATURE = 2.0  # factor of the squared distance in `uniformity`


def uniformity_loss(features: Tensor, labels: Tensor) -> Tensor:
    """log mean exp(-2 d^2) over the pairs of a batch: a scalar, the smaller the more they spread.

    d is the distance of two features that are scaled to length 1. 0 where there is no pair.

    Args:
        features: (B, D).
        labels: (B,) of the same modality; features whose label is -2 (absent) take no part.
    """
    counted = labels != ABSENT
    pairs = _others(counted[:, None] & counted[None])
    kernel = torch.exp(-_TEMPERATURE * _squared_distances(features))
    mean = _mean_over(kernel, pairs)
    # Without a pair the mean is 0, whose logarithm is infinite.
    return torch.log(torch.where(pairs.any(), mean, torch.ones_like(mean)))


def alignment_loss(features: Tensor, labels: Tensor) -> Tensor:
    """Mean squared distance d^2 over the pairs of a batch with the same known label: a scalar.

    Args:
        features: (B, D), which are scaled to length 1.
        labels: (B,) 0 real, 1 fake, -1 unknown, -2 absent.
    """
    known = labels > UNKNOWN
    same = (labels[:, None] == labels[None]) & known[:, None]
    return _mean_over(_squared_distances(features), _others(same))


def _squared_distances(features: Tensor) -> Tensor:
    """(B, B) squared distances of features (B, D) that are scaled to length 1."""
    unit = F.normalize(features, dim=1)
    # |a - b|^2 = 2 - 2 a b where both have length 1.
    return 2 - 2 * unit @ unit.T


def _others(pairs: Tensor) -> Tensor:
    """The pairs (B, B) without those of a feature with itself."""
    itself = torch.eye(len(pairs), dtype=torch.bool, device=pairs.device)
    return pairs & ~itself


def _mean_over(values: Tensor, pairs: Tensor) -> Tensor:
    """The mean of values (B, B) over pairs; 0 without any."""
    # A product and not an index: on a GPU, masks as indices make the program wait.
    return (values * pairs).sum() / pairs.sum().clamp(min=1)
