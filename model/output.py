"""What the detector says of a batch of segments."""

from dataclasses import dataclass

from torch import Tensor

CLASSES = 2  # real, fake


@dataclass(frozen=True)
class DetectorOutput:
    """The detector's output on B segments of T = 16 frames. NaN where a branch is missing.

    *_logits    (B, 2) for real and fake
    *_features  (B, T, D_f) the aligned features f'_v and f'_a
    *_mean      (B, D_v), (B, D_a) mean of what the visual and the audio head judge; None where a
                branch is missing

    Raises:
        ValueError: a tensor has another shape.
    """

    visual_logits: Tensor
    audio_logits: Tensor
    video_logits: Tensor
    visual_features: Tensor
    audio_features: Tensor
    visual_mean: Tensor | None = None
    audio_mean: Tensor | None = None

    def __post_init__(self) -> None:
        wanted = (len(self.video_logits), CLASSES)
        _check_logits("visual_logits", self.visual_logits, wanted)
        _check_logits("audio_logits", self.audio_logits, wanted)
        _check_logits("video_logits", self.video_logits, wanted)
        visual, audio = self.visual_features.shape, self.audio_features.shape
        if visual != audio:
            raise ValueError(
                f"visual_features are {tuple(visual)}, audio_features {tuple(audio)}; "
                "expected the same shape"
            )


def _check_logits(
    name: str,
    logits: Tensor,
    wanted: tuple[int, int],
) -> None:
    if logits.shape != wanted:
        raise ValueError(f"{name} is {tuple(logits.shape)}, expected {wanted}")
