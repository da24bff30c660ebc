"""The device on which each process of a training or scoring job computes. GPUs are simulated."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist

from avdf.cache.core.errors import SettingsError
from avdf.model.runs.loaded import load_run
from avdf.model.scoring import on_ray
from avdf.model.training.distributed import Ranks, joined


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Pretend that this process sees so many GPUs."""

    def see(count: int) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)

    return see


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What torch.distributed and torch.cuda are told, in place of doing it."""
    told: list[object] = []
    monkeypatch.setattr(
        dist, "init_process_group", lambda backend, **_: told.append(backend)
    )
    monkeypatch.setattr(dist, "destroy_process_group", lambda: None)
    monkeypatch.setattr(torch.cuda, "set_device", told.append)
    for name, value in (("WORLD_SIZE", "4"), ("RANK", "3"), ("LOCAL_RANK", "3")):
        monkeypatch.setenv(name, value)
    return told


def test_the_chosen_device_decides_how_processes_talk(
    gpus: Callable[[int], None],
    groups: list[object],
) -> None:
    gpus(4)
    with joined(torch.device("cpu")):
        assert groups == ["gloo"]
    groups.clear()
    with joined(torch.device("cuda")):
        assert groups == [torch.device("cuda", 3), "nccl"]


def test_a_task_that_sees_one_gpu_takes_it(
    gpus: Callable[[int], None],
    groups: list[object],
) -> None:
    gpus(1)
    with joined(torch.device("cuda")) as ranks:
        assert ranks.device(torch.device("cuda")) == torch.device("cuda", 0)
    assert groups == [torch.device("cuda", 0), "nccl"]
    gpus(2)
    with (
        pytest.raises(SettingsError, match="finds 2 GPUs"),
        joined(torch.device("cuda")),
    ):
        pass
    assert Ranks(0, 1, 0).device(torch.device("cuda", 1)) == torch.device("cuda", 1)
    assert Ranks(3, 4, 3).device(torch.device("cpu")) == torch.device("cpu")


def test_workers_of_a_cluster_look_for_a_device_of_their_own(
    run: Path,
    shards: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A driver on a processor must not keep its workers from their GPUs, nor vice versa."""
    devices: list[str] = []

    def load(
        folder: Path, checkpoint: str, device: str, *_: object, **__: object
    ) -> None:
        devices.append(device)

    def run_jobs(
        jobs: Sequence[Any], make: Callable[[], object], *_: object
    ) -> Iterator[Any]:
        make()
        return iter(())

    monkeypatch.setattr(on_ray, "run_on_cluster", run_jobs)
    monkeypatch.setattr(on_ray, "load_run", load)
    monkeypatch.setattr(on_ray, "join_segments", lambda parts: parts)
    loaded = replace(load_run(run, device="cpu"), device=torch.device("cuda"))
    for device in ("auto", "cpu"):
        on_ray.RayScoring(loaded, device=device)([])
    assert devices == ["auto", "cpu"]
