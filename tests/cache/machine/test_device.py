"""The choice of a device by its name. GPUs are simulated."""

from collections.abc import Callable

import pytest
import torch

from avdf.cache.core.errors import SettingsError
from avdf.cache.machine.device import choose_device

SetGpus = Callable[[int], None]


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> SetGpus:
    """Pretend that this process sees so many GPUs."""

    def set_gpus(count: int) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)

    return set_gpus


def test_auto_is_the_gpu_if_there_is_one(gpus: SetGpus) -> None:
    gpus(1)
    assert choose_device("auto") == torch.device("cuda")


def test_auto_is_the_cpu_without_a_gpu(gpus: SetGpus) -> None:
    gpus(0)
    assert choose_device("auto") == torch.device("cpu")


def test_a_gpu_can_be_chosen_by_its_number(gpus: SetGpus) -> None:
    gpus(2)
    assert choose_device("cuda:1") == torch.device("cuda", 1)


@pytest.mark.parametrize(
    ("name", "count", "message"),
    [
        ("gpu", 0, "device 'gpu' is unknown"),
        ("meta", 0, "cannot compute here"),
        ("cuda", 0, "finds no CUDA device here"),
        ("cuda:2", 2, "there are 2 CUDA devices here, counted from 0"),
    ],
)
def test_a_device_that_does_not_exist_is_refused(
    gpus: SetGpus,
    name: str,
    count: int,
    message: str,
) -> None:
    gpus(count)
    with pytest.raises(SettingsError, match=message):
        choose_device(name)
