"""What the detector is given: frames as CLIP takes them, log-mel as Whisper does."""

from dataclasses import replace

import pytest
import torch

from avdf.cache.core.log_mel import log_mel
from avdf.model.backbones.pixels import normalise_pixels
from avdf.model.inference.inputs import detector_input
from tests.helpers.batches import make_batch

CPU = torch.device("cpu")
MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_frames_are_normalised_channel_by_channel(channel: int) -> None:
    frames = torch.randint(0, 256, (1, 2, 4, 5, 3), dtype=torch.uint8)
    found = normalise_pixels(frames)
    assert found.shape == (1, 2, 3, 4, 5)
    pixel = float(frames[0, 1, 3, 2, channel]) / 255
    wanted = (pixel - MEAN[channel]) / DEVIATION[channel]
    assert float(found[0, 1, channel, 3, 2]) == pytest.approx(wanted, abs=1e-5)


def test_frames_that_are_given_stay_as_they_are() -> None:
    frames = torch.full((1, 1, 2, 2, 3), 7, dtype=torch.uint8)
    normalise_pixels(frames)
    assert (frames == 7).all()


def test_stored_log_mel_is_taken() -> None:
    stored = torch.rand(2, 80, 64).half()
    batch = replace(make_batch(2), log_mel=stored)
    _, found = detector_input(batch, CPU)
    assert found.dtype == torch.float32
    assert torch.equal(found, stored.float())


def test_log_mel_that_is_not_stored_is_computed() -> None:
    batch = replace(make_batch(2), log_mel=None)
    _, found = detector_input(batch, CPU)
    torch.testing.assert_close(found, log_mel(batch.pcm, 80))


def test_another_number_of_channels_is_computed() -> None:
    batch = replace(make_batch(2), log_mel=torch.rand(2, 80, 64).half())
    _, found = detector_input(batch, CPU, 128)
    assert found.shape == (2, 128, 64)
