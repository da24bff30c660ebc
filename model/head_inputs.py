"""What the heads of a detector judge."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class HeadInputs:
    """What the heads judge of B segments; None where there is nothing for a head.

    With `pooling=mean` each is a mean over the segment (B, D), float32. Where logits are pooled, it
    has the feature of every frame or token (B, T, D).

    visual  of the frames, T = 16, D = D_v
    audio   of the audio tokens, T = 32, D = D_a
    video   of the frames, each with the mean of its two audio tokens, T = 16, D = D_v + D_a
    """

    visual: Tensor | None
    audio: Tensor | None
    video: Tensor | None
