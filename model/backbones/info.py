"""What is recorded of a backbone: which one it is, and a hash of its weights."""

import warnings
from dataclasses import dataclass

from torch import nn

from avdf.model.backbones.tensors import hash_tensors

# Names that stand in place of released weights.
DEMO = "demo"
RANDOM = "random"


class RandomWeightsWarning(UserWarning):
    """A backbone has random weights: scores mean nothing until that changes."""


@dataclass(frozen=True)
class BackboneInfo:
    """Which backbone this is.

    architecture  its name, as in `model.clip` or `model.whisper`
    weights       where the weights came from: a name, a path, `demo` or `random`
    sha256        of the tensors themselves, whatever file they came from
    activation    `quick_gelu` or `gelu` for CLIP; '' for others
    """

    architecture: str
    weights: str
    sha256: str
    activation: str = ""

    @property
    def is_real(self) -> bool:
        """Whether the weights are a foundation model's: neither random nor the demo's."""
        return self.weights not in (RANDOM, DEMO)


def freeze(
    module: nn.Module,
    architecture: str,
    weights: str,
    activation: str = "",
) -> BackboneInfo:
    """Freeze a backbone and say which one it is. Random weights warn in one line."""
    module.requires_grad_(False).eval()
    if weights == RANDOM:
        warnings.warn(
            f"{architecture} has random weights: its scores mean nothing, they only show that the "
            "program runs",
            RandomWeightsWarning,
            stacklevel=4,
        )
    return BackboneInfo(
        architecture, weights, hash_tensors(module.state_dict()), activation
    )
