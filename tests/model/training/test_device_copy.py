"""Batches reach the device that trains in their order, one copied ahead on a GPU."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import torch

from avdf.cache.stream.batches import SegmentBatch
from avdf.model.training import device_copy
from avdf.model.training.device_copy import labelled_batches
from tests.helpers.batches import make_batch

GPU = torch.device("cuda", 1)


def label(batch: SegmentBatch) -> torch.Tensor:
    """The first sample of each segment, so that labels can be told apart."""
    return batch.pcm[:, :1].long()


def batches(count: int, asked: list[int]) -> Iterator[SegmentBatch]:
    for number in range(count):
        asked.append(number)
        yield make_batch(1, seed=number)


def test_on_a_cpu_batches_are_passed_on_with_their_labels() -> None:
    found = list(labelled_batches(batches(3, []), label, torch.device("cpu")))
    for number, (batch, labels) in enumerate(found):
        wanted = make_batch(1, seed=number)
        assert torch.equal(batch.frames, wanted.frames)
        assert torch.equal(labels, label(wanted))


class FakeEvent:
    """An event that notes whether a stream has been made to wait for it."""

    def record(self, _stream: object) -> None:
        pass


class FakeStream:
    """A stream that notes what it waits for."""

    def __init__(self, *_: object) -> None:
        self.waited: list[object] = []

    def wait_event(self, event: object) -> None:
        self.waited.append(event)


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> FakeStream:
    """CUDA's streams, faked: copies stay on the CPU. Gives the stream that computes."""
    computing = FakeStream()

    @contextmanager
    def use(_stream: object) -> Iterator[None]:
        yield

    monkeypatch.setattr(torch.cuda, "Stream", FakeStream)
    monkeypatch.setattr(torch.cuda, "Event", FakeEvent)
    monkeypatch.setattr(torch.cuda, "stream", use)
    # Another device than ours could be the current one: it must be asked for by name.
    streams = {torch.device("cuda", 1): computing}
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: streams[device])
    device_copy._copying_stream.cache_clear()
    monkeypatch.setattr(device_copy, "_send", lambda tensor, _device: tensor.clone())
    monkeypatch.setattr(torch.Tensor, "record_stream", lambda _tensor, _stream: None)
    return computing


@pytest.mark.parametrize("count", [0, 1, 4])
def test_on_a_gpu_every_batch_arrives_in_its_order(count: int, gpu: FakeStream) -> None:
    found = list(labelled_batches(batches(count, []), label, GPU))
    assert len(found) == count == len(gpu.waited)
    for number, (batch, labels) in enumerate(found):
        wanted = make_batch(1, seed=number)
        assert torch.equal(batch.frames, wanted.frames)
        assert torch.equal(batch.pcm, wanted.pcm)
        assert torch.equal(labels, label(wanted))


def test_on_a_gpu_the_next_copy_has_begun_when_a_batch_is_handed_on(
    gpu: FakeStream,
) -> None:
    asked: list[int] = []
    copied: Any = labelled_batches(batches(3, asked), label, GPU)
    next(copied)
    assert asked == [0, 1]


def test_on_a_gpu_stored_log_mel_is_copied_too(gpu: FakeStream) -> None:
    log_mel = torch.ones(1, 80, 64, dtype=torch.float16)
    stored = replace(make_batch(1), log_mel=log_mel)
    ((batch, _),) = labelled_batches(iter([stored]), label, GPU)
    assert batch.log_mel is not None
    assert torch.equal(batch.log_mel, log_mel)
