"""Threads that compute on one core each."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from avdf.cache.machine.one_core import compute_on_one_core, computing_on_one_core


@pytest.fixture
def three_cores() -> Iterator[None]:
    """PyTorch computes on three cores, until the test ends."""
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("three_cores")
def test_only_the_thread_that_asks_computes_on_one_core() -> None:
    with ThreadPoolExecutor(1, initializer=compute_on_one_core) as alone:
        assert alone.submit(torch.get_num_threads).result() == 1
    assert torch.get_num_threads() == 3


@pytest.mark.usefixtures("three_cores")
def test_later_threads_compute_on_all_cores() -> None:
    with ThreadPoolExecutor(1, initializer=compute_on_one_core) as alone:
        alone.submit(int).result()
    with ThreadPoolExecutor(1) as later:
        assert later.submit(torch.get_num_threads).result() == 3


def test_the_number_of_cores_is_restored_whatever_happens() -> None:
    before = torch.get_num_threads()
    with pytest.raises(KeyError), computing_on_one_core():
        assert torch.get_num_threads() == 1
        raise KeyError
    assert torch.get_num_threads() == before
