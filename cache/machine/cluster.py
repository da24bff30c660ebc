"""Which Ray cluster to use, and how many workers it gets."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from avdf.cache.core.errors import ClusterError, SettingsError
from avdf.cache.machine.cores import check_worker_count


@dataclass(frozen=True)
class ClusterSettings:
    """Where to work, and with how many workers.

    address  of a running cluster (`auto`, HOST:PORT, ray://HOST:PORT); '' starts one here
    workers  0: one for each free core of the cluster
    gpus     for each worker; a fraction lets several share a GPU; None: 1 if the cluster has any
    """

    address: str = ""
    workers: int = 0
    gpus: float | None = 0.0

    def __post_init__(self) -> None:
        check_worker_count(self.workers)
        if self.gpus is not None and not 0 <= self.gpus < math.inf:
            raise SettingsError(f"{self.gpus} GPUs for each worker; use 0 or more")


@dataclass(frozen=True)
class ClusterSize:
    """How many workers run at a time, and how many GPUs each of them gets."""

    workers: int
    gpus_each: float


def cluster_size(
    settings: ClusterSettings, resources: Mapping[str, float]
) -> ClusterSize:
    """The workers for a cluster with these resources; those of this machine play no part.

    Args:
        resources: what Ray reports of the cluster, e.g. `{"CPU": 8.0, "GPU": 2.0}`.

    Raises:
        ClusterError: GPUs are wanted and the cluster has too few.
    """
    available = resources.get("GPU", 0.0)
    gpus_each = settings.gpus
    if gpus_each is None:
        gpus_each = 1.0 if available > 0 else 0.0
    if gpus_each > available:
        raise ClusterError(
            f"the cluster has {available:g} GPUs and each worker wants {gpus_each:g}; "
            "use device cpu"
        )
    fitting = int(resources.get("CPU", 1))
    if gpus_each:
        fitting = min(fitting, int(available / gpus_each))
    return ClusterSize(settings.workers or max(1, fitting), gpus_each)
