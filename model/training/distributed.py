"""Several processes that train one detector together (torchrun): who is who, and what they exchange."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from avdf.cache.core.errors import RunError, SettingsError
from avdf.model.output import DetectorOutput

_TIMEOUT = timedelta(minutes=30)  # for the slowest rank's validation


@dataclass(frozen=True)
class Ranks:
    """This process among `world` of them. Rank 0 writes and tells."""

    rank: int = 0
    world: int = 1
    local_rank: int = 0

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def device(self, chosen: torch.device) -> torch.device:
        """Each process of a machine has a GPU of its own: the only one that it sees, or the one of its number.

        Raises:
            SettingsError: there are fewer GPUs than processes.
        """
        if chosen.type != "cuda" or self.world == 1:
            return chosen
        seen = torch.cuda.device_count()
        if seen == 1:  # as where Slurm shows each task its own GPU, which then has number 0
            return torch.device("cuda", 0)
        if self.local_rank >= seen:
            raise SettingsError(
                f"rank {self.rank}: process {self.local_rank} of this machine finds {seen} GPUs; "
                "start as many processes as there are GPUs, or set training.device=cpu"
            )
        return torch.device("cuda", self.local_rank)

    def gather(self, output: DetectorOutput, labels: Tensor) -> tuple[DetectorOutput, Tensor]:
        """The outputs (B / world, ...) and labels of all ranks as one batch (B, ...); gradients go to each its own."""
        if self.world == 1:
            return output, labels
        fields = {
            name: self._whole(getattr(output, name)) for name in DetectorOutput.__dataclass_fields__
        }
        return replace(output, **fields), self._whole(labels)

    def _whole(self, value: Tensor) -> Tensor:
        with telling_of_others(self.rank):
            whole: Tensor = _Gather.apply(value, self.rank, self.world)
        return whole

    def add_gradients(self, parameters: Iterable[Tensor]) -> None:
        """Sum each parameter's gradient over the ranks, in one message; those without one have none on any rank."""
        if self.world == 1:
            return
        gradients = [value.grad for value in parameters if value.grad is not None]
        whole = torch.cat([gradient.flatten() for gradient in gradients])
        with telling_of_others(self.rank):
            dist.all_reduce(whole)
        parts = torch.split(whole, [gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    def collect(self, value: Any) -> list[Any]:
        """Any picklable value of each rank, in order of ranks, on every rank."""
        if self.world == 1:
            return [value]
        values: list[Any] = [None] * self.world
        with telling_of_others(self.rank):
            dist.all_gather_object(values, value)
        return values

    def wait(self) -> None:
        """Until all have come this far."""
        if self.world > 1:
            with telling_of_others(self.rank):
                dist.barrier()


class _Gather(torch.autograd.Function):
    """All ranks' values end to end.

    Every rank computes the same loss from the same whole batch, so the gradient for a rank's own part is at hand, and
    nothing is sent back.
    """

    @staticmethod
    def forward(ctx: Any, value: Tensor, rank: int, world: int) -> Tensor:
        ctx.rank, ctx.size = rank, len(value)
        parts = [torch.empty_like(value) for _ in range(world)]
        dist.all_gather(parts, value.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Tensor, None, None]:
        (gradient,) = gradients
        return gradient[ctx.rank * ctx.size : (ctx.rank + 1) * ctx.size], None, None


@contextmanager
def telling_of_others(rank: int) -> Iterator[None]:
    """Where the others cannot be reached, the reason is theirs: say so instead of a traceback."""
    try:
        yield
    except RuntimeError as error:
        first = str(error).strip().splitlines()[0][:160]
        raise RunError(
            f"rank {rank}: another process of this training ended or cannot be reached ({first}); what it said last "
            "tells why. `avdf train --resume` goes on from the last checkpoint"
        ) from None


@contextmanager
def joined(device: torch.device = torch.device("cpu")) -> Iterator[Ranks]:
    """This process's place among those that torchrun started; alone without torchrun.

    Args:
        device: on which the processes compute: NCCL connects GPUs, gloo processors, whatever else the machine has.

    Raises:
        SettingsError: the processes cannot find each other, or there are fewer GPUs than processes.
    """
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        yield Ranks()
        return
    ranks = Ranks(int(os.environ["RANK"]), world, int(os.environ.get("LOCAL_RANK", "0")))
    if device.type == "cuda":
        torch.cuda.set_device(ranks.device(device))
    try:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=_TIMEOUT)
    except (RuntimeError, ValueError) as error:
        raise SettingsError(
            f"rank {ranks.rank} of {world} cannot join the others: {error}; see docs/scaling.md"
        ) from None
    try:
        yield ranks
    finally:
        dist.destroy_process_group()
