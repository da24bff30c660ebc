"""One training step: forward, backward, and the update of the trainable tensors."""

import torch

from avdf.model.detector import Detector
from avdf.model.losses import Losses, LossSettings, detector_losses
from avdf.model.training.distributed import Ranks


def train_step(
    detector: Detector,
    optimiser: torch.optim.Optimizer,
    inputs: tuple[torch.Tensor, torch.Tensor],
    labels: torch.Tensor,
    settings: LossSettings,
    ranks: Ranks = Ranks(),
) -> Losses:
    """Train on one batch and return its losses.

    With several ranks, each passes its own part of the batch, and the losses are those of the
    whole batch. If the total loss is not finite, the trainable tensors stay as they were.

    Args:
        inputs: frames (B, 16, 3, 224, 224) and log-mel (B, 80, 64), as `Detector` takes them.
        labels: (B, 3) label, label_visual, label_audio; -1 where one is unknown.
    """
    # Matching compares every segment with every other one, so the losses need the whole batch.
    outputs, all_labels = ranks.gather(detector(*inputs), labels)
    losses = detector_losses(outputs, all_labels, settings)
    optimiser.zero_grad(set_to_none=True)
    losses.total.backward()  # type: ignore[no-untyped-call]
    ranks.add_gradients(detector.trainable_state().values())
    # One step with a loss of NaN would make all trainable tensors NaN, for good.
    if torch.isfinite(losses.total):
        optimiser.step()
    return losses


def loss_values(losses: Losses) -> dict[str, float]:
    """The losses as numbers, under the names that `log.jsonl` gives them."""
    return {
        "loss": float(losses.total.detach()),
        "visual": float(losses.visual.detach()),
        "audio": float(losses.audio.detach()),
        "video": float(losses.video.detach()),
        "matching": float(losses.matching.detach()),
        "matched_distance": float(losses.matched_distance.detach()),
        "mismatched_distance": float(losses.mismatched_distance.detach()),
    }
