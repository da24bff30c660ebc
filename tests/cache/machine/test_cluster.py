"""The settings of a Ray cluster, and how many workers it gets."""

import pytest

from avdf.cache.core.errors import ClusterError, SettingsError
from avdf.cache.machine.cluster import ClusterSettings, ClusterSize, cluster_size


def test_without_gpus_there_is_a_worker_for_each_core() -> None:
    assert cluster_size(ClusterSettings(), {"CPU": 8.0}) == ClusterSize(8, 0.0)


def test_a_cluster_that_reports_no_cores_gets_one_worker() -> None:
    assert cluster_size(ClusterSettings(), {}) == ClusterSize(1, 0.0)


def test_a_cluster_with_gpus_gives_each_worker_one_if_none_are_asked_for() -> None:
    automatic = ClusterSettings(gpus=None)
    assert cluster_size(automatic, {"CPU": 8.0}) == ClusterSize(8, 0.0)
    assert cluster_size(automatic, {"CPU": 8.0, "GPU": 2.0}) == ClusterSize(2, 1.0)


def test_workers_share_a_gpu_when_each_wants_a_fraction() -> None:
    halves = ClusterSettings(gpus=0.5)
    assert cluster_size(halves, {"CPU": 8.0, "GPU": 2.0}) == ClusterSize(4, 0.5)


def test_a_given_number_of_workers_is_kept() -> None:
    three = ClusterSettings(workers=3)
    assert cluster_size(three, {"CPU": 8.0, "GPU": 2.0}) == ClusterSize(3, 0.0)


def test_a_cluster_without_gpus_is_refused_when_workers_want_them() -> None:
    with pytest.raises(
        ClusterError,
        match="has 0 GPUs and each worker wants 1; use device cpu",
    ):
        cluster_size(ClusterSettings(gpus=1.0), {"CPU": 8.0})


@pytest.mark.parametrize("gpus", [-1.0, float("inf"), float("nan")])
def test_a_number_of_gpus_that_cannot_be_meant_is_refused(gpus: float) -> None:
    with pytest.raises(SettingsError, match="GPUs for each worker; use 0 or more"):
        ClusterSettings(gpus=gpus)


def test_a_number_of_workers_that_cannot_be_meant_is_refused() -> None:
    with pytest.raises(SettingsError, match="workers -2"):
        ClusterSettings(workers=-2)
