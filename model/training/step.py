"""One training step: forward, backward, and the update of the trainable tensors."""

from collections.abc import Iterable

import torch

from avdf.model.detector import Detector
from avdf.model.losses import Losses, LossSettings, detector_losses
from avdf.model.runs.config import TrainingSettings
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
    temperature = ranks.shared(detector.temperature)
    losses = detector_losses(outputs, all_labels, settings, temperature)
    optimiser.zero_grad(set_to_none=True)
    losses.total.backward()  # type: ignore[no-untyped-call]
    ranks.add_gradients(detector.trainable_state().values())
    _update(optimiser, torch.isfinite(losses.total.detach()))
    return losses


def build_optimiser(
    parameters: Iterable[torch.Tensor],
    settings: TrainingSettings,
    device: torch.device,
) -> torch.optim.Adam:
    """Adam or AdamW for the trainable tensors: on a GPU in one kernel, without the program.

    On a CPU the plain form is kept, because the fused one rounds differently.
    """
    fused = device.type == "cuda" or None
    rate = settings.learning_rate
    if settings.optimiser == "adamw":
        decay = settings.weight_decay
        return torch.optim.AdamW(parameters, lr=rate, weight_decay=decay, fused=fused)
    return torch.optim.Adam(parameters, lr=rate, fused=fused)


def _update(optimiser: torch.optim.Optimizer, is_finite: torch.Tensor) -> None:
    """Change the trainable tensors, unless the loss is not finite.

    One step with a loss of NaN would make all of them NaN, for good.
    """
    if not optimiser.defaults.get("fused"):
        if is_finite:
            optimiser.step()
        return
    # On a GPU the program must not wait for the loss. PyTorch's fused kernels look at a flag on
    # the device instead, which its gradient scaler sets in the same way.
    optimiser.found_inf = (~is_finite).float()  # type: ignore[attr-defined]
    optimiser.step()
