"""Several processes that train one detector together: their ranks, and what they exchange.

They are started by torchrun. Without it there is one process, which exchanges nothing.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from avdf.cache.core.errors import RunError, SettingsError
from avdf.model.output import DetectorOutput

# The longest that ranks wait for the slowest one's validation.
_TIMEOUT = timedelta(minutes=30)


@dataclass(frozen=True)
class Ranks:
    """This process among those that train together.

    rank        its number, from 0 on; rank 0 writes all files and reports progress
    world       how many processes there are
    local_rank  its number among the processes of its machine
    """

    rank: int = 0
    world: int = 1
    local_rank: int = 0

    @property
    def leads(self) -> bool:
        """Whether this process writes files and reports progress."""
        return self.rank == 0

    def device(self, chosen: torch.device) -> torch.device:
        """The device of this process: each process of a machine has a GPU of its own.

        Raises:
            SettingsError: there are fewer GPUs than processes.
        """
        # Processes on the CPU share its cores; a single process takes the GPU that was chosen.
        if chosen.type != "cuda" or self.world == 1:
            return chosen
        visible = torch.cuda.device_count()
        # Slurm can show each process only its own GPU, which then has number 0.
        if visible == 1:
            return torch.device("cuda", 0)
        if self.local_rank >= visible:
            raise SettingsError(
                f"rank {self.rank}: process {self.local_rank} of this machine finds {visible} "
                "GPUs; start as many processes as there are GPUs, or set training.device=cpu"
            )
        return torch.device("cuda", self.local_rank)

    def gather(
        self, output: DetectorOutput, labels: Tensor
    ) -> tuple[DetectorOutput, Tensor]:
        """The outputs (B / world, ...) and labels of all ranks as one batch (B, ...).

        Gradients flow back to the rank that an output comes from.
        """
        if self.world == 1:
            return output, labels
        # All ranks exchange the fields in the same order: an exchange has no name, only its turn.
        whole = {}
        for field in fields(DetectorOutput):
            own = getattr(output, field.name)
            if own is not None:
                whole[field.name] = self._join(own)
        return replace(output, **whole), self._join(labels)

    def shared(self, value: Tensor | None) -> Tensor | None:
        """A trainable value that every rank uses on the whole batch, after `gather`.

        Each rank then has its whole gradient, of which `add_gradients` would take the sum: here it
        is divided among the ranks.
        """
        if value is None or self.world == 1:
            return value
        share = 1 / self.world
        return value * share + value.detach() * (1 - share)

    def add_gradients(self, parameters: Iterable[Tensor]) -> None:
        """Replace each parameter's gradient by its sum over the ranks.

        A parameter without a gradient has none on any rank.
        """
        if self.world == 1:
            return
        gradients = [value.grad for value in parameters if value.grad is not None]
        # One message for all of them: hundreds of small ones would each wait for the network.
        whole = torch.cat([gradient.flatten() for gradient in gradients])
        with lost_ranks_explained(self.rank):
            dist.all_reduce(whole)
        # Split in the same order in which they were joined.
        parts = torch.split(whole, [gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    def collect(self, value: Any) -> list[Any]:
        """The values of all ranks, in the order of ranks; each rank gets the whole list.

        Args:
            value: whatever can be pickled.
        """
        if self.world == 1:
            return [value]
        values: list[Any] = [None] * self.world
        with lost_ranks_explained(self.rank):
            dist.all_gather_object(values, value)
        return values

    def wait(self) -> None:
        """Barrier: wait until every rank arrives."""
        if self.world > 1:
            with lost_ranks_explained(self.rank):
                dist.barrier()

    def _join(self, value: Tensor) -> Tensor:
        with lost_ranks_explained(self.rank):
            whole: Tensor = _Gather.apply(value, self.rank, self.world)
        return whole


class _Gather(torch.autograd.Function):
    """The values of all ranks, one after another.

    Every rank computes the same loss from the same whole batch. The gradient for a rank's own part
    is therefore at hand, and nothing has to be sent back.
    """

    @staticmethod
    def forward(ctx: Any, value: Tensor, rank: int, world: int) -> Tensor:
        ctx.rank, ctx.size = rank, len(value)
        # All ranks have parts of one size, because a batch is divided evenly.
        parts = [torch.empty_like(value) for _ in range(world)]
        dist.all_gather(parts, value.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Tensor, None, None]:
        (gradient,) = gradients
        # The other ranks send their own parts' gradients backward; `add_gradients` sums the
        # results.
        start = ctx.rank * ctx.size
        return gradient[start : start + ctx.size], None, None


@contextmanager
def lost_ranks_explained(rank: int) -> Iterator[None]:
    """Say in one sentence that another rank cannot be reached, where PyTorch gives a traceback.

    Raises:
        RunError: the exchange failed.
    """
    try:
        yield
    except RuntimeError as error:
        # PyTorch appends the stack of its C++ code: the first line alone is for readers.
        reason = str(error).strip().splitlines()[0][:160]
        raise RunError(
            f"rank {rank}: another process of this training ended or cannot be reached ({reason}); "
            "its last message says why. Resume the run to continue from the last checkpoint"
        ) from None


@contextmanager
def joined(device: torch.device = torch.device("cpu")) -> Iterator[Ranks]:
    """Join the processes that torchrun started; without torchrun, stay a single one.

    Args:
        device: where the processes compute. NCCL connects GPUs, gloo connects processors.

    Raises:
        SettingsError: the processes cannot find each other, or there are fewer GPUs than processes.
    """
    # torchrun tells each process its number through these variables.
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        yield Ranks()
        return
    rank = int(os.environ["RANK"])
    local_rank = int(os.environ.get("LOCAL_RANK", "0"))
    ranks = Ranks(rank, world, local_rank)
    if device.type == "cuda":
        # Before joining: NCCL takes the current GPU, which would be number 0 for all of them.
        torch.cuda.set_device(ranks.device(device))
    backend = "nccl" if device.type == "cuda" else "gloo"
    try:
        dist.init_process_group(backend, timeout=_TIMEOUT)
    except (RuntimeError, ValueError) as error:
        raise SettingsError(
            f"rank {ranks.rank} of {world} cannot join the others: {error}; see docs/scaling.md"
        ) from None
    try:
        yield ranks
    finally:
        dist.destroy_process_group()
