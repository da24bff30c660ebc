"""The place of one process among those that train together, without starting any."""

import pytest
import torch

from avdf.cache.core.errors import RunError, SettingsError
from avdf.model.training.distributed import Ranks, joined, lost_ranks_explained

CUDA = torch.device("cuda")


def test_a_single_process_leads() -> None:
    with joined() as ranks:
        assert ranks == Ranks(rank=0, world=1, local_rank=0)
        assert ranks.leads


def test_a_single_process_collects_its_own_value() -> None:
    assert Ranks().collect({"a": 1}) == [{"a": 1}]


def test_a_single_process_keeps_its_gradients() -> None:
    parameter = torch.nn.Parameter(torch.zeros(2))
    parameter.grad = torch.ones(2)
    Ranks().add_gradients([parameter])
    assert parameter.grad.tolist() == [1, 1]


def test_processors_are_shared_by_all_ranks() -> None:
    assert Ranks(1, 2, 1).device(torch.device("cpu")).type == "cpu"


def test_each_rank_has_the_gpu_of_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    assert Ranks(5, 8, local_rank=1).device(CUDA) == torch.device("cuda", 1)


def test_the_only_visible_gpu_has_number_0(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert Ranks(3, 4, local_rank=3).device(CUDA) == torch.device("cuda", 0)


def test_more_ranks_than_gpus_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(
        SettingsError,
        match="start as many processes as there are GPUs",
    ):
        Ranks(2, 4, local_rank=2).device(CUDA)


def test_a_lost_rank_is_told_in_one_sentence() -> None:
    with (
        pytest.raises(
            RunError,
            match=r"rank 1: another process .* \(Connection closed\)",
        ),
        lost_ranks_explained(1),
    ):
        raise RuntimeError("Connection closed\n  at some file")
