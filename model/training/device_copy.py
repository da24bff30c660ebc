"""Batches on the device that trains, copied there while it still computes the batch before."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache

import torch
from torch import Tensor

from avdf.cache.stream.batches import SegmentBatch

# A batch on the device, and its labels (B, 3).
Labelled = tuple[SegmentBatch, Tensor]


def labelled_batches(
    batches: Iterator[SegmentBatch],
    labels: Callable[[SegmentBatch], Tensor],
    device: torch.device,
) -> Iterator[Labelled]:
    """The batches in their order, on the device, with their labels.

    On a GPU each batch is copied by a stream of its own, one batch ahead of the computation.

    Args:
        labels: the labels (B, 3) of a batch, on the CPU.
    """
    if device.type != "cuda":
        for batch in batches:
            yield batch, labels(batch)
        return
    copying = _copying_stream(device)
    ahead: _Copy | None = None
    for batch in batches:
        copy = _Copy.start((batch, labels(batch)), device, copying)
        if ahead is not None:
            yield ahead.arrived(device)
        ahead = copy
    if ahead is not None:
        yield ahead.arrived(device)


@cache
def _copying_stream(device: torch.device) -> torch.cuda.Stream:
    """The stream that copies to a device: one for all epochs, since its memory stays its own."""
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class _Copy:
    """A batch on its way to a GPU."""

    tensors: Labelled
    done: torch.cuda.Event

    @classmethod
    def start(
        cls, tensors: Labelled, device: torch.device, stream: torch.cuda.Stream
    ) -> "_Copy":
        batch, labels = tensors
        with torch.cuda.stream(stream):
            log_mel = batch.log_mel
            moved = replace(
                batch,
                frames=_send(batch.frames, device),
                pcm=_send(batch.pcm, device),
                log_mel=None if log_mel is None else _send(log_mel, device),
            )
            moved_labels = _send(labels, device)
            done = torch.cuda.Event()  # type: ignore[no-untyped-call]
            done.record(stream)
        return cls((moved, moved_labels), done)

    def arrived(self, device: torch.device) -> Labelled:
        """The batch, for the stream that computes: the GPU waits for it, the program does not."""
        # Of this device: with `cuda:1` the current one may be another.
        computing = torch.cuda.current_stream(device)
        computing.wait_event(self.done)
        batch, labels = self.tensors
        # The memory belongs to the copying stream. Without this note it could be given to the next
        # copy while the computation still reads it.
        for tensor in (batch.frames, batch.pcm, batch.log_mel, labels):
            if tensor is not None:
                tensor.record_stream(computing)
        return self.tensors


def _send(tensor: Tensor, device: torch.device) -> Tensor:
    """A copy on the device; from page-locked memory, so that the program need not wait for it."""
    return tensor.pin_memory().to(device, non_blocking=True)
