"""How many segments of a validation are scored at once."""

import pytest
import torch

from avdf.cache.stream.batch_memory import largest_batch
from avdf.model.training import validator
from avdf.model.training.validator import validation_batch


def test_on_a_cpu_a_batch_is_that_of_training() -> None:
    assert validation_batch(16, 2, torch.device("cpu")) == 16


def test_on_a_gpu_a_batch_has_at_least_64_segments() -> None:
    assert validation_batch(16, 2, torch.device("cuda")) == 64


def test_on_a_gpu_a_larger_batch_of_training_is_kept() -> None:
    assert validation_batch(128, 2, torch.device("cuda")) == 128


def test_a_batch_fits_into_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validator, "largest_batch", lambda _ahead: 24)
    assert validation_batch(16, 2, torch.device("cuda")) == 24
    assert largest_batch(2) > 24
