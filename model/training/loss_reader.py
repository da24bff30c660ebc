"""The losses of a step as numbers, read without holding up the device that computes them."""

import torch

from avdf.model.losses import Losses

# The names that `log.jsonl` gives to the losses, in the order in which they are copied.
NAMES = (
    "loss",
    "visual",
    "audio",
    "video",
    "matching",
    "matched_distance",
    "mismatched_distance",
)


class LossReader:
    """Copies the losses of one step to the CPU while the device goes on with the next.

    On a GPU the copy is only asked for here: `values` waits for it. Asked one step later, it has
    arrived long since.
    """

    def __init__(self, losses: Losses) -> None:
        scalars: tuple[torch.Tensor, ...] = (
            losses.total,
            losses.visual,
            losses.audio,
            losses.video,
            losses.matching,
            losses.matched_distance,
            losses.mismatched_distance,
        )
        self._names: tuple[str, ...] = NAMES
        # Further losses are logged only where they are in use.
        for name in ("uniformity", "alignment"):
            further: torch.Tensor | None = getattr(losses, name)
            if further is not None:
                self._names = (*self._names, name)
                scalars = (*scalars, further)
        # One copy for all of them.
        together = torch.stack([scalar.detach().float() for scalar in scalars])
        self._arrived: torch.cuda.Event | None = None
        if together.device.type != "cuda":
            self._copy = together
            return
        self._copy = torch.empty(len(self._names), pin_memory=True)
        self._copy.copy_(together, non_blocking=True)
        self._arrived = torch.cuda.Event()  # type: ignore[no-untyped-call]
        # Of this device: with `cuda:1` the current one may be another.
        self._arrived.record(torch.cuda.current_stream(together.device))

    def values(self) -> dict[str, float]:
        """The losses by name."""
        if self._arrived is not None:
            self._arrived.synchronize()
        return dict(zip(self._names, self._copy.tolist(), strict=True))
